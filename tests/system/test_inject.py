# tests/system/test_inject.py - failing allocations; /proc/sys/vm
# SPDX-License-Identifier: MIT

import re
from pathlib import Path

import ktap
import pytest

pytestmark = pytest.mark.direct

WALK_TIMEOUT_S = 600
DOCUMENT = Path(__file__).resolve().parents[2] / "docs/sysctl.md"
RULE = "/proc/faultline/inject"


# Operations on what is swapped out, each warm and cold.
SWAP_RESULTS = 2 * 5


def walk_all(machine, *operations):
    """Every single failure; what was skipped, and how many failures there
    were in each walk."""
    names = " ".join(f"'{name}'" for name in operations)
    result = machine.run(f"inject {names}", WALK_TIMEOUT_S)
    assert ktap.failures(result.text) == []
    assert result.status == 0
    walked = [int(n) for n in re.findall(r": (\d+) failures", result.text)]
    assert min(walked) > 0
    return ktap.skipped(result.text), walked


@pytest.mark.slow
@pytest.mark.parametrize("memory", [128, 1200])  # without HighMem, and with
def test_every_single_failure(shared, memory):
    skipped, walked = walk_all(shared(boot="direct", memory=memory))
    assert len(skipped) == SWAP_RESULTS  # there is no swap
    assert len(walked) >= 60 and sum(walked) > 1500


@pytest.mark.slow
@pytest.mark.parametrize("kernel_format", [
    "2level", pytest.param("pae", marks=pytest.mark.matrix)])
def test_every_single_failure_after_swapping(boot, kernel_format):
    """What was swapped out before comes back when it is needed: process 1, for
    one, when a killed child leaves an orphan to it."""
    machine = boot(boot="direct", memory=128, swap=512,
                   kernel_format=kernel_format)
    assert machine.run("memwalk 256", WALK_TIMEOUT_S).status == 0
    assert walk_all(machine, "fork", "vfork")[0] == []
    skipped, walked = walk_all(
        machine, "swap-in, reading", "swap-in, writing",
        "swap-in by the kernel", "fork of what is out", "swapoff and swapon",
        "mmap and touch", "mremap")
    assert skipped == [] and len(walked) == 14


def test_rules_are_read_back(shared):
    machine = shared(boot="direct", memory=128)
    assert machine.run(f"cat {RULE}").text.startswith("off\n")
    text = machine.run(f"echo slab page every=1000000 >{RULE}; cat {RULE}; "
                       f"echo off >{RULE}").text
    assert re.match(r"page slab every=1000000\nseen \d+ hits 0\n", text)
    for wrong in ("nth=1", "page nth=0", "page nth=1 every=2", "pages"):
        assert machine.run(f"echo {wrong} >{RULE}").status != 0
    assert machine.run(f"cat {RULE}").text.startswith("off\n")


def test_the_failure_is_named(shared):
    machine = shared(boot="direct", memory=128)
    # The shell's fork fails in the subshell only.
    text = machine.run(f"sh -c 'echo slab nth=1 pid=$$ >{RULE}; (true); true'; "
                       f"cat {RULE}; echo off >{RULE}").text
    assert re.search(r"seen \d+ hits 1\nlast slab gfp=0x[0-9a-f]+ "
                     r"pid=\d+ from=\w+\+0x[0-9a-f]+$", text)


def test_scopes_and_shrinkers(boot):
    machine = boot(boot="direct", memory=128, append="selftest=reclaim,copy")
    assert "selftest: reclaim ok" in machine.log()
    assert "selftest: copy ok" in machine.log()


# name, default (None: depends on the machine), taken, refused
SETTINGS = [
    ("min_free_kbytes", None, ["128", "4096"],
     ["0", "127", "99999999", "4294967296", "x", "-1", "1 2"]),
    ("lowmem_reserve_ratio", "256\t32\t1",
     ["4294967295\t4294967295\t4294967295", "0\t0\t0", "64\t16\t1"],
     ["64", "1 2 3 4", "1 2 -3", "1 2 4294967296", ""]),
    ("swappiness", "60", ["0", "100", "200"], ["201", "-1", ""]),
    ("overcommit_memory", "0", ["0", "1", "2"], ["3", "-1", "x", ""]),
    ("legacy_va_layout", "0", ["1", "0"], ["-1", "x", ""]),
    ("page-cluster", "3", ["0", "5"], ["6", "-1", ""]),
]


