# tools/tracelib/pieces.py - frames of a stream that comes piece by piece
# SPDX-License-Identifier: MIT

from collections.abc import Iterator

from . import frames, lines

# At the end of what is there a frame may look damaged which is not: as text it
# takes so much at most, and the next may be needed to see where it ends.
UNFINISHED = 2 * len(lines.make(bytes(frames.FRAME_BYTES)))
KEPT_MAX = 1 << 16  # bytes without a frame in them are no beginning of one


class Pieces:
    def __init__(self):
        self._rest = b""

    def frames(self, data: bytes, is_end: bool = False
               ) -> Iterator[frames.Frame]:
        """Those that @data has brought. One at the end that is not all there
        yet, or that might be mended with what comes, has to wait; @is_end:
        nothing comes."""
        self._rest += data
        sure = len(self._rest) - (0 if is_end else UNFINISHED)
        end = 0
        for frame in frames.scan(self._rest):
            if frame.mended and frame.end > sure:
                break
            yield frame
            end = frame.end
        self._rest = self._rest[max(end, len(self._rest) - KEPT_MAX):]
