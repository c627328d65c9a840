# tools/tracelib/report/places.py - the code whose faults took longest
# SPDX-License-Identifier: MIT
"""One place is a function, where symbols tell which; else an instruction."""

import bisect
import dataclasses
import math
import re

from ..model import History, Process
from ..spaces import Area
from .heat import Names

PLACES = 10
# Kernel addresses: a fault of the kernel's own, in a copy from or to a program.
KERNEL_START = 0xc0000000
# As tools/tracelib/symbols.py has it: function+0x12 (file.c:34)
NAMED = re.compile(r"(?P<function>.+?)\+0x[0-9a-f]+(?: \((?P<line>.+)\))?")


@dataclasses.dataclass
class Place:
    function: str
    file: str           # of the program; "" if not known
    process: str
    line: str = ""      # of its costliest instruction
    faults: int = 0
    majors: int = 0
    ns: int = 0
    _most_ns: int = 0

    def add(self, faults: int, majors: int, ns: int, line: str) -> None:
        self.faults += faults
        self.majors += majors
        self.ns += ns
        if ns > self._most_ns:
            self._most_ns, self.line = ns, line

    def as_json(self) -> dict:
        return {"function": self.function, "file": self.file,
                "process": self.process, "line": self.line,
                "faults": self.faults, "majors": self.majors, "ns": self.ns}


class _Code:
    """What was mapped in a process where a fault was, at its time."""

    def __init__(self, history: History, process: Process):
        self._names = Names(history, process)
        self._lives = [0, *(time for time, _ in process.programs), math.inf]
        self._found: dict[int, tuple[list[int], list[Area | None]]] = {}

    def _all(self, eip: int) -> tuple[list[int], list[Area | None]]:
        """From when on it was which. Areas may be told late: in the life of
        one program, the first there has been there from its beginning."""
        times, areas = [], []
        found = sorted(self._names.areas(eip), key=lambda area: area.from_ns)
        for start, end in zip(self._lives, self._lives[1:]):
            these = [area for area in found if start <= area.from_ns < end]
            times += [start, *(area.from_ns for area in these[1:])]
            areas += these or [None]
        return times, areas

    def area(self, eip: int, time: int) -> Area | None:
        known = self._found.get(eip)
        if known is None:
            known = self._found[eip] = self._all(eip)
        times, areas = known
        return areas[bisect.bisect_right(times, time) - 1]


def _name(eip: int, area: Area | None, history: History,
          symbols) -> tuple[str, str, str]:
    """(function, line of source, file)"""
    if eip == 0:
        return "before the program’s first instruction", "", "kernel"
    if eip >= KERNEL_START:
        name = symbols.kernel(eip) if symbols else None
        return *_split(name or f"{eip:#x}"), "kernel"
    if not area:
        return f"{eip:#x}", "", ""
    if not area.file:
        kind = "vdso" if area.kind == "special" else area.kind
        return f"{kind}+{eip - area.start:#x}", "", ""
    path = history.file(area.file)
    offset = area.offset(eip)
    name = symbols.user(path, offset) if symbols else None
    if name:
        return *_split(name), path
    return f"{path.rsplit('/', 1)[-1]}+{offset:#x}", "", path


def _split(name: str) -> tuple[str, str]:
    """A symbol: (function, line of source)."""
    match = NAMED.fullmatch(name)
    return (match["function"], match["line"] or "") if match else (name, "")


def places(history: History, symbols=None) -> dict:
    table = history.faults
    if not len(table):
        return {"missing": "There is no FAULT record in this trace."}
    codes: dict[int, _Code] = {}
    # By owner, place, and what was there.
    sums: dict[tuple[int, int, int], list] = {}
    for i, (owner, eip) in enumerate(zip(table.owner, table.eip)):
        code = codes.get(owner)
        if code is None:
            code = codes[owner] = _Code(history, history.processes[owner])
        area = code.area(eip, table.time[i])
        entry = sums.setdefault((owner, eip, id(area)), [area, 0, 0, 0])
        entry[1] += 1
        entry[2] += bool(table.is_major(i))
        entry[3] += table.duration[i]
    found: dict[tuple[str, str, str], Place] = {}
    for (owner, eip, _), (area, *counted) in sums.items():
        process = history.processes[owner]
        function, line, file = _name(eip, area, history, symbols)
        place = found.setdefault((function, file, process.name),
                                 Place(function, file, process.name))
        place.add(*counted, line)
    most = sorted(found.values(), key=lambda place: -place.ns)
    return {"total": sum(place.ns for place in most),
            "rows": [place.as_json() for place in most[:PLACES]]}
