# tools/tracelib/report/heat.py - where in an address space, and when
# SPDX-License-Identifier: MIT
"""An address space is nearly empty. Only what was touched gets a place in the
picture: bands, each of pages near each other in one area, by address, with a
height by the root of their size, so that a stack of three pages is seen beside
a heap of 200 MiB.
"""

import bisect
import collections
from collections.abc import Iterator

from ..model import AREA_SHIFT, History, Process
from ..schema import AREAS
from ..spaces import PAGE, Area
from .bins import Bins

PROCESSES_MAX = 6
FAULTS_MIN = 20         # a process with fewer is not worth a picture
COLUMNS = 160
ROWS = 84
BANDS_MAX = 14
GAP_PAGES = 512         # that far apart in one area: two bands
BAND_ROWS_MIN = 3
KINDS = {"none": "no area", "anon": "anonymous", "stack": "stack",
         "heap": "heap", "file": "file", "shared": "shared file",
         "shmem": "shared memory", "special": "the kernel's"}


class Names:
    """Of the areas of a process, by address. Of two that were at one place
    the later counts."""

    def __init__(self, history: History, process: Process):
        self._areas = process.space.everything()
        self._starts = [area.start for area in self._areas]
        self._history = history

    def areas(self, address: int) -> Iterator[Area]:
        """All that were there at any time."""
        at = bisect.bisect_right(self._starts, address)
        return (area for area in reversed(self._areas[max(at - 32, 0):at])
                if address < area.end)

    def area(self, address: int) -> Area | None:
        return next(self.areas(address), None)

    def name(self, address: int, kind: int) -> str:
        """@kind: as the fault says, for what no MAP record tells of."""
        area = self.area(address)
        word = AREAS[kind] if kind < len(AREAS) else str(kind)
        if area and area.file:
            path = self._history.file(area.file)
            return f"{path.rsplit('/', 1)[-1]} {area.rights}"
        if area and word == "none":
            word = area.kind
        return KINDS.get(word, word)


def _bands(touched: dict[int, int], names: Names) -> list[dict]:
    """@touched: page number to (kind of its area)."""
    bands: list[dict] = []
    for page in sorted(touched):
        name = names.name(page * PAGE, touched[page])
        last = bands[-1] if bands else None
        if last and last["name"] == name and page - last["end"] <= GAP_PAGES:
            last["end"] = page + 1
        else:
            bands.append({"name": name, "start": page, "end": page + 1})
    while len(bands) > BANDS_MAX:
        # The two neighbours that are least when they are one.
        at = min(range(len(bands) - 1),
                 key=lambda i: bands[i + 1]["end"] - bands[i]["start"])
        one, two = bands[at], bands.pop(at + 1)
        if two["name"] not in one["name"]:
            one["name"] = f"{one['name']}, {two['name']}"
        one["end"] = two["end"]
    return bands


def _place(bands: list[dict]) -> None:
    """Give each its rows; addresses go up, rows go down."""
    roots = [(band["end"] - band["start"]) ** 0.5 for band in bands]
    spare = ROWS - BAND_ROWS_MIN * len(bands)
    row = 0
    for band, root in reversed(list(zip(bands, roots))):
        rows = BAND_ROWS_MIN + int(spare * root / sum(roots))
        band["rows"] = min(rows, max(band["end"] - band["start"],
                                     BAND_ROWS_MIN))
        band["row"] = row
        row += band["rows"]


def _picture(history: History, process: Process, indices: list[int]) -> dict:
    table = history.faults
    touched: dict[int, int] = {}
    for i in indices:
        touched[table.address[i] // PAGE] = table.info[i] >> AREA_SHIFT & 7
    bands = _bands(touched, Names(history, process))
    _place(bands)
    starts = [band["start"] for band in bands]
    bins = Bins(table.time[indices[0]], table.time[indices[-1]], COLUMNS)
    cells: dict[int, list[int]] = {}
    for i in indices:
        page = table.address[i] // PAGE
        band = bands[bisect.bisect_right(starts, page) - 1]
        part = (page - band["start"]) * band["rows"] // (
            band["end"] - band["start"])
        row = band["row"] + band["rows"] - 1 - part
        cell = cells.setdefault(row * COLUMNS + bins.of(table.time[i]), [0, 0])
        cell[0] += 1
        cell[1] += bool(table.is_major(i))
    return {
        "label": process.label, "faults": len(indices),
        "majors": sum(cell[1] for cell in cells.values()),
        "bins": bins.as_json(),
        "rows": max(band["row"] + band["rows"] for band in bands),
        "bands": [{"name": band["name"], "start": band["start"] * PAGE,
                   "end": band["end"] * PAGE, "row": band["row"],
                   "rows": band["rows"]} for band in reversed(bands)],
        # Flat: place, faults, majors, and so on.
        "cells": [number for place in sorted(cells)
                  for number in (place, *cells[place])],
    }


def heat(history: History) -> dict:
    by_owner: dict[int, list[int]] = collections.defaultdict(list)
    for i, owner in enumerate(history.faults.owner):
        by_owner[owner].append(i)
    most = sorted(by_owner, key=lambda owner: -len(by_owner[owner]))
    chosen = [owner for owner in most[:PROCESSES_MAX]
              if len(by_owner[owner]) >= FAULTS_MIN or owner == most[0]]
    if not chosen:
        return {"missing": "There is no FAULT record in this trace."}
    return {"processes": [_picture(history, history.processes[owner],
                                   by_owner[owner]) for owner in chosen],
            "others": len(by_owner) - len(chosen)}
