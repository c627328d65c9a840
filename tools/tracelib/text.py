# tools/tracelib/text.py - records for people
# SPDX-License-Identifier: MIT

from .records import BY_NAME, Record, Stream
from .schema import ACCESSES, AREAS, CAUSES, RESULTS, ZONES

NS_PER_S = 1_000_000_000


def _name(names: tuple[str, ...], number: int) -> str:
    return names[number] if number < len(names) else str(number)


def _info(info: int) -> str:
    """Of a fault: kernel/trace.h."""
    words = [f"cause={_name(CAUSES, info & 31)}",
             f"access={_name(ACCESSES, info >> 5 & 3)}",
             f"area={_name(AREAS, info >> 7 & 7)}",
             "major" if info & 1 << 10 else "minor"]
    result = info >> 11
    return " ".join(words + ([_name(RESULTS, result)] if result else []))


def _task_name(record: Record) -> str:
    raw = b"".join(value.to_bytes(4, "little") for value in record.values[1:])
    return raw.partition(b"\0")[0].decode("utf-8", "replace")


def _field(record: Record, name: str, shown: str, value: int) -> str:
    if record.type == "fault" and name == "info":
        return _info(value)
    if record.type == "zone" and name == "zone":
        return _name(ZONES, value)
    if shown == "hex":
        return f"{name}={value:#x}"
    if shown == "ns":
        return f"{name}_us={value / 1000:.1f}"
    return f"{name}={value}"


def line(record: Record) -> str:
    seconds, ns = divmod(record.time_ns, NS_PER_S)
    words = [f"[{seconds:5}.{ns // 1000:06}]", f"{record.pid:>5}",
             f"{record.type:<9}"]
    if record.type == "name":
        words.append(f"pid={record['id']} name={_task_name(record)}")
    else:
        words += [_field(record, field.name, field.shown, value)
                  for field, value in zip(BY_NAME[record.type].fields,
                                          record.values)]
    return " ".join(words)


def summary(stream: Stream) -> str:
    dropped = sum(record["records"] for record in stream.records
                  if record.type == "dropped")
    return (f"{len(stream.records)} records; {stream.lost} lost on the line, "
            f"{dropped} dropped by the kernel; {stream.mended} frames mended, "
            f"{stream.noise} bytes of something else")
