# tests/unit/test_trace.py - the reading end of a trace
# SPDX-License-Identifier: MIT
"""Records that the kernel's own code packs (test_trace_frame.c) are read back,
from streams as they are and as lines leave them.
"""

import os
import random
import struct
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BUILD = Path(os.environ.get("FAULTLINE_BUILD", ROOT / "build"))
sys.path.append(str(ROOT / "tools"))

from tracelib import frames, lines, records, reed_solomon, schema  # noqa: E402

RAW = struct.Struct("<QI5I")
ROUNDS = 300
DAMAGED = int(os.environ.get("TRACE_DAMAGED", "100"))
FUZZED = int(os.environ.get("TRACE_FUZZED", "2000"))


def as_tuples(found):
    return [(record.type, record.time_ns, record.pid, record.values)
            for record in found]


@pytest.fixture(scope="module", params=[64, 32])
def stream(request, tmp_path_factory):
    """(what was recorded, what was sent)"""
    program = f"{BUILD}/unit{request.param}/test_trace_frame"
    subprocess.run(["make", "-s", f"B={BUILD}", program], cwd=ROOT, check=True)
    name = tmp_path_factory.mktemp("trace") / "t"
    subprocess.run([program, "stream"], cwd=ROOT, check=True,
                   env=os.environ | {"TRACE_OUT": str(name)},
                   stdout=subprocess.PIPE)
    recorded = []
    for time, type_pid, *args in RAW.iter_unpack(
            name.with_suffix(".records").read_bytes()):
        kind = schema.TYPES[type_pid & 0xff]
        recorded.append((kind.name, time & ~63, type_pid >> 8, tuple(
            value & ~63 if field.coding == "time" else value
            for field, value in zip(kind.fields, args))))
    return recorded, name.with_suffix(".frames").read_bytes()


@pytest.fixture(scope="module")
def lines_sent(stream, tmp_path_factory):
    """The same as lines of text, as the kernel writes them."""
    path = max(tmp_path_factory.getbasetemp().glob("trace*/t.lines"),
               key=lambda path: path.stat().st_mtime)
    return path.read_bytes()


@pytest.fixture
def dice(request):
    seed = int(os.environ.get("SEED", random.randrange(1 << 32)))
    print(f"SEED={seed}")
    return random.Random(seed)


def read(data: bytes):
    return records.join(frames.find(data), len(data))


def check_no_lie(found, recorded) -> None:
    """Nothing is there that was not, and it is in order."""
    rest = iter(recorded)
    assert all(record in rest for record in as_tuples(found.records))


def test_as_it_was(stream):
    recorded, sent = stream
    found = read(sent)
    assert as_tuples(found.records) == recorded
    assert (found.lost, found.mended, found.noise) == (0, 0, 0)


def test_one_byte_in_a_hundred_is_damaged(stream, dice):
    recorded, sent = stream
    damaged = bytes(dice.randrange(256) if dice.random() < 0.01 else byte
                    for byte in sent)
    found = read(damaged)
    assert len(found.records) >= 0.95 * len(recorded)
    check_no_lie(found, recorded)
    # All but what the ends have lost is counted.
    assert len(recorded) - len(found.records) - found.lost < 100


def test_one_byte_in_twenty_is_missing(stream, dice):
    """By the packet, as adapters to USB lose them."""
    recorded, sent = stream
    pieces = []
    for at in range(0, len(sent), 64):
        if dice.random() >= 0.05:
            pieces.append(sent[at:at + 64])
    found = read(b"".join(pieces))
    assert len(found.records) >= 0.85 * len(recorded)
    check_no_lie(found, recorded)
    assert len(recorded) - len(found.records) - found.lost < 100


def test_one_byte_in_twenty_is_missing_by_itself(stream, dice):
    """As a port loses them that is read too late: hardly any frame is whole.
    """
    recorded, sent = stream
    found = read(bytes(byte for byte in sent if dice.random() >= 0.05))
    assert len(found.records) >= 0.85 * len(recorded)
    check_no_lie(found, recorded)
    assert len(recorded) - len(found.records) - found.lost < 100


