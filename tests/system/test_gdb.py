# tests/system/test_gdb.py - a debugger sees what the kernel sees
# SPDX-License-Identifier: MIT

import os
import re
import shutil
import subprocess

import pytest
from conftest import BUILD, vm_command
from vmlib import Options
from vmlib.qemu import BINARY

pytestmark = pytest.mark.direct

TIMEOUT_S = 300
MARK = "echo == "

# Where a page comes back from swap, by memwalk's doing.
STOP = ("thbreak swap_io_read", "continue")
COMMANDS = (
    "fl tasks", "fl bt 1", "fl vmas", "fl vmas 2",
    "fl walk current_task->mm->stack_start.v", "fl walk 0xc0100000",
    "print mem_map + 0x100", "fl page 0x100", "fl page mem_map + 0x100",
    "fl page 0xffffff", "fl zones", "fl swap", "fl log 1000", "fl bt 9999",
    "fl walk", "print current_task->mm->anon_pages",
    "print current_task->mm->file_pages",
    "print current_task->mm->swap_entries",
    "print zones[0].buddy.free_frames",
    "fl trace 3", "fl trace 100000", "print trace_ring.written",
    "print trace_ring_records", "print time_ns()",
)


def attach(*options):
    """A machine that walks through more memory than it has, and what each of
    COMMANDS prints, in their order."""
    machine = subprocess.Popen(
        vm_command("--gdb", "--boot", "direct", "--memory", "64", "--swap",
                   "96", "--append", "trace=fault,swap,map,process", *options,
                   "--", "memwalk 80"),
        stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    try:
        line = machine.stderr.readline().decode()
        script = re.fullmatch(r"vm: halted; attach with: gdb -x (\S+)\n", line)
        words = ["gdb", "-q", "-nx", "-batch", "-ex", "set pagination off",
                 "-ex", "set width 0", "-x", script[1]]
        for command in (*STOP, *(word for command in COMMANDS
                                 for word in (MARK + r"\n", command)),
                        "print 0", "detach"):
            words += ["-ex", command]
        done = subprocess.run(words, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, timeout=TIMEOUT_S,
                              check=False)
        began, *answers = done.stdout.decode().split("== \n")
        output, _ = machine.communicate(timeout=TIMEOUT_S)
        assert machine.returncode == 0, output
        return began, answers
    finally:
        machine.kill()
        machine.wait()


def number(answer: str) -> int:
    return int(re.search(r"\$\d+ = (\d+)", answer)[1])


@pytest.mark.parametrize("kernel_format", ["2level", "pae"])
def test_commands(kernel_format):
    began, answers = attach("--kernel-format", kernel_format)
    assert re.search(r"Temporary breakpoint 1, 0x0010000c in ", began)
    assert "swap_io_read (" in began
    (tasks, init, areas, of_kernel, stack, text, frame, by_number, by_pointer,
     nowhere, zones, swap, log, no_task, usage, anon, file, swapped,
     dma_free, trace, whole_trace, written, ring, now) = answers

    assert re.search(r" memwalk +on the CPU$", tasks, re.M)
    assert re.search(r"^ +1 +1 sleeping init +\w+ < \w+", tasks, re.M)
    assert re.search(r" khungtaskd +khungtaskd < kthread_main", tasks, re.M)
    assert re.search(r"wait_sleep\+0x\w+ at kernel/wait.c:\d+", init)

    # What the walk of the tables finds is what the kernel has counted.
    found = [line.split() for line in areas.splitlines()[1:]]
    present = sum(int(words[2]) for words in found)
    special = sum(int(words[2]) for words in found
                  if words[-1] == "[vdso]" or "pfnmap" in words)
    assert present - special == number(anon) + number(file)
    assert sum(int(words[3]) for words in found) == number(swapped) > 0
    assert re.search(r" r-xp +/bin/memwalk$", areas, re.M)
    assert re.search(r" rw-p growsdown account +\[stack\]$", areas, re.M)
    assert "no memory" in of_kernel

    levels = re.findall(r"^(\w+) +0x\w+: 0x\w+ ", stack, re.M)
    assert levels == (["pdpte", "pde", "pte"] if kernel_format == "pae"
                      else ["pde", "pte"])
    assert re.search(r"^pte .* wu?ad", stack, re.M)
    assert re.search(r"^frame +0x\w+: anon zone=(DMA|Normal) refcount=1 "
                     "mapcount=1 ", stack, re.M)
    assert re.search("^frame +0x100: reserved zone=DMA ", text, re.M)

    place = re.search(r"\(struct page \*\) (0x\w+)", frame)[1]
    assert by_number == by_pointer
    assert f"{place}: flags=none" in by_number
    assert "not memory that is managed" in nowhere

    assert re.findall(r"^(\w+): frames", zones, re.M) == ["DMA", "Normal",
                                                          "HighMem"]
    assert f" free={number(dma_free)} " in zones
    used = re.search(r"^0: /dev/sda\d partition on priority=-?\d+ size_kib="
                     r"983\d\d used_kib=(\d+) ", swap)
    assert int(used[1]) > 0
    assert "process 1 is /sbin/init\n" in log and "<6>" not in log
    assert "no task 9999" in no_task
    assert usage.startswith("fl walk ADDRESS [PID]")

    # Stopped at the first page that comes back: others have gone, by memwalk's
    # own doing or kswapd's.
    lines = whole_trace.splitlines()
    assert trace.splitlines() == lines[-3:]
    assert len(lines) == min(number(written), number(ring))
    times = [float(time) for time in
             re.findall(r"^\[ *(\d+\.\d+)\] ", whole_trace, re.M)]
    assert len(times) == len(lines)
    assert times == sorted(times) and times[-1] <= number(now) / 1e9
    assert re.search(r" memwalk +fault +address=0x\w+ eip=0x\w+ frame=0x\w+ "
                     r"duration_us=\d+\.\d cause=first_write access=write ",
                     whole_trace)
    assert re.search(r" swap_out +.*frame=0x\w+ duration_us=", whole_trace)


@pytest.mark.parametrize("options, firmware", [
    ({}, "ia32"), ({"machine": "pc"}, "x64"),
    ({"machine": "pc", "boot": "direct"}, "ia32"), ({"firmware": "x64"}, "x64"),
])
def test_which_machine(options, firmware):
    chosen = Options(gdb=True, **options)
    chosen.check()
    assert chosen.firmware == firmware
    assert Options(**(options | {"firmware": None})).firmware == "x64"


def test_linux_is_attached_to(tmp_path):
    """Debian's kernel, without its symbols, in a QEMU that takes its time."""
    linux = BUILD / "linux" / "pae"
    if not linux.is_dir():
        pytest.skip("Debian's kernel was not fetched")
    slow = tmp_path / BINARY["ia32"]
    slow.write_text("#!/bin/sh\nsleep 1\n"
                    f'exec {shutil.which(BINARY["ia32"])} "$@"\n')
    slow.chmod(0o755)
    machine = subprocess.Popen(
        vm_command("--gdb", "--kernel", "linux", "--", "true"),
        stderr=subprocess.PIPE,
        env={**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}"})
    try:
        script = machine.stderr.readline().decode().split()[-1]
        done = subprocess.run(
            ["gdb", "-q", "-nx", "-batch", "-x", script,
             "-ex", "info registers eip", "-ex", "kill"],
            stdin=subprocess.DEVNULL, capture_output=True, timeout=TIMEOUT_S,
            check=False)
        assert b"eip            0xfff0" in done.stdout
        machine.wait(TIMEOUT_S)
    finally:
        machine.kill()
        machine.wait()


def test_a_qemu_that_ends_is_not_to_be_attached_to():
    done = subprocess.run(
        vm_command("--gdb", "--boot", "direct", "--cpu", "nosuch", "--", "true"),
        stdin=subprocess.DEVNULL, capture_output=True, timeout=TIMEOUT_S,
        check=False)
    assert done.returncode == 126
    assert b"nosuch" in done.stderr
    assert b"attach with" not in done.stderr
