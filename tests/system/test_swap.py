# tests/system/test_swap.py - programs larger than memory
# SPDX-License-Identifier: MIT

import re

import ktap
import pytest

WALK_TIMEOUT_S = 120
FRAMES_OF_128_MIB = 128 * 256

SWAPPING = {"boot": "direct", "memory": 128, "swap": 512}
# Half of it, where the amount is not the point.
SMALL = {"boot": "direct", "memory": 64, "swap": 256}
SMALL_MIB = 128

# As a shell gives the death by SIGBUS, and as memwalk shows its child's.
STATUS_SIGBUS = 135
CHILD_SIGBUS = "child: wait status 0x7"


def walk(machine, mib=256, seed=1):
    return machine.run(f"memwalk {mib} {seed}", WALK_TIMEOUT_S)


def assert_walked_in_swap(result, frames=FRAMES_OF_128_MIB):
    assert ktap.failures(result.text) == [], result.text
    assert result.status == 0
    assert ktap.vmstat_growth(result.text, "pswpout") >= frames
    assert ktap.vmstat_growth(result.text, "pswpin") >= frames


@pytest.mark.firmware
@pytest.mark.slow
@pytest.mark.parametrize("firmware", ["x64", "ia32"])
def test_through_firmware(boot, firmware):
    machine = boot(firmware=firmware, memory=128, swap=512)
    assert_walked_in_swap(walk(machine))


@pytest.mark.direct
@pytest.mark.slow
@pytest.mark.parametrize("seed", [0, 1, *(
    pytest.param(seed, marks=pytest.mark.matrix) for seed in range(2, 10))])
def test_ten_seeds(shared, seed):
    assert_walked_in_swap(walk(shared(**SWAPPING), seed=seed))


@pytest.mark.direct
def test_slots_come_back(shared):
    machine = shared(**SWAPPING)
    walk(machine, 160)
    values = dict(re.findall(r"^(Swap\w+): +(\d+) kB$",
                             machine.run("cat /proc/meminfo").text, re.M))
    used_kib = int(values["SwapTotal"]) - int(values["SwapFree"])
    # What is left are pages of the shell and of init.
    assert used_kib < 2048


@pytest.mark.direct
@pytest.mark.slow
def test_several_at_once(shared):
    result = shared(**SWAPPING).run(
        "memwalk 80 1 >/dev/null & memwalk 80 2 >/dev/null & "
        "memwalk 80 3 >/dev/null & "
        "wait %1; echo $?; wait %2; echo $?; wait %3; echo $?",
        WALK_TIMEOUT_S)
    assert result.text == "0\n0\n0\n"


@pytest.mark.direct
@pytest.mark.slow
def test_swap_on_a_disk_of_its_own(boot):
    machine = boot(**SMALL, swap_disk=True)
    assert_walked_in_swap(walk(machine, SMALL_MIB), FRAMES_OF_128_MIB // 2)


@pytest.mark.direct
@pytest.mark.slow
@pytest.mark.parametrize("errors", [
    ("read:8000:once",), ("read:8000", "read:40000", "read:80000")],
    ids=["once", "for-good"])
def test_swap_reads_fail(boot, errors):
    machine = boot(**SMALL, swap_errors=errors)
    result = walk(machine, SMALL_MIB)
    assert (result.status in (0, STATUS_SIGBUS)
            or CHILD_SIGBUS in result.text), result.text
    assert "mismatch" not in result.text
    assert machine.run("echo alive").text == "alive\n"
    assert "error is=" in machine.log()  # the disk's, which was met
    if len(errors) > 1:
        # Three sectors that are surely used, and no retry helps.
        assert result.status != 0
        assert re.search(r"swap: read error .*slot=\d+", machine.log())
    # The next program gets by.
    assert walk(machine, 32).status == 0


@pytest.mark.direct
@pytest.mark.slow
@pytest.mark.parametrize("errors", [
    ("write:8000:once",), ("write:8000", "write:40000", "write:80000")],
    ids=["once", "for-good"])
def test_swap_writes_fail(boot, errors):
    machine = boot(**SMALL, swap_errors=errors)
    result = walk(machine, SMALL_MIB)
    assert ktap.failures(result.text) == [], result.text
    assert result.status == 0
    assert "error is=" in machine.log()  # the disk's, which was met
    if len(errors) > 1:
        assert re.search(r"swap: write error .*slot=\d+", machine.log())
    assert walk(machine, SMALL_MIB, seed=2).status == 0


@pytest.mark.direct
def test_more_than_memory_and_swap(boot):
    # Nothing can be reclaimed: somebody has to go, and it is the culprit.
    machine = boot(boot="direct", memory=64)
    assert walk(machine, 128).status != 0
    assert machine.run("echo alive").text == "alive\n"