@pytest.mark.parametrize("name,default,taken,refused", SETTINGS)
def test_setting(shared, name, default, taken, refused):
    machine = shared(boot="direct", memory=128)
    path = f"/proc/sys/vm/{name}"
    was = machine.run(f"cat {path}").text.rstrip("\n")
    if default is not None:
        assert was == default
    for value in taken:
        text = machine.run(f"echo '{value}' >{path} && cat {path}").text
        assert text == value + "\n"
    for value in refused:
        assert machine.run(f"echo '{value}' >{path}").status != 0
    assert machine.run(f"cat {path}").text.rstrip("\n") == taken[-1]
    assert machine.run(f"echo '{was}' >{path}").status == 0


def test_half_of_low_memory_may_be_kept_free(shared):
    machine = shared(boot="direct", memory=128)
    path = "/proc/sys/vm/min_free_kbytes"
    was = machine.run(f"cat {path}").text.strip()
    pages = sum(int(n) for n in re.findall(
        r"managed +(\d+)", machine.run("cat /proc/zoneinfo").text))
    assert machine.run(f"echo {pages // 2 * 4 + 4} >{path}").status != 0
    # Not the most itself: then there would be no room for the next command.
    assert machine.run(f"echo {pages // 8 * 4} >{path}").status == 0
    machine.run(f"echo {was} >{path}")


def test_drop_caches_takes_one_to_four(shared):
    machine = shared(boot="direct", memory=128)
    path = "/proc/sys/vm/drop_caches"
    for value in (1, 2, 3, 4):
        assert machine.run(f"echo {value} >{path}").status == 0
    for value in ("0", "5", "7", "8", "-1", "x", "1 2", ""):
        assert machine.run(f"echo '{value}' >{path}").status != 0
    assert machine.run(f"ls -l {path}").text.startswith("--w-------")


def test_a_setting_is_one_short_text(shared):
    machine = shared(boot="direct", memory=128)
    path = "/proc/sys/vm/swappiness"
    was = machine.run(f"cat {path}").text.strip()
    # Blanks around it do not matter; what does not fit is refused, not cut.
    assert machine.run(f"printf ' \t61 \n' >{path} && cat {path}").text == (
        "61\n")
    assert machine.run(f"printf '%0127d' 62 >{path} && cat {path}").text == (
        "62\n")
    assert machine.run(f"printf '%0128d' 63 >{path}").status != 0
    assert machine.run(f"cat {path}; echo {was} >{path}").text == "62\n"


def test_every_file_of_sys_vm_is_described(shared):
    """docs/sysctl.md has a row for each."""
    names = shared(boot="direct", memory=128).run("ls /proc/sys/vm").text
    table = DOCUMENT.read_text().partition("## Reading")[0]
    described = set(re.findall(r"^\| (\w[\w-]*) \|", table, re.MULTILINE))
    assert set(names.split()) - described == set()
    assert {setting[0] for setting in SETTINGS} - described == set()


def marks(machine, zone):
    text = machine.run("cat /proc/zoneinfo").text
    part = text[text.index(f" {zone}\n"):]
    return [int(re.search(rf" {mark} +(\d+)", part)[1])
            for mark in ("min", "low", "high")]


def test_marks_follow_min_free_kbytes(shared):
    machine = shared(boot="direct", memory=128)
    path = "/proc/sys/vm/min_free_kbytes"
    was = machine.run(f"cat {path}").text.strip()
    machine.run(f"echo 8192 >{path}")
    low, normal = marks(machine, "DMA"), marks(machine, "Normal")
    assert 2040 <= low[0] + normal[0] <= 2048
    for least, middle, most in (low, normal):
        assert (middle, most) == (least + least // 4, least + least // 2)
    machine.run(f"echo {was} >{path}")


def test_only_root_may_set(shared):
    machine = shared(boot="direct", memory=128)
    for path in ("/proc/sys/vm/swappiness", RULE):
        result = machine.run(f"su -s /bin/sh nobody -c 'echo 1 >{path}' 2>&1 ||"
                             " echo refused")
        assert "refused" in result.text


def meminfo(machine, name):
    text = machine.run(f"grep ^{name}: /proc/meminfo").text
    return int(text.split()[1])


def test_caches_can_be_dropped(shared):
    machine = shared(boot="direct", memory=128)
    machine.run("cat /bin/* >/dev/null; ls -R /bin /proc/self >/dev/null")
    before = meminfo(machine, "Cached")
    machine.run("echo 3 >/proc/sys/vm/drop_caches")
    after = meminfo(machine, "Cached")
    assert after < before // 2
    # What is in use goes on as before.
    assert machine.run("ls /bin/sh").text == "/bin/sh\n"
