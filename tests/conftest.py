# tests/conftest.py - machines for the system tests
# SPDX-License-Identifier: MIT
"""Booting is the slow part, so tests share machines: `shared` gives the running
one with these options, or boots it. `boot` gives a test one of its own.
"""

import collections
import os
import subprocess
import sys
from pathlib import Path

import pytest

TOP = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(TOP / "tools"))
sys.pycache_prefix = str(TOP / "build/pycache")  # all that is made is there

from vmlib import Machine, MachineError, Options  # noqa: E402

# Running at the same time; one that is asked for again is booted again.
SHARED_MACHINES = 2

# The build to test: FAULTLINE_BUILD, or build/.
BUILD = Path(os.environ.get("FAULTLINE_BUILD", TOP / "build")).resolve()


def pytest_configure(config):
    for line in ("firmware: boots through OVMF, some seconds each",
                 "direct: boots without firmware",
                 "slow: takes more than some ten seconds"):
        config.addinivalue_line("markers", line)


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    """Show the kernel's log with a test that lost its machine."""
    outcome = yield
    if call.excinfo and isinstance(call.excinfo.value, MachineError):
        tail = call.excinfo.value.log_tail
        outcome.get_result().sections.append(("kernel log", tail))


class Pool:
    """Running machines by their options, the one used last at the end."""

    def __init__(self):
        self._machines = collections.OrderedDict()

    def get(self, **options) -> Machine:
        key = Options(build=BUILD, **options)
        machine = self._machines.pop(key, None)
        if machine is None or not machine.alive:
            if machine is not None:
                machine.close()
            self._shrink(SHARED_MACHINES - 1)
            machine = Machine(key).__enter__()
        self._machines[key] = machine
        machine.wait_ready()
        return machine

    def _shrink(self, left: int) -> None:
        while len(self._machines) > left:
            self._machines.popitem(last=False)[1].close()

    def close(self) -> None:
        self._shrink(0)


@pytest.fixture(scope="session")
def shared():
    """shared(**options): a machine that other tests use as well."""
    pool = Pool()
    yield pool.get
    pool.close()


@pytest.fixture
def boot():
    """boot(**options): a machine for this test alone, ready for commands."""
    machines = []

    def start(**options) -> Machine:
        machine = Machine(Options(build=BUILD, **options)).__enter__()
        machines.append(machine)
        machine.wait_ready()
        return machine

    yield start
    for machine in machines:
        machine.close()


def vm_command(*arguments) -> list[str]:
    return [str(TOP / "tools/vm"), "--build", str(BUILD),
            *map(str, arguments)]


@pytest.fixture
def vm():
    """vm(*arguments): run tools/vm to its end; a CompletedProcess of bytes."""

    def run(*arguments, timeout=150) -> subprocess.CompletedProcess:
        return subprocess.run(vm_command(*arguments), timeout=timeout,
                              stdin=subprocess.DEVNULL, capture_output=True,
                              check=False)

    return run
