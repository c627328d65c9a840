# tests/unit/test_trace_model.py - what was going on, out of records
# SPDX-License-Identifier: MIT

import json
import random
import re
import subprocess
import sys
from pathlib import Path

import pytest
import trace_world
from trace_world import (ALL_GROUPS, BASE, KSWAPD, KTRACE, MS, PAGE, PROGRAM,
                         SCRIPT, SHELL, WALKER, World, fault_info, map_what)

ROOT = Path(__file__).resolve().parents[2]
sys.path.append(str(ROOT / "tools"))

from tracelib import model, schema, spaces  # noqa: E402
from tracelib.records import Stream  # noqa: E402
from tracelib.report import (bins, page, places, swap,  # noqa: E402
                             timeline)
from tracelib.summary import Group  # noqa: E402

READ = schema.BITS["TRACE_MAP_READ"]
WRITE = schema.BITS["TRACE_MAP_WRITE"]
FORK, THREAD, EXEC, EXIT = (schema.PROCESSES.index(name) for name in
                            ("fork", "thread", "exec", "exit"))


@pytest.fixture
def world():
    return World()


@pytest.fixture(scope="module")
def walked():
    """(the machine, its history)"""
    world = trace_world.walk()
    return world, model.read(world.records)


def at(world: World, ms: int) -> World:
    world.now = ms * MS
    return world


def layout(space: spaces.Space) -> list[tuple[int, int, str, str]]:
    return [(area.start, area.end, area.kind, area.rights)
            for area in space.areas]


# ---- processes ---------------------------------------------------------------

def test_a_process_from_fork_to_exit(world):
    at(world, 10).name(SHELL, "sh")
    at(world, 20).say("PROCESS", SHELL, FORK, WALKER, 40)
    at(world, 30).file(PROGRAM, "/usr/local/bin/a-walker")
    world.say("PROCESS", WALKER, EXEC, PROGRAM)
    world.name(WALKER, "a-walker")
    at(world, 90).say("PROCESS", WALKER, EXIT, 256, 1234)
    history = model.read(world.records)
    walker = history.process(WALKER)
    assert walker.name == "a-walker"
    assert (walker.start_ns, walker.end_ns) == (20 * MS, 90 * MS)
    assert walker.has_ended
    assert walker.rss_max == 1234
    assert walker.programs == [(30 * MS, PROGRAM)]
    assert history.file(PROGRAM) == "/usr/local/bin/a-walker"
    assert not history.process(SHELL).has_ended
    assert history.elapsed_ns == 80 * MS


def test_a_number_that_is_given_again(world):
    at(world, 10).say("PROCESS", SHELL, FORK, WALKER)
    at(world, 20).say("FAULT", WALKER, 0x1000, 0, 0, 500,
                      fault_info("first_write"))
    at(world, 30).say("PROCESS", WALKER, EXIT)
    at(world, 40).say("PROCESS", SHELL, FORK, WALKER)
    at(world, 50).say("FAULT", WALKER, 0x2000, 0, 0, 500,
                      fault_info("first_write"))
    history = model.read(world.records)
    _, first, second = history.processes
    assert first.has_ended and not second.has_ended
    assert list(history.faults.owner) == [first.index, second.index]
    assert history.process(WALKER) is second


def test_a_number_that_is_given_again_when_its_end_was_lost(world):
    at(world, 10).say("PROCESS", WALKER, THREAD, WALKER + 1)
    at(world, 20).say("PROCESS", WALKER, EXIT)  # that of the thread was lost
    at(world, 30).say("PROCESS", SHELL, FORK, WALKER + 1)
    at(world, 40).say("FAULT", WALKER + 1, 0x1000, 0, 0, 500,
                      fault_info("first_write"))
    # One of which all ends were lost, with a thread.
    at(world, 50).say("PROCESS", SHELL, THREAD, SHELL + 1)
    at(world, 60).say("PROCESS", WALKER + 1, FORK, SHELL)
    history = model.read(world.records)
    walker, shell, second, third = history.processes
    assert (walker.has_ended, walker.end_ns) == (True, 20 * MS)
    assert (shell.has_ended, shell.end_ns) == (True, 50 * MS)
    assert list(history.faults.owner) == [second.index]
    assert not second.has_ended and not third.has_ended


