# tools/faultline-gdb.py - commands for gdb that know the kernel's structures
# SPDX-License-Identifier: MIT
"""gdb loads this by `source tools/faultline-gdb.py`, or -x on its command line;
`help fl` lists the commands. They read memory by the debug information of
kernel.elf and change nothing. tools/vm --gdb prints how to attach.
"""

import sys
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parent))

from gdblib import commands  # noqa: E402 - it is found by the line above

commands.register()
