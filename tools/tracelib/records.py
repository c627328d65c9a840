# tools/tracelib/records.py - records out of frames
# SPDX-License-Identifier: MIT

import dataclasses
from collections.abc import Iterable, Iterator

from .frames import NUMBER_BITS, Frame
from .schema import TYPES

TIME_NS = 64
ARGS = 5
SYMBOL_BITS = 7
TYPE_BITS = 5
GROUP_BITS = 4
NUMBER_BITS_MAX = 64
PAGE_BITS = 12
# A time: how many times a 1 it begins with at most; its parameter.
ESCAPE_Q = 6
TIME_K, FIELD_K, K_MAX = 9, 6, 20


class Damaged(Exception):
    """A frame whose CRC is right, and that no kernel of ours has made."""


@dataclasses.dataclass(slots=True)
class Record:
    type: str
    time_ns: int
    pid: int
    values: tuple[int, ...]

    def __getitem__(self, name: str) -> int:
        return self.values[PLACES[self.type][name]]


BY_NAME = {kind.name: kind for kind in TYPES.values()}
PLACES = {kind.name: {field.name: i for i, field in enumerate(kind.fields)}
          for kind in TYPES.values()}


class _Reader:
    def __init__(self, symbols: bytes):
        self._value = 0
        for symbol in symbols:
            self._value = self._value << SYMBOL_BITS | symbol
        self._left = SYMBOL_BITS * len(symbols)

    def bits(self, count: int) -> int:
        """0 behind the end: so a frame ends that is full."""
        if count > self._left:
            self._left = 0
            return 0
        self._left -= count
        return self._value >> self._left & ((1 << count) - 1)

    def number(self) -> int:
        value = shift = 0
        while shift < NUMBER_BITS_MAX:
            group = self.bits(GROUP_BITS + 1)
            value |= group >> 1 << shift
            if not group & 1:
                return value
            shift += GROUP_BITS
        raise Damaged("a number without end")

    def difference(self) -> int:
        folded = self.number()
        return folded >> 1 ^ -(folded & 1)

    def time(self, k: int) -> int | None:
        """None: it is a number, which follows."""
        q = 0
        while self.bits(1):
            q += 1
            if q == ESCAPE_Q:
                return None
        return q << k | self.bits(k)


def _next_k(k: int, value: int) -> int:
    return k if value < 0 else min((k + value.bit_length()) // 2, K_MAX)


class _Expected:
    """Of the next record of a type, in one frame."""

    def __init__(self, kind):
        count = len(kind.fields)
        self.values = [0] * count
        self._kind = kind
        self._strides = [0] * count
        self._k = [FIELD_K] * count
        self._mask = (1 << count) - 1

    def read(self, reader: _Reader) -> tuple[int, ...]:
        count = len(self.values)
        if reader.bits(1):
            self._mask = reader.bits(count)
        for i, field in enumerate(self._kind.fields):
            there = self._mask >> (count - 1 - i) & 1
            if field.coding == "value":
                self.values[i] = reader.number() & 0xffffffff if there else 0
            elif field.coding == "time":
                self.values[i] = self._time(reader, i) if there else 0
            else:
                self._difference(reader, i, field.coding, there)
        return tuple(self.values)

    def _time(self, reader: _Reader, i: int) -> int:
        value = reader.time(self._k[i])
        if value is None:
            value = reader.number()
        self._k[i] = _next_k(self._k[i], value)
        return value * TIME_NS & 0xffffffff

    def _difference(self, reader: _Reader, i: int, coding: str, there) -> None:
        difference = self._strides[i]
        if there:
            pages = coding == "address" and reader.bits(1)
            difference = reader.difference() << (PAGE_BITS if pages else 0)
        self.values[i] = (self.values[i] + difference) & 0xffffffff
        if coding != "same":
            self._strides[i] = difference


def unpack(packed: bytes) -> list[Record]:
    """The records of one frame."""
    reader = _Reader(packed)
    reader.bits(NUMBER_BITS)
    found = []
    number = time = pid = 0
    time_k = TIME_K
    expected: dict[int, _Expected] = {}
    while True:
        if not reader.bits(1):
            number = reader.bits(TYPE_BITS)
            if not number:
                return found
            if reader.bits(1):
                pid = (pid + reader.difference()) & 0xffffff
        kind = TYPES.get(number)
        if kind is None:
            raise Damaged(f"no record has the type {number}")
        difference = reader.time(time_k) if found else None
        if difference is None:
            difference = reader.difference()
        if found:
            time_k = _next_k(time_k, difference)
        time += difference
        if number not in expected:
            expected[number] = _Expected(kind)
        values = expected[number].read(reader)
        found.append(Record(kind.name, time * TIME_NS, pid, values))


# What ktrace says of its own accord is of the moment when it is sent, so no
# record before it in the stream is of later. Others have lain in the ring.
SAID_NOW = frozenset(("start", "zone", "lru", "counter", "dropped"))
BOOT_NS = 60_000_000_000


@dataclasses.dataclass
class Stream:
    """What was in a capture. @lost: records that frames were sent of and that
    are not here; @noise: bytes that belong to no frame; @boots: the number of
    the record that each boot begins with, ascending, the first 0."""
    records: list[Record]
    lost: int = 0
    mended: int = 0
    noise: int = 0
    boots: list[int] = dataclasses.field(default_factory=list)

    @property
    def count(self) -> int:
        return len(self.records)

    def by_boot(self) -> list[list[Record]]:
        ends = self.boots[1:] + [len(self.records)]
        return [self.records[start:end]
                for start, end in zip(self.boots, ends)]


class Reading:
    """The records of frames, as they are iterated over; what was lost so far is
    in the attributes, which are as Stream's."""

    def __init__(self, found: Iterable[Frame], total_bytes: int):
        self.count = self.lost = self.mended = 0
        self.noise = total_bytes
        self.boots: list[int] = []
        self._frames = found
        self._newest = 0

    def _is_of_new_boot(self, records: list[Record]) -> bool:
        """Of the machine started anew: its clock has begun again. A START that
        was sent because the groups were changed is of the same boot."""
        newest = self._newest
        return (any(record.time_ns < newest and record.type in SAID_NOW
                    for record in records) or
                all(record.time_ns + BOOT_NS < newest for record in records))

    def __iter__(self) -> Iterator[Record]:
        expected = 0
        for frame in self._frames:
            try:
                records = unpack(frame.packed)
            except Damaged:
                continue
            if not records:
                continue
            if not self.boots:
                self.boots.append(0)
                expected = frame.number  # listening may have begun late
            elif self._is_of_new_boot(records):
                self.boots.append(self.count)
                self._newest = expected = 0
            self.lost += (frame.number - expected) % 65536
            expected = frame.number + len(records)
            self._newest = max(self._newest,
                               max(record.time_ns for record in records))
            self.mended += frame.mended
            self.noise -= frame.length
            self.count += len(records)
            yield from records


def join(frames: list[Frame], total_bytes: int) -> Stream:
    reading = Reading(frames, total_bytes)
    found = list(reading)
    return Stream(found, reading.lost, reading.mended, reading.noise,
                  reading.boots)
