# tools/tracelib/missratio.py - major faults with another amount of memory
# SPDX-License-Identifier: MIT
"""How many major faults the same work would have had with more memory, or less.

Of each block of `spacing` pages the kernel looks at one, several times a second
(mm/sample.c): SAMPLE says that it has been used, FAULT when it was not there.
What is known of these pages is enough (C. Waldspurger et al., "Efficient MRC
Construction with SHARDS", 2015): the number of other ones that were used
between two uses of one, times the spacing, is how many pages a memory needs
that replaces the page not used for longest, for the second use to be no miss
(R. Mattson et al., 1970). For all such distances at once that is the curve. A
page that parent and child share is one.

The kernel does not replace pages quite like that. If the curve does not say of
this run about what was observed, it is moved to where it does (_capacity). What
counts as memory is what programs could have: the pages on the LRU lists, and
what is free above the high marks. A factor is one of that, not of what is in
the machine.

Not all misses are major faults: some pages were read ahead. It is assumed that
with more memory or less it would be the same part of them. First reads of files
are major faults with any memory.

Without samples there are the distances of REFAULT, which say only how much more
memory a page would have needed.
"""

import bisect
import collections
import dataclasses
import heapq
import math

from .records import Record
from .schema import (ACCESSES, BITS, CAUSE_MASK, CAUSES, GROUPS, MAPS,
                     PROCESSES)

FACTORS = (0.5, 0.75, 1.0, 1.5, 2.0)
WINDOW_NS = 1_000_000_000
ACCESS_MASK = ((1 << BITS["TRACE_FAULT_AREA_SHIFT"]) -
               (1 << BITS["TRACE_FAULT_ACCESS_SHIFT"]))
WRITE = ACCESSES.index("write") << BITS["TRACE_FAULT_ACCESS_SHIFT"]
ANYWHERE = -1   # as a frame: it is there, nobody knows where
MAJOR = BITS["TRACE_FAULT_MAJOR"]
SWAPPED = CAUSES.index("swapped")
SWAP_GROUP = 1 << GROUPS.index("swap")  # of START
# Their pages are there for the first time: what they were before is gone.
FRESH = tuple(CAUSES.index(name) for name in ("zero_page", "first_write"))
# A write by these gets a page of its own, if another has the page, too.
COPIES = tuple(CAUSES.index(name) for name in
               ("private_write", "copy_on_write", "swapped"))

# The model is believed as long as it is so near to the misses that there were:
# some of them are chance, of which pages are looked at and when. Beyond that a
# capacity that is off by a tenth is as bad as misses by a hundredth.
BELIEVED = 0.15
TRUST_IN_MEMORY = 0.1
CAPACITY_STEPS = 100
CAPACITY_RANGE = math.log(2)
# Of the times when it is looked how much memory there is.
MOMENTARY_PART = 20


@dataclasses.dataclass(frozen=True)
class Point:
    """@factor of the memory that there was, @pages, would have made for so many
    major faults, and for so many pages to be read again, ahead or not."""
    factor: float
    pages: int
    predicted_majors: int
    predicted_misses: int


def sampled_page(first: int, spacing: int) -> int:
    """The page that is looked at, of the block that begins with page @first:
    include/mm/sample.h."""
    half = spacing // 2
    while half:
        mixed = (first ^ half) * 0x9e3779b1 & 0xffffffff
        if ((mixed ^ mixed >> 15) * 0x85ebca6b & 0xffffffff) >> 31:
            first += half
        half //= 2
    return first


class _Sample:
    """The pages that are looked at with one spacing."""

    def __init__(self, spacing: int):
        self.spacing = spacing
        self._chosen: dict[int, int] = {}

    def has(self, page: int) -> bool:
        block = page - page % self.spacing
        chosen = self._chosen.get(block)
        if chosen is None:
            chosen = self._chosen[block] = sampled_page(block, self.spacing)
        return page == chosen


# ---- what was used when -----------------------------------------------------

@dataclasses.dataclass(eq=False, slots=True)
class _Content:
    """Of one page, which is one page of memory, however many address spaces
    have it."""
    holders: int = 1
    frame: int = 0          # where it was last seen to be; 0: unknown
    by: int | None = None   # whose fault that was


