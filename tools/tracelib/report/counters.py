# tools/tracelib/report/counters.py - the page's numbers against the guest's
# SPDX-License-Identifier: MIT
"""COUNTER says what /proc/vmstat would have said at a moment. Between the first
and the last of them the records must be as many as the counter has grown.
Faults and transfers are counted when they begin and recorded when they end. A
reclaim counts as it goes: counters that were sent in the middle of one are no
measure of it.

Counters go past the ring, so they come before the records that they count. Of
one that was sent behind the newest record (History.ring_ns), some may be
missing: the capture was cut off, or the machine ended in the middle of a fault
or a transfer, which is counted then and never recorded. Only where that shows,
the last counter before it is taken, of which all is there, and only for that
row: the others say that all has come. Where the group of a counter was off for
a while (START says so), something was counted that no record is of.
"""

import bisect
from array import array

from ..model import REFAULT_FILE, SWAP, History
from ..schema import COUNTERS, GROUPS, TYPES


class Events:
    """What a counter counts, as (time, how many)."""

    def __init__(self, pairs):
        pairs = sorted(pairs)
        self._times = array("Q", (time for time, _ in pairs))
        self._sums = array("Q", [0])
        for _, count in pairs:
            self._sums.append(self._sums[-1] + count)

    def between(self, start_ns: int, end_ns: int) -> int:
        """In (start_ns, end_ns]."""
        return (self._sums[bisect.bisect_right(self._times, end_ns)] -
                self._sums[bisect.bisect_right(self._times, start_ns)])


def _faults(history: History):
    table = history.faults
    return ((max(time - table.duration[i], 0), 1)
            for i, time in enumerate(table.time))


def _majors(history: History):
    table = history.faults
    return ((time, 1) for i, time in enumerate(table.time)
            if table.is_major(i))


def _transfers(name: str):
    def events(history: History):
        return ((max(entry.time_ns - entry.duration_ns, 0), 1)
                for entry in getattr(history, name))
    return events


def _reclaims(who: str, field: str):
    def events(history: History):
        return ((entry.time_ns, getattr(entry, field))
                for entry in history.reclaims if entry.who == who)
    return events


def _stalls(zone: int):
    def events(history: History):
        return ((max(entry.time_ns - entry.duration_ns, 0), 1)
                for entry in history.reclaims
                if entry.who == "direct" and entry.zone == zone)
    return events


def _refaults(is_file: bool):
    def events(history: History):
        return ((entry.time_ns, 1) for entry in history.refaults
                if bool(entry.kind & REFAULT_FILE) == is_file)
    return events


def _ahead(what: str):
    def events(history: History):
        return ((time, count) for time, file, count, name
                in history.readaheads if file == SWAP and name == what)
    return events


def _allocs(zone: int):
    def events(history: History):
        return ((time, frames) for time, number, frames in history.allocs
                if number == zone)
    return events


# The bit in START of the group that a kind of record is of.
GROUP_OF = {kind.name: 1 << GROUPS.index(kind.group)
            for kind in TYPES.values() if kind.group in GROUPS}
UNSURE = ("differs", "not all recorded")
# Counter, the kind of record that has its events, and which.
CHECKED = (
    ("pgfault", "fault", _faults),
    ("pgmajfault", "fault", _majors),
    ("pswpin", "swap_in", _transfers("ins")),
    ("pswpout", "swap_out", _transfers("outs")),
    ("pgscan_kswapd", "reclaim", _reclaims("kswapd", "scanned")),
    ("pgscan_direct", "reclaim", _reclaims("direct", "scanned")),
    ("pgsteal_kswapd", "reclaim", _reclaims("kswapd", "reclaimed")),
    ("pgsteal_direct", "reclaim", _reclaims("direct", "reclaimed")),
    ("allocstall_dma", "reclaim", _stalls(0)),
    ("allocstall_normal", "reclaim", _stalls(1)),
    ("allocstall_high", "reclaim", _stalls(2)),
    ("workingset_refault_anon", "refault", _refaults(False)),
    ("workingset_refault_file", "refault", _refaults(True)),
    ("swap_ra", "readahead", _ahead("read")),
    ("swap_ra_hit", "readahead", _ahead("used")),
    ("pgalloc_dma", "alloc", _allocs(0)),
    ("pgalloc_normal", "alloc", _allocs(1)),
    ("pgalloc_high", "alloc", _allocs(2)),
    ("pgfree", "free", lambda history: ((time, frames) for time, _, frames
                                        in history.frees)),
    ("oom_kill", "oom", lambda history: ((entry[0], 1)
                                         for entry in history.ooms)),
)


def _outside(samples, history: History, who: str):
    """Those that were not sent in the middle of a reclaim by @who; all, if
    there are not two such."""
    spans = sorted((entry.time_ns - entry.duration_ns, entry.time_ns)
                   for entry in history.reclaims if entry.who == who)
    starts = [start for start, _ in spans]

    def is_inside(time: int) -> bool:
        # Direct ones overlap, of a few tasks.
        at = bisect.bisect_right(starts, time)
        return any(end >= time for _, end in spans[max(at - 64, 0):at])

    found = [sample for sample in samples if not is_inside(sample[0])]
    return found if len(found) > 1 else samples


def _was_off(history: History, group: int, start_ns: int, end_ns: int) -> bool:
    """At any time of these, as far as that was told."""
    starts = sorted(history.starts, key=lambda start: start.time_ns)
    before = [start for start in starts if start.time_ns <= start_ns]
    within = [start for start in starts if start_ns < start.time_ns <= end_ns]
    return any(not start.groups & group for start in before[-1:] + within)


def _state(history: History, is_same: bool, is_there: bool,
           was_off: bool) -> str:
    if is_same:
        return "same"
    if history.filters or (was_off and is_there):
        return "not all recorded"
    return "differs" if is_there else "not recorded"


def _rows(history: History, until_ns: int) -> list[dict]:
    """By the counters that were sent until then."""
    by_name = {COUNTERS[number]: samples
               for number, samples in history.counters.items()
               if number < len(COUNTERS)}
    rows = []
    for name, kind, events in CHECKED:
        samples = sorted(sample for sample in by_name.get(name, [])
                         if sample[0] <= until_ns)
        if len(samples) < 2:
            continue
        if kind == "reclaim":
            samples = _outside(samples, history, name.rpartition("_")[2])
        (start_ns, before), (end_ns, after) = samples[0], samples[-1]
        guest = (after - before) % (1 << 32)
        is_there = history.counts[kind] > 0
        was_off = _was_off(history, GROUP_OF[kind], start_ns, end_ns)
        page = Events(events(history)).between(start_ns, end_ns)
        rows.append({"name": name, "guest": guest,
                     "page": page if is_there or page == guest else None,
                     "from": start_ns, "to": end_ns,
                     "state": _state(history, page == guest, is_there,
                                     was_off)})
    return rows


def _surer(row: dict, complete: dict) -> dict:
    """@complete: the row by the counters that all is there of. If its group
    was switched off behind those, that row can tell of a loss, too."""
    sure = ("same",) if row["state"] == "differs" else ("same", "differs")
    is_better = row["state"] in UNSURE and complete["state"] in sure
    return complete if is_better else row


def counters(history: History) -> dict:
    rows = _rows(history, history.end_ns)
    if not rows:
        return {"missing": "There are not two COUNTER records of one counter "
                           "in this trace."}
    if any(row["state"] in UNSURE for row in rows):
        complete = {row["name"]: row
                    for row in _rows(history, history.ring_ns)}
        rows = [_surer(row, complete.get(row["name"], row)) for row in rows]
    return {"rows": rows}
