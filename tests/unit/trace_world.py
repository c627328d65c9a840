# tests/unit/trace_world.py - a machine that is made up, and its trace
# SPDX-License-Identifier: MIT
"""walk() has a process fill more pages than there are frames and read them
round after round, first in, first out: as memwalk does to a real kernel. It
gives the records that a kernel would write, and with COUNTER what it would have
counted, so that everything that is made of a trace can be told by numbers that
are known.
"""

import collections

from tracelib import schema
from tracelib.records import BY_NAME, Record

PAGE = 4096
BASE = 0xa8000000
SHELL, WALKER, KSWAPD, KTRACE = 5, 12, 3, 9
PROGRAM, SCRIPT = 0x80, 0x81
MS = 1_000_000
CAUSE = {name: number for number, name in enumerate(schema.CAUSES)}
AREA = {name: number for number, name in enumerate(schema.AREAS)}
MAP = {name: number for number, name in enumerate(schema.MAPS)}
RIGHTS = schema.BITS["TRACE_MAP_READ"] | schema.BITS["TRACE_MAP_WRITE"]
ALL_GROUPS = 0xfff


def fault_info(cause: str, area: str = "anon", access: str = "write",
               major: bool = False, result: int = 0) -> int:
    bits = schema.BITS
    return (CAUSE[cause] |
            schema.ACCESSES.index(access) << bits["TRACE_FAULT_ACCESS_SHIFT"] |
            AREA[area] << bits["TRACE_FAULT_AREA_SHIFT"] |
            (bits["TRACE_FAULT_MAJOR"] if major else 0) |
            result << bits["TRACE_FAULT_RESULT_SHIFT"])


def map_what(kind: str, area: str = "anon", rights: int = RIGHTS) -> int:
    return (MAP[kind] | rights |
            AREA[area] << schema.BITS["TRACE_MAP_AREA_SHIFT"])


class World:
    """Writes records, and counts as the kernel does."""

    def __init__(self):
        self.now = 100 * MS
        self.records: list[Record] = []
        self.counted: collections.Counter[str] = collections.Counter()

    def say(self, kind: str, pid: int, *values: int) -> None:
        names = BY_NAME[kind.lower()].fields
        values += (0,) * (len(names) - len(values))
        self.records.append(Record(kind.lower(), self.now, pid, values))

    def name(self, pid: int, name: str) -> None:
        raw = name.encode().ljust(16, b"\0")
        self.say("NAME", KTRACE, pid, *_words(raw))

    def file(self, number: int, path: str) -> None:
        raw = path.encode() + b"\0"
        for piece in range(0, len(raw), 12):
            self.say("FILE", KTRACE, number, piece // 12,
                     *_words(raw[piece:piece + 12].ljust(12, b"\0")))

    def counters(self) -> None:
        for number, name in enumerate(schema.COUNTERS):
            self.say("COUNTER", KTRACE, number, self.counted[name])


def _words(raw: bytes) -> list[int]:
    return [int.from_bytes(raw[i:i + 4], "little")
            for i in range(0, len(raw), 4)]


