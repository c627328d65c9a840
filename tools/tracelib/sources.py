# tools/tracelib/sources.py - where a trace comes from, while it comes
# SPDX-License-Identifier: MIT
"""A source has open(), which gives a file descriptor that is read without
waiting, or raises OSError: it is not there (now).
"""

import contextlib
import os
import socket
import stat
import termios

# Names of speeds that termios has.
BAUDS = {int(name[1:]): value for name, value in vars(termios).items()
         if name[0] == "B" and name[1:].isdigit() and name != "B0"}
IFLAG, OFLAG, CFLAG, LFLAG, ISPEED, OSPEED, CC = range(7)


class Tty:
    """A serial port of this machine, eight bits, no parity, nothing changed on
    the way."""

    def __init__(self, path: str, baud: int, flow: bool):
        if baud not in BAUDS:
            raise ValueError(f"no speed {baud}: there are " + " ".join(
                map(str, sorted(BAUDS))))
        self.name = path
        self._baud = BAUDS[baud]
        self._flow = flow

    def open(self) -> int:
        descriptor = os.open(self.name,
                             os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
        try:
            self._set_up(descriptor)
        except termios.error as error:
            os.close(descriptor)
            raise OSError(*error.args) from error
        return descriptor

    def _set_up(self, descriptor: int) -> None:
        modes = termios.tcgetattr(descriptor)
        modes[IFLAG] = modes[OFLAG] = modes[LFLAG] = 0
        modes[CFLAG] = termios.CS8 | termios.CREAD | termios.CLOCAL
        if self._flow:
            modes[CFLAG] |= termios.CRTSCTS
        modes[ISPEED] = modes[OSPEED] = self._baud
        modes[CC][termios.VMIN], modes[CC][termios.VTIME] = 1, 0
        termios.tcsetattr(descriptor, termios.TCSANOW, modes)


class Socket:
    """unix:PATH or tcp:HOST:PORT, where somebody listens."""

    def __init__(self, name: str):
        self.name = name
        kind, _, self._where = name.partition(":")
        self._family = {"unix": socket.AF_UNIX, "tcp": None}[kind]

    def open(self) -> int:
        if self._family is None:
            host, _, port = self._where.rpartition(":")
            connected = socket.create_connection((host, int(port)))
        else:
            connected = socket.socket(self._family)
            try:
                connected.connect(self._where)
            except OSError:
                connected.close()
                raise
        connected.setblocking(False)
        return connected.detach()


def by_name(name: str, baud: int, flow: bool):
    """Raises ValueError: it is not the name of any kind."""
    if name.startswith(("unix:", "tcp:")):
        return Socket(name)
    with contextlib.suppress(OSError):
        if stat.S_ISSOCK(os.stat(name).st_mode):
            return Socket(f"unix:{name}")
    return Tty(name, baud, flow)
