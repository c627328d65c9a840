# tests/unit/test_trace_fuzz.py - streams that nobody has sent
# SPDX-License-Identifier: MIT
"""Streams are damaged in every way that a line, a file or a hand may find, and
frames are made whose content is nothing that a kernel packs. Whatever comes out
of that, nothing may fail that reads records; and of what was only damaged, no
record may come out that was not sent.

    TRACE_STREAMS=100000 SEED=7 pytest tests/unit/test_trace_fuzz.py

SEED repeats a run; a failure says which stream it was.
"""

import os
import random

import pytest
from test_trace_decode import SENT
from test_trace_export import any_records
from trace_pack import make, pack, rounded

from tracelib import (columns, export_csv, export_ctf, export_perfetto, frames,
                      lines, model, names, records, schema, summary, text)
from tracelib.commands import diff

STREAMS = int(os.environ.get("TRACE_STREAMS", "2000"))
EXPORT_EACH = 8  # files are made of one stream in so many
PIECES_MAX = 4   # frames of the kernel's in one stream


@pytest.fixture(scope="module")
def seed():
    value = int(os.environ.get("SEED", random.randrange(1 << 32)))
    print(f"SEED={value}")
    return value


@pytest.fixture(scope="module")
def sent():
    """(frames, what is in them): of two boots and of any values."""
    dice = random.Random(1)
    boots = [[*SENT, *any_records(dice, 400)],
             [make("start", 0), *SENT, *any_records(dice, 400)]]
    data = b"".join(pack(boot) for boot in boots)
    found = [data[at:at + frames.FRAME_BYTES]
             for at in range(0, len(data), frames.FRAME_BYTES)]
    return found, {key(rounded(record)) for boot in boots for record in boot}


def key(record):
    return record.type, record.time_ns, record.pid, record.values


# ---- damage: @data is a bytearray, changed in place ------------------------

def flip(dice, data):
    for _ in range(dice.randrange(1, 20)):
        data[dice.randrange(len(data))] ^= 1 << dice.randrange(8)


def overwrite(dice, data):
    at = dice.randrange(len(data))
    piece = dice.choice((b"\0", b"\xff", bytes([frames.MARK]), b"log\n",
                         dice.randbytes(4)))
    data[at:at + len(piece) * dice.randrange(1, 30)] = piece


def leave_out(dice, data):
    for _ in range(dice.randrange(1, 6)):
        at = dice.randrange(len(data) + 1)
        del data[at:at + dice.choice((1, 1, 2, 3, 8, 64))]


def insert(dice, data):
    for _ in range(dice.randrange(1, 4)):
        at = dice.randrange(len(data) + 1)
        data[at:at] = dice.choice((
            dice.randbytes(dice.randrange(1, 120)), b"[    1.0] a line\r\n",
            bytes([frames.MARK]) * dice.randrange(1, 100)))


def cut(dice, data):
    del data[dice.randrange(len(data) + 1):]
    del data[:dice.randrange(len(data) + 1)]


def repeat(dice, data):
    a, b = sorted(dice.randrange(len(data) + 1) for _ in "ab")
    at = dice.randrange(len(data) + 1)
    data[at:at] = data[a:b]


def seven_bits(dice, data):
    """As a line that is set so."""
    mask = dice.choice((0x7f, 0xfe))
    data[:] = bytes(byte & mask for byte in data)


def newlines(dice, data):
    """As a terminal makes of them."""
    data[:] = dice.choice((data.replace(b"\n", b"\r\n"),
                           data.replace(b"\r", b"\n")))


DAMAGE = (flip, overwrite, leave_out, insert, cut, repeat, seven_bits, newlines)


def nonsense(dice):
    """Frames that are right, of content that is not."""
    found = b""
    for _ in range(dice.randrange(1, 4)):
        count = dice.randrange(1, frames.PARITY_AT)
        likely = dice.choice((0x7f, 0, None))
        found += frames.make(bytes(
            dice.randrange(128) if likely is None or dice.random() < 0.1 else
            likely for _ in range(count)))
    return found


