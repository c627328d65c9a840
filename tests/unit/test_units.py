# tests/unit/test_units.py - the host unit tests as cases of pytest
# SPDX-License-Identifier: MIT
"""Each tests/unit/test_*.c is a program, built for 64 and for 32 bits with
sanitizers; each program is one case here. `SEED=n pytest ...` repeats a run.
FAULTLINE_BUILD names the build folder, as for the system tests.
"""

import os
import pathlib
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
TESTS = sorted(path.stem for path in ROOT.glob("tests/unit/test_*.c"))
BUILD = os.environ.get("FAULTLINE_BUILD", "build")
TIMEOUT_S = 120  # of one program; each takes a few seconds


def run(command):
    """Fails the case, with the output, if the command fails or hangs."""
    done = subprocess.run(command, cwd=ROOT, timeout=TIMEOUT_S, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          check=False)
    assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout}"


@pytest.mark.parametrize("bits", [64, 32])
@pytest.mark.parametrize("name", TESTS)
def test_unit(name, bits):
    program = f"{BUILD}/unit{bits}/{name}"
    run(["make", "-s", f"B={BUILD}", program])
    run([program])