@dataclasses.dataclass
class _Reference:
    time: int
    key: _Content
    missed: bool = False
    ends: bool = False      # it is gone


@dataclasses.dataclass
class _Totals:
    """Of all pages, sampled or not."""
    majors: int = 0
    cold_majors: int = 0    # first reads
    misses: int = 0         # pages that had been there before


class _Reader:
    """Goes through the records, and has what was used of the sampled pages."""

    def __init__(self, records: list[Record], spacing: int):
        self.sample = _Sample(spacing)
        self.references: list[_Reference] = []
        self.totals = _Totals()
        self._spaces = collections.defaultdict(dict)    # of tasks: page, content
        self._leader: dict[int, int] = {}
        self._threads = collections.defaultdict(set)    # of tasks, that live
        self._heap_end: dict[int, int] = {}
        self._faulted: set[_Content] = set()            # since the last round
        self._samples: list[_Content] = []              # likewise
        self._round_ns = records[0].time_ns if records else 0
        self._dice = 1
        for record in records:
            handler = getattr(self, f"_{record.type}", None)
            if handler:
                handler(record)
        self.references.sort(key=lambda reference: reference.time)

    def _task(self, record: Record) -> int:
        return self._leader.get(record.pid, record.pid)

    def _fault(self, record: Record) -> None:
        address, _, frame, _, info = record.values
        if info >> BITS["TRACE_FAULT_RESULT_SHIFT"]:
            return
        cause = info & CAUSE_MASK
        is_major = bool(info & MAJOR)
        page, task = address >> 12, self._task(record)
        space = self._spaces[task]
        content = space.get(page)
        copied = (content and content.holders > 1 and cause in COPIES and
                  info & ACCESS_MASK == WRITE)
        # One that another process has brought back is no miss for this one:
        # it is mapped where that saw it, or copied from there.
        is_back = content and not is_major and (
            content.by not in (task, None) if copied else
            content.frame in (frame, ANYWHERE) and frame != 0)
        missed = (not is_back if cause == SWAPPED else
                  is_major and content is not None)
        self.totals.majors += is_major
        self.totals.misses += missed
        self.totals.cold_majors += is_major and not missed
        if content and cause not in FRESH:
            self._use(record.time_ns, page, content, missed)
            if not copied:
                content.frame, content.by = frame, task
                return
            if missed:  # it is where this one was copied from
                content.frame, content.by = ANYWHERE, task
            missed = False
        self._drop(space, (page,), record.time_ns - 1)
        space[page] = _Content(frame=frame, by=task)
        self._use(record.time_ns, page, space[page], missed)

    def _use(self, time: int, page: int, content: _Content,
             missed: bool) -> None:
        if self.sample.has(page):
            self._faulted.add(content)
            self.references.append(_Reference(time, content, missed))

    def _sample(self, record: Record) -> None:
        page = record.values[0] >> 12
        if self.sample.has(page):
            space = self._spaces[self._task(record)]
            if page not in space:
                space[page] = _Content()
            self._samples.append(space[page])

    def _round(self, record: Record) -> None:
        """When in the round a page was used nobody knows: any time."""
        length = max(record.time_ns - self._round_ns, 1)
        for content in self._samples:
            if content in self._faulted or not content.holders:
                continue
            self._dice = self._dice * 1103515245 + 12345 & 0x7fffffff
            time = self._round_ns + self._dice * length // 0x80000000
            self.references.append(_Reference(time, content))
        self._samples.clear()
        self._faulted.clear()
        self._round_ns = record.time_ns

    def _drop(self, space: dict[int, _Content], pages, time: int) -> None:
        for page in pages:
            content = space.pop(page, None)
            if not content:
                continue
            content.holders -= 1
            if not content.holders and self.sample.has(page):
                self.references.append(_Reference(time, content, ends=True))

    def _process(self, record: Record) -> None:
        what, number, _ = record.values
        name = PROCESSES[what] if what < len(PROCESSES) else ""
        task = self._task(record)
        if name == "thread":
            self._leader[number] = task
            self._threads[task] |= {task, number}
        elif name == "fork":
            self._leader.pop(number, None)  # of a thread that had the number
            self._threads.pop(number, None)
            self._drop_all(number, record.time_ns)  # if its end was lost
            space = self._spaces[number] = dict(self._spaces[task])
            self._heap_end[number] = self._heap_end.get(task, 0)
            for content in space.values():
                content.holders += 1
        elif name == "exit":
            self._threads[task].discard(record.pid)
            if record.pid != task:
                self._leader.pop(record.pid, None)
            if not self._threads[task]:     # a leader may end before others
                self._drop_all(task, record.time_ns)
        elif name == "exec":
            self._threads.pop(task, None)
            self._drop_all(task, record.time_ns)

    def _drop_all(self, task: int, time: int) -> None:
        """It has no memory any more."""
        space = self._spaces.pop(task, {})
        self._heap_end.pop(task, None)
        self._drop(space, list(space), time)

    def _map(self, record: Record) -> None:
        start, end, what = record.values[:3]
        kind = what & BITS["TRACE_MAP_KIND_MASK"]
        name = MAPS[kind] if kind < len(MAPS) else ""
        task = self._task(record)
        if name == "brk":   # what was above its end is gone
            start, end = end, max(self._heap_end.get(task, end), end)
            self._heap_end[task] = start
        elif name != "munmap":
            return
        space = self._spaces[task]
        pages = range(start >> 12, end >> 12)
        if len(space) < len(pages):
            pages = [page for page in space if page in pages]
        self._drop(space, pages, record.time_ns)


