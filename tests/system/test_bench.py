# tests/system/test_bench.py - the benchmark counts, and counts the same again
# SPDX-License-Identifier: MIT

import re
from pathlib import Path

import pytest

pytestmark = pytest.mark.direct

MACHINE = {"boot": "direct", "root": "initramfs", "icount": True}

LOOP_INSTRUCTIONS = 2000  # as in userland/bench/bench.c

# Of each subject something, and nothing that takes long.
OPERATIONS = ("getpid poll fault mmap brk fork_exit pipe_round signal open "
              "read_4k")


# The memory manager's, and how much of the tiny Linux's count they may take.
MM_OPERATIONS = "fault munmap mmap brk mprotect areas fork"
MM_SHARE = 0.8
MM_ROWS = 24
TABLE = Path(__file__).resolve().parents[2] / "docs/performance.md"
# Name, unit, before, Faultline, PAE, Linux 686, Linux tiny
ROW = re.compile(r"\| (\w+) \|[^|]*\|[^|]*\| \d+ \| \d+ \| \d+ \| (\d+) \|")


def counts(boot, operations: str = OPERATIONS,
           **options) -> dict[str, tuple[int, int]]:
    """Least and median of each operation, on a machine of its own."""
    result = boot(**MACHINE, **options).run(f"bench -n 3 {operations}",
                                            timeout=120)
    assert result.status == 0, result.text
    rows = (line.split("\t") for line in result.text.splitlines())
    return {name: (int(least), int(median)) for name, _, least, median in rows}


def test_counts_are_the_same_in_every_run(boot):
    first, second = counts(boot), counts(boot)
    assert first == second
    assert abs(first["loop"][0] - LOOP_INSTRUCTIONS) <= 10
    assert all(least > 0 for least, _ in first.values())
    for operation in OPERATIONS.split():
        assert any(name.startswith(operation) for name in first), operation


def test_a_program_is_measured(boot):
    machine = boot(**MACHINE)
    result = machine.run("bench -n 1 -p memwalk 1", timeout=60)
    assert result.status == 0, result.text
    name, unit, least, median = result.text.splitlines()[-1].split("\t")
    assert (name, unit, least) == ("memwalk", "run", median)
    assert int(least) > 10 * 256 * 1024  # each of 1 MiB's words, a few times
    assert machine.run("bench -n 1 -p false", timeout=60).status != 0
    assert machine.run("bench -p", timeout=60).status == 2


@pytest.mark.parametrize("kernel_format", ["2level", "pae"])
def test_memory_manager_takes_less_than_linux(boot, kernel_format):
    tiny = {name: int(count) for name, count in ROW.findall(TABLE.read_text())}
    ours = counts(boot, MM_OPERATIONS, kernel_format=kernel_format)
    del ours["loop"]
    assert len(ours) == MM_ROWS
    dear = {name: (median, tiny[name]) for name, (_, median) in ours.items()
            if median >= MM_SHARE * tiny[name]}
    assert not dear
