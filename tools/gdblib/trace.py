# tools/gdblib/trace.py - the end of the trace's ring
# SPDX-License-Identifier: MIT
"""Entries as they lie in memory (struct trace_entry), in the words that
tools/faultline has for them. Tasks are called as they are now, files as the
kernel still remembers. When a stamp was: time_stamp_ns() of kernel/time.c.
"""

import re
import struct

import gdb
from tracelib import schema, text
from tracelib.names import Names, printable
from tracelib.records import Record

from . import tasks
from .values import look, text as text_of

ENTRY = struct.Struct("<QI5I")  # stamp, type_pid, arg
TYPE_MASK, PID_SHIFT = 0xff, 8
FILES = int(re.search(r"^#define FILES (\d+)u",
                      (schema.TOP / "kernel/trace_files.c").read_text(),
                      re.M)[1])


def _memory(address: int, size: int) -> bytes:
    return bytes(gdb.selected_inferior().read_memory(address, size)) \
        if size else b""


def _ring(last: int) -> bytes:
    """The last records, the oldest first."""
    ring = int(look("trace_ring.first"))
    written = int(look("trace_ring.written"))
    size = int(look("trace_ring_records"))
    count = max(0, min(last, written, size))
    first = (written - count) % size if size else 0
    before_end = min(count, size - first)
    return (_memory(ring + first * ENTRY.size, before_end * ENTRY.size) +
            _memory(ring, (count - before_end) * ENTRY.size))


def _clock():
    """What makes nanoseconds of a stamp."""
    mult, shift, first_tsc, first_ns = (
        int(look(f"'kernel/time.c'::{name}"))
        for name in ("mult", "shift", "first_tsc", "first_ns"))
    if not mult:  # no time stamps: it is nanoseconds
        return lambda stamp: stamp
    return lambda stamp: first_ns + (max(stamp - first_tsc, 0) * mult >> shift)


def _files() -> dict[int, str]:
    table = look("'kernel/trace_files.c'::names")
    if not int(table):
        return {}
    size = table.dereference().type.sizeof
    memory = _memory(int(table), size * FILES)
    rows = (memory[at:at + size] for at in range(0, len(memory), size))
    return {int.from_bytes(row[:4], "little"):
            printable(row[4:].partition(b"\0")[0]) for row in rows}


def _names() -> Names:
    names = Names()
    names.tasks = {int(task["pid"]): printable(text_of(task["name"]).encode())
                   for task in tasks.all_tasks()}
    names.files = _files()
    return names


def show(last: int) -> None:
    found = list(ENTRY.iter_unpack(_ring(last)))
    if not found:
        print("no record is in the ring")
        return
    names, time_ns = _names(), _clock()
    for stamp, type_pid, *values in found:
        kind = schema.TYPES.get(type_pid & TYPE_MASK)
        if kind is None:
            print(f"a record of no type: {type_pid:#x}")
            continue
        print(text.line(Record(kind.name, time_ns(stamp), type_pid >> PID_SHIFT,
                               tuple(values[:len(kind.fields)])), names))
