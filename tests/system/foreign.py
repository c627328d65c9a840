# tests/system/foreign.py - disks of other systems, which nobody is to change
# SPDX-License-Identifier: MIT
"""What may be in a PC that somebody boots Faultline on: a Linux that has been
put to sleep on its swap partition, a Windows, and an empty disk. conftest.py
attaches them, writable, to nearly every machine of the tests, and compares
their content at the end.

The Linux disk is made by the tools that Debian's installer uses. There is no
tool for NTFS among the packages that we need, so of that one the disk has what
others look at: the boot sector and records of the master file table.
"""

import hashlib
import os
import struct
import subprocess
from pathlib import Path

SECTOR = 512
PAGE = 4096
MIB = 1 << 20

# The Linux disk: partitions in MiB, in order.
EXT4_AT, EXT4_MIB = 2, 8
SWAP_AT, SWAP_MIB = 10, 4
LINUX_MIB = SWAP_AT + SWAP_MIB + 2
LINUX_SWAP_TYPE = "0657FD6D-A4AB-43C4-84E5-0933C84B4F4F"

NTFS_FIRST, NTFS_SECTORS = 2048, 6 * 2048
NTFS_MFT_CLUSTER = 4
CLUSTER_SECTORS = 8

ENVIRONMENT = {**os.environ, "LC_ALL": "C", "MKE2FS_CONFIG": os.devnull,
               "PATH": os.environ.get("PATH", "") + ":/usr/sbin:/sbin"}


def tool(*command, text=None) -> None:
    done = subprocess.run([str(word) for word in command], env=ENVIRONMENT,
                          input=text, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, check=False)
    assert done.returncode == 0, f"{command}\n{done.stdout}"


def blank(path: Path, mib: int) -> Path:
    with path.open("wb") as file:
        file.truncate(mib * MIB)
    return path


def put(disk: Path, at: int, data: bytes) -> None:
    with disk.open("r+b") as file:
        file.seek(at)
        file.write(data)


def table(disk: Path, lines: str) -> None:
    tool("sfdisk", "-q", "--no-reread", "--no-tell-kernel", disk, text=lines)


def hibernated_swap(path: Path, mib: int = SWAP_MIB) -> Path:
    """As Linux leaves it in the first page, and pages of its memory behind."""
    tool("mkswap", "-q", blank(path, mib))
    put(path, PAGE - 10, b"S1SUSPEND\0")
    put(path, PAGE - 20, b"SWAPSPACE2")  # what it puts back after resuming
    put(path, PAGE, bytes(range(256)) * 64)
    return path


def linux_disk(disk: Path) -> Path:
    """A GPT with an ESP, an ext4 and a swap partition with a hibernated
    system."""
    part = disk.with_suffix(".part")
    blank(disk, LINUX_MIB)
    table(disk, "label: gpt\n"
          "start=1MiB, size=1MiB, type=uefi\n"
          f"start={EXT4_AT}MiB, size={EXT4_MIB}MiB, type=linux, name=root\n"
          f"start={SWAP_AT}MiB, size={SWAP_MIB}MiB, "
          f"type={LINUX_SWAP_TYPE}, name=swap\n")
    tool("mformat", "-i", blank(part, 1), "-N", "1234", "-t", "2", "-h", "32",
         "-s", "32", "::")
    put(disk, MIB, part.read_bytes())
    tool("mke2fs", "-q", "-F", "-t", "ext4", "-O", "has_journal,extent",
         "-L", "debian", blank(part, EXT4_MIB))
    put(disk, EXT4_AT * MIB, part.read_bytes())
    put(disk, SWAP_AT * MIB, hibernated_swap(part).read_bytes())
    part.unlink()
    return disk


def ntfs_boot_sector() -> bytes:
    """As Windows writes it: BIOS parameter block and places of the table."""
    sector = bytearray(SECTOR)
    sector[0:3] = b"\xeb\x52\x90"
    sector[3:11] = b"NTFS    "
    struct.pack_into("<HB", sector, 11, SECTOR, CLUSTER_SECTORS)
    sector[21] = 0xf8
    struct.pack_into("<HHI", sector, 24, 63, 255, NTFS_FIRST)
    struct.pack_into("<IQQQ", sector, 36, 0x800080, NTFS_SECTORS - 1,
                     NTFS_MFT_CLUSTER, 2)
    struct.pack_into("<bxxxbxxxQ", sector, 64, -10, 1, 0x1c741bc9741ba514)
    sector[510:512] = b"\x55\xaa"
    return bytes(sector)


def windows_disk(disk: Path) -> Path:
    """An MBR with one NTFS partition."""
    blank(disk, 8)
    table(disk, "label: dos\n"
          f"start={NTFS_FIRST}, size={NTFS_SECTORS}, type=7, bootable\n")
    first = NTFS_FIRST * SECTOR
    put(disk, first, ntfs_boot_sector())
    put(disk, first + (NTFS_SECTORS - 1) * SECTOR, ntfs_boot_sector())
    for record in range(16):
        put(disk, first + NTFS_MFT_CLUSTER * CLUSTER_SECTORS * SECTOR
            + record * 1024, b"FILE0\0\x03\0" + bytes([record]) * 1016)
    return disk


def make(folder: Path) -> Path:
    """All of them, in a folder for --foreign."""
    folder.mkdir(parents=True, exist_ok=True)
    linux_disk(folder / "1-linux.img")
    windows_disk(folder / "2-windows.img")
    blank(folder / "3-blank.img", 2)
    return folder


def hashes(folder: Path) -> dict[str, str]:
    return {image.name: hashlib.sha256(image.read_bytes()).hexdigest()
            for image in sorted(folder.glob("*.img"))}


def times(folder: Path) -> dict[str, int]:
    """When each was last written: quick, and enough to say which tests did."""
    return {image.name: image.stat().st_mtime_ns
            for image in sorted(folder.glob("*.img"))}
