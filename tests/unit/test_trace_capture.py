# tests/unit/test_trace_capture.py - tools/faultline capture
# SPDX-License-Identifier: MIT
"""From a pair of pseudo-terminals, as if there were a serial line between, and
from sockets; with the line going away and coming back.
"""

import argparse
import contextlib
import errno
import os
import pty
import random
import signal
import socket
import subprocess
import sys
import termios
import threading
import time
import tty
from pathlib import Path

import pytest
from trace_pack import make, pack

ROOT = Path(__file__).resolve().parents[2]
sys.path.append(str(ROOT / "tools"))

from tracelib import (frames, lines, live, pieces, records,  # noqa: E402
                      schema)
from tracelib.commands import capture as command  # noqa: E402

TIMEOUT_S = 60


def frame(number: int) -> bytes:
    """With one record of DROPPED: number, task 0, at 64 ns, records=1."""
    bits = f"{number:016b}" + "0" + f"{22:05b}" + "0"
    bits += "00100" + "0" + "00010"  # time 1, folded; the mask; a number
    bits += "0" * (-len(bits) % 7)
    return frames.make(bytes(int(bits[at:at + 7], 2)
                             for at in range(0, len(bits), 7)))


FRAMES = [frame(number) for number in range(50)]


def test_the_frames_are_what_they_should_be():
    found = records.unpack(frames.find(FRAMES[7])[0].packed)
    assert [(r.type, r.time_ns, r.pid, r.values) for r in found] == [
        ("dropped", 64, 0, (1,))]


class Running:
    """A capture in the background, into a file."""

    def __init__(self, folder: Path, *arguments):
        self.output = folder / "out"
        self.errors = folder / "errors"
        self._process = subprocess.Popen(
            [ROOT / "tools/faultline", "capture", "-o", self.output,
             *arguments], stderr=self.errors.open("wb"))

    def wait_for_anything(self) -> None:
        deadline = time.monotonic() + TIMEOUT_S
        while not self.output.exists() or not self.output.stat().st_size:
            assert time.monotonic() < deadline, self.errors.read_text()
            time.sleep(0.02)

    def wait_for(self, data: bytes) -> None:
        deadline = time.monotonic() + TIMEOUT_S
        while (not self.output.exists()
               or not self.output.read_bytes().endswith(data)):
            assert time.monotonic() < deadline, self.errors.read_text()
            assert self._process.poll() is None, self.errors.read_text()
            time.sleep(0.02)

    def wait_for_words(self, words: str) -> None:
        deadline = time.monotonic() + TIMEOUT_S
        while words not in self.errors.read_text():
            assert time.monotonic() < deadline, self.errors.read_text()
            time.sleep(0.02)

    def end(self, number=signal.SIGINT) -> str:
        """What it said."""
        if number is not None:
            self._process.send_signal(number)
        assert self._process.wait(TIMEOUT_S) == 0, self.errors.read_text()
        return self.errors.read_text()

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()


@pytest.fixture
def capture(tmp_path):
    with contextlib.ExitStack() as stack:

        def start(*arguments):
            running = Running(tmp_path, *arguments)
            stack.callback(running.kill)
            return running

        yield start


class Wire:
    """A serial line by its name, which is there or not."""

    def __init__(self, name: Path):
        self.name = name
        self.plug()

    def plug(self) -> None:
        self.near, self._far = pty.openpty()
        tty.setraw(self._far)
        self.name.symlink_to(os.ttyname(self._far))

    def unplug(self) -> None:
        self.name.unlink()
        os.close(self.near)
        os.close(self._far)


def test_a_tty(capture, tmp_path):
    wire = Wire(tmp_path / "tty")
    running = capture(wire.name, "--baud", "57600")
    for each in FRAMES[:30]:
        os.write(wire.near, each)
    running.wait_for(FRAMES[29])
    modes = termios.tcgetattr(wire._far)
    assert modes[5] == termios.B57600 and not modes[3] & termios.ICANON
    # Of what is there when it is ended nothing is left behind.
    for each in FRAMES[30:]:
        os.write(wire.near, each)
    said = running.end()
    assert running.output.read_bytes() == b"".join(FRAMES)
    assert "50 records; 0 lost on the line, 50 dropped" in said
    assert f"{96 * 50} bytes" in said


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_adapter_that_vanishes(capture, tmp_path, number):
    wire = Wire(tmp_path / "tty")
    running = capture(wire.name)
    os.write(wire.near, FRAMES[0])
    running.wait_for(FRAMES[0])
    wire.unplug()
    running.wait_for_words("waiting for it")
    wire.plug()
    running.wait_for_words("there again")
    os.write(wire.near, FRAMES[3])
    running.wait_for(FRAMES[3])
    said = running.end(number)
    assert running.output.read_bytes() == FRAMES[0] + FRAMES[3]
    assert "2 records; 2 lost on the line" in said


