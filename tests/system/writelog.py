# tests/system/writelog.py - what a disk was told to write, and what a cut leaves
# SPDX-License-Identifier: MIT
"""Reads the log that QEMU's block driver blklogwrites keeps of a disk (the
format of Linux's dm-log-writes), and makes from it what a disk with a volatile
cache may hold when the power goes off.

A sector of the log is a superblock; then come entries: a sector that says what
it is, and behind it, for writes, the data. A disk promises no more than this:
what was written before a flush that has ended is there. Of what was written
later it may have kept any part, sector by sector.
"""

import dataclasses
import random
import struct

SECTOR = 512
MAGIC = 0x6a736677736872
VERSION = 1
SUPER = struct.Struct("<QQQI")
ENTRY = struct.Struct("<QQQQ")
FLUSH, DISCARD = 1, 4


class BadLog(Exception):
    """What is in the file is no log."""


@dataclasses.dataclass(frozen=True)
class Entry:
    """A write of `data` at `sector`; without data, a flush."""

    sector: int
    data: bytes
    flush: bool

    def covers(self, sector: int) -> bool:
        return 0 <= sector - self.sector < len(self.data) // SECTOR

    def at(self, sector: int) -> bytes:
        start = (sector - self.sector) * SECTOR
        return self.data[start:start + SECTOR]


def read(path) -> list[Entry]:
    """The entries of a log, in the order in which the disk was given them."""
    log = path.read_bytes()
    magic, version, count, size = SUPER.unpack_from(log)
    if (magic, version, size) != (MAGIC, VERSION, SECTOR):
        raise BadLog(f"{path}: magic {magic:#x} version {version} sectors of "
                     f"{size}")
    entries, place = [], SECTOR
    for _ in range(count):
        sector, sectors, flags, _ = ENTRY.unpack_from(log, place)
        place += SECTOR
        data = b""
        if not flags & DISCARD:
            data = log[place:place + sectors * SECTOR]
            if len(data) != sectors * SECTOR:
                raise BadLog(f"{path}: ends in entry {len(entries)}")
            place += len(data)
        entries.append(Entry(sector, data, bool(flags & FLUSH)))
    return entries


class Replay:
    """The content of a range of sectors while a log goes by."""

    def __init__(self, entries, content: bytes, first_sector: int):
        self._entries = entries
        self._first = first_sector
        self._durable = bytearray(content)
        self._flushed = 0  # entries that are in it

    def _put(self, image: bytearray, entry: Entry, kept) -> None:
        for i in range(len(entry.data) // SECTOR):
            place = (entry.sector + i - self._first) * SECTOR
            if 0 <= place < len(image) and kept(i):
                image[place:place + SECTOR] = \
                    entry.data[i * SECTOR:(i + 1) * SECTOR]

    def cut(self, count: int, rng: random.Random) -> bytearray:
        """What may be there when the first `count` entries were given. Calls
        come with counts that do not fall."""
        last = max((i for i in range(count) if self._entries[i].flush),
                   default=0)
        for entry in self._entries[self._flushed:last]:
            self._put(self._durable, entry, lambda i: True)
        self._flushed = max(self._flushed, last)
        image = bytearray(self._durable)
        share = rng.choice((0, 0.2, 0.5, 0.8, 1))
        for entry in self._entries[last:count]:
            if rng.random() < 0.3:  # torn
                self._put(image, entry, lambda i: rng.random() < 0.5)
            elif rng.random() < share:
                self._put(image, entry, lambda i: True)
        return image
