# tests/system/test_strace.py - system calls in the log
# SPDX-License-Identifier: MIT
"""kernel/strace.c: who is followed, and what is said of it."""

import re

import pytest

pytestmark = pytest.mark.direct

RULE = "/proc/faultline/strace"


def lines(machine, command, rule="sh"):
    """What is logged of a command that a shell, followed, runs."""
    machine.run(f"dmesg -c >/dev/null; echo {rule} >{RULE}; "
                f"sh -c '{command}'; echo off >{RULE}")
    return machine.run("dmesg | grep strace: | cut -d: -f2-").text.splitlines()


def matching(pattern, log):
    found = [line for line in log if re.fullmatch(r" pid=\d+ " + pattern, line)]
    assert found, "\n".join(log)
    return found


def test_arguments_and_results(shared):
    log = lines(shared(boot="direct"), "cat /etc/hostname /nope; exit 3")
    matching(r'open(at)?\(.*"/nope", 0x[0-9a-f]+(, 0\d+)?\) = -1 ENOENT '
             r"\d+ us", log)
    matching(r'execve\("/[a-z/]*", \["cat", "/etc/hostname", "/nope"\], '
             r"\[.*\]\) = 0 \d+ us", log)
    matching(r'write\(2, "cat: can.*"\.\.\., \d+\) = \d+ \d+ us', log)
    matching(r"brk\(0\) = 0x[0-9a-f]+ \d+ us", log)
    matching(r"exit_group\(3\)", log)


def test_signals(shared):
    log = lines(shared(boot="direct"), "kill -USR1 $$")
    matching(r"kill\(\d+, SIGUSR1\) = 0 \d+ us", log)
    matching(r"signal SIGUSR1 default code=0 pid=\d+ address=0", log)


def test_nobody_else_is_followed(shared):
    machine = shared(boot="direct")
    log = lines(machine, "/bin/true", rule="true")
    assert not matching(r"exit_group\(0\)", log)[1:]
    assert len({line.split()[0] for line in log}) == 1
    log = lines(machine, "true", rule="off")
    assert log == []
    assert machine.run(f"cat {RULE}").text == "off\n"


def test_children_of_a_process(shared):
    machine = shared(boot="direct")
    machine.run(f"dmesg -c >/dev/null; sh -c 'echo $$ >{RULE}; ls / >/dev/null'"
                f"; echo off >{RULE}")
    log = machine.run("dmesg | grep strace: | cut -d: -f2-").text.splitlines()
    matching(r"getdents64\(3, 0x[0-9a-f]+, \d+\) = \d+ \d+ us", log)


def test_wrong_rules(shared):
    machine = shared(boot="direct")
    for rule in ("99999", "a-name-that-is-too-long"):
        assert machine.run(f"echo {rule} >{RULE}").status != 0
    assert machine.run(f"cat {RULE}").text == "off\n"


def test_missing_calls_have_names(shared):
    """One line for each number, with its name. (No kernel has had these for
    long.)"""
    machine = shared(boot="direct")
    machine.run("fuzz 600 1 1000")
    log = machine.run("dmesg").text
    found = re.findall(r"not implemented: (\S+) number=(\d+)", log)
    assert {("afs_syscall", "137"), ("break", "17"), ("prof", "44"),
            ("lock", "53"), ("mpx", "56")} & set(found), found
    assert len(found) == len(set(found))


def test_command_line(boot):
    machine = boot(boot="direct", append="strace=uname")
    assert machine.run("/bin/uname").status == 0
    assert " uname(" in machine.run("dmesg | grep strace:").text
    assert machine.run(f"cat {RULE}").text == "uname\n"
