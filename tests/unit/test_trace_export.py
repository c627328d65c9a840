# tests/unit/test_trace_export.py - faultline export: CSV, trace events, CTF
# SPDX-License-Identifier: MIT
"""What is exported is read by others: babeltrace2, a schema of Chrome's trace
events, the csv module.
"""

import collections
import csv
import json
import os
import random
import re
import subprocess
from pathlib import Path

import jsonschema
import pytest
from test_trace_decode import SENT, faultline
from trace_pack import fault_info, make, names, pack, paths, rounded

from tracelib import columns, schema, text
from tracelib.names import Names

S, MS = 1_000_000_000, 1_000_000
SCHEMA = json.loads(
    Path(__file__).with_name("trace_event.schema.json").read_text())
EVENT = re.compile(r"\[(\d+):(\d+):(\d+)\.(\d+)\] \(\S+\) (\w+): "
                   r"\{ pid = (\d+), task = \"(.*?)\" \}, \{ (.*) \}$")
FIELD = re.compile(r'(\w+) = (?:\( (.+?) : container = (\d+) \)|"(.*?)"|'
                   r"([-\w]+))(?:, |$)")


def any_records(dice, count):
    """Of all types, with anything in them."""
    found = [*names(1, "init"), *paths(5, "/bin/one"), *paths(6, "/lib/two")]
    time = 0
    for _ in range(count):
        time += dice.randrange(10) * 640
        kind = dice.choice(list(schema.TYPES.values()))
        if kind.name in ("name", "file"):
            continue
        found.append(make(
            kind.name, time, dice.choice((0, 1, 77)),
            **{field.name: dice.choice((0, 1, 5, 6, dice.randrange(1 << 32)))
               for field in kind.fields}))
    return found


@pytest.fixture
def dice():
    seed = int(os.environ.get("SEED", random.randrange(1 << 32)))
    print(f"SEED={seed}")
    return random.Random(seed)


def export(tmp_path, sent, *options):
    file = tmp_path / "t.bin"
    file.write_bytes(b"".join(pack(boot) for boot in sent))
    faultline("export", file, *options)


def babeltrace(folder):
    """(type, time, pid, task, fields) of each event, in their order."""
    done = subprocess.run(["babeltrace2", "--clock-gmt", folder], text=True,
                          capture_output=True, check=True)
    found = []
    for line in done.stdout.splitlines():
        match = EVENT.match(line)
        assert match, line
        hours, minutes, seconds, ns, type, pid, task, fields = match.groups()
        time = (int(hours) * 3600 + int(minutes) * 60 + int(seconds)) * S
        values = {}
        for field in FIELD.finditer(fields):
            name, label, container, string, number = field.groups()
            if container:
                values[name] = (label.strip('"'), int(container))
            else:
                values[name] = int(number, 0) if number else string
        found.append((type, time + int(ns), int(pid), task, values))
    return found


def as_ctf(record, told):
    """The fields that an event of this record has to have."""
    if record.type == "name":
        return {"named_pid": record["id"],
                "name": dict(text.cells(record, told))["name"]}
    if record.type == "file":
        return {"id": record["id"], "piece": record["piece"],
                "path": told.file(record["id"])}
    values = {}
    for column in columns.COLUMNS[record.type]:
        number = column.number(record.values)
        name = column.name + ("_ns" if column.shown == "ns" else "")
        if column.names:
            values[name] = column.name_of(number) or "<unknown>", number
        elif column.shown == "file":
            none = "swap" if record.type == "readahead" else "none"
            values[name] = told.file(number) if number else none
        else:
            values[name] = number
    return values


def expected_ctf(sent):
    """By time, with the names that had been sent before."""
    told, found = Names(), []
    for record in map(rounded, sent):
        told.tell(record)
        found.append((record.type, record.time_ns, record.pid,
                      told.task(record.pid).replace("?", "\\?"),
                      as_ctf(record, told)))
    return sorted(found, key=lambda event: event[1])


def test_ctf_has_every_record(tmp_path, dice):
    sent = any_records(dice, 3000) + SENT
    # Each boot's clock begins with what it says.
    sent.insert(0, make("start"))
    export(tmp_path, [sent], "--ctf", tmp_path / "ctf")
    assert babeltrace(tmp_path / "ctf") == expected_ctf(sent)


def test_ctf_has_names_that_are_of_later(tmp_path):
    """They are sent before what lay in the ring, at a later time."""
    sent = [make("start", 200 * MS), *names(7, "walker", 200 * MS),
            *paths(0x80, "/bin/walker", 200 * MS),
            make("fault", 100 * MS, 7), make("readahead", 120 * MS, 7,
                                             file=0x80, count=1),
            *names(7, "other", 300 * MS), make("fault", 150 * MS, 7),
            make("fault", 250 * MS, 7)]
    export(tmp_path, [sent], "--ctf", tmp_path / "ctf")
    found = babeltrace(tmp_path / "ctf")
    assert [time for _, time, *_ in found] == sorted(
        record.time_ns for record in map(rounded, sent))
    assert [task for type, _, _, task, _ in found if type == "fault"] == [
        "walker", "other", "other"]
    [ahead] = [fields for type, *_, fields in found if type == "readahead"]
    assert ahead["file"] == "/bin/walker"


