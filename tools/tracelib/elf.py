# tools/tracelib/elf.py - which function an address is in, by an ELF file
# SPDX-License-Identifier: MIT
"""Of 32-bit little-endian ELF: segments, and the symbols of functions. Lines of
sources are asked of addr2line (binutils), one process a file that is kept, and
each address once.
"""

import bisect
import struct
import subprocess
from pathlib import Path

IDENT = b"\x7fELF\x01\x01"
HEADER = struct.Struct("<16sHHIIIIIHHHHHH")
SEGMENT = struct.Struct("<8I")
SECTION = struct.Struct("<10I")
SYMBOL = struct.Struct("<IIIBBH")
ET_EXEC = 2
PT_LOAD, PF_X = 1, 1
SHT_SYMTAB, SHT_DYNSYM = 2, 11
STT_NOTYPE, STT_FUNC, STT_GNU_IFUNC = 0, 2, 10
SHF_EXECINSTR = 4


class NotElf(Exception):
    """A file that is no ELF of a PC's 32-bit programs, or is damaged."""


class Elf:
    """Addresses are those of the file: where a program that is not
    position-independent has them. NotElf, OSError."""

    def __init__(self, file: Path):
        self.file = file
        self._lines: dict[int, str | None] = {}
        self._asked: subprocess.Popen | None = None
        data = file.read_bytes()
        if not data.startswith(IDENT):
            raise NotElf(f"{file}: no ELF file of 32 bits")
        try:
            self._parse(data)
        except (struct.error, IndexError, ValueError) as error:
            raise NotElf(f"{file}: is cut short, or damaged") from error

    def _parse(self, data: bytes) -> None:
        (_, kind, _, _, _, phoff, shoff, _, _, phsize, phnum, shsize, shnum,
         _) = HEADER.unpack_from(data)
        self.is_fixed = kind == ET_EXEC
        # (offset in the file, address, bytes, is it code?)
        self.segments = [
            (offset, address, max(in_file, in_memory), bool(flags & PF_X))
            for what, offset, address, _, in_file, in_memory, flags, _ in
            (SEGMENT.unpack_from(data, phoff + i * phsize)
             for i in range(phnum)) if what == PT_LOAD]
        sections = [SECTION.unpack_from(data, shoff + i * shsize)
                    for i in range(shnum)]
        tables = {section[1]: section for section in sections}
        table = tables.get(SHT_SYMTAB) or tables.get(SHT_DYNSYM)
        found: dict[int, tuple[int, int, str]] = {}
        for symbol in self._functions(data, sections, table) if table else ():
            value, rank, size, name = symbol
            if value not in found or found[value][:2] < (rank, size):
                found[value] = rank, size, name
        self._starts = sorted(found)
        self._functions_at = [found[start] for start in self._starts]

    @staticmethod
    def _functions(data: bytes, sections: list, table: tuple):
        """(address, rank, bytes, name); labels in assembly rank last."""
        names_at = sections[table[6]][4]
        for at in range(table[4], table[4] + table[5] // SYMBOL.size *
                        SYMBOL.size, SYMBOL.size):
            name, value, size, info, _, section = SYMBOL.unpack_from(data, at)
            kind = info & 15
            if not 0 < section < len(sections) or not (
                    sections[section][2] & SHF_EXECINSTR):
                continue
            if kind not in (STT_NOTYPE, STT_FUNC, STT_GNU_IFUNC):
                continue
            end = data.index(b"\0", names_at + name)
            text = data[names_at + name:end].decode("utf-8", "replace")
            if text and not text.startswith("."):
                # A global name before a local one, both of one place.
                rank = 2 * (kind != STT_NOTYPE) + (info >> 4 == 1)
                yield value, rank, size, text

    def address_of(self, offset: int) -> int | None:
        """Of a byte of the file; None: it is not loaded."""
        for start, address, size, is_code in sorted(
                self.segments, key=lambda segment: not segment[3]):
            if start <= offset < start + size:
                return address + offset - start
        return None

    def is_code(self, address: int) -> bool:
        return any(start <= address < start + size
                   for _, start, size, is_code in self.segments if is_code)

    def function(self, address: int) -> str | None:
        """`name+0x12`; None: in none that is known."""
        if not self.is_code(address):
            return None
        at = bisect.bisect_right(self._starts, address) - 1
        if at < 0:
            return None
        start = self._starts[at]
        _, size, name = self._functions_at[at]
        if size and address >= start + size:
            return None
        return f"{name}+{address - start:#x}"

    def line(self, address: int) -> str | None:
        """`file.c:34`; None: not known."""
        if address not in self._lines:
            self._lines[address] = self._ask(address)
        return self._lines[address]

    def _ask(self, address: int) -> str | None:
        try:
            if self._asked is None:
                self._asked = subprocess.Popen(
                    ["addr2line", "-e", str(self.file)], text=True,
                    stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                    stderr=subprocess.DEVNULL)
            self._asked.stdin.write(f"{address:#x}\n")
            self._asked.stdin.flush()
            answer = self._asked.stdout.readline()
        except OSError:     # it has ended, or there is none here
            return None
        # "?" is not known; behind the number may be "(discriminator 2)".
        place = answer.split(" ")[0].strip()
        file, _, number = place.rpartition(":")
        return place if number.isdigit() and number != "0" else None

    def close(self) -> None:
        if self._asked:
            self._asked.stdin.close()
            self._asked.stdout.close()
            self._asked.wait()
            self._asked = None
