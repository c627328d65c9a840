# tests/system/test_memory_matrix.py - every size of memory, both kernels
# SPDX-License-Identifier: MIT
"""memwalk over 70 % of what the guest has, and the census balances after it.

Both kernels, without firmware (most of it for `make matrix`):

    64      the least that firmware boots with, all of it Normal
    512     no HighMem: direct map and frames alike
    895     the last MiB below the border of HighMem
    896     the border
    897     HighMem of less than a MiB: QEMU keeps the last 132 KiB
    1024    a HighMem zone smaller than Normal
    2048    more HighMem than Normal; all below 4 GiB
    3072    q35 puts 1 GiB above 4 GiB, pc none
    4096    q35: half above 4 GiB; pc: a quarter
    8192    most of it above; more than one address space holds
    16384   the most that is used; mem_map takes 128 MiB of low memory

What lies above 4 GiB is there for the PAE kernel alone; the other has to say
how much it leaves, and gets on. 8 GiB and more are therefore not asked of it,
but once. 6 to 24 MiB are less than any PC has: with 16 there is no zone but DMA,
and everything is in swap soon.
Through firmware the stub chooses the kernel, and memory is in pieces.
One machine swaps. 20 GiB are more than mem_map covers. The 32-bit firmware
keeps over half of 64 MiB for itself.

A walk forks, and its child writes an eighth: 70 % become 79 %, plus page
tables. The machine needs what the guest touches, and is asked before.
"""

import re
import time
from pathlib import Path

import ktap
import pytest

WALK_PERCENT = 70
WALK_MIB_MAX = 2000  # the C library maps less than 2 GiB in one piece
WALK_TIMEOUT_S = 1200

KIB_PER_MIB = 1024
PAGES_PER_MIB = 256
FRAMES_END_MIB = 20480  # where mem_map ends: 16 GiB of RAM lie below
BORDER_MIB = 896
HOST_SPARE_MIB = 1024

FORMATS = ["2level", "pae"]

# The cheapest that have something of their own are in `make test`: (format,
# MiB).
QUICK = {("2level", 64), ("2level", 1024), ("pae", 64), ("pae", 897)}

SIZES = [64, 512, 895, 896, 897, 1024, 2048, 3072, 4096, 8192, 16384]

# What QEMU puts below 4 GiB when not all of it fits.
BELOW_4_GIB = {"q35": 2048, "pc": 3072}
ALL_FITS_MAX = {"q35": 2815, "pc": 3583}


def above_4_gib(machine, mib):
    return 0 if mib <= ALL_FITS_MAX[machine] else mib - BELOW_4_GIB[machine]


def cases():
    """(format, machine, MiB) without firmware."""
    for kernel_format in FORMATS:
        for mib in SIZES:
            if kernel_format == "2level" and mib > 8192:
                continue
            quick = (kernel_format, mib) in QUICK
            yield pytest.param(kernel_format, "q35", mib,
                               marks=() if quick else pytest.mark.matrix)
        for mib in (3072, 4096):  # where pc is another machine
            yield pytest.param(kernel_format, "pc", mib,
                               marks=pytest.mark.matrix)


def host_available_mib():
    line = re.search(r"MemAvailable: +(\d+)",
                     Path("/proc/meminfo").read_text())
    return int(line[1]) // KIB_PER_MIB


def skip_unless_host_has(mib):
    if host_available_mib() < mib + HOST_SPARE_MIB:
        pytest.skip(f"needs {mib} MiB of this machine's memory")


def meminfo_kib(machine, name):
    line = machine.run(f"grep {name}: /proc/meminfo").text
    return int(line.split()[1])


def census(machine):
    """Fail unless it is ok. Its last line."""
    lines = machine.run("cat /proc/faultline/census", 120).text.splitlines()
    wrong = [line for line in lines if line.endswith("MISMATCH")]
    assert (wrong, lines[-1:]) == ([], ["census: ok"])
    return lines[-1]


def swapped(machine):
    """Pages written to swap since boot."""
    return int(machine.run("grep pswpout /proc/vmstat").text.split()[1])


