# tests/system/sidebyside.py - one command, two kernels, what it prints
# SPDX-License-Identifier: MIT
"""Programs of Debian's packages print on Faultline what they print on Linux.
What must differ (numbers, addresses, times) is made the same first; nothing
else is.
"""

import re

import pytest
from vmlib import Unavailable

# The same disks for both: Linux does not name several in a fixed order.
MACHINE = {"boot": "direct", "debian": True, "memory": 512, "swap": 64,
           "foreign": None}

HEX = re.compile(r"(?<![-\w])<?[0-9a-f]{8}(?:[0-9a-f]{8})?\b")
NUMBER = re.compile(r"\d+(?:[.,:]\d+)*")
BLANKS = re.compile(r"[ \t]+")


def numberless(text: str) -> str:
    """@text with a # for each number, and one blank for several."""
    text = NUMBER.sub("#", HEX.sub("#", text))
    return "\n".join(BLANKS.sub(" ", line).strip()
                     for line in text.splitlines())


def start(shared, **options):
    """A machine with Debian's programs, or the test skipped."""
    try:
        return shared(**{**MACHINE, **options})
    except Unavailable as error:
        pytest.skip(str(error))


def linux(shared):
    return start(shared, kernel="linux")


class Sides:
    """What Linux said is asked for once; Faultline's two kernels are held to
    it."""

    def __init__(self):
        self._said = {}

    def compare(self, shared, kernel_format, command, normal=numberless):
        """Fail unless exit status and text are the same. Return: Faultline's
        text as it was."""
        if command not in self._said:
            result = linux(shared).run(command, timeout=60)
            self._said[command] = (result.status, normal(result.text))
        result = start(shared, kernel_format=kernel_format).run(
            command, timeout=60)
        status, text = self._said[command]
        assert normal(result.text) == text
        assert result.status == status
        return result.text
