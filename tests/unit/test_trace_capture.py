# tests/unit/test_trace_capture.py - tools/faultline capture
# SPDX-License-Identifier: MIT
"""From a pair of pseudo-terminals, as if there were a serial line between, and
from sockets; with the line going away and coming back.
"""

import contextlib
import os
import pty
import signal
import socket
import subprocess
import sys
import termios
import time
import tty
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.append(str(ROOT / "tools"))

from tracelib import frames, live, records  # noqa: E402

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


@pytest.mark.parametrize("arguments,words", [
    ((), "one source"), (("a", "b"), "one source"),
    (("/dev/null", "--baud", "5"), "no speed 5"),
    (("--seconds", "5", "--vm", "--", "true"), "other sources"),
    (("--once", "--vm", "--", "true"), "other sources"),
    (("--times", "t", "--vm", "--", "true"), "other sources")])
def test_what_makes_no_sense(tmp_path, arguments, words):
    done = subprocess.run(
        [ROOT / "tools/faultline", "capture", "-o", tmp_path / "o",
         *arguments], capture_output=True, text=True, timeout=TIMEOUT_S)
    assert done.returncode == 2 and words in done.stderr


def test_counting_by_pieces_of_any_size():
    sent = b"".join(FRAMES[:10]) + b"noise" * 30 + b"".join(FRAMES[12:])
    for size in (1, 7, 95, 97, 1000, len(sent)):
        counting = live.Live()
        for at in range(0, len(sent), size):
            counting.feed(sent[at:at + size])
        counting.feed(b"", is_end=True)
        assert (counting.records, counting.lost, counting.bytes) == (
            48, 2, len(sent))
