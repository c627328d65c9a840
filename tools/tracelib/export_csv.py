# tools/tracelib/export_csv.py - records as tables
# SPDX-License-Identifier: MIT
"""A table a type in a folder, or all in one file, whose columns are then those
of all types, empty where a record has none. Numbers that have names are shown
by them, as decode does it.
"""

import contextlib
import csv
from collections.abc import Iterable
from pathlib import Path

from . import schema, text
from .names import Names
from .records import Record

COMMON = ("boot", "time_ns", "pid", "task")
# Columns that are of the task a record speaks of, not of the one it is of.
RENAMED = {"name": {"pid": "named_pid"}, "filter": {"pid": "only_pid"}}


def _titles(type: str) -> list[str]:
    renamed = RENAMED.get(type, {})
    return [renamed.get(name, name) for name in text.titles(type)]


def _row(boot: int, record: Record, names: Names) -> dict[str, int | str]:
    renamed = RENAMED.get(record.type, {})
    row = {renamed.get(name, name): value
           for name, value in text.cells(record, names)}
    return row | {"boot": boot + 1, "time_ns": record.time_ns,
                  "pid": record.pid, "task": names.task(record.pid)}


def _rows(records: Iterable[tuple[int, Record]]):
    boot, names = 0, Names()
    for number, record in records:
        if number != boot:
            boot, names = number, Names()
        names.tell(record)
        yield record.type, _row(boot, record, names)


def write_file(records: Iterable[tuple[int, Record]], file: Path) -> None:
    """@records: (boot, record)"""
    titles = list(dict.fromkeys(
        [*COMMON, "type", *(title for kind in schema.TYPES.values()
                            for title in _titles(kind.name))]))
    with file.open("w", newline="", encoding="utf-8") as out:
        table = csv.DictWriter(out, titles, lineterminator="\n")
        table.writeheader()
        for type, row in _rows(records):
            table.writerow(row | {"type": type})


def write_folder(records: Iterable[tuple[int, Record]], folder: Path) -> None:
    """Tables of the types that there are; folder/fault.csv and so on."""
    folder.mkdir(parents=True, exist_ok=True)
    for kind in schema.TYPES.values():  # of another trace
        (folder / f"{kind.name}.csv").unlink(missing_ok=True)
    tables: dict[str, csv.DictWriter] = {}
    with contextlib.ExitStack() as files:
        for type, row in _rows(records):
            if type not in tables:
                out = files.enter_context((folder / f"{type}.csv").open(
                    "w", newline="", encoding="utf-8"))
                tables[type] = csv.DictWriter(
                    out, [*COMMON, *_titles(type)], lineterminator="\n")
                tables[type].writeheader()
            tables[type].writerow(row)
