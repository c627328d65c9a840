# tools/vmlib/errors.py - what can go wrong with a machine
# SPDX-License-Identifier: MIT
"""Each error knows the exit status that tools/vm gives for it."""


class MachineError(Exception):
    """Any of the below; `log_tail` is the end of the kernel's log, or empty."""

    status = 126

    def __init__(self, message: str, log_tail: str = ""):
        super().__init__(message)
        self.log_tail = log_tail


class StartError(MachineError):
    """The machine could not be started."""

    status = 126


class Unavailable(StartError):
    """Something to be fetched that the sources of this machine do not have."""


class Crashed(MachineError):
    """The kernel panicked, or QEMU ended before it should have."""

    status = 125


class TimedOut(MachineError):
    """The boot or the command took too long."""

    status = 124
