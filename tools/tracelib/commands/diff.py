# tools/tracelib/commands/diff.py - two traces side by side
# SPDX-License-Identifier: MIT

import argparse
import dataclasses
from collections.abc import Iterable
from pathlib import Path

from .. import inputs
from ..summary import Group, Row, Summary, by_change, rows

EPILOG = """\
Sums up both traces and shows where they differ, what changed most first:
faults by cause and what they took, swap, reclaim, disks, tasks by their names,
and what the counters of /proc/vmstat gained. With --per-second everything that
is counted, and all times, are by the second, for runs of different length.
"""
MOST = 8
COUNTERS = 20
NS_PER_S = 1_000_000_000
UNITS = ((1_000_000_000, "s"), (1_000_000, "ms"), (1_000, "us"))
NAME_WIDTH, WIDTH = 38, 12


def add(commands) -> None:
    parser = commands.add_parser(
        "diff", help="where two traces differ", epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter)
    inputs.add_file(parser, "a")
    inputs.add_file(parser, "b")
    parser.add_argument("--per-second", action="store_true",
                        help="by the second of the guest's time")
    parser.set_defaults(run=run)


def _read(file: Path) -> Summary:
    stream = inputs.read(file)
    found = Summary(lost=stream.lost)
    for records in stream.by_boot():
        found.add_boot(records)
    return found


def time(ns: float) -> str:
    for size, unit in UNITS:
        if abs(ns) >= size:
            return f"{ns / size:.3g} {unit}" if abs(ns) < 1000 * size else (
                f"{ns / size:.0f} {unit}")
    return f"{ns:.0f} ns"


def value(number: float, unit: str) -> str:
    if unit == "ns":
        return time(number)
    return f"{number:.0f}" if number == int(number) else f"{number:.2f}"


def change(row: Row) -> str:
    if row.a == row.b:
        return "="
    if not row.a:
        return "new"
    if not row.b:
        return "gone"
    ratio = row.b / row.a
    return f"x {ratio:.2f}" if ratio >= 2 else f"{100 * (ratio - 1):+.1f} %"


def table(title: str, found: Iterable[Row]) -> list[str]:
    found = list(found)
    if not found:
        return []
    head = "".join(f"{word:>{WIDTH}}" for word in ("A", "B", "change"))
    lines = ["", f"{title:<{NAME_WIDTH}}{head}"]
    for row in found:
        cells = (value(row.a, row.unit), value(row.b, row.unit), change(row))
        lines.append(f"  {row.name:<{NAME_WIDTH - 2}}" +
                     "".join(f"{cell:>{WIDTH}}" for cell in cells))
    return lines


def _count(group: Group) -> int:
    return group.count


def _total(group: Group) -> int:
    return group.total_ns


def _scaled(found: list[Row], a: float, b: float) -> list[Row]:
    return by_change(dataclasses.replace(row, a=row.a * a, b=row.b * b)
                     for row in found)


def _latencies(a: Summary, b: Summary) -> list[Row]:
    """Of causes that both have, those that take the most time first."""
    both = sorted(a.causes.keys() & b.causes.keys(), key=lambda cause: -max(
        a.causes[cause].total_ns, b.causes[cause].total_ns))
    return [Row(f"{cause}, {name}", a.causes[cause].percentile(percent),
                b.causes[cause].percentile(percent), "ns")
            for cause in both for percent, name in
            ((50, "median"), (90, "90 %"), (99, "99 %"), (100, "longest"))]


def _sections(a: Summary, b: Summary) -> list[tuple[str, list[Row]]]:
    """What is added up, and so may be by the second."""
    return [
        ("faults by cause", rows("{}", a.causes, b.causes, _count)),
        ("time in faults by cause",
         rows("{}", a.causes, b.causes, _total, "ns")),
        ("swap, pages", rows("{}", a.swap, b.swap, _count)),
        ("swap, time of transfers",
         rows("{}", a.swap, b.swap, _total, "ns")),
        ("reclaim, runs", rows("{}", a.reclaim, b.reclaim, _count)),
        ("reclaim, time", rows("{}", a.reclaim, b.reclaim, _total, "ns")),
        ("disk, requests", rows("{}", a.disk, b.disk, _count)),
        ("disk, time of requests", rows("{}", a.disk, b.disk, _total, "ns")),
        ("counted", rows("{}", a.counts, b.counts, int)),
        ("tasks, faults",
         rows("{}", a.tasks, b.tasks, lambda task: task.faults)),
        ("tasks, major faults",
         rows("{}", a.tasks, b.tasks, lambda task: task.major)),
        ("tasks, time in faults",
         rows("{}", a.tasks, b.tasks, lambda task: task.fault_ns, "ns")),
        ("tasks, time in direct reclaim",
         rows("{}", a.tasks, b.tasks, lambda task: task.reclaim_ns, "ns")),
    ]


def _changed_most(sections: list[tuple[str, list[Row]]]) -> list[Row]:
    named = [dataclasses.replace(row, name=f"{title}: {row.name}")
             for title, found in sections for row in found if row.score() > 3]
    return by_change(named)[:MOST]


def compare(a: Summary, b: Summary, per_second: bool) -> list[str]:
    sections = _sections(a, b)
    counters = rows("{}", a.counters, b.counters, int)
    if per_second:
        by_a, by_b = (NS_PER_S / max(each.length_ns, 1) for each in (a, b))
        sections = [(title, _scaled(found, by_a, by_b))
                    for title, found in sections]
        counters = _scaled(counters, by_a, by_b)
    lines = table("the trace", [
        Row("length", a.length_ns, b.length_ns, "ns"),
        Row("records", a.records, b.records),
        Row("lost on the line", a.lost, b.lost),
        Row("dropped by the kernel", a.dropped, b.dropped),
        Row("faults", sum(map(_count, a.causes.values())),
            sum(map(_count, b.causes.values()))),
        Row("major faults", a.major, b.major),
    ])[1:]
    most = _changed_most(sections)
    lines += table("changed most", most) if most else [
        "", "nothing has changed beyond what chance makes of counts"]
    for title, found in sections:
        lines += table(title + ", a second" * per_second, found)
        if title.startswith("time in faults"):
            lines += table("latency of faults", _latencies(a, b))
    lines += table("/proc/vmstat, gained" + ", a second" * per_second,
                   [row for row in counters if row.score() > 1][:COUNTERS])
    return lines


def run(arguments: argparse.Namespace) -> int:
    a, b = _read(arguments.a), _read(arguments.b)
    print(f"A: {arguments.a}\nB: {arguments.b}\n")
    print("\n".join(compare(a, b, arguments.per_second)))
    return 0
