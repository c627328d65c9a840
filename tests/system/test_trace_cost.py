# tests/system/test_trace_cost.py - what a record costs, in instructions
# SPDX-License-Identifier: MIT

import pytest

pytestmark = pytest.mark.direct

RECORD_MAX = 150  # instructions, by issue 7

# Group, operation of bench, records that one makes.
RECORDS = (
    ("fault", "fault_anon_read", 1),
    ("fault", "fault_anon_write", 1),
    ("fault", "fault_file_read", 1 / 16),  # it maps what lies around, too
    ("page", "fault_anon_write", 1),
    ("page", "fault_sparse", 2),           # the page, and a table for it
    ("page", "munmap_sparse", 2),
    ("map", "mmap_munmap_1", 2),
    ("map", "mprotect_16", 2),
    ("process", "fork_exit_wait", 2),
    ("switch", "yield", 2),
    ("syscall", "getpid_int80", 1),
    ("syscall", "mmap_munmap_1", 2),       # by SYSENTER, which goes another way
)
OPERATIONS = sorted({operation for _, operation, _ in RECORDS})
GROUPS = ("none", *dict.fromkeys(group for group, _, _ in RECORDS))


def counts(machine, group: str) -> dict[str, int]:
    """The median of each operation, with this group alone."""
    result = machine.run(f"echo {group} > /proc/faultline/trace; "
                         f"bench -n 5 {' '.join(OPERATIONS)}", timeout=120)
    assert result.status == 0, result.text
    rows = (line.split("\t") for line in result.text.splitlines())
    return {name: int(median) for name, _, _, median in rows}


@pytest.mark.parametrize("kernel_format", ["2level", "pae"])
def test_a_record_takes_150_instructions_at_most(boot, kernel_format):
    machine = boot(boot="direct", root="initramfs", icount=True,
                   kernel_format=kernel_format)
    taken = {group: counts(machine, group) for group in GROUPS}
    each = {(group, operation):
            (taken[group][operation] - taken["none"][operation]) / records
            for group, operation, records in RECORDS}
    print(each)
    assert {row: cost for row, cost in each.items()
            if not 0 < cost <= RECORD_MAX} == {}
