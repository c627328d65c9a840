# tools/tracelib/commands/capture.py - a trace into a file, as it comes
# SPDX-License-Identifier: MIT
"""From a serial port, a socket, or a machine of tools/vm. All that comes is
written, of whatever kind; what it is is looked at by other commands. What is
counted meanwhile is shown on a terminal.
"""

import argparse
import contextlib
import os
import select
import shutil
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

from .. import sources
from ..live import Live

VM = Path(__file__).resolve().parents[2] / "vm"
READ_BYTES = 65536
SHOWN_EVERY_S = 0.5
RETRY_S = 0.5
LOOK_S = 0.1
FINISH_S = 0.5
EXIT_USAGE = 2


def _seconds(word: str) -> float:
    with contextlib.suppress(ValueError):
        if float(word) >= 0:    # which nan is not
            return float(word)
    raise argparse.ArgumentTypeError(f"{word} is no number of seconds")


def add(commands) -> None:
    parser = commands.add_parser(
        "capture", help="a trace into a file, as it comes",
        usage="faultline capture -o FILE [options] SOURCE | "
        "faultline capture -o FILE [options] --vm [OPTIONS OF tools/vm] "
        "-- COMMAND")
    parser.add_argument("source", nargs="*", help="a serial port's device, "
                        "unix:PATH, or tcp:HOST:PORT")
    parser.add_argument("-o", "--output", type=Path, required=True,
                        metavar="FILE")
    parser.add_argument("--baud", type=int, default=115200,
                        help="of a serial port (default: %(default)s)")
    parser.add_argument("--rtscts", action="store_true",
                        help="with its flow control")
    parser.add_argument("--seconds", type=_seconds, metavar="S",
                        help="end after so long")
    parser.add_argument("--once", action="store_true",
                        help="end when the source does, instead of waiting for "
                        "it to come back")
    parser.add_argument("--times", type=Path, metavar="FILE",
                        help="a line for each piece that comes: its place in "
                        "the output, and the time of day in seconds")
    parser.add_argument("--vm", nargs=argparse.REMAINDER, metavar="...",
                        help="what tools/vm is to run; its options, --, and a "
                        "command")
    parser.set_defaults(run=run)


class Screen:
    """The line that says how far it is, where somebody sees it."""

    def __init__(self, live: Live):
        self._live = live
        self._shows = sys.stderr.isatty()
        self._start = self._last = time.monotonic()
        self._records = 0

    def show(self) -> None:
        now = time.monotonic()
        if not self._shows or now - self._last < SHOWN_EVERY_S:
            return
        rate = (self._live.records - self._records) / (now - self._last)
        self._last, self._records = now, self._live.records
        width = shutil.get_terminal_size().columns - 1
        text = self._live.line(now - self._start, rate)[:width]
        print(f"\r{text}\x1b[K", end="", file=sys.stderr, flush=True)

    def say(self, text: str) -> None:
        end = "\r\x1b[K" if self._shows else ""
        print(f"{end}faultline: {text}", file=sys.stderr, flush=True)


class Capture:
    """@source, into @output, until the deadline or until stop() is true."""

    def __init__(self, source, output, screen: Screen, live: Live, times=None):
        self._source, self._output = source, output
        self._screen, self._live, self._times = screen, live, times
        self._descriptor: int | None = None
        self._tried = 0.0
        self._said = False
        self.has_begun = False

    def _begin(self) -> None:
        """Empty the files. Not before there is a source: its name may be
        mistyped, and what they had be lost for that."""
        self.has_begun = True
        for file in (self._output, self._times):
            if file and stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                file.truncate(0)

    def _open(self) -> None:
        if time.monotonic() < self._tried + RETRY_S:
            time.sleep(LOOK_S)
            return
        self._tried = time.monotonic()
        try:
            self._descriptor = self._source.open()
        except OSError as error:
            if not self._said:
                self._screen.say(f"{self._source.name}: {error.strerror}, "
                                 "waiting for it")
            self._said = True
            return
        if not self.has_begun:
            self._begin()
        if self._said:
            self._screen.say(f"{self._source.name}: there again")
        self._said = False

    def _close(self) -> None:
        os.close(self._descriptor)
        self._descriptor = None

    def _read(self) -> bytes | None:
        """b"": it has ended. None: there is nothing now."""
        try:
            return os.read(self._descriptor, READ_BYTES)
        except BlockingIOError:
            return None
        except OSError:
            return b""

    def _write(self, data: bytes) -> None:
        if self._times:
            print(f"{self._live.bytes} {time.time():.6f}", file=self._times,
                  flush=True)
        self._output.write(data)
        self._live.feed(data)

    def step(self) -> bool:
        """Wait a moment for what comes. Return: False: the source has ended."""
        self._screen.show()
        if self._descriptor is None:
            self._open()
            return True
        select.select([self._descriptor], [], [], LOOK_S)
        data = self._read()
        if data:
            self._write(data)
        if data == b"":
            self._close()
        return data != b""

    def finish(self) -> None:
        """What has come and was not read. Not for longer than a moment: some
        sources always have more."""
        deadline = time.monotonic() + FINISH_S
        while self._descriptor is not None:
            data = self._read()
            if data:
                self._write(data)
            if not data or time.monotonic() >= deadline:
                self._close()
        self._live.feed(b"", is_end=True)


