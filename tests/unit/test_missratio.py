# tests/unit/test_missratio.py - the miss-ratio curve against exact memories
# SPDX-License-Identifier: MIT
"""A memory that replaces what was not used for longest, and its trace as the
kernel would write it: what is predicted of other sizes is compared with
memories of those sizes.
"""

import collections
import random
import sys
from pathlib import Path

import pytest

TOP = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(TOP / "tools"))

from tracelib import missratio  # noqa: E402
from tracelib.records import Record  # noqa: E402
from tracelib.schema import BITS, CAUSES, MAPS, PROCESSES  # noqa: E402

SPACING = 2
FRAMES = 1500
ACCESSES = 20_000
ACCESS_NS = 200_000
MISS_NS = 600_000
ROUND_NS = 50_000_000
PID = 7
FIRST_PAGE = 0x40000
TOLERANCE = 0.10


class Memory:
    """Of so many frames, the page that was not used for longest goes first.
    After a fork a page is two processes' until one of them writes to it."""

    def __init__(self, frames: int):
        self.frames = frames
        self._pages: collections.OrderedDict = collections.OrderedDict()
        self._free = list(range(1, frames + 1))
        self._content: dict[tuple[int, int], int] = {}
        self._users: dict[int, set] = {}    # of a content
        self._mapped: set[tuple[int, int]] = set()
        self._count = 0
        self.misses = 0

    def frame(self, pid: int, page: int) -> int:
        return self._pages[self._content[pid, page]]

    def _bring(self, content: int) -> None:
        if not self._free:
            old, frame = self._pages.popitem(last=False)
            self._free.append(frame)
            self._mapped -= self._users[old]
        self._pages[content] = self._free.pop()

    def _new(self, key: tuple[int, int]) -> None:
        self._leave(key)
        self._count += 1
        self._content[key] = self._count
        self._users[self._count] = {key}
        self._bring(self._count)
        self._mapped.add(key)

    def _leave(self, key: tuple[int, int]) -> None:
        content = self._content.pop(key, None)
        self._mapped.discard(key)
        if content is None:
            return
        self._users[content].discard(key)
        if not self._users[content] and content in self._pages:
            self._free.append(self._pages.pop(content))

    def access(self, pid: int, page: int, write: bool = False) -> str:
        """What kind of fault it is, if any."""
        key = pid, page
        content = self._content.get(key)
        if content is None:
            self._new(key)
            return "first"
        found = "hit" if key in self._mapped else "minor"
        if content not in self._pages:
            self._bring(content)
            self.misses += 1
            found = "miss"
        self._pages.move_to_end(content)
        self._mapped.add(key)
        if write and len(self._users[content]) > 1:
            self._new(key)
            return "copy" if found == "hit" else found
        return found

    def fork(self, parent: int, child: int) -> None:
        for (pid, page), content in list(self._content.items()):
            if pid == parent:
                self._content[child, page] = content
                self._users[content].add((child, page))
                if (pid, page) in self._mapped:
                    self._mapped.add((child, page))

    def end(self, pid: int) -> None:
        for key in [key for key in self._content if key[0] == pid]:
            self._leave(key)

    def __len__(self) -> int:
        return len(self._pages)


def fault(time_ns: int, page: int, cause: str, major: bool, pid: int = PID,
          frame: int = 0, write: bool = False) -> Record:
    info = (CAUSES.index(cause) | (BITS["TRACE_FAULT_MAJOR"] if major else 0) |
            write << BITS["TRACE_FAULT_ACCESS_SHIFT"])
    return Record("fault", time_ns, pid, (page << 12, 0, frame, 0, info))


def ending(time_ns: int, pid: int, how: str) -> Record:
    if how == "munmap":
        return Record("map", time_ns, pid, (0, 0xc0000000,
                                            MAPS.index("munmap"), 0, 0))
    return Record("process", time_ns, pid, (PROCESSES.index(how), 0, 0))


CAUSE_OF = {"first": "first_write", "miss": "swapped", "minor": "swapped",
            "copy": "copy_on_write"}


