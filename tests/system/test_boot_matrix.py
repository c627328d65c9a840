# tests/system/test_boot_matrix.py - the table of machines that are booted
# SPDX-License-Identifier: MIT
"""Each row is a machine: chipset, firmware, CPU, memory, what is booted from,
and the disk. It has to come to a shell, run memwalk over the memory that the
row names, and have books that balance afterwards. `make matrix` runs all rows,
and prints them as a table with what came of them (conftest.py); `make test` the
rows marked quick, which have both chipsets, both firmwares and each medium.

Sizes of memory, and walks over most of it: test_memory_matrix.py.
"""

import dataclasses
import os
import shutil
import subprocess
import time

import pytest

import ktap
from conftest import BUILD

BOOT_TIMEOUT_S = 240
WALK_TIMEOUT_S = 600

# Without these a PC has nothing of 1990; all that is left is ACPI's.
LEGACY_FREE = ("-machine", "i8042=off,pit=off,pic=off,hpet=off")


@dataclasses.dataclass(frozen=True)
class Row:
    """A machine. `options` are more of tools/vm's."""

    firmware: str = "x64"       # or none: QEMU loads the kernel
    machine: str = "q35"
    cpu: str | None = None      # None: the firmware's default
    memory: int = 256
    boot: str = "usb"
    swap: int = 0               # MiB
    walk: int = 16              # MiB
    what: str = ""              # what is special
    quick: bool = False
    options: tuple = ()         # of pairs

    @property
    def on_disk(self):
        """What of the disk the kernel has to drive."""
        options = dict(self.options)
        root = options.get("root", "disk" if self.boot in ("disk", "direct")
                           else "initramfs")
        used = [name for name, is_used in (("root", root == "disk"),
                                           ("swap", self.swap > 0)) if is_used]
        if not used:
            return "none"
        kind = options.get("disk", "ide" if self.machine == "pc" else "ahci")
        return f"{kind}: {'+'.join(used)}"

    @property
    def columns(self):
        cpu = self.cpu or ("qemu32" if self.firmware == "ia32" else "qemu64")
        return (self.machine,
                "none" if self.boot == "direct" else self.firmware, cpu,
                str(self.memory), self.boot, self.on_disk, self.what)

    @property
    def name(self):
        return "-".join(filter(None, self.columns)).replace(": ", "-") \
            .replace(" ", "-")

    def vm_options(self):
        # The disks of others are there where ours are.
        more = {"foreign": None} if self.on_disk == "none" else {}
        return {**more, "firmware": self.firmware, "machine": self.machine,
                "cpu": self.cpu, "memory": self.memory, "boot": self.boot,
                "swap": self.swap, **dict(self.options)}


INITRAMFS = (("root", "initramfs"),)

MEDIA = [
    # The volume on the machine's own disk, which the firmware alone drives.
    Row(boot="disk", options=INITRAMFS),
    Row(boot="disk", machine="pc", options=INITRAMFS, what="IDE", quick=True),
    Row(boot="disk", firmware="ia32", options=INITRAMFS),
    # A stick, a CD, a CD's image on a stick.
    *[Row(boot=boot, machine=machine, firmware=firmware,
          quick=(boot, machine, firmware) in {
              ("usb", "q35", "x64"), ("iso", "q35", "x64"),
              ("iso-usb", "pc", "x64"), ("iso", "q35", "ia32")})
      for boot in ("usb", "iso", "iso-usb")
      for machine, firmware in (("q35", "x64"), ("pc", "x64"),
                                ("q35", "ia32"))],
]

DISKS = [
    # Twice as much as there is: swapping, with the least of memory.
    Row(boot="disk", memory=64, swap=256, walk=96, quick=True),
    Row(boot="disk", memory=64, swap=256, walk=64, firmware="ia32",
        quick=True),
    Row(boot="disk", memory=64, swap=256, walk=96, machine="pc", quick=True),
    Row(boot="disk", memory=80, swap=256, walk=96, firmware="ia32",
        cpu="pentium3", options=(("disk", "ide"),)),
    Row(boot="disk", memory=64, swap=256, walk=96, machine="pc",
        options=(("disk", "ahci"),)),
    # Booted from a stick, with a disk for the rest.
    Row(memory=96, swap=256, walk=128),
    Row(memory=96, swap=256, walk=128, machine="pc"),
    Row(boot="iso", swap=64, options=(("root", "disk"),)),
]

