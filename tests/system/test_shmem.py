# tests/system/test_shmem.py - memory that is a file, in memory and in swap
# SPDX-License-Identifier: MIT

import re

import disks
import ktap
import pytest

pytestmark = pytest.mark.direct

TIMEOUT_S = 180
CENSUS = "grep MISMATCH /proc/faultline/census; tail -n 1 /proc/faultline/census"

SMALL = {"boot": "direct", "memory": 96, "swap": 512}
WALK_MIB = 144  # one and a half times the memory
FRAMES_OF_48_MIB = 48 * 256


def assert_passed(result):
    assert ktap.failures(result.text) == [], result.text
    assert result.status == 0


def assert_balanced(machine):
    assert machine.run(CENSUS).text == "census: ok\n"


def meminfo_kib(machine, name):
    text = machine.run("cat /proc/meminfo").text
    return int(re.search(rf"^{name}: +(\d+) kB$", text, re.M)[1])


@pytest.mark.parametrize("memory", [512, 96])
def test_calls(shared, memory):
    machine = shared(boot="direct", memory=memory, swap=512)
    assert_passed(machine.run("shm", TIMEOUT_S))
    assert_balanced(machine)


def test_calls_without_swap(shared):
    machine = shared(boot="direct")
    assert_passed(machine.run("shm", TIMEOUT_S))
    assert_balanced(machine)


@pytest.mark.slow
def test_more_than_memory(shared):
    machine = shared(**SMALL)
    result = machine.run(f"shm walk {WALK_MIB}", TIMEOUT_S)
    assert_passed(result)
    assert ktap.vmstat_growth(result.text, "pswpout") >= FRAMES_OF_48_MIB
    assert ktap.vmstat_growth(result.text, "pswpin") >= FRAMES_OF_48_MIB
    assert_balanced(machine)
    assert meminfo_kib(machine, "Shmem") < 1024


@pytest.mark.slow
def test_swapoff(shared):
    machine = shared(**SMALL)
    assert_passed(machine.run("shm swapoff 50 /dev/sda3", TIMEOUT_S))
    assert_balanced(machine)


@pytest.mark.slow
def test_swapoff_of_files(shared):
    # Files of a tmpfs that nobody has mapped or open.
    machine = shared(**SMALL)
    result = machine.run(
        "for i in 1 2 3 4; do head -c 8388608 /dev/urandom >/dev/shm/$i; done;"
        "cd /dev/shm; md5sum 1 2 3 4 >/tmp/sums; memwalk 100 >/dev/null;"
        "swapoff /dev/sda3 && md5sum -c /tmp/sums >/dev/null && echo same;"
        "rm -f 1 2 3 4; swapon /dev/sda3", TIMEOUT_S)
    assert "same\n" in result.text
    assert_balanced(machine)


@pytest.mark.slow
def test_truncation_races(shared):
    machine = shared(boot="direct", memory=64, swap=256)
    assert_passed(machine.run("shm race 100 2>/dev/null", TIMEOUT_S))
    assert_balanced(machine)


@pytest.mark.slow
@pytest.mark.parametrize("errors", [
    ("write:8000:once",), ("write:8000", "write:40000")],
    ids=["once", "for-good"])
def test_write_errors_lose_nothing(boot, errors):
    machine = boot(boot="direct", memory=64, swap=256, swap_errors=errors)
    assert_passed(machine.run("shm walk 100", TIMEOUT_S))
    assert re.search(disks.ERROR, machine.log())  # the disk's, which was met
    assert_balanced(machine)


@pytest.mark.slow
def test_read_errors_are_told(boot):
    machine = boot(boot="direct", memory=64, swap=256,
                   swap_errors=("read:8000", "read:40000"))
    result = machine.run("shm walk 100", TIMEOUT_S)
    assert result.status != 0
    assert "mismatch" not in result.text
    assert machine.run("echo alive").text == "alive\n"
    assert_balanced(machine)


@pytest.mark.slow
def test_initramfs_is_swapped(boot):
    # The root itself is such a file system: its programs leave and come back.
    machine = boot(boot="direct", memory=96, swap=256, root="initramfs")
    sums = "cd /bin && md5sum * | md5sum"
    before, before_kib = machine.run(sums).text, meminfo_kib(machine, "Shmem")
    assert_passed(machine.run("memwalk 120", TIMEOUT_S))
    assert meminfo_kib(machine, "Shmem") < before_kib
    assert machine.run(sums, TIMEOUT_S).text == before
    assert_balanced(machine)
