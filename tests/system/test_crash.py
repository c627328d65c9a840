# tests/system/test_crash.py - the reports of a dying kernel
# SPDX-License-Identifier: MIT

import re

import pytest

# kind: what the log has to say besides the registers.
REPORTS = {
    "null": ["crash_null_read"],
    "stack": ["crash_stack_overflow"],
    "panic": ["crash_panic", "crash=panic was asked for"],
    "bug": ["crash_assertion"],
    "double-free": ["crash_double_free", "slab: cache=kmalloc-64", "twice"],
    "wrong-free": ["crash_wrong_free", "slab: cache=kmalloc-64",
                   "not an object"],
}

SYMBOL = r"{}\+0x[0-9a-f]+"


@pytest.mark.direct
@pytest.mark.parametrize("kind", REPORTS)
def test_report(vm, tmp_path, kind):
    log_file = tmp_path / "log"
    done = vm("--boot", "direct", "--memory", "64", "--append",
              f"crash={kind}", "--log", log_file, "--", "sleep 60")
    assert done.returncode == 125, done.stderr
    log = log_file.read_text(errors="replace")
    for words in REPORTS[kind]:
        assert words in log
    assert re.search(SYMBOL.format(REPORTS[kind][0]), log)
    assert re.search(r"cr2=[0-9a-fx]+.*cr3=[0-9a-fx]+", log, re.I | re.S)
    # The end of it is what tools/vm shows.
    assert REPORTS[kind][0] in done.stderr.decode()


@pytest.mark.firmware
def test_report_without_a_command(vm):
    done = vm("--append", "crash=stack")
    assert done.returncode == 125
    assert b"crash_stack_overflow+0x" in done.stdout


@pytest.mark.direct
def test_fault_of_a_program_is_reported(boot):
    machine = boot(boot="direct", memory=64)
    machine.run("faults die null-read")
    assert "faults" in machine.log()
