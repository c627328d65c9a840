# tools/tracelib/spaces.py - address spaces over time, out of MAP records
# SPDX-License-Identifier: MIT
"""A Space has the areas that are mapped now, in order and without overlap, and
those that were: an Area whose `to_ns` is set is over. A piece that is cut off
an area, or changes what may be done there, ends it; the pieces that stay begin
at that moment. So the areas at any time are those with from_ns <= t < to_ns.

Records may be missing: what is unmapped need not have been known, and what is
mapped takes the place of whatever was believed to be there.
"""

import bisect
import dataclasses

from .schema import AREAS, BITS, MAPS

KIND_MASK = BITS["TRACE_MAP_KIND_MASK"]
AREA_SHIFT = BITS["TRACE_MAP_AREA_SHIFT"]
RIGHTS = (("r", BITS["TRACE_MAP_READ"]), ("w", BITS["TRACE_MAP_WRITE"]),
          ("x", BITS["TRACE_MAP_EXEC"]), ("s", BITS["TRACE_MAP_SHARED"]))
RIGHTS_MASK = sum(bit for _, bit in RIGHTS)
PAGE = 4096
STACK_REACH = 8 << 20  # a fault that far below a stack may be one of it


@dataclasses.dataclass
class Area:
    start: int
    end: int
    what: int           # rights and kind, as in MAP.what
    file: int           # 0: none
    page: int           # of the file, at start
    from_ns: int
    to_ns: int | None = None

    @property
    def kind(self) -> str:
        number = self.what >> AREA_SHIFT
        return AREAS[number] if number < len(AREAS) else str(number)

    @property
    def rights(self) -> str:
        letters = "".join(letter if self.what & bit else "-"
                          for letter, bit in RIGHTS[:3])
        return letters + ("s" if self.what & RIGHTS[3][1] else "p")

    def offset(self, address: int) -> int:
        """In the file."""
        return address - self.start + self.page * PAGE


class Space:
    def __init__(self):
        self.areas: list[Area] = []   # now
        self.past: list[Area] = []
        self._starts: list[int] = []

    def copy(self, now_ns: int) -> "Space":
        """What the child of a fork has."""
        child = Space()
        for area in self.areas:
            child._insert(dataclasses.replace(area, from_ns=now_ns))
        return child

    def find(self, address: int) -> Area | None:
        at = bisect.bisect_right(self._starts, address) - 1
        if at >= 0 and address < self.areas[at].end:
            return self.areas[at]
        return None

    def everything(self) -> list[Area]:
        """That is or was, by address."""
        return sorted(self.past + self.areas,
                      key=lambda area: (area.start, area.from_ns))

    def clear(self, now_ns: int) -> None:
        for area in list(self.areas):
            self._end(area, now_ns)

    def change(self, values: tuple[int, ...], now_ns: int) -> None:
        """As a MAP record says."""
        start, end, what, file, page = values
        if end < start:
            return  # no kernel says that
        kind = MAPS[what & KIND_MASK] if what & KIND_MASK < len(MAPS) else ""
        if kind == "munmap":
            self._cut(start, end, now_ns)
        elif kind == "mprotect":
            for piece in self._cut(start, end, now_ns):
                piece.what = piece.what & ~RIGHTS_MASK | what & RIGHTS_MASK
                self._insert(piece)
        elif kind == "brk":
            self._set_heap(start, end, what, now_ns)
        elif end > start:
            self._cut(start, end, now_ns)
            self._insert(Area(start, end, what & ~KIND_MASK, file, page,
                              now_ns))

    def grow_stack(self, address: int) -> None:
        """By a fault below it, if the MAP of that was lost."""
        at = bisect.bisect_right(self._starts, address)
        if at == len(self.areas) or self.areas[at].kind != "stack":
            return
        if at and address < self.areas[at - 1].end:
            return
        area = self.areas[at]
        if 0 < area.start - address <= STACK_REACH:
            area.start = self._starts[at] = address & -PAGE

    def _set_heap(self, start: int, end: int, what: int, now_ns: int) -> None:
        # It keeps its identity: a heap that grows by steps is one area.
        heap = next((area for area in self.areas
                     if area.kind == "heap" and area.start == start), None)
        if heap and end > heap.end:
            self._cut(heap.end, end, now_ns)
            heap.end = end
        elif heap:
            self._cut(end, heap.end, now_ns)
        elif end > start:
            self._cut(start, end, now_ns)
            rights = what & ~KIND_MASK & ((1 << AREA_SHIFT) - 1)
            self._insert(Area(start, end,
                              rights | AREAS.index("heap") << AREA_SHIFT,
                              0, 0, now_ns))

    def _cut(self, start: int, end: int, now_ns: int) -> list[Area]:
        """Nothing is from start to end any more. Return: what was."""
        out: list[Area] = []
        if start == end:
            return out
        at = max(bisect.bisect_right(self._starts, start) - 1, 0)
        hit = []
        while at < len(self.areas) and self.areas[at].start < end:
            if self.areas[at].end > start:
                hit.append(self.areas[at])
            at += 1
        for area in hit:
            self._end(area, now_ns)
            for piece_start, piece_end, keeps in (
                    (area.start, start, True),
                    (max(area.start, start), min(area.end, end), False),
                    (end, area.end, True)):
                if piece_start >= piece_end:
                    continue
                piece = dataclasses.replace(
                    area, start=piece_start, end=piece_end, from_ns=now_ns,
                    to_ns=None,
                    page=area.page + (piece_start - area.start) // PAGE)
                if keeps:
                    self._insert(piece)
                else:
                    out.append(piece)
        return out

    def _insert(self, area: Area) -> None:
        at = bisect.bisect_right(self._starts, area.start)
        self._starts.insert(at, area.start)
        self.areas.insert(at, area)

    def _end(self, area: Area, now_ns: int) -> None:
        at = bisect.bisect_left(self._starts, area.start)
        del self._starts[at], self.areas[at]
        if now_ns > area.from_ns:
            area.to_ns = now_ns
            self.past.append(area)
