# tests/unit/test_trace_repeat.py - a frame that a machine sent again at its end
# SPDX-License-Identifier: MIT
"""trace_end interrupts the thread that sends: of the frame that it was about to
send nobody knows whether it went out, and what was in it is sent again, behind
START and names, from the number on that this frame had.
"""

import sys
from pathlib import Path

import pytest
from trace_pack import make, names, pack, paths

ROOT = Path(__file__).resolve().parents[2]
sys.path.append(str(ROOT / "tools"))

from tracelib import frames, live, records  # noqa: E402

MS = 1_024_000  # of which the line's clock has a whole number
NUMBER_SHIFT = 5  # of the symbols that a frame's number ends in
WALKER, KTRACE = 7, 2


def fault(n: int):
    return make("fault", (10 + n) * MS, WALKER, address=4096 * (n * n % 977))


def numbered(sent: bytes, number: int) -> list[bytes]:
    """Frames, of which the first record has that number."""
    found = []
    for frame in frames.find(sent):
        packed = bytearray(frame.packed)
        head = packed[0] << 14 | packed[1] << 7 | packed[2]
        head = (number & 0xffff) << NUMBER_SHIFT | head % (1 << NUMBER_SHIFT)
        packed[:3] = head >> 14, head >> 7 & 127, head & 127
        found.append(frames.make(bytes(packed)))
        number += len(records.unpack(frame.packed))
    return found


BEGUN = [make("start", 9 * MS, KTRACE, version=1),
         *names(WALKER, "walker", 9 * MS), *map(fault, range(200))]


@pytest.fixture(scope="module")
def begun():
    """(frames, the number of the last one's first record)"""
    sent = numbered(pack(BEGUN), 0)
    last = records.unpack(frames.find(sent[-1])[0].packed)
    assert len(sent) > 5 and 2 < len(last) < 150
    return sent, len(BEGUN) - len(last)


def end_of(first: int, dropped: int = 0) -> list:
    """What trace_end sends of all from BEGUN[@first] on."""
    now = 500 * MS
    skipped = [make("dropped", now, KTRACE, records=dropped)]
    return [make("start", now, KTRACE, version=1), *skipped[:dropped],
            *names(WALKER, "walker", now), *paths(5, "/bin/walker", now),
            *BEGUN[first + dropped:], *map(fault, range(200, 300)),
            make("counter", now + MS, KTRACE, number=11, value=300)]


def faults(found) -> list[int]:
    return [record.time_ns // MS - 10 for record in found
            if record.type == "fault"]


def read(sent: list[bytes]) -> records.Stream:
    data = b"".join(sent)
    told = live.Live()
    told.feed(data, is_end=True)
    stream = records.join(frames.find(data), len(data))
    assert (told.records, told.lost, told.boots) == (
        stream.count, stream.lost, len(stream.boots))
    return stream


def test_a_frame_that_came(begun):
    sent, number = begun
    stream = read(sent + numbered(pack(end_of(number)), number))
    assert stream.lost == 0
    assert faults(stream.records) == list(range(300))
    assert [record.type for record in stream.records].count("start") == 2
    assert len(stream.boots) == 1


def test_a_machine_that_ends_within_its_first_frame():
    few = BEGUN[:6]
    sent = numbered(pack(few), 0)
    assert len(sent) == 1
    again = [make("start", 500 * MS, KTRACE, version=1), *few[1:],
             make("counter", 501 * MS, KTRACE, number=11, value=300)]
    stream = read(sent + numbered(pack(again), 0))
    assert (stream.lost, len(stream.boots)) == (0, 1)
    assert faults(stream.records) == list(range(4))


@pytest.mark.parametrize("missing", [0, 1, 2])
def test_a_boot_whose_first_frames_are_lost(missing):
    """The one before took 20 s."""
    first = numbered(pack([make("start", 9 * MS, KTRACE, version=1),
                           *(fault(20 * n) for n in range(1000))]), 0)
    second = numbered(pack(BEGUN), 0)
    stream = read(first + second[missing:])
    lost = sum(len(records.unpack(frames.find(frame)[0].packed))
               for frame in second[:missing])
    assert (stream.lost, stream.boots) == (lost, [0, 1001])


def test_a_frame_with_nothing_new(begun):
    sent, number = begun
    stream = read(sent + numbered(pack(BEGUN[number:]), number))
    assert (stream.lost, stream.count) == (0, len(BEGUN))


def test_a_frame_that_did_not_come(begun):
    sent, number = begun
    stream = read(sent[:-1] + numbered(pack(end_of(number)), number))
    assert stream.lost == 0
    assert faults(stream.records) == list(range(300))


def test_its_number_goes_back_and_nothing_is_sent_again(begun):
    """Between two stores of send_frame()."""
    sent, number = begun
    stream = read(sent + numbered(pack(end_of(len(BEGUN))), number))
    assert stream.lost == 0
    assert faults(stream.records) == list(range(300))


def test_a_part_is_sent_again(begun):
    sent, number = begun
    stream = read(sent + numbered(pack(end_of(number, dropped=1)), number))
    assert stream.lost == 0
    assert faults(stream.records) == list(range(300))


def test_the_first_one_sent_again_is_lost(begun):
    sent, number = begun
    again = numbered(pack(end_of(number)), number)
    first = records.unpack(frames.find(again[0])[0].packed)
    stream = read(sent + again[1:])
    assert stream.lost <= len(first)
    found = faults(stream.records)
    assert found == sorted(set(found)) and len(found) > 300 - len(first)


@pytest.mark.parametrize("lost", [1, 1000, 33000, 65000])
def test_what_is_lost_is_still_counted(begun, lost):
    sent, _ = begun
    later = numbered(pack([fault(n) for n in range(300, 400)]),
                     len(BEGUN) + lost)
    stream = read(sent + later)
    assert stream.lost == lost
    assert len(stream.records) == len(BEGUN) + 100


def test_the_same_twice_is_told_twice(begun):
    """Only where a number goes back a record may be one that was had."""
    sent, _ = begun
    stream = read(sent + numbered(pack(BEGUN[-3:]), len(BEGUN)))
    assert stream.lost == 0 and stream.count == len(BEGUN) + 3