def test_a_socket_and_times(capture, tmp_path):
    path = tmp_path / "socket"
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        listener.listen()
        running = capture(f"unix:{path}", "--once", "--times",
                          tmp_path / "times")
        before = time.time()
        connected = listener.accept()[0]
        connected.sendall(FRAMES[0])
        running.wait_for(FRAMES[0])
        connected.sendall(b"noise" + FRAMES[1])
        running.wait_for(FRAMES[1])
        connected.close()
        running.end(None)
    assert running.output.read_bytes() == FRAMES[0] + b"noise" + FRAMES[1]
    lines = [line.split() for line
             in (tmp_path / "times").read_text().splitlines()]
    assert [int(place) for place, _ in lines][:2] == [0, 96]
    assert all(before - 1 < float(when) < time.time() + 1 for _, when in lines)


def test_tcp_that_comes_later(capture):
    with socket.socket() as reserved:
        reserved.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        reserved.bind(("127.0.0.1", 0))
        port = reserved.getsockname()[1]
        running = capture(f"tcp:127.0.0.1:{port}")
        running.wait_for_words("waiting for it")
        reserved.listen()
        connected = reserved.accept()[0]
        connected.sendall(b"".join(FRAMES))
        running.wait_for(FRAMES[-1])
        connected.close()
        running.end()
    assert running.output.read_bytes() == b"".join(FRAMES)


@pytest.mark.parametrize("number", [None, signal.SIGINT, signal.SIGTERM])
def test_it_ends_while_data_keep_coming(capture, tmp_path, number):
    path = tmp_path / "socket"

    def send():
        connected = listener.accept()[0]
        with connected, contextlib.suppress(OSError):
            while True:
                connected.sendall(b"".join(FRAMES))

    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        listener.listen()
        sender = threading.Thread(target=send, daemon=True)
        sender.start()
        running = capture(f"unix:{path}", "--once", "--seconds",
                          str(TIMEOUT_S if number else 2))
        running.wait_for_anything()
        running.end(number)
        sender.join(TIMEOUT_S)
    assert running.output.read_bytes().startswith(FRAMES[0])


def test_a_listener_that_does_not_answer(capture):
    """Its queue is full: what asks for a connection hears nothing."""
    with contextlib.ExitStack() as stack:
        listener = stack.enter_context(socket.socket())
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        for _ in range(4):
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(listener.getsockname())
        running = capture(f"tcp:127.0.0.1:{listener.getsockname()[1]}",
                          "--seconds", "0.5")
        assert "timed out, waiting for it" in running.end(None)


def test_what_a_file_had_is_kept_until_there_is_a_source(capture, tmp_path):
    kept = [tmp_path / name for name in ("out", "times")]
    for file in kept:
        file.write_text("of another day, and longer than a frame " * 9)
    path = tmp_path / "socket"
    running = capture(f"unix:{path}", "--once", "--times", kept[1])
    running.wait_for_words("waiting for it")
    assert all("another day" in file.read_text() for file in kept)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        listener.listen()
        connected = listener.accept()[0]
        connected.sendall(FRAMES[0])
        connected.close()
        running.end(None)
    assert kept[0].read_bytes() == FRAMES[0]
    assert kept[1].read_text().startswith("0 ")


def test_a_source_that_never_was(capture, tmp_path):
    output = tmp_path / "out"
    output.write_text("of another day")
    running = capture(f"unix:{tmp_path}/no", "--seconds", "0")
    assert "out is as it was" in running.end(None)
    assert output.read_text() == "of another day"


class Machine:
    """That is told to end, and takes its time."""

    def __init__(self, looks: int):
        self.looks, self.told, self.reads = looks, 0, 0

    def terminate(self):
        self.told += 1

    def poll(self):
        self.looks -= bool(self.told)
        return None if self.looks else 0

    def read(self, _):
        """What it writes: there is always more, until it has ended."""
        self.reads += 1
        assert self.reads < 1000
        return FRAMES[0] if self.looks else b""


def test_a_machine_is_told_once_to_end(monkeypatch):
    monkeypatch.setattr(command, "Stop",
                        lambda: argparse.Namespace(asked=True))
    machine, counting = Machine(5), live.Live()
    command._watch(machine, machine, command.Screen(counting), counting)
    assert machine.told == 1


@pytest.mark.parametrize("arguments,words", [
    ((), "one source"), (("a", "b"), "one source"),
    (("/dev/null", "--baud", "5"), "no speed 5"),
    (("tcp:localhost",), "tcp:localhost: not tcp:HOST:PORT"),
    (("tcp:localhost:abc",), "tcp:localhost:abc: not"),
    (("tcp:localhost:",), "not tcp:"), (("tcp::1",), "not tcp:"),
    (("tcp:127.0.0.1:0",), "1 to 65535"),
    (("tcp:127.0.0.1:99999",), "1 to 65535"),
    (("tcp:a..b:1",), "not tcp:"),
    (("/dev/null", "--seconds", "-1"), "-1 is no number of seconds"),
    (("/dev/null", "--seconds", "nan"), "nan is no number of seconds"),
    (("/dev/null", "--seconds", "a"), "a is no number of seconds"),
    (("--seconds", "0", "--vm", "--", "true"), "other sources"),
    (("--seconds", "5", "--vm", "--", "true"), "other sources"),
    (("--once", "--vm", "--", "true"), "other sources"),
    (("--times", "t", "--vm", "--", "true"), "other sources")])
