# tools/tracelib/commands/decode.py - each record as a line of text
# SPDX-License-Identifier: MIT

import argparse

from .. import inputs, schema, text
from ..names import Names

EPILOG = """\
Numbers have names: causes of faults, zones, counters, tasks, files. Several
boots in one file come one after the other, and each begins with a line that
says so. What was lost is said on stderr, at the end.
"""
TYPES = sorted(kind.name for kind in schema.TYPES.values())


def _types(words: str) -> frozenset[str]:
    chosen = frozenset(words.lower().split(","))
    groups = {kind.group for kind in schema.TYPES.values()}
    unknown = chosen - set(TYPES) - groups
    if unknown:
        raise argparse.ArgumentTypeError(
            f"there is no {', '.join(sorted(unknown))}; there are "
            f"{', '.join(TYPES)}")
    return frozenset(kind.name for kind in schema.TYPES.values()
                     if chosen & {kind.name, kind.group})


def _pids(words: str) -> frozenset[int]:
    try:
        return frozenset(int(word) for word in words.split(","))
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"{words} is no list of numbers") from None


def _seconds(word: str) -> int:
    try:
        return round(float(word) * text.NS_PER_S)
    except (ValueError, OverflowError):
        raise argparse.ArgumentTypeError(
            f"{word} is no number of seconds") from None


def add(commands) -> None:
    parser = commands.add_parser(
        "decode", help="each record as a line of text", epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter)
    inputs.add_file(parser)
    parser.add_argument("--type", type=_types, metavar="TYPE,...",
                        help="only these records: by type (fault, swap_in) or "
                        "by group (swap, reclaim)")
    parser.add_argument("--pid", type=_pids, metavar="PID,...",
                        help="only those of these tasks")
    parser.add_argument("--since", type=_seconds, metavar="SECONDS",
                        help="only those of this time and later, as the first "
                        "column has it")
    parser.add_argument("--until", type=_seconds, metavar="SECONDS",
                        help="only those of earlier")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    types, pids = arguments.type, arguments.pid
    since = arguments.since or 0
    until = arguments.until
    boot, names = 0, Names()
    for number, record in inputs.Records(arguments.file):
        if number != boot:
            boot, names = number, Names()
            print(f"---- boot {boot + 1}")
        names.tell(record)
        if ((types and record.type not in types) or
                (pids and record.pid not in pids) or
                record.time_ns < since or
                (until is not None and record.time_ns >= until)):
            continue
        print(text.line(record, names))
    return 0
