# tests/system/test_fuzz.py - system calls that nobody would do
# SPDX-License-Identifier: MIT
"""userland/tests/fuzz.c: the kernel outlives it, holds afterwards what it held
before, and lets nobody read what is not his. No oops either, which ends only
the task that had it.
"""

import re

import ktap
import pytest
from conftest import check_census

pytestmark = pytest.mark.direct

MACHINE = {"boot": "direct", "memory": 256, "swap": 64}

SHORT_CALLS = 12000
LONG_CALLS = 200000
# What a host that has other things to do takes, at most.
SHORT_TIMEOUT_S = 300
LONG_TIMEOUT_S = 1800

DAMAGE = re.compile(r"oops|BUG|ASSERT|panic")

BOTH = pytest.mark.parametrize("kernel_format", ["2level", "pae"])
USERS = pytest.mark.parametrize("uid", [0, 1000])


def run(machine, command, timeout):
    result = machine.run(command, timeout)
    assert ktap.failures(result.text) == [], result.text
    assert ktap.skipped(result.text) == []
    assert result.status == 0
    assert not DAMAGE.search(machine.log()), machine.log()
    check_census(machine)


@BOTH
@USERS
@pytest.mark.slow
def test_short(shared, kernel_format, uid):
    run(shared(**MACHINE, kernel_format=kernel_format),
        f"fuzz {SHORT_CALLS} 1 {uid}", SHORT_TIMEOUT_S)


@BOTH
@USERS
@pytest.mark.matrix
def test_long(boot, kernel_format, uid):
    run(boot(**MACHINE, kernel_format=kernel_format),
        f"fuzz {LONG_CALLS} 1000 {uid}", LONG_TIMEOUT_S)


def test_devices_are_put_back(boot):
    """As they were found, not as they are after a boot."""
    machine = boot(**MACHINE)
    machine.run("chown 5:7 /dev/tty; chmod 640 /dev/full")
    look = "stat -c '%n %a %u %g' /dev/null /dev/tty /dev/full"
    found = machine.run(look).text
    assert "tty 666 5 7\n" in found and "full 640 0 0\n" in found
    run(machine, f"fuzz {SHORT_CALLS} 1 0", SHORT_TIMEOUT_S)
    assert machine.run(look).text == found


def test_virtual_8086_mode(shared):
    """QEMU's TCG enters it by an IRET of user mode, which Linux oopses of."""
    machine = shared(**MACHINE, kernel_format="2level")
    assert ktap.failures(machine.run("fuzz vm86").text) == []
