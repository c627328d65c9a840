# tests/system/test_crash.py - the reports of a dying kernel
# SPDX-License-Identifier: MIT

import pathlib
import re
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]

# kind: what the log has to say besides the registers.
REPORTS = {
    "null": ["crash_null_read"],
    "stack": ["crash_stack_overflow"],
    "panic": ["crash_panic", "crash=panic was asked for"],
    "bug": ["crash_assertion"],
    "sleep": ["crash_sleep", "might_sleep_check"],
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


@pytest.mark.direct
def test_report_on_a_quiet_console(vm, tmp_path):
    """As on Linux: loglevel= is about a kernel that lives."""
    log_file = tmp_path / "log"
    done = vm("--boot", "direct", "--memory", "64", "--append",
              "crash=panic loglevel=1", "--log", log_file, "--", "sleep 60")
    assert done.returncode == 125, done.stderr
    log = log_file.read_text(errors="replace")
    assert "memory: " not in log
    assert re.search(SYMBOL.format("crash_panic"), log)


@pytest.mark.direct
def test_hung_task(boot):
    """A task that waits for ever is reported, once, with where it waits."""
    machine = boot(boot="direct", memory=64, append="crash=hang")
    limit = "/proc/sys/kernel/hung_task_timeout_secs"
    assert machine.run(f"cat {limit}").text == "120\n"
    assert machine.run(f"for v in x -1 '' '1 2'; do echo $v >{limit}; done; "
                       f"cat {limit}").text.endswith("\n120\n")
    assert machine.run(f"echo 1 >{limit}").status == 0
    pid = machine.run("pidof crash").text.strip()
    report = f"pid={pid} has waited for more than 1 s"
    # The reports of two more checks would be there.
    machine.run(f"until dmesg | grep -q '{report}'; do sleep 0.1; done; sleep 2")
    log = machine.log()
    assert log.count(report) == 1
    assert re.search(rf"pid={pid} name=crash waiting flags.*?crash_hang\+0x",
                     log, re.S)


@pytest.mark.matrix
def test_overrun_within_the_size_class(tmp_path):
    """What only a DEBUG=1 kernel sees: it is built here, into a folder of its
    own."""
    log_file = tmp_path / "log"
    folder = tmp_path / "build"
    subprocess.run(["make", "-s", "DEBUG=1", f"B={folder}"], cwd=ROOT,
                   check=True, timeout=900, capture_output=True)
    done = subprocess.run(
        [ROOT / "tools/vm", "--build", folder, "--boot", "direct", "--memory",
         "64", "--timeout", "60", "--append", "crash=overrun", "--log",
         log_file, "--", "sleep 60"], timeout=120, capture_output=True,
        check=False)
    assert done.returncode == 125, done.stderr
    log = log_file.read_text(errors="replace")
    assert "slab: cache=kmalloc-64" in log
    assert "written beyond its end; allocated by crash_overrun+0x" in log


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
