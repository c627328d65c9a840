# tools/vmlib/debugger.py - what gdb is told to attach to a machine
# SPDX-License-Identifier: MIT

import struct
from pathlib import Path

from .errors import StartError
from .options import TOP, Options

COMMANDS = TOP / "tools/faultline-gdb.py"
ELF_ENTRY = struct.Struct("<24xI")  # e_entry of a 32-bit ELF file


def _entry(kernel: Path) -> int:
    """The physical address that the kernel is entered at, by QEMU or by the
    stub."""
    try:
        return ELF_ENTRY.unpack_from(kernel.read_bytes())[0]
    except (OSError, struct.error) as error:
        raise StartError(f"{kernel}: {error}") from error


def write_script(options: Options, socket: Path) -> Path:
    """A file of commands beside @socket: attach, and run up to the kernel's
    entry. Debian's kernel has its symbols in another package: there it is only
    attached to."""
    lines = [f"target remote {socket}"]
    if not options.is_linux:
        kernel = options.kernel_file
        # A breakpoint of the CPU: the kernel is not in memory yet.
        lines = [f"file {kernel}", f"source {COMMANDS}", *lines,
                 f"thbreak *{_entry(kernel):#x}", "continue"]
    script = socket.with_suffix(".script")
    script.write_text("\n".join(lines) + "\n")
    return script
