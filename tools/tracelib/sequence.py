# tools/tracelib/sequence.py - what is lost between frames, and what came twice
# SPDX-License-Identifier: MIT
"""Records are counted as they are sent, modulo NUMBERS, and a frame has the
number of its first one.

At its end a machine sends a frame again of which it is not sure
(kernel/trace_stream.c, trace_end): the numbers go back to where that frame
began, and what was in it comes again, with what ktrace says of now in between.
Records that were had are taken out.

Numbers within the last frame mean that, and no loss of nearly NUMBERS records:
that such a loss ends just there happens once in hundreds of them.
"""

from .schema import TYPES

NUMBERS = 1 << 16
# What ktrace says of its own accord; all else comes by the ring.
TOLD = frozenset(kind.name for kind in TYPES.values()
                 if kind.group == "always")


class Sequence:
    def __init__(self):
        self.lost = 0
        self.restart(0)

    def restart(self, number: int) -> None:
        """The next record has the number @number, whatever was before."""
        self._next = number
        self._last = []     # the newest frame's records
        self._again = []    # those of it that may come again

    def take(self, number: int, records: list) -> list:
        """A frame's. Return: those of them that are new."""
        back = (self._next - number) % NUMBERS
        if 0 < back <= len(self._last):
            self._again = [record for record in self._last
                           if record.type not in TOLD]
        else:
            self.lost += -back % NUMBERS
        self._next = (number + len(records)) % NUMBERS
        self._last = records
        if not self._again:
            return records
        return [record for record in records if not self._was_had(record)]

    def _was_had(self, record) -> bool:
        if record.type in TOLD:
            return False
        # They come in their order; behind another one none does.
        if record not in self._again:
            self._again = []
            return False
        del self._again[:self._again.index(record) + 1]
        return True
