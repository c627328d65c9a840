# tools/tracelib/text.py - records for people
# SPDX-License-Identifier: MIT
"""A line for each record: when, whose, what, and its columns by their names."""

import errno
from collections.abc import Callable

from . import schema
from .columns import COLUMNS, Column, get
from .names import Names, task_name
from .records import PLACES, Reading, Record, Stream

NS_PER_S = 1_000_000_000
WORDS_MAX = 4096
Cell = tuple[str, int | str]
CORE_DUMPED = 0x80
CALLS = schema.system_calls()
MAX_ERRNO = 4095


def when(time_ns: int) -> str:
    """As the kernel's log has it."""
    seconds, ns = divmod(time_ns, NS_PER_S)
    return f"[{seconds:5}.{ns // 1000:06}]"


def _error(number: int) -> str:
    return errno.errorcode.get(number, str(number))


def _status(status: int) -> str:
    """As wait4 gives it."""
    if status & 0x7f:
        dumped = "+core" if status & CORE_DUMPED else ""
        return f"signal:{status & 0x7f}{dumped}"
    return str(status >> 8 & 0xff)


def _cell(column: Column, values: tuple[int, ...], names: Names) -> Cell:
    number = column.number(values)
    shown = column.shown
    if shown == "ns":
        return f"{column.name}_ns", number
    if shown == "hex":
        return column.name, f"{number:#x}"
    if shown == "task":
        return column.name, f"{number}({names.task(number)})"
    if shown == "file":
        return column.name, names.file(number)
    named = column.name_of(number)
    return column.name, number if named is None else named


def _cells(record: Record, names: Names) -> list[Cell]:
    return [_cell(column, record.values, names)
            for column in COLUMNS[record.type]]


def _name(record: Record, names: Names) -> list[Cell]:
    return [("pid", record["id"]), ("name", task_name(record))]


def _file(record: Record, names: Names) -> list[Cell]:
    """The path as far as it is known by this piece."""
    return [("id", f"{record['id']:#x}"), ("piece", record["piece"]),
            ("path", names.file(record["id"]))]


def _readahead(record: Record, names: Names) -> list[Cell]:
    """File 0 is swap, its page a slot."""
    found = _cells(record, names)
    if not record["file"]:
        found[:2] = [("file", "swap"), ("slot", f"{record['page']:#x}")]
    return found


def _process(record: Record, names: Names) -> list[Cell]:
    number, value = record["number"], record["value"]
    what = get(record, "what")
    found: list[Cell] = [("what", what)]
    if what == "exec":
        return found + [("file", names.file(number))]
    if what == "exit":
        return found + [("status", _status(number)), ("rss_max", value)]
    return found + [("child", f"{number}({names.task(number)})"),
                    ("shared", value)]


def _disk(record: Record, names: Names) -> list[Cell]:
    return [(name, _error(abs(value)) if name == "error" and value else value)
            for name, value in _cells(record, names)]


def _syscall(record: Record, names: Names) -> list[Cell]:
    found = _cells(record, names)
    number, result = record["number"], get(record, "result")
    found[0] = "call", CALLS.get(number, number)
    if -MAX_ERRNO <= result < 0:
        found[1] = "result", f"-{_error(-result)}"
    return found


def _filter(record: Record, names: Names) -> list[Cell]:
    what, first, last = get(record, "what"), record["first"], record["last"]
    if what == "pid":
        return [("what", what), ("pid", first),
                ("children", "yes" if last else "no")]
    if what == "cause":
        return [("what", what), ("causes", "|".join(
            cause for i, cause in enumerate(schema.CAUSES) if first >> i & 1))]
    return [("what", what), ("first", f"{first:#x}"), ("last", f"{last:#x}")]


# What is more than its columns: with all the names that its cells may have.
SPECIAL = {
    "name": (_name, ("pid", "name")),
    "file": (_file, ("id", "piece", "path")),
    "readahead": (_readahead, ("file", "page", "slot", "count", "what")),
    "process": (_process, ("what", "child", "shared", "file", "status",
                           "rss_max")),
    "disk": (_disk, ()),
    "filter": (_filter, ("what", "pid", "children", "causes", "first", "last")),
    "syscall": (_syscall, ("call", "result", "duration_ns")),
}


def cells(record: Record, names: Names) -> list[Cell]:
    """What a record says, (name, value) by (name, value). @names: as they were
    told up to this record."""
    special = SPECIAL.get(record.type)
    return (special[0] if special else _cells)(record, names)


def titles(type: str) -> tuple[str, ...]:
    """The names that cells of this type may have, in their order."""
    special = SPECIAL.get(type, (None, ()))[1]
    return special or tuple(
        f"{column.name}_ns" if column.shown == "ns" else column.name
        for column in COLUMNS[type])


def _word(name: str, value: int | str) -> str:
    if name.endswith("_ns"):
        return f"{name.removesuffix('_ns')}_us={value / 1000:.1f}"
    return f"{name}={value}"


class _Words(dict):
    """Column and number as a word, for numbers that come again and again."""

    def __init__(self, column: Column):
        super().__init__()
        self._column = column

    def __missing__(self, number: int) -> str:
        named = self._column.name_of(number)
        word = f"{self._column.name}={number if named is None else named}"
        if len(self) < WORDS_MAX:
            self[number] = word
        return word


def _us(column: Column) -> Callable[[int], str]:
    name = column.name
    return lambda number: f"{name}_us={number / 1000:.1f}"


def _writer(column: Column) -> Callable[[int], str]:
    if column.shown == "ns":
        return _us(column)
    if column.names or column.flags:
        return _Words(column).__getitem__
    return f"{column.name}={'%#x' if column.shown == 'hex' else '%d'}".__mod__


def _plan(type: str) -> list[tuple] | None:
    """(place, shift, mask, writer) of each column, if it takes nothing else to
    write it: what decode does most of, and so does fast."""
    if type in SPECIAL or any(column.shown in ("task", "file", "signed")
                              for column in COLUMNS[type]):
        return None
    return [(column.place, column.shift, column.mask, _writer(column))
            for column in COLUMNS[type]]


PLANS = {type: _plan(type) for type in COLUMNS}


def words(record: Record, names: Names) -> str:
    """Its cells, as decode shows them."""
    plan = PLANS[record.type]
    if plan is None:
        return " ".join(_word(*cell) for cell in cells(record, names))
    values = record.values
    return " ".join([write(values[place] >> shift & mask)
                     for place, shift, mask, write in plan])


def line(record: Record, names: Names | None = None) -> str:
    names = names or Names()
    return (f"{when(record.time_ns)} {record.pid:>5} "
            f"{names.task(record.pid):<15} {record.type:<9} "
            f"{words(record, names)}")


def summary(stream: Stream | Reading, dropped: int | None = None) -> str:
    """What was there and what was lost, in a line. @dropped: by the kernel, if
    the caller has counted."""
    if dropped is None:
        dropped = sum(record.values[PLACES["dropped"]["records"]]
                      for record in stream.records
                      if record.type == "dropped")
    boots = len(stream.boots)
    return (f"{stream.count} records"
            f"{f' of {boots} boots' if boots > 1 else ''}; "
            f"{stream.lost} lost on the line, {dropped} dropped by the kernel; "
            f"{stream.mended} frames mended, "
            f"{stream.noise} bytes of something else")
