# tools/tracelib/frames.py - frames among whatever came over the line
# SPDX-License-Identifier: MIT
"""Frames are of one length, of symbols of seven bits, and tell themselves by
their Reed-Solomon symbols. The eighth bit of each byte tells even places of a
frame from odd ones.

First those frames are taken that are whole, wherever they begin; they are most.
In what is left between two of them frames are looked for where the one before
ends, and wherever there is a mark: with wrong bytes; with bytes missing, where
the eighth bit says so; with two more missing side by side, which it does not
say, at any place; and where both ends are known, with several missing in a row.
What is found that way is mended, and believed by the same symbols.

On a port that the log has, too, frames are lines of text (lib/trace_line.h):
lines.py. Both may be in one file.
"""

import dataclasses
from collections.abc import Iterator

from . import lines, reed_solomon

FRAME_BYTES = 96
MARK = 0xa7
SYNC = 0x27
PARITY_AT = FRAME_BYTES - reed_solomon.PARITY
MISSING_MAX = reed_solomon.MENDED_MAX
NUMBER_BITS = 16
EIGHTH_BITS = int.from_bytes(b"\x80" * FRAME_BYTES, "big")
# How often the eighth bits of what is mended may be those of the byte before:
# in noise it is every second time, in text nearly always. An error is two; so
# are a byte too many and, behind many zeros, one too few.
BREAKS_MAX = FRAME_BYTES // 4
LOW_SEVEN = bytes(i & 0x7f for i in range(256))


@dataclasses.dataclass(frozen=True)
class Frame:
    place: int      # in the stream
    length: int     # there; less than FRAME_BYTES if bytes were missing
    symbols: bytes
    mended: bool = False

    @property
    def end(self) -> int:
        return self.place + self.length

    @property
    def number(self) -> int:
        """Of its first record, modulo 65536."""
        first = self.symbols[1:4]
        return (first[0] << 14 | first[1] << 7 | first[2]) >> 5

    @property
    def packed(self) -> bytes:
        """Symbols; the records begin after NUMBER_BITS."""
        return self.symbols[1:PARITY_AT]


def make(packed: bytes) -> bytes:
    """A frame as the kernel sends it, of the symbols that are its content. For
    tests."""
    symbols = bytes([SYNC]) + packed.ljust(PARITY_AT - 1, b"\0")
    symbols += reed_solomon.parity(symbols)
    return bytes(symbol | (0 if at % 2 else 0x80)
                 for at, symbol in enumerate(symbols))


def _mended(place: int, length: int, symbols: bytes | None) -> Frame | None:
    if symbols is None or symbols[0] != SYNC:
        return None
    return Frame(place, length, symbols, mended=True)


def _whole(data: bytes) -> Iterator[Frame]:
    place = data.find(MARK)
    while 0 <= place <= len(data) - FRAME_BYTES:
        piece = data[place:place + FRAME_BYTES]
        symbols = piece.translate(LOW_SEVEN)
        if _alternates(piece) and reed_solomon.is_whole(symbols):
            yield Frame(place, FRAME_BYTES, symbols)
            place = data.find(MARK, place + FRAME_BYTES)
        else:
            place = data.find(MARK, place + 1)


def _breaks(piece: bytes) -> int:
    """How many bytes have the eighth bit of the one before."""
    bits = int.from_bytes(piece, "big")
    pairs = len(piece) - 1
    differ = (bits ^ bits >> 8) & EIGHTH_BITS >> 8 * (FRAME_BYTES - pairs)
    return pairs - differ.bit_count()


def _alternates(piece: bytes) -> bool:
    """Whether @piece may be a frame, errors included: to be asked before much
    is computed."""
    return _breaks(piece) <= BREAKS_MAX


def _has_few_gaps(piece: bytes) -> bool:
    """Whether _align() may find no more than MISSING_MAX: it finds one at each
    break, and comes to all of @piece, of FRAME_BYTES - MISSING_MAX."""
    return _breaks(piece) <= MISSING_MAX


def _with_errors(data: bytes, place: int, end: int) -> Frame | None:
    piece = data[place:place + FRAME_BYTES]
    if end - place < FRAME_BYTES or not _alternates(piece):
        return None
    symbols = piece.translate(LOW_SEVEN)
    return _mended(place, FRAME_BYTES, reed_solomon.correct(symbols))