def test_threads_are_of_their_process(world):
    world.say("PROCESS", WALKER, THREAD, WALKER + 1)
    world.say("FAULT", WALKER + 1, 0x1000, 0, 0, 500,
              fault_info("first_write"))
    at(world, 200).say("PROCESS", WALKER + 1, EXIT)
    history = model.read(world.records)
    assert [process.pid for process in history.processes] == [WALKER]
    assert list(history.faults.owner) == [0]
    assert not history.processes[0].has_ended


def test_a_process_ends_with_its_last_thread(world):
    at(world, 10).say("PROCESS", WALKER, THREAD, WALKER + 1)
    at(world, 20).say("PROCESS", WALKER, EXIT, 0, 50)
    at(world, 90).say("FAULT", WALKER + 1, 0x1000, 0, 0, 500,
                      fault_info("first_write"))
    lives = model.read(world.records).processes[0]
    assert (lives.has_ended, lives.end_ns) == (False, 90 * MS)
    at(world, 95).say("PROCESS", WALKER + 1, EXIT, 0, 70)
    history = model.read(world.records)
    [process] = history.processes
    assert (process.has_ended, process.end_ns) == (True, 95 * MS)
    assert process.rss_max == 70


@pytest.mark.parametrize("thread_is_known", [True, False])
def test_a_thread_that_runs_a_program_is_the_leader(world, thread_is_known):
    """Its number becomes that of the leader, who has told its end."""
    if thread_is_known:
        at(world, 10).say("PROCESS", WALKER, THREAD, WALKER + 1)
    at(world, 20).say("PROCESS", WALKER, EXIT, 9, 50)
    at(world, 30).say("PROCESS", WALKER, EXEC, PROGRAM)
    at(world, 40).say("FAULT", WALKER, 0x1000, 0, 0, 500,
                      fault_info("first_write"))
    lives = model.read(world.records).processes[0]
    assert (lives.has_ended, lives.end_ns) == (False, 40 * MS)
    at(world, 90).say("PROCESS", WALKER, EXIT, 0, 70)
    [process] = model.read(world.records).processes
    assert (process.has_ended, process.end_ns) == (True, 90 * MS)


RAN = [(20, "SWITCH", WALKER, SHELL), (30, "SWITCH", SHELL, WALKER)]
OFF_AND_ON = [(40, "START", KTRACE, 1, 1),
              (8000, "START", KTRACE, 1, ALL_GROUPS)]


@pytest.mark.parametrize("told", [
    [*RAN, *OFF_AND_ON], [*OFF_AND_ON, *RAN],   # those were in the ring
    [*RAN, (8000, "DROPPED", KTRACE, 70)]])
def test_nobody_has_run_while_switches_were_not_told(world, told):
    world.name(SHELL, "sh")
    for ms, kind, pid, *values in [*told, (8001, "SWITCH", SHELL, WALKER),
                                   (8003, "SWITCH", WALKER, SHELL),
                                   (8007, "SWITCH", SHELL, WALKER)]:
        at(world, ms).say(kind, pid, *values)
    history = model.read(world.records)
    assert history.process(SHELL).cpu_ns == (10 + 4) * MS


def test_one_that_nothing_is_known_of(world):
    world.say("FAULT", 77, 0x1000, 0, 0, 500, fault_info("first_write"))
    history = model.read(world.records)
    assert history.process(77).label == "? (77)"


def test_a_path_of_which_a_piece_is_missing(world):
    world.file(PROGRAM, "/usr/lib/i386-linux-gnu/libc.so.6")
    del world.records[1]
    assert model.read(world.records).file(PROGRAM) == (
        "/usr/lib/i38????????????libc.so.6")


