# tests/system/test_inject.py - failing allocations; /proc/sys/vm
# SPDX-License-Identifier: MIT

import re

import ktap
import pytest

pytestmark = pytest.mark.direct

WALK_TIMEOUT_S = 200
RULE = "/proc/faultline/inject"


@pytest.mark.slow
@pytest.mark.parametrize("memory", [128, 1200])  # with HighMem, and without
def test_every_single_failure(shared, memory):
    result = shared(boot="direct", memory=memory).run("inject", WALK_TIMEOUT_S)
    assert ktap.failures(result.text) == []
    assert result.status == 0
    walked = [int(n) for n in re.findall(r": (\d+) failures", result.text)]
    assert len(walked) >= 30 and min(walked) > 0 and sum(walked) > 250


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
    ("min_free_kbytes", None, ["4096"], ["0", "99999999", "x", "-1", "1 2"]),
    ("lowmem_reserve_ratio", "256\t32\t1", ["64\t16\t1"], ["64", "1 2 3 4"]),
    ("swappiness", "60", ["0", "100", "200"], ["201", "-1", ""]),
    ("overcommit_memory", "0", ["1"], ["2", "3"]),
    ("page-cluster", "3", ["0", "5"], ["6"]),
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


def marks(machine, zone):
    text = machine.run("cat /proc/zoneinfo").text
    part = text[text.index(f" {zone}\n"):]
    return [int(re.search(rf" {mark} +(\d+)", part)[1])
            for mark in ("min", "low", "high")]


def test_marks_follow_min_free_kbytes(shared):
    machine = shared(boot="direct", memory=128)
    path = "/proc/sys/vm/min_free_kbytes"
    was = machine.run(f"cat {path}").text
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
