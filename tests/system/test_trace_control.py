# tests/system/test_trace_control.py - what is traced, the ring, the latencies
# SPDX-License-Identifier: MIT
"""/proc/faultline/trace, trace_ring and latency, against each other and against
/proc/faultline/faults. What the words are is for tests/unit/test_trace_choice.c.
"""

import re
import time
from pathlib import Path

import pytest
from tracelib import frames, records, schema

pytestmark = pytest.mark.direct

CONTROL = "/proc/faultline/trace"
RING = "/proc/faultline/trace_ring"
FORMATS = ["2level", "pae"]
SMALL = {"boot": "direct", "memory": 96, "swap": 512}
RUN_TIMEOUT_S = 120
STREAM_TIMEOUT_S = 60
UNIT_NS = 64  # of a duration in a record

# A shell and cat have none of these.
SHARED_WRITE = 8
FIRST_WRITE, COPY_ON_WRITE = 5, 10
MM_CAUSES = range(16)
BASE = "none pid= cause= address="


def state(machine) -> dict[str, str]:
    return dict(line.split(maxsplit=1) for line in
                machine.run(f"cat {CONTROL}").text.splitlines())


def write(machine, words: str):
    return machine.run(f"echo '{words}' >{CONTROL}")


def groups(machine) -> set[str]:
    return set(state(machine)["on"].split(",")) - {"none"}


def faults(machine) -> dict[int, int]:
    rows = re.findall(r"^(\d+) \w+ (\d+)$",
                      machine.run("cat /proc/faultline/faults").text, re.M)
    return {int(number): int(count) for number, count in rows}


def unpack(data: bytes) -> records.Stream:
    assert len(data) % frames.FRAME_BYTES == 0
    return records.join(frames.find(data), len(data))


def ring(machine) -> list[records.Record]:
    """All records of the file, also those that say how to read the others."""
    stream = unpack(machine.run(f"cat {RING}", RUN_TIMEOUT_S).output)
    assert (stream.lost, stream.mended, stream.noise) == (0, 0, 0)
    return stream.records


def is_told(record) -> bool:
    return records.BY_NAME[record.type].group == "always"


def traced(machine, words: str, command: str) -> list[records.Record]:
    """What a command leaves in the ring with @words, which has to be none
    too many for it."""
    before = int(state(machine)["written"])
    result = machine.run(f"echo '{words}' >{CONTROL}; {command}; "
                         f"echo none >{CONTROL}", RUN_TIMEOUT_S)
    assert result.status == 0, result.text
    after = state(machine)
    count = int(after["written"]) - before
    assert 0 <= count < int(after["ring"])
    found = [record for record in ring(machine) if not is_told(record)]
    return found[len(found) - count:]


def cause_of(record) -> int:
    return record["info"] & 31


@pytest.fixture
def machine(shared):
    machine = shared(**SMALL)
    assert write(machine, BASE).status == 0
    yield machine
    assert write(machine, BASE).status == 0


# ---- switching ---------------------------------------------------------------

def test_groups_are_switched_at_run_time(machine):
    every = set(schema.group_list()) - {"always"}
    assert groups(machine) == set()
    for words, on in (("fault,swap", {"fault", "swap"}),
                      ("+cache", {"fault", "swap", "cache"}),
                      ("-swap,+map,disk", {"fault", "cache", "map", "disk"}),
                      ("swap", {"swap"}),
                      ("all", every - {"page", "switch", "irq", "syscall"}),
                      ("all,-swap", every - {"page", "switch", "irq",
                                             "syscall", "swap"}),
                      ("none", set())):
        assert write(machine, words).status == 0
        shown = state(machine)
        assert groups(machine) == on
        off = set(shown["off"].split(","))
        assert off - {"none"} == every - on


def test_a_group_that_is_off_writes_nothing(machine):
    found = traced(machine, "fault", "causes 5 8 >/dev/null")
    assert {record.type for record in found} == {"fault"}
    assert traced(machine, "none", "causes 5 8 >/dev/null") == []


@pytest.mark.parametrize("words", [
    "", "faults", "fault,", "+none", "pid=x", "pid=1,", "cause=18",
    "address=0x2000-0x1000", "swap cause=9 bogus", "a" * 200])
