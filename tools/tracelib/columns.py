# tools/tracelib/columns.py - fields taken apart: one thing each, with a name
# SPDX-License-Identifier: MIT
"""A field of a record is 32 bits, and may hold several things. A column is one
of them: where its bits are, and what its numbers are called. All that shows
records to somebody does it by columns: decode, and the exports.

    COLUMNS["fault"]    address, eip, frame, duration, cause, access, ...
"""

import dataclasses

from . import schema
from .records import Record
from .schema import BITS

WORD = 0xffffffff


@dataclasses.dataclass(frozen=True)
class Column:
    """@shown: hex, dec or ns, as a field's; signed; or flags, whose @flags are
    (bit, name); task, a number of one; file, what FILE names."""
    name: str
    place: int  # in Record.values
    shown: str
    shift: int = 0
    mask: int = WORD
    names: tuple[str, ...] = ()
    flags: tuple[tuple[int, str], ...] = ()

    def number(self, values: tuple[int, ...]) -> int:
        value = values[self.place] >> self.shift & self.mask
        if self.shown == "signed" and value >> 31:
            return value - (1 << 32)
        return value

    def name_of(self, number: int) -> str | None:
        """None: it has none, or these numbers have none."""
        if self.names:
            return self.names[number] if number < len(self.names) else None
        if self.flags:
            known = [name for bit, name in self.flags if number & bit]
            rest = number & ~sum(bit for bit, _ in self.flags)
            return "|".join(known + ([f"{rest:#x}"] if rest else [])) or "0"
        return None


def _enum(name: str, names: tuple[str, ...], shift: int = 0,
          mask: int = WORD) -> tuple:
    return name, "dec", shift, mask, names, ()


def _flags(name: str, *flags: tuple[int, str], mask: int = 0) -> tuple:
    """@mask: what else may be set there, of a kernel that knows more."""
    return (name, "flags", 0, mask | sum(bit for bit, _ in flags), (), flags)


def _number(name: str, shown: str, shift: int = 0, mask: int = WORD) -> tuple:
    return name, shown, shift, mask, (), ()


def _between(low: str, high: str) -> int:
    """The mask of a number that lies below what another one's shift says."""
    return (1 << BITS[high] - BITS[low]) - 1


GFP_OWNER_SHIFT = 12  # include/mm/page_alloc.h
ZONE = _enum("zone", schema.ZONES)
ORDER_ZONE = (
    _number("order", "dec", 0, (1 << BITS["TRACE_ZONE_SHIFT"]) - 1),
    _enum("zone", schema.ZONES, BITS["TRACE_ZONE_SHIFT"]))
SLOT = (_number("area", "dec", 24), _number("slot", "hex", 0, 0xffffff))
FILE = (_number("file", "file"),)
MAP_MODES = ("READ", "WRITE", "EXEC", "SHARED")

# Where a field is more, or is called otherwise, than trace_records.def has it.
SPLIT = {
    ("fault", "info"): (
        _enum("cause", schema.CAUSES, BITS["TRACE_FAULT_CAUSE_SHIFT"],
              _between("TRACE_FAULT_CAUSE_SHIFT", "TRACE_FAULT_ACCESS_SHIFT")),
        _enum("access", schema.ACCESSES, BITS["TRACE_FAULT_ACCESS_SHIFT"],
              _between("TRACE_FAULT_ACCESS_SHIFT", "TRACE_FAULT_AREA_SHIFT")),
        _enum("area", schema.AREAS, BITS["TRACE_FAULT_AREA_SHIFT"], 7),
        _enum("weight", ("minor", "major"),
              BITS["TRACE_FAULT_MAJOR"].bit_length() - 1, 1),
        _enum("result", schema.RESULTS, BITS["TRACE_FAULT_RESULT_SHIFT"])),
    ("alloc", "gfp"): (_flags("gfp", *schema.GFP_FLAGS,
                              mask=(1 << GFP_OWNER_SHIFT) - 1),
                       _enum("owner", schema.OWNERS, GFP_OWNER_SHIFT, 0xf)),
    ("alloc", "order_zone"): ORDER_ZONE,
    ("free", "order_zone"): ORDER_ZONE,
    ("mark", "zone"): (ZONE,),
    ("mark", "mark"): (_enum("mark", schema.MARKS),),
    ("reclaim", "who"): (_enum("who", schema.RECLAIMERS),),
    ("reclaim", "zone"): (ZONE,),
    ("oom", "victim"): (_number("victim", "task"),),
    ("swap_out", "slot"): SLOT,
    ("swap_in", "slot"): SLOT,
    ("swap_in", "why"): (_enum("why", schema.SWAP_WHYS),),
    ("refault", "kind"): (
        _enum("kind", ("anon", "file"),
              BITS["TRACE_REFAULT_FILE"].bit_length() - 1, 1),
        _enum("activate", ("no", "yes"),
              BITS["TRACE_REFAULT_ACTIVATE"].bit_length() - 1, 1)),
    ("readahead", "file"): FILE,
    ("readahead", "what"): (_enum("what", schema.READAHEADS),),
    ("cache", "file"): FILE,
    ("cache", "what"): (_enum("what", schema.CACHES),),
    ("writeback", "file"): FILE,
    ("map", "what"): (
        _enum("what", schema.MAPS, 0, BITS["TRACE_MAP_KIND_MASK"]),
        _flags("mode", *((BITS[f"TRACE_MAP_{name}"], name.lower())
                         for name in MAP_MODES)),
        _enum("area", schema.AREAS, BITS["TRACE_MAP_AREA_SHIFT"])),
    ("map", "file"): FILE,
    ("process", "what"): (_enum("what", schema.PROCESSES),),
    ("switch", "next"): (_number("next", "task"),),
    ("switch", "state"): (_enum("state", schema.STATES),),
    ("disk", "what"): (
        _enum("what", schema.DISKS, 0, (1 << BITS["TRACE_DISK_SHIFT"]) - 1),
        _number("disk", "dec", BITS["TRACE_DISK_SHIFT"])),
    ("disk", "error"): (_number("error", "signed"),),
    ("syscall", "result"): (_number("result", "signed"),),
    ("zone", "zone"): (ZONE,),
    ("counter", "number"): (_enum("counter", schema.COUNTERS),),
    ("start", "groups"): (
        _flags("groups", *((1 << i, name)
                           for i, name in enumerate(schema.GROUPS)),
               mask=WORD),),
    ("start", "filters"): (
        _flags("filters", *((1 << i, name)
                            for i, name in enumerate(schema.FILTERS)),
               mask=WORD),),
    ("filter", "what"): (_enum("what", schema.FILTERS),),
}


def _of_type(kind: schema.Type) -> tuple[Column, ...]:
    found = []
    for place, field in enumerate(kind.fields):
        parts = SPLIT.get((kind.name, field.name),
                          (_number(field.name, field.shown),))
        for name, shown, shift, mask, names, flags in parts:
            found.append(Column(name, place, shown, shift, mask, names, flags))
    return tuple(found)


COLUMNS = {kind.name: _of_type(kind) for kind in schema.TYPES.values()}
PLACES = {name: {column.name: column for column in columns}
          for name, columns in COLUMNS.items()}


def get(record: Record, name: str) -> int | str:
    """The column of that name: as its name, if its numbers have names."""
    column = PLACES[record.type][name]
    number = column.number(record.values)
    named = column.name_of(number)
    return number if named is None else named
