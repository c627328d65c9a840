# tools/tracelib/schema.py - what a record of each type consists of
# SPDX-License-Identifier: MIT
"""The kernel's own headers are read, so that there is one list of each thing:
records and their fields, enums, the names of causes and of counters.
"""

import dataclasses
import re
from pathlib import Path

TOP = Path(__file__).resolve().parents[2]
RECORD = re.compile(r"^TRACE_RECORD\((\w+), (\d+), (\w+),(.*?)\)\)$",
                    re.M | re.S)
FIELD = re.compile(r"F\((\w+), (\w+), (\w+)")
MEMBER = re.compile(r"^ +([A-Z]\w+)(?: = (\d+))?(?:,|\s*//|\s*$)", re.M)
DEFINE = re.compile(r"^#define (TRACE_\w+) +\(?(\d+)u(?: << (\d+)\))?", re.M)


@dataclasses.dataclass(frozen=True)
class Field:
    name: str
    coding: str
    shown: str


@dataclasses.dataclass(frozen=True)
class Type:
    name: str
    number: int
    group: str
    fields: tuple[Field, ...]


def _header(name: str) -> str:
    return (TOP / "include" / name).read_text()


def load_types() -> dict[int, Type]:
    found = {}
    for name, number, group, fields in RECORD.findall(
            _header("kernel/trace_records.def")):
        found[int(number)] = Type(name.lower(), int(number), group,
                                  tuple(Field(*words) for words
                                        in FIELD.findall(fields)))
    return found


def enum(header: str, name: str, prefix: str) -> tuple[str, ...]:
    """The members of `enum @name` by number, in lower case, without @prefix."""
    body = re.search(rf"enum {name} {{(.*?)^}}", _header(header),
                     re.M | re.S)[1]
    found: dict[int, str] = {}
    number = 0
    for member, value in MEMBER.findall(body):
        number = int(value) if value else number
        if member.startswith(prefix):
            found[number] = member.removeprefix(prefix).lower()
        number += 1
    return tuple(found.get(i, str(i)) for i in range(max(found) + 1))


def bits(header: str = "kernel/trace_bits.h") -> dict[str, int]:
    """What #define gives a number: masks and shifts, by name."""
    return {name: int(value) << int(shift or 0) for name, value, shift
            in DEFINE.findall(_header(header))}


def flags(header: str, name: str, prefix: str) -> tuple[tuple[int, str], ...]:
    """The members of `enum @name` whose values are single bits: (bit, name)."""
    body = re.search(rf"enum {name} {{(.*?)^}}", _header(header),
                     re.M | re.S)[1]
    return tuple((1 << int(shift), member.lower()) for member, shift in
                 re.findall(rf"^ +{prefix}(\w+) = 1u << (\d+)", body, re.M))


def group_list() -> tuple[str, ...]:
    body = re.search(r"#define TRACE_GROUP_LIST\(X\)((?:.*\\\n)*.*)\n",
                     _header("kernel/trace.h"))[1]
    return tuple(re.findall(r"X\((\w+)\)", body))


def vm_event_names() -> tuple[str, ...]:
    numbers = enum("mm/stat.h", "vm_event", "VM_")
    shown = dict(re.findall(r'^ +\[VM_(\w+)\] = "(\w+)"',
                            (TOP / "mm/stat.c").read_text(), re.M))
    return tuple(shown.get(name.upper(), name) for name in numbers
                 if name != "events")


def system_calls() -> dict[int, str]:
    """By number, of the headers that the programs are built with; {} if there
    are none here."""
    for folder in ("/usr/i686-linux-gnu/include/asm",
                   "/usr/include/x86_64-linux-gnu/asm"):
        header = Path(folder, "unistd_32.h")
        if header.exists():
            return {int(number): name for name, number in
                    re.findall(r"^#define __NR_(\w+) (\d+)$",
                               header.read_text(), re.M)}
    return {}


TYPES = load_types()
BITS = bits()
CAUSE_MASK = (1 << BITS["TRACE_FAULT_ACCESS_SHIFT"]) - 1  # of FAULT.info
CAUSES = enum("mm/fault_cause.h", "fault_cause", "CAUSE_")
ACCESSES = enum("mm/mm.h", "fault_access", "FAULT_")
RESULTS = enum("mm/vma.h", "fault_result", "FAULT_")
ZONES = ("DMA", "Normal", "HighMem")
COUNTERS = vm_event_names()  # as in /proc/vmstat
STATES = enum("kernel/task.h", "task_state", "TASK_")
GROUPS = group_list()
OWNERS = enum("mm/page_alloc.h", "page_owner", "OWNER_")
GFP_FLAGS = flags("mm/page_alloc.h", "gfp_flag", "GFP_")
AREAS = enum("kernel/trace_bits.h", "trace_area", "TRACE_AREA_")
MARKS = enum("kernel/trace_bits.h", "trace_mark", "TRACE_MARK_")
RECLAIMERS = enum("kernel/trace_bits.h", "trace_reclaim", "TRACE_RECLAIM_")
SWAP_WHYS = enum("kernel/trace_bits.h", "trace_swap", "TRACE_SWAP_")
READAHEADS = enum("kernel/trace_bits.h", "trace_readahead",
                  "TRACE_READAHEAD_")
CACHES = enum("kernel/trace_bits.h", "trace_cache", "TRACE_CACHE_")
MAPS = enum("kernel/trace_bits.h", "trace_map", "TRACE_MAP_")
PROCESSES = enum("kernel/trace_bits.h", "trace_process", "TRACE_PROCESS_")
FILTERS = enum("kernel/trace_bits.h", "trace_filter", "TRACE_FILTER_")
DISKS = enum("kernel/trace_bits.h", "trace_disk", "TRACE_DISK_")