def walk(machine, mib):
    """memwalk over MIB by as many processes as that needs, at the same time,
    each with a seed of its own. Each word has to be right."""
    walks = -(-mib // WALK_MIB_MAX)
    result = machine.run(
        f"for n in $(seq {walks}); do "
        f"memwalk {mib // walks} $n >/tmp/walk$n & pids=\"$pids $!\"; done; "
        "for p in $pids; do wait $p || status=1; done; "
        f"for n in $(seq {walks}); do cat /tmp/walk$n; echo ----; done; "
        "rm /tmp/walk*; exit $status", WALK_TIMEOUT_S)
    texts = result.text.split("----\n")[:-1]
    assert len(texts) == walks, result.text
    for text in texts:
        assert ktap.failures(text) == [], text
    assert result.status == 0, result.text


def walk_most(machine, what):
    """70 % of the guest's memory, and the books after it. Prints figures:
    pytest -rP shows them."""
    total = meminfo_kib(machine, "MemTotal") // KIB_PER_MIB
    low_free = meminfo_kib(machine, "LowFree") // KIB_PER_MIB
    mib = total * WALK_PERCENT // 100
    start = time.monotonic()
    walk(machine, mib)
    seconds = time.monotonic() - start
    line = census(machine)
    print(f"{what}: total={total} walked={mib} MiB seconds={seconds:.0f} "
          f"low_free_at_boot={low_free} MiB pswpout={swapped(machine)} {line}")
    return total


@pytest.mark.direct
@pytest.mark.slow
@pytest.mark.parametrize("kernel_format,machine_type,memory", cases())
def test_most_of_memory(boot, kernel_format, machine_type, memory):
    above = above_4_gib(machine_type, memory)
    usable = memory if kernel_format == "pae" else memory - above
    skip_unless_host_has(usable)
    machine = boot(boot="direct", kernel_format=kernel_format,
                   machine=machine_type, memory=memory)
    total = walk_most(machine, f"{kernel_format} {machine_type} {memory}")
    # mem_map is a 128th; the kernel and the firmware's tables are the rest.
    assert total > usable - usable // 64 - 16
    unused = re.search(r"unused_mib=(\d+)", machine.log())
    assert (int(unused[1]) if unused else 0) == memory - usable
    assert bool(meminfo_kib(machine, "HighTotal")) == (memory > BORDER_MIB)


@pytest.mark.direct
@pytest.mark.parametrize("kernel_format,memory", [
    ("2level", 8), ("pae", 16), *(
        pytest.param(*case, marks=pytest.mark.matrix) for case in (
            ("2level", 6), ("2level", 16), ("2level", 24),
            ("pae", 6), ("pae", 8), ("pae", 24)))])
def test_very_little(boot, kernel_format, memory):
    machine = boot(boot="direct", kernel_format=kernel_format, memory=memory,
                   swap=64)
    walk_most(machine, f"{kernel_format} q35 {memory}")
    walk(machine, 3 * memory)
    assert swapped(machine) > 2 * memory * PAGES_PER_MIB
    census(machine)


@pytest.mark.direct
def test_too_little(vm, tmp_path):
    log = tmp_path / "log"
    done = vm("--boot", "direct", "--memory", "3", "--log", log, "--", "true")
    assert done.returncode == 125
    assert re.search(r"panic: .*only \d+ KiB of memory", log.read_text())


@pytest.mark.firmware
@pytest.mark.slow
@pytest.mark.parametrize("firmware,cpu,memory,tables", [
    ("x64", None, 64, "3-level"),   # NX
    ("ia32", None, 64, "2-level"),  # the default CPU has none
    *(pytest.param(*case, marks=pytest.mark.matrix) for case in (
        ("x64", None, 1024, "3-level"),
        ("ia32", None, 1024, "2-level"),
        ("x64", None, 4096, "3-level"),
        # No NX, but addresses of 36 bits: for what is above 4 GiB.
        ("ia32", "pentium3", 4096, "3-level"),
    ))])
def test_through_firmware(boot, firmware, cpu, memory, tables):
    skip_unless_host_has(memory)
    machine = boot(firmware=firmware, cpu=cpu, memory=memory)
    assert f"pmap: tables are {tables}" in machine.log()
    assert "unused_mib" not in machine.log()
    walk_most(machine, f"{tables} {firmware} {memory}")


@pytest.mark.firmware
def test_firmware_above_4_gib(boot):
    # The above in short, for `make test`.
    machine = boot(firmware="x64", memory=4096)
    assert "unused_mib" not in machine.log()
    walk(machine, 16)


@pytest.mark.direct
@pytest.mark.matrix
def test_more_than_is_used(boot):
    machine = boot(boot="direct", kernel_format="pae", memory=20480)
    unused = 20480 + BELOW_4_GIB["q35"] - FRAMES_END_MIB
    assert f"unused_mib={unused}:" in machine.log()
    assert meminfo_kib(machine, "MemTotal") > 16384 * KIB_PER_MIB
    walk(machine, 200)
    census(machine)


@pytest.mark.direct
@pytest.mark.slow
@pytest.mark.parametrize("kernel_format", [
    "pae", pytest.param("2level", marks=pytest.mark.matrix)])
def test_twice_the_memory(boot, kernel_format):
    machine = boot(boot="direct", kernel_format=kernel_format, memory=128,
                   swap=512)
    walk(machine, 256)
    census(machine)