class Stop:
    """Whether somebody has asked for the end. Nothing is interrupted by it:
    what has been read is written, and counted once."""

    def __init__(self):
        self.asked = False
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._ask)

    def _ask(self, _number, _frame) -> None:
        self.asked = True


def _follow(capture: Capture, arguments: argparse.Namespace) -> None:
    stop = Stop()
    end = float("inf")
    if arguments.seconds is not None:
        end = time.monotonic() + arguments.seconds
    while time.monotonic() < end and not stop.asked:
        if not capture.step() and arguments.once:
            return


def _as_it_is(path: str, flags: int) -> int:
    """For open(): what a file has is kept."""
    return os.open(path, flags & ~os.O_TRUNC, 0o666)


def _from_source(arguments: argparse.Namespace) -> int:
    try:
        source = sources.by_name(arguments.source[0], arguments.baud,
                                 arguments.rtscts)
    except ValueError as error:
        print(f"faultline: {error}", file=sys.stderr)
        return EXIT_USAGE
    live = Live()
    screen = Screen(live)
    times = (open(arguments.times, "w", opener=_as_it_is)
             if arguments.times else None)
    with open(arguments.output, "wb", buffering=0,
              opener=_as_it_is) as output:
        capture = Capture(source, output, screen, live, times)
        _follow(capture, arguments)
        capture.finish()
    if times:
        times.close()
    screen.say(f"{arguments.output}: {live.summary()}" if capture.has_begun
               else f"{source.name} was never there: {arguments.output} is as "
               "it was")
    return 0


def _watch(growing, machine: subprocess.Popen, screen: Screen,
           live: Live) -> None:
    """Count what the machine writes, until it has ended."""
    stop = Stop()
    is_told = False
    while machine.poll() is None:
        if stop.asked and not is_told:
            # A terminal has told tools/vm as well; kill has not. Once: it is
            # not to be interrupted while it ends.
            machine.terminate()
            is_told = True
        if data := growing.read(READ_BYTES):
            live.feed(data)
        else:
            time.sleep(LOOK_S)
        screen.show()
    while data := growing.read(READ_BYTES):
        live.feed(data)
    live.feed(b"", is_end=True)


def _from_machine(arguments: argparse.Namespace) -> int:
    live = Live()
    screen = Screen(live)
    arguments.output.write_bytes(b"")
    with open(arguments.output, "rb") as growing:
        machine = subprocess.Popen([VM, "--trace", arguments.output,
                                    *arguments.vm, "--", *arguments.source])
        _watch(growing, machine, screen, live)
    screen.say(f"{arguments.output}: {live.summary()}")
    return machine.returncode


def run(arguments: argparse.Namespace) -> int:
    if arguments.vm is None and len(arguments.source) != 1:
        print("faultline: capture: one source, or --vm", file=sys.stderr)
        return EXIT_USAGE
    if arguments.vm is not None and (arguments.seconds is not None or
                                     arguments.once or arguments.times):
        print("faultline: capture: --seconds, --once and --times are for other "
              "sources than --vm", file=sys.stderr)
        return EXIT_USAGE
    if arguments.vm is not None:
        return _from_machine(arguments)
    return _from_source(arguments)
