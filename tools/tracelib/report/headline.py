# tools/tracelib/report/headline.py - what happened, in words with figures
# SPDX-License-Identifier: MIT
"""It thrashes where tasks wait for pages that had been there: a piece of time
(one of bins.COLUMNS) does when its major faults of cause "swapped", and those of
tasks that read pages again in it (REFAULT), made tasks wait for at least
WAIT_SHARE of it. A trace does when such pieces are at least TIME_SHARE of it.
"""

import collections

from ..model import History, cause_name
from ..schema import CAUSES
from .bins import Bins

WAIT_SHARE = 0.25
TIME_SHARE = 0.1
GAP_MAX = 3     # pieces of time
NS_PER_S = 1_000_000_000
SWAPPED = CAUSES.index("swapped")
PAGE_KIB = 4
THIN = "\u202f"    # a space that no line ends at


def duration(ns: float) -> str:
    for unit, size in (("s", 1e9), ("ms", 1e6), ("µs", 1e3)):
        if ns >= size:
            value = ns / size
            digits = f"{value:.0f}" if value >= 100 else f"{value:.3g}"
            return digits + THIN + unit
    return f"{ns:.0f}{THIN}ns"


def number(value: int) -> str:
    return f"{value:,}".replace(",", THIN)


def size(pages: int) -> str:
    kib = pages * PAGE_KIB
    if kib >= 10 << 20:
        return f"{kib / (1 << 20):.1f}{THIN}GiB"
    if kib >= 10 << 10:
        return f"{kib / 1024:.0f}{THIN}MiB"
    return f"{kib}{THIN}KiB"


def share(part: float, whole: float) -> str:
    percent = 100 * part / whole if whole else 0
    if part and percent < 1:
        return f"under 1{THIN}%"
    return f"{percent:.0f}{THIN}%"


def _count(count: int, one: str) -> str:
    return f"{number(count)} {one}{'' if count == 1 else 's'}"


class Totals:
    """What the words are about."""

    def __init__(self, history: History, bins: Bins):
        table = history.faults
        self.faults = len(table)
        self.majors = self.fault_ns = self.major_ns = 0
        self.by_cause: collections.Counter[int] = collections.Counter()
        by_owner: collections.Counter[int] = collections.Counter()
        waited = [0] * bins.columns
        # Who read again what had been taken, by pieces of time.
        again = {(bins.of(refault.time_ns), refault.pid)
                 for refault in history.refaults}
        for i, time in enumerate(table.time):
            length = table.duration[i]
            self.fault_ns += length
            self.by_cause[table.cause(i)] += length
            by_owner[table.owner[i]] += 1
            if table.is_major(i):
                self.majors += 1
                self.major_ns += length
                column = bins.of(time)
                if (table.cause(i) == SWAPPED or
                        (column, table.pid[i]) in again):
                    waited[column] += length
        self.most = by_owner.most_common(1)[0] if by_owner else None
        self.hot = [i for i, ns in enumerate(waited)
                    if ns >= WAIT_SHARE * bins.width_ns]
        self.direct = [entry for entry in history.reclaims
                       if entry.who == "direct"]
        self.direct_ns = sum(entry.duration_ns for entry in self.direct)


def _longest(columns: list[int]) -> tuple[int, int]:
    """(first, last) of the longest run of them; small gaps do not end it."""
    best = columns[0], columns[0]
    start = last = columns[0]
    for column in columns[1:]:
        if column - last > GAP_MAX:
            start = column
        last = column
        if last - start > best[1] - best[0]:
            best = start, last
    return best


