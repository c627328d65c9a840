# tests/system/terminal.py - a machine as a person has it: on a terminal
# SPDX-License-Identifier: MIT

import fcntl
import os
import pty
import select
import struct
import subprocess
import termios
import time

from conftest import vm_command

ROWS, COLUMNS = 30, 100
WHERE_IS_THE_CURSOR = b"\x1b[6n"


class Terminal:
    """tools/vm on a terminal of its own."""

    def __init__(self, *arguments, answers=False):
        """@answers: tells where its cursor is, as a real one does. It always
        says: in the last corner."""
        self.control, terminal = pty.openpty()
        fcntl.ioctl(terminal, termios.TIOCSWINSZ,
                    struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
        self.modes = termios.tcgetattr(terminal)
        self.process = subprocess.Popen(
            vm_command(*arguments), stdin=terminal, stdout=terminal,
            stderr=terminal, start_new_session=True)
        self.terminal = terminal
        self._answers = answers
        self._tail = b""  # of what was read: a question may come in two
        self._seen = b""  # without carriage returns

    def type(self, data: bytes) -> None:
        os.write(self.control, data)

    def expect(self, words: bytes, timeout=60) -> bytes:
        """Read until these words, and forget what was before them, which is
        returned."""
        end = time.monotonic() + timeout
        while words not in self._seen:
            left = end - time.monotonic()
            more = left > 0 and select.select([self.control], [], [], left)[0]
            assert more, f"no {words!r} in {self._seen[-2000:]!r}"
            self._seen += self._read()
        before, _, self._seen = self._seen.partition(words)
        return before

    def _read(self) -> bytes:
        data = os.read(self.control, 4096)
        asked = (self._tail + data).count(WHERE_IS_THE_CURSOR)
        self._tail = data[1 - len(WHERE_IS_THE_CURSOR):]
        if self._answers:
            self.type(f"\x1b[{ROWS};{COLUMNS}R".encode() * asked)
        return data.replace(b"\r", b"")

    def drain(self, timeout=30) -> None:
        """Read on, or the writer might wait for us, until it has ended."""
        end = time.monotonic() + timeout
        while self.process.poll() is None and time.monotonic() < end:
            if select.select([self.control], [], [], 0.1)[0]:
                os.read(self.control, 4096)

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        os.close(self.control)
        os.close(self.terminal)
