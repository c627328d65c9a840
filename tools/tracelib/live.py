# tools/tracelib/live.py - what is in a stream, while it comes
# SPDX-License-Identifier: MIT

import collections

from . import frames, lines, records
from .schema import CAUSES, ZONES
from .sequence import Sequence

# What a frame takes at most that has not come to its end yet.
UNFINISHED = 2 * len(lines.make(bytes(frames.FRAME_BYTES)))
KEPT_MAX = 1 << 16
PAGE_KIB = 4


class Live:
    """Counts what feed() is given, piece by piece."""

    def __init__(self):
        self.bytes = self.records = self.dropped = 0
        self.boots = 0
        self.faults = collections.Counter()
        self.free: dict[int, int] = {}
        self._sequence = Sequence()
        self._rest = b""

    @property
    def lost(self) -> int:
        return self._sequence.lost

    def feed(self, data: bytes, is_end: bool = False) -> None:
        self.bytes += len(data)
        self._rest += data
        # At the end of what is there a frame may look damaged which is not.
        sure = len(self._rest) - (0 if is_end else UNFINISHED)
        taken = 0
        for frame in frames.scan(self._rest):
            if frame.end > sure and frame.mended:
                break
            self._take(frame)
            taken = frame.end
        self._rest = self._rest[max(taken, len(self._rest) - KEPT_MAX):]

    def _take(self, frame: frames.Frame) -> None:
        try:
            found = records.unpack(frame.packed)
        except records.Damaged:
            return
        if not found:
            return
        if frame.number == 0 and found[0].type == "start":
            self.boots += 1
            self._sequence.restart(0)
        elif not self.records:
            self._sequence.restart(frame.number)
        found = self._sequence.take(frame.number, found)
        self.records += len(found)
        for record in found:
            self._count(record)

    def _count(self, record: records.Record) -> None:
        if record.type == "fault":
            self.faults[record["info"] & 31] += 1
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
        return (f"{self.bytes} bytes, {self.records} records; {self.lost} lost "
                f"on the line, {self.dropped} dropped by the kernel; "
                f"{sum(self.faults.values())} faults")
