# tests/system/test_reclaim.py - reclaim, refaults, the OOM killer
# SPDX-License-Identifier: MIT
"""What the programs reclaim and oom say is compared with Linux by
test_oracle.py. Here is what needs a machine of a certain size, or its log."""

import re

import ktap
import pytest

pytestmark = pytest.mark.direct

BOTH = pytest.mark.parametrize("kernel_format", ["2level", "pae"])

TIMEOUT_S = 120

# A fork bomb and two hogs, at the same time. The shell waits for them.
ATTACK = ("oom bomb 4 >/dev/null & oom hog & oom hog & wait; echo back; "
          "cat /proc/vmstat")


def vmstat(text: str) -> dict[str, int]:
    return {name: int(value) for name, value in
            re.findall(r"^(\w+) (\d+)$", text, re.MULTILINE)}


def kills(log: str) -> list[str]:
    return re.findall(r"Out of memory: killed process \d+ \((\S+)\)", log)


@BOTH
@pytest.mark.slow
@pytest.mark.parametrize("memory", [64, 128])
def test_machine_comes_back(boot, memory, kernel_format):
    """No swap, nowhere to go: the hogs go, nobody else, and each for a reason
    that is in the log."""
    machine = boot(boot="direct", memory=memory, kernel_format=kernel_format)
    result = machine.run(ATTACK, TIMEOUT_S)
    log = machine.log()
    assert "back\n" in result.text
    killed = kills(log)
    assert 1 <= len(killed) <= 8 and set(killed) == {"oom"}, killed
    assert vmstat(result.text)["oom_kill"] == len(killed)
    # Who asked, with the marks of the zones and the table of tasks.
    assert len(re.findall(r"invoked oom-killer: pid=\d+ gfp=0x\w+.* order=\d+",
                          log)) == len(killed)
    assert re.search(r"oom: zone=Normal free=\d+ min=\d+ low=\d+ high=\d+", log)
    assert re.search(r"oom: \[ +1\] +0 .* init$", log, re.MULTILINE)
    assert machine.run("echo alive").text == "alive\n"


def test_least_and_most_wanted(boot):
    """oom_score_adj says who goes: the small one at 1000, not the hog."""
    machine = boot(boot="direct", memory=64)
    result = machine.run(
        "sh -c 'echo 1000 >/proc/self/oom_score_adj; exec sleep 100' & "
        "small=$!; oom hog; wait $small; echo $?", TIMEOUT_S)
    assert kills(machine.log())[0] == "sleep"
    assert result.text.endswith("137\n")


def test_who_is_never_chosen(boot):
    """A hog at -1000 is spared; who asks in its place fails, not the kernel."""
    machine = boot(boot="direct", memory=64)
    machine.run("echo 1 >/proc/sys/vm/oom_kill_allocating_task; "
                "echo 0 >/proc/sys/vm/oom_dump_tasks; oom hog", TIMEOUT_S)
    log = machine.log()
    assert set(kills(log)) == {"oom"}
    assert "total_vm" not in log
    assert machine.run("echo alive").text == "alive\n"


def test_reclaim_on_one_that_is_small(boot):
    """Half of the memory of the oracle's, and no PAE."""
    machine = boot(boot="direct", memory=128, swap=256)
    result = machine.run("reclaim", TIMEOUT_S)
    assert ktap.failures(result.text) == [], result.text
    numbers = vmstat(machine.run("cat /proc/vmstat").text)
    assert numbers["workingset_activate_file"] > 0
    assert numbers["workingset_nodes"] > 0
    # Shadows go with what they are of, and with caches that are dropped.
    machine.run("swapoff /dev/sda3; echo 3 >/proc/sys/vm/drop_caches")
    assert machine.run("tail -n 1 /proc/faultline/census").text == \
        "census: ok\n"


