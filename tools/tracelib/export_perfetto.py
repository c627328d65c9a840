# tools/tracelib/export_perfetto.py - as ui.perfetto.dev and Chrome show it
# SPDX-License-Identifier: MIT
"""Chrome's trace events, as JSON. What has taken time is an event with its
duration (X) in the row of its task: faults, reclaim, writeback, system calls,
interrupts. Transfers of swap and requests of disks overlap, and go on while
their task sleeps: they have processes of their own, with as many rows as were
under way at a time. So has the CPU, when switches were traced. Free memory, the
LRU lists and the counters of /proc/vmstat are counters (C), all else instants
(i).

A record is made at the end of what it tells, so that its event begins earlier.
Boots lie one behind the other, and the tasks of later ones are numbered apart.
"""

import bisect
import json
from collections.abc import Iterable
from pathlib import Path

from . import text
from .columns import get
from .names import Names
from .records import PLACES, Record

# Which column an event is called by; else its type.
TITLES = {"fault": "cause", "reclaim": "who", "syscall": "call",
          "process": "what", "mark": "mark", "disk": "what", "cache": "what",
          "map": "what", "readahead": "what", "irq": "line"}
GLOBAL = frozenset(("dropped", "oom", "start", "filter"))
# Processes that no task is: numbers that no task has.
BOOT_PIDS = 1 << 23
BOOTS_APART = 256  # that pids of 31 bits have room for
ROWS = {"swap_in": "swap reads", "swap_out": "swap writes", "disk": "disk"}
MACHINE, CPU, FIRST_ROWS = BOOT_PIDS - 1, BOOT_PIDS - 2, BOOT_PIDS - 3
GAP_NS = 1_000_000_000  # between two boots


class _Rows:
    """Finds each of many events that overlap a row in which nothing is."""

    def __init__(self) -> None:
        self._ends: list[int] = []

    def row(self, start: int, end: int) -> int:
        for i, last in enumerate(self._ends):
            if last <= start:
                self._ends[i] = end
                return i
        self._ends.append(end)
        return len(self._ends) - 1


