# tools/vmlib/process.py - the process of QEMU, and why it ended
# SPDX-License-Identifier: MIT
"""QEMU never outlives the one who started it: `kill` is called on the way out,
and the host's kernel kills it should the starter be killed itself.
"""

import ctypes
import json
import os
import signal
import socket
import subprocess
import time
from pathlib import Path

from .errors import StartError

EXIT_TIMEOUT_S = 10
PR_SET_PDEATHSIG = 1

_libc = ctypes.CDLL(None, use_errno=True)


class Qemu:
    """A running QEMU. `events` is our end of its QMP connection."""

    def __init__(self, command: list[str], folder: Path, interactive: bool,
                 events: socket.socket, ends: list[socket.socket]):
        """Start it. `ends` are the sockets' ends that it inherits.

        Errors go to a file in the folder, which is its TMPDIR too: where it
        puts the writes of snapshot=on, in files that it has unlinked. An
        interactive one needs the terminal's process group; otherwise Ctrl-C
        is for us alone.
        """
        self._events = events
        self._reported = b""
        self._stderr = folder / "stderr"
        with self._stderr.open("wb") as errors:
            try:
                self._process = subprocess.Popen(
                    command, pass_fds=[end.fileno() for end in ends],
                    stdin=None if interactive else subprocess.DEVNULL,
                    stdout=None if interactive else subprocess.DEVNULL,
                    stderr=None if interactive else errors,
                    env={**os.environ, "TMPDIR": str(folder)},
                    start_new_session=not interactive,
                    preexec_fn=_die_with(os.getpid()))
            except OSError as error:
                raise StartError(f"{command[0]}: {error}") from error
        # QEMU reports events only to a client that has said this.
        events.sendall(b'{"execute": "qmp_capabilities"}\n')

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    def wait(self, timeout: float | None) -> int:
        """Its exit status. Raises TimeoutError."""
        try:
            return self._process.wait(timeout)
        except subprocess.TimeoutExpired:
            raise TimeoutError from None

    def wait_started(self, timeout: float) -> bool:
        """Until it has made all that its command line asks for, the server for
        gdb the last of it, and answers; False: it has ended. Raises
        TimeoutError."""
        deadline = time.monotonic() + timeout
        while b'"return"' not in self._reported:
            self._events.settimeout(max(0.01, deadline - time.monotonic()))
            try:
                piece = self._events.recv(65536)
            except ConnectionError:
                return False
            if not piece:
                return False
            self._reported += piece
        return True

    def inject_nmi(self) -> None:
        """Press the button that a hung machine still has."""
        self._events.sendall(b'{"execute": "inject-nmi"}\n')

    def kill(self) -> None:
        """End it, if it has not ended. May be called twice."""
        if self.alive:
            self._process.kill()
        self._process.wait()

    def errors(self) -> str:
        """What it wrote on its standard error."""
        return self._stderr.read_text(errors="replace").strip()

    def end_reason(self) -> str | None:
        """Why QEMU, which has ended, did so: the reason in its last event, as
        QAPI's ShutdownCause names it; None if there was no such event."""
        self._events.settimeout(EXIT_TIMEOUT_S)
        try:
            while piece := self._events.recv(65536):
                self._reported += piece
        except OSError:
            pass  # a connection that was reset has ended as well
        reason = None
        for line in self._reported.splitlines():
            try:
                event = json.loads(line)
            except ValueError:
                continue  # cut off by the end
            if event.get("event") == "SHUTDOWN":
                reason = event["data"]["reason"]
        return reason


def _die_with(parent: int):
    """For the child, before exec: be killed when the parent dies."""

    def prepare() -> None:
        _libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:
            os._exit(1)  # it died before we could ask

    return prepare
