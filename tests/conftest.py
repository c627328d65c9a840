# tests/conftest.py - machines for the system tests
# SPDX-License-Identifier: MIT
"""Booting is the slow part, so tests share machines: `shared` gives the running
one with these options, or boots it. `boot` gives a test one of its own. When
the tests of a file, or a machine, are at their end, so must its census be:
docs/memory.md, "Books".

Nearly every machine of Faultline's has the disks of other systems attached
(system/foreign.py), writable. They must be at the end as they were before. A
test that must be without them says foreign=None.
"""

import collections
import dataclasses
import os
import subprocess
import sys
from pathlib import Path

import pytest

TOP = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(TOP / "tools"))
sys.path.insert(0, str(TOP / "tests/system"))
sys.pycache_prefix = str(TOP / "build/pycache")  # all that is made is there

import foreign as foreign_disks  # noqa: E402
from vmlib import Machine, MachineError, Options  # noqa: E402

# Running at the same time; one that is asked for again is booted again.
SHARED_MACHINES = 2

# The build to test: FAULTLINE_BUILD, or build/.
BUILD = Path(os.environ.get("FAULTLINE_BUILD", TOP / "build")).resolve()


def pytest_configure(config):
    for line in ("firmware: boots through OVMF, some seconds each",
                 "direct: boots without firmware",
                 "slow: takes more than some ten seconds",
                 "matrix: many machines or many runs, for `make matrix`",
                 "table: a row of the table of machines (test_boot_matrix.py)",
                 "soak: half an hour each, for `make soak`"):
        config.addinivalue_line("markers", line)


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    """Show the kernel's log with a test that lost its machine."""
    outcome = yield
    if call.excinfo and isinstance(call.excinfo.value, MachineError):
        tail = call.excinfo.value.log_tail
        outcome.get_result().sections.append(("kernel log", tail))


TABLE_HEAD = ("chipset", "firmware", "CPU", "MiB", "booted from", "disk",
              "special", "boot s", "result")


def pytest_terminal_summary(terminalreporter):
    """The table of machines: what was booted, and what came of it."""
    results = {}
    # Worse comes later, and counts: a test may fail at its end, too.
    for outcome, result in (("passed", "ok"), ("skipped", "skipped"),
                            ("error", "ERROR"), ("failed", "FAILED")):
        for report in terminalreporter.stats.get(outcome, []):
            # A report of collecting has none.
            told = dict(getattr(report, "user_properties", ()))
            if "row" in told:
                results[told["place"], *told["row"]] = (
                    told.get("boot_s", "-"), result)
    rows = [(*key[1:], *results[key]) for key in sorted(results)]
    if not rows:
        return
    widths = [max(len(row[column]) for row in [TABLE_HEAD, *rows])
              for column in range(len(TABLE_HEAD))]
    terminalreporter.section("machines")
    for row in [TABLE_HEAD, *rows]:
        terminalreporter.line("  ".join(
            cell.ljust(width) for cell, width in zip(row, widths)).rstrip())
    bad = sum(row[-1] != "ok" for row in rows)
    terminalreporter.line(f"{len(rows)} machines, {len(rows) - bad} ok")


def check_census(machine: Machine) -> None:
    """Fail unless the books of a machine that still runs balance."""
    if not machine.alive or machine.options.kernel != "faultline":
        return
    machine.wait_ready()
    lines = machine.run("cat /proc/faultline/census").text.splitlines()
    wrong = [line for line in lines if line.endswith("MISMATCH")]
    if wrong or lines[-1:] != ["census: ok"]:
        pytest.fail("\n".join([f"the books of {machine.options} do not "
                               "balance:", *(wrong or lines)]), pytrace=False)


# Words that ask for a machine which is measured, or in which every disk has
# something that a test counts.
WITHOUT_FOREIGN = ("dma_limit=", "selftest=")
FOREIGN_MEMORY_MIN = 48  # MiB; below, a test may count its pages


def make_options(folder, **options) -> Options:
    """A machine with the foreign disks, where they do not disturb."""
    plain = Options(**{"build": BUILD} | options)
    if ("foreign" in options or plain.kernel != "faultline" or plain.icount
            or plain.memory < FOREIGN_MEMORY_MIN
            or any(word in plain.append for word in WITHOUT_FOREIGN)):
        return plain
    return dataclasses.replace(plain, foreign=folder)


class Pool:
    """Running machines by their options, the one used last at the end."""

    def __init__(self, foreign):
        self._machines = collections.OrderedDict()
        self._foreign = foreign

    def get(self, **options) -> Machine:
        key = make_options(self._foreign, **options)
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
            machine = self._machines.popitem(last=False)[1]
            try:
                check_census(machine)
            finally:
                machine.close()

    def check(self) -> None:
        for machine in self._machines.values():
            check_census(machine)

    def close(self) -> None:
        self._shrink(0)


@pytest.fixture(scope="session")
def foreign(tmp_path_factory):
    """The folder of the foreign disks of this worker. At the end, after all
    machines, each has the content that it was made with."""
    folder = foreign_disks.make(tmp_path_factory.mktemp("foreign"))
    before = foreign_disks.hashes(folder)
    (folder / "sha256").write_text(repr(before))
    yield folder
    assert foreign_disks.hashes(folder) == before, \
        "a disk that is not ours was written"


@pytest.fixture(scope="session")
def pool(foreign):
    """The shared machines."""
    machines = Pool(foreign)
    yield machines
    machines.close()


@pytest.fixture
def shared(pool):
    """shared(**options): a machine that other tests use as well."""
    return pool.get


@pytest.fixture(scope="module", autouse=True)
def books(pool, foreign):
    """After each group of tests the books of the shared machines balance, and
    nobody has touched a foreign disk (all of them are read at the end)."""
    before = foreign_disks.times(foreign)
    yield
    pool.check()
    assert foreign_disks.times(foreign) == before, \
        "a disk that is not ours was written by these tests"


@pytest.fixture
def boot(foreign):
    """boot(**options): a machine for this test alone, ready for commands."""
    machines = []

    def start(ready_timeout=None, **options) -> Machine:
        machine = Machine(make_options(foreign, **options)).__enter__()
        machines.append(machine)
        machine.wait_ready(ready_timeout)
        return machine

    yield start
    try:
        for machine in machines:
            check_census(machine)
    finally:
        for machine in machines:
            machine.close()


def vm_command(*arguments) -> list[str]:
    return [str(TOP / "tools/vm"), "--build", str(BUILD),
            *map(str, arguments)]


@pytest.fixture
def vm(foreign):
    """vm(*arguments): run tools/vm to its end; a CompletedProcess of bytes."""

    def run(*arguments, timeout=150) -> subprocess.CompletedProcess:
        disks = () if {"--kernel", "--icount"} & set(arguments) else \
            ("--foreign", foreign)
        return subprocess.run(vm_command(*disks, *arguments), timeout=timeout,
                              stdin=subprocess.DEVNULL, capture_output=True,
                              check=False)

    return run
