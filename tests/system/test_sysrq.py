# tests/system/test_sysrq.py - SysRq, by the keyboard and by /proc
# SPDX-License-Identifier: MIT

import re

import pytest
from keys import Keys, wait_for
from vmlib import MachineError

pytestmark = pytest.mark.direct

TRIGGER = "/proc/sysrq-trigger"
LIMIT = "/proc/sys/kernel/sysrq"
SYMBOL = r"{}\+0x[0-9a-f]+"


@pytest.fixture
def keys(tmp_path_factory):
    hands = Keys(tmp_path_factory.mktemp("k"))
    yield hands
    hands.close()


def wait_for_log(machine, words: str) -> str:
    """What the log says from these words on."""
    wait_for(lambda: re.search(words, machine.log()), words)
    return machine.log()[re.search(words, machine.log()).start():]


def test_by_keyboard(boot, keys):
    """Alt+SysRq and a key, while the machine does something else."""
    machine = boot(boot="direct", memory=64, root="initramfs", qemu=keys.qemu)
    keys.press("alt", "sysrq", "h")
    wait_for_log(machine, "sysrq: HELP : loglevel.*show-task-states")
    keys.press("alt", "sysrq", "p")
    wait_for_log(machine, "sysrq: Show Regs.*\n.*report: eip: .*\n"
                 ".*task: pid=[0-9]+ name=")
    wait_for_log(machine, "report: backtrace:\n")
    keys.press("alt", "sysrq", "f1")  # no letter: nothing

    # Each key needs its bit of the sum; /proc does not.
    assert machine.run(f"cat {LIMIT}; echo 16 >{LIMIT}; cat {LIMIT}; "
                       f"echo x >{LIMIT}").text.startswith("1\n16\n")
    keys.press("alt", "sysrq", "m")
    wait_for_log(machine, "This sysrq operation is disabled")
    keys.press("alt", "sysrq", "s")
    wait_for_log(machine, "Emergency Sync complete")
    assert "Show Memory" not in machine.log()
    machine.run(f"echo m >{TRIGGER}")
    assert "oom: zone=Normal free=" in wait_for_log(machine, "Show Memory")
    machine.run(f"echo 0 >{LIMIT}")
    lines = machine.log().count("sysrq:")
    keys.press("alt", "sysrq", "s")
    keys.press("a")  # taken after it, whatever became of it
    machine.run(f"echo 1 >{LIMIT}")
    assert machine.log().count("sysrq:") == lines
    keys.press_last("alt", "sysrq", "b")
    with pytest.raises(MachineError, match="reset itself"):
        machine.run("sleep 60")


def test_by_proc(boot):
    machine = boot(boot="direct", memory=64, root="initramfs")
    assert machine.run(f"ls -l {TRIGGER}").text.startswith("--w-------")
    assert machine.run(f"echo 7 >{TRIGGER}; cat /proc/sys/kernel/printk"
                       ).text.startswith("7\t")
    machine.run(f"echo t >{TRIGGER}")
    text = wait_for_log(machine, "Show State")
    assert re.search("name=ksysrqd sleeping", text)
    assert re.search(SYMBOL.format("ksysrqd"), text)
    machine.run(f"echo l >{TRIGGER}")
    assert re.search(SYMBOL.format("sysrq_trigger_store"),
                     wait_for_log(machine, "backtrace of all"))
    machine.run(f"echo w >{TRIGGER}; echo >{TRIGGER}")
    wait_for_log(machine, "Show Blocked State")
    wait_for_log(machine, "HELP")
    # The largest goes, whatever memory there is.
    machine.run("head -c 9000000 /dev/zero | tail -n 1 >/dev/null & sleep 0.1")
    machine.run(f"echo f >{TRIGGER}")
    wait_for_log(machine, "oom: ksysrqd invoked oom-killer")
    wait_for_log(machine, "Out of memory: killed process")


def names_of_tasks(machine, keys) -> list[str]:
    """All that are alive, as Alt+SysRq+T reports them."""
    seen = len(machine.log())
    keys.press("alt", "sysrq", "t")
    wait_for(lambda: "end of tasks" in machine.log()[seen:], "list of tasks")
    return re.findall(r"name=(\S+) (?!dead)", machine.log()[seen:])


def test_all_but_process_1(boot, keys):
    """E asks programs to end, I makes them."""
    machine = boot(boot="direct", memory=64, root="initramfs", qemu=keys.qemu)
    machine.run("setsid sleep 600 >/dev/null 2>&1 & "
                "(trap '' TERM; exec setsid tail -f /dev/null >/dev/null 2>&1) & "
                "until pidof sleep && pidof tail; do :; done")
    names = names_of_tasks(machine, keys)
    assert "sleep" in names and "tail" in names
    keys.press("alt", "sysrq", "e")
    wait_for(lambda: "sleep" not in names_of_tasks(machine, keys), "end")
    names = names_of_tasks(machine, keys)
    assert "tail" in names and "init" in names
    keys.press("alt", "sysrq", "i")
    wait_for(lambda: "tail" not in names_of_tasks(machine, keys), "end")
    assert "init" in names_of_tasks(machine, keys)
    machine.close()  # nobody is there for a census


def test_remount_read_only(boot):
    machine = boot(boot="direct", memory=64)
    assert machine.run("touch /root/x").status == 0
    machine.run(f"echo u >{TRIGGER}")
    wait_for_log(machine, "Emergency Remount complete")
    done = machine.run("touch /root/y")
    assert done.status == 1 and "Read-only" in done.text


def test_crash(vm, tmp_path):
    done = vm("--boot", "direct", "--memory", "64", "--root", "initramfs",
              "--log", tmp_path / "log", "--", f"echo c >{TRIGGER}; sleep 60")
    assert done.returncode == 125
    log = (tmp_path / "log").read_text(errors="replace")
    assert "kernel panic: sysrq triggered crash" in log


def test_power_off(boot):
    machine = boot(boot="direct", memory=64, root="initramfs")
    with pytest.raises(MachineError, match="powered itself off"):
        machine.run(f"echo o >{TRIGGER}; sleep 60")


def test_ctrl_alt_del(boot, keys):
    """The machine is started again, once file systems are clean."""
    machine = boot(boot="direct", memory=64, qemu=keys.qemu)
    keys.press_last("ctrl", "alt", "delete")
    with pytest.raises(MachineError, match="reset itself"):
        machine.run("sleep 60")
