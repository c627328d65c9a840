# tools/tracelib/live.py - what is in a stream, while it comes
# SPDX-License-Identifier: MIT

import collections

from .pieces import Pieces
from .records import Reading, Record
from .schema import CAUSE_MASK, CAUSES, ZONES

PAGE_KIB = 4


class Live:
    """Counts what feed() is given, piece by piece."""

    def __init__(self):
        self.bytes = self.dropped = 0
        self.faults = collections.Counter()
        self.free: dict[int, int] = {}
        self._pieces = Pieces()
        self._reading = Reading()
        self._boots = 0

    @property
    def records(self) -> int:
        return self._reading.count

    @property
    def lost(self) -> int:
        return self._reading.lost

    @property
    def boots(self) -> int:
        return len(self._reading.boots)

    def feed(self, data: bytes, is_end: bool = False) -> None:
        self.bytes += len(data)
        for record in self._reading.take_all(self._pieces.frames(data,
                                                                 is_end)):
            if self.boots != self._boots:   # its zones may be others
                self._boots = self.boots
                self.free.clear()
            self._count(record)

    def _count(self, record: Record) -> None:
        if record.type == "fault":
            self.faults[record["info"] & CAUSE_MASK] += 1
        elif record.type == "zone":
            self.free[record["zone"]] = record["free"]
        elif record.type == "dropped":
            self.dropped += record["records"]

    def line(self, seconds: float, records_per_second: float) -> str:
        words = [f"{seconds:.0f} s", f"{self.bytes} bytes",
                 f"{self.records} records ({records_per_second:.0f}/s)"]
        if self.lost or self.dropped:
            words.append(f"{self.lost} lost, {self.dropped} dropped")
        if self.free:
            words.append("free " + ", ".join(
                f"{ZONES[zone]} {frames_ * PAGE_KIB} KiB"
                for zone, frames_ in sorted(self.free.items())
                if zone < len(ZONES) and frames_))
        if self.faults:
            words.append("faults " + ", ".join(
                f"{CAUSES[cause] if cause < len(CAUSES) else cause} {count}"
                for cause, count in self.faults.most_common()))
        return "; ".join(words)

    def summary(self) -> str:
        of = f" of {self.boots} boots" if self.boots > 1 else ""
        return (f"{self.bytes} bytes, {self.records} records{of}; {self.lost} "
                f"lost on the line, {self.dropped} dropped by the kernel; "
                f"{sum(self.faults.values())} faults")
