# tools/flashlib/disks.py - which disks there are, and what speaks against one
# SPDX-License-Identifier: MIT
"""Reads /sys, /proc/self/mountinfo and /proc/swaps, and writes nothing. The
trees may be others than the machine's, so that all of it can be tested.

Sources: Linux, Documentation/ABI/stable/sysfs-block; proc(5).
"""

import dataclasses
import os
import re
from pathlib import Path

SECTOR_BYTES = 512  # of sysfs, whatever the disk's are
MIB = 1 << 20

# Who has one of these mounted from a disk is running from it.
SYSTEM_MOUNTS = frozenset(("/", "/boot", "/boot/efi", "/efi", "/usr", "/var",
                           "/home", "/nix", "/etc"))

# How a bus shows in the path of a device, the first that fits.
BUSES = ((r"/usb\d", "USB"), (r"/mmc\d", "SD/MMC"), (r"/nvme", "NVMe"),
         (r"/ata\d", "ATA"), (r"/virtio\d", "virtio"),
         (r"/virtual/", "none"))


class Refused(Exception):
    """This is not to be written. Says why."""


@dataclasses.dataclass(frozen=True)
class Tree:
    """Where /sys, /dev and /proc are."""

    sys: Path
    dev: Path
    proc: Path

    @property
    def real(self) -> bool:
        return self.dev == Path("/dev")

    def block(self, name: str) -> Path:
        return self.sys / "class/block" / name


@dataclasses.dataclass(frozen=True)
class Disk:
    name: str
    path: Path
    real: bool                  # of this machine, and no test's
    model: str
    bytes: int
    bus: str
    removable: bool
    read_only: bool
    number: str                 # major:minor
    sequence: str               # another for each disk that was put in
    mounts: tuple[str, ...]     # where it, or a part of it, is mounted
    swaps: tuple[str, ...]      # parts of it that are swapped to
    holders: tuple[str, ...]    # devices that are made of it

    def describe(self) -> str:
        return (f"{self.path}: {self.model or 'no name'}, "
                f"{self.bytes / 1e9:.1f} GB ({self.bytes // MIB} MiB), "
                f"bus {self.bus}, "
                f"{'removable' if self.removable else 'not removable'}, "
                + (f"mounted on {', '.join(self.mounts)}" if self.mounts
                   else "not mounted"))


def _read(path: Path) -> str:
    try:
        return path.read_text(errors="replace").strip()
    except OSError:
        return ""


def _parts(tree: Tree, name: str) -> list[str]:
    """The partitions of a disk, by their names."""
    folder = tree.block(name)
    return sorted(entry.name for entry in folder.iterdir()
                  if (entry / "partition").exists())


def _holders(tree: Tree, name: str) -> list[str]:
    folder = tree.block(name) / "holders"
    return sorted(os.listdir(folder)) if folder.is_dir() else []


def _all_holders(tree: Tree, names: list[str]) -> list[str]:
    """Devices made of these, of those made of them, and so on."""
    found: list[str] = []
    left = list(names)
    while left:
        for holder in _holders(tree, left.pop()):
            if holder not in found:
                found.append(holder)
                left.append(holder)
    return sorted(found)


def _unescape(text: str) -> str:
    return re.sub(r"\\([0-7]{3})", lambda match: chr(int(match[1], 8)), text)


def _mounts(tree: Tree) -> list[tuple[str, str, str]]:
    """(number, source, place). The number is none of a disk's for some file
    systems of several disks, and the source is one that nobody has checked:
    so both are looked at."""
    found = []
    for line in (tree.proc / "self/mountinfo").read_text().splitlines():
        fields = line.split(" ")
        kind = fields.index("-")
        found.append((fields[2], _unescape(fields[kind + 2]),
                      _unescape(fields[4])))
    return found


def _device_name(tree: Tree, source: str) -> str:
    """sda1 of /dev/sda1, and of any link to it; else what was asked."""
    if not source.startswith("/dev/"):
        return source
    return os.path.basename(os.path.realpath(tree.dev / source[5:]))


def _swaps(tree: Tree) -> list[str]:
    """The devices that are swapped to, by their names."""
    lines = _read(tree.proc / "swaps").splitlines()[1:]
    return [_device_name(tree, _unescape(line.split()[0])) for line in lines]


def _bus(folder: Path) -> str:
    path = os.path.realpath(folder)
    return next((bus for sign, bus in BUSES if re.search(sign, path)),
                "unknown")


def _describe(tree: Tree, name: str) -> Disk:
    folder = tree.block(name)
    own = [name, *_parts(tree, name)]
    holders = _all_holders(tree, own)
    names = [*own, *holders]
    numbers = {_read(tree.block(each) / "dev") for each in names}
    model = " ".join(filter(None, (_read(folder / "device" / field)
                                   for field in ("vendor", "model", "name"))))
    return Disk(
        name=name, path=tree.dev / name, real=tree.real,
        model=model, bytes=int(_read(folder / "size")) * SECTOR_BYTES,
        bus=_bus(folder),
        # A card's reader is not removable, the card is; an eMMC is none.
        removable=(_read(folder / "removable") == "1"
                   or _read(folder / "device/type") == "SD"),
        read_only=_read(folder / "ro") == "1",
        number=_read(folder / "dev"), sequence=_read(folder / "diskseq"),
        mounts=tuple(place for number, source, place in _mounts(tree)
                     if number in numbers
                     or _device_name(tree, source) in names),
        swaps=tuple(each for each in _swaps(tree) if each in names),
        holders=tuple(holders))


def find(tree: Tree, device: str) -> Disk:
    """The disk at a path, links followed. Raises Refused."""
    path = os.path.realpath(device)
    name = os.path.basename(path)
    if os.path.dirname(path) != os.path.realpath(tree.dev) \
            or not tree.block(name).exists():
        raise Refused(f"{device}: no disk")
    if (tree.block(name) / "partition").exists():
        whole = os.path.basename(os.path.dirname(
            os.path.realpath(tree.block(name))))
        raise Refused(f"{device} is a part of a disk: the whole of it is "
                      f"/dev/{whole}")
    return _describe(tree, name)


def find_all(tree: Tree) -> list[Disk]:
    """All whole disks, but for those that are only made of others."""
    names = sorted(entry.name for entry in (tree.sys / "class/block").iterdir()
                   if not (entry / "partition").exists())
    found = [_describe(tree, name) for name in names]
    return [disk for disk in found if disk.bus != "none" and disk.bytes]


def objections(tree: Tree, disk: Disk, image_bytes: int) -> list[str]:
    """What speaks against it, and nothing outweighs."""
    found = []
    if disk.bus == "none":
        found.append("it is no disk, but made of others or of memory")
    if disk.read_only:
        found.append("it is write-protected")
    if disk.bytes < image_bytes:
        found.append(f"it has {disk.bytes} bytes, and the image {image_bytes}")
    system = sorted(SYSTEM_MOUNTS.intersection(disk.mounts))
    if system:
        found.append(f"this system runs from it: {', '.join(system)}")
    if disk.swaps:
        found.append(f"this system swaps to it: {', '.join(disk.swaps)}")
    if disk.holders:
        found.append(f"{', '.join(disk.holders)} is made of it")
    return found


def doubts(disk: Disk) -> list[str]:
    """What speaks against it, unless one knows better."""
    found = []
    if not disk.removable:
        found.append("it is not removable")
    if disk.mounts and not SYSTEM_MOUNTS.intersection(disk.mounts):
        found.append(f"it is mounted on {', '.join(disk.mounts)}")
    return found
