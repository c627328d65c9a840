# tests/system/test_trace_points.py - each trace point says what is counted
# SPDX-License-Identifier: MIT
"""What the kernel counts anyway, in /proc/vmstat, has to come out of the
records alone, to the last one. Between two rounds of COUNTER records in which
nothing went on, the records of each kind are added up; none may be missing.
"""

import collections
import re
import sys

import pytest
from conftest import TOP

sys.path.append(str(TOP / "tools"))

from tracelib import frames, records, schema  # noqa: E402

pytestmark = [pytest.mark.direct, pytest.mark.slow]

RUN_TIMEOUT_S = 400
FORMATS = ["2level", "pae"]
QUIET = ("pgfault", "pswpin", "pswpout", "pgscan_kswapd", "pgscan_direct",
         "pgpgin", "pgpgout", "pgfree")
MAJOR = schema.BITS["TRACE_FAULT_MAJOR"]
FILE = schema.BITS["TRACE_REFAULT_FILE"]
ACTIVATE = schema.BITS["TRACE_REFAULT_ACTIVATE"]
ZONE_SHIFT = schema.BITS["TRACE_ZONE_SHIFT"]
READ, USED, UNUSED = (schema.READAHEADS.index(word)
                      for word in ("read", "used", "unused"))
EXEC = schema.PROCESSES.index("exec")
EXIT = schema.PROCESSES.index("exit")
KINDS = schema.BITS["TRACE_MAP_KIND_MASK"]


class Trace:
    """A stream, and the part of it between two quiet rounds of counters."""

    def __init__(self, data: bytes):
        stream = records.join(frames.find(data), len(data))
        assert (stream.lost, stream.mended, stream.noise) == (0, 0, 0)
        self.records = sorted(stream.records, key=lambda r: r.time_ns)
        assert not any(r.type == "dropped" for r in self.records)
        rounds = self._rounds()
        quiet = [new for old, new in zip(rounds, rounds[1:])
                 if all(old[name][1] == new[name][1] for name in QUIET)]
        assert len(quiet) >= 2, "the machine has never been at rest"
        self.first, self.last = quiet[0], quiet[-1]

    def _rounds(self):
        """By name: when it was looked at, and what it was."""
        rounds = []
        for record in self.records:
            if record.type != "counter":
                continue
            if record["number"] == 0:
                rounds.append({})
            if rounds:
                rounds[-1][schema.COUNTERS[record["number"]]] = (
                    record.time_ns, record["value"])
        return [r for r in rounds if len(r) == len(schema.COUNTERS)]

    def growth(self, name: str) -> int:
        return (self.last[name][1] - self.first[name][1]) & 0xffffffff

    def of(self, name: str, kind: str):
        """The records of a kind that @name has counted since the first."""
        start, end = self.first[name][0], self.last[name][0]
        return [r for r in self.records
                if r.type == kind and start < r.time_ns <= end]

    def all(self, kind: str):
        return [r for r in self.records if r.type == kind]

    def paths(self) -> dict[int, str]:
        pieces = collections.defaultdict(dict)
        for record in self.all("file"):
            pieces[record["id"]][record["piece"]] = b"".join(
                record[name].to_bytes(4, "little") for name in "abc")
        return {number: b"".join(found[i] for i in sorted(found)).partition(
            b"\0")[0].decode() for number, found in pieces.items()}


def vmstat(text: str) -> dict[str, int]:
    return {name: int(value) for name, value in
            re.findall(r"^(\w+) (\d+)$", text, re.M)}


@pytest.fixture(params=FORMATS)
def traced(request, boot, tmp_path):
    """run(groups, command) -> what was printed, and the trace."""
    def run(groups: str, command: str, **options):
        name = tmp_path / "trace"
        machine = boot(boot="direct", trace=name, append=f"trace={groups}",
                       kernel_format=request.param,
                       **{"memory": 48, "swap": 128} | options)
        result = machine.run(
            f"sleep 3; {command}; sync; sleep 3; cat /proc/vmstat; sleep 2",
            RUN_TIMEOUT_S)
        assert result.status == 0, result.text
        return result.text, Trace(name.read_bytes())
    return run


