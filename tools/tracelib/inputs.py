# tools/tracelib/inputs.py - a file with a trace in it, as the commands take it
# SPDX-License-Identifier: MIT

import argparse
import sys
from pathlib import Path

from . import frames, records, text
from .records import Reading, Record, Stream


class Unusable(Exception):
    """A file that is there, and is not what was asked for."""


class NoTrace(Unusable):
    """A file in which there is not one frame."""


def add_file(parser: argparse.ArgumentParser, name: str = "file") -> None:
    parser.add_argument(name, type=Path, metavar=name.upper(),
                        help="what came over the line: tools/vm --trace, "
                        "faultline capture")


def _data(file: Path) -> bytes:
    return sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()


def _check(file: Path, reading: Reading | Stream) -> None:
    if not reading.count:
        raise NoTrace(f"{file}: no trace is in it ({reading.noise} bytes of "
                      "something else)")


def read(file: Path) -> Stream:
    """All of it; what was lost is said on stderr. OSError, NoTrace."""
    data = _data(file)
    stream = records.join(frames.find(data), len(data))
    _check(file, stream)
    print(f"{file}: {text.summary(stream)}", file=sys.stderr)
    return stream


class Records:
    """The records of @file one by one, each with the number of its boot, so
    that a long trace need not be in memory; then what was lost is said.
    OSError, NoTrace."""

    def __init__(self, file: Path):
        self._file = file
        data = _data(file)
        self._frames = frames.scan(data)
        self.reading = Reading(len(data))

    def __iter__(self):
        reading, dropped = self.reading, 0
        record: Record
        for record in reading.take_all(self._frames):
            if record.type == "dropped":
                dropped += record["records"]
            yield len(reading.boots) - 1, record
        _check(self._file, reading)
        print(f"{self._file}: {text.summary(reading, dropped)}",
              file=sys.stderr)
