# tools/tracelib/commands/top.py - who faults now, and why
# SPDX-License-Identifier: MIT

import argparse
import contextlib
import math
import os
import select
import shutil
import signal
import sys
import termios
import time
import tty

from .. import follow, screen
from ..inputs import Unusable
from ..records import Reading
from ..window import NS_PER_S, Window

REDRAW_S = 0.5
POLL_S = 0.1
ALTERNATE, NORMAL = "\x1b[?1049h\x1b[?25l", "\x1b[?25h\x1b[?1049l"
HOME, END_OF_LINE, END_OF_SCREEN = "\x1b[H", "\x1b[K", "\x1b[J"
PLAIN = "\x1b[0m"
EXIT_SIGNAL_BASE = 128


def _window(word: str) -> float:
    with contextlib.suppress(ValueError):
        if 0 < float(word) * NS_PER_S < math.inf:
            return float(word)
    raise argparse.ArgumentTypeError(
        f"{word} is no positive number of seconds")


def add(commands) -> None:
    parser = commands.add_parser(
        "top", help="a live view of a trace that comes in",
        description="Shows who faults now, why, and what it costs, while a "
        "trace comes in. Not on a terminal: what there was at the end of the "
        "file, once. Keys: q quits, s changes the order.")
    parser.add_argument("source", help="a file that grows (tools/vm --trace, "
                        "faultline capture), a FIFO, a serial port's device, "
                        "unix:PATH, or tcp:HOST:PORT")
    parser.add_argument("--baud", type=int, default=115200,
                        help="of a serial port (default: %(default)s)")
    parser.add_argument("--rtscts", action="store_true",
                        help="with its flow control")
    parser.add_argument("-w", "--window", type=_window, default=2.0,
                        metavar="S", help="seconds of the guest that are "
                        "looked at (default: %(default)s)")
    parser.set_defaults(run=run)


class Terminal:
    """The screen and the keys of a terminal, which is as it was afterwards,
    and while it is somebody else's: Ctrl-Z."""

    def __init__(self):
        self.input = sys.stdin.fileno()
        self._is_to_stop = False

    def __enter__(self):
        self._take()
        signal.signal(signal.SIGTSTP, self._ask_to_stop)
        return self

    def __exit__(self, *_):
        self._give_back()

    def _take(self) -> None:
        self._was = termios.tcgetattr(self.input)
        tty.setcbreak(self.input)
        sys.stdout.write(ALTERNATE)

    def _give_back(self) -> None:
        sys.stdout.write(NORMAL)
        sys.stdout.flush()
        termios.tcsetattr(self.input, termios.TCSADRAIN, self._was)

    def _ask_to_stop(self, _number, _frame) -> None:
        # Not here: something may just be written.
        self._is_to_stop = True

    def has_stopped(self) -> bool:
        """Stop, if that was asked for, until it goes on."""
        if not self._is_to_stop:
            return False
        self._is_to_stop = False
        self._give_back()
        signal.signal(signal.SIGTSTP, signal.SIG_DFL)
        os.kill(os.getpid(), signal.SIGTSTP)    # returns after SIGCONT
        signal.signal(signal.SIGTSTP, self._ask_to_stop)
        self._take()
        return True

    def key(self) -> str:
        """One that was pressed, or nothing."""
        if not select.select([self.input], [], [], 0)[0]:
            return ""
        return os.read(self.input, 1).decode("latin-1") or "q"

    def show(self, lines) -> None:
        sys.stdout.write(HOME + "\r\n".join(
            f"{screen.STYLES[style]}{text}{PLAIN}{END_OF_LINE}"
            for text, style in lines) + END_OF_SCREEN)
        sys.stdout.flush()


class View:
    """Reads a source, and says what is to be seen of it."""

    def __init__(self, source: follow.Source, window_s: float):
        self.source = source
        self.window = Window(window_s)
        self.sort = screen.SORTS[0]
        self._begin()

    def _begin(self) -> None:
        self.window.restart()
        self.reading = Reading()
        self._boots = 1

    def follow(self, read) -> None:
        """Until @read returns None."""
        while True:
            try:
                self._take(read)
                return
            except follow.Anew:
                self._begin()

    def _take(self, read) -> None:
        for record in self.reading.take_all(follow.frames(read)):
            if len(self.reading.boots) > self._boots:
                self._boots = len(self.reading.boots)
                self.window.restart()
            self.window.feed(record)

    def lines(self, columns: int, rows: int):
        return screen.draw(self.window, os.path.basename(self.source.name),
                           self.reading.lost, self.sort, columns, rows)

    def next_sort(self) -> None:
        at = screen.SORTS.index(self.sort) + 1
        self.sort = screen.SORTS[at % len(screen.SORTS)]


def _watch(view: View, terminal: Terminal) -> None:
    shown = 0.0

    def read():
        nonlocal shown
        key = terminal.key()
        if key in ("q", "\x03", "\x04"):
            return None
        if key == "s":
            view.next_sort()
        if (terminal.has_stopped() or key or
                time.monotonic() - shown >= REDRAW_S):
            terminal.show(view.lines(*shutil.get_terminal_size((80, 24))))
            shown = time.monotonic()
        return view.source.read(POLL_S, terminal.input)

    view.follow(read)


def _print_once(view: View) -> None:
    view.follow(lambda: view.source.read(0) or None)
    for text, _ in view.lines(80, 1000)[:-1]:
        print(text.rstrip())


def _end(number, _frame):
    sys.exit(EXIT_SIGNAL_BASE + number)     # through Terminal.__exit__


def _source(arguments: argparse.Namespace) -> follow.Source:
    try:
        return follow.Source(arguments.source, arguments.baud,
                             arguments.rtscts)
    except ValueError as error:
        raise Unusable(str(error)) from error


def run(arguments: argparse.Namespace) -> int:
    with _source(arguments) as source:
        view = View(source, arguments.window)
        if not (sys.stdin.isatty() and sys.stdout.isatty()):
            _print_once(view)
            return 0
        for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT):
            signal.signal(number, _end)
        try:
            with Terminal() as terminal:
                _watch(view, terminal)
        except KeyboardInterrupt:
            pass
    return 0