def check_swap(trace: Trace) -> None:
    assert trace.growth("pswpin") > 1000 and trace.growth("pswpout") > 1000
    for counter, kind in (("pswpin", "swap_in"), ("pswpout", "swap_out")):
        assert len(trace.of(counter, kind)) == trace.growth(counter)
    for kind, bit in (("anon", 0), ("file", FILE)):
        name = f"workingset_refault_{kind}"
        found = [r for r in trace.of(name, "refault")
                 if r["kind"] & FILE == bit]
        assert len(found) == trace.growth(name)
        name = f"workingset_activate_{kind}"
        assert trace.growth(name) == sum(
            r["kind"] & (FILE | ACTIVATE) == bit | ACTIVATE
            for r in trace.of(name, "refault"))


def check_faults(trace: Trace) -> None:
    found = trace.of("pgfault", "fault")
    assert len(found) == trace.growth("pgfault")
    assert trace.growth("pgmajfault") > 100
    assert trace.growth("pgmajfault") == sum(
        bool(r["info"] & MAJOR) for r in trace.of("pgmajfault", "fault"))


def check_reclaim(trace: Trace) -> None:
    for who, word in enumerate(schema.RECLAIMERS):
        for counter, field in (("pgscan", "scanned"), ("pgsteal", "reclaimed")):
            name = f"{counter}_{word}"
            assert trace.growth(name) == sum(
                r[field] for r in trace.of(name, "reclaim") if r["who"] == who)
    assert trace.growth("pgscan_kswapd") > 1000
    # Each page that was looked at was taken, or stayed for one reason.
    waiting = {}
    for record in trace.records:
        if record.type == "reclaim":
            waiting[record.pid] = record["scanned"] - record["reclaimed"]
        elif record.type == "skipped":
            assert sum(record.values) == waiting.pop(record.pid)
    assert not waiting
    levels = collections.defaultdict(list)
    for record in trace.all("mark"):
        levels[record["zone"]].append(schema.MARKS[record["mark"]])
    assert "low" in sum(levels.values(), [])
    for passed in levels.values():
        assert passed[0] != "high"
        assert all(a != b or a == "min" for a, b in zip(passed, passed[1:]))


def check_cache(trace: Trace) -> None:
    for counter, what in (("swap_ra", READ), ("swap_ra_hit", USED)):
        assert trace.growth(counter) == sum(
            r["count"] for r in trace.of(counter, "readahead")
            if r["file"] == 0 and r["what"] == what)
    assert trace.growth("swap_ra") > 100
    # A page is in once; one that was read ahead is used, or not, once.
    there, ahead = set(), set()
    for record in trace.records:
        if record.type == "cache":
            key = record["file"], record["page"]
            if schema.CACHES[record["what"]] == "insert":
                assert key not in there
                there.add(key)
            else:
                there.discard(key)
        elif record.type == "readahead" and record["file"]:
            key = record["file"], record["page"]
            if record["what"] == READ:
                assert key in there and key not in ahead
                ahead.add(key)
            else:
                ahead.remove(key)
    assert there
    assert any(r["file"] and r["what"] == USED for r in trace.all("readahead"))
    written = trace.of("nr_written", "writeback")
    assert sum(r["count"] for r in written) + len(
        trace.of("nr_written", "swap_out")) >= trace.growth("nr_written")
    assert "/tmp-file" in {trace.paths()[r["file"]] for r in written}


def check_disk(trace: Trace) -> None:
    def kib(name, what):
        """As they are counted: whole KiB of each request."""
        return sum(r["sectors"] // 2 for r in trace.of(name, "disk")
                   if r["what"] & 15 == schema.DISKS.index(what))

    assert kib("pgpgin", "read") == trace.growth("pgpgin")
    # Blocks that ext2 makes empty are written past the cache, and not counted.
    assert 0 <= kib("pgpgout", "write") - trace.growth("pgpgout") < 1000
    assert not any(r["error"] for r in trace.all("disk"))