class _Walk(World):
    def __init__(self, pages: int, frames: int):
        super().__init__()
        self.pages, self.frames = pages, frames
        self.low, self.high = frames // 16, frames // 8
        self.there: collections.deque[int] = collections.deque()
        self.present: set[int] = set()
        self.slot_of: dict[int, int] = {}
        self.tenth = 0

    def begin(self) -> None:
        self.say("START", KTRACE, 1, ALL_GROUPS, self.frames)
        self.counters()
        self.name(SHELL, "sh")
        self.say("PROCESS", SHELL, schema.PROCESSES.index("fork"), WALKER, 40)
        self.file(PROGRAM, "/bin/walker")
        self.say("PROCESS", WALKER, schema.PROCESSES.index("exec"), PROGRAM)
        self.name(WALKER, "walker")
        self.name(KSWAPD, "kswapd")
        text = schema.BITS["TRACE_MAP_READ"] | schema.BITS["TRACE_MAP_EXEC"]
        self.say("MAP", WALKER, 0x8048000, 0x8050000,
                 map_what("mmap", "file", text), PROGRAM, 0)
        self.say("MAP", WALKER, 0xbffdf000, 0xc0000000,
                 map_what("mmap", "stack"), 0, 0)
        self.say("MAP", WALKER, BASE, BASE + self.pages * PAGE,
                 map_what("mmap"), 0, 0)
        for page in range(8):
            self.fault(0x8048000 + page * PAGE, "file_read", "file", 400_000,
                       major=page % 4 == 0)
        self.fault(0xbffff000, "stack_growth", "stack", 9_000)

    def fault(self, address, cause, area, duration, major=False) -> None:
        self.now += duration + 20_000
        self.say("FAULT", WALKER, address, 0x8049123, 0x4000, duration,
                 fault_info(cause, area, major=major))
        self.counted["pgfault"] += 1
        self.counted["pgmajfault"] += major
        if self.now // (100 * MS) != self.tenth:
            self.tenth = self.now // (100 * MS)
            self.status()

    def status(self) -> None:
        free = self.frames - len(self.there)
        self.say("ZONE", KTRACE, 1, free, self.low // 2, self.low, self.high)
        self.say("LRU", KTRACE, len(self.there) // 3,
                 len(self.there) * 2 // 3, 10, 20, len(self.slot_of))
        self.counters()

    def make_room(self) -> None:
        free = self.frames - len(self.there)
        if free >= self.low:
            return
        self.say("MARK", WALKER, 1, schema.MARKS.index("low"), free)
        taken = 0
        while free + taken < self.high:
            page = self.there.popleft()
            self.present.remove(page)
            slot = self.slot_of.setdefault(page, len(self.slot_of) + 1)
            self.now += 3_000
            self.say("SWAP_OUT", KSWAPD, slot, 0x4000, 80_000)
            taken += 1
        self.counted["pswpout"] += taken
        # Now and then the walker is faster than kswapd.
        who = "direct" if self.now // 1000 % 4 == 0 else "kswapd"
        self.say("RECLAIM", WALKER if who == "direct" else KSWAPD,
                 schema.RECLAIMERS.index(who), 1, taken * 2, taken, 200_000)
        self.say("SKIPPED", KSWAPD, taken, 1, 0, 0, 0)
        self.counted[f"pgscan_{who}"] += taken * 2
        self.counted[f"pgsteal_{who}"] += taken
        if who == "direct":
            self.counted["allocstall_normal"] += 1
        self.say("MARK", KSWAPD, 1, schema.MARKS.index("high"), free + taken)

    def touch(self, page: int) -> None:
        if page in self.present:
            return
        self.make_room()
        swapped = page in self.slot_of
        if swapped:
            slot = self.slot_of[page]
            self.now += 150_000
            self.say("SWAP_IN", WALKER, slot, 0x4000, 150_000, 0)
            self.say("REFAULT", WALKER, self.pages - self.frames, 0)
            self.say("READAHEAD", WALKER, 0, slot + 1, 2,
                     schema.READAHEADS.index("read"))
            self.say("READAHEAD", WALKER, 0, slot + 1, 1,
                     schema.READAHEADS.index("used" if page % 2 else "unused"))
            self.counted["pswpin"] += 1
            self.counted["workingset_refault_anon"] += 1
            self.counted["swap_ra"] += 2
            self.counted["swap_ra_hit"] += page % 2
            self.say("DISK", WALKER, slot * 8, 8, 0, 140_000, 0)
        self.there.append(page)
        self.present.add(page)
        self.fault(BASE + page * PAGE, "swapped" if swapped else "first_write",
                   "anon", 160_000 if swapped else 2_500, swapped)

    def end(self) -> None:
        self.say("PROCESS", WALKER, schema.PROCESSES.index("exit"), 0,
                 self.frames)
        self.now += MS
        self.status()


def walk(pages: int = 900, frames: int = 600, rounds: int = 4) -> World:
    world = _Walk(pages, frames)
    world.begin()
    for _ in range(rounds):
        for page in range(pages):
            world.touch(page)
    world.end()
    return world
