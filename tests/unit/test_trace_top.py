# tests/unit/test_trace_top.py - the live view, and what is behind it
# SPDX-License-Identifier: MIT

import fcntl
import os
import pty
import re
import select
import signal
import socket
import struct
import subprocess
import sys
import termios
import threading
import time
from pathlib import Path

import pytest
import trace_pack
import trace_world
from trace_world import MS, SHELL, WALKER, World, fault_info

ROOT = Path(__file__).resolve().parents[2]
sys.path.append(str(ROOT / "tools"))

from tracelib import follow, frames, records, screen, window  # noqa: E402

COLUMNS, ROWS = 80, 24
WAIT_S = 60


@pytest.fixture(scope="module")
def world():
    return trace_world.walk(300, 200, 3)


@pytest.fixture(scope="module")
def stream(world):
    return trace_pack.pack(world.records)


# ---- the window --------------------------------------------------------------

def window_of(world, seconds=2.0) -> window.Window:
    found = window.Window(seconds)
    for record in world.records:
        found.feed(record)
    return found


def test_only_the_last_moments_count():
    world = World()
    for ms in (0, 500, 900, 1000, 1900):
        world.now = ms * MS
        world.say("FAULT", WALKER, 0x1000, 0, 0, 10 * MS,
                  fault_info("swapped", major=True))
    found = window_of(world, 1.0)
    task = found.tasks()[WALKER]
    assert (task.faults, task.majors, task.ns) == (3, 3, 30 * MS)
    assert found.seconds == 1.0


def test_what_the_machine_does(world):
    found = window_of(world, 100)
    tasks = found.tasks()
    assert tasks[WALKER].faults == world.counted["pgfault"]
    assert tasks[WALKER].majors == world.counted["pgmajfault"]
    assert tasks[WALKER].ins == world.counted["pswpin"]
    assert found.count("swap_out") == world.counted["pswpout"]
    reclaim = found.reclaim()
    assert reclaim["kswapd"][1] == world.counted["pgsteal_kswapd"]
    assert reclaim["direct"][1] == world.counted["pgsteal_direct"]
    assert set(found.wakes()) == {WALKER}


def test_names_of_files_are_not_kept():
    world = World()
    world.name(WALKER, "walker")
    for number in range(100):
        world.file(0x100 + number, f"/usr/src/of/a/tree/{number}.c")
    names = window_of(world).names
    assert names.task(WALKER) == "walker"
    assert not names.files and not names._pieces


@pytest.mark.parametrize("columns,rows", [(80, 24), (40, 10), (200, 60),
                                          (10, 1), (80, 2)])
def test_it_fits(world, columns, rows):
    for sort in screen.SORTS:
        lines = screen.draw(window_of(world), "name", 5, sort, columns, rows)
        assert len(lines) <= rows
        assert all(len(text) <= columns for text, _ in lines)
        assert {style for _, style in lines} <= set(screen.STYLES)


def test_nothing_is_cut_off_at_80_by_24(world):
    lines = screen.draw(window_of(world), "t.bin", 5, "time", 500, 500)
    assert len(lines) <= ROWS
    assert max(len(text.rstrip()) for text, _ in lines) <= COLUMNS


def test_the_order_is_what_was_asked_for():
    world = World()
    for pid, faults, length in ((SHELL, 3, MS), (WALKER, 1, 9 * MS)):
        for _ in range(faults):
            world.say("FAULT", pid, 0x1000, 0, 0, length,
                      fault_info("first_write"))
    found = window_of(world)

    def first(sort):
        lines = screen.draw(found, "", 0, sort, COLUMNS, ROWS)
        at = [text[:6] for text, _ in lines].index("   PID")
        return int(lines[at + 1][0].split()[0])

    assert first("time") == WALKER
    assert first("faults") == SHELL


@pytest.mark.parametrize("value,text", [(0, "0"), (0.25, "0.2"), (9999, "9999"),
                                        (12345, "12k"), (3.4e6, "3.4M"),
                                        (5e9, "5.0G")])
def test_short(value, text):
    assert screen.short(value) == text


# ---- bytes as they come ------------------------------------------------------

