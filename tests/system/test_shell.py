# tests/system/test_shell.py - a person works at the shell
# SPDX-License-Identifier: MIT
"""What `make run` gives: the prompt says where one is, lines can be edited and
had again, jobs are stopped and go on, full-screen programs find their screen.
"""

import pytest
from terminal import COLUMNS, ROWS, Terminal

pytestmark = pytest.mark.direct

UP, LEFT = b"\x1b[A", b"\x1b[D"
CTRL_C, CTRL_U, CTRL_Z, ESCAPE = b"\x03", b"\x15", b"\x1a", b"\x1b"
HOME, CLEAR = b"\x1b[H", b"\x1b[J"


class Shell:
    def __init__(self, terminal: Terminal):
        self._terminal = terminal
        self.expect = terminal.expect
        self.type = terminal.type

    def prompt(self, folder="/root") -> str:
        """Wait for the next; what came before it."""
        return self.expect(f"faultline:{folder}# ".encode()).decode()

    def run(self, line: bytes, folder="/root") -> str:
        """Type a line; what it printed."""
        self.type(line + b"\r")
        # The line is echoed first; the shell may draw it more than once.
        return self.prompt(folder).partition("\n")[2]


@pytest.fixture(scope="module")
def machine():
    terminal = Terminal("--boot", "direct", "--memory", "128",
                        "--timeout", "600", answers=True)
    yield terminal
    terminal.type(b"\x01x")
    terminal.close()


@pytest.fixture(scope="module")
def started(machine):
    shell = Shell(machine)
    assert "MiB of memory" in shell.prompt()
    return shell


@pytest.fixture
def shell(started):
    # Whatever the last test left: a new line, and its prompt.
    started.type(CTRL_C)
    started.type(b"cd; echo rea''dy\r")
    started.expect(b"ready")
    started.prompt()
    return started


def test_it_knows_its_screen(shell):
    assert f"{ROWS} {COLUMNS}" in shell.run(b"stty size")


def test_the_prompt_says_where(shell):
    shell.run(b"cd /proc/self", "/proc/self")
    shell.run(b"cd", "/root")


def test_history_and_editing(shell):
    shell.run(b"echo fir''st")
    shell.run(b"echo sec''ond")
    shell.type(UP + UP + b"\r")
    shell.expect(b"\nfirst\n")
    shell.type(b"false lost" + CTRL_U + b"echo ke''pt\r")
    shell.expect(b"\nkept\n")
    shell.type(b"echo b" + LEFT + b"a''" + b"\r")
    shell.expect(b"\nab\n")
    shell.type(b"ls /proc/faultl\t")
    shell.expect(b"faultline/")
    shell.type(b"\r")
    shell.expect(b"census")


def test_a_line_is_given_up(shell):
    shell.type(b"echo no" + CTRL_C)
    shell.prompt()
    assert "130" in shell.run(b"echo $?")


def test_ctrl_c_ends_a_program(shell):
    shell.type(b"sh -c 'echo u''p; sleep 1000'\r")
    shell.expect(b"\nup\n")
    shell.type(CTRL_C)
    shell.prompt()
    assert "130" in shell.run(b"echo $?")


def test_jobs(shell):
    shell.type(b"sh -c 'echo u''p; while :; do sleep 1; done'\r")
    shell.expect(b"\nup\n")  # it has the terminal
    shell.type(CTRL_Z)
    assert "Stopped" in shell.prompt()
    assert "Stopped" in shell.run(b"jobs")
    shell.run(b"bg")
    assert "Running" in shell.run(b"jobs")
    shell.type(b"fg\r")
    shell.expect(b"done\"\n")
    shell.type(CTRL_C)
    shell.prompt()
    assert "Running" not in shell.run(b"jobs")


def test_a_background_job_does_not_take_what_is_typed(shell):
    shell.run(b"cat >/tmp/stolen &")
    shell.run(b"until grep -q '^State:.T' /proc/$!/status; do sleep 1; done")
    assert "Stopped" in shell.run(b"jobs")
    shell.run(b"kill -9 %1; wait")
    assert "0 /tmp/stolen" in shell.run(b"wc -c /tmp/stolen")


def test_top_refreshes(shell):
    shell.type(b"top -d 1\r")
    for _ in range(3):
        screen = shell.expect(HOME + CLEAR)
    assert b"Load average" in screen and b"top -d 1" in screen
    rows = screen.split(b"\n")
    assert len(rows) <= ROWS
    assert all(len(row) <= COLUMNS + len("\x1b[7m\x1b[m") for row in rows)
    shell.type(b"q")
    shell.prompt()


def test_dmesg(shell):
    assert "boot: Faultline" in shell.run(b"dmesg | grep 'boot: F'")


def test_vi(shell):
    shell.type(b"vi text\r")
    shell.expect(f"\x1b[{ROWS};1H".encode())  # the status line
    shell.type(b"ione two\rthree" + ESCAPE)
    shell.expect(b"three")
    shell.type(b"1Gx:wq\r")
    shell.expect(b"2L, 13C")
    shell.prompt()
    assert "ne two\nthree\n" in shell.run(b"cat text; rm text")


def test_less_and_more_of_it(shell):
    shell.type(b"seq 1 1000 | less\r")
    shell.expect(str(ROWS - 2).encode())
    shell.type(b"G")
    shell.expect(b"1000")
    shell.type(b"q")
    shell.prompt()
