# tests/system/test_oracle.py - the in-guest tests say the same on Linux
# SPDX-License-Identifier: MIT
"""What Linux does is right. Each program of userland/tests runs with the same
files on Debian's kernel and on ours, and their results are to be the same by
name, order and verdict; what a program prints without KTAP, to the byte.

A program is a source with a main (or, in assembly, a _start) and is found by
that: a new one needs nothing here, unless it wants arguments or is for our
kernel only.
"""

import difflib
import re
from pathlib import Path

import ktap
import pytest
from conftest import BUILD, TOP
from test_programs import SHELL
from vmlib import Crashed, Unavailable

pytestmark = pytest.mark.direct

RUN_TIMEOUT_S = 120

# Arguments of the programs that need some; one command for each row.
ARGUMENTS = {"memwalk": ["24 7"], "soak": ["5 1 64"]}

# Programs that are sources of another one, linked in another way.
LINKED_AGAIN = ["threads-dynamic"]

# Why a program has nothing to say on Linux.
FAULTLINE_ONLY = {
    "fuzz": "finds what kernels do wrong, and of QEMU's what Linux dies of",
    "inject": "fails allocations by number, through /proc/faultline/inject",
}

ENTRY = re.compile(r"^(int main\(|_start:)", re.MULTILINE)

# Beside the programs: what a shell can see of the system.
SURROUNDINGS = [
    "uname -snm", "hostname", "id", "pwd", "env", "df | head -n 1",
    "grep ' / ' /proc/mounts", "grep ' /tmp ' /proc/mounts",
    "awk '{ print NF }' /proc/self/stat /proc/self/statm /proc/loadavg",
    # How much of it is in use is another matter.
    r"sed -E 's/[0-9]+(\t+-[0-9]+)$/N\1/' /proc/swaps",
    "swapoff /dev/sda3; swapon -p 7 /dev/sda3; cat /proc/swaps; "
    "swapoff /dev/sda3; swapon /dev/sda3; cat /proc/swaps",
    "ls -l /proc/self/fd/0 /proc/self/exe | sed 's/.*-> //'",
    "mkdir /bin; touch /nope/x; rm /nope; rmdir /proc; rmdir /bin; "
    "mount -t none x /mnt",
    "ls /nope; cat /tmp; cd /etc/passwd; ln -s l /tmp/l && cat /tmp/l",
    "echo x >/dev/full; echo x >/proc/version; "
    "echo x >/proc/1/stat; kill -9 99999",
    "dd if=/dev/zero of=/tmp/h bs=1 count=1 seek=9999; stat -c '%s %b' /tmp/h",
    "mkfifo /tmp/f; mknod /tmp/n c 1 3; ls -l /tmp/[fn] | cut -c 1-10; "
    "rm /tmp/[fnlh]",
]

# Like with like: both with PAE. Twice the memory that the largest test takes.
MACHINE = {"boot": "direct", "kernel_format": "pae", "memory": 256,
           "swap": 256}

# For `make matrix`: what is different from MACHINE.
MACHINES = {
    "2level": {"kernel_format": "2level"},
    "small": {"memory": 96, "swap": 512},
    "small 2level": {"kernel_format": "2level", "memory": 96, "swap": 512},
    "highmem": {"memory": 2048},
}


def programs() -> list[str]:
    sources = [*(TOP / "userland/tests").glob("*.[cS]")]
    return sorted(path.stem for path in sources
                  if ENTRY.search(path.read_text()))


def commands() -> list[str]:
    return [f"{program} {arguments}".strip()
            for program in programs() + LINKED_AGAIN
            if program not in FAULTLINE_ONLY
            for arguments in ARGUMENTS.get(program, [""])]


def on_linux(start, **options):
    """A machine with Linux, or the test skipped where there is none."""
    try:
        return start(kernel="linux", **options)
    except Unavailable as error:
        pytest.skip(str(error))


