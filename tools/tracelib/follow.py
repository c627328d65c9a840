# tools/tracelib/follow.py - records of a stream, while it comes
# SPDX-License-Identifier: MIT

import os
import select
import stat
from collections.abc import Callable, Iterator

from . import sources
from .frames import Frame
from .pieces import Pieces

READ_BYTES = 1 << 16


class Anew(Exception):
    """A file has been emptied, and is being written anew: all that was read of
    it is of the past."""


class Source:
    """A file that may grow, or what sources.by_name() opens. Context manager.
    OSError, ValueError."""

    def __init__(self, name: str, baud: int, flow: bool):
        self.name = name
        self.is_file = os.path.isfile(name)
        if self.is_file or os.path.exists(name) and stat.S_ISFIFO(
                os.stat(name).st_mode):
            self._fd = os.open(name, os.O_RDONLY | os.O_NONBLOCK)
        else:
            self._fd = sources.by_name(name, baud, flow).open()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        os.close(self._fd)

    def read(self, wait_s: float, other_fd: int | None = None) -> bytes:
        """What has come, perhaps nothing; waits no longer than for @wait_s, or
        until @other_fd has something. Anew."""
        others = [] if other_fd is None else [other_fd]
        if not self.is_file:
            ready, _, _ = select.select([self._fd, *others], [], [], wait_s)
            if self._fd not in ready:
                return b""
        try:
            data = os.read(self._fd, READ_BYTES)
        except BlockingIOError:
            return b""
        except OSError:     # of a line that was cut
            data = b""
        if not data and self.is_file:
            self._check_length()
        if not data:
            # Its end, for now: it is not asked as fast as one can.
            select.select(others, [], [], wait_s)
        return data

    def _check_length(self) -> None:
        if os.fstat(self._fd).st_size < os.lseek(self._fd, 0, os.SEEK_CUR):
            os.lseek(self._fd, 0, os.SEEK_SET)
            raise Anew


def frames(read: Callable[[], bytes | None]) -> Iterator[Frame]:
    """Of what @read returns, until that is None."""
    pieces = Pieces()
    while (data := read()) is not None:
        if data:
            yield from pieces.frames(data)
    yield from pieces.frames(b"", is_end=True)