# ---- distances --------------------------------------------------------------

class _Counts:
    """How many are set from one place on to another. (P. Fenwick, 1994.)"""

    def __init__(self, size: int):
        self._sums = [0] * (size + 1)

    def add(self, place: int, value: int) -> None:
        place += 1
        while place < len(self._sums):
            self._sums[place] += value
            place += place & -place

    def before(self, place: int) -> int:
        total = 0
        while place:
            total += self._sums[place]
            place &= place - 1
        return total


@dataclasses.dataclass
class _Distances:
    """Of all uses but the first ones of pages, in order of size; how many of
    these were misses."""
    pages: list[int]
    misses: int

    def missed_with(self, capacity: float) -> int:
        return len(self.pages) - bisect.bisect_left(self.pages, capacity)


class _Stack:
    """Pages in the order of their last uses. One that is given up leaves its
    frame to the next that needs one: a hole, which stays where the page was and
    is filled by whoever would else push others down past it."""

    def __init__(self, uses: int):
        self._counts = _Counts(uses)
        self._last: dict[_Content, int] = {}
        self._holes: list[int] = []     # a heap of places, negative
        self._now = 0

    def use(self, key: _Content) -> int | None:
        """How many lie above it; None: it is new."""
        before = self._last.get(key)
        depth = None
        if before is not None:
            depth = (self._counts.before(self._now) -
                     self._counts.before(before + 1))
        if self._holes and -self._holes[0] > (-1 if before is None else before):
            self._counts.add(-heapq.heappop(self._holes), -1)
            if before is not None:
                heapq.heappush(self._holes, -before)
        elif before is not None:
            self._counts.add(before, -1)
        self._counts.add(self._now, 1)
        self._last[key] = self._now
        self._now += 1
        return depth

    def give_up(self, key: _Content) -> None:
        before = self._last.pop(key, None)
        if before is not None:
            heapq.heappush(self._holes, -before)


def _distances(references: list[_Reference], spacing: int) -> _Distances:
    stack = _Stack(len(references))
    found = _Distances([], 0)
    for reference in references:
        if reference.ends:
            stack.give_up(reference.key)
            continue
        depth = stack.use(reference.key)
        if depth is not None:
            found.pages.append(depth * spacing)
            found.misses += reference.missed
    found.pages.sort()
    return found


# ---- how much memory there was ----------------------------------------------

