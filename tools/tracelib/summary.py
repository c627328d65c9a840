# tools/tracelib/summary.py - a trace summed up, and two compared
# SPDX-License-Identifier: MIT
"""Summary adds up what records tell: faults by cause with what they took, swap,
reclaim, disks, and who paid. Times are ns of the guest's clock. Tasks are
summed up by their names, as two runs do not give them the same numbers.

Rows of two summaries stand side by side; which one has changed most is said by
score(): a difference in counts, measured by the noise that counts have.
"""

import collections
import dataclasses
import math
from array import array
from collections.abc import Iterable

from .columns import get
from .names import Names
from .records import Record


def percentile(ordered, percent: float) -> int:
    """The value that so many of @ordered have at most."""
    place = math.ceil(len(ordered) * percent / 100) - 1
    return ordered[max(place, 0)]


@dataclasses.dataclass
class Group:
    """Things of a kind: how many, and how long each one took."""
    count: int = 0
    durations: array = dataclasses.field(default_factory=lambda: array("I"))
    _sorted: bool = True

    def add(self, duration_ns: int) -> None:
        self.count += 1
        self.durations.append(duration_ns)
        self._sorted = False

    @property
    def total_ns(self) -> int:
        return sum(self.durations)

    def percentile(self, percent: float) -> int:
        """The duration that so many have at most; 0 if there are none."""
        if not self.durations:
            return 0
        if not self._sorted:
            self.durations = array("I", sorted(self.durations))
            self._sorted = True
        return percentile(self.durations, percent)


@dataclasses.dataclass
class Task:
    """All tasks of one name. reclaim_ns: of direct reclaim, that they paid for;
    most of it is within faults."""
    faults: int = 0
    major: int = 0
    fault_ns: int = 0
    reclaim_ns: int = 0


def _groups() -> dict[str, Group]:
    return collections.defaultdict(Group)


@dataclasses.dataclass
class Summary:
    records: int = 0
    length_ns: int = 0  # from the first record to the last, of all boots
    dropped: int = 0    # by the kernel
    lost: int = 0       # on the line: to be set by who knows
    major: int = 0
    causes: dict[str, Group] = dataclasses.field(default_factory=_groups)
    tasks: dict[str, Task] = dataclasses.field(
        default_factory=lambda: collections.defaultdict(Task))
    reclaim: dict[str, Group] = dataclasses.field(default_factory=_groups)
    swap: dict[str, Group] = dataclasses.field(default_factory=_groups)
    disk: dict[str, Group] = dataclasses.field(default_factory=_groups)
    # All else that is counted: by a name of two or three words.
    counts: dict[str, int] = dataclasses.field(
        default_factory=collections.Counter)
    # What counters of /proc/vmstat have gained.
    counters: dict[str, int] = dataclasses.field(
        default_factory=collections.Counter)

    def _fault(self, record: Record, task: Task) -> None:
        duration = record["duration"]
        self.causes[str(get(record, "cause"))].add(duration)
        task.faults += 1
        task.fault_ns += duration
        if get(record, "weight") == "major":
            self.major += 1
            task.major += 1

    def _reclaim(self, record: Record, task: Task) -> None:
        who = get(record, "who")
        self.reclaim[f"by {who}"].add(record["duration"])
        self.counts[f"pages scanned, {who}"] += record["scanned"]
        self.counts[f"pages reclaimed, {who}"] += record["reclaimed"]
        if who == "direct":
            task.reclaim_ns += record["duration"]

    def _skipped(self, record: Record, task: Task) -> None:
        for name in ("used", "dirty", "locked", "no_slot", "busy"):
            self.counts[f"pages kept, {name}"] += record[name]

    def _swap_out(self, record: Record, task: Task) -> None:
        self.swap["out"].add(record["duration"])

    def _swap_in(self, record: Record, task: Task) -> None:
        self.swap[f"in, {get(record, 'why')}"].add(record["duration"])

    def _refault(self, record: Record, task: Task) -> None:
        self.counts[f"refaults, {get(record, 'kind')}"] += 1

    def _readahead(self, record: Record, task: Task) -> None:
        source = "files" if record["file"] else "swap"
        what = get(record, "what")
        self.counts[f"read-ahead of {source}, pages {what}"] += (
            record["count"] if what == "read" else 1)

    def _disk(self, record: Record, task: Task) -> None:
        what = get(record, "what")
        self.disk[str(what)].add(record["duration"])
        self.counts[f"sectors, {what}"] += record["sectors"]
        if record["error"]:
            self.counts["disk errors"] += 1

    def _writeback(self, record: Record, task: Task) -> None:
        self.disk["writeback"].add(record["duration"])
        self.counts["pages written back"] += record["count"]

    def _oom(self, record: Record, task: Task) -> None:
        self.counts["killed for memory"] += 1

    def _dropped(self, record: Record, task: Task) -> None:
        self.dropped += record["records"]

    ADDERS = {"fault": _fault, "reclaim": _reclaim, "skipped": _skipped,
              "swap_out": _swap_out, "swap_in": _swap_in, "refault": _refault,
              "readahead": _readahead, "disk": _disk, "writeback": _writeback,
              "oom": _oom, "dropped": _dropped}

    def add_boot(self, records: Iterable[Record]) -> None:
        names = Names()
        first_ns, last_ns = None, 0
        begun: dict[int, int] = {}
        gained: dict[int, tuple[str | int, int]] = {}
        for record in records:
            names.tell(record)
            self.records += 1
            first_ns = (record.time_ns if first_ns is None else
                        min(first_ns, record.time_ns))
            last_ns = max(last_ns, record.time_ns)
            adder = self.ADDERS.get(record.type)
            if adder:
                adder(self, record, self.tasks[names.task(record.pid)])
            elif record.type == "counter":
                number, value = record.values
                begun.setdefault(number, value)
                gained[number] = (get(record, "counter"),
                                  value - begun[number] & 0xffffffff)
        self.length_ns += last_ns - (first_ns or 0)
        for name, value in gained.values():
            self.counters[str(name)] += value


@dataclasses.dataclass(frozen=True)
class Row:
    """A number of two traces. @unit: "" for counts, or ns."""
    name: str
    a: float
    b: float
    unit: str = ""

    def score(self) -> float:
        """How far beyond what chance makes of counts; of times, by the tenth
        of a millisecond."""
        scale = 1e-5 if self.unit == "ns" else 1
        a, b = self.a * scale, self.b * scale
        return abs(b - a) / math.sqrt(a + b + 1)


def rows(name: str, a: dict, b: dict, value, unit: str = "") -> list[Row]:
    """Of two dictionaries, the one that changed most first; @name has {} for
    the key; @value: of an entry."""
    found = [Row(name.format(key), value(a[key]) if key in a else 0,
                 value(b[key]) if key in b else 0, unit)
             for key in dict.fromkeys([*a, *b])]
    return by_change(row for row in found if row.a or row.b)


def by_change(found: Iterable[Row]) -> list[Row]:
    return sorted(found, key=lambda row: (-row.score(), row.name))