# ---- address spaces ----------------------------------------------------------

def test_areas_come_and_go(world):
    at(world, 1).say("MAP", WALKER, 0x1000, 0x9000, map_what("mmap", "file"),
                     PROGRAM, 5)
    at(world, 2).say("MAP", WALKER, 0x3000, 0x5000, map_what("munmap"))
    space = model.read(world.records).process(WALKER).space
    assert layout(space) == [(0x1000, 0x3000, "file", "rw-p"),
                             (0x5000, 0x9000, "file", "rw-p")]
    assert [area.page for area in space.areas] == [5, 9]
    assert [(area.start, area.to_ns) for area in space.past] == [
        (0x1000, 2 * MS)]


def test_mprotect_splits(world):
    at(world, 1).say("MAP", WALKER, 0x1000, 0x9000, map_what("mmap"))
    at(world, 2).say("MAP", WALKER, 0x3000, 0x4000,
                     map_what("mprotect", rights=READ))
    space = model.read(world.records).process(WALKER).space
    assert layout(space) == [(0x1000, 0x3000, "anon", "rw-p"),
                             (0x3000, 0x4000, "anon", "r--p"),
                             (0x4000, 0x9000, "anon", "rw-p")]


def test_the_heap_is_one_area(world):
    for end in (0x9000, 0xc000, 0xa000):
        world.now += MS
        world.say("MAP", WALKER, 0x8000, end, map_what("brk", "none"))
    space = model.read(world.records).process(WALKER).space
    assert layout(space) == [(0x8000, 0xa000, "heap", "rw-p")]


def test_mmap_takes_the_place_of_what_is_there(world):
    world.say("MAP", WALKER, 0x1000, 0x9000, map_what("there"))
    at(world, 200).say("MAP", WALKER, 0x2000, 0x3000,
                       map_what("mmap", "shared", READ))
    space = model.read(world.records).process(WALKER).space
    assert [row[2] for row in layout(space)] == ["anon", "shared", "anon"]


def test_fork_copies_and_exec_clears(world):
    world.say("MAP", SHELL, 0x1000, 0x9000, map_what("mmap"))
    at(world, 200).say("PROCESS", SHELL, FORK, WALKER)
    at(world, 210).say("MAP", WALKER, 0x1000, 0x2000, map_what("munmap"))
    at(world, 220).say("PROCESS", SHELL, EXEC, PROGRAM)
    history = model.read(world.records)
    assert layout(history.process(WALKER).space) == [
        (0x2000, 0x9000, "anon", "rw-p")]
    shell = history.process(SHELL).space
    assert not shell.areas
    assert [(area.start, area.end) for area in shell.past] == [
        (0x1000, 0x9000)]


def test_a_stack_grows_by_faults(world):
    world.say("MAP", WALKER, 0xbffdf000, 0xc0000000, map_what("mmap", "stack"))
    world.say("FAULT", WALKER, 0xbffdc123, 0, 0, 900,
              fault_info("stack_growth", "stack"))
    space = model.read(world.records).process(WALKER).space
    assert space.find(0xbffdc000).kind == "stack"
    assert space.find(0xbffdbfff) is None


def test_a_stack_does_not_grow_into_what_is_there():
    space = spaces.Space()
    space.change((0x8000, 0xa000, map_what("mmap", "stack"), 0, 0), 1)
    space.change((0x3000, 0x5000, map_what("mmap"), 0, 0), 1)
    space.grow_stack(0x4000)
    assert layout(space) == [(0x3000, 0x5000, "anon", "rw-p"),
                             (0x8000, 0xa000, "stack", "rw-p")]


