# tools/bench_boot.py - how long a kernel takes from its entry to process 1
# SPDX-License-Identifier: MIT
"""bench is process 1 and prints its time stamp (userland/bench/bench.c). What
the machine takes before any kernel runs, a kernel that does nothing else prints
(userland/bench/entry.S). Instructions by -icount; seconds are those of this
host, without it."""

import dataclasses
import re
import struct
import tempfile
import time
from pathlib import Path

from vmlib import Machine, Options

TIMEOUT_S = 300
POLL_S = 0.002
FIRST = re.compile(r"^bench: boot (\d+)\n", re.MULTILINE)  # a whole line


@dataclasses.dataclass(frozen=True)
class Boot:
    instructions: int
    seconds: float


def _wait(find):
    """What find() returns when it finds something, and how long that took."""
    start = time.monotonic()
    while time.monotonic() - start < TIMEOUT_S:
        found = find()
        if found is not None:
            return found, time.monotonic() - start
        time.sleep(POLL_S)
    raise SystemExit("bench: boot: no time stamp came")


def _entry(options: dict) -> tuple[int, float]:
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "debugcon"
        kernel = options["build"] / "bench-entry.elf"
        if not kernel.exists():
            raise SystemExit(f"bench: {kernel} is not there: run `make bench`")
        qemu = ("-kernel", str(kernel), "-debugcon", f"file:{out}")

        def find():
            data = out.read_bytes() if out.exists() else b""
            return struct.unpack("<Q", data)[0] if len(data) == 8 else None

        with Machine(Options(qemu=qemu, **options)):
            return _wait(find)


def _process_1(options: dict) -> tuple[int, float]:
    word = "init" if options.get("kernel") is None else "rdinit"
    append = f"{word}=/bin/bench loglevel=1"
    with Machine(Options(append=append, **options)) as machine:

        def find():
            match = FIRST.search(machine.log())
            return int(match[1]) if match else None

        return _wait(find)


def measure(options: dict) -> Boot:
    """Of a machine with these options."""
    counted = {**options, "icount": True}
    timed = {**options, "icount": False}
    plain = {name: value for name, value in options.items()
             if not name.startswith("kernel")}
    instructions = _process_1(counted)[0] - _entry({**plain, "icount": True})[0]
    seconds = _process_1(timed)[1] - _entry({**plain, "icount": False})[1]
    return Boot(instructions, seconds)
