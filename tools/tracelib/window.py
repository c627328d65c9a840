# tools/tracelib/window.py - the last moments of a guest
# SPDX-License-Identifier: MIT
"""By the guest's own clock: what a file has at its end is shown as it was."""

import collections

from . import model
from .names import Names
from .records import Record
from .schema import MARKS, RECLAIMERS

NS_PER_S = 1_000_000_000


class Task:
    """Of a process, in the window."""

    def __init__(self):
        self.faults = self.majors = self.ns = self.ins = 0
        self.causes: collections.Counter[int] = collections.Counter()


class Window:
    """Feed() it records; the rest is about the last @seconds of them."""

    def __init__(self, seconds: float = 2.0):
        self.width_ns = int(seconds * NS_PER_S)
        self.names = Names()
        self.now_ns = 0
        self.begin_ns: int | None = None
        self.records = self.dropped = 0
        self.zones: dict[int, list[int]] = {}   # free, min, low, high
        self._recent: collections.deque[Record] = collections.deque()

    KEPT = frozenset(("fault", "swap_in", "swap_out", "reclaim", "mark"))
    NAMING = frozenset(("name", "process"))  # files are many, and not shown

    def restart(self) -> None:
        """Another boot: its clock has begun again."""
        self.__init__(self.width_ns / NS_PER_S)

    def feed(self, record: Record) -> None:
        self.records += 1
        if record.type in self.NAMING:
            self.names.tell(record)
        self.now_ns = max(self.now_ns, record.time_ns)
        if self.begin_ns is None:
            self.begin_ns = record.time_ns
        if record.type == "zone":
            number, *values = record.values
            self.zones[number] = values
        elif record.type == "dropped":
            self.dropped += record.values[0]
        elif record.type == "mark" and record.values[0] in self.zones:
            self.zones[record.values[0]][0] = record.values[2]
        if record.type in self.KEPT:
            self._recent.append(record)
        while (self._recent and
               self._recent[0].time_ns < self.now_ns - self.width_ns):
            self._recent.popleft()

    @property
    def seconds(self) -> float:
        """That the window spans; less than it could just after the start."""
        past = self.now_ns - (self.begin_ns or 0)
        return max(min(past, self.width_ns) / NS_PER_S, 0.001)

    def tasks(self) -> dict[int, Task]:
        found: dict[int, Task] = collections.defaultdict(Task)
        for record in self._recent:
            if record.type == "fault":
                _, _, _, duration, info = record.values
                task = found[record.pid]
                task.faults += 1
                task.ns += duration
                task.causes[info & model.CAUSE_MASK] += 1
                if info & model.MAJOR and not info >> model.RESULT_SHIFT:
                    task.majors += 1
            elif record.type == "swap_in":
                found[record.pid].ins += 1
        return found

    def count(self, kind: str) -> int:
        return sum(record.type == kind for record in self._recent)

    def reclaim(self) -> dict[str, list[int]]:
        """By who: times, pages taken, ns."""
        found = {who: [0, 0, 0] for who in RECLAIMERS}
        for record in self._recent:
            if record.type == "reclaim" and record.values[0] < len(RECLAIMERS):
                entry = found[RECLAIMERS[record.values[0]]]
                entry[0] += 1
                entry[1] += record.values[3]
                entry[2] += record.values[4]
        return found

    def wakes(self) -> collections.Counter[int]:
        """Who woke kswapd."""
        low = MARKS.index("low")
        return collections.Counter(
            record.pid for record in self._recent
            if record.type == "mark" and record.values[1] == low)
