# tests/system/test_swap.py - programs larger than memory
# SPDX-License-Identifier: MIT

import re

import disks
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
def test_reading_ahead_in_sequence(boot):
    """A block around each miss makes up 7 of 8 pages; the rest takes the
    stretches that are read before anybody misses them, and few in vain."""
    machine = boot(**SWAPPING)
    result = machine.run("memwalk 256 1 speed; cat /proc/vmstat", WALK_TIMEOUT_S)
    assert ktap.failures(result.text) == [], result.text
    count = {name: int(value) for name, value in re.findall(
        r"^(pswpin|swap_ra|swap_ra_hit) (\d+)$", result.text, re.MULTILINE)}
    assert count["swap_ra"] > 0.92 * count["pswpin"], count
    assert count["swap_ra_hit"] > 0.9 * count["swap_ra"], count


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
@pytest.mark.parametrize("kind", disks.kinds("ahci"))
def test_swap_reads_fail(boot, errors, kind):
    machine = boot(**disks.on(kind, **SMALL, swap_errors=errors))
    result = walk(machine, SMALL_MIB)
    assert (result.status in (0, STATUS_SIGBUS)
            or CHILD_SIGBUS in result.text), result.text
    assert "mismatch" not in result.text
    assert machine.run("echo alive").text == "alive\n"
    assert re.search(disks.ERROR, machine.log())  # the disk's, which was met
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
@pytest.mark.parametrize("kind", disks.kinds("ahci"))
def test_swap_writes_fail(boot, errors, kind):
    machine = boot(**disks.on(kind, **SMALL, swap_errors=errors))
    result = walk(machine, SMALL_MIB)
    assert ktap.failures(result.text) == [], result.text
    assert result.status == 0
    assert re.search(disks.ERROR, machine.log())  # the disk's, which was met
    if len(errors) > 1:
        assert re.search(r"swap: write error .*slot=\d+", machine.log())
    assert walk(machine, SMALL_MIB, seed=2).status == 0


@pytest.mark.direct
def test_more_than_memory_and_swap(boot):
    # Nothing can be reclaimed: somebody has to go, and it is the culprit.
    machine = boot(boot="direct", memory=64)
    assert walk(machine, 128).status != 0
    assert machine.run("echo alive").text == "alive\n"


# ---- areas -------------------------------------------------------------------

