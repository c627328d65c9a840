# tools/vmlib/qemu.py - options turned into QEMU's command line
# SPDX-License-Identifier: MIT
"""No state, no files made: what is said here is what QEMU is told."""

import dataclasses
import json
from pathlib import Path

from .errors import StartError
from .image import SWAP_FIRST_SECTOR, program
from .options import DEFAULT_CPU, Options

OVMF = Path("/usr/share/OVMF")
FLASH = {
    "x64": (OVMF / "OVMF_CODE_4M.fd", OVMF / "OVMF_VARS_4M.fd"),
    "ia32": (OVMF / "OVMF32_CODE_4M.secboot.fd", OVMF / "OVMF32_VARS_4M.fd"),
    "secure": (OVMF / "OVMF_CODE_4M.secboot.fd",
               OVMF / "OVMF_VARS_4M.snakeoil.fd"),
}
BINARY = {"x64": "qemu-system-x86_64", "ia32": "qemu-system-i386",
          "secure": "qemu-system-x86_64"}

DEBUG_EXIT_PORT = 0xf4
PANIC_STATUS = 99  # 0x31 written to that port: 0x31 << 1 | 1

EIO = 5

# Where disks of others go: behind ours, which keep their names. From the last
# place down, so that the others stay free for what a test attaches.
FOREIGN_PLACES = {
    ("q35", "ahci"): ("bus=ide.5", "bus=ide.4", "bus=ide.3"),
    ("pc", "ahci"): ("bus=ahci.5", "bus=ahci.4", "bus=ahci.3"),
    ("pc", "ide"): ("bus=ide.1,unit=1",),
}


@dataclasses.dataclass(frozen=True)
class Wiring:
    """Files and descriptors that a run of QEMU is connected to."""

    words: str                    # the kernel's command line
    kernel: Path | None           # direct boot only
    image: Path | None            # main disk
    medium: Path | None           # stick or CD that is booted from
    swap: Path | None             # swap disk
    initramfs: Path | None        # direct boot only
    log: Path | None              # COM1, or a copy of it if interactive
    channel_fd: int | None        # COM2; None: an interactive machine
    events_fd: int                # QMP
    gdb: Path | None


def command_line(options: Options, wiring: Wiring) -> list[str]:
    arguments = [program(BINARY[options.firmware]),
                 "-nodefaults", "-no-user-config",
                 *([] if options.reset else ["-no-reboot"]),
                 "-display", "none", "-nic", "none",
                 "-name", "faultline",
                 "-device", f"isa-debug-exit,iobase={DEBUG_EXIT_PORT:#x},"
                 "iosize=4",
                 "-m", str(options.memory),
                 "-cpu", options.cpu or DEFAULT_CPU[options.firmware],
                 "-accel", options.accel]
    arguments += _boot(options, wiring)
    arguments += _medium(options, wiring)
    arguments += _disks(options, wiring)
    arguments += _foreign(options)
    arguments += _serial(options, wiring)
    if options.icount:
        arguments += ["-icount", "shift=0,sleep=off"]
    if wiring.gdb is not None:
        arguments += ["-S", "-gdb", f"unix:{wiring.gdb},server=on,wait=off"]
    return arguments + list(options.qemu)


def _quote(path: Path) -> str:
    """A path inside an option of QEMU's key=value kind."""
    return str(path).replace(",", ",,")


def _boot(options: Options, wiring: Wiring) -> list[str]:
    if options.boot == "direct":
        if not wiring.kernel.exists():
            raise StartError(f"{wiring.kernel} is not there: run `make`")
        arguments = ["-machine", options.machine,
                     "-kernel", str(wiring.kernel), "-append", wiring.words]
        if wiring.initramfs is not None:
            arguments += ["-initrd", str(wiring.initramfs)]
        return arguments
    code, variables = FLASH[options.firmware]
    if not code.exists():
        raise StartError(f"{code} is not installed: run `make`")
    arguments = [
        "-machine", options.machine, "-vga", "std",
        "-drive", f"if=pflash,unit=0,format=raw,readonly=on,file={code}",
        "-drive", f"if=pflash,unit=1,format=raw,snapshot=on,file={variables}"]
    if options.firmware != "x64":
        # Both are built to run partly in SMM.
        arguments[1] += ",smm=on"
        arguments += ["-global",
                      "driver=cfi.pflash01,property=secure,value=on"]
    return arguments


def _drive(name: str, image: Path, keep: bool) -> list[str]:
    """A drive without its device; what is written to it is kept, or not."""
    return ["-drive", f"if=none,id={name},format=raw,"
            f"snapshot={'off' if keep else 'on'},file=" + _quote(image)]