def test_words_that_are_refused_change_nothing(machine, words):
    assert write(machine, "map pid=3+ cause=4").status == 0
    before = state(machine)
    result = machine.run(f"echo '{words}' >{CONTROL}")
    assert result.status == 1 and "Invalid argument" in result.text
    after = state(machine)
    for line in ("on", "off", "filters"):
        assert after[line] == before[line]


def test_nobody_but_root(machine):
    for command in (f"cat {CONTROL}", f"echo none >{CONTROL}", f"cat {RING}"):
        result = machine.run(f"su user -c '{command}' 2>&1")
        assert result.status != 0 and "Permission denied" in result.text
    assert machine.run("su user -c 'cat /proc/faultline/latency'").status == 0


def test_at_boot(boot):
    machine = boot(**SMALL, append="trace=fault,swap trace_cause=9,10 "
                   "trace_pid=1+ trace_address=0x08048000-0xc0000000")
    assert groups(machine) == {"fault", "swap"}
    assert state(machine)["filters"] == (
        "pid=1+ cause=9,10 address=0x08048000-0xc0000000")
    found = [record for record in ring(machine) if record.type == "fault"]
    # init's children all have pages of its.
    assert found and {cause_of(record) for record in found} == {COPY_ON_WRITE}


def test_at_boot_what_is_wrong_is_said(boot):
    machine = boot(**SMALL, append="trace=fault trace_cause=18 trace_pid=x")
    assert groups(machine) == {"fault"}
    assert state(machine)["filters"] == "none"
    assert "trace: trace_cause=18: error=-22\n" in machine.log()
    assert "trace: trace_pid=x: error=-22\n" in machine.log()


# ---- filters -----------------------------------------------------------------

def test_by_cause(machine):
    before = faults(machine)
    dropped = int(state(machine)["filtered"])
    found = traced(machine, f"fault cause={SHARED_WRITE}",
                   "causes 5 8 >/dev/null")
    grown = faults(machine)[SHARED_WRITE] - before[SHARED_WRITE]
    assert {cause_of(record) for record in found} == {SHARED_WRITE}
    assert len(found) == grown > 0
    assert int(state(machine)["filtered"]) - dropped > 100


def test_by_address(machine):
    first, end = 0xbf000000, 0xc0000000
    found = traced(machine, f"fault,map address={first:#x}-{end:#x}",
                   "causes 5 >/dev/null")
    of_faults = [record for record in found if record.type == "fault"]
    of_areas = [record for record in found if record.type == "map"]
    assert of_faults and of_areas
    assert all(first <= record["address"] < end for record in of_faults)
    assert all(record["start"] < end and record["end"] > first
               for record in of_areas)
    # Without the filter there are others.
    assert write(machine, "address=").status == 0
    found = traced(machine, "fault", "causes 5 >/dev/null")
    assert any(record["address"] < first for record in found)


def shell(words: str) -> str:
    """A shell that is traced itself, and has a child with a child."""
    return (f"sh -c 'echo \"{words}\" >{CONTROL}; sh -c \"/bin/true; echo "
            "child=\\$\\$\"; echo shell=$$'")


@pytest.mark.parametrize("children", [False, True])
def test_by_process(machine, children):
    before = int(state(machine)["written"])
    told = machine.run(shell("fault pid=$$" + "+" * children) +
                       f"; echo none >{CONTROL}").text
    numbers = dict(re.findall(r"(\w+)=(\d+)", told))
    count = int(state(machine)["written"]) - before
    found = [record for record in ring(machine)
             if not is_told(record)][-count:]
    pids = {record.pid for record in found}
    own, child = int(numbers["shell"]), int(numbers["child"])
    assert own in pids
    if children:
        assert child in pids and len(pids) >= 3
    else:
        assert pids == {own}
    assert state(machine)["filters"] == f"pid={own}" + "+" * children


# ---- the ring ----------------------------------------------------------------