class _Boot:
    """@base: its first pid here; @at_ns: where its clock begins."""

    def __init__(self, number: int, at_ns: int):
        self.number, self.at_ns = number, at_ns
        self.base = number % BOOTS_APART * BOOT_PIDS
        self.names = Names()
        self.end_ns = at_ns
        self._rows = {type: _Rows() for type in ROWS}
        self._pids = {type: FIRST_ROWS - i for i, type in enumerate(ROWS)}
        self._used: set[tuple[int, int]] = set()  # rows
        self._leaders: dict[int, int] = {}        # of threads
        self._counted: dict[str, int] = {}
        self._switched: int | None = None
        self._starts: list[int] = []

    def events(self, record: Record):
        self.names.tell(record)
        self.end_ns = max(self.end_ns, self.at_ns + record.time_ns)
        type = record.type
        if type == "process":
            self._follow(record)
        if type in ("start", "dropped"):
            self._switched = None   # what has run since is not known
        if type == "start":
            self._starts.append(record.time_ns)
        if type in ("name", "file"):
            return
        if type in COUNTERS:
            yield from COUNTERS[type](self, record)
        elif "duration" in PLACES[type]:
            yield self._complete(record)
        else:
            if type == "switch":
                yield from self._ran(record)
            yield self._instant(record)

    def _follow(self, record: Record) -> None:
        """Threads, and numbers of theirs that are given again."""
        what, number = get(record, "what"), record["number"]
        if what == "thread":
            leader = self._leaders.get(record.pid, record.pid)
            self._leaders[number] = leader
        elif what == "fork":
            self._leaders.pop(number, None)
        elif what == "exec":    # the thread that is left is the leader
            self._leaders.pop(record.pid, None)

    def _head(self, phase: str, name, time_ns: int, pid: int, tid: int) -> dict:
        self._used.add((pid, tid))
        return {"ph": phase, "name": str(name), "pid": self.base + pid,
                "tid": self.base + tid,
                "ts": (self.at_ns + time_ns) / 1000}

    def _own(self, record: Record) -> tuple[int, int]:
        """Process and thread."""
        return self._leaders.get(record.pid, record.pid), record.pid

    def _title(self, cells: dict, type: str):
        title = cells.get(TITLES.get(type))
        return f"{type} {title}" if title is not None else type

    def _complete(self, record: Record) -> dict:
        type = record.type
        cells = dict(text.cells(record, self.names))
        duration = record["duration"]
        # One that began before the clock did was cut off.
        start = max(record.time_ns - duration, 0)
        if type in ROWS:
            row = self._rows[type].row(start, record.time_ns)
            place = self._pids[type], row
            cells["pid"] = record.pid
        else:
            place = self._own(record)
        event = self._head("X", self._title(cells, type), start, *place)
        return event | {"cat": type, "dur": duration / 1000, "args": cells}

    def _instant(self, record: Record) -> dict:
        cells = dict(text.cells(record, self.names))
        event = self._head("i", self._title(cells, record.type),
                           record.time_ns, *self._own(record))
        scope = "g" if record.type in GLOBAL else "t"
        return event | {"cat": record.type, "s": scope, "args": cells}

    def _ran(self, record: Record):
        """What the CPU has done since the last switch."""
        start, self._switched = self._switched, record.time_ns
        if start is None or start > record.time_ns:
            return
        # START comes before what was in the ring by then.
        if (bisect.bisect_right(self._starts, start) ==
                bisect.bisect_right(self._starts, record.time_ns)):
            event = self._head("X", self.names.task(record.pid), start, CPU, 0)
            yield event | {"cat": "switch",
                           "dur": (record.time_ns - start) / 1000,
                           "args": {"pid": record.pid}}

    def _counter(self, name: str, record: Record, values: dict) -> dict:
        event = self._head("C", name, record.time_ns, MACHINE, MACHINE)
        return event | {"cat": record.type, "args": values}

    def _zone(self, record: Record):
        values = dict(text.cells(record, self.names))
        zone = values.pop("zone")
        yield self._counter(f"free {zone}", record,
                            {"free": values.pop("free")})
        yield self._counter(f"marks {zone}", record, values)

    def _lru(self, record: Record):
        values = dict(text.cells(record, self.names))
        yield self._counter("swap used", record,
                            {"pages": values.pop("swap_used", 0)})
        yield self._counter("LRU", record, values)

    def _vmstat(self, record: Record):
        name, value = get(record, "counter"), record["value"]
        if self._counted.get(name) != value:
            self._counted[name] = value
            yield self._counter(f"vmstat {name}", record, {"value": value})

    def metadata(self):
        """What the rows are called; when all has been told."""
        boot = f", boot {self.number + 1}" if self.number else ""
        called = {MACHINE: "memory", CPU: "CPU"} | {
            self._pids[type]: name for type, name in ROWS.items()}
        for pid in sorted({pid for pid, _ in self._used}):
            name = called.get(pid) or self.names.task(pid)
            yield self._metadata("process_name", pid, pid,
                                 {"name": name + boot})
            if pid in called:
                yield self._metadata("process_sort_index", pid, pid,
                                     {"sort_index": pid - BOOT_PIDS})
        for pid, tid in sorted(self._used):
            name = "" if pid in called else self.names.task(tid)
            yield self._metadata("thread_name", pid, tid,
                                 {"name": name or f"row {tid + 1}"
                                  if pid != MACHINE else "counters"})

    def _metadata(self, name: str, pid: int, tid: int, args: dict) -> dict:
        return {"ph": "M", "name": name, "pid": self.base + pid,
                "tid": self.base + tid, "args": args}


COUNTERS = {"zone": _Boot._zone, "lru": _Boot._lru, "counter": _Boot._vmstat}


def _events(records: Iterable[tuple[int, Record]]):
    boot = _Boot(0, 0)
    for number, record in records:
        if number != boot.number:
            yield from boot.metadata()
            boot = _Boot(number, boot.end_ns + GAP_NS)
        yield from boot.events(record)
    yield from boot.metadata()


def write(records: Iterable[tuple[int, Record]], file: Path) -> None:
    """@records: (boot, record)"""
    with file.open("w", encoding="utf-8") as out:
        out.write('{"displayTimeUnit": "ns", "traceEvents": [')
        separator = "\n"
        for event in _events(records):
            out.write(separator)
            out.write(json.dumps(event, separators=(",", ":")))
            separator = ",\n"
        out.write("\n]}\n")
