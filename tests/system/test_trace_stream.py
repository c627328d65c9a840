# tests/system/test_trace_stream.py - the trace on its way out of a machine
# SPDX-License-Identifier: MIT
"""On a port of its own, between the lines of the log, to a line that takes
nothing for a while, and at the machine's end. What the records say is for
others; here each fault that the kernel has counted has to arrive, or to be
among those that it says it has dropped.
"""

import contextlib
import fcntl
import os
import random
import re
import subprocess
import sys

import pytest
from conftest import TOP, vm_command

sys.path.append(str(TOP / "tools"))

from tracelib import frames, records  # noqa: E402
from tracelib.schema import COUNTERS  # noqa: E402
from vmlib import MachineError  # noqa: E402

pytestmark = pytest.mark.direct

MEMORY_MIB = 64
F_SETPIPE_SZ = 1031  # fcntl has it from Python 3.10 on
WORK = "memwalk 8 >/dev/null"
RUN_TIMEOUT_S = 120


def read(data: bytes) -> records.Stream:
    return records.join(frames.find(data), len(data))


def faults(stream) -> int:
    return sum(record.type == "fault" for record in stream.records)


def dropped(stream) -> int:
    return sum(record["records"] for record in stream.records
               if record.type == "dropped")


def counter(stream, name: str) -> int:
    """As it was told last: at the machine's end."""
    number = COUNTERS.index(name)
    return [record["value"] for record in stream.records
            if record.type == "counter" and record["number"] == number][-1]


def check_complete(stream) -> None:
    """To the last fault before the end."""
    assert stream.lost == dropped(stream) == 0
    assert faults(stream) == counter(stream, "pgfault") > 2000


def traced(boot, out):
    """A machine that has worked and ended, with its trace in @out."""
    machine = boot(boot="direct", memory=MEMORY_MIB, trace=out,
                   append="trace=fault")
    machine.run(WORK)
    machine.power_off()
    return machine


def test_a_port_of_its_own(boot, tmp_path):
    out = tmp_path / "trace"
    machine = traced(boot, out)
    stream = read(out.read_bytes())
    check_complete(stream)
    assert (stream.noise, stream.mended) == (0, 0)
    assert len(out.read_bytes()) / faults(stream) < 11.5
    assert b"~!" not in machine.log().encode()


def test_a_command_of_tools_vm(tmp_path):
    """What it read last is told, too: the machine is not just ended."""
    out = tmp_path / "trace"
    done = subprocess.run(
        vm_command("--boot", "direct", "--memory", MEMORY_MIB, "--trace", out,
                   "--append", "trace=fault", "--timeout", RUN_TIMEOUT_S, "--",
                   f"{WORK}; cat /proc/vmstat; exit 7"),
        text=True, capture_output=True, stdin=subprocess.DEVNULL,
        timeout=RUN_TIMEOUT_S + 30, check=False)
    assert done.returncode == 7, done.stderr
    stream = read(out.read_bytes())
    check_complete(stream)
    read_last = re.search(r"^pgfault (\d+)$", done.stdout, re.M)
    assert counter(stream, "pgfault") >= int(read_last[1])


def test_a_line_that_loses_bytes(boot, tmp_path):
    """One in twenty, each by itself."""
    out = tmp_path / "trace"
    traced(boot, out)
    sent = read(out.read_bytes())
    seed = random.randrange(1 << 32)
    print(f"seed={seed}")
    dice = random.Random(seed)
    found = read(bytes(byte for byte in out.read_bytes()
                       if dice.random() >= 0.05))
    assert len(found.records) >= 0.85 * len(sent.records)
    rest = iter(sent.records)
    assert all(record in rest for record in found.records)


@pytest.mark.parametrize("name", ["console", "ttyS0"])
def test_between_the_lines_of_the_log(boot, name):
    machine = boot(boot="direct", memory=MEMORY_MIB,
                   append=f"trace=fault trace_port={name}")
    machine.run(f"{WORK} & i=0; while [ $i -lt 200 ]; do "
                "echo \"line $i of the log\" >/dev/kmsg; "
                "echo \"line $i of a program\" >/dev/ttyS0; "
                "i=$((i + 1)); done; wait")
    machine.power_off()
    text = machine.log()
    check_complete(read(text.encode()))
    # What is left is as if there were no trace.
    lines = [line for line in text.replace("\r", "").splitlines()
             if not re.fullmatch(r"~![#-}]{104}", line)]
    assert not any("~!" in line for line in lines)
    for kind in ("the log", "a program"):
        assert [int(number) for line in lines for number in re.findall(
            rf"(?:\] |^)line (\d+) of {kind}$", line)] == list(range(200))


