# tests/unit/trace_pack.py - streams of any content, for tests of tracelib
# SPDX-License-Identifier: MIT
"""The reverse of tools/tracelib/records.py: Record objects to the bytes that a
line would carry. They are packed by the kernel's own code, in the program
test_trace_pack.c, so that nothing here knows how.

    stream = pack([make("fault", time_ns=1000, pid=7, address=0x8048000,
                        info=fault_info(cause="swapped", access="write",
                                        area="heap", major=True)),
                   *names(pid=7, name="memwalk"),
                   *paths(id=0x10, path="/bin/memwalk")])

What is read back has its times in units of 64 ns, cut off: rounded() says how.
"""

import dataclasses
import functools
import os
import struct
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BUILD = Path(os.environ.get("FAULTLINE_BUILD", ROOT / "build"))
sys.path.append(str(ROOT / "tools"))

from tracelib import records, schema  # noqa: E402

RAW = struct.Struct("<QI5I")  # struct trace_record
WORD = 0xffffffff


@functools.cache
def _program() -> str:
    program = f"{BUILD}/unit64/test_trace_pack"
    subprocess.run(["make", "-s", f"B={BUILD}", program], cwd=ROOT, check=True)
    return program


def make(type: str, time_ns: int = 0, pid: int = 0, **fields: int):
    """A record; fields that are not given are 0."""
    kind = records.BY_NAME[type]
    unknown = fields.keys() - {field.name for field in kind.fields}
    assert not unknown, f"{type} has no {unknown}"
    return records.Record(type, time_ns, pid, tuple(
        fields.get(field.name, 0) & WORD for field in kind.fields))


def fault_info(cause: str, access: str = "read", area: str = "anon",
               major: bool = False, result: str = "done") -> int:
    bits = schema.BITS
    return (schema.CAUSES.index(cause) << bits["TRACE_FAULT_CAUSE_SHIFT"] |
            schema.ACCESSES.index(access) << bits["TRACE_FAULT_ACCESS_SHIFT"] |
            schema.AREAS.index(area) << bits["TRACE_FAULT_AREA_SHIFT"] |
            (bits["TRACE_FAULT_MAJOR"] if major else 0) |
            schema.RESULTS.index(result) << bits["TRACE_FAULT_RESULT_SHIFT"])


def _words(text: str, count: int) -> list[tuple[int, ...]]:
    """Pieces of @count words, the last filled up with zeros."""
    raw = text.encode() + b"\0"
    raw += bytes(-len(raw) % (4 * count))
    return list(struct.iter_unpack(f"<{count}I", raw))


def names(pid: int, name: str, time_ns: int = 0) -> list:
    """NAME, as ktrace says it."""
    a, b, c, d = _words(name, 4)[0]
    return [make("name", time_ns, 0, id=pid, a=a, b=b, c=c, d=d)]


def paths(id: int, path: str, time_ns: int = 0) -> list:
    """FILE records, one a piece of 12 bytes; the last ends with a zero."""
    return [make("file", time_ns, 0, id=id, piece=piece, a=a, b=b, c=c)
            for piece, (a, b, c) in enumerate(_words(path, 3))]


def rounded(record):
    """As it is after the way over the line."""
    unit = records.TIME_NS
    kind = records.BY_NAME[record.type]
    return dataclasses.replace(
        record, time_ns=record.time_ns // unit * unit,
        values=tuple(value // unit * unit if field.coding == "time" else value
                     for field, value in zip(kind.fields, record.values)))


def pack(found: list) -> bytes:
    """Frames of these records, in this order."""
    with tempfile.TemporaryDirectory() as folder:
        raw, packed = Path(folder, "raw"), Path(folder, "packed")
        with raw.open("wb") as out:
            for record in found:
                args = (*record.values, 0, 0, 0, 0, 0)[:5]
                out.write(RAW.pack(record.time_ns,
                                   record.pid << 8 |
                                   records.BY_NAME[record.type].number, *args))
        subprocess.run([_program(), "pack"], check=True,
                       stdout=subprocess.PIPE,
                       env=os.environ | {"TRACE_IN": str(raw),
                                         "TRACE_OUT": str(packed)})
        return packed.read_bytes()