def read_by(stream, sizes):
    """What is read when bytes come in pieces of these sizes."""
    pieces, at = [], 0
    while at < len(stream):
        size = sizes[len(pieces) % len(sizes)]
        pieces.append(stream[at:at + size])
        at += size
    rest = iter(pieces)
    reading = records.Reading()
    return list(reading.take_all(follow.frames(lambda: next(rest, None)))), \
        reading


@pytest.mark.parametrize("sizes", [[1000], [1, 95], [7, 0, 301], [1 << 16]])
def test_in_pieces(stream, sizes):
    whole = records.join(frames.scan(stream), len(stream)).records
    found, reading = read_by(stream, sizes)
    assert found == whole
    assert reading.lost == 0


def test_a_damaged_frame_on_the_way(stream):
    damaged = bytearray(stream)
    at = len(damaged) // 2
    damaged[at] ^= 0x55
    whole = records.join(frames.scan(stream), len(stream)).records
    found, _ = read_by(bytes(damaged), [50])
    assert found == whole


# ---- the terminal ------------------------------------------------------------

class Top:
    """`faultline top` on a terminal of 80 by 24."""

    def __init__(self, *arguments):
        self.master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ,
                    struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
        self.before = termios.tcgetattr(slave)
        self.slave = slave
        self.process = subprocess.Popen(
            [ROOT / "tools/faultline", "top", *map(str, arguments)],
            stdin=slave, stdout=slave, stderr=slave,
            # As a shell does: who has no parent in a group of its session is
            # not stopped.
            process_group=0,
            env=os.environ | {"TERM": "xterm"})
        self.output = b""

    def wait_for(self, pattern: str) -> str:
        """The part of what was shown since the last wait."""
        end = time.monotonic() + WAIT_S
        while time.monotonic() < end:
            match = re.search(pattern.encode(), self.output)
            if match:
                self.output = self.output[match.end():]
                return match[0].decode()
            if select.select([self.master], [], [], 0.2)[0]:
                self.output += os.read(self.master, 1 << 16)
        raise AssertionError(f"no {pattern} in {self.output[-3000:]!r}")

    def press(self, key: str) -> None:
        os.write(self.master, key.encode())

    def stop(self) -> None:
        """Ctrl-Z; until it has stopped."""
        self.process.send_signal(signal.SIGTSTP)
        end = time.monotonic() + WAIT_S
        stat = Path(f"/proc/{self.process.pid}/stat")
        while stat.read_text().rpartition(")")[2].split()[0] != "T":
            assert time.monotonic() < end and self.process.poll() is None
            self.read_all()     # it is not to wait for the terminal
            time.sleep(0.02)

    def read_all(self) -> None:
        while select.select([self.master], [], [], 0)[0]:
            self.output += os.read(self.master, 1 << 16)

    def end(self) -> int:
        status = self.process.wait(WAIT_S)
        self.read_all()
        assert termios.tcgetattr(self.slave) == self.before
        return status

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        os.close(self.master)
        os.close(self.slave)


@pytest.fixture
def top():
    made = []

    def start(*arguments) -> Top:
        made.append(Top(*arguments))
        return made[-1]

    yield start
    for each in made:
        each.close()


def test_a_file_that_grows(top, stream, tmp_path):
    file = tmp_path / "t.bin"
    half = len(stream) // 2
    file.write_bytes(stream[:half])
    view = top(file, "-w", "100")
    view.wait_for(r"faultline top  t.bin")
    view.wait_for(r"faults [1-9]\d*/s")
    view.wait_for(r" 12 walker ")
    with file.open("ab") as more:
        more.write(stream[half:])
    view.wait_for(r"swap in [1-9]\d*/s, out [1-9]\d*/s")
    view.wait_for(r"Normal +free")
    view.press("s")
    view.wait_for(r"now: faults")
    view.press("q")
    assert view.end() == 0
    assert view.output.endswith(b"\x1b[?1049l")


def test_a_file_that_is_written_anew(top, stream, tmp_path):
    file = tmp_path / "t.bin"
    file.write_bytes(stream)
    view = top(file, "-w", "100")
    view.wait_for(r" 12 walker ")
    file.write_bytes(trace_pack.pack([
        trace_pack.make("start", 999 * MS, 2, version=1),
        *trace_pack.names(9, "another", 999 * MS),
        *(trace_pack.make("fault", (1000 + n) * MS, 9, address=4096 * n)
          for n in range(20))]))
    assert file.stat().st_size < len(stream)
    view.wait_for(r" 9 another ")
    assert "walker" not in view.wait_for(r"(?s)faultline top.*?s sorts by")
    view.press("q")
    assert view.end() == 0


