# tests/system/test_programs.py - programs behave, and misbehave, as on Linux
# SPDX-License-Identifier: MIT

import ktap
import pytest

pytestmark = pytest.mark.direct

SUITE_TIMEOUT_S = 90

# System calls of the badptr suite that need not be there yet.
MAY_BE_MISSING = {"poll", "clock_gettime64"}

SIGNAL_STATUS = {"null-read": 139, "text-write": 139, "kernel-jump": 139,
                 "kernel-write": 139, "stack-overflow": 139,
                 "privileged-halt": 139, "lost-stack": 139,
                 "divide-by-zero": 136, "undefined-instruction": 132}

# What a shell script may expect of busybox. Each row: command, output.
SHELL = [
    ("echo one two", "one two\n"),
    ("echo a | tr a b", "b\n"),
    ("echo x | cat | cat | cat", "x\n"),
    ("seq 1 1000 | tail -n 1", "1000\n"),
    ("seq 1 100 | grep -c 7", "19\n"),
    ("yes | head -n 3", "y\ny\ny\n"),
    ("echo gone >/dev/null", ""),
    ("echo gone >&2 2>/dev/null; ls /nowhere 2>/dev/null || echo no",
     "gone\nno\n"),
    ("echo $(echo inner)", "inner\n"),
    # A socket in /dev, and datagrams to it.
    ("syslogd -O /tmp/log; until [ -S /dev/log ]; do sleep 0.1; done; "
     "logger -t me hello; until grep -q hello /tmp/log; do sleep 0.1; done; "
     "killall syslogd; sed -n 's/.* user/user/p' /tmp/log; "
     "rm /tmp/log /dev/log", "user.notice me: hello\n"),
    ("(exit 3); echo $?", "3\n"),
    ("false || true && echo done", "done\n"),
    ("for i in 1 2 3; do echo $i; done", "1\n2\n3\n"),
    ("x=5; while [ $x -gt 3 ]; do x=$((x - 1)); echo $x; done", "4\n3\n"),
    ("printf '%s-%d\\n' a 7", "a-7\n"),
    ("cd /bin && pwd", "/bin\n"),
    ("basename /usr/bin/env; dirname /usr/bin/env", "env\n/usr/bin\n"),
    ("head -c 100000 /dev/zero | wc -c", "100000\n"),
    ("dd if=/dev/zero bs=1000 count=7 2>/dev/null | wc -c", "7000\n"),
    ("ls -1d /bin /proc /dev", "/bin\n/dev\n/proc\n"),
    ("test -c /dev/null && test -d / && test -x /bin/sh && echo yes",
     "yes\n"),
    ("echo b a c | tr ' ' '\\n' | sort | xargs echo", "a b c\n"),
    ("sleep 0.1 & wait; echo waited", "waited\n"),
    ("sh -c 'kill -9 $$'; echo $?", "Killed\n137\n"),
    ("find /bin -name sh", "/bin/sh\n"),
    ("cut -d' ' -f1 /proc/version", "Linux\n"),
    ("env -i A=1 env", "A=1\n"),
    ("cat /bin/busybox | cmp - /bin/busybox && echo same", "same\n"),
    ("date -d @86400 -u +%F", "1970-01-02\n"),
    ("id -u", "0\n"),
]


@pytest.fixture
def machine(shared):
    return shared(boot="direct")


@pytest.mark.parametrize("suite", ["death", "badptr", "memory", "cow",
                                   "process", "signal"])
def test_suite(machine, suite):
    result = machine.run(f"faults {suite}", SUITE_TIMEOUT_S)
    assert ktap.failures(result.text) == [], result.text
    assert set(ktap.skipped(result.text)) <= MAY_BE_MISSING
    assert result.status == 0


def test_suites_leave_no_memory_behind(machine):
    free = "grep MemFree: /proc/meminfo"
    machine.run("faults", SUITE_TIMEOUT_S)  # whatever caches were to fill
    before_kib = int(machine.run(free).text.split()[1])
    machine.run("faults", SUITE_TIMEOUT_S)
    after_kib = int(machine.run(free).text.split()[1])
    assert before_kib - after_kib < 512


@pytest.mark.parametrize("name", SIGNAL_STATUS)
def test_shell_survives_a_bad_program(machine, name):
    result = machine.run(f"faults die {name}; echo status $?; echo on")
    assert result.text.endswith(f"status {SIGNAL_STATUS[name]}\non\n")


def test_a_killed_command_has_a_shells_status(machine):
    assert machine.run("kill -9 $$").status == 137


def test_elf_with_one_segment(machine):
    assert machine.run("exec rxonly").status == 0


@pytest.mark.parametrize("status", [0, 1, 7, 42, 127, 255])
def test_exit_status(machine, status):
    assert machine.run(f"exit {status}").status == status


def test_no_such_program(machine):
    assert machine.run("/no/such/program").status == 127
    assert machine.run("/etc").status == 126


@pytest.mark.parametrize("command,output", SHELL,
                         ids=[row[0][:40] for row in SHELL])
def test_shell(machine, command, output):
    assert machine.run(command).text == output


def test_program_larger_than_a_page_table(machine):
    # Addresses on both sides of several 4 MiB borders.
    result = machine.run("memwalk 24 7")
    assert ktap.failures(result.text) == []


def test_two_programs_share_the_processor(machine):
    result = machine.run("memwalk 8 1 >/dev/null & memwalk 8 2 >/dev/null & "
                         "wait %1; echo $?; wait %2; echo $?")
    assert result.text == "0\n0\n"
