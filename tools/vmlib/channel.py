# tools/vmlib/channel.py - the test channel, host side: pure parsing
# SPDX-License-Identifier: MIT
"""The guest's side, and the protocol, are in userland/channel.c.

A machine's firmware may write its own text on the port before the guest does,
so everything before READY is passed over.
"""

import re
import secrets

READY = b"FAULTLINE READY\n"
OFF = b"OFF\n"
COMMAND_MAX_BYTES = 65536  # as in userland/channel.c

STATUS_MAX_DIGITS = 3


def run_request(token: bytes, command: bytes) -> bytes:
    return b"RUN %s %d\n%s" % (token, len(command), command)


def new_token() -> bytes:
    return secrets.token_hex(8).encode()


class ReadyFinder:
    """Looks for READY in pieces as they come."""

    def __init__(self) -> None:
        self._held = b""

    def feed(self, data: bytes) -> bytes | None:
        """What follows READY once it was seen, before that None."""
        self._held += data
        at = self._held.find(READY)
        if at >= 0:
            return self._held[at + len(READY):]
        self._held = self._held[-(len(READY) - 1):]
        return None


class OutputSplitter:
    """Parts a command's output from the line that ends it.

    The output is handed on as it comes; only what may turn out to be the
    beginning of the final line is held back.
    """

    def __init__(self, token: bytes) -> None:
        self._marker = b"%s EXIT " % token
        self._end = re.compile(re.escape(self._marker)
                               + rb"(\d{1,%d})\n" % STATUS_MAX_DIGITS)
        self._held = b""
        self.status: int | None = None

    def feed(self, data: bytes) -> bytes:
        """The output in data, and in what was held back before."""
        self._held += data
        end = self._end.search(self._held)
        if end is not None:
            self.status = int(end[1])
            output, self._held = self._held[:end.start()], b""
            return output
        keep_from = self._possible_end()
        output, self._held = self._held[:keep_from], self._held[keep_from:]
        return output

    def _possible_end(self) -> int:
        """Where an unfinished final line may begin; else the length."""
        held = self._held
        first = self._marker[:1]
        longest = len(self._marker) + STATUS_MAX_DIGITS
        at = held.find(first, max(0, len(held) - longest))
        while at >= 0:
            rest = held[at:]
            if self._marker.startswith(rest) or (
                    rest.startswith(self._marker)
                    and rest[len(self._marker):].isdigit()):
                return at
            at = held.find(first, at + 1)
        return len(held)