def test_ctf_of_many_packets(tmp_path):
    """Dropped records are in the count of those that a reader will miss."""
    sent = [make("fault", n * MS, 7, address=n) for n in range(20000)]
    sent.insert(5000, make("dropped", 5000 * MS, 2, records=17))
    export(tmp_path, [sent], "--ctf", tmp_path / "ctf")
    done = subprocess.run(["babeltrace2", tmp_path / "ctf"], text=True,
                          capture_output=True, check=True)
    assert len(done.stdout.splitlines()) == len(sent)
    assert "iscarded" in done.stderr


def test_ctf_of_two_boots(tmp_path):
    folder = tmp_path / "ctf"
    first = SENT + [make("fault", 5 * S, 7, address=n) for n in range(100)]
    export(tmp_path, [first, SENT], "--ctf", folder)
    found = babeltrace(folder)
    assert len(found) == len(first) + len(SENT)
    assert [event[0] for event in found[-len(SENT):]] == [
        record.type for record in SENT]
    assert found[-1][1] > 5 * S
    # Another export in its place leaves nothing of it.
    export(tmp_path, [SENT], "--ctf", folder)
    assert len(babeltrace(folder)) == len(SENT)


def perfetto(tmp_path, *boots):
    file = tmp_path / "t.json"
    export(tmp_path, boots, "--perfetto", file)
    trace = json.loads(file.read_text())
    jsonschema.Draft7Validator(SCHEMA).validate(trace)
    return trace["traceEvents"]


def of(events, phase, **wanted):
    return [event for event in events if event["ph"] == phase and
            all(event.get(name) == value for name, value in wanted.items())]


def test_the_schema_refuses():
    validator = jsonschema.Draft7Validator(SCHEMA)
    event = {"ph": "X", "name": "a", "pid": 1, "tid": 1, "ts": 0, "dur": 1}
    assert validator.is_valid({"traceEvents": [event]})
    for wrong in ({"dur": -1}, {"ts": "0"}, {"ph": "Y"}, {"pid": None},
                  {"name": 5}, {"args": []}, {"ph": "C"}, {"ph": "i"},
                  {"ph": "M"}):
        assert not validator.is_valid({"traceEvents": [event | wrong]}), wrong


def test_perfetto_any(tmp_path, dice):
    sent = any_records(dice, 3000)
    events = perfetto(tmp_path, [make("start"), *sent], sent)
    timed = [record for record in sent if "duration" in
             [field.name for field in records_fields(record)]]
    made = [event for event in of(events, "X") if event["cat"] != "switch"]
    assert len(made) == 2 * len(timed)


def records_fields(record):
    return next(kind.fields for kind in schema.TYPES.values()
                if kind.name == record.type)


def test_perfetto_durations_and_names(tmp_path):
    sent = [
        make("start", 1 * S, 2), *names(7, "memwalk", 1 * S),
        make("process", 1 * S, 7, what=1, number=9),
        make("fault", 2 * S, 7, duration=640000, address=0x1000,
             info=fault_info("swapped", major=True)),
        make("reclaim", 3 * S, 9, who=1, duration=64000, scanned=3),
        make("zone", 4 * S, 2, zone=1, free=100, min=1, low=2, high=3),
        make("counter", 4 * S, 2, number=11, value=5),
        make("counter", 5 * S, 2, number=11, value=5),
        make("counter", 6 * S, 2, number=11, value=6),
    ]
    events = perfetto(tmp_path, sent)
    [fault] = of(events, "X", cat="fault")
    assert (fault["ts"], fault["dur"]) == (2e6 - 640, 640)
    assert (fault["pid"], fault["tid"]) == (7, 7)
    assert fault["name"] == "fault swapped"
    assert fault["args"]["address"] == "0x1000"
    # A thread is in the process of the one that made it.
    [reclaim] = of(events, "X", cat="reclaim")
    assert (reclaim["pid"], reclaim["tid"]) == (7, 9)
    [called] = of(events, "M", name="process_name", pid=7)
    assert called["args"] == {"name": "memwalk"}
    assert of(events, "M", name="thread_name", tid=9)
    [free] = of(events, "C", name="free Normal")
    assert free["args"] == {"free": 100}
    assert [event["args"]["value"] for event in
            of(events, "C", name="vmstat pgmajfault")] == [5, 6]


def process(ms, pid, what, number=0):
    return make("process", ms * MS, pid, what=schema.PROCESSES.index(what),
                number=number)


