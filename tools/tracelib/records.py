# tools/tracelib/records.py - records out of frames
# SPDX-License-Identifier: MIT

import dataclasses
from collections.abc import Iterable, Iterator

from .frames import NUMBER_BITS, Frame
from .schema import TYPES
from .sequence import TOLD, Sequence

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


ZEROS = 1024
TIME_MAX = (1 << 63) // TIME_NS - 1
WORD, PID_MAX = 0xffffffff, 0xffffff
LEADING_ONES = [ESCAPE_Q - (i ^ (1 << ESCAPE_Q) - 1).bit_length()
                for i in range(1 << ESCAPE_Q)]
TWO_GROUPS = 2 * (GROUP_BITS + 1)


def _two_groups(bits: int) -> tuple[int, int, int]:
    """What a number that begins with these bits has in them: its value, how
    many of them it takes, and whether there is more."""
    first, second = bits >> GROUP_BITS + 1, bits & (2 << GROUP_BITS) - 1
    if not first & 1:
        return first >> 1, GROUP_BITS + 1, 0
    return (second >> 1 << GROUP_BITS | first >> 1, TWO_GROUPS, second & 1)


GROUPS = [_two_groups(bits) for bits in range(1 << TWO_GROUPS)]
# (place, its bit in the mask, coding) of each field
CODINGS = {number: [(i, 1 << len(kind.fields) - 1 - i, field.coding)
                    for i, field in enumerate(kind.fields)]
           for number, kind in TYPES.items()}


class Damaged(Exception):
    """A frame that is whole, and that no kernel of ours has made."""


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
    """Bits from the highest on. Behind the end there are zeros, more than any
    record can take: so a frame ends that is full."""

    def __init__(self, symbols: bytes):
        value = 0
        for symbol in symbols:
            value = value << SYMBOL_BITS | symbol
        self._value = value << ZEROS
        self._left = SYMBOL_BITS * len(symbols) + ZEROS

    def bits(self, count: int) -> int:
        self._left = left = self._left - count
        return self._value >> left & ((1 << count) - 1)

    def number(self) -> int:
        bits, left = self._value, self._left
        value = 0
        for shift in range(0, NUMBER_BITS_MAX, 2 * GROUP_BITS):
            part, used, more = GROUPS[bits >> left - TWO_GROUPS &
                                      (1 << TWO_GROUPS) - 1]
            left -= used
            value |= part << shift
            if not more:
                self._left = left
                return value
        raise Damaged("a number without end")

    def difference(self) -> int:
        folded = self.number()
        return folded >> 1 ^ -(folded & 1)

    def time(self, k: int) -> int | None:
        """None: it is a number, which follows."""
        left = self._left - ESCAPE_Q
        q = LEADING_ONES[self._value >> left & ((1 << ESCAPE_Q) - 1)]
        if q == ESCAPE_Q:
            self._left = left
            return None
        self._left = left = left + ESCAPE_Q - 1 - q - k
        return q << k | self._value >> left & ((1 << k) - 1)


