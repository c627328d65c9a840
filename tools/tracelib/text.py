# tools/tracelib/text.py - records for people
# SPDX-License-Identifier: MIT
"""A line for each record: when, whose, what, and its columns by their names."""

import errno

from . import schema
from .columns import COLUMNS, Column, get
from .names import Names, task_name
from .records import PLACES, Reading, Record, Stream

NS_PER_S = 1_000_000_000
EXEC, EXIT = (schema.PROCESSES.index(name) for name in ("exec", "exit"))
CORE_DUMPED = 0x80
CALLS = schema.system_calls()
MAX_ERRNO = 4095


def when(time_ns: int) -> str:
    """As the kernel's log has it."""
    seconds, ns = divmod(time_ns, NS_PER_S)
    return f"[{seconds:5}.{ns // 1000:06}]"


def _task(names: Names, pid: int) -> str:
    return f"{pid}({names.task(pid)})"


def _error(number: int) -> str:
    return errno.errorcode.get(number, str(number))


def _status(status: int) -> str:
    """As wait4 gives it."""
    if status & 0x7f:
        dumped = "+core" if status & CORE_DUMPED else ""
        return f"signal:{status & 0x7f}{dumped}"
    return str(status >> 8 & 0xff)


def _value(column: Column, values: tuple[int, ...], names: Names) -> str:
    number = column.number(values)
    shown = column.shown
    if shown == "ns":
        return f"{column.name}_us={number / 1000:.1f}"
    if shown == "hex":
        return f"{column.name}={number:#x}"
    if shown == "task":
        return f"{column.name}={_task(names, number)}"
    if shown == "file":
        return f"{column.name}={names.file(number)}"
    named = column.name_of(number)
    return f"{column.name}={number if named is None else named}"


def _columns(record: Record, names: Names) -> list[str]:
    return [_value(column, record.values, names)
            for column in COLUMNS[record.type]]


def _name(record: Record, names: Names) -> list[str]:
    return [f"pid={record['id']} name={task_name(record)}"]


def _file(record: Record, names: Names) -> list[str]:
    """The path as far as it is known by this piece."""
    return [f"id={record['id']:#x} piece={record['piece']} "
            f"path={names.file(record['id'])}"]


def _cached(record: Record, names: Names) -> list[str]:
    """File 0 is swap, its page a slot."""
    words = _columns(record, names)
    if not record["file"]:
        words[:2] = ["file=swap", f"slot={record['page']:#x}"]
    return words


def _process(record: Record, names: Names) -> list[str]:
    what, number, value = record.values
    words = [f"what={get(record, 'what')}"]
    if what == EXEC:
        return words + [f"file={names.file(number)}"]
    if what == EXIT:
        return words + [f"status={_status(number)} rss_max={value}"]
    return words + [f"child={_task(names, number)} shared={value}"]


def _disk(record: Record, names: Names) -> list[str]:
    words = _columns(record, names)
    error = get(record, "error")
    words[-1] = f"error={_error(abs(error)) if error else 0}"
    return words


def _syscall(record: Record, names: Names) -> list[str]:
    words = _columns(record, names)
    number, result = record["number"], get(record, "result")
    words[0] = f"call={CALLS.get(number, number)}"
    if -MAX_ERRNO <= result < 0:
        words[1] = f"result=-{_error(-result)}"
    return words


SPECIAL = {"name": _name, "file": _file, "readahead": _cached,
           "process": _process, "disk": _disk, "syscall": _syscall}


def line(record: Record, names: Names | None = None) -> str:
    """@names: as they were told up to this record."""
    names = names or Names()
    words = SPECIAL.get(record.type, _columns)(record, names)
    return (f"{when(record.time_ns)} {record.pid:>5} "
            f"{names.task(record.pid):<15} {record.type:<9} "
            f"{' '.join(words)}")


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