@pytest.mark.parametrize("kernel_format", FORMATS)
def test_ring_agrees_with_the_counts(boot, kernel_format):
    machine = boot(**SMALL, kernel_format=kernel_format)
    outer = faults(machine)
    write(machine, "fault")
    inner = faults(machine)
    assert machine.run("causes 4 5 6 7 8 10 11 >/dev/null",
                       RUN_TIMEOUT_S).status == 0
    inner_end = faults(machine)
    found = ring(machine)
    outer_end = faults(machine)
    counted = dict.fromkeys(MM_CAUSES, 0)
    for record in found:
        if record.type == "fault":
            counted[cause_of(record)] += 1
    for cause in MM_CAUSES:
        least = inner_end[cause] - inner[cause]
        most = outer_end[cause] - outer[cause]
        assert least <= counted[cause] <= most, cause
    assert counted[SHARED_WRITE] == (
        outer_end[SHARED_WRITE] - outer[SHARED_WRITE]) > 0

    # What a reader needs: first what this is, last what there is.
    assert found[0].type == "start"
    assert found[0]["groups"] == 1 and found[0]["filters"] == 0
    kinds = {record.type for record in found}
    assert {"name", "zone", "counter", "fault"} <= kinds
    assert "dropped" not in kinds
    vmstat = {record["number"]: record["value"] for record in found
              if record.type == "counter"}
    now = dict(line.split() for line in
               machine.run("cat /proc/vmstat").text.splitlines())
    pgfault = schema.vm_event_names().index("pgfault")
    assert 0 < vmstat[pgfault] <= int(now["pgfault"])
    assert [record.type for record in found[-len(vmstat):]] == (
        ["counter"] * len(vmstat))


def test_ring_that_has_gone_round(machine):
    """It has the last ones, and says how many were before."""
    write(machine, "fault")
    machine.run("memwalk 80 >/dev/null", RUN_TIMEOUT_S)
    write(machine, "none")
    after = state(machine)
    written, size = int(after["written"]), int(after["ring"])
    assert written > size
    found = ring(machine)
    assert sum(not is_told(record) for record in found) == size
    assert [record["records"] for record in found
            if record.type == "dropped"] == [written - size]
    assert state(machine)["dropped_by_stream"] == "0"


def test_ring_before_anything_was_traced(boot):
    found = ring(boot(**SMALL))
    assert {record.type for record in found} >= {"start", "zone", "counter"}
    assert all(is_told(record) for record in found)


def test_ring_is_as_it_was_when_it_was_opened(machine):
    """However late, and by what pieces it is read."""
    before = faults(machine)[SHARED_WRITE]
    data = machine.run(
        f"echo fault cause={SHARED_WRITE} >{CONTROL}; causes 8 >/dev/null; "
        f"exec 3<{RING}; causes 8 >/dev/null; echo none >{CONTROL}; "
        "dd bs=1000 <&3 2>/dev/null", RUN_TIMEOUT_S).output
    grown = faults(machine)[SHARED_WRITE] - before
    early = [record for record in unpack(data).records if not is_told(record)]
    late = [record for record in ring(machine) if not is_told(record)]
    newer = len(late) - 1 - late.index(early[-1])
    assert newer == grown / 2 > 0


def test_stream_is_told_and_not_disturbed(boot, tmp_path):
    """Beside a live stream: its reader learns of filters, and what is read of
    the ring is missing nowhere."""
    name = Path(tmp_path) / "t"
    machine = boot(**SMALL, trace=str(name), append="trace=none")
    before = faults(machine)[SHARED_WRITE]
    write(machine, f"fault cause={SHARED_WRITE} pid=1+ "
          "address=0x1000-0xc0000000")
    for _ in range(3):
        machine.run("causes 8 >/dev/null", RUN_TIMEOUT_S)
        ring(machine)
    grown = faults(machine)[SHARED_WRITE] - before
    end = time.monotonic() + STREAM_TIMEOUT_S
    found = []
    while sum(record.type == "fault" for record in found) < grown:
        assert time.monotonic() < end
        found = records.join(frames.find(name.read_bytes()),
                             name.stat().st_size).records
    assert [cause_of(record) for record in found if record.type == "fault"
            ] == [SHARED_WRITE] * grown
    assert not [record for record in found if record.type == "dropped"]
    start = [record for record in found if record.type == "start"][-1]
    assert start["filters"] == 0b111 and start["groups"] == 1
    told = {schema.FILTERS[record["what"]]: (record["first"], record["last"])
            for record in found if record.type == "filter"}
    assert told == {"pid": (1, 1), "cause": (1 << SHARED_WRITE, 0),
                    "address": (0x1000, 0xc0000000)}


