# tests/system/keys.py - hands on a machine's keyboard
# SPDX-License-Identifier: MIT
"""Keys are pressed by QMP, on a connection of their own. They are named by
their places on a US keyboard, as QEMU names them (QKeyCode).

The keyboard keeps a few codes until the guest takes them, and drops what comes
then: a test waits for what a key does before it presses the next one.
"""

import contextlib
import json
import socket
import time


class Keys:
    def __init__(self, folder):
        """@folder: a short path, for the socket."""
        self._path = str(folder / "keys")
        self._stream = None

    @property
    def qemu(self) -> tuple[str, ...]:
        """The machine's option."""
        return ("-qmp", f"unix:{self._path},server=on,wait=off")

    def _connect(self):
        connection = socket.socket(socket.AF_UNIX)
        connection.settimeout(60)
        connection.connect(self._path)
        self._stream = connection.makefile("rw")
        connection.close()  # the stream holds it
        self._stream.readline()
        self.command("qmp_capabilities")

    def command(self, name: str, **arguments):
        if not self._stream:
            self._connect()
        self._stream.write(json.dumps({"execute": name,
                                       "arguments": arguments}) + "\n")
        self._stream.flush()
        while "return" not in (answer := json.loads(self._stream.readline())):
            assert "error" not in answer, answer
        return answer["return"]

    def _events(self, keys, down):
        self.command("input-send-event", events=[
            {"type": "key", "data": {
                "down": down, "key": {"type": "qcode", "data": key}}}
            for key in keys])

    def press(self, *keys: str) -> None:
        """All of them, one after the other, and let them go again."""
        self._events(keys, True)
        self._events(reversed(keys), False)

    def press_last(self, *keys: str) -> None:
        """The same, when the machine ends by it, sooner or later."""
        with contextlib.suppress(OSError, ValueError, AssertionError):
            self.press(*keys)

    def hold(self, *keys: str) -> None:
        self._events(keys, True)

    def let_go(self, *keys: str) -> None:
        self._events(keys, False)

    def close(self) -> None:
        if self._stream:
            # What press_last could not say any more is said again.
            with contextlib.suppress(OSError):
                self._stream.close()


def wait_for(condition, what: str, timeout=60) -> None:
    end = time.monotonic() + timeout
    while not condition():
        assert time.monotonic() < end, f"no {what}"
        time.sleep(0.02)
