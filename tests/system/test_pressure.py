# tests/system/test_pressure.py - the in-guest tests with little memory, and none
# SPDX-License-Identifier: MIT
"""Every program of userland/tests says under memory pressure what it says with
plenty; and when one allocation in 200 fails, it passes or fails cleanly, and
nothing is lost or hangs.
"""

import re

import ktap
import pytest
from conftest import check_census
from test_oracle import FAULTLINE_ONLY, commands, report

pytestmark = pytest.mark.direct

PLENTY = {"boot": "direct", "memory": 512, "swap": 512}
LITTLE = {"boot": "direct", "memory": 96, "swap": 512}

RUN_TIMEOUT_S = 300
ALL_TIMEOUT_S = 1200  # `inject` takes minutes

RULE = "/proc/faultline/inject"
RATE_PERMILLE = 5
OFF_TRIES = 50

# What may not be said, by a program or by the kernel, for want of memory.
# out_of_memory() of the kernel and "no memory" are what is asked for.
DAMAGE = re.compile(r"mismatch|corrupt|panic|expected [0-9a-f]{8}|"
                    r"MISMATCH|swapped page lost|ASSERT|oops", re.IGNORECASE)

# Those that take long are for `make matrix`.
QUICK = [command for command in commands()
         if command.split()[0] in ("faults", "fsops", "filemap", "memwalk",
                                   "shm", "storm", "rxonly", "dynamic")]


def same(machine, plenty, command, timeout=RUN_TIMEOUT_S):
    expected = plenty.run(command, timeout)
    got = machine.run(command, timeout)
    assert report(got) == report(expected), got.text
    assert got.status == expected.status


@pytest.mark.slow
def test_little_memory(shared):
    """The machine is under pressure already: most of its memory is in use."""
    plenty, machine = shared(**PLENTY), shared(**LITTLE)
    assert machine.run("memwalk 192", RUN_TIMEOUT_S).status == 0
    for command in QUICK:
        same(machine, plenty, command)


@pytest.mark.matrix
@pytest.mark.parametrize("kernel_format", ["2level", "pae"])
def test_little_memory_all(boot, kernel_format):
    plenty = boot(**PLENTY, kernel_format=kernel_format)
    machine = boot(**LITTLE, kernel_format=kernel_format)
    assert machine.run("memwalk 192", RUN_TIMEOUT_S).status == 0
    for command in [*commands(), *FAULTLINE_ONLY]:
        same(machine, plenty, command, ALL_TIMEOUT_S)


def all_off(machine):
    """No more failures: a shell may have died before it came to that. How many
    there were."""
    for _ in range(OFF_TRIES):
        text = machine.run(f"echo off >{RULE}; cat {RULE}").text
        if text.startswith("off\n"):
            return int(re.search(r"hits (\d+)", text)[1])
    raise AssertionError("the rule cannot be taken away")


def fail_some(machine, command, seed):
    """Run a command while allocations of all tasks fail."""
    # Built into the shell, and tried until it could be done.
    rule = f"all permille={RATE_PERMILLE} seed={seed}"
    result = machine.run(
        f"until echo {rule} >{RULE}; do :; done; {command}; s=$?; "
        f"until echo off >{RULE}; do :; done; exit $s", RUN_TIMEOUT_S)
    hits = all_off(machine)
    assert not DAMAGE.search(result.text), f"{command}: {result.text}"
    # Passed, failed, not to be executed, or killed for want of memory.
    assert result.status in (0, 1, 2, 126, 127, 137), \
        f"{command}: {result.status}\n{result.text}"
    assert not DAMAGE.search(machine.log()), machine.log_tail()
    check_census(machine)
    return hits


def walk(machine, names, seed):
    hits = sum(fail_some(machine, name, seed) for name in names)
    assert hits > 0
    # What failed has left nothing behind that others would stumble over.
    assert ktap.failures(machine.run("faults memory cow process",
                                     RUN_TIMEOUT_S).text) == []


@pytest.mark.slow
def test_some_failures(boot):
    walk(boot(**LITTLE), QUICK, seed=1)


@pytest.mark.matrix
@pytest.mark.parametrize("kernel_format", ["2level", "pae"])
@pytest.mark.parametrize("seed", range(2, 6))
def test_more_failures(boot, kernel_format, seed):
    walk(boot(**LITTLE, kernel_format=kernel_format), commands(), seed)
