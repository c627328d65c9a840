# tools/tracelib/commands/decode.py - each record as a line of text
# SPDX-License-Identifier: MIT

import argparse
import sys
from pathlib import Path

from .. import frames, records, text


def add(commands) -> None:
    parser = commands.add_parser("decode", help="each record as a line of text")
    parser.add_argument("file", type=Path)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    data = arguments.file.read_bytes()
    stream = records.join(frames.find(data), len(data))
    for record in stream.records:
        print(text.line(record))
    print(text.summary(stream), file=sys.stderr)
    return 0
