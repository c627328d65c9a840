# tools/vmlib/options.py - what a machine is made of
# SPDX-License-Identifier: MIT
"""The options of design section 8, their defaults, and which go together."""

import dataclasses
import re
import sys
from pathlib import Path

from .errors import StartError

TOP = Path(__file__).resolve().parents[2]
sys.path.append(str(TOP / "image"))

import mkimage  # noqa: E402 - knows how the partitions are named

# secure: 64-bit, with Secure Boot and the keys that Debian has for tests.
FIRMWARES = ("x64", "ia32", "secure")
MACHINES = ("q35", "pc")
# The guest's name of the port that --trace adds.
TRACE_PORT = "ttyS2"

# iso-usb: the CD's image on a stick. Sticks and CDs are read by the firmware
# alone; what they hold has to be in the initramfs.
BOOTS = ("disk", "usb", "iso", "iso-usb", "direct")
REMOVABLE = ("usb", "iso", "iso-usb")
DISKS = ("ahci", "ide", "none")
ROOTS = ("disk", "initramfs")
LINUXES = ("linux", "linux-tiny")
KERNELS = ("faultline", *LINUXES)
KERNEL_FILES = {"2level": "kernel.elf", "pae": "kernel-pae.elf"}
ACCELERATORS = ("tcg", "kvm")

DEFAULT_BOOT = {"faultline": "disk", **dict.fromkeys(LINUXES, "direct")}
DEFAULT_CPU = {"x64": "qemu64", "ia32": "qemu32", "secure": "qemu64"}

# Words that ask for what only Faultline has, and must not be passed over.
FAULTLINE_WORDS = ("census", "crash", "disk_4kn", "disk_late", "dma_limit",
                   "selftest", "strace")

# What Faultline does: a fault of the kernel ends the machine, which -no-reboot
# makes the end of QEMU; all pages are small. And what makes it quick: some six
# seconds are the self-tests of its ciphers.
LINUX_WORDS = ("panic=-1", "oops=panic", "transparent_hugepage=never",
               "mitigations=off", "cryptomgr.notests", "noisapnp")

TINY_MEMORY_MAX = 896  # MiB, the direct map of a kernel without HighMem

SWAP_ERROR = re.compile(r"(read|write):(\d+)(:once)?")


@dataclasses.dataclass(frozen=True)
class SwapError:
    """A sector of the swap partition that cannot be read or written."""

    operation: str
    sector: int
    once: bool

    @classmethod
    def parse(cls, text: str) -> "SwapError":
        match = SWAP_ERROR.fullmatch(text)
        if match is None:
            raise StartError(f"--swap-error {text}: "
                             "expected read|write:SECTOR[:once]")
        return cls(match[1], int(match[2]), match[3] is not None)