def test_spaces_of_nonsense():
    """Areas are in order, and do not overlap, whatever was damaged."""
    seed = random.randrange(1 << 32)
    print(f"SEED={seed}")
    dice = random.Random(seed)
    for _ in range(200):
        space = spaces.Space()
        for now in range(40):
            space.change((dice.randrange(16) * PAGE, dice.randrange(16) * PAGE,
                          dice.randrange(1 << 12), dice.randrange(3), 0), now)
            space.grow_stack(dice.randrange(16 * PAGE))
            areas = space.areas
            assert all(area.start < area.end for area in areas)
            assert all(area.end <= after.start
                       for area, after in zip(areas, areas[1:]))


def test_spaces_against_an_array():
    """Any changes, and what each page is after them."""
    seed = random.randrange(1 << 32)
    print(f"SEED={seed}")
    dice = random.Random(seed)
    space = spaces.Space()
    pages = [None] * 64
    for now in range(1, 2000):
        start = dice.randrange(63)
        end = dice.randrange(start + 1, 65)
        kind = dice.choice(["mmap", "munmap", "mprotect"])
        rights = dice.choice([READ, READ | WRITE])
        space.change((start * PAGE, end * PAGE, map_what(kind, rights=rights),
                      7, 100 + start), now)
        for i in range(start, end):
            if kind == "mmap":
                pages[i] = (rights, 100 + i)
            elif kind == "munmap":
                pages[i] = None
            elif pages[i]:
                pages[i] = (rights, pages[i][1])
        found = [None] * 64
        for area in space.areas:
            assert area.start < area.end and area.to_ns is None
            for i in range(area.start // PAGE, area.end // PAGE):
                assert found[i] is None
                found[i] = (area.what & spaces.RIGHTS_MASK,
                            area.page + i - area.start // PAGE)
        assert found == pages
    assert all(area.from_ns < area.to_ns for area in space.past)


# ---- the whole ---------------------------------------------------------------

def test_a_walk(walked):
    world, history = walked
    assert len(history.faults) == world.counted["pgfault"]
    assert len(history.outs) == world.counted["pswpout"]
    assert len(history.ins) == world.counted["pswpin"]
    assert sum(len(slot.outs) for slot in history.slots.values()) == (
        world.counted["pswpout"])
    wakes = [wake for wake in history.wakes if wake.mark == "low"]
    assert len(wakes) == len(history.reclaims)
    assert {wake.pid for wake in wakes} == {WALKER}
    assert {entry.pid for entry in history.reclaims} == {WALKER, KSWAPD}
    ahead = history.readahead[model.SWAP]
    assert ahead.read == world.counted["swap_ra"]
    assert ahead.used == world.counted["swap_ra_hit"]


def test_groups_that_are_changed(world):
    world.say("START", 9, 1, 1, 100)
    at(world, 500).say("START", 9, 1, 3, 100)
    at(world, 400).say("FAULT", WALKER, 0, 0, 0, 0, 0)  # was in the ring
    history = model.read(world.records)
    assert history.groups == 3
    assert (history.start_ns, history.end_ns) == (100 * MS, 500 * MS)


# ---- the report's numbers ----------------------------------------------------

def numbers(world, **lost):
    return page.numbers(Stream(world.records, boots=[0], **lost), "walk")


def test_numbers_are_the_guests(walked):
    found = numbers(walked[0])
    rows = {row["name"]: row for row in found["counters"]["rows"]}
    assert rows["pgfault"]["guest"] == walked[0].counted["pgfault"] > 3000
    assert rows["pgmajfault"]["guest"] == walked[0].counted["pgmajfault"]
    # No ALLOC, FREE or OOM; they are right when there were none.
    assert {row["state"] for row in rows.values()} == {"same"}
    assert found["losses"] == []


def test_what_goes_on_while_counters_are_sent():
    """A transfer is counted when it begins, a reclaim as it goes."""
    world = World()
    world.counters()
    at(world, 140).counted["pswpin"] += 1
    world.counted["pgscan_kswapd"] += 30
    world.counters()
    at(world, 150).say("SWAP_IN", WALKER, 1, 0, 20 * MS)
    at(world, 160).say("RECLAIM", KSWAPD, 0, 1, 70, 70, 40 * MS)
    rows = {row["name"]: row for row in numbers(world)["counters"]["rows"]}
    assert rows["pswpin"]["state"] == "same"
    assert rows["pswpin"]["page"] == 1
    at(world, 170).counted["pgscan_kswapd"] += 40
    world.counters()
    at(world, 180).counted["pgscan_kswapd"] += 5
    world.counters()
    at(world, 190).say("RECLAIM", KSWAPD, 0, 1, 50, 50, 15 * MS)
    rows = {row["name"]: row for row in numbers(world)["counters"]["rows"]}
    assert rows["pgscan_kswapd"]["state"] == "same"
    assert rows["pgscan_kswapd"]["page"] == 70


def test_what_the_machine_ended_in():
    """Counted, and never recorded: that counter is looked at earlier, not the
    others."""
    world = World()
    world.counters()
    for ms in (110, 120, 130):
        at(world, ms).say("FAULT", WALKER, BASE, 0, 0, 500,
                          fault_info("first_write"))
        world.counted["pgfault"] += 1
        world.counters()
    at(world, 140).say("SWAP_IN", WALKER, 1, 0, 500)
    world.counted["pswpin"] += 1
    at(world, 150).counters()
    at(world, 155).say("FAULT", WALKER, BASE, 0, 0, 500,
                       fault_info("first_write"))
    world.counted["pgfault"] += 1
    world.counted["pswpin"] += 1
    at(world, 160).counters()
    rows = {row["name"]: row for row in numbers(world)["counters"]["rows"]}
    assert (rows["pgfault"]["page"], rows["pgfault"]["to"]) == (4, 160 * MS)
    assert (rows["pswpin"]["page"], rows["pswpin"]["to"]) == (1, 150 * MS)
    assert {row["state"] for row in rows.values()} == {"same"}
    # What is lost before the end is not made good by that.
    world.records.remove(next(record for record in world.records
                              if record.type == "fault"))
    rows = {row["name"]: row for row in numbers(world)["counters"]["rows"]}
    assert rows["pgfault"]["state"] == "differs"
    assert rows["pgfault"]["to"] == 160 * MS


def test_what_is_lost_is_told(walked):
    world = World()
    world.records = [record for i, record in enumerate(walked[0].records)
                     if record.type != "fault" or i % 100]
    found = numbers(world, lost=40, noise=7)
    rows = {row["name"]: row["state"] for row in found["counters"]["rows"]}
    assert rows["pgfault"] == "differs"
    assert rows["pswpin"] == "same"
    assert len(found["losses"]) == 2


def test_groups_that_were_off_are_told(walked):
    world = World()
    world.records = [record for record in walked[0].records
                     if record.type in ("start", "fault", "counter", "name")]
    found = numbers(world)
    rows = {row["name"]: row["state"] for row in found["counters"]["rows"]}
    assert rows["pgfault"] == "same"
    assert rows["pswpin"] == "not recorded"
    for section in ("zones", "reclaim", "swap", "readahead"):
        assert "missing" in found[section]


def counted(world, groups):
    """For each START of @groups, a time with 3 faults. What they do in between
    has no record."""
    for i, bits in enumerate(groups):
        at(world, 100 + 100 * i).say("START", KTRACE, 1, bits, 600)
        for ms in range(10, 30, 5):
            at(world, 100 + 100 * i + ms).counters()
            if bits & 1 and ms < 25:
                world.now += MS
                world.say("FAULT", WALKER, BASE, 0, 0, 500,
                          fault_info("first_write"))
            world.counted["pgfault"] += ms < 25
        world.counted["pgfault"] += 20 * (not bits & 1)
    found = {row["name"]: row for row in numbers(world)["counters"]["rows"]}
    return found["pgfault"]["state"]


@pytest.mark.parametrize("groups,state", [
    ([1], "same"), ([1, 3], "same"), ([1, 2, 1], "not all recorded"),
    ([2, 1], "not all recorded"), ([2], "not recorded")])
def test_a_group_that_was_off_for_a_while_is_told(world, groups, state):
    assert counted(world, groups) == state


@pytest.mark.parametrize("lost,state", [(False, "same"), (True, "differs")])
def test_a_group_that_was_off_at_the_end_hides_no_loss(world, lost, state):
    counted(world, [1, 2])
    if lost:
        world.records.remove(next(record for record in world.records
                                  if record.type == "fault"))
    found = {row["name"]: row for row in numbers(world)["counters"]["rows"]}
    assert found["pgfault"]["state"] == state


def test_of_two_boots_the_longer(walked):
    short = trace_world.walk(50, 40, 1)
    found = page.numbers(Stream(short.records + walked[0].records,
                                boots=[0, len(short.records)]), "two")
    assert found["records"] == len(walked[0].records)
    assert "2 boots" in found["losses"][0]


def test_a_filter_is_told(walked):
    world = World()
    world.say("START", 9, 1, 1, 600, 1)
    world.records += [record for record in walked[0].records
                      if record.type != "fault" or record["address"] < BASE]
    found = numbers(world)
    rows = {row["name"]: row["state"] for row in found["counters"]["rows"]}
    assert rows["pgfault"] == "not all recorded"
    assert "filtered" in found["losses"][0]


def test_sums_are_kept(walked):
    world, history = walked
    found = numbers(world)
    faults = world.counted["pgfault"]
    causes = found["faults"]["causes"]
    assert sum(sum(cause["counts"]) for cause in causes) == faults
    assert sum(sum(cause["times"]) for cause in causes) == sum(
        history.faults.duration)
    assert sum(row["count"] for row in found["latency"]["rows"]) == faults
    for row in found["latency"]["rows"]:
        assert sum(row["histogram"]["counts"]) == row["count"]
    for picture in found["heat"]["processes"]:
        cells = picture["cells"]
        assert sum(cells[1::3]) == picture["faults"]
        assert sum(cells[2::3]) == picture["majors"]
        assert max(cells[0::3]) < picture["rows"] * picture["bins"]["columns"]
    slots = found["swap"]["map"]["cells"]
    assert sum(slots[1::3]) == world.counted["pswpout"]
    assert sum(slots[2::3]) == world.counted["pswpin"]
    assert sum(row["faults"] for row in found["processes"]["rows"]) == faults


def test_bands_are_named_and_do_not_overlap(walked):
    picture = numbers(walked[0])["heat"]["processes"][0]
    assert [band["name"] for band in picture["bands"]] == [
        "stack", "anonymous", "walker r-xp"]
    rows = [row for band in picture["bands"]
            for row in range(band["row"], band["row"] + band["rows"])]
    assert rows == list(range(picture["rows"]))


def test_thrashing_is_told_from_enough_memory(walked):
    assert numbers(walked[0])["headline"]["verdict"]["word"] == "thrashing"
    enough = trace_world.walk(400, 900, 3)
    assert numbers(enough)["headline"]["verdict"]["word"] == "calm"


@pytest.mark.parametrize("again,word", [
    (range(0), "calm"), (range(1), "calm"), (range(0, 2000, 10), "thrashing")])
def test_files_that_are_read_again(world, again, word):
    """To read a file for the first time is not to thrash, whatever else came
    back before."""
    for ms in range(0, 2000, 5):
        now = at(world, 10 + ms)
        if ms in again:
            now.say("REFAULT", WALKER, 100, 1)
        now.say("FAULT", WALKER, BASE + ms * 4096, 0, 0x100, 4 * MS,
                fault_info("file_read", "file", major=True))
    assert numbers(world)["headline"]["verdict"]["word"] == word


def test_what_lies_on_each_other_is_of_the_same_times(world):
    """A list that stands still has fewer points than one that moves."""
    rows = [(8000 + i * 37 % 900, 5000, 2000 + i * 11 % 90, 1000, i)
            for i in range(1200)]
    for i, row in enumerate(rows):
        at(world, 100 * i).say("ZONE", KTRACE, 1, 500, 10, 20, 30)
        world.say("LRU", KTRACE, *row)
    lists = timeline.memory(model.read(world.records))["lists"]
    columns = [each["points"] for each in lists]
    assert 100 < len(columns[0]) <= bins.POINTS_MAX
    for points in zip(*columns, strict=True):
        [time] = {time for time, _ in points}
        assert tuple(value for _, value in points) == (
            rows[time // (100 * MS)])


def test_code_is_that_of_the_program_then(world):
    """Before an exec another program was at the same addresses; and a library
    takes another's place."""
    def load(pid, file):
        world.say("MAP", pid, 0x8048000, 0x8060000,
                  map_what("mmap", "file", READ), file, 0)

    def fault():
        world.say("FAULT", WALKER, BASE, 0x8049123, 0, 500,
                  fault_info("first_write"))

    world.file(PROGRAM, "/bin/sh")
    world.file(SCRIPT, "/bin/walker")
    load(SHELL, PROGRAM)
    at(world, 110).say("PROCESS", SHELL, FORK, WALKER)
    for ms in (120, 130):
        at(world, ms)
        fault()
    at(world, 140).say("PROCESS", WALKER, EXEC, SCRIPT)
    at(world, 145)
    fault()     # of what is mapped only the next record tells
    at(world, 150)
    load(WALKER, SCRIPT)
    at(world, 160)
    fault()
    at(world, 170)
    load(WALKER, PROGRAM)
    fault()
    rows = places.places(model.read(world.records))["rows"]
    assert sorted((row["function"], row["file"], row["faults"])
                  for row in rows) == [
        ("sh+0x1123", "/bin/sh", 3), ("walker+0x1123", "/bin/walker", 2)]


def test_code_of_another_program_is_not_guessed(world):
    """What was there before the exec, no record has told."""
    world.say("FAULT", WALKER, BASE, 0x8049123, 0, 500,
              fault_info("first_write"))
    at(world, 140).say("PROCESS", WALKER, EXEC, PROGRAM)
    world.say("MAP", WALKER, 0x8048000, 0x8060000,
              map_what("mmap", "file", READ), PROGRAM, 0)
    [row] = places.places(model.read(world.records))["rows"]
    assert (row["function"], row["file"]) == ("0x8049123", "")


def test_one_median():
    world, group = World(), Group()
    for duration in (1000, 9000):
        group.add(duration)
        world.say("FAULT", WALKER, BASE, 0, 0, duration,
                  fault_info("first_write"))
    [row] = numbers(world)["latency"]["rows"]
    assert (row["median"], row["p99"]) == (1000, 9000)
    assert (group.percentile(50), group.percentile(99)) == (1000, 9000)


def test_who_was_killed_is_told(world):
    world.name(WALKER, "walker")
    for ms in range(100, 250, 10):
        at(world, ms).say("OOM", SHELL, WALKER, 600)
    found = numbers(world)["kills"]
    assert found["rows"][1] == {"time": 110 * MS, "pages": 600,
                                "label": f"walker ({WALKER})"}
    assert len(found["rows"]) + found["others"] == 15


def test_how_long_pages_stayed_out(world):
    for ms, kind in ((10, "SWAP_OUT"), (25, "SWAP_IN"), (30, "SWAP_IN"),
                     (40, "SWAP_OUT"), (47, "SWAP_IN")):
        at(world, ms).say(kind, WALKER, 5)
    # The read at 30 is of a page that had come in already.
    assert sorted(swap._away(model.read(world.records))) == [7 * MS, 15 * MS]


def test_buckets():
    for value in [*range(2, 3000), 1 << 31, (1 << 32) - 1]:
        bucket = bins.half_octave(value)
        assert bins.bucket_start(bucket) <= value
        assert value < bins.bucket_start(bucket + 1)


def test_a_name_cannot_end_the_page(world):
    world.name(WALKER, "</script><b>")
    world.say("FAULT", WALKER, BASE, 0, 0, 500, fault_info("first_write"))
    text = page.page(Stream(world.records, boots=[0]), "<b>@DATA@&.bin")
    assert "<b>" not in text
    assert text.count("</script>") == 3


# ---- the page's own code ----------------------------------------------------

def in_page(text: str, folder: Path, expression: str):
    """What @expression is in Chromium, and all that is in the page then."""
    file = folder / "page.html"
    file.write_text(text.replace(
        "</body>", "<script type='application/json' id='said'></script>"
        "<script>document.getElementById('said').textContent = "
        f"JSON.stringify({expression});</script></body>"), encoding="utf-8")
    done = subprocess.run(
        ["chromium", "--headless", "--no-sandbox", "--disable-gpu",
         f"--user-data-dir={folder}/chromium", "--virtual-time-budget=1000",
         "--dump-dom", file.as_uri()], text=True, capture_output=True,
        timeout=60, check=True)
    verdict, said = (
        json.loads(re.search(rf'id="{name}">(.*?)</script>', done.stdout,
                             re.S)[1]) for name in ("verdict", "said"))
    assert verdict["errors"] == []
    return said, done.stdout


def keys(value) -> set[str]:
    if isinstance(value, dict):
        return set(value).union(*map(keys, value.values()))
    if isinstance(value, (list, tuple)):
        return set().union(*map(keys, value[:50]))
    return set()


def test_all_that_is_in_the_page_is_used(walked):
    words = {word for file in page.WEB.glob("*.js")
             for word in re.findall(r"\w+", file.read_text())}
    # Tiles have an id that nothing asks for yet.
    assert keys(numbers(walked[0])) - words <= {"id"}


LISTS = [{"points": [[10, 5], [20, 6], [30, 7]]}, {"points": [[10, 100]]},
         {"points": [[20, 1000], [40, 2000]]}]


def test_charts_of_little(world, tmp_path):
    """All at one moment, in no time: nothing in the page is a NaN. And the
    functions that have to agree with Python's."""
    world.name(WALKER, "walker")
    for page_number in range(40):
        world.say("FAULT", WALKER, BASE + page_number * PAGE, 0x8049123, 0, 0,
                  fault_info("first_write"))
    world.say("OOM", SHELL, WALKER, 512)
    world.say("SWAP_OUT", WALKER, 1, 0, 1000)
    at(world, 100).say("SWAP_IN", WALKER, 1, 0, 1000)
    world.say("ZONE", KTRACE, 1, 500, 10, 20, 30)
    world.say("LRU", KTRACE, 5, 6, 7, 8, 9)
    bands = [{"start": BASE, "end": BASE + many * PAGE, "row": 3, "rows": rows}
             for many, rows in ((40, 40), (100, 84), (50, 7), (64, 3), (2, 3),
                                (1, 3))]
    said, text = in_page(
        page.page(Stream(world.records, boots=[0]), "little"), tmp_path,
        f"[{json.dumps(bands)}.map((band) => Array.from({{length: band.rows}},"
        " (_, i) => rowStart(band, band.row + i))),"
        f" stacked({json.dumps(LISTS)})]")
    assert "NaN" not in re.sub(r"<script>.*?</script>", "", text, flags=re.S)
    assert f"walker ({WALKER}) was killed; it had 2" in text
    starts, lists = said
    for band, found in zip(bands, starts):
        many = (band["end"] - band["start"]) // PAGE
        first = {}
        for number in range(many):  # as in heat.py
            first.setdefault(number * band["rows"] // many,
                             BASE + number * PAGE)
        for part, start in first.items():
            assert found[band["rows"] - 1 - part] == start
        assert all(BASE <= start < band["end"] for start in found)
    assert lists == [
        [[10, 0, 5], [20, 0, 6], [30, 0, 7]],
        [[10, 5, 105], [20, 6, 106], [30, 7, 107]],
        [[10, 105, 105], [20, 106, 1106], [30, 107, 1107]]]