def available(records: list[Record]) -> int:
    """Pages that programs could have: on the LRU lists, and free above the high
    marks; about the least, as some are in nobody's list for a moment. 0: the
    trace does not say."""
    found, free = [], {}
    for record in records:
        if record.type == "zone":
            zone, frames, _, _, high = record.values
            free[zone] = max(frames - high, 0)
        elif record.type == "lru" and free:
            found.append(sum(record.values[:4]) + sum(free.values()))
    found.sort()
    return found[len(found) // MOMENTARY_PART] if found else 0


def _resident(records: list[Record]) -> int:
    """The most pages that address spaces had."""
    return max((record["present"] * record["spacing"] for record in records
                if record.type == "round"), default=0)


def _capacity(distances: _Distances, memory: int) -> float:
    """Of a memory that replaces what was not used for longest, and would have
    had about as many misses: of those the one nearest to what there was. In a
    loop over more than there is any would."""
    best = (math.inf, float(memory))
    for step in range(-CAPACITY_STEPS, CAPACITY_STEPS + 1):
        away = step / CAPACITY_STEPS * CAPACITY_RANGE
        capacity = memory * math.exp(away)
        wrong = (abs(distances.missed_with(capacity) - distances.misses) /
                 max(distances.misses, 1))
        best = min(best, (max(wrong - BELIEVED, 0) +
                          TRUST_IN_MEMORY * abs(away), capacity))
    return best[1]


# ---- the curve --------------------------------------------------------------

def _curve_of_samples(records, spacing, factors) -> list[Point]:
    reader = _Reader(records, spacing)
    totals = reader.totals
    distances = _distances(reader.references, spacing)
    memory = available(records) or _resident(records)
    capacity = _capacity(distances, memory)
    majors_each = ((totals.majors - totals.cold_majors) / totals.misses
                   if totals.misses else 1.0)
    found = []
    for factor in factors:
        misses = distances.missed_with(factor * capacity) * spacing
        found.append(Point(factor, round(factor * memory),
                           round(totals.cold_majors + misses * majors_each),
                           misses))
    return found


def _curve_of_refaults(records, factors) -> list[Point]:
    """@factors below 1 are left out. [] if there would have been no REFAULT."""
    majors = sum(1 for record in records
                 if record.type == "fault" and record.values[4] & MAJOR)
    distances = sorted(record["distance"] for record in records
                       if record.type == "refault")
    memory = available(records)
    found = []
    if majors and not distances and not any(
            record["groups"] & SWAP_GROUP for record in records
            if record.type == "start"):
        return []
    for factor in factors:
        if factor < 1:
            continue
        more = (factor - 1) * memory
        left = len(distances) - bisect.bisect_right(distances, more)
        part = left / len(distances) if distances and more else 1.0
        found.append(Point(factor, round(factor * memory),
                           round(majors * part), left))
    return found


def _spacing(records: list[Record]) -> int:
    return max((record["spacing"] for record in records
                if record.type == "round"), default=0)


def curve(records: list[Record], factors=FACTORS) -> list[Point]:
    """Major faults, all that the trace has, with @factors of the memory that
    programs could have; at 1 there is the model to be compared with what there
    were. Without the groups `fault` and `sample` only factors from 1 on, and
    less exact; and nothing without `swap`."""
    spacing = _spacing(records)
    if spacing and any(record.type == "fault" for record in records):
        return _curve_of_samples(records, spacing, factors)
    return _curve_of_refaults(records, factors)


def working_set(records: list[Record],
                window_ns: int = WINDOW_NS) -> list[tuple[int, int]]:
    """At the end of each round: the pages that were used in the time
    @window_ns before."""
    spacing = _spacing(records)
    if not spacing:
        return []
    references = _Reader(records, spacing).references
    last: dict[_Content, int] = {}
    queue: collections.deque = collections.deque()
    found, at = [], 0
    for record in records:
        if record.type != "round":
            continue
        while at < len(references) and references[at].time <= record.time_ns:
            reference = references[at]
            at += 1
            if reference.ends:
                last.pop(reference.key, None)
                continue
            last[reference.key] = reference.time
            queue.append(reference)
        while queue and queue[0].time <= record.time_ns - window_ns:
            old = queue.popleft()
            if last.get(old.key) == old.time:
                del last[old.key]
        found.append((record.time_ns, len(last) * spacing))
    return found