CPUS = [
    *[Row(cpu=cpu, quick=cpu == "max")
      for cpu in ("kvm64", "core2duo", "Nehalem", "Skylake-Client", "EPYC",
                  "max")],
    *[Row(cpu=cpu, firmware="ia32", quick=cpu == "n270")
      for cpu in ("kvm32", "athlon", "pentium3", "coreduo", "n270",
                  "core2duo")],
    # No firmware of ours boots on these. Without CMOV there is no shell, and
    # the kernel says so (test_platform.py).
    *[Row(cpu=cpu, firmware="ia32", boot="direct", memory=64)
      for cpu in ("pentium2", "pentium3")],
]

MEMORY = [
    Row(memory=64, walk=8, quick=True),
    *[Row(memory=memory) for memory in (128, 1024, 2800, 3072, 4096, 8192)],
    Row(memory=72, walk=8, firmware="ia32"),
    *[Row(memory=memory, firmware="ia32") for memory in (128, 1024, 4096,
                                                         8192)],
    Row(memory=4096, machine="pc", boot="disk", options=INITRAMFS,
        what="3 GiB below 4 GiB"),
]


def with_devices(what, *arguments, **more):
    return Row(what=what, options=(("qemu", arguments),), **more)


HARDWARE = [
    with_devices("legacy-free", *LEGACY_FREE, quick=True),
    with_devices("legacy-free", *LEGACY_FREE, firmware="ia32"),
    with_devices("legacy-free, swap", *LEGACY_FREE, boot="disk", memory=96,
                 swap=256, walk=128),
    Row(cpu="max,la57=on", memory=6144, what="five levels"),
    with_devices("no screen", "-vga", "none"),
    with_devices("no screen", "-vga", "none", firmware="ia32"),
    with_devices("screen without memory", "-vga", "none", "-device",
                 "virtio-gpu-pci"),
    with_devices("ramfb", "-vga", "none", "-device", "ramfb"),
    with_devices("cirrus", "-vga", "cirrus"),
    with_devices("bochs-display", "-vga", "none", "-device", "bochs-display"),
    with_devices("1920x1080", "-vga", "none", "-device",
                 "VGA,xres=1920,yres=1080,edid=on"),
    with_devices("network card", "-netdev", "user,id=net,restrict=on",
                 "-device", "e1000e,netdev=net"),
    with_devices("S3 off", "-global", "ICH9-LPC.disable_s3=1"),
    with_devices("two CPUs", "-smp", "2"),
]

ROWS = MEDIA + DISKS + CPUS + MEMORY + HARDWARE


def cases():
    for row in ROWS:
        marks = [pytest.mark.table]
        if row.boot != "direct":
            marks.append(pytest.mark.firmware)
        if not row.quick:
            marks.append(pytest.mark.matrix)
        yield pytest.param(row, id=row.name, marks=marks)


def walk(machine, mib):
    result = machine.run(f"memwalk {mib}", WALK_TIMEOUT_S)
    assert ktap.failures(result.text) == [], result.text
    assert result.status == 0, result.text


def tell(row, record_property):
    """The table has this row: in its place, or at the end."""
    record_property("place", ROWS.index(row) if row in ROWS else len(ROWS))
    record_property("row", row.columns)


def start(boot, row, record_property, **more):
    """Boot a row's machine, and tell the table of it."""
    tell(row, record_property)
    began = time.monotonic()
    machine = boot(ready_timeout=BOOT_TIMEOUT_S, **row.vm_options() | more)
    record_property("boot_s", f"{time.monotonic() - began:.0f}")
    return machine


@pytest.mark.parametrize("row", cases())
def test_boots(boot, row, record_property):
    machine = start(boot, row, record_property)
    assert machine.run("uname -sm").text == "Linux i686\n"
    swaps = machine.run("grep -c partition /proc/swaps").text.strip()
    assert swaps == str(int(row.swap > 0))
    walk(machine, row.walk)


