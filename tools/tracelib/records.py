# tools/tracelib/records.py - records out of frames
# SPDX-License-Identifier: MIT

import dataclasses

from .frames import Frame
from .schema import TYPES

TIME_NS = 64
NUMBER_BYTES_MAX = 10
ARGS = 5


class Damaged(Exception):
    """A frame whose CRC is right, and that no kernel of ours has made."""


@dataclasses.dataclass(frozen=True)
class Record:
    type: str
    time_ns: int
    pid: int
    values: tuple[int, ...]

    def __getitem__(self, name: str) -> int:
        names = [field.name for field in BY_NAME[self.type].fields]
        return self.values[names.index(name)]


BY_NAME = {kind.name: kind for kind in TYPES.values()}


class _Reader:
    def __init__(self, data: bytes):
        self._data = data
        self._at = 0

    def byte(self) -> int:
        """0 behind the end, as in the rest of a frame."""
        if self._at >= len(self._data):
            return 0
        self._at += 1
        return self._data[self._at - 1]

    def number(self) -> int:
        value = shift = 0
        for _ in range(NUMBER_BYTES_MAX):
            if self._at >= len(self._data):
                raise Damaged("a number goes on behind the end")
            byte = self.byte()
            value |= (byte & 0x7f) << shift
            if byte < 0x80:
                return value
            shift += 7
        raise Damaged("a number without end")

    def difference(self) -> int:
        folded = self.number()
        return folded >> 1 ^ -(folded & 1)


def unpack(packed: bytes) -> list[Record]:
    """The records of one frame."""
    reader = _Reader(packed)
    found = []
    time = pid = 0
    last: dict[int, list[int]] = {}
    strides: dict[int, list[int]] = {}
    while number := reader.byte():
        kind = TYPES.get(number)
        if kind is None:
            raise Damaged(f"no record has the type {number}")
        mask = reader.byte()
        time += reader.difference()
        if mask & 1:
            pid = (pid + reader.difference()) & 0xffffff
        values = last.setdefault(number, [0] * ARGS)
        stride = strides.setdefault(number, [0] * ARGS)
        for i, field in enumerate(kind.fields):
            there = mask & 2 << i
            if field.coding in ("value", "time"):
                unit = TIME_NS if field.coding == "time" else 1
                values[i] = reader.number() * unit & 0xffffffff if there else 0
                continue
            difference = reader.difference() if there else stride[i]
            values[i] = (values[i] + difference) & 0xffffffff
            if field.coding == "stride":
                stride[i] = difference
        found.append(Record(kind.name, time * TIME_NS, pid,
                            tuple(values[:len(kind.fields)])))
    return found


@dataclasses.dataclass
class Stream:
    """What was in a capture. @lost: records that frames were sent of and that
    are not here; @noise: bytes that belong to no frame."""
    records: list[Record]
    lost: int = 0
    mended: int = 0
    noise: int = 0


def join(frames: list[Frame], total_bytes: int) -> Stream:
    stream = Stream([])
    expected = None
    for frame in frames:
        try:
            records = unpack(frame.packed)
        except Damaged:
            continue
        if expected is not None:
            stream.lost += (frame.number - expected) % 65536
        expected = (frame.number + len(records)) % 65536
        stream.records += records
        stream.mended += frame.mended
    stream.noise = total_bytes - sum(frame.length for frame in frames)
    return stream
