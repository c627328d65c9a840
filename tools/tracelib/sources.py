# tools/tracelib/sources.py - where a trace comes from, while it comes
# SPDX-License-Identifier: MIT
"""A source has open(), which gives a file descriptor that is read without
waiting, or raises OSError, with its name: it is not there (now).
"""

import contextlib
import os
import socket
import stat
import termios

# Names of speeds that termios has.
BAUDS = {int(name[1:]): value for name, value in vars(termios).items()
         if name[0] == "B" and name[1:].isdigit() and name != "B0"}
CONNECT_S = 1.0     # that the other end has; what asks for it tries again
PORT_MAX = 65535
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
            raise OSError(*error.args, self.name) from error
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


def _host_and_port(name: str) -> tuple[str, int]:
    """Of tcp:HOST:PORT."""
    host, _, port = name.removeprefix("tcp:").rpartition(":")
    with contextlib.suppress(ValueError):
        # UnicodeError, which is one, for what can be no host's name.
        if host.encode("idna") and 1 <= int(port) <= PORT_MAX:
            return host, int(port)
    raise ValueError(f"{name}: not tcp:HOST:PORT with a port from 1 to "
                     f"{PORT_MAX}")


class Socket:
    """unix:PATH or tcp:HOST:PORT, where somebody listens. ValueError."""

    def __init__(self, name: str):
        self.name = name
        self._where: str | tuple[str, int] = name.removeprefix("unix:")
        if name.startswith("tcp:"):
            self._where = _host_and_port(name)

    def _connected(self) -> socket.socket:
        """It need not be said yes or no soon, or ever."""
        if isinstance(self._where, tuple):
            return socket.create_connection(self._where, CONNECT_S)
        connected = socket.socket(socket.AF_UNIX)
        try:
            connected.settimeout(CONNECT_S)
            connected.connect(self._where)
        except OSError:
            connected.close()
            raise
        return connected

    def open(self) -> int:
        try:
            connected = self._connected()
        except OSError as error:    # some have nothing but a text
            raise OSError(error.errno, error.strerror or str(error),
                          self.name) from error
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
