# tools/tracelib/mappings.py - which file is where in whose address space
# SPDX-License-Identifier: MIT
"""Replays MAP and PROCESS records, for who wants to know which byte of which
file an address was. Anonymous memory is remembered as what it replaced: it is
nobody's file.
"""

import dataclasses

from . import schema
from .columns import get
from .records import Record

PAGE = 4096
PLACES = frozenset(("mmap", "there"))
FORK, THREAD, EXEC, EXIT = (schema.PROCESSES.index(name) for name in
                            ("fork", "thread", "exec", "exit"))


@dataclasses.dataclass(frozen=True)
class Mapping:
    start: int
    end: int
    file: int
    page: int  # of the file, at start

    def offset(self, address: int) -> int:
        return address - self.start + self.page * PAGE


class _Space:
    """One address space; threads share it."""

    def __init__(self, mappings: tuple[Mapping, ...] = (), program: int = 0):
        self.mappings = list(mappings)
        self.program = program

    def clear(self, start: int, end: int) -> None:
        kept = []
        for old in self.mappings:
            if old.end <= start or old.start >= end:
                kept.append(old)
                continue
            if old.start < start:
                kept.append(dataclasses.replace(old, end=start))
            if old.end > end:
                kept.append(Mapping(end, old.end, old.file, old.page +
                                    (end - old.start) // PAGE))
        self.mappings = kept


class Mappings:
    def __init__(self) -> None:
        self._spaces: dict[int, _Space] = {}

    def _space(self, pid: int) -> _Space:
        return self._spaces.setdefault(pid, _Space())

    def tell(self, record: Record) -> None:
        if record.type == "map":
            self._map(record)
        elif record.type == "process":
            self._process(record)

    def _map(self, record: Record) -> None:
        what = get(record, "what")
        start, end = record["start"], record["end"]
        space = self._space(record.pid)
        if what == "munmap" or what in PLACES:
            space.clear(start, end)
        if what in PLACES and record["file"]:
            space.mappings.append(Mapping(start, end, record["file"],
                                          record["page"]))

    def _process(self, record: Record) -> None:
        what, number = record["what"], record["number"]
        if what == FORK:
            parent = self._space(record.pid)
            self._spaces[number] = _Space(tuple(parent.mappings),
                                          parent.program)
        elif what == THREAD:
            self._spaces[number] = self._space(record.pid)
        elif what == EXEC:
            self._spaces[record.pid] = _Space(program=number)
        elif what == EXIT:
            self._spaces.pop(record.pid, None)

    def find(self, pid: int, address: int) -> Mapping | None:
        space = self._spaces.get(pid)
        if space is None:
            return None
        return next((mapping for mapping in reversed(space.mappings)
                     if mapping.start <= address < mapping.end), None)

    def program(self, pid: int) -> int:
        """The file that it executes; 0: not known."""
        space = self._spaces.get(pid)
        return space.program if space else 0