def test_a_few_bytes_are_missing(stream):
    """Of one frame, anywhere in it: it is mended."""
    recorded, sent = stream
    for lost in range(1, frames.MISSING_MAX + 1):
        at = 96 * 10 + 11 * lost
        found = read(sent[:at] + sent[at + lost:])
        assert as_tuples(found.records) == recorded
        assert found.mended == 1


def _damaged(sent: bytes, dice) -> bytes:
    """Some frames of @sent, each byte of which may be hit, between what else
    there may be on a line."""
    pieces = []
    for _ in range(dice.randrange(2, 6)):
        at = 96 * dice.randrange(len(sent) // 96)
        piece = bytearray(sent[at:at + 96 * dice.randrange(1, 6)])
        share = dice.choice([0, 0.01, 0.03, 0.1])
        for place in reversed(range(len(piece))):
            if dice.random() < share:
                change = dice.randrange(4)
                if change == 0:
                    del piece[place]
                elif change == 1:
                    del piece[place:place + dice.randrange(9)]
                elif change == 2:
                    piece[place] ^= 1 << dice.randrange(8)
                else:
                    piece[place:place + 1] = dice.randbytes(
                        dice.randrange(1, 4))
        pieces += [bytes(piece), dice.choice([
            b"", b"", dice.randbytes(dice.randrange(300)),
            "[ 1.0] a log, of ‧‧ its own\r\n".encode() * 4,
            bytes([frames.MARK, frames.MARK & 0x7f]) * 3])]
    return b"".join(pieces)


def test_what_is_passed_over_has_no_frame(stream, dice, monkeypatch):
    """The eighth bits are looked at first, which must not cost a frame."""
    streams = [_damaged(stream[1], dice) for _ in range(DAMAGED)]
    found = [frames.find(data) for data in streams]
    monkeypatch.setattr(frames, "_alternates", lambda piece: True)
    monkeypatch.setattr(frames, "_has_few_gaps", lambda piece: True)
    assert found == [frames.find(data) for data in streams]
    mended = sum(frame.mended for each in found for frame in each)
    assert mended > DAMAGED // 2


def test_eighth_bits_of_a_run_of_zeros():
    """A byte too many and later one too few: in between all symbols are right,
    and all eighth bits are wrong."""
    sent = frames.make(bytes([1, 2, 3, 4]))
    for first, last in ((8, 80), (20, 40), (5, 82)):
        damaged = sent[:first] + b"\x80" + sent[first:last] + sent[last + 1:]
        [frame] = frames.find(damaged)
        assert frame.symbols == frames.find(sent)[0].symbols


@pytest.mark.parametrize("noise", [
    lambda dice, count: dice.randbytes(count),
    lambda dice, count: ("[ 1.0] a log, of ‧‧ its own\r\n".encode() *
                         (count // 30))])
def test_megabytes_of_something_else(noise, dice):
    """Fast enough for a log of a day: less than a tenth of a second of CPU
    each, where there is not one frame; ten times that is allowed."""
    data = noise(dice, 1 << 20)
    start = time.process_time()
    assert read(data).count == 0
    assert time.process_time() - start < 1


def test_between_other_things(stream, dice):
    recorded, sent = stream
    mixed = bytearray()
    for at in range(0, len(sent), 96):
        if dice.random() < 0.2:
            mixed += dice.choice([
                b"[    1.234567] mm: a line of the log\n",
                bytes([frames.MARK]) * 5, dice.randbytes(300)])
        mixed += sent[at:at + 96]
    found = read(bytes(mixed))
    assert as_tuples(found.records) == recorded
    assert found.noise == len(mixed) - len(sent)


def test_lines_between_those_of_a_log(stream, lines_sent, dice):
    recorded, _ = stream
    mixed = bytearray(b"a part of a line ")
    for line in lines_sent.splitlines(keepends=True):
        mixed += line.replace(b"\n", b"\r\n")
        if dice.random() < 0.2:
            mixed += dice.choice([
                b"[    1.234567] mm: a line of the log\r\n",
                b"~ # ls ~!\r\n", b"~!#$%\r\n", dice.randbytes(200)])
    found = read(bytes(mixed))
    assert as_tuples(found.records) == recorded
    assert (found.lost, found.mended) == (0, 0)


def test_lines_are_as_the_decoder_makes_them(stream, lines_sent):
    sent = stream[1]
    assert lines_sent == b"".join(lines.make(sent[at:at + 96])
                                  for at in range(0, len(sent), 96))


def test_lines_and_frames_in_one_file(stream, lines_sent):
    recorded, sent = stream
    half = len(sent) // 96 // 2
    found = read(sent[:96 * half] + lines_sent[107 * half:])
    assert as_tuples(found.records) == recorded


def test_a_character_of_a_line_is_wrong_or_missing(stream, lines_sent, dice):
    recorded, _ = stream
    sent = lines_sent.splitlines(keepends=True)[:60]
    whole = as_tuples(read(b"".join(sent)).records)
    assert whole == recorded[:len(whole)]
    for change in (lambda: bytes([dice.randrange(128)]), lambda: b""):
        damaged = []
        for line in sent:
            at = dice.randrange(2, 106)
            damaged.append(line[:at] + change() + line[at + 1:])
        # A character that became an end of line, or a mark, costs the line.
        found = read(b"".join(damaged))
        assert len(found.records) >= 0.9 * len(whole)
        check_no_lie(found, whole)


def test_a_line_that_is_cut(stream, lines_sent):
    """By a panic: the next one is read."""
    recorded, _ = stream
    sent = lines_sent.splitlines(keepends=True)
    found = read(sent[0] + sent[1][:50] + b"\r\n[ 1.0] panic: x\r\n" +
                 b"".join(sent[2:]))
    check_no_lie(found, recorded)
    assert len(found.records) + found.lost == len(recorded)


def damage(word: bytes, places, dice) -> bytes:
    damaged = bytearray(word)
    for at in places:
        damaged[at] ^= dice.randrange(1, 128)
    return bytes(damaged)


def test_errors_up_to_four_are_mended(dice):
    for _ in range(ROUNDS):
        count = dice.randrange(13, 128)
        word = _code_word(symbols(count - 12, dice))
        errors = dice.randrange(5)
        damaged = damage(word, dice.sample(range(count), errors), dice)
        assert reed_solomon.correct(damaged) == word


def test_errors_and_erasures(dice):
    for _ in range(ROUNDS):
        count = dice.randrange(20, 128)
        word = _code_word(symbols(count - 12, dice))
        erased = dice.randrange(9)
        places = dice.sample(range(count), erased + (8 - erased) // 2)
        damaged = damage(word, places, dice)
        assert reed_solomon.correct(damaged, places[:erased]) == word
        damaged = damage(word, places[:erased], dice)
        assert reed_solomon.fill(damaged, places[:erased]) == word


def test_more_is_not_taken_for_less(dice):
    """Five errors: four symbols say that it is nothing."""
    for _ in range(ROUNDS):
        word = _code_word(symbols(84, dice))
        damaged = damage(word, dice.sample(range(96), 5), dice)
        assert reed_solomon.correct(damaged) is None


def symbols(count: int, dice) -> bytes:
    return bytes(dice.randrange(128) for _ in range(count))


def _code_word(data: bytes) -> bytes:
    """By long division."""
    generator = [1]
    for power in range(12):
        generator = reed_solomon._product(generator,
                                          [reed_solomon.EXP[power], 1])
    rest = list(data) + [0] * 12
    for at in range(len(data)):
        factor = rest[at]
        for i, coefficient in enumerate(generator[::-1]):
            rest[at + i] ^= reed_solomon._multiply(coefficient, factor)
    return data + bytes(rest[-12:])


def test_anything_is_read(dice):
    """Frames that are none of ours, and tell themselves as if they were."""
    for _ in range(FUZZED):
        body = frames.make(symbols(83, dice))
        data = bytearray(dice.randbytes(dice.randrange(50)) + body)
        for _ in range(dice.randrange(5)):
            data[dice.randrange(len(data))] = dice.randrange(256)
        read(bytes(data))
