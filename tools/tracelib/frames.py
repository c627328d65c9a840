# tools/tracelib/frames.py - frames among whatever came over the line
# SPDX-License-Identifier: MIT
"""Frames are of one length, and tell themselves by a CRC. First those are taken
that are whole, wherever they begin; they are most. In what is left between two
of them frames are looked for where they should be, counted from either
neighbour, and mended; then with some bytes missing. The CRC of a frame that was
mended has to be right as well, so that what is found is a frame.
"""

import dataclasses
import zlib

from . import reed_solomon

FRAME_BYTES = 96
MARK = 0xa7
CRC_AT, PARITY_AT = 84, 88
RECORDS_AT = 3
ERASURES_MAX = reed_solomon.PARITY


@dataclasses.dataclass(frozen=True)
class Frame:
    place: int      # in the stream
    length: int     # there; less than FRAME_BYTES if bytes were missing
    body: bytes
    mended: bool = False

    @property
    def end(self) -> int:
        return self.place + self.length

    @property
    def number(self) -> int:
        """Of its first record, modulo 65536."""
        return int.from_bytes(self.body[1:3], "little")

    @property
    def packed(self) -> bytes:
        return self.body[RECORDS_AT:CRC_AT]


def is_whole(body: bytes) -> bool:
    return (body[0] == MARK and zlib.crc32(body[:CRC_AT]) ==
            int.from_bytes(body[CRC_AT:PARITY_AT], "little"))


def _whole(data: bytes) -> list[Frame]:
    found = []
    place = data.find(MARK)
    while 0 <= place <= len(data) - FRAME_BYTES:
        body = data[place:place + FRAME_BYTES]
        if is_whole(body):
            found.append(Frame(place, FRAME_BYTES, body))
            place = data.find(MARK, place + FRAME_BYTES)
        else:
            place = data.find(MARK, place + 1)
    return found


def _mended(data: bytes, place: int) -> Frame | None:
    body = data[place:place + FRAME_BYTES]
    if len(body) < FRAME_BYTES:
        return None
    mended = reed_solomon.correct(body)
    if mended is None or not is_whole(mended):
        return None
    return Frame(place, FRAME_BYTES, mended, mended=True)


def _filled(data: bytes, start: int, end: int) -> Frame | None:
    """A frame in data[start:end] that some bytes in a row are missing of."""
    lost = FRAME_BYTES - (end - start)
    if not 0 < lost <= ERASURES_MAX:
        return None
    piece = data[start:end]
    for at in range(len(piece) + 1):
        body = piece[:at] + bytes(lost) + piece[at:]
        mended = reed_solomon.correct(body, range(at, at + lost))
        if mended is not None and is_whole(mended):
            return Frame(start, end - start, mended, mended=True)
    return None


def _in_hole(data: bytes, start: int, end: int) -> list[Frame]:
    """Frames where whole ones left a hole: from its beginning on, as far as
    they can be mended, and back from its end."""
    first, last = [], []
    while end - start >= FRAME_BYTES:
        frame = _mended(data, start)
        if frame is None:
            break
        first.append(frame)
        start = frame.end
    while end - start >= FRAME_BYTES:
        frame = _mended(data, end - FRAME_BYTES)
        if frame is None:
            break
        last.insert(0, frame)
        end = frame.place
    if FRAME_BYTES - ERASURES_MAX <= end - start < FRAME_BYTES:
        frame = _filled(data, start, end)
        return first + ([frame] if frame else []) + last
    return first + _inside(data, start, end) + last


def _inside(data: bytes, start: int, end: int) -> list[Frame]:
    """What neither neighbour leads to: wherever a mark is."""
    place = data.find(MARK, start, end)
    while 0 <= place <= end - FRAME_BYTES:
        frame = _mended(data, place)
        if frame:
            return (_in_hole(data, start, place) + [frame] +
                    _in_hole(data, frame.end, end))
        place = data.find(MARK, place + 1, end)
    return []


def find(data: bytes) -> list[Frame]:
    """All frames, in their order."""
    found = []
    start = 0
    for frame in _whole(data):
        found += _in_hole(data, start, frame.place)
        found.append(frame)
        start = frame.end
    return found + _in_hole(data, start, len(data))
