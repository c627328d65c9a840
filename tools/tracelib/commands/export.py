# tools/tracelib/commands/export.py - a trace for other people's programs
# SPDX-License-Identifier: MIT

import argparse
from pathlib import Path

from .. import export_csv, export_ctf, export_perfetto, inputs

EPILOG = """\
--csv DIR        a table a type of record: DIR/fault.csv, DIR/swap_in.csv, ...
--csv FILE.csv   one table of all
--perfetto FILE  trace events as JSON, for ui.perfetto.dev or chrome://tracing
--ctf DIR        Common Trace Format 1.8: babeltrace2 DIR

Files that are there already are overwritten. Times are of the guest's clock,
since its boot; a record is made at the end of what it tells.
"""


def add(commands) -> None:
    parser = commands.add_parser(
        "export", help="as CSV, for Perfetto, or for babeltrace2",
        epilog=EPILOG, formatter_class=argparse.RawDescriptionHelpFormatter)
    inputs.add_file(parser)
    parser.add_argument("--csv", type=Path, metavar="DIR|FILE.csv")
    parser.add_argument("--perfetto", type=Path, metavar="FILE.json")
    parser.add_argument("--ctf", type=Path, metavar="DIR")
    parser.set_defaults(run=run, parser=parser)


def run(arguments: argparse.Namespace) -> int:
    if not (arguments.csv or arguments.perfetto or arguments.ctf):
        arguments.parser.error("into what? --csv, --perfetto, or --ctf")
    boots = inputs.read(arguments.file).by_boot()

    def all_of_them():
        for number, records in enumerate(boots):
            for record in records:
                yield number, record

    if arguments.csv and arguments.csv.suffix == ".csv":
        export_csv.write_file(all_of_them(), arguments.csv)
    elif arguments.csv:
        export_csv.write_folder(all_of_them(), arguments.csv)
    if arguments.perfetto:
        export_perfetto.write(all_of_them(), arguments.perfetto)
    if arguments.ctf:
        export_ctf.write(boots, arguments.ctf)
    return 0
