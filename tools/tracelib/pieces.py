# tools/tracelib/pieces.py - frames of a stream that comes piece by piece
# SPDX-License-Identifier: MIT

from collections.abc import Iterator

from . import frames, lines

# At the end of what is there a frame may look damaged which is not: as text it
# takes so much at most, and the next may be needed to see where it ends.
UNFINISHED = 2 * len(lines.make(bytes(frames.FRAME_BYTES)))
KEPT_MAX = 1 << 16  # bytes without a frame in them are no beginning of one


def _sure(data: bytes, unfinished: int) -> Iterator[frames.Frame]:
    """Those at the beginning of @data, up to one that may be another when
    more has come."""
    for frame in frames.scan(data):
        if frame.mended and frame.end > len(data) - unfinished:
            return
        yield frame


class Pieces:
    def __init__(self):
        self._rest = b""
        self._tried = 0     # of it, in which there is no frame

    def _may_have_one(self) -> bool:
        """Looks only at what was not looked at, and so much before that a
        frame which was not sure is all in it. To mend takes long: all of the
        rest is looked at when there is a frame to begin from."""
        begin = self._tried - 2 * UNFINISHED
        return begin <= 0 or any(_sure(self._rest[begin:], UNFINISHED))

    def frames(self, data: bytes, is_end: bool = False
               ) -> Iterator[frames.Frame]:
        """Those that @data has brought. One at the end that is not all there
        yet, or that might be mended with what comes, has to wait; @is_end:
        nothing comes."""
        self._rest += data
        end = 0
        if is_end or self._may_have_one():
            for frame in _sure(self._rest, 0 if is_end else UNFINISHED):
                yield frame
                end = frame.end
        self._rest = self._rest[max(end, len(self._rest) - KEPT_MAX):]
        self._tried = len(self._rest)
