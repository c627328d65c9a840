# tools/tracelib/export_ctf.py - the Common Trace Format, for babeltrace2
# SPDX-License-Identifier: MIT
"""CTF 1.8: a folder with `metadata`, text that says what the stream consists
of, and `stream`, which is packets of events. An event class a type of record,
its fields the columns, numbers that have names as enumerations, files by their
paths. All of it is made from tracelib/columns.py.

A reader wants events in the order of time, and records may have lain in the
ring behind others: they are sorted. But names are sent before the first record
that needs them, at a time that may be later than its: events are packed in the
order of the stream, with the names told by then, and sorted after that.

Boots are traces of their own, in folders boot-1, boot-2, ...; their clocks are
of one origin, one boot behind the other. Events that the kernel has dropped are
in the packets' count of discarded ones.

Everything is of whole bytes, little-endian. A field's name begins with `_`,
which readers leave away, so that none is a word of the language.
"""

import struct
import uuid
from collections.abc import Callable
from pathlib import Path

from . import schema
from .columns import COLUMNS, Column
from .names import Names, task_name
from .records import Record

MAGIC = 0xc1fc1fc1
CLOCK = uuid.uuid5(uuid.NAMESPACE_URL, "faultline:trace:clock")
HEADER = struct.Struct("<I16sI")     # packet.header
CONTEXT = struct.Struct("<QQQQQ")    # packet.context
EVENT = struct.Struct("<BQI")        # event.header, and the context's pid
PACKET_BYTES = 1 << 18
S = 1_000_000_000

HEAD = """\
/* CTF 1.8 */

typealias integer {{ size = 8; align = 8; }} := uint8_t;
typealias integer {{ size = 32; align = 8; }} := uint32_t;
typealias integer {{ size = 32; align = 8; base = hex; }} := hex32_t;
typealias integer {{ size = 32; align = 8; signed = true; }} := int32_t;
typealias integer {{ size = 64; align = 8; }} := uint64_t;

trace {{
    major = 1;
    minor = 8;
    uuid = "{uuid}";
    byte_order = le;
    packet.header := struct {{
        uint32_t magic;
        uint8_t uuid[16];
        uint32_t stream_id;
    }};
}};

env {{
    tracer_name = "faultline";
    boot = {boot};
}};

clock {{
    name = guest;
    uuid = "{clock}";
    description = "since the boot; one boot behind the other";
    freq = 1000000000;
    offset_s = {offset_s};
}};

typealias integer {{
    size = 64; align = 8; map = clock.guest.value;
}} := time_t;

stream {{
    id = 0;
    packet.context := struct {{
        time_t timestamp_begin;
        time_t timestamp_end;
        uint64_t content_size;
        uint64_t packet_size;
        uint64_t events_discarded;
    }};
    event.header := struct {{
        uint8_t id;
        time_t timestamp;
    }};
    event.context := struct {{
        uint32_t _pid;
        string _task;
    }};
}};
"""
EVENT_CLASS = """
event {{
    id = {id};
    name = "{name}";
    stream_id = 0;
    fields := struct {{
{fields}
    }};
}};
"""


def _field_type(column: Column) -> str:
    if column.names:
        members = ", ".join(f'"{name}" = {number}'
                            for number, name in enumerate(column.names))
        return f"enum : uint32_t {{ {members} }}"
    return {"file": "string", "signed": "int32_t", "hex": "hex32_t",
            "flags": "hex32_t"}.get(column.shown, "uint32_t")


def _fields(type: str) -> list[tuple[str, str]]:
    """(type, name) of each field."""
    if type == "name":
        return [("uint32_t", "named_pid"), ("string", "name")]
    if type == "file":
        return [("hex32_t", "id"), ("uint32_t", "piece"), ("string", "path")]
    return [(_field_type(column), column.name + "_ns" * (column.shown == "ns"))
            for column in COLUMNS[type]]


