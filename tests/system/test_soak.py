# tests/system/test_soak.py - everything at once, on twice the memory
# SPDX-License-Identifier: MIT
"""userland/tests/soak.c under memory pressure, its files on an ext2 of their
own. Afterwards the books balance, the log has no error that was not asked for,
and e2fsck finds nothing. `make test` has the short form, `make soak` the long
one.
"""

import os
import re
import time

import ktap
import pytest
from conftest import check_census
from test_ext2 import TestDisk, mount, off

pytestmark = pytest.mark.direct

DISK_MIB = 128
# What workers take to end, and a host that has other things to do.
GRACE_S = 300
HOST_TIMES = 4

SHORT_S = 40
LONG_S = 30 * 60
LONG_PART_S = 120

# Levels 0 to 3 of the log; a hog is killed on purpose.
ERROR_LINE = re.compile(r"^<[0-3]>.*", re.MULTILINE)
EXPECTED = re.compile(r"\] oom: ")


def errors(machine) -> list[str]:
    raw = machine.run("dmesg -r").text
    assert "process 1 is" in machine.log()
    return [line for line in ERROR_LINE.findall(raw)
            if not EXPECTED.search(line)]


def run_soak(machine, seconds, seed, mib):
    began = time.monotonic()
    result = machine.run(f"soak {seconds} {seed} {mib} /tmp/m",
                         seconds * HOST_TIMES + GRACE_S)
    assert ktap.failures(result.text) == [], result.text
    assert ktap.skipped(result.text) == []
    assert result.status == 0
    assert errors(machine) == []
    check_census(machine)
    print(f"seed {seed}: {time.monotonic() - began:.0f} s\n{result.text}",
          flush=True)


@pytest.mark.slow
def test_short(boot, tmp_path):
    target = TestDisk(tmp_path / "disk", mib=DISK_MIB)
    machine = boot(**target.options | {"memory": 96, "swap": 112})
    mount(machine)
    run_soak(machine, SHORT_S, 1, 192)
    off(machine)
    target.assert_clean()


# FAULTLINE_SOAK_SECONDS for less, or more.
@pytest.mark.soak
@pytest.mark.parametrize("kernel_format", ["2level", "pae"])
def test_long(boot, tmp_path, kernel_format):
    """In parts, with the books taken after each; a seed for every part."""
    total_s = int(os.environ.get("FAULTLINE_SOAK_SECONDS", LONG_S))
    target = TestDisk(tmp_path / "disk", mib=DISK_MIB)
    machine = boot(**target.options | {"memory": 128, "swap": 512,
                                       "kernel_format": kernel_format})
    print(f"\n{kernel_format}: {total_s} s of guest time in parts of "
          f"{LONG_PART_S} s, 128 MiB of RAM, 256 in use", flush=True)
    mount(machine)
    for seed, _ in enumerate(range(0, total_s, LONG_PART_S), int(time.time())):
        run_soak(machine, min(LONG_PART_S, total_s), seed, 256)
    off(machine)
    target.assert_clean()