@dataclasses.dataclass(frozen=True)
class Options:
    """A machine. Hashable: equal options are the same machine."""

    firmware: str | None = None  # the 64-bit one; for gdb the 32-bit one
    machine: str = "q35"
    cpu: str | None = None
    memory: int = 512
    swap: int = 0
    swap_disk: bool = False
    swap_errors: tuple[str, ...] = ()
    swap_rate: int = 0
    boot: str | None = None  # by the kernel
    disk: str | None = None
    root: str | None = None  # by what is booted from
    medium: Path | None = None
    root_size: int = 0
    debian: bool = False
    overlays: tuple[Path, ...] = ()
    keep_disk: Path | None = None
    append: str = ""
    reset: bool = False
    kernel: str = "faultline"
    kernel_format: str | None = None
    icount: bool = False
    qemu: tuple[str, ...] = ()
    foreign: Path | None = None
    accel: str = "tcg"
    log: Path | None = None
    trace: Path | None = None
    gdb: bool = False
    build: Path = TOP / "build"

    def __post_init__(self) -> None:
        if self.boot is None:
            object.__setattr__(self, "boot", DEFAULT_BOOT.get(self.kernel))
        # gdb takes a 64-bit machine's code for 64-bit code, whatever it is; but
        # the 32-bit firmware has no driver for a pc's disks.
        if self.firmware is None:
            is_32_bit = self.gdb and (self.machine != "pc"
                                      or self.boot == "direct")
            object.__setattr__(self, "firmware",
                               "ia32" if is_32_bit else "x64")
        # ... and is told which kernel it will be.
        if self.gdb and not self.is_linux and self.kernel_format is None:
            object.__setattr__(self, "kernel_format", "2level")
        if self.root is None:
            object.__setattr__(self, "root", "initramfs" if self.is_removable
                               else "disk")

    @property
    def disk_kind(self) -> str:
        """Where the disk is attached: given, or what the chipset has."""
        return self.disk or ("ahci" if self.machine == "q35" else "ide")

    @property
    def kernel_file(self) -> Path:
        """What a direct boot loads. Firmware's stub chooses for itself."""
        return self.build / KERNEL_FILES[self.kernel_format or "2level"]

    @property
    def is_linux(self) -> bool:
        return self.kernel in LINUXES

    @property
    def linux_format(self) -> str:
        """Which of Debian's kernels: what people run is the PAE one."""
        return self.kernel_format or "pae"

    @property
    def debian_folder(self) -> Path:
        """Where ci/fetch-debian puts things."""
        return self.build / "debian"

    @property
    def layers(self) -> tuple[Path, ...]:
        """Folders laid over the root, the last on top."""
        debian = (self.debian_folder / "root",) if self.debian else ()
        return debian + self.overlays

    @property
    def is_removable(self) -> bool:
        """Is it booted from something that is not its disk?"""
        return self.boot in REMOVABLE

    @property
    def own_swap_disk(self) -> bool:
        """Next to a stick there is no other disk but for the swap."""
        return (self.swap_disk or bool(self.swap_errors)
                or self.swap_rate > 0
                or (self.is_removable and self.swap > 0
                    and self.root == "initramfs"))

    @property
    def parsed_swap_errors(self) -> list[SwapError]:
        return [SwapError.parse(text) for text in self.swap_errors]

    @property
    def needs_image(self) -> bool:
        """Is there anything that the main disk would be for?"""
        return (self.boot == "disk" or self.root == "disk"
                or (self.swap > 0 and not self.own_swap_disk))

    def check(self) -> None:
        """Raise StartError for what cannot be."""
        _check_choices(self)
        if self.is_linux:
            _check_linux(self)
        if self.memory <= 0 or self.swap < 0:
            raise StartError("--memory and --swap are numbers of MiB")
        if self.root_size < 0:
            raise StartError("--root-size is a number of MiB")
        if self.root_size and self.root == "initramfs":
            raise StartError("--root-size is that of --root disk")
        if self.swap_rate < 0:
            raise StartError("--swap-rate is a number of MiB/s")
        if self.medium is not None:
            _check_medium(self)
        if self.own_swap_disk and self.swap == 0:
            raise StartError("--swap-disk, --swap-error and --swap-rate need "
                             "--swap MIB")
        if self.disk_kind == "none" and (self.needs_image or self.swap > 0):
            raise StartError("--disk none leaves nothing to boot, root or "
                             "swap from: use --root initramfs, with --boot "
                             "direct, usb or iso")
        if self.foreign is not None and not self.foreign.is_dir():
            raise StartError(f"--foreign {self.foreign}: no such folder")
        if self.firmware != "x64" and self.machine == "pc" \
                and self.boot != "direct":
            raise StartError("the 32-bit firmware, and the secure one, run on "
                             "q35 only")
        for swap_error in self.parsed_swap_errors:
            if swap_error.sector >= self.swap * 2048:
                raise StartError(f"sector {swap_error.sector} is not in the "
                                 "swap partition")

    def kernel_words(self, channel: str | None) -> str:
        """The kernel's command line; later words override earlier ones."""
        words = ["console=ttyS0"]
        if self.is_linux:
            words += LINUX_WORDS
        elif not self.reset:
            words.append("debug_exit")
        if self.root == "disk":
            words += [f"root=PARTLABEL={mkimage.ROOT_LABEL}", "rw"]
        elif self.kernel == "faultline":
            words.append("root=initramfs")
        if self.swap > 0:
            words.append(f"swap=PARTLABEL={mkimage.SWAP_LABEL}")
        if self.kernel_format is not None and self.boot != "direct":
            words.append(f"kernel={self.kernel_format}")
        if self.trace is not None:
            words.append(f"trace=all trace_port={TRACE_PORT}")
        if channel is not None:
            words.append(f"faultline.run={channel}")
        if self.append:
            words.append(self.append)
        return " ".join(words)


def _check_tiny(options: Options) -> None:
    """It has what image/linux/tiny.config gives it, and no more."""
    if options.kernel_format == "pae":
        raise StartError("--kernel linux-tiny has no PAE")
    if options.disk_kind == "ide":
        raise StartError("--kernel linux-tiny has no IDE")
    if options.memory > TINY_MEMORY_MAX:
        raise StartError("--kernel linux-tiny has no HighMem, and uses "
                         f"{TINY_MEMORY_MAX} MiB at most")


def _check_choices(options: Options) -> None:
    for name, choices in (("firmware", FIRMWARES), ("machine", MACHINES),
                          ("boot", BOOTS), ("disk_kind", DISKS),
                          ("root", ROOTS), ("kernel", KERNELS),
                          ("kernel_format", (None, *KERNEL_FILES)),
                          ("accel", ACCELERATORS)):
        value = getattr(options, name)
        if value not in choices:
            raise StartError(f"{name} {value}: expected one of "
                             + ", ".join(filter(None, choices)))


def _check_medium(options: Options) -> None:
    if options.boot == "direct":
        raise StartError("--medium is what firmware boots from")
    if options.boot == "disk" and (options.swap and not options.own_swap_disk
                                   or options.root_size or options.layers):
        raise StartError("--medium is used as it is: nothing can be put on it")
    if not options.medium.is_file():
        raise StartError(f"--medium {options.medium}: no such file")


def _check_linux(options: Options) -> None:
    if options.boot != "direct":
        raise StartError(f"--boot {options.boot}: --kernel {options.kernel} "
                         "is loaded by QEMU itself, --boot direct")
    if options.reset:
        raise StartError(f"--reset: --kernel {options.kernel} is not meant to "
                         "survive a panic")
    if options.trace is not None:
        raise StartError(f"--trace: --kernel {options.kernel} has no trace "
                         "records")
    if options.disk_kind == "ide" and options.machine != "pc":
        raise StartError("--disk ide: only --machine pc has it")
    if options.kernel == "linux-tiny":
        _check_tiny(options)
    for word in options.append.split():
        if word.partition("=")[0] in FAULTLINE_WORDS:
            raise StartError(f"--append {word}: Linux has no such word")
