# tests/system/test_bench.py - the benchmark counts, and counts the same again
# SPDX-License-Identifier: MIT

import pytest

pytestmark = pytest.mark.direct

MACHINE = {"boot": "direct", "root": "initramfs", "icount": True}

LOOP_INSTRUCTIONS = 2000  # as in userland/bench/bench.c

# Of each subject something, and nothing that takes long.
OPERATIONS = ("getpid poll fault mmap brk fork_exit pipe_round signal open "
              "read_4k")


def counts(boot) -> dict[str, tuple[int, int]]:
    """Least and median of each operation, on a machine of its own."""
    result = boot(**MACHINE).run(f"bench -n 3 {OPERATIONS}", timeout=120)
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
