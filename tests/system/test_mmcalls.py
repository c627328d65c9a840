# tests/system/test_mmcalls.py - the calls on address spaces, as on Linux
# SPDX-License-Identifier: MIT
"""Each program of userland/tests on the calls of mm/ passes, with little memory
and both page-table formats, and leaves the books in balance. The same programs
are compared with Linux by test_oracle.py."""

import ktap
import pytest

pytestmark = pytest.mark.direct

SUITE_TIMEOUT_S = 90
PROGRAMS = ["mlock", "madvise", "mmap", "mremap", "overcommit", "procmem"]


@pytest.fixture(params=["2level", "pae"])
def machine(request, shared):
    return shared(boot="direct", kernel_format=request.param, memory=96,
                  swap=256)


@pytest.mark.parametrize("program", PROGRAMS)
def test_program(machine, program):
    result = machine.run(program, SUITE_TIMEOUT_S)
    assert ktap.failures(result.text) == [], result.text
    assert result.status == 0


def test_the_books_balance(machine):
    census = machine.run("cat /proc/faultline/census").text
    assert census.splitlines()[-1] == "census: ok", census


def test_what_was_promised_is_given_back(machine):
    committed = "grep Committed_AS /proc/meminfo"
    before = machine.run(committed).text
    machine.run("overcommit; mremap; faults cow", SUITE_TIMEOUT_S)
    after = machine.run(committed).text
    assert abs(int(after.split()[1]) - int(before.split()[1])) <= 64
