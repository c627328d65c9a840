# tests/system/test_trace_host.py - a real run's trace, through tools/faultline
# SPDX-License-Identifier: MIT
"""One small workload: what decode, symbolize, export and diff make of it has to
be the same, record for record. Streams of any content are for tests/unit.
"""

import collections
import csv
import json
import re
import subprocess

import pytest
from conftest import BUILD, TOP, vm_command

pytestmark = pytest.mark.direct

RUN_TIMEOUT_S = 150
TOOL_TIMEOUT_S = 200
LINE = re.compile(r"\[ *\d+\.\d{6}\] +(\d+) (.{15}) (\w+) +(.*)")


def faultline(*arguments, given=None) -> subprocess.CompletedProcess:
    return subprocess.run([TOP / "tools/faultline", *map(str, arguments)],
                          text=True, input=given, capture_output=True,
                          timeout=TOOL_TIMEOUT_S, check=True)


@pytest.fixture(scope="module")
def trace(tmp_path_factory):
    file = tmp_path_factory.mktemp("trace") / "t.bin"
    subprocess.run(
        vm_command("--boot", "direct", "--memory", 64, "--swap", 64, "--trace",
                   file, "--append", "trace=fault,swap,reclaim,map,process",
                   "--timeout", RUN_TIMEOUT_S, "--", "memwalk 8 && ls /bin"),
        check=True, stdout=subprocess.DEVNULL, stdin=subprocess.DEVNULL,
        timeout=2 * RUN_TIMEOUT_S)
    return file


@pytest.fixture(scope="module")
def decoded(trace):
    """(pid, task, type, words) of each record."""
    done = faultline("decode", trace)
    assert "; 0 lost on the line, 0 dropped" in done.stderr
    lines = done.stdout.splitlines()
    assert len(lines) > 2000
    return [LINE.fullmatch(line).groups() for line in lines]


def by_type(decoded) -> dict[str, int]:
    return collections.Counter(type for _, _, type, _ in decoded)


def test_names(decoded):
    """Of all that was there to be named: nothing is left a number."""
    tasks = {task.strip() for _, task, type, _ in decoded if type == "fault"}
    assert {"init", "sh", "memwalk", "ls"} <= tasks and "?" not in tasks
    programs = {words for _, _, type, words in decoded
                if type == "process" and words.startswith("what=exec")}
    assert "what=exec file=/bin/memwalk" in programs
    assert not [words for _, _, type, words in decoded
                if type in ("map", "process") and "file:0x" in words]


def test_symbols(trace):
    """memwalk's faults are in a function of its own."""
    faults = faultline("decode", "--type", "fault", trace).stdout
    named = faultline("symbolize", "--build", BUILD, "--trace", trace,
                      given=faults).stdout.splitlines()
    assert len(named) == len(faults.splitlines())
    filled = [line for line in named if "cause=first_write" in line and
              " memwalk " in line and " fill_page+0x" in line]
    assert len(filled) >= 8 * 256


def test_babeltrace_has_every_record(trace, decoded, tmp_path):
    faultline("export", trace, "--ctf", tmp_path)
    done = subprocess.run(["babeltrace2", tmp_path], text=True, check=True,
                          capture_output=True, timeout=TOOL_TIMEOUT_S)
    types = collections.Counter(re.findall(r"^\[\S+\] \(\S+\) (\w+):",
                                           done.stdout, re.M))
    assert types == by_type(decoded)


def test_tables_and_events(trace, decoded, tmp_path):
    table, page = tmp_path / "t.csv", tmp_path / "t.json"
    faultline("export", trace, "--csv", table, "--perfetto", page)
    with table.open(newline="", encoding="utf-8") as rows:
        assert collections.Counter(
            row["type"] for row in csv.DictReader(rows)) == by_type(decoded)
    events = json.loads(page.read_text())["traceEvents"]
    faults = [event for event in events if event.get("cat") == "fault"]
    assert len(faults) == by_type(decoded)["fault"]
    assert all(event["ph"] == "X" for event in faults)
    assert {"memwalk", "init"} <= {
        event["args"]["name"] for event in events
        if event["name"] == "process_name"}


def test_no_difference(trace):
    assert "nothing has changed" in faultline("diff", trace, trace).stdout
