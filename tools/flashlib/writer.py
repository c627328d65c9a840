# tools/flashlib/writer.py - an image onto a disk, and back for a look
# SPDX-License-Identifier: MIT
"""The disk is opened exclusively: the host's kernel then refuses one that it
uses for anything, whatever we know of it.

It is read back past the host's cache (O_DIRECT), which would only say what it
was given. Where that cannot be, the cache is dropped before.
"""

import errno
import fcntl
import mmap
import os
import shutil
import stat
import subprocess
from collections.abc import Callable
from pathlib import Path

from .disks import Disk, Refused

CHUNK_BYTES = 1 << 20
BLKFLSBUF = 0x1261      # linux/fs.h
BLKGETSIZE64 = 0x80081272

Report = Callable[[str, int, int], None]

# Of an ISO 9660 file system's first volume descriptor: ECMA-119, 8.4.2. Of a
# GPT's header: UEFI 2.10, 5.3.2.
ISO_MAGIC_AT, ISO_MAGIC = 0x8001, b"CD001"
GPT_MAGIC_AT, GPT_MAGIC = 512, b"EFI PART"


def _open(disk: Disk, flags: int) -> int:
    fd = os.open(disk.path, flags | os.O_EXCL | os.O_CLOEXEC)
    try:
        if disk.real:
            _check(fd, disk)
    except BaseException:
        os.close(fd)
        raise
    return fd


def _check(fd: int, disk: Disk) -> None:
    """What was opened is what was described."""
    status = os.fstat(fd)
    number = f"{os.major(status.st_rdev)}:{os.minor(status.st_rdev)}"
    if not stat.S_ISBLK(status.st_mode) or number != disk.number:
        raise Refused(f"{disk.path} is not the disk {disk.number}")
    size = fcntl.ioctl(fd, BLKGETSIZE64, bytes(8))
    if int.from_bytes(size, "little") != disk.bytes:
        raise Refused(f"{disk.path} has another size than it had")


def check_access(disk: Disk) -> None:
    """May it be written by us? Before anybody is asked for anything."""
    if not os.access(disk.path, os.R_OK | os.W_OK):
        raise Refused(f"no right to write it; try: "
                      f"sudo tools/flash {disk.path}")


def unmount(disk: Disk) -> None:
    """From what is mounted on what, back to the disk."""
    for place in reversed(disk.mounts):
        done = subprocess.run(["umount", place], stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, check=False)
        if done.returncode:
            raise Refused(f"umount {place}: {done.stdout.strip()}")


def write(disk: Disk, image: Path, report: Report) -> None:
    """Write it all, and have the disk keep it."""
    size = image.stat().st_size
    fd = _open(disk, os.O_WRONLY)
    try:
        with open(image, "rb") as source:
            done = 0
            while piece := source.read(CHUNK_BYTES):
                while piece:
                    count = os.write(fd, piece)
                    piece = piece[count:]
                    done += count
                report("written", done, size)
        os.fsync(fd)
    finally:
        os.close(fd)


def _open_uncached(disk: Disk) -> int:
    try:
        return _open(disk, os.O_RDONLY | os.O_DIRECT)
    except OSError as error:
        if error.errno != errno.EINVAL:
            raise
    fd = _open(disk, os.O_RDONLY)
    if disk.real:
        fcntl.ioctl(fd, BLKFLSBUF, 0)
    os.posix_fadvise(fd, 0, 0, os.POSIX_FADV_DONTNEED)
    return fd


def verify(disk: Disk, image: Path, report: Report) -> None:
    """Raises OSError with the first place that differs."""
    size = image.stat().st_size
    fd = _open_uncached(disk)
    buffer = mmap.mmap(-1, CHUNK_BYTES)  # aligned, as O_DIRECT wants it
    try:
        with open(image, "rb") as source:
            done = 0
            while expected := source.read(CHUNK_BYTES):
                count = os.preadv(fd, [buffer], done)
                got = buffer[:min(count, len(expected))]
                if got != expected:
                    raise OSError(f"{disk.path} does not hold what was "
                                  f"written: at byte "
                                  f"{done + _first_difference(got, expected)}."
                                  " It is broken, or has lied of its size")
                done += len(expected)
                report("read back", done, size)
    finally:
        buffer.close()
        os.close(fd)


def _first_difference(got: bytes, expected: bytes) -> int:
    return next((at for at, pair in enumerate(zip(got, expected))
                 if pair[0] != pair[1]), len(got))


def _has(image: Path, place: int, magic: bytes) -> bool:
    with open(image, "rb") as file:
        file.seek(place)
        return file.read(len(magic)) == magic


def fix_table(disk: Disk, image: Path) -> str:
    """Move the partition table's second copy to the disk's end. Says what
    came of it; that it was not done is no failure."""
    path = os.environ.get("PATH", "") + ":/usr/sbin:/sbin"
    sgdisk = shutil.which("sgdisk", path=path)
    # Of what is no GPT, sgdisk would make one.
    if (sgdisk is None or not _has(image, GPT_MAGIC_AT, GPT_MAGIC)
            or _has(image, ISO_MAGIC_AT, ISO_MAGIC)):
        return ("the partition table's second copy stays where it is, which "
                "does no harm")
    done = subprocess.run([sgdisk, "-e", str(disk.path)],
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True, check=False)
    if done.returncode:
        return f"sgdisk -e failed, which does no harm: {done.stdout.strip()}"
    os.sync()
    return "the partition table's second copy is at the end of the stick"