def test_what_makes_no_sense(tmp_path, arguments, words):
    output = tmp_path / "o"
    output.write_text("kept")
    done = subprocess.run(
        [ROOT / "tools/faultline", "capture", "-o", output, *arguments],
        capture_output=True, text=True, timeout=TIMEOUT_S)
    assert done.returncode == 2 and words in done.stderr
    assert output.read_text() == "kept"


def test_an_output_that_cannot_be(tmp_path):
    output = tmp_path / "no" / "o"
    done = subprocess.run(
        [ROOT / "tools/faultline", "capture", "-o", output,
         f"unix:{tmp_path}/later"], capture_output=True, text=True,
        timeout=TIMEOUT_S)
    assert done.returncode == 2
    assert done.stderr == f"faultline: {output}: No such file or directory\n"


def test_an_interrupt_is_not_explained(tmp_path):
    """Of a command that has nothing to save."""
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    decode = subprocess.Popen([ROOT / "tools/faultline", "decode", fifo],
                              stderr=subprocess.PIPE)
    deadline = time.monotonic() + TIMEOUT_S
    writer = None
    while writer is None:   # it has no reader: decode does not read yet
        assert time.monotonic() < deadline
        try:
            writer = os.open(fifo, os.O_WRONLY | os.O_NONBLOCK)
        except OSError as error:
            assert error.errno == errno.ENXIO
            time.sleep(0.02)
    decode.send_signal(signal.SIGINT)
    # Should it come just before a read begins, Python looks at it behind that.
    os.close(writer)
    said = decode.communicate(timeout=TIMEOUT_S)[1]
    assert (decode.returncode, said) == (130, b"")


def test_what_is_free_is_of_one_boot():
    normal, high = (schema.ZONES.index(name) for name in ("Normal", "HighMem"))

    def boot(zone, free, end_ns):
        return pack([make("start", 64, 2, version=1),
                     make("zone", 128, 2, zone=zone, free=free, high=9),
                     make("fault", end_ns, 2)])

    counting = live.Live()
    counting.feed(boot(high, 5000, 10 ** 10))
    counting.feed(boot(normal, 100, 192), is_end=True)
    assert counting.boots == 2
    assert "free Normal 400 KiB; faults" in counting.line(1, 1)
    assert sum(counting.faults.values()) == 2


def test_counting_by_pieces_of_any_size():
    sent = b"".join(FRAMES[:10]) + b"noise" * 30 + b"".join(FRAMES[12:])
    for size in (1, 7, 95, 97, 1000, len(sent)):
        counting = live.Live()
        for at in range(0, len(sent), size):
            counting.feed(sent[at:at + size])
        counting.feed(b"", is_end=True)
        assert (counting.records, counting.lost, counting.bytes) == (
            48, 2, len(sent))


def spoilt(dice, data: bytes) -> bytes:
    """Or not."""
    found = bytearray(data)
    for _ in range(dice.choice((0, 0, 0, 1, 4, 40))):
        found[dice.randrange(len(found))] = dice.randrange(256)
    for _ in range(dice.choice((0, 0, 0, 1, 3))):
        del found[dice.randrange(len(found))]
    return bytes(found)


@pytest.mark.parametrize("seed", range(4))
def test_pieces_have_what_the_whole_has(seed):
    dice = random.Random(seed)
    sent = b"".join(
        spoilt(dice, lines.make(each) if dice.random() < 0.3 else each) +
        dice.choice((b"", b"", b"[  1.0] said\n", dice.randbytes(700)))
        for each in FRAMES[:30])
    whole = [found.symbols for found in frames.scan(sent)]
    for largest in (30, 1000):
        taking, found, at = pieces.Pieces(), [], 0
        while at < len(sent):
            size = dice.randrange(1, largest)
            found += taking.frames(sent[at:at + size])
            at += size
        found += taking.frames(b"", is_end=True)
        assert [each.symbols for each in found] == whole


def test_what_is_no_frame_is_not_tried_again_and_again(monkeypatch):
    dice = random.Random(1)
    spoilt_line = b"~!" + b"#" * 50 + b"z" * 54 + b"\n"
    junk = dice.randbytes(20000) + spoilt_line * 20
    scanned = 0
    scan = frames.scan

    def counted(data):
        nonlocal scanned
        scanned += len(data)
        return scan(data)

    monkeypatch.setattr(frames, "scan", counted)
    taking, size = pieces.Pieces(), 200
    for at in range(0, len(junk), size):
        assert not list(taking.frames(junk[at:at + size]))
    assert scanned < 5 * len(junk)
    assert [found.symbols for found in taking.frames(FRAMES[0])] == [
        found.symbols for found in scan(FRAMES[0])]