def metadata(boot: int, trace: uuid.UUID, offset_s: int) -> str:
    words = [HEAD.format(uuid=trace, boot=boot, clock=CLOCK,
                         offset_s=offset_s)]
    for kind in schema.TYPES.values():
        fields = "\n".join(f"        {type} _{name};"
                           for type, name in _fields(kind.name))
        words.append(EVENT_CLASS.format(id=kind.number, name=kind.name,
                                        fields=fields))
    return "".join(words)


def _string(text: str) -> bytes:
    return text.encode().replace(b"\0", b"") + b"\0"


def _path(record: Record, column: Column, names: Names) -> str:
    number = column.number(record.values)
    if number == 0 and record.type == "readahead":
        return "swap"
    return names.file(number)


def _packer(type: str) -> Callable[[Record, Names], bytes]:
    """What makes the fields of one record."""
    if type == "name":
        return lambda record, names: (record["id"].to_bytes(4, "little") +
                                      _string(task_name(record)))
    if type == "file":
        return lambda record, names: (
            struct.pack("<II", record["id"], record["piece"]) +
            _string(names.file(record["id"])))
    columns = COLUMNS[type]
    if not any(column.shown == "file" for column in columns):
        layout = struct.Struct("<" + "".join(
            "i" if column.shown == "signed" else "I" for column in columns))
        return lambda record, names: layout.pack(
            *(column.number(record.values) for column in columns))
    return lambda record, names: b"".join(
        _string(_path(record, column, names)) if column.shown == "file" else
        column.number(record.values).to_bytes(4, "little",
                                              signed=column.shown == "signed")
        for column in columns)


PACKERS = {kind.name: (kind.number, _packer(kind.name))
           for kind in schema.TYPES.values()}


def _event(record: Record, names: Names) -> bytes:
    number, packer = PACKERS[record.type]
    return (EVENT.pack(number, record.time_ns, record.pid) +
            _string(names.task(record.pid)) + packer(record, names))


class _Stream:
    def __init__(self, out, trace: uuid.UUID):
        self._out, self._trace = out, trace
        self._events: list[bytes] = []
        self._bytes = 0
        self._begin = self._end = 0
        self._discarded = 0

    def add(self, record: Record, event: bytes) -> None:
        if not self._events:
            self._begin = record.time_ns
        self._end = record.time_ns
        if record.type == "dropped":
            self._discarded += record["records"]
        self._events.append(event)
        self._bytes += len(event)
        if self._bytes >= PACKET_BYTES:
            self.end_packet()

    def end_packet(self) -> None:
        if not self._events:
            return
        bits = 8 * (HEADER.size + CONTEXT.size + self._bytes)
        self._out.write(HEADER.pack(MAGIC, self._trace.bytes, 0))
        self._out.write(CONTEXT.pack(self._begin, self._end, bits, bits,
                                     self._discarded))
        self._out.write(b"".join(self._events))
        self._events, self._bytes = [], 0


def _write_boot(records: list[Record], folder: Path, number: int,
                offset_s: int) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    trace = uuid.uuid4()
    (folder / "metadata").write_text(metadata(number, trace, offset_s),
                                     encoding="utf-8")
    names = Names()
    events = []
    for record in records:
        names.tell(record)
        events.append(_event(record, names))
    with (folder / "stream").open("wb") as out:
        stream = _Stream(out, trace)
        for i in sorted(range(len(records)),
                        key=lambda i: records[i].time_ns):
            stream.add(records[i], events[i])
        stream.end_packet()


def write(boots: list[list[Record]], folder: Path) -> None:
    offset_s = 0
    for old in (folder, *folder.glob("boot-*")):
        for name in ("metadata", "stream"):
            (old / name).unlink(missing_ok=True)
    for number, records in enumerate(boots, 1):
        into = folder / f"boot-{number}" if len(boots) > 1 else folder
        _write_boot(records, into, number, offset_s)
        offset_s += max(record.time_ns for record in records) // S + 2