# ---- latencies ---------------------------------------------------------------

class Row:
    def __init__(self, line: str):
        number, self.name, *columns = line.split()
        self.number = int(number)
        (self.count, self.untimed, self.total, *self.percentiles) = (
            int(word) for word in columns[:6])
        self.buckets = [tuple(map(int, word.split(":")))
                        for word in columns[6:]]

    def percentile(self, permille: int) -> int:
        timed = self.count - self.untimed
        below = 0
        for end, count in self.buckets:
            below += count
            if below * 1000 >= timed * permille:
                return end
        return 0


def latencies(machine) -> tuple[str, dict[int, Row]]:
    clock, titles, *rows = machine.run(
        "cat /proc/faultline/latency").text.splitlines()
    assert titles.startswith("cause name count untimed total_ns p50_ns ")
    found = [Row(line) for line in rows]
    return clock.removeprefix("clock "), {row.number: row for row in found}


@pytest.mark.parametrize("kernel_format", FORMATS)
def test_latencies(shared, kernel_format):
    machine = shared(**SMALL, kernel_format=kernel_format)
    machine.run("causes 4 5 6 7 8 9 10 11 >/dev/null", RUN_TIMEOUT_S)
    before = faults(machine)
    clock, rows = latencies(machine)
    after = faults(machine)
    assert clock == "tsc"
    assert [row.name for row in rows.values()] == [
        name for name in schema.CAUSES if name != "fault_causes"][:len(rows)]
    for cause, row in rows.items():
        assert before[cause] <= row.count <= after[cause]
        assert sum(count for _, count in row.buckets) == (
            row.count - row.untimed)
        assert row.percentiles == [row.percentile(n) for n in (500, 900, 990)]
        # Each took less than its bucket's end, and half of that or more.
        most = sum(end * count for end, count in row.buckets)
        assert most * 0.49 <= row.total + row.count and row.total <= (
            most * 1.01 + row.count)
        if cause in MM_CAUSES and cause != 1:
            assert row.untimed == 0
    assert rows[SHARED_WRITE].count and rows[9].count


def test_durations_are_in_the_latencies(machine):
    """A fault's record has the time from its beginning to when it is written."""
    before = latencies(machine)[1][SHARED_WRITE]
    found = traced(machine, f"fault cause={SHARED_WRITE}",
                   "causes 8 >/dev/null")
    after = latencies(machine)[1][SHARED_WRITE]
    assert len(found) == after.count - before.count > 0
    assert sum(record["duration"] for record in found) <= (
        after.total - before.total) * 1.001 + UNIT_NS * len(found)


def test_without_time_stamps(boot):
    machine = boot(**SMALL, cpu="qemu32,-tsc")
    machine.run("causes 5 8 >/dev/null", RUN_TIMEOUT_S)
    clock, rows = latencies(machine)
    assert clock == "none"
    assert rows[SHARED_WRITE].count > 0 and rows[FIRST_WRITE].count > 100
    for row in rows.values():
        assert row.untimed == row.count and row.buckets == []
        assert row.total == 0 and row.percentiles == [0, 0, 0]


def test_what_cannot_be_switched_on_changes_nothing(boot):
    """Each allocation on the way fails once: the sampler's thread has some."""
    machine = boot(**SMALL)
    assert write(machine, "fault").status == 0
    for nth in range(1, 100):
        done = machine.run(
            f"sh -c 'exec 3>{CONTROL}; "
            f"echo slab page nth={nth} pid=$$ >/proc/faultline/inject; "
            "echo syscall,sample >&3'")
        machine.run("echo off >/proc/faultline/inject")
        if done.status == 0:
            break
        assert groups(machine) == {"fault"}
        assert not any(record.type == "syscall" for record in ring(machine))
    assert groups(machine) == {"syscall", "sample"}
    assert nth > 3