def _align(data: bytes, place: int, end: int) -> tuple[bytes, list[int]]:
    """Symbols from @place on, with 0 where the eighth bit says that something
    is missing, and the places of those."""
    symbols = bytearray(FRAME_BYTES)
    missing = []
    for at in range(FRAME_BYTES):
        if place < end and data[place] >> 7 != at % 2:
            symbols[at] = data[place] & 0x7f
            place += 1
        else:
            missing.append(at)
    return bytes(symbols), missing


def _with_a_pair(place: int, symbols: bytes, missing: list[int]):
    """Two that are missing side by side cannot be seen: what is behind them is
    two places too early."""
    for at in range(FRAME_BYTES - 1):
        gaps = ([gap for gap in missing if gap < at] + [at, at + 1] +
                [gap + 2 for gap in missing if at <= gap < FRAME_BYTES - 2])
        moved = symbols[:at] + b"\0\0" + symbols[at:FRAME_BYTES - 2]
        frame = _mended(place, FRAME_BYTES - len(gaps),
                        reed_solomon.fill(moved, gaps))
        if frame:
            return frame
    return None


def _with_gaps(data: bytes, place: int, end: int) -> Frame | None:
    if not _has_few_gaps(data[place:place + FRAME_BYTES - MISSING_MAX]):
        return None
    symbols, missing = _align(data, place, end)
    if len(missing) > MISSING_MAX:
        return None
    frame = _mended(place, FRAME_BYTES - len(missing),
                    reed_solomon.correct(symbols, missing))
    if frame is None and len(missing) + 2 <= MISSING_MAX:
        frame = _with_a_pair(place, symbols, missing)
    return frame


def _with_a_run(data: bytes, start: int, end: int) -> Frame | None:
    """A frame that is all of data[start:end], of which some bytes in a row are
    missing."""
    lost = FRAME_BYTES - (end - start)
    if not 0 < lost <= MISSING_MAX:
        return None
    piece = data[start:end].translate(LOW_SEVEN)
    for at in range(len(piece) + 1):
        frame = _mended(start, end - start, reed_solomon.fill(
            piece[:at] + bytes(lost) + piece[at:],
            range(at, at + lost)))
        if frame:
            return frame
    return None


def _before(data: bytes, start: int, end: int) -> list[Frame]:
    """Frames that end where another begins, back to @start."""
    found: list[Frame] = []
    while end - start >= FRAME_BYTES:
        frame = _with_errors(data, end - FRAME_BYTES, end)
        if frame is None:
            return found
        found.insert(0, frame)
        end = frame.place
    frame = _with_a_run(data, start, end)
    return [frame] + found if frame else found


def _in_hole(data: bytes, start: int, end: int) -> list[Frame]:
    """Frames where whole ones left a hole."""
    found: list[Frame] = []
    place = start
    while 0 <= place <= end - (FRAME_BYTES - MISSING_MAX):
        frame = (_with_errors(data, place, end) or
                 _with_gaps(data, place, end))
        if frame is None:
            place = data.find(MARK, place + 1, end)
            continue
        found += _before(data, start, place) + [frame]
        start = place = frame.end
    return found + _before(data, start, end)


def _as_bytes(data: bytes) -> Iterator[Frame]:
    start = 0
    for frame in _whole(data):
        if start != frame.place:
            yield from _in_hole(data, start, frame.place)
        yield frame
        start = frame.end
    yield from _in_hole(data, start, len(data))


def _between(data: bytes, start: int, end: int) -> Iterator[Frame]:
    """Frames in data[start:end], where lines end or begin."""
    if data.find(MARK, start, end) < 0:
        return
    for frame in _as_bytes(data[start:end]):
        yield dataclasses.replace(frame, place=frame.place + start)


def scan(data: bytes) -> Iterator[Frame]:
    """All frames, in their order, as they are found."""
    start = 0
    for line in lines.scan(data):
        if line.symbols[0] != SYNC:
            continue
        yield from _between(data, start, line.place)
        yield Frame(line.place, line.length, line.symbols, line.mended)
        start = line.place + line.length
    if start:
        yield from _between(data, start, len(data))
    else:
        yield from _as_bytes(data)


def find(data: bytes) -> list[Frame]:
    """All of scan(), at once."""
    return list(scan(data))