def _next_k(k: int, value: int) -> int:
    return k if value < 0 else min((k + value.bit_length()) // 2, K_MAX)


class _Expected:
    """Of the next record of a type, in one frame."""

    def __init__(self, number: int):
        self.kind = TYPES.get(number)
        if self.kind is None:
            raise Damaged(f"no record has the type {number}")
        self._count = count = len(self.kind.fields)
        self._values = [0] * count
        self._strides = [0] * count
        self._k = [FIELD_K] * count
        self._mask = (1 << count) - 1
        self._codings = CODINGS[number]

    def read(self, reader: _Reader) -> tuple[int, ...]:
        if reader.bits(1):
            self._mask = reader.bits(self._count)
        mask, values, strides = self._mask, self._values, self._strides
        for i, bit, coding in self._codings:
            if coding == "value":
                values[i] = reader.number() & WORD if mask & bit else 0
            elif coding == "time":
                values[i] = self._time(reader, i) if mask & bit else 0
            else:
                difference = strides[i]
                if mask & bit:
                    pages = coding == "address" and reader.bits(1)
                    difference = reader.difference()
                    if pages:
                        difference <<= PAGE_BITS
                    if coding != "same":
                        strides[i] = difference
                values[i] = values[i] + difference & WORD
        return tuple(values)

    def _time(self, reader: _Reader, i: int) -> int:
        k = self._k[i]
        value = reader.time(k)
        if value is None:
            value = reader.number()
        self._k[i] = _next_k(k, value)
        return value * TIME_NS & WORD


def unpack(packed: bytes) -> list[Record]:
    """The records of one frame."""
    reader = _Reader(packed)
    reader.bits(NUMBER_BITS)
    found: list[Record] = []
    number = time = pid = 0
    time_k = TIME_K
    expected: dict[int, _Expected] = {}
    while True:
        if not reader.bits(1):
            number = reader.bits(TYPE_BITS)
            if not number:
                return found
            if reader.bits(1):
                pid = (pid + reader.difference()) & PID_MAX
        this = expected.get(number)
        if this is None:
            this = expected[number] = _Expected(number)
        difference = reader.time(time_k) if found else None
        if difference is None:
            difference = reader.difference()
        if found:
            time_k = _next_k(time_k, difference)
        time += difference
        if not 0 <= time <= TIME_MAX:
            raise Damaged("a time that no clock shows")
        found.append(Record(this.kind.name, time * TIME_NS, pid,
                            this.read(reader)))


# What ktrace says of its own accord is of the moment when it is sent, so no
# record before it in the stream is of later. Others have lain in the ring.
SAID_NOW = frozenset(("start", "zone", "lru", "counter", "dropped"))
# The ring's records come in order, but for those of a frame that is sent again.
BOOT_NS = 10_000_000_000


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


def _newest_of_ring(records: list[Record]) -> int:
    return max((record.time_ns for record in records
                if record.type not in TOLD), default=0)


class Reading:
    """Takes frames one by one. What there was so far is in the attributes,
    which are as Stream's."""

    def __init__(self, total_bytes: int = 0):
        self.count = self.mended = 0
        self.noise = total_bytes
        self.boots: list[int] = []
        self._sequence = Sequence()
        self._newest = self._newest_of_ring = 0

    @property
    def lost(self) -> int:
        return self._sequence.lost

    def _is_of_new_boot(self, records: list[Record]) -> bool:
        """Of the machine started anew: its clock has begun again. A START that
        was sent because the groups were changed is of the same boot."""
        newest = self._newest
        return (any(record.time_ns < newest and record.type in SAID_NOW
                    for record in records) or
                0 < _newest_of_ring(records) < self._newest_of_ring - BOOT_NS)

    def take(self, frame: Frame) -> list[Record]:
        """Its records, but for those that have come before."""
        try:
            records = unpack(frame.packed)
        except Damaged:
            return []
        if not records:
            return []
        if not self.boots:
            self.boots.append(0)
            # Listening may have begun late.
            self._sequence.restart(frame.number)
        elif self._is_of_new_boot(records):
            self.boots.append(self.count)
            self._newest = self._newest_of_ring = 0
            self._sequence.restart(0)
        self._newest = max(self._newest,
                           max(record.time_ns for record in records))
        self._newest_of_ring = max(self._newest_of_ring,
                                   _newest_of_ring(records))
        records = self._sequence.take(frame.number, records)
        self.mended += frame.mended
        self.noise -= frame.length
        self.count += len(records)
        return records

    def take_all(self, frames: Iterable[Frame]) -> Iterator[Record]:
        for frame in frames:
            yield from self.take(frame)


def join(frames: Iterable[Frame], total_bytes: int) -> Stream:
    reading = Reading(total_bytes)
    found = list(reading.take_all(frames))
    return Stream(found, reading.lost, reading.mended, reading.noise,
                  reading.boots)
