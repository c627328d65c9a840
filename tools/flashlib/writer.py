# tools/flashlib/writer.py - an image onto a disk, and back for a look
# SPDX-License-Identifier: MIT
"""The disk is opened once, exclusively: the host's kernel then refuses one that
it uses for anything, whatever we know of it. No other stick gets its name while
it is open, but another card may come into a reader: what it is is looked at
again before each piece, and before sgdisk, which goes by the name. And it is
locked, so that udev does not look into what is half written; it does when the
lock is gone.

It is read back past the host's cache (O_DIRECT), which would only say what it
was given. Where that cannot be, the cache is dropped before.

Sources: Linux, block/ioctl.c, uapi linux/fs.h; systemd, "Locking Block Device
Access".
"""

import contextlib
import errno
import fcntl
import mmap
import os
import shutil
import stat
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from .disks import Disk, Refused

CHUNK_BYTES = 1 << 20
BLKRRPART = 0x125f      # linux/fs.h
BLKFLSBUF = 0x1261
BLKGETSIZE64 = 0x80081272
BLKGETDISKSEQ = 0x80081280

# udev looks at a stick that was just plugged in, or unmounted, for less.
LOCK_TIMEOUT_S = 10
LOCK_POLL_S = 0.1

Report = Callable[[str, int, int], None]

# Of an ISO 9660 file system's first volume descriptor: ECMA-119, 8.4.2. Of a
# GPT's header: UEFI 2.10, 5.3.2.
ISO_MAGIC_AT, ISO_MAGIC = 0x8001, b"CD001"
GPT_MAGIC_AT, GPT_MAGIC = 512, b"EFI PART"


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


def _number(fd: int, request: int) -> int:
    """What an ioctl says that gives 64 bits."""
    return int.from_bytes(fcntl.ioctl(fd, request, bytes(8)), sys.byteorder)


def _check(fd: int, disk: Disk) -> None:
    """What was opened is what was described."""
    status = os.fstat(fd)
    number = f"{os.major(status.st_rdev)}:{os.minor(status.st_rdev)}"
    if not stat.S_ISBLK(status.st_mode) or number != disk.number:
        raise Refused(f"{disk.path} is not the disk {disk.number}")
    if _number(fd, BLKGETSIZE64) != disk.bytes:
        raise Refused(f"{disk.path} has another size than it had")
    # Linux before 5.15 has neither the file nor the call.
    if disk.sequence and _number(fd, BLKGETDISKSEQ) != int(disk.sequence):
        raise Refused(f"{disk.path} is another disk than it was")


def _lock(fd: int, disk: Disk) -> None:
    end = time.monotonic() + LOCK_TIMEOUT_S
    while True:
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            if time.monotonic() >= end:
                raise Refused(f"{disk.path} is locked by another "
                              "program") from None
            time.sleep(LOCK_POLL_S)


def _first_difference(got: bytes, expected: bytes) -> int:
    return next((at for at, pair in enumerate(zip(got, expected))
                 if pair[0] != pair[1]), len(got))


def _has(image: Path, place: int, magic: bytes) -> bool:
    with open(image, "rb") as file:
        file.seek(place)
        return file.read(len(magic)) == magic


class Stick:
    """A disk that is ours until the end; a context manager."""

    def __init__(self, disk: Disk):
        self._disk = disk
        self._fd = os.open(disk.path, os.O_RDWR | os.O_EXCL | os.O_CLOEXEC)
        try:
            self._check()
            _lock(self._fd, disk)
        except BaseException:
            os.close(self._fd)
            raise

    def __enter__(self) -> "Stick":
        return self

    def __exit__(self, *_) -> None:
        os.close(self._fd)

    def _check(self) -> None:
        if self._disk.real:
            _check(self._fd, self._disk)

    def write(self, image: Path, report: Report) -> None:
        """Write it all, and have the disk keep it."""
        size = image.stat().st_size
        with open(image, "rb") as source:
            done = 0
            while piece := source.read(CHUNK_BYTES):
                self._check()
                while piece:
                    count = os.pwrite(self._fd, piece, done)
                    piece = piece[count:]
                    done += count
                report("written", done, size)
        os.fsync(self._fd)

    def _pass_the_cache(self) -> None:
        flags = fcntl.fcntl(self._fd, fcntl.F_GETFL)
        try:
            fcntl.fcntl(self._fd, fcntl.F_SETFL, flags | os.O_DIRECT)
            return
        except OSError as error:
            if error.errno != errno.EINVAL:
                raise
        if self._disk.real:
            fcntl.ioctl(self._fd, BLKFLSBUF, 0)
        os.posix_fadvise(self._fd, 0, 0, os.POSIX_FADV_DONTNEED)

    def verify(self, image: Path, report: Report) -> None:
        """Raises OSError with the first place that differs."""
        size = image.stat().st_size
        self._pass_the_cache()
        buffer = mmap.mmap(-1, CHUNK_BYTES)  # aligned, as O_DIRECT wants it
        with buffer, open(image, "rb") as source:
            done = 0
            while expected := source.read(CHUNK_BYTES):
                count = os.preadv(self._fd, [buffer], done)
                got = buffer[:min(count, len(expected))]
                if got != expected:
                    raise OSError(f"{self._disk.path} does not hold what was "
                                  f"written: at byte "
                                  f"{done + _first_difference(got, expected)}."
                                  " It is broken, or has lied of its size")
                done += len(expected)
                report("read back", done, size)

    def _read_table(self) -> None:
        """Have the host's kernel look at it: as long as we have the disk for
        ourselves, nobody else may ask. It is no failure if it does not."""
        if self._disk.real:
            with contextlib.suppress(OSError):
                fcntl.ioctl(self._fd, BLKRRPART, 0)

    def fix_table(self, image: Path) -> str:
        """Move the partition table's second copy to the disk's end. Says what
        came of it; that it was not done is no failure."""
        path = os.environ.get("PATH", "") + ":/usr/sbin:/sbin"
        sgdisk = shutil.which("sgdisk", path=path)
        # Of what is no GPT, sgdisk would make one.
        if (sgdisk is None or not _has(image, GPT_MAGIC_AT, GPT_MAGIC)
                or _has(image, ISO_MAGIC_AT, ISO_MAGIC)):
            self._read_table()
            return ("the partition table's second copy stays where it is, "
                    "which does no harm")
        self._check()
        done = subprocess.run([sgdisk, "-e", str(self._disk.path)],
                              stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, check=False)
        self._read_table()
        if done.returncode:
            return ("sgdisk -e failed, which does no harm: "
                    f"{done.stdout.strip()}")
        os.sync()
        return "the partition table's second copy is at the end of the stick"
