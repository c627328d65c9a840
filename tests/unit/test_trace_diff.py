# tests/unit/test_trace_diff.py - faultline diff, and what it sums up
# SPDX-License-Identifier: MIT

import re

from test_trace_decode import faultline
from trace_pack import fault_info, make, names, pack

from tracelib.summary import Group, Row, Summary, rows

S, US = 1_000_000_000, 1000
UNIT = 64


def run_of(faults, swaps, length_s=10, pid=7):
    """@faults: (cause, major, duration in units of 64 ns), spread evenly."""
    found = [make("start", 0), *names(pid, "worker"),
             make("counter", 0, number=10, value=1000)]
    for i, (cause, major, duration) in enumerate(faults):
        found.append(make("fault", i * 1000, pid, duration=duration * UNIT,
                          info=fault_info(cause, major=major)))
    found += [make("swap_in", S, pid, slot=n, duration=UNIT, why=0)
              for n in range(swaps)]
    found += [make("reclaim", S, 1, who=0, scanned=100, reclaimed=50),
              make("reclaim", S, pid, who=1, scanned=10, reclaimed=5,
                   duration=640 * UNIT),
              make("counter", length_s * S, number=10,
                   value=1000 + len(faults))]
    return found


def test_percentiles():
    group = Group()
    assert group.percentile(50) == 0
    for duration in range(100, 0, -1):
        group.add(duration)
    assert [group.percentile(percent) for percent in (0, 1, 50, 99, 100)] == [
        1, 1, 50, 99, 100]
    group.add(1000)
    assert group.percentile(100) == 1000
    assert (group.count, group.total_ns) == (101, 6050)


def test_sums():
    summary = Summary()
    summary.add_boot(run_of([("swapped", True, 100), ("swapped", False, 2),
                             ("zero_page", False, 3)], 4))
    # A second boot, in which the number is another task's.
    summary.add_boot([*names(7, "other"), make("fault", S, 7, duration=UNIT)])
    assert summary.causes["swapped"].count == 2
    assert summary.causes["swapped"].total_ns == 102 * UNIT
    assert summary.major == 1
    worker, other = summary.tasks["worker"], summary.tasks["other"]
    assert (worker.faults, worker.major, other.faults) == (3, 1, 1)
    assert worker.fault_ns == 105 * UNIT
    assert worker.reclaim_ns == 640 * UNIT
    assert summary.swap["in, fault"].count == 4
    assert summary.counts["pages scanned, kswapd"] == 100
    assert summary.counts["pages reclaimed, direct"] == 5
    assert summary.counters == {"pgfault": 3}
    assert summary.length_ns == 11 * S


def test_what_changed_most_is_first():
    found = rows("{}", {"same": 1000, "more": 100, "gone": 2},
                 {"same": 1001, "more": 400, "new": 50}, int)
    assert [row.name for row in found] == ["more", "new", "gone", "same"]
    assert Row("", 5, 5).score() == 0
    assert Row("", 5, 9).score() == Row("", 9, 5).score()


def diff(tmp_path, a, b, *options):
    for name, sent in (("a", a), ("b", b)):
        (tmp_path / name).write_bytes(pack(sent))
    return faultline("diff", tmp_path / "a", tmp_path / "b", *options).stdout


def section(said, title):
    body = re.search(rf"^{re.escape(title)} .*\n((?:  .*\n)*)", said, re.M)[1]
    return [re.split(r"  +", line.strip()) for line in body.splitlines()]


def test_table(tmp_path):
    zero = ("zero_page", False, 10)
    a = run_of([("swapped", True, 1000)] * 100 + [zero] * 50, 100)
    b = run_of([("swapped", True, 1500)] * 300 + [zero] * 51, 0, length_s=20,
               pid=9)
    said = diff(tmp_path, a, b)
    assert section(said, "the trace")[0] == ["length", "10 s", "20 s", "x 2.00"]
    assert section(said, "faults by cause") == [
        ["swapped", "100", "300", "x 3.00"],
        ["zero_page", "50", "51", "+2.0 %"]]
    assert section(said, "latency of faults")[0] == [
        "swapped, median", "64 us", "96 us", "+50.0 %"]
    assert section(said, "swap, pages") == [["in, fault", "100", "0", "gone"]]
    assert section(said, "tasks, faults") == [
        ["worker", "150", "351", "x 2.34"]]
    assert section(said, "changed most")[0][0] == (
        "time in faults by cause: swapped")
    assert section(said, "/proc/vmstat, gained") == [
        ["pgfault", "150", "351", "x 2.34"]]
    by_second = diff(tmp_path, a, b, "--per-second")
    assert section(by_second, "faults by cause, a second") == [
        ["swapped", "10", "15", "+50.0 %"],
        ["zero_page", "5", "2.55", "-49.0 %"]]


def test_same(tmp_path):
    a = run_of([("swapped", True, 1000)] * 100, 100)
    said = diff(tmp_path, a, a)
    assert "nothing has changed" in said
    changes = re.findall(r"^  .* (\S+)$", said, re.M)
    assert changes and set(changes) == {"="}
