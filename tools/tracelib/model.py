# tools/tracelib/model.py - what was going on, out of records
# SPDX-License-Identifier: MIT
"""A History is fed records in their order, and has at any time what is known of
the machine by then. Nothing is supposed to be complete: records may have been
lost, tracing may have begun long after the boot, and a task that is met first
in a fault is there from then on. Times are those of the guest's clock, ns.

Faults, of which there may be a million, are kept as columns; the rest as lists
of tuples, whose fields the class of the same name says.
"""

import bisect
import collections
import math
from array import array
from typing import NamedTuple

from .names import Names, name_of
from .records import SAID_NOW, Record
from .schema import (BITS, CAUSE_MASK, CAUSES, MARKS, PROCESSES, READAHEADS,
                     RECLAIMERS, ZONES)
from .spaces import Space

MAJOR = BITS["TRACE_FAULT_MAJOR"]
RESULT_SHIFT = BITS["TRACE_FAULT_RESULT_SHIFT"]
AREA_SHIFT = BITS["TRACE_FAULT_AREA_SHIFT"]
ZONE_SHIFT = BITS["TRACE_ZONE_SHIFT"]
REFAULT_FILE = BITS["TRACE_REFAULT_FILE"]
STACK_AREA = 2
SWAP = 0  # as READAHEAD.file


class Wake(NamedTuple):
    time_ns: int
    pid: int        # in whose name the mark was passed
    zone: int
    mark: str
    free: int


class Reclaim(NamedTuple):
    time_ns: int    # its end
    pid: int
    who: str
    zone: int
    scanned: int
    reclaimed: int
    duration_ns: int


class Transfer(NamedTuple):
    time_ns: int    # its end
    pid: int
    slot: int
    duration_ns: int
    why: int        # of a page that comes in


class Refault(NamedTuple):
    time_ns: int
    pid: int
    distance: int
    kind: int


class Start(NamedTuple):
    """What was to be traced from then on."""
    time_ns: int
    groups: int


class Faults:
    """Columns; `time` is the end of the fault."""

    def __init__(self):
        self.time = array("Q")
        self.pid = array("I")
        self.address = array("I")
        self.eip = array("I")
        self.duration = array("I")
        self.info = array("I")
        self.owner = array("I")     # in History.processes

    def __len__(self) -> int:
        return len(self.time)

    def cause(self, i: int) -> int:
        return self.info[i] & CAUSE_MASK

    def is_major(self, i: int) -> bool:
        """As the kernel counts them: not those that ended in a signal."""
        return self.info[i] & MAJOR and not self.info[i] >> RESULT_SHIFT


class Process:
    """Of a number that was given twice there are two."""

    def __init__(self, pid: int, start_ns: int, index: int):
        self.pid = pid
        self.index = index
        self.name = ""
        self.names: list[tuple[int, str]] = []
        self.start_ns = start_ns
        self.end_ns: int | None = None      # of its last record, if it lives
        self.has_ended = False
        self.rss_max = 0
        self.programs: list[tuple[int, int]] = []   # (time, file), by exec
        self.program = 0                    # the file; 0: not known
        self.tasks = {pid}                  # that live
        self.space = Space()
        self.cpu_ns = 0

    @property
    def label(self) -> str:
        return f"{self.name or '?'} ({self.pid})"


class Zone:
    def __init__(self):
        self.samples: list[tuple[int, int]] = []    # (time, free)
        self.min = self.low = self.high = 0


class ReadAhead:
    def __init__(self):
        self.requests = self.read = self.used = self.unused = 0


class Slot:
    """Of swap: when it was written and read, in order."""

    def __init__(self):
        self.outs: list[int] = []
        self.ins: list[int] = []