def test_a_socket(top, stream, tmp_path):
    path = tmp_path / "socket"
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(path))
        listening.listen()

        def send():
            connection, _ = listening.accept()
            with connection:
                connection.sendall(stream)

        sender = threading.Thread(target=send)
        sender.start()
        view = top(path)
        view.wait_for(r" 12 walker ")
        sender.join()
        view.press("q")
        assert view.end() == 0


def test_a_serial_line(top, stream):
    master, slave = pty.openpty()
    try:
        view = top(os.ttyname(slave), "-w", "100")
        view.wait_for("faultline top")
        for at in range(0, len(stream), 1000):
            os.write(master, stream[at:at + 1000])
        view.wait_for(r" 12 walker ")
        view.press("q")
        assert view.end() == 0
    finally:
        os.close(master)
        os.close(slave)


def test_it_is_stopped_and_goes_on(top, stream, tmp_path):
    file = tmp_path / "t.bin"
    file.write_bytes(stream)
    view = top(file)
    view.wait_for(r" 12 walker ")
    for _ in range(2):
        view.stop()
        view.wait_for(r"\x1b\[\?1049l")
        assert termios.tcgetattr(view.slave) == view.before
        view.process.send_signal(signal.SIGCONT)
        view.wait_for(r"\x1b\[\?1049h")
        view.wait_for(r" 12 walker ")
        assert termios.tcgetattr(view.slave) != view.before
    view.press("s")
    view.wait_for(r"now: faults")
    view.press("q")
    assert view.end() == 0


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM,
                                    signal.SIGQUIT])
def test_a_signal_leaves_the_terminal_as_it_was(top, stream, tmp_path, number):
    file = tmp_path / "t.bin"
    file.write_bytes(stream)
    view = top(file)
    view.wait_for(r" 12 walker ")
    view.process.send_signal(number)
    assert view.end() == (0 if number == signal.SIGINT else 128 + number)
    assert b"Traceback" not in view.output
    assert view.output.endswith(b"\x1b[?1049l")


def test_without_a_terminal(stream, tmp_path):
    file = tmp_path / "t.bin"
    file.write_bytes(stream)
    done = subprocess.run([ROOT / "tools/faultline", "top", file], text=True,
                          stdin=subprocess.DEVNULL, capture_output=True,
                          check=True)
    assert " 12 walker " in done.stdout
    assert "\x1b" not in done.stdout


def test_what_is_not_there(tmp_path):
    done = subprocess.run([ROOT / "tools/faultline", "top", tmp_path / "no"],
                          stdin=subprocess.DEVNULL, capture_output=True,
                          check=False)
    assert done.returncode == 2
    assert b"no" in done.stderr and b"Traceback" not in done.stderr


@pytest.mark.parametrize("arguments,words", [
    (("/dev/null",), "faultline: /dev/null: Inappropriate ioctl"),
    (("unix:/no",), "faultline: unix:/no: No such file"),
    (("tcp:localhost",), "faultline: tcp:localhost: not tcp:HOST:PORT"),
    (("tcp:localhost:abc",), "tcp:localhost:abc: not"),
    (("tcp:127.0.0.1:99999",), "1 to 65535"),
    (("-w", "nan", "f"), "nan is no positive number"),
    (("-w", "inf", "f"), "inf is no positive number"),
    (("-w", "1e300", "f"), "1e300 is no positive number"),
    (("-w", "0", "f"), "0 is no positive number"),
    (("-w", "-1", "f"), "-1 is no positive number"),
    (("-w", "a", "f"), "a is no positive number")])
def test_what_makes_no_sense(tmp_path, arguments, words):
    (tmp_path / "f").write_bytes(b"")
    done = subprocess.run([ROOT / "tools/faultline", "top", *arguments],
                          stdin=subprocess.DEVNULL, capture_output=True,
                          check=False, text=True, cwd=tmp_path,
                          timeout=WAIT_S)
    assert done.returncode == 2
    assert words in done.stderr and "Traceback" not in done.stderr
