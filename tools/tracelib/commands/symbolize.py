# tools/tracelib/commands/symbolize.py - names behind addresses, in any text
# SPDX-License-Identifier: MIT

import argparse
import re
import sys
from pathlib import Path

from .. import inputs
from ..elf import Elf, NotElf
from ..model import History
from ..schema import TOP
from ..symbols import Symbols

EPILOG = """\
Reads text from FILE, or from standard input, and puts `function+0x12
(file.c:34)` behind each address of code: a log with a panic, what decode
prints. Where a log has the function already, the line is put behind it; which
of the two kernels it was is seen by that, unless --kernel says.

Addresses of programs are named by --elf, or, in what decode prints, by what
was mapped where as the trace of --trace tells:

    faultline decode t.bin | faultline symbolize --trace t.bin
    faultline symbolize --elf build/root/bin/memwalk log.txt
    faultline symbolize --elf build/i386/lib/libc.so.6@0xb7d00000 log.txt
"""
# An address, and `function+0x12` behind it if the kernel has said it.
ADDRESS = re.compile(
    r"(?<![\w.])(0x[0-9a-fA-F]{5,8}|[0-9a-fA-F]{8})(?![\w.])"
    r"(?: <?([A-Za-z_][\w.]*\+0x[0-9a-f]+)>?)?")
LINE = re.compile(r"^\[ *(\d+)\.(\d{6})\] +(\d+) ")
BOOT = re.compile(r"^---- boot (\d+)$")
NS_PER_US = 1000
KERNEL_SPACE = 0xc0000000


def _file_at(words: str) -> tuple[Path, int]:
    name, at, base = words.rpartition("@")
    if not at:
        return Path(words), 0
    try:
        return Path(name), int(base, 0)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{base} is no address") from None


def add(commands) -> None:
    parser = commands.add_parser(
        "symbolize", help="names behind the addresses in a log or a decode",
        epilog=EPILOG, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", nargs="?", default="-", metavar="FILE",
                        help="text; default: standard input")
    parser.add_argument("--kernel", type=Path, metavar="FILE",
                        help="the kernel that it was (default: "
                        "build/kernel.elf or kernel-pae.elf)")
    parser.add_argument("--elf", type=_file_at, action="append", default=[],
                        metavar="FILE[@BASE]",
                        help="a program or a library, and where it was")
    parser.add_argument("--trace", type=Path, metavar="FILE",
                        help="the trace that the text was decoded from")
    parser.add_argument("--build", type=Path, default=TOP / "build",
                        metavar="DIR", help="where the kernel and the files "
                        "of the guest are (default: %(default)s)")
    parser.set_defaults(run=run)


class Replay:
    """Processes as they were at a line of a decode."""

    def __init__(self, file: Path):
        self._boots = inputs.read(file).by_boot()
        self.boot(0)

    def boot(self, number: int) -> None:
        records = (self._boots[number] if number < len(self._boots) else [])
        self._rest = sorted((record for record in records if record.type in
                             ("map", "process")),
                            key=lambda record: record.time_ns)
        self._at = 0
        self.history = History()
        # A file may be named after it was mapped, when the line was busy.
        for record in records:
            if record.type == "file":
                self.history.feed(record)

    def go_to(self, time_ns: int) -> None:
        while (self._at < len(self._rest) and
               self._rest[self._at].time_ns <= time_ns):
            self.history.feed(self._rest[self._at])
            self._at += 1


class Symbolizer:
    def __init__(self, arguments: argparse.Namespace):
        self._symbols = Symbols(TOP, arguments.build)
        self._kernels = ([Elf(arguments.kernel)] if arguments.kernel else
                         [elf for pae in (False, True)
                          if (elf := self._symbols.kernel_elf(pae))])
        if not self._kernels and not arguments.elf:
            raise inputs.Unusable(f"{arguments.build}: no kernel.elf is there; "
                                  "make it, or say --kernel or --elf")
        self._elfs = [(Elf(file), base) for file, base in arguments.elf]
        self._replay = Replay(arguments.trace) if arguments.trace else None
        self._pid = 0

    def line(self, line: str) -> str:
        if self._replay and (match := BOOT.match(line)):
            self._replay.boot(int(match[1]) - 1)
        elif self._replay and (match := LINE.match(line)):
            # The line's time was cut off.
            time_us = int(match[1]) * 1_000_000 + int(match[2])
            self._replay.go_to((time_us + 1) * NS_PER_US - 1)
            self._pid = int(match[3])
        return ADDRESS.sub(self._name, line)

    def _name(self, match: re.Match) -> str:
        digits, function = match.groups()
        address = int(digits, 16)
        if function:
            line = self._line_of(address, function)
            return f"{match[0]} ({line})" if line else match[0]
        name = (self._kernel(address) if address >= KERNEL_SPACE else
                self._user(address))
        return f"{match[0]} {name}" if name else match[0]

    def _kernel(self, address: int) -> str | None:
        if not self._kernels:
            return None
        return self._symbols.name(self._kernels[0], address)

    def _line_of(self, address: int, function: str) -> str | None:
        """Of an address that the kernel has named itself: the first kernel that
        calls it the same is the one from now on."""
        for elf in self._kernels:
            if elf.function(address) == function:
                self._kernels.remove(elf)
                self._kernels.insert(0, elf)
                return self._symbols.line(elf, address)
        return None

    def _user(self, address: int) -> str | None:
        for elf, base in self._elfs:
            name = self._symbols.name(elf, address - base)
            if name:
                return name
        if not self._replay:
            return None
        return user_name(self._symbols, self._replay.history, self._pid,
                         address)

    def close(self) -> None:
        self._symbols.close()
        for elf in self._kernels + [elf for elf, _ in self._elfs]:
            elf.close()


def user_name(symbols: Symbols, history: History, pid: int,
              address: int) -> str | None:
    """By the file that is mapped there, or by the program, if its code is
    always at one place."""
    process = history.process(pid)
    if process is None:
        return None
    area = process.space.find(address)
    if area and area.file:
        return symbols.user(history.file(area.file), area.offset(address))
    if not process.program:
        return None
    return symbols.fixed(history.file(process.program), address)


def run(arguments: argparse.Namespace) -> int:
    try:
        symbolizer = Symbolizer(arguments)
    except NotElf as error:
        raise inputs.Unusable(str(error)) from error
    # Whatever came over a line goes through as it is.
    sys.stdout.reconfigure(encoding="utf-8", errors="surrogateescape")
    with (sys.stdin.buffer if arguments.file == "-" else
          open(arguments.file, "rb")) as source:
        for raw in source:
            line = raw.decode("utf-8", "surrogateescape")
            end = "\n" if line.endswith("\n") else ""
            sys.stdout.write(symbolizer.line(line.removesuffix("\n")) + end)
    symbolizer.close()
    return 0
