# tools/tracelib/report/places.py - the code whose faults took longest
# SPDX-License-Identifier: MIT
"""One place is a function, where symbols tell which; else an instruction."""

import dataclasses
import re

from ..model import History
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
    most_ns: int = 0

    def add(self, faults: int, majors: int, ns: int, line: str) -> None:
        self.faults += faults
        self.majors += majors
        self.ns += ns
        if ns > self.most_ns:
            self.most_ns, self.line = ns, line


def _name(eip: int, names: Names, history: History,
          symbols) -> tuple[str, str, str]:
    """(function, line of source, file)"""
    if eip == 0:
        return "before the program’s first instruction", "", "kernel"
    if eip >= KERNEL_START:
        name = symbols.kernel(eip) if symbols else None
        return *_split(name or f"{eip:#x}"), "kernel"
    area = names.area(eip)
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
    sums: dict[tuple[int, int], list[int]] = {}
    for i, eip in enumerate(table.eip):
        entry = sums.setdefault((table.owner[i], eip), [0, 0, 0])
        entry[0] += 1
        entry[1] += bool(table.is_major(i))
        entry[2] += table.duration[i]
    names: dict[int, Names] = {}
    found: dict[tuple[str, str, str], Place] = {}
    for (owner, eip), counted in sums.items():
        process = history.processes[owner]
        if owner not in names:
            names[owner] = Names(history, process)
        function, line, file = _name(eip, names[owner], history, symbols)
        place = found.setdefault((function, file, process.name),
                                 Place(function, file, process.name))
        place.add(*counted, line)
    most = sorted(found.values(), key=lambda place: -place.ns)
    return {"total": sum(place.ns for place in most),
            "rows": [dataclasses.asdict(place) for place in most[:PLACES]]}