# ---- rows that are more than a command line ----------------------------------

special = [pytest.mark.table, pytest.mark.firmware, pytest.mark.matrix]


def marked(function):
    for mark in special:
        function = mark(function)
    return function


@marked
@pytest.mark.parametrize("firmware", ["x64", "ia32"])
def test_boots_with_dirty_memory(boot, tmp_path, record_property, firmware):
    """Memory is what was left in it; QEMU's is zero otherwise."""
    row = Row(firmware=firmware, what="dirty memory")
    dirty = tmp_path / "memory"
    block = os.urandom(1 << 20)
    with dirty.open("wb") as file:
        for _ in range(row.memory):
            file.write(block)
    machine = start(boot, row, record_property, qemu=(
        "-machine", "memory-backend=mem", "-object",
        f"memory-backend-file,id=mem,size={row.memory}M,mem-path={dirty},"
        "share=off"))
    walk(machine, 64)


@marked
def test_boots_from_a_copied_stick(boot, tmp_path, record_property):
    """A stick as it is bought, one FAT32 without a partition table, to which
    the CD's files were copied."""
    row = Row(what="files copied")
    stick, made = tmp_path / "stick", tmp_path / "tree"
    subprocess.run(["xorriso", "-osirrox", "on", "-indev",
                    BUILD / "faultline.iso", "-extract", "/", made],
                   check=True, capture_output=True)
    subprocess.run(["chmod", "-R", "u+w", made], check=True)
    (made / "faultline/cmdline.txt").write_bytes(
        # As Notepad of long ago saves "Unicode".
        "# mine\r\nconsole=ttyS0 debug_exit\r\nfaultline.run=ttyS1\r\n"
        .encode("utf-16"))
    with stick.open("wb") as file:
        file.truncate(64 << 20)
    for command in (["mformat", "-i", stick, "-F", "::"],
                    ["mcopy", "-s", "-i", stick,
                     *sorted(made.iterdir()), "::"]):
        subprocess.run(command, check=True, capture_output=True)
    machine = start(boot, row, record_property, medium=stick)
    assert machine.run("cat /proc/cmdline").text == \
        "console=ttyS0 debug_exit faultline.run=ttyS1\n"
    walk(machine, row.walk)


@pytest.fixture
def signed_build(tmp_path):
    """A build whose stubs are signed with the key that Debian's OVMF with
    snakeoil variables trusts."""
    if shutil.which("sbsign") is None:
        pytest.skip("sbsigntool is not installed")
    build = tmp_path / "build"
    (build / "efi").mkdir(parents=True)
    for name in ("kernel.elf", "kernel-pae.elf", "root", "i386",
                 "efi/BOOTIA32.EFI"):
        (build / name).symlink_to(BUILD / name)
    key = tmp_path / "key"
    subprocess.run(["openssl", "rsa", "-passin", "pass:snakeoil", "-in",
                    "/usr/share/ovmf/PkKek-1-snakeoil.key", "-out", key],
                   check=True, capture_output=True)
    subprocess.run(["sbsign", "--key", key, "--cert",
                    "/usr/share/ovmf/PkKek-1-snakeoil.pem", "--output",
                    build / "efi/BOOTX64.EFI", BUILD / "efi/BOOTX64.EFI"],
                   check=True, capture_output=True)
    return build


@marked
def test_secure_boot_of_a_signed_stub(boot, signed_build, record_property):
    row = Row(firmware="secure", what="signed")
    machine = start(boot, row, record_property, build=signed_build)
    walk(machine, row.walk)


@marked
def test_secure_boot_refuses_an_unsigned_stub(vm, tmp_path, record_property):
    tell(Row(firmware="secure", what="not signed: refused"), record_property)
    log = tmp_path / "log"
    done = vm("--firmware", "secure", "--boot", "usb", "--log", log,
              "--timeout", 60, "--", "true")
    assert done.returncode == 124
    text = log.read_bytes()
    assert b"Access Denied" in text and b"efi:" not in text