def test_shadows_are_bounded(boot):
    """A device of 16 times the memory is read: not all of it is remembered."""
    machine = boot(boot="direct", memory=32, swap=512)
    machine.run("cat /dev/sda3 >/dev/null", TIMEOUT_S)
    numbers = vmstat(machine.run("cat /proc/vmstat").text)
    assert numbers["workingset_nodereclaim"] > 500
    assert numbers["workingset_nodes"] < 32 * 256 / 8 * 1.1


def test_shadows_of_swap(boot):
    """Every page that reclaim took is known when it is read again; the slots'
    shadows go with the slots."""
    machine = boot(boot="direct", memory=128, swap=512)
    assert machine.run("memwalk 256", TIMEOUT_S).status == 0
    numbers = vmstat(machine.run("cat /proc/vmstat").text)
    assert numbers["pswpin"] > 256 * 256
    assert numbers["workingset_refault_anon"] == pytest.approx(
        numbers["pswpin"], rel=0.02)
    # Walked through in a circle, hardly a page could have been kept.
    assert 0 < numbers["workingset_restore_anon"] <= \
        numbers["workingset_activate_anon"] < numbers["pswpin"] / 4
    assert numbers["workingset_nodes"] < 100
    assert machine.run("tail -n 1 /proc/faultline/census").text == \
        "census: ok\n"


def test_no_scan_storm(boot):
    """Twice the memory goes through swap: little is looked at in vain."""
    machine = boot(boot="direct", memory=128, swap=512)
    assert machine.run("memwalk 256", TIMEOUT_S).status == 0
    numbers = vmstat(machine.run("cat /proc/vmstat").text)
    scanned = numbers["pgscan_kswapd"] + numbers["pgscan_direct"]
    stolen = numbers["pgsteal_kswapd"] + numbers["pgsteal_direct"]
    assert stolen > 128 * 256 and scanned < 2 * stolen, (scanned, stolen)
    # kswapd does it; nobody has to wait for memory himself.
    assert numbers["pgscan_direct"] * 10 < scanned


def test_dirty_pages_at_the_tail(boot):
    """Most of memory is dirty, by leave of the limits. Reclaim leaves the
    writing to the flusher, and waits for it instead of going round."""
    machine = boot(boot="direct", memory=32, root_size=64)
    result = machine.run(
        "cd /proc/sys/vm; echo 90 >dirty_ratio; echo 89 >dirty_background_ratio;"
        "dd if=/dev/zero bs=64k count=380 2>/dev/null | tr '\\0' x >/f;"
        "grep '^nr_dirty ' /proc/vmstat; memwalk 8 >/dev/null; echo status $?;"
        "tr -d x </f | wc -c; wc -c </f; rm /f; sync; cat /proc/vmstat",
        TIMEOUT_S)
    dirty = int(re.search(r"^nr_dirty (\d+)$", result.text, re.M)[1])
    assert dirty > 5000  # else there was nothing to be seen
    assert f"status 0\n0\n{380 * 65536}\n" in result.text, result.text
    numbers = vmstat(result.text)
    assert numbers["oom_kill"] == 0
    assert numbers["nr_written"] >= dirty
    assert numbers["pgscan_file"] < 2 * numbers["pgsteal_file"]


def test_numbers_of_zones(shared):
    """The lists of zoneinfo add up to those of vmstat."""
    text = shared(boot="direct", memory=2048).run(
        "cat /proc/zoneinfo /proc/vmstat").text
    zones, _, totals = text.rpartition("\nnr_free_pages")
    totals = vmstat("nr_free_pages" + totals)
    for name in ("nr_zone_inactive_anon", "nr_zone_active_anon",
                 "nr_zone_inactive_file", "nr_zone_active_file",
                 "nr_zone_unevictable"):
        parts = re.findall(rf"^ +{name} (\d+)$", zones, re.MULTILINE)
        assert len(parts) >= 2
        assert abs(sum(map(int, parts)) - totals[name]) < 50, name