@pytest.mark.parametrize("again", [
    process(3, 11, "fork", 20), process(3, 20, "exec", 0x80)])
def test_perfetto_a_threads_number_given_again(tmp_path, again):
    sent = [make("start"), process(1, 10, "thread", 20),
            make("fault", 2 * MS, 20), process(2, 20, "exit"), again,
            make("fault", 4 * MS, 20), process(5, 20, "thread", 21),
            make("fault", 6 * MS, 21)]
    found = of(perfetto(tmp_path, sent), "X", cat="fault")
    assert [(event["pid"], event["tid"]) for event in found] == [
        (10, 20), (20, 20), (20, 21)]


def test_perfetto_transfers_do_not_overlap(tmp_path, dice):
    """In one row; and no more rows than there were at one time."""
    sent = [make("swap_in", n * 640000, 7, slot=n,
                 duration=dice.randrange(1, 4 * 640000)) for n in
            range(10, 500)]
    rows = collections.defaultdict(list)
    for event in of(perfetto(tmp_path, sent), "X", cat="swap_in"):
        rows[event["pid"], event["tid"]].append(
            (event["ts"], event["ts"] + event["dur"]))
    assert sum(map(len, rows.values())) == len(sent) and len(rows) <= 6
    for row in rows.values():
        row.sort()
        assert all(end <= start + 1e-3 for (_, end), (start, _) in
                   zip(row, row[1:]))


def test_perfetto_cpu(tmp_path):
    sent = [*names(7, "a"), *names(8, "b"),
            make("switch", 1 * MS, 7, next=8),
            make("switch", 3 * MS, 8, next=7),
            make("switch", 4 * MS, 7, next=8)]
    ran = of(perfetto(tmp_path, sent), "X", cat="switch")
    assert [(event["name"], event["ts"], event["dur"]) for event in ran] == [
        ("b", 1000, 2000), ("a", 3000, 1000)]


RAN = [(10, 7), (30, 8)]


@pytest.mark.parametrize("told", [
    [*RAN, "start", "start"], ["start", "start", *RAN], [*RAN, "dropped"]])
def test_perfetto_cpu_while_switches_were_not_told(tmp_path, told):
    """What was in the ring by then comes behind START."""
    sent = [make("start")]
    for place, each in enumerate([*told, (8001, 8), (8002, 7)]):
        sent.append(make(each, (4000 + place) * MS, 2)
                    if isinstance(each, str) else
                    make("switch", each[0] * MS, each[1]))
    ran = of(perfetto(tmp_path, sent), "X", cat="switch")
    assert [(event["ts"], event["dur"]) for event in ran] == [
        (10_000, 20_000), (8_001_000, 1000)]


def as_rows(boots):
    for number, boot in enumerate(boots, 1):
        told = Names()
        for record in map(rounded, boot):
            told.tell(record)
            row = {name: str(value) for name, value in
                   text.cells(record, told)}
            if "pid" in row:
                other = "named_pid" if record.type == "name" else "only_pid"
                row[other] = row.pop("pid")
            yield record.type, row | {
                "boot": str(number), "time_ns": str(record.time_ns),
                "pid": str(record.pid), "task": told.task(record.pid)}


def read_csv(file):
    with file.open(newline="", encoding="utf-8") as rows:
        return [{name: value for name, value in row.items() if value != ""}
                for row in csv.DictReader(rows)]


def test_csv_is_read_back(tmp_path, dice):
    sent = [make("start"), *any_records(dice, 1000), *SENT,
            *paths(9, 'a, "b"\n\\c')]
    again = [make("start"), *SENT]
    export(tmp_path, [sent, again], "--csv", tmp_path / "all.csv")
    rows = list(as_rows([sent, again]))
    assert read_csv(tmp_path / "all.csv") == [
        {name: value for name, value in (row | {"type": type}).items()
         if value != ""} for type, row in rows]
    folder = tmp_path / "csv"
    folder.mkdir()
    (folder / "sample.csv").write_text("of another trace\n")
    export(tmp_path, [again], "--csv", folder)
    assert ({file.stem for file in folder.iterdir()} ==
            {record.type for record in again})
    export(tmp_path, [sent, again], "--csv", folder)
    for type in {type for type, _ in rows}:
        assert read_csv(folder / f"{type}.csv") == [
            {name: value for name, value in row.items() if value != ""}
            for kind, row in rows if kind == type]


def test_errors(tmp_path):
    file = tmp_path / "t.bin"
    file.write_bytes(pack(SENT))
    assert "--csv" in faultline("export", file, status=2).stderr
    absent = tmp_path / "absent" / "x.json"
    done = faultline("export", file, "--perfetto", absent, status=2)
    assert done.stderr.splitlines()[-1] == (
        f"faultline: {absent}: No such file or directory")