def _medium(options: Options, wiring: Wiring) -> list[str]:
    if wiring.medium is None:
        return []
    keep = options.keep_disk is not None
    if options.boot == "iso":
        # A place of the chipset's own controller that no disk of ours has.
        place = "ide.0,unit=1" if options.machine == "pc" else "ide.2"
        return ["-drive", "if=none,id=medium,format=raw,media=cdrom,"
                "readonly=on,file=" + _quote(wiring.medium),
                "-device", f"ide-cd,drive=medium,bus={place},bootindex=0"]
    return ["-device", "qemu-xhci,id=usb",
            *_drive("medium", wiring.medium, keep),
            "-device", "usb-storage,drive=medium,bus=usb.0,bootindex=0,"
            "removable=on"]


def _disks(options: Options, wiring: Wiring) -> list[str]:
    if wiring.image is None and wiring.swap is None:
        return []
    arguments = []
    # q35: its own AHCI controller; pc: its legacy IDE. Each can be given the
    # other's.
    bus = "ide"
    if options.machine == "pc" and options.disk_kind == "ahci":
        arguments += ["-device", "ich9-ahci,id=ahci"]
        bus = "ahci"
    elif options.machine == "q35" and options.disk_kind == "ide":
        arguments += ["-device", "piix3-ide,id=legacy"]
        bus = "legacy"
    if wiring.image is not None:
        # With -kernel QEMU gives the first place to the kernel.
        first = ",bootindex=0" if options.boot == "disk" else ""
        keep = options.keep_disk is not None and wiring.medium is None
        arguments += [*_drive("disk", wiring.image, keep),
                      "-device", f"ide-hd,drive=disk,bus={bus}.0{first}"]
    if wiring.swap is not None:
        if options.swap_rate:
            arguments += ["-object", f"throttle-group,id=swap-rate,"
                          f"x-bps-total={options.swap_rate * 1024 * 1024}"]
        arguments += ["-blockdev", json.dumps(_swap_node(options, wiring.swap)),
                      "-device", f"ide-hd,drive=swap,bus={bus}.1"]
    return arguments


def _foreign(options: Options) -> list[str]:
    """The *.img of a folder, writable, by name, as far as there are places.

    Without QEMU's lock, so that machines can share them: nobody is to write.
    """
    if options.foreign is None:
        return []
    places = FOREIGN_PLACES.get((options.machine, options.disk_kind), ())
    arguments = []
    for n, (place, image) in enumerate(
            zip(places, sorted(options.foreign.glob("*.img")))):
        node = {"driver": "raw", "node-name": f"foreign{n}",
                "file": {"driver": "file", "filename": str(image),
                         "locking": "off"}}
        arguments += ["-blockdev", json.dumps(node), "-device",
                      f"ide-hd,drive=foreign{n},{place},share-rw=on"]
    return arguments


def _swap_node(options: Options, image: Path) -> dict:
    """The block node `swap`, with the speed and the errors asked for."""
    raw = {"driver": "raw", "cache": {"no-flush": True},
           "file": {"driver": "file", "filename": str(image)}}
    if options.swap_rate:
        raw = {"driver": "throttle", "throttle-group": "swap-rate", "file": raw}
    errors = options.parsed_swap_errors
    if not errors:
        return {**raw, "node-name": "swap"}
    return {"driver": "blkdebug", "node-name": "swap", "image": raw,
            "inject-error": [
                {"event": "none", "iotype": error.operation, "errno": EIO,
                 "sector": SWAP_FIRST_SECTOR + error.sector,
                 "once": error.once} for error in errors]}


def _serial(options: Options, wiring: Wiring) -> list[str]:
    arguments = ["-chardev", f"socket,id=events,fd={wiring.events_fd}",
                 "-mon", "chardev=events,mode=control"]
    if options.trace is not None:
        arguments += ["-chardev", f"file,id=trace,path={_quote(options.trace)}",
                      "-device", "isa-serial,chardev=trace,index=2"]
    if wiring.channel_fd is None:
        copy = "" if wiring.log is None else f",logfile={_quote(wiring.log)}"
        return arguments + [
            "-chardev", f"stdio,id=com1,mux=on,signal=off{copy}",
            "-mon", "chardev=com1,mode=readline", "-serial", "chardev:com1"]
    return arguments + [
        "-chardev", f"file,id=com1,path={_quote(wiring.log)}",
        "-serial", "chardev:com1",
        "-chardev", f"socket,id=com2,fd={wiring.channel_fd}",
        "-serial", "chardev:com2"]
