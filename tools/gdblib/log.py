# tools/gdblib/log.py - the kernel's log, also what no console has shown yet
# SPDX-License-Identifier: MIT

import re

import gdb

from .values import look


def show(lines: int) -> None:
    """The last ones, without their priorities."""
    ring = look("'kernel/log.c'::ring")
    size, write = int(ring["size"]), int(ring["write"])
    data = bytes(gdb.selected_inferior().read_memory(int(ring["data"]), size))
    if int(ring["head"]) < size:
        data = data[:write]
    else:
        data = data[write:] + data[:write]
    text = data.decode("utf-8", "replace").splitlines()
    for line in text[-lines:]:
        print(re.sub(r"^<\d+>", "", line))
