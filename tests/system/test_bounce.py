# tests/system/test_bounce.py - disks that do not reach all memory
# SPDX-License-Identifier: MIT
"""The word dma_limit=MIB lets every disk reach so much and no more: what 16
MiB do not hold, which is nearly everything, goes through bounce pages, and
with 4096 the controller is one without 64-bit addresses. docs/disk.md.
"""

import hashlib
import re

import disks
import ktap
import pytest

from conftest import BUILD

pytestmark = pytest.mark.direct

FORMATS = ["2level", "pae"]
POOL_PAGES = 64
WALK_TIMEOUT_S = 120

TINY = {"boot": "direct", "append": "dma_limit=16"}
SWAPPING = {**TINY, "memory": 64, "swap": 256}
WALK_MIB = 128

STATUS_SIGBUS = 135
CHILD_SIGBUS = "child: wait status 0x7"


def walk(machine, mib=WALK_MIB, seed=1):
    return machine.run(f"memwalk {mib} {seed}", WALK_TIMEOUT_S)


def vmstat(machine, name):
    return int(machine.run(f"grep '^{name} ' /proc/vmstat").text.split()[1])


def assert_pool_is_whole(machine):
    """All bounce pages are back, and are where they belong."""
    assert vmstat(machine, "nr_bounce") == 0
    assert re.fullmatch(r"Bounce: +0 kB\n",
                        machine.run("grep Bounce /proc/meminfo").text)
    census = machine.run("cat /proc/faultline/census").text
    assert f"kernel.bounce {POOL_PAGES} {POOL_PAGES} ok\n" in census
    assert census.endswith("census: ok\n"), census


@pytest.mark.parametrize("kernel_format", FORMATS)
@pytest.mark.parametrize("memory", [64, 1024])
def test_waiting_order_and_death(boot, kernel_format, memory):
    # A disk of memory that keeps what it is asked, in the kernel.
    machine = boot(boot="direct", memory=memory, kernel_format=kernel_format,
                   append="selftest=bounce")
    assert "selftest: bounce ok" in machine.log()
    assert_pool_is_whole(machine)


@pytest.mark.slow
@pytest.mark.parametrize("kernel_format", FORMATS)
@pytest.mark.parametrize("kind", disks.kinds("ahci")[:2])
def test_swapping(boot, kernel_format, kind):
    machine = boot(**disks.on(kind, **SWAPPING, kernel_format=kernel_format))
    assert f"reaches_mib=16 bounce_pages={POOL_PAGES}" in machine.log()
    result = walk(machine)
    assert ktap.failures(result.text) == [], result.text
    moved = sum(ktap.vmstat_growth(result.text, name)
                for name in ("pswpin", "pswpout"))
    assert moved > WALK_MIB * 256
    # 16 of 64 MiB are reached.
    assert vmstat(machine, "pgbounce") > moved // 2
    assert_pool_is_whole(machine)


@pytest.mark.slow
@pytest.mark.parametrize("kind", disks.kinds("ahci")[:2])
def test_several_at_once(boot, kind):
    # More transfers at a time than there are bounce pages for.
    machine = boot(**disks.on(kind, **SWAPPING))
    result = machine.run(
        "for n in 1 2 3 4; do memwalk 40 $n >/dev/null & done; "
        "for n in 1 2 3 4; do wait %$n; echo $?; done", WALK_TIMEOUT_S)
    assert result.text == "0\n" * 4
    assert_pool_is_whole(machine)


@pytest.mark.slow
@pytest.mark.parametrize("errors", [
    ("read:8000:once",), ("read:8000", "read:40000", "read:80000")],
    ids=["once", "for-good"])
@pytest.mark.parametrize("kind", disks.kinds("ahci")[:2])
def test_swap_reads_fail(boot, errors, kind):
    machine = boot(**disks.on(kind, **SWAPPING, swap_errors=errors))
    result = walk(machine)
    assert (result.status in (0, STATUS_SIGBUS)
            or CHILD_SIGBUS in result.text), result.text
    assert "mismatch" not in result.text
    assert re.search(disks.ERROR, machine.log())  # the disk's, which was met
    if len(errors) > 1:
        assert result.status != 0
    assert walk(machine, 32).status == 0
    # Two disks, a pool each.
    assert vmstat(machine, "nr_bounce") == 0


@pytest.mark.slow
@pytest.mark.parametrize("errors", [
    ("write:8000:once",), ("write:8000", "write:40000", "write:80000")],
    ids=["once", "for-good"])
@pytest.mark.parametrize("kind", disks.kinds("ahci")[:2])
def test_swap_writes_fail(boot, errors, kind):
    machine = boot(**disks.on(kind, **SWAPPING, swap_errors=errors))
    result = walk(machine)
    assert ktap.failures(result.text) == [], result.text
    assert result.status == 0
    assert re.search(disks.ERROR, machine.log())
    if len(errors) > 1:
        assert re.search(r"swap: write error .*slot=\d+", machine.log())
    assert walk(machine, seed=2).status == 0
    assert vmstat(machine, "nr_bounce") == 0


@pytest.mark.slow
def test_controller_without_64_bit_addresses(boot):
    # All of HighMem, a third of the memory, is above 4 GiB.
    machine = boot(boot="direct", kernel_format="pae", memory=192, swap=384,
                   append="dma_limit=4096",
                   qemu=("-machine", "max-ram-below-4g=128M"))
    assert f"reaches_mib=4096 bounce_pages={POOL_PAGES}" in machine.log()
    expected = hashlib.md5((BUILD / "root/bin/memwalk").read_bytes())
    printed = machine.run("md5sum /bin/memwalk").text
    assert printed.split()[0] == expected.hexdigest()
    before = vmstat(machine, "pgbounce")
    assert before > 0
    result = walk(machine, 256)
    assert ktap.failures(result.text) == [], result.text
    assert vmstat(machine, "pgbounce") - before > 64 * 256
    assert_pool_is_whole(machine)


@pytest.mark.parametrize("kernel_format,options", [
    ("pae", {"memory": 4096}),  # the controller's addresses have 64 bits
    ("pae", {"memory": 2048, "append": "dma_limit=4096"}),
    ("2level", {"memory": 4096, "append": "dma_limit=4096"}),
    ("2level", {"memory": 64, "append": "dma_limit=64"}),
])
def test_not_needed(boot, kernel_format, options):
    machine = boot(boot="direct", kernel_format=kernel_format, **options)
    assert "bounce_pages" not in machine.log()
    assert "kernel.bounce 0 0 ok" in machine.run(
        "cat /proc/faultline/census").text


@pytest.mark.parametrize("word", ["15", "x", "16k", "99999999999999999999"])
def test_bad_word(boot, word):
    machine = boot(boot="direct", memory=64, append=f"dma_limit={word}")
    assert f"dma_limit={word[:15]} ignored" in machine.log()
    assert vmstat(machine, "pgbounce") == 0