def test_a_panic_goes_first(boot):
    machine = boot(boot="direct", memory=MEMORY_MIB,
                   append="trace=fault trace_port=console")
    with pytest.raises(MachineError) as caught:
        machine.run(f"{WORK}; echo panic >/proc/faultline/crash", timeout=60)
    assert "crash_panic+" in caught.value.log_tail
    assert "~!" not in caught.value.log_tail
    text = machine.log()
    report = text.partition("kernel panic")[2]
    lines = report.replace("\r", "").splitlines()
    first = next(number for number, line in enumerate(lines)
                 if line.startswith("~!"))
    # The whole report, and then nothing but the trace.
    assert any("crash_panic+" in line for line in lines[:first])
    assert not any(re.match(r"\[ *\d+\.\d+\] report:", line)
                   for line in lines[first:])
    stream = read(text.encode())
    assert dropped(stream) == 0
    # The line that was interrupted may be lost, and is counted then.
    missing = counter(stream, "pgfault") - faults(stream)
    assert 0 <= missing <= stream.lost <= 100


def test_several_boots_in_one_file(boot, tmp_path):
    out = tmp_path / "trace"
    machine = boot(boot="direct", memory=MEMORY_MIB, trace=out, reset=True,
                   append="trace=fault")
    for _ in range(2):
        machine.run(WORK)
        machine.run_over_reset("sync; reboot -f")
    machine.run(WORK)
    machine.power_off()
    stream = read(out.read_bytes())
    assert (stream.lost, stream.noise, len(stream.boots)) == (0, 0, 3)
    for found in stream.by_boot():
        check_complete(records.Stream(found))


@pytest.mark.parametrize("name", ["ttyS3", "ttyS99", "nonsense"])
def test_a_port_that_is_not_there(boot, name):
    machine = boot(boot="direct", memory=MEMORY_MIB,
                   append=f"trace=fault trace_port={name}")
    assert machine.run(f"{WORK}; echo $?").text == "0\n"
    assert f"trace_port={name}: there is none" in machine.log()
    machine.power_off()


@contextlib.contextmanager
def stopped_line(folder):
    """Options that make a serial port of a pipe of one page, which nobody
    reads, and its reading end."""
    for end in ("in", "out"):
        os.mkfifo(folder / f"pipe.{end}")
    reader = os.open(folder / "pipe.out", os.O_RDWR | os.O_NONBLOCK)
    try:
        fcntl.fcntl(reader, F_SETPIPE_SZ, 4096)
        yield reader, ("-chardev", f"pipe,id=p,path={folder}/pipe",
                       "-serial", "chardev:p")
    finally:
        os.close(reader)


def take(reader) -> bytes:
    with contextlib.suppress(BlockingIOError):
        return os.read(reader, 65536)
    return b""


@pytest.mark.parametrize("speed", [115200, 9600])
def test_a_line_that_stands_still(boot, tmp_path, speed):
    """Nothing waits for it; what had no room is dropped, and told."""
    with stopped_line(tmp_path) as (reader, qemu):
        machine = boot(
            boot="direct", memory=MEMORY_MIB, qemu=qemu,
            append=f"console=ttyS2,{speed} serial=ttyS0 trace=fault "
            "trace_port=ttyS2")
        # More than the ring has room for.
        assert machine.run("for i in 1 2 3 4 5 6; do memwalk 12 >/dev/null; "
                           "done; echo $?", timeout=120).text == "0\n"
        data = b""
        for _ in range(200):
            data += take(reader)
            machine.run("sleep 0.05")
            if dropped(read(data)):
                break
        stream = read(data)
        assert dropped(stream) > 1000 and stream.lost == 0
        for _ in range(40):
            data += take(reader)
            machine.run("true")


def test_a_machine_ends_though_its_line_stands_still(boot, tmp_path):
    with stopped_line(tmp_path) as (_, qemu):
        machine = boot(boot="direct", memory=MEMORY_MIB, qemu=qemu,
                       append="trace=fault trace_port=ttyS2")
        machine.run(WORK)
        machine.power_off()
        assert not machine.alive