def as_lines(dice, piece):
    """As they are on a port that the log has, too."""
    found = b""
    for at in range(0, len(piece), frames.FRAME_BYTES):
        if dice.random() < 0.3:
            found += b"[    1.000000] mm: a line of the log ~!\n"
        found += lines.make(piece[at:at + frames.FRAME_BYTES])
    return found


def stream(dice, whole):
    """(data, may anything be in it?)"""
    pieces = [dice.choice(whole) for _ in range(dice.randrange(PIECES_MAX))]
    made = dice.random() < 0.3
    if made:
        pieces.insert(dice.randrange(len(pieces) + 1), nonsense(dice))
    if dice.random() < 0.3:
        pieces = [as_lines(dice, piece) for piece in pieces]
    data = bytearray(b"".join(pieces))
    for _ in range(dice.randrange(3)):
        if data:
            dice.choice(DAMAGE)(dice, data)
    return bytes(data), made


# ---- what reads records ----------------------------------------------------

def show(found):
    """As decode, symbolize and diff do."""
    for boot in found.by_boot():
        told, history = names.Names(), model.History()
        for record in boot:
            told.tell(record)
            history.feed(record)
            line = text.line(record, told)
            assert "\n" not in line and line.isprintable()
            process = history.process(record.pid)
            if process:
                process.space.find(record.values[0])
                check_areas(process.space.areas)
    text.summary(found)
    one, other = summary.Summary(), summary.Summary(lost=found.lost)
    for boot in found.by_boot():
        one.add_boot(boot)
    assert diff.compare(one, other, per_second=True)


def check_areas(areas):
    """In order and without overlap, whatever was mapped."""
    for area, after in zip(areas, areas[1:]):
        assert area.start < area.end <= after.start


def export(found, folder):
    boots = found.by_boot()

    def each():
        return ((number, record) for number, boot in enumerate(boots)
                for record in boot)

    export_csv.write_file(each(), folder / "all.csv")
    export_perfetto.write(each(), folder / "t.json")
    if boots:
        export_ctf.write(boots, folder / "ctf")


def check(data, anything, allowed, folder):
    found = records.join(frames.find(data), len(data))
    assert 0 <= found.noise <= len(data)
    assert sum(map(len, found.by_boot())) == found.count
    if not anything:
        for record in found.records:
            assert key(record) in allowed, record
    show(found)
    if folder:
        export(found, folder)
    return found.count


def test_streams(seed, sent, tmp_path):
    whole, allowed = sent
    count = 0
    for number in range(STREAMS):
        data, anything = stream(random.Random(seed + number), whole)
        folder = None if number % EXPORT_EACH else tmp_path
        try:
            count += check(data, anything, allowed, folder)
        except Exception as error:
            raise AssertionError(
                f"SEED={seed + number} TRACE_STREAMS=1 fails, a stream of "
                f"{len(data)} bytes: {data.hex()}") from error
    print(f"{count} records in {STREAMS} streams")
    assert STREAMS < 100 or count > STREAMS


def test_every_value_has_a_text():
    """Fields of all ones, and types by themselves."""
    for kind in schema.TYPES.values():
        for value in (0, 1, 0x80000000, 0xffffffff):
            record = make(kind.name, 1 << 60, 0xffffff,
                          **{field.name: value for field in kind.fields})
            line = text.line(record)
            assert line.isprintable()
            # The short way and the long one.
            assert line.endswith(" ".join(
                text._word(*cell)
                for cell in text.cells(record, names.Names())))
            for column in columns.COLUMNS[kind.name]:
                columns.get(record, column.name)
            assert set(dict(text.cells(record, names.Names()))) <= set(
                text.titles(kind.name))


def test_every_time_is_exported(tmp_path):
    """Boots by the hundred, and clocks at their ends."""
    boots = [[make("zone", time, 0xffffff), make("fault", time, 3,
                                                 duration=0xffffffff)]
             for time in (1 << 62, 0, 5) * 100]
    stream = records.Stream([record for boot in boots for record in boot],
                            boots=list(range(0, 2 * len(boots), 2)))
    export(stream, tmp_path)
    show(stream)