def check_process(trace: Trace) -> None:
    paths = trace.paths()
    programs = {r.pid: paths[r["number"]] for r in trace.all("process")
                if r["what"] == EXEC}
    walkers = [pid for pid, path in programs.items() if path == "/bin/memwalk"]
    assert len(walkers) == 1
    sizes = [r["end"] - r["start"] for r in trace.all("map")
             if r.pid == walkers[0]]
    assert max(sizes) >= 56 << 20
    assert any(paths[r["file"]] == "/bin/memwalk" for r in trace.all("map")
               if r.pid == walkers[0] and r["file"])
    ends = [r for r in trace.all("process")
            if r["what"] == EXIT and r.pid == walkers[0]]
    assert [r["number"] for r in ends] == [0] and ends[0]["value"] > 1000


def test_memory(traced):
    text, trace = traced(
        "fault,swap,reclaim,cache,map,process,disk",
        "dd if=/dev/zero of=/tmp-file bs=64k count=32 2>/dev/null; sync; "
        "echo 3 > /proc/sys/vm/drop_caches; cat /tmp-file > /dev/null; "
        "memwalk 56")
    check_swap(trace)
    check_faults(trace)
    check_reclaim(trace)
    check_cache(trace)
    check_disk(trace)
    check_process(trace)
    # The guest's own numbers, but for what its `cat` has moved itself.
    own = vmstat(text)
    for name in ("pswpin", "pswpout", "pgscan_kswapd", "pgsteal_kswapd",
                 "pgscan_direct", "workingset_refault_anon"):
        assert own[name] == trace.last[name][1]


def test_pages(traced):
    """Few enough that the thread need not come between."""
    _, trace = traced("page", "memwalk 24", memory=96, swap=0)
    for zone, word in enumerate(("dma", "normal", "high")):
        name = f"pgalloc_{word}"
        assert trace.growth(name) == sum(
            1 << (r["order_zone"] & (1 << ZONE_SHIFT) - 1)
            for r in trace.of(name, "alloc")
            if r["order_zone"] >> ZONE_SHIFT == zone)
    assert trace.growth("pgalloc_normal") > 6000
    assert trace.growth("pgfree") == sum(
        1 << (r["order_zone"] & (1 << ZONE_SHIFT) - 1)
        for r in trace.of("pgfree", "free"))


def test_what_is_much(traced):
    text, trace = traced(
        "switch,irq,syscall,process",
        "dd if=/dev/zero of=/dev/null bs=1 count=500 2>/dev/null; "
        "cat /proc/interrupts")
    # Who leaves the CPU is who came last.
    switches = trace.all("switch")
    assert len(switches) > 20
    assert all(old["next"] == new.pid
               for old, new in zip(switches, switches[1:]))
    lines = {int(line) for line in re.findall(r"^ *(\d+):", text, re.M)}
    assert {r["line"] for r in trace.all("irq")} <= lines
    assert any(r["line"] == 0 and r["duration"] > 0 for r in trace.all("irq"))
    reads = collections.Counter(
        (r.pid, r["number"]) for r in trace.all("syscall") if r["result"] == 1)
    assert any(number == 3 and count >= 500
               for (_, number), count in reads.items())


@pytest.mark.parametrize("kernel_format", FORMATS)
def test_areas_that_were_there(boot, tmp_path, kernel_format):
    """Switched on while programs run: their areas are told."""
    name = tmp_path / "trace"
    machine = boot(boot="direct", memory=96, trace=name, append="trace=none",
                   kernel_format=kernel_format)
    result = machine.run("echo map > /proc/faultline/trace; sleep 2")
    assert result.status == 0, result.text
    data = name.read_bytes()
    stream = records.join(frames.find(data), len(data))
    there = [r for r in stream.records if r.type == "map" and
             schema.MAPS[r["what"] & KINDS] == "there"]
    assert {r.pid for r in there} >= {1}
    assert any(r["file"] for r in there)
