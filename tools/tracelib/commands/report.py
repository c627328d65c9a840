# tools/tracelib/commands/report.py - one HTML page for people
# SPDX-License-Identifier: MIT

import argparse
from pathlib import Path

from .. import inputs, schema
from ..report.page import page
from ..symbols import Symbols


def add(commands) -> None:
    parser = commands.add_parser(
        "report", help="one HTML page about a trace",
        description="Writes one HTML page that needs nothing else: what "
        "happened, when, where, and who paid for it.")
    inputs.add_file(parser)
    parser.add_argument("-o", "--output", type=Path, metavar="FILE",
                        help="default: FILE with .html at its end")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    stream = inputs.read(arguments.file)
    output = arguments.output or arguments.file.with_suffix(".html")
    output.write_text(page(stream, arguments.file.name, Symbols(schema.TOP)),
                      encoding="utf-8")
    return 0
