# tools/tracelib/lines.py - frames that are lines of text
# SPDX-License-Identifier: MIT
"""The reading end of lib/trace_line.c. A line may begin anywhere, and what is
no line is somebody else's. One with characters that are wrong is mended as far
as its symbols go; where that is not enough, or one or two are missing, it is
tried which pair of digits that may be.
"""

import dataclasses
import re
from collections.abc import Iterator

from . import reed_solomon

MARK = b"~!"
FIRST, DIGITS = ord("#"), 91
PAIR_BITS, PAIRS = 13, 52
SYMBOLS, SYMBOL_BITS = 96, 7
PADDING_BITS = PAIRS * PAIR_BITS - SYMBOLS * SYMBOL_BITS
LINE = re.compile(rb"~!([^\r\n~]{100,108})(?:\r?\n)?")


@dataclasses.dataclass(frozen=True)
class Line:
    place: int
    length: int  # with its end
    symbols: bytes
    mended: bool


def make(frame: bytes) -> bytes:
    """@frame as the kernel writes it, with its newline. For tests."""
    bits = 0
    for byte in frame:
        bits = bits << SYMBOL_BITS | byte & 0x7f
    bits <<= PADDING_BITS
    digits = bytearray()
    for pair in reversed(range(PAIRS)):
        value = bits >> pair * PAIR_BITS & ((1 << PAIR_BITS) - 1)
        digits += bytes([FIRST + value % DIGITS, FIRST + value // DIGITS])
    return MARK + bytes(digits) + b"\n"


def _symbols(digits: bytes) -> bytes:
    bits = 0
    for at in range(0, 2 * PAIRS, 2):
        low, high = digits[at] - FIRST, digits[at + 1] - FIRST
        bits = bits << PAIR_BITS | (low + DIGITS * high) & 0x1fff
    bits >>= PADDING_BITS
    return bytes(bits >> SYMBOL_BITS * at & 0x7f
                 for at in reversed(range(SYMBOLS)))


def _of_pair(pair: int) -> range:
    """The symbols that it has a part of."""
    first = pair * PAIR_BITS // SYMBOL_BITS
    last = (pair * PAIR_BITS + PAIR_BITS - 1) // SYMBOL_BITS
    return range(first, min(last + 1, SYMBOLS))


def _without(digits: bytes, pair: int, there: int) -> bytes | None:
    """If it is that pair of which only @there characters are there."""
    at = 2 * pair
    symbols = bytearray(_symbols(digits[:at] + b"##" + digits[at + there:]))
    for place in _of_pair(pair):
        symbols[place] = 0
    return reed_solomon.correct(symbols, _of_pair(pair))


def _mended(digits: bytes) -> bytes | None:
    there = len(digits) - 2 * PAIRS + 2
    if not 0 <= there <= 2:
        return None
    if there == 2:
        symbols = reed_solomon.correct(_symbols(digits))
        if symbols is not None:
            return symbols
    for pair in range(PAIRS):
        symbols = _without(digits, pair, there)
        if symbols is not None:
            return symbols
    return None


def _read(digits: bytes) -> tuple[bytes | None, bool]:
    if len(digits) == 2 * PAIRS:
        symbols = _symbols(digits)
        if reed_solomon.is_whole(symbols):
            return symbols, False
    return _mended(digits), True


def scan(data: bytes) -> Iterator[Line]:
    place = data.find(MARK)
    while place >= 0:
        match = LINE.match(data, place)
        symbols, mended = _read(match[1]) if match else (None, False)
        if symbols is None:
            place = data.find(MARK, place + 1)
            continue
        yield Line(place, match.end() - place, symbols, mended)
        place = data.find(MARK, match.end())