CENSUS = "grep MISMATCH /proc/faultline/census; tail -n 1 /proc/faultline/census"
LOADED = {"boot": "direct", "memory": 64, "swap": 300}
FILE_KIB = 16384 - 4
OLD_KIB = (1023 - 1023 // 5) * 4  # a page of five is bad, and the header
HALF_FULL_KIB = 1024


def areas(machine):
    """Size, use and priority of what is in /proc/swaps, by name."""
    lines = machine.run("cat /proc/swaps").text.splitlines()[1:]
    return {fields[0]: (fields[1], *map(int, fields[2:]))
            for fields in map(str.split, lines)}


def assert_balanced(machine):
    assert machine.run(CENSUS).text == "census: ok\n"


def machine_with_files(boot):
    """Two swap files of equal priority above the partition's."""
    machine = boot(**LOADED)
    assert machine.run(
        "swap make /root/new 16384 && swap on /root/new 10 && "
        "swap old /root/old 4096 && swap on /root/old 10").status == 0
    return machine


@pytest.mark.direct
@pytest.mark.slow
def test_calls(shared):
    machine = shared(boot="direct", memory=128, swap=512)
    result = machine.run("swap", WALK_TIMEOUT_S)
    assert ktap.failures(result.text) == [], result.text
    assert result.status == 0
    assert_balanced(machine)


@pytest.mark.direct
@pytest.mark.slow
def test_files_of_both_formats_go_off_under_load(boot):
    machine = machine_with_files(boot)
    kind, size, _, priority = areas(machine)["/root/old"]
    assert (kind, size, priority) == ("file", OLD_KIB, 10)
    assert re.search(r"swap: area=\d+ on=/root/old slots=1024 .*bad=204",
                     machine.log())
    result = machine.run(
        "memwalk 100 4 >/tmp/a & memwalk 60 5 >/tmp/b & sleep 3; "
        "cat /proc/swaps >/tmp/swaps; swapoff /root/old; echo $?; "
        "swap interrupted /root/new; echo $?; swapoff /root/new; echo $?; "
        "wait %1; echo $?; wait %2; echo $?", WALK_TIMEOUT_S)
    assert result.text == "0\n0\n0\n0\n0\n"
    # Both were used, in turns, and before the partition.
    used = dict(re.findall(r"^(\S+) +file\t+\d+\t+(\d+)",
                           machine.run("cat /tmp/swaps").text, re.M))
    assert int(used["/root/old"]) > HALF_FULL_KIB
    assert int(used["/root/new"]) > HALF_FULL_KIB
    assert set(areas(machine)) == {"/dev/sda3"}
    assert_balanced(machine)


@pytest.mark.direct
@pytest.mark.slow
def test_swapoff_that_cannot_fit(boot):
    machine = boot(**LOADED)
    before = areas(machine)
    result = machine.run(
        "memwalk 250 6 >/tmp/a & sleep 4; swapoff /dev/sda3 2>&1; "
        "wait %1; echo $?", WALK_TIMEOUT_S)
    assert "Cannot allocate memory" in result.text
    assert result.text.endswith("\n0\n")
    assert [area[:2] for area in areas(machine).values()] == [
        area[:2] for area in before.values()]
    assert_balanced(machine)


@pytest.mark.direct
@pytest.mark.slow
@pytest.mark.parametrize("who", [
    "", pytest.param("himself", marks=pytest.mark.matrix)])
def test_swapoff_gives_up_before_anybody_is_killed(boot, who):
    """It fitted when it began; then another needed the room, or the one whose
    pages it brings back: he holds the lock that it waits for. A slow disk, so
    that it has not ended before."""
    machine = boot(boot="direct", memory=64, swap=128, swap_rate=8)
    area, = areas(machine)
    result = machine.run(f"swap crowded {area} 60 {who}; echo $?; "
                         "grep oom_kill /proc/vmstat", WALK_TIMEOUT_S)
    assert result.text == "0\noom_kill 0\n", machine.log_tail()
    assert "stays on" in machine.log()
    assert_balanced(machine)


@pytest.mark.direct
@pytest.mark.matrix
def test_as_many_areas_as_there_can_be(boot):
    machine = boot(**LOADED)
    result = machine.run(
        "i=0; while swap make /root/s$i 64 && swap on /root/s$i 1 2>/tmp/why; "
        "do i=$((i+1)); done; echo $i; cat /tmp/why; "
        "while [ $i -gt 0 ]; do i=$((i-1)); swapoff /root/s$i || break; done",
        WALK_TIMEOUT_S)
    assert result.text.startswith("31\n")  # and the partition
    assert "Operation not permitted" in result.text
    assert set(areas(machine)) == {"/dev/sda3"}


@pytest.mark.direct
@pytest.mark.matrix
def test_share_of_the_disk(boot):
    """Of what the same partition gives raw in the same run, writing out and
    reading back in sequence get at least 60 %, on a disk as fast as a disk."""
    machine = boot(**SWAPPING, swap_rate=60, append="selftest=swapraw")
    result = machine.run("memwalk 256 1 speed", WALK_TIMEOUT_S)
    assert ktap.failures(result.text) == [], result.text
    raw = re.search(r"swapraw device=\w+ mib=\d+ write_kib_s=(\d+) "
                    r"read_kib_s=(\d+)", machine.log())
    out = re.search(r"write-out: .* out \d+ KiB, (\d+) KiB/s", result.text)
    back = re.search(r"read-back: .* in \d+ KiB, (\d+) KiB/s", result.text)
    assert int(out[1]) >= 0.6 * int(raw[1]), result.text
    assert int(back[1]) >= 0.6 * int(raw[2]), result.text