class Tracer:
    """What the kernel says of a memory at work."""

    def __init__(self, memory: Memory, spacing: int = SPACING):
        self.records: list[Record] = []
        self.time_ns = 0
        self._memory = memory
        self._spacing = spacing
        self._used: set[tuple[int, int]] = set()
        self._next_round = ROUND_NS

    def _say(self, kind: str, *values: int, pid: int = 1) -> None:
        self.records.append(Record(kind, self.time_ns, pid, values))

    def access(self, page: int, pid: int = PID, write: bool = False) -> None:
        page += FIRST_PAGE
        self.time_ns += ACCESS_NS
        came = self._memory.access(pid, page, write)
        if came in CAUSE_OF:
            self.time_ns += MISS_NS * (came == "miss")
            self.records.append(fault(
                self.time_ns, page, CAUSE_OF[came], came == "miss", pid,
                self._memory.frame(pid, page), write or came == "first"))
        block = page - page % self._spacing
        if missratio.sampled_page(block, self._spacing) == page:
            self._used.add((pid, page))
        if self.time_ns >= self._next_round:
            self.round()

    def fork(self, parent: int, child: int) -> None:
        self._memory.fork(parent, child)
        self._say("process", PROCESSES.index("fork"), child, 0, pid=parent)

    def end(self, pid: int, how: str) -> None:
        self._memory.end(pid)
        self._used = {key for key in self._used if key[0] != pid}
        self.records.append(ending(self.time_ns, pid, how))

    def round(self) -> None:
        for pid, page in sorted(self._used):
            self._say("sample", page << 12, 0, pid=pid)
        present = len(self._memory)
        self._say("zone", 1, 100 + self._memory.frames - present, 80, 90, 100)
        self._say("lru", present // 2, present - present // 2, 0, 0, 0)
        self._say("round", self._spacing, 0, present // self._spacing,
                  len(self._used))
        self._used.clear()
        self._next_round = self.time_ns + ROUND_NS


def loop(_dice):
    pages = int(1.25 * FRAMES)
    return [i % pages for i in range(ACCESSES)]


def hot_set(dice):
    pages = int(1.6 * FRAMES)
    hot = pages // 5
    return [dice.randrange(hot) if dice.random() < 0.8
            else dice.randrange(hot, pages) for _ in range(ACCESSES)]


def uniform(dice):
    pages = int(2.2 * FRAMES)
    return [dice.randrange(pages) for _ in range(ACCESSES)]


def zipf(dice):
    pages = 3 * FRAMES
    places = list(range(pages))
    dice.shuffle(places)
    weights = [1 / (rank + 20) for rank in range(pages)]
    return dice.choices(places, weights, k=ACCESSES)


def phases(dice):
    """A loop that fits, then one at another place, and back."""
    pages = int(0.9 * FRAMES)
    found = []
    for phase in range(6):
        base = pages * (phase % 2)
        found += [base + i % pages for i in range(ACCESSES // 6)]
    return found


PATTERNS = [loop, hot_set, uniform, zipf, phases]


def trace(pattern: list[int], frames: int = FRAMES) -> tuple[list, Memory]:
    memory = Memory(frames)
    tracer = Tracer(memory)
    for page in pattern:
        tracer.access(page)
    tracer.round()
    return tracer.records, memory


def exact(pattern: list[int], frames: int) -> int:
    memory = Memory(frames)
    for page in pattern:
        memory.access(PID, page)
    return memory.misses


@pytest.mark.parametrize("make", PATTERNS)
def test_other_sizes(make):
    pattern = make(random.Random(1))
    records, _ = trace(pattern)
    for point in missratio.curve(records):
        right = exact(pattern, int(point.factor * FRAMES))
        assert abs(point.pages - point.factor * FRAMES) <= 1
        # A hundredth of all accesses is not to be told from none.
        assert abs(point.predicted_majors - right) <= max(
            TOLERANCE * right, 0.01 * ACCESSES), (point, right)


def test_nothing_was_missed():
    """All fits: what less memory would do is known all the same."""
    pattern = loop(None)
    records, memory = trace(pattern, 2 * FRAMES)
    assert memory.misses == 0
    for point in missratio.curve(records, (0.25, 0.5, 0.75, 1.0, 2.0)):
        right = exact(pattern, int(point.factor * 2 * FRAMES))
        assert abs(point.predicted_majors - right) <= TOLERANCE * right


def test_other_spacings():
    """Those of a wider spacing are among those of each narrower one, one in
    each block, and not all at the same place in theirs."""
    for spacing in (2, 8, 64, 512):
        places = set()
        for block in range(0, 64 * spacing, spacing):
            page = missratio.sampled_page(block, spacing)
            assert block <= page < block + spacing
            half = spacing // 2
            inner = page - page % half
            assert missratio.sampled_page(inner, half) == page
            places.add(page - block)
        assert len(places) >= min(spacing, 8) / 2


def test_read_ahead():
    """Of the misses one in four was a major fault: so with other sizes."""
    pattern = loop(None)
    records, memory = trace(pattern)
    count = 0
    for i, record in enumerate(records):
        if record.type == "fault" and record["info"] & BITS[
                "TRACE_FAULT_MAJOR"]:
            count += 1
            if count % 4:
                records[i] = fault(record.time_ns, record["address"] >> 12,
                                   "swapped", False)
    points = {point.factor: point.predicted_majors
              for point in missratio.curve(records)}
    assert abs(points[1.0] - memory.misses / 4) <= 0.02 * memory.misses
    assert abs(points[0.5] - memory.misses / 4) <= 0.02 * memory.misses
    assert points[2.0] == 0


def test_first_reads_of_files_stay():
    pattern = loop(None)
    records, _ = trace(pattern)
    records += [fault(records[-1].time_ns + i, 0x8000 + i, "file_read", True)
                for i in range(50)]
    points = {point.factor: point.predicted_majors
              for point in missratio.curve(records)}
    assert points[2.0] == 50


def with_endings(memory, use, end) -> int:
    """A process with many pages, and others that come and go beside it."""
    for i in range(40):
        if i % 4 == 0:
            for page in range(FRAMES // 2):
                use(page, PID)
        for page in range(FRAMES // 3):
            use(page, PID + 1 + i)
        end(PID + 1 + i)
    return memory.misses


@pytest.mark.parametrize("how", ["exit", "exec", "munmap"])
def test_what_has_ended_leaves_its_memory(how):
    memory = Memory(FRAMES)
    tracer = Tracer(memory)
    assert with_endings(memory, tracer.access,
                        lambda pid: tracer.end(pid, how)) == 0
    for point in missratio.curve(tracer.records, (0.4, 0.7, 0.9, 1.0)):
        other = Memory(int(point.factor * FRAMES))
        right = with_endings(other, lambda page, pid, memory=other:
                             memory.access(pid, page), other.end)
        assert abs(point.predicted_majors - right) <= TOLERANCE * right


def with_forks(memory, use, fork, end, every: int) -> int:
    """Children that read all that their parent has, while it does the same in
    another order, and that write to every so manieth page of theirs."""
    pages = int(0.9 * FRAMES)
    dice = random.Random(3)
    for page in range(pages):
        use(page, PID, True)
    for child in range(PID + 1, PID + 4):
        fork(PID, child)
        order = list(range(pages))
        dice.shuffle(order)
        for page in range(pages):
            use(page, child, page % every == 0)
            use(order[page], PID, False)
        for page in range(pages):
            use(page, child, False)
        end(child)
        for page in range(pages):
            use(page, PID, False)
    return memory.misses


@pytest.mark.parametrize("every", [8, 1])
@pytest.mark.parametrize("frames", [FRAMES // 3, FRAMES // 2])
def test_what_a_child_shares_is_one_page(frames, every):
    memory = Memory(frames)
    tracer = Tracer(memory)
    misses = with_forks(memory, tracer.access, tracer.fork,
                        lambda pid: tracer.end(pid, "exit"), every)
    tracer.round()
    points = missratio.curve(tracer.records, (1.0, ))
    assert abs(points[0].predicted_majors - misses) <= 0.03 * misses
    for point in missratio.curve(tracer.records, (0.5, 0.75, 1.0, 1.5)):
        other = Memory(int(point.factor * frames))
        right = with_forks(other, lambda page, pid, write, memory=other:
                           memory.access(pid, page, write),
                           other.fork, other.end, every)
        assert abs(point.predicted_majors - right) <= max(
            TOLERANCE * right, 0.01 * ACCESSES), (point, right)


def process(what: str, pid: int, number: int = 0) -> Record:
    return Record("process", 0, pid, (PROCESSES.index(what), number, 0))


def with_sample(records: list[Record]) -> list[Record]:
    """A ROUND behind them, so that there is a spacing."""
    return [*records, Record("round", records[-1].time_ns + 1, 1, (1, 0, 9, 0))]


def majors_with_all_memory(records: list[Record]) -> int:
    """What no memory avoids: first reads."""
    return missratio.curve(with_sample(records), (100.0,))[0].predicted_majors


def test_a_new_program_reads_its_files_for_the_first_time():
    found = []
    for i in range(10):
        found += [process("fork", 1, 2), process("exec", 2),
                  fault(i, 77, "file_read", True, 2), process("exit", 2)]
    assert majors_with_all_memory(found) == 10


def test_a_child_reads_again_what_its_parent_had():
    found = [fault(1, 77, "file_read", True, 1), process("fork", 1, 2),
             fault(2, 77, "file_read", True, 2)]
    assert majors_with_all_memory(found) == 1


def heap(pid: int, pages: int) -> Record:
    start = FIRST_PAGE << 12
    return Record("map", 0, pid, (start, start + (pages << 12),
                                  MAPS.index("brk"), 0, 0))


def given_up(*between: Record) -> int:
    """How many of 100 pages that were used are given up by @between."""
    found = [fault(i, FIRST_PAGE + i, "first_write", False) for i in range(100)]
    found += between
    reader = missratio._Reader(with_sample(found), 1)
    return sum(reference.ends for reference in reader.references)


def test_a_heap_that_shrinks_gives_up_its_pages():
    assert given_up(heap(PID, 100), heap(PID, 40)) == 60
    assert given_up(heap(PID, 40), heap(PID, 100)) == 0


def test_a_process_ends_with_its_last_thread():
    thread = process("thread", PID, PID + 1)
    assert given_up(thread, process("exit", PID)) == 0
    assert given_up(thread, process("exit", PID),
                     process("exit", PID + 1)) == 100
    assert given_up(thread, process("exit", PID + 1)) == 0
    assert given_up(thread, process("exec", PID)) == 100


def test_a_number_that_was_a_threads_is_a_process():
    found = [process("thread", 1, 2), process("exit", 2),
             fault(1, 77, "file_read", True, 1), process("fork", 5, 2),
             fault(2, 77, "file_read", True, 2)]
    assert majors_with_all_memory(found) == 2


def test_working_set():
    tracer = Tracer(Memory(FRAMES))
    for i in range(4 * FRAMES):
        tracer.access(i % 500)
    for i in range(FRAMES):
        tracer.access(i % 50)
    tracer.round()
    found = missratio.working_set(tracer.records, 4 * ROUND_NS)
    middle, end = found[len(found) // 2][1], found[-2][1]
    assert 0.9 * 500 <= middle <= 1.1 * 500
    assert 0.8 * 50 <= end <= 1.2 * 50
    assert [time for time, _ in found] == [
        record.time_ns for record in tracer.records if record.type == "round"]


def test_without_samples():
    """Refault distances: those that more memory would have kept are gone."""
    records = [Record("zone", 0, 0, (1, 90, 80, 90, 100)),
               Record("lru", 0, 0, (600, 300, 50, 50, 0))]
    for i in range(100):
        records += [fault(i, i, "swapped", True),
                    Record("refault", i, PID, (10 * i, 0))]
    points = {point.factor: point.predicted_majors
              for point in missratio.curve(records)}
    assert points == {1.0: 100, 1.5: 49, 2.0: 0}


def test_without_swap_records_nothing_is_known():
    records = [Record("zone", 0, 0, (1, 90, 80, 90, 100)),
               Record("lru", 0, 0, (600, 300, 50, 50, 0)),
               fault(1, 1, "swapped", True)]
    assert missratio.curve(records) == []
    start = Record("start", 0, 0, (1, missratio.SWAP_GROUP, 0, 0))
    assert [point.predicted_majors for point in
            missratio.curve([start, *records])] == [1, 1, 1]


def test_nothing():
    assert [point.predicted_majors for point in missratio.curve([])] == [0] * 3
    assert missratio.working_set([]) == []
