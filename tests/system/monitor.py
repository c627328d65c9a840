# tests/system/monitor.py - QEMU's monitor, for one question at a time
# SPDX-License-Identifier: MIT

import json
import socket
from pathlib import Path

TIMEOUT_S = 30


def options(path: Path) -> tuple[str, ...]:
    """Options of QEMU: a monitor at @path."""
    return ("-qmp", f"unix:{path},server=on,wait=off")


class Monitor:
    """A connection to it; a context manager."""

    def __init__(self, path: Path):
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.settimeout(TIMEOUT_S)
        self._socket.connect(str(path))
        self._file = self._socket.makefile("rw")
        self._file.readline()  # its greeting
        self.ask("qmp_capabilities")

    def __enter__(self) -> "Monitor":
        return self

    def __exit__(self, *_) -> None:
        self._file.close()
        self._socket.close()

    def ask(self, command: str, **arguments):
        """What it returns; events in between are passed over."""
        self._file.write(json.dumps({"execute": command,
                                     "arguments": arguments}) + "\n")
        self._file.flush()
        while True:
            answer = json.loads(self._file.readline())
            if "error" in answer:
                raise RuntimeError(f"{command}: {answer['error']}")
            if "return" in answer:
                return answer["return"]

    def human(self, line: str) -> str:
        """A line for the human monitor."""
        return self.ask("human-monitor-command", **{"command-line": line})
