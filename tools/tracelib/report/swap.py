# tools/tracelib/report/swap.py - slots, and how often they were used again
# SPDX-License-Identifier: MIT

import bisect

from ..model import History
from .bins import Bins, histogram

ROWS = 40
TIMES_MAX = 8   # so many and more are one bar


def _map(history: History, bins: Bins) -> dict:
    """When which slots were written and read. Numbers of slots have holes
    between swap areas: a slot's place is its rank."""
    slots = sorted(history.slots)
    rows = min(ROWS, len(slots))
    rank = {slot: at * rows // len(slots) for at, slot in enumerate(slots)}
    cells: dict[int, list[int]] = {}
    for column, transfers in enumerate((history.outs, history.ins)):
        for transfer in transfers:
            place = rank[transfer.slot] * bins.columns + bins.of(
                transfer.time_ns)
            cells.setdefault(place, [0, 0])[column] += 1
    return {"bins": bins.as_json(), "rows": rows,
            "cells": [number for place in sorted(cells)
                      for number in (place, *cells[place])]}


def _away(history: History) -> list[int]:
    """For each time that a page came in: how long it had been out."""
    found = []
    for slot in history.slots.values():
        outs = sorted(slot.outs)
        used = -1
        for time in sorted(slot.ins):
            at = bisect.bisect_left(outs, time) - 1
            if at > used:       # the first to read what was written
                found.append(time - outs[at])
                used = at
    return found


def swap(history: History, bins: Bins) -> dict:
    if not history.slots:
        return {"missing": "No SWAP_OUT or SWAP_IN record is in this trace: "
                           "group swap was off, or nothing was swapped."}
    written = [0] * (TIMES_MAX + 1)
    read = [0] * (TIMES_MAX + 1)
    for slot in history.slots.values():
        written[min(len(slot.outs), TIMES_MAX)] += 1
        read[min(len(slot.ins), TIMES_MAX)] += 1
    return {
        "outs": len(history.outs), "ins": len(history.ins),
        "slots": len(history.slots),
        "written": written, "read": read,
        "again": sum(max(len(slot.outs) - 1, 0)
                     for slot in history.slots.values()),
        "away": histogram(_away(history)),
        "map": _map(history, Bins(bins.start_ns, bins.start_ns +
                                  bins.width_ns * bins.columns - 1, 160)),
    }