def report(result) -> list[str]:
    """A command's output, without what may be another in every run."""
    if not result.text.startswith("KTAP version "):
        return [*result.text.splitlines(), f"status {result.status}"]
    return [f"{'  ' * depth}{verdict} {name}"
            for depth, name, verdict in ktap.results(result.text)]


def compare(command: str, linux, faultline) -> None:
    """Fail unless a command gives the same on both machines."""
    expected = linux.run(command, RUN_TIMEOUT_S)
    if expected.text.startswith("KTAP version "):
        assert ktap.failures(expected.text) == [], \
            f"the test is wrong, it fails on Linux:\n{expected.text}"
    got = faultline.run(command, RUN_TIMEOUT_S)
    difference = "\n".join(difflib.unified_diff(
        report(expected), report(got), f"Linux: {command}",
        f"Faultline: {command}", lineterm=""))
    assert not difference, f"{difference}\n\n{got.text}"
    assert got.status == expected.status


def test_lists_are_true():
    """Each program is built, and no list names one that is not there."""
    there = {path.name for path in (BUILD / "root/bin").iterdir()}
    assert set(programs() + LINKED_AGAIN) <= there
    assert set(ARGUMENTS) | set(FAULTLINE_ONLY) <= set(programs())


@pytest.mark.parametrize("command", commands())
def test_program(shared, command):
    compare(command, on_linux(shared, **MACHINE), shared(**MACHINE))


@pytest.mark.parametrize("command,output", SHELL,
                         ids=[row[0][:40] for row in SHELL])
def test_shell(shared, command, output):
    """What test_programs.py expects of our kernel is what Linux does."""
    assert on_linux(shared, **MACHINE).run(command).text == output


@pytest.mark.parametrize("command", SURROUNDINGS)
def test_surroundings(shared, command):
    """What programs find around them is the same, errors too."""
    compare(command, on_linux(shared, **MACHINE), shared(**MACHINE))


def test_linux_is_given_what_was_asked_for(shared):
    machine = on_linux(shared, **MACHINE)
    assert "-686-pae " in machine.run("cat /proc/version").text
    total_kib = int(machine.run("grep MemTotal /proc/meminfo").text.split()[1])
    assert 190 * 1024 < total_kib < 256 * 1024
    swap_kib = int(machine.run("tail -n 1 /proc/swaps").text.split()[2])
    assert swap_kib == 256 * 1024 - 4


# The machine is lost with this: the last of those that share it.
def test_panic_of_linux(shared):
    machine = on_linux(shared, **MACHINE)
    with pytest.raises(Crashed, match="kernel panic") as caught:
        machine.run("echo c >/proc/sysrq-trigger")
    assert "sysrq triggered crash" in caught.value.log_tail


@pytest.mark.matrix
@pytest.mark.parametrize("name", MACHINES)
def test_programs_on_another_machine(boot, name):
    options = MACHINE | MACHINES[name]
    linux, faultline = on_linux(boot, **options), boot(**options)
    for command in commands():
        compare(command, linux, faultline)


@pytest.mark.matrix
def test_linux_with_its_root_in_the_initramfs(boot, tmp_path):
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc/greeting").write_text("from outside\n")
    machine = on_linux(boot, root="initramfs", swap=64,
                       overlays=(Path(tmp_path),))
    assert ktap.failures(machine.run("faults", RUN_TIMEOUT_S).text) == []
    assert machine.run("cat /etc/greeting").text == "from outside\n"
    assert machine.run("ls -d /linux /init /new").status != 0
    assert "partition" in machine.run("cat /proc/swaps").text
    machine.power_off()


@pytest.mark.matrix
def test_linux_on_other_disks(boot):
    for options in ({"machine": "pc"}, {"machine": "pc", "disk": "ahci"},
                    {"swap_disk": True}):
        machine = on_linux(boot, swap=64, **options)
        assert "partition" in machine.run("cat /proc/swaps").text
        machine.close()


@pytest.mark.matrix
def test_linux_counting_instructions(boot):
    machine = on_linux(boot, icount=True, root="initramfs", disk="none")
    assert machine.run("faults cow", RUN_TIMEOUT_S).status == 0