def verdict(totals: Totals, bins: Bins, history: History) -> dict:
    columns = max(-(-history.elapsed_ns // bins.width_ns), 1)
    if len(totals.hot) >= TIME_SHARE * columns:
        first, last = _longest(totals.hot)
        start = (bins.start_ns + first * bins.width_ns) / NS_PER_S
        end = (bins.start_ns + (last + 1) * bins.width_ns) / NS_PER_S
        return {"word": "thrashing", "title": "The machine thrashed",
                "why": "Tasks waited for pages that had been taken from them: "
                f"during {share(len(totals.hot), columns)} of the run for at "
                f"least {share(WAIT_SHARE, 1)} of the time. The longest such "
                f"stretch is from {start:.1f} to {end:.1f}{THIN}s."}
    if history.outs or history.ins or totals.direct:
        return {"word": "paging",
                "title": "Memory was short, without thrashing",
                "why": "Pages were swapped or reclaimed, and tasks waited "
                "for few of them."}
    return {"word": "calm", "title": "Memory was enough",
            "why": "Nobody had to wait for memory or for a page that had been "
            "taken away."}


def sentences(totals: Totals, history: History) -> list[str]:
    said = []
    elapsed = history.elapsed_ns
    if totals.most:
        owner, count = totals.most
        said.append(
            f"In {duration(elapsed)} there were "
            f"{_count(totals.faults, 'page fault')}, "
            f"{share(count, totals.faults)} of them in "
            f"{history.processes[owner].label}. {number(totals.majors)} were "
            "major: they waited for a disk.")
        cause, ns = totals.by_cause.most_common(1)[0]
        said.append(
            f"Faults took {duration(totals.fault_ns)}, as much as "
            f"{share(totals.fault_ns, elapsed)} of the time; "
            f"{duration(totals.major_ns)} of that was waiting in major ones. "
            f"The costliest cause was “{cause_name(cause)}” with "
            f"{duration(ns)}.")
    if history.outs or history.ins:
        text = (f"{_count(len(history.outs), 'page')} "
                f"({size(len(history.outs))}) went out to swap and "
                f"{number(len(history.ins))} ({size(len(history.ins))}) came "
                "in.")
        again = sum(max(len(slot.ins) - 1, 0)
                    for slot in history.slots.values())
        if again:
            text += (f" {share(again, len(history.ins))} of what came in had "
                     "come in before.")
        said.append(text)
    if history.reclaims:
        kswapd = sum(entry.reclaimed for entry in history.reclaims
                     if entry.who == "kswapd")
        direct = sum(entry.reclaimed for entry in totals.direct)
        said.append(
            f"kswapd took {_count(kswapd, 'page')}; tasks that wanted memory "
            f"had to take {number(direct)} themselves, which cost them "
            f"{duration(totals.direct_ns)}.")
    for time, _pid, victim, _pages in history.ooms:
        process = history.process(victim)
        said.append(f"At {time / NS_PER_S:.1f} s memory was out, and "
                    f"{process.label if process else victim} was killed.")
    return said


def tiles(totals: Totals, history: History) -> list[dict]:
    elapsed = history.elapsed_ns
    found = [
        {"label": "elapsed", "value": duration(elapsed),
         "hint": f"{number(history.records)} records"},
        {"label": "page faults", "value": number(totals.faults),
         "hint": f"{totals.faults / max(elapsed / NS_PER_S, 1e-9):.0f} a "
         "second", "id": "faults"},
        {"label": "major faults", "value": number(totals.majors),
         "hint": f"{share(totals.majors, totals.faults)} of all",
         "id": "majors"},
        {"label": "waiting in majors", "value": duration(totals.major_ns),
         "hint": f"{share(totals.major_ns, elapsed)} of the time"},
    ]
    if history.outs or history.ins:
        found.append({"label": "swapped out", "value":
                      size(len(history.outs)),
                      "hint": _count(len(history.outs), "page")})
        found.append({"label": "swapped in", "value": size(len(history.ins)),
                      "hint": _count(len(history.ins), "page")})
    if history.reclaims:
        found.append({"label": "direct reclaim",
                      "value": duration(totals.direct_ns),
                      "hint": _count(len(totals.direct), "reclaim")})
    return found


def headline(history: History, bins: Bins) -> dict:
    totals = Totals(history, bins)
    return {"verdict": verdict(totals, bins, history),
            "sentences": sentences(totals, history),
            "tiles": tiles(totals, history),
            "hot": {"bins": bins.as_json(), "columns": totals.hot}}
