# tools/vmlib - Faultline under QEMU, for programs: tools/vm and the tests
# SPDX-License-Identifier: MIT
"""Boot a machine, run commands in it.

    from vmlib import Machine, Options

    with Machine(Options(boot="direct", memory=128, swap=512)) as machine:
        result = machine.run("memwalk 256", timeout=120)
        print(result.status, result.text, machine.log())

docs/testing.md describes the options, the errors and the protocol.
"""

from .errors import (Crashed, MachineError, StartError, TimedOut,
                     Unavailable)
from .machine import Machine, Result
from .options import Options

__all__ = ["Crashed", "Machine", "MachineError", "Options",
           "Result", "StartError", "TimedOut", "Unavailable"]