class History:
    def __init__(self):
        self.records = 0
        self.counts: collections.Counter[str] = collections.Counter()
        self.start_ns: int | None = None
        self.end_ns = 0
        self.ring_ns = 0        # of the newest record that came by the ring
        self.groups = 0
        self.filters = 0        # TRACE_FILTER_*, by bits
        self.frames = 0         # of memory
        self.starts: list[Start] = []
        self.processes: list[Process] = []
        self.names = Names()    # of files; tasks are processes'
        self.faults = Faults()
        self.zones: dict[int, Zone] = {}
        self.lru: list[tuple[int, tuple[int, ...]]] = []
        self.counters: dict[int, list[tuple[int, int]]] = {}
        self.wakes: list[Wake] = []
        self.reclaims: list[Reclaim] = []
        self.skipped: list[tuple[int, int, tuple[int, ...]]] = []
        self.ooms: list[tuple[int, int, int, int]] = []
        self.outs: list[Transfer] = []
        self.ins: list[Transfer] = []
        self.slots: dict[int, Slot] = {}
        self.refaults: list[Refault] = []
        self.readahead: dict[int, ReadAhead] = {}
        self.readaheads: list[tuple[int, int, int, str]] = []
        self.allocs: list[tuple[int, int, int]] = []  # (time, zone, frames)
        self.frees: list[tuple[int, int, int]] = []
        self.dropped: list[tuple[int, int]] = []
        self._by_pid: dict[int, Process] = {}
        self._switched: int | None = None   # by the last SWITCH
        self._handlers = {name.removeprefix("_on_"): getattr(self, name)
                          for name in dir(self) if name.startswith("_on_")}

    # ---- reading -----------------------------------------------------------

    def feed(self, record: Record) -> None:
        self.records += 1
        kind, time = record.type, record.time_ns
        self.counts[kind] += 1
        if self.start_ns is None or time < self.start_ns:
            self.start_ns = time
        if time > self.end_ns:
            self.end_ns = time
        if time > self.ring_ns and kind not in SAID_NOW:
            self.ring_ns = time
        handler = self._handlers.get(kind)
        if handler:
            handler(time, record.pid, *record.values)

    @property
    def elapsed_ns(self) -> int:
        return self.end_ns - (self.start_ns or 0)

    def process(self, pid: int) -> Process | None:
        """Who has the task @pid now, or had it last."""
        return self._by_pid.get(pid)

    def has_start(self, start_ns: int, end_ns: int) -> bool:
        """In (start_ns, end_ns]. It comes before what was in the ring then."""
        return (bisect.bisect_right(self.starts, (start_ns, math.inf)) <
                bisect.bisect_right(self.starts, (end_ns, math.inf)))

    def file(self, number: int) -> str:
        return self.names.files.get(number) or f"file {number:#x}"

    def _met(self, pid: int, time: int) -> Process:
        process = self._by_pid.get(pid)
        if process is None:
            process = self._new(pid, time)
        if not process.has_ended:
            process.end_ns = max(process.end_ns or 0, time)
        return process

    def _new(self, pid: int, time: int) -> Process:
        process = Process(pid, time, len(self.processes))
        self.processes.append(process)
        self._give(pid, process, time)
        return process

    def _give(self, pid: int, process: Process, time: int) -> None:
        """@pid is a task of @process from now on; who had it does not, even
        if its end was lost. A leader's number is kept until all have ended."""
        before = self._by_pid.get(pid)
        if before and before is not process:
            if pid == before.pid:
                before.tasks.clear()
            before.tasks.discard(pid)
            self._end_without_tasks(before, time)
        process.tasks.add(pid)
        self._by_pid[pid] = process

    # ---- one for each kind of record, by its name ---------------------------

    def _on_start(self, time, _pid, _version, groups, frames, filters):
        self.groups |= groups
        self.filters |= filters
        self.frames = frames
        self.starts.append(Start(time, groups))
        self._switched = None

    def _on_fault(self, time, pid, address, eip, _frame, duration, info):
        faults = self.faults
        faults.time.append(time)
        faults.pid.append(pid)
        faults.address.append(address)
        faults.eip.append(eip)
        faults.duration.append(duration)
        faults.info.append(info)
        process = self._met(pid, time)
        faults.owner.append(process.index)
        if info >> AREA_SHIFT & 7 == STACK_AREA:
            process.space.grow_stack(address)

    def _on_alloc(self, time, _pid, _frame, _gfp, order_zone):
        order = order_zone & ((1 << ZONE_SHIFT) - 1)
        self.allocs.append((time, order_zone >> ZONE_SHIFT, 1 << order % 32))

    def _on_free(self, time, _pid, _frame, order_zone):
        order = order_zone & ((1 << ZONE_SHIFT) - 1)
        self.frees.append((time, order_zone >> ZONE_SHIFT, 1 << order % 32))

    def _on_mark(self, time, pid, zone, mark, free):
        name = MARKS[mark] if mark < len(MARKS) else str(mark)
        self.wakes.append(Wake(time, pid, zone, name, free))
        self._zone(zone).samples.append((time, free))

    def _on_reclaim(self, time, pid, who, zone, scanned, reclaimed, duration):
        name = RECLAIMERS[who] if who < len(RECLAIMERS) else str(who)
        self.reclaims.append(Reclaim(time, pid, name, zone, scanned, reclaimed,
                                     duration))
        self._met(pid, time)

    def _on_skipped(self, time, pid, *why):
        self.skipped.append((time, pid, why))

    def _on_oom(self, time, pid, victim, pages):
        self.ooms.append((time, pid, victim, pages))

    def _on_swap_out(self, time, pid, slot, _frame, duration):
        self.outs.append(Transfer(time, pid, slot, duration, 0))
        self.slots.setdefault(slot, Slot()).outs.append(time)

    def _on_swap_in(self, time, pid, slot, _frame, duration, why):
        self.ins.append(Transfer(time, pid, slot, duration, why))
        self.slots.setdefault(slot, Slot()).ins.append(time)

    def _on_refault(self, time, pid, distance, kind):
        self.refaults.append(Refault(time, pid, distance, kind))

    def _on_readahead(self, time, _pid, file, page, count, what):
        name = READAHEADS[what] if what < len(READAHEADS) else str(what)
        ahead = self.readahead.setdefault(file, ReadAhead())
        self.readaheads.append((time, file, count, name))
        if name == "read":
            ahead.requests += 1
            ahead.read += count
        elif name == "used":
            ahead.used += 1
        elif name == "unused":
            ahead.unused += 1

    def _on_map(self, time, pid, *values):
        self._met(pid, time).space.change(values, time)

    def _on_process(self, time, pid, what, number, value):
        name = PROCESSES[what] if what < len(PROCESSES) else ""
        process = self._met(pid, time)
        if name == "fork":
            child = self._new(number, time)
            child.name = process.name
            child.space = process.space.copy(time)
            child.program = process.program
        elif name == "thread":
            self._give(number, process, time)
        elif name == "exec":
            # One thread is left, and has the leader's number, though that may
            # have told its own end.
            process.tasks = {process.pid}
            process.has_ended = False
            process.programs.append((time, number))
            process.program = number
            process.space.clear(time)
        elif name == "exit":
            self._end_task(process, pid, time, value)

    def _end_task(self, process, pid, time, rss_max):
        """Each task tells its end, the leader maybe before others."""
        process.tasks.discard(pid)
        process.rss_max = max(process.rss_max, rss_max)
        self._end_without_tasks(process, time)

    def _end_without_tasks(self, process, time):
        if not process.tasks:
            process.has_ended = True
            process.space.clear(time)

    def _on_switch(self, time, pid, _next, _state):
        process = self._by_pid.get(pid)
        start, self._switched = self._switched, time
        if (process and start is not None and start < time and
                not self.has_start(start, time)):
            process.cpu_ns += time - start

    def _on_name(self, time, _pid, number, *words):
        process = self._by_pid.get(number) or self._new(number, time)
        if number == process.pid:
            process.name = name_of(words)
            process.names.append((time, process.name))

    def _on_file(self, _time, _pid, *values):
        self.names.add_piece(*values)

    def _on_zone(self, time, _pid, number, free, low_min, low, high):
        zone = self._zone(number)
        zone.samples.append((time, free))
        zone.min, zone.low, zone.high = low_min, low, high

    def _on_lru(self, time, _pid, *values):
        self.lru.append((time, values))

    def _on_counter(self, time, _pid, number, value):
        self.counters.setdefault(number, []).append((time, value))

    def _on_dropped(self, time, _pid, count):
        self.dropped.append((time, count))
        self._switched = None

    def _zone(self, number: int) -> Zone:
        return self.zones.setdefault(number, Zone())


def read(records: list[Record]) -> History:
    """The history of one boot."""
    history = History()
    for record in records:
        history.feed(record)
    return history


# ---- questions ---------------------------------------------------------------

def zone_name(number: int) -> str:
    return ZONES[number] if number < len(ZONES) else f"zone {number}"


def cause_name(number: int) -> str:
    name = CAUSES[number] if number < len(CAUSES) else str(number)
    return name.replace("_", " ")
