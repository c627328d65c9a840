# tools/tracelib/schema.py - what a record of each type consists of
# SPDX-License-Identifier: MIT
"""The kernel's own list is read: include/kernel/trace_records.def."""

import dataclasses
import re
from pathlib import Path

LIST = Path(__file__).resolve().parents[2] / \
    "include/kernel/trace_records.def"
RECORD = re.compile(r"^TRACE_RECORD\((\w+), (\d+), (\w+),(.*?)\)\)$",
                    re.M | re.S)
FIELD = re.compile(r"F\((\w+), (\w+), (\w+)")


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


def load(path: Path = LIST) -> dict[int, Type]:
    found = {}
    for name, number, group, fields in RECORD.findall(path.read_text()):
        found[int(number)] = Type(name.lower(), int(number), group,
                                  tuple(Field(*words) for words
                                        in FIELD.findall(fields)))
    return found


TYPES = load()
