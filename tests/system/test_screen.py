# tests/system/test_screen.py - what a person sees on the screen
# SPDX-License-Identifier: MIT
"""Pictures of the screen are taken by QEMU's monitor and read back with the
kernel's own font (screen.py).
"""

import os
import re
import shutil
import subprocess

import pytest
from conftest import BUILD, TOP
from screen import Watcher
from terminal import Terminal
from vmlib import Machine, Options
from vmlib.image import program
from vmlib.qemu import FLASH

pytestmark = pytest.mark.firmware

COLUMNS, ROWS = 160, 50  # of -vga std, 1280x800
ESP_OFFSET = 1 << 20
PROMPT = "faultline:/root#"
has_keyboard = pytest.mark.skipif(not (TOP / "drivers/input").is_dir(),
                                  reason="there is no keyboard's driver")
RED, GREEN, BLUE, BRIGHT = 1, 2, 4, 8


class Person:
    """Has a machine with a screen, and a serial line beside it."""

    def __init__(self, folder):
        self.screen = Watcher(folder, BUILD)
        qemu = [word for option in self.screen.options
                for word in ("--qemu", option)]
        self.line = Terminal("--memory", "128", "--timeout", "600",
                             "--append", "console=tty0 console=ttyS0", *qemu)
        self.line.expect(f"{PROMPT} ".encode(), timeout=120)

    def run(self, command: str) -> str:
        """On the serial line."""
        self.line.type(command.encode() + b"\r")
        return self.line.expect(f"{PROMPT} ".encode()).decode()

    def show(self, text: str) -> None:
        """Write to the screen, escapes as printf's."""
        self.run(f"printf '{text}' >/dev/tty1")

    def close(self) -> None:
        self.screen.close()
        self.line.type(b"\x01x")
        self.line.close()


@pytest.fixture(scope="module")
def person(tmp_path_factory):
    someone = Person(tmp_path_factory.mktemp("screen"))
    yield someone
    someone.close()


def test_the_log_and_a_shell_are_there(person):
    screen = person.screen.expect("process 1 is /sbin/init", "MiB of memory",
                                  PROMPT)
    # Nothing that only looks like a fault: what glibc tries and does without.
    assert "not implemented" not in screen.text
    assert (screen.columns, screen.rows) == (COLUMNS, ROWS)
    # In the order in which they came, each at the start of a line.
    row, column = screen.find(PROMPT)
    assert column == 0
    assert screen.find("process 1 is")[0] < screen.find("MiB of memory")[0] \
        < row
    # The cursor stands behind the prompt.
    assert screen.cells[row][len(PROMPT) + 1].paper == 7


def test_the_terminal_has_its_size_and_is_a_console(person):
    assert f"{ROWS} {COLUMNS}" in person.run("stty -F /dev/tty1 size")
    assert f"{ROWS} {COLUMNS}" in person.run("stty -F /dev/tty0 size")
    consoles = person.run("cat /proc/consoles")
    assert "tty0                 -WU (E  p  )    4:1\n" in consoles
    assert "ttyS0                -W- (EC p a)    4:64\n" in consoles


def test_both_terminals_have_a_shell_with_job_control(person):
    processes = person.run("ps -o tty,comm")
    assert "4,1" in processes and "4,64" in processes, processes


def test_colours_and_characters(person):
    person.show(r"\033[2J\033[H\033[31mred \033[1mlight\033[0m "
                r"\033[37;44mblue\033[0m \033[4munder\033[0m "
                r"\303\244\342\202\254 \033(0lqk\033(B \377.\n")
    screen = person.screen.expect("red light blue under ä€ ┌─┐ \ufffd.")
    cells = screen.cells[0]
    assert cells[0].ink == RED
    assert cells[4].ink == RED + BRIGHT
    assert (cells[10].ink, cells[10].paper) == (7, BLUE)
    assert cells[15].underline and not cells[0].underline


def test_much_output_ends_with_the_right_lines(person):
    person.run("seq 1 3000 >/dev/tty1")
    screen = person.screen.until(
        lambda screen: "3000" in screen.lines, "the last number")
    # The cursor is on the last row.
    assert screen.lines[:ROWS - 1] == [str(number) for number in
                                       range(3002 - ROWS, 3001)]


def ticks_per_second(person, command: str) -> float:
    """While it runs: interrupts of the timer that came in time."""
    text = person.run("cat /proc/uptime /proc/interrupts; "
                      f"{command}; cat /proc/uptime /proc/interrupts")
    times = re.findall(r"^(\d+\.\d+) \d+\.\d+$", text, re.M)
    ticks = re.findall(r"^ *0: *(\d+) .*timer$", text, re.M)
    return (int(ticks[1]) - int(ticks[0])) / (float(times[1])
                                              - float(times[0]))


def test_interrupts_come_in_while_much_is_drawn(person):
    """36 times a whole screen of characters, in one piece of a write."""
    person.run("i=0; while [ $i -lt 36 ]; do printf '\\033[9999b'; "
               "i=$((i+1)); done >/tmp/storm; printf x >/dev/tty1")
    busy = ticks_per_second(
        person, "i=0; while [ $i -lt 100000 ]; do i=$((i+1)); done")
    drawing = ticks_per_second(
        person, "for i in 1 2 3 4 5 6 7 8 9 10 11 12; do cat /tmp/storm; "
        "done >/dev/tty1")
    person.run("printf '\\033c' >/dev/tty1")
    assert drawing > busy / 2, (drawing, busy)


def test_vi_and_top_have_the_whole_screen(person):
    # On the shell's terminal, in its place.
    person.run("printf 'first\\nsecond\\n' >/tmp/text; "
               "(exec vi /tmp/text </dev/tty1 >/dev/tty1 2>&1 &)")
    screen = person.screen.expect("- /tmp/text 1/2 50%")
    assert screen.lines[:2] == ["first", "second"]
    assert screen.lines[2:ROWS - 1] == ["~"] * (ROWS - 3)
    assert screen.lines[ROWS - 1] == "- /tmp/text 1/2 50%"
    person.run("killall vi; stty -F /dev/tty1 sane; "
               "(exec top </dev/tty1 >/dev/tty1 2>&1 &)")
    screen = person.screen.expect("Load average:", "[kswapd]")
    assert screen.lines[0].startswith("Mem:")
    heading = next(cell for cell in screen.cells[3] if cell.text == "P")
    assert (heading.ink, heading.paper) == (0, 7)  # reverse
    person.run("killall top; stty -F /dev/tty1 sane")


@has_keyboard
def test_a_person_at_the_keyboard(person):
    screen, keyboard = person.screen, person.screen
    person.show(r"\033[2J\033[H")
    keyboard.type("tty; stty size\n")
    screen.expect("/dev/tty1", f"{ROWS} {COLUMNS}")
    # Job control: one that is interrupted, one that is stopped.
    keyboard.type("sleep 1000\n")
    keyboard.press("ctrl", "c")
    keyboard.type("sleep 2000\n")
    keyboard.press("ctrl", "z")
    screen.expect("Stopped")
    keyboard.type("kill %1; vi /tmp/typed\n")
    screen.expect("- /tmp/typed")
    keyboard.type("iHello, screen.\033")
    screen.until(lambda seen: seen.lines[0] == "Hello, screen.", "the text")
    # What comes soon behind Esc is taken for a sequence.
    screen.expect("- /tmp/typed")
    keyboard.type(":wq\n")
    screen.expect(PROMPT)
    keyboard.type("cat /tmp/typed | tr a-z A-Z\n")
    screen.expect("HELLO, SCREEN.")


@has_keyboard
def test_what_has_gone_by_can_be_seen(person):
    screen = person.screen
    person.run("seq 1 200 >/dev/tty1")
    screen.until(lambda seen: "200" in seen.lines, "the last number")
    screen.press("shift", "pgup")
    seen = screen.until(lambda seen: "200" not in seen.lines, "older lines")
    assert seen.lines[:3] == [str(202 - ROWS - ROWS // 2 + line)
                              for line in range(3)]
    screen.press("shift", "pgdn")
    screen.until(lambda seen: "200" in seen.lines, "the present")
    screen.press("shift", "pgup")
    screen.until(lambda seen: "200" not in seen.lines, "older lines")
    screen.type("echo back\n")  # a key returns
    screen.until(lambda seen: "back" in seen.lines, "the present")


class Stopping(Options):
    """A machine that stops after a panic, as a real one does, instead of
    ending QEMU."""

    def kernel_words(self, channel: str | None) -> str:
        words = super().kernel_words(channel).split()
        words.remove("debug_exit")
        return " ".join(words)


@pytest.fixture
def started(tmp_path):
    """started(**options): a machine and its Watcher, not waited for."""
    opened = []

    def start(*qemu, scale=1, options=Options, **words):
        watcher = Watcher(tmp_path, BUILD, scale)
        machine = Machine(options(build=BUILD, qemu=watcher.options + qemu,
                                  **words)).__enter__()
        opened.extend((watcher, machine))
        return machine, watcher

    yield start
    for thing in opened:
        thing.close()


def test_a_panic_is_on_the_screen(started):
    machine, watcher = started(memory=128, options=Stopping,
                               append="console=tty0 crash=panic")
    screen = watcher.expect("kernel panic: crash=panic was asked for",
                            "backtrace:", "crash_panic+0x", "kthread_main+0x")
    assert machine.alive
    screen = watcher.expect("panic: stopped: reset it by hand")
    # All of the report, in one piece, below what was there before.
    assert screen.find("kernel panic:")[0] > \
        screen.find("provoking: kind=panic")[0]
    assert screen.find("kthread_main+0x")[0] > screen.find("cr0=")[0]


@pytest.fixture
def stick(tmp_path):
    """stick(image, snapshot): a PC with nothing but a screen and a keyboard,
    and what is flashed: QEMU and a Watcher."""
    code, variables = FLASH["x64"]
    opened = []

    def start(image, snapshot):
        watcher = Watcher(tmp_path, BUILD)
        qemu = subprocess.Popen([
            program("qemu-system-x86_64"), "-nodefaults", "-machine", "q35",
            "-m", "128", "-cpu", "qemu64", "-nic", "none", "-display", "none",
            "-vga", "std", "-serial", "none",
            "-drive", f"if=pflash,unit=0,format=raw,readonly=on,file={code}",
            "-drive",
            f"if=pflash,unit=1,format=raw,snapshot=on,file={variables}",
            "-drive", f"if=none,id=disk,format=raw,snapshot={snapshot},"
            f"file={image}",
            "-device", "ide-hd,drive=disk,bus=ide.0,bootindex=0",
            *watcher.options], stdin=subprocess.DEVNULL)
        opened.append((qemu, watcher))
        return qemu, watcher

    yield start
    for qemu, watcher in opened:
        watcher.close()
        qemu.kill()
        qemu.wait()


@has_keyboard
def test_the_image_without_a_serial_port(stick):
    qemu, watcher = stick(BUILD / "faultline.img", "on")
    watcher.expect(PROMPT, timeout=120)
    watcher.type("cat /proc/consoles\n")
    watcher.expect("tty0                 -WU (EC p  )    4:1")
    watcher.type("poweroff\n")
    assert qemu.wait(60) == 0


@has_keyboard
def test_a_panic_ends_as_a_file_on_the_stick(stick, tmp_path):
    """With the command line that is flashed. The minute is not waited for:
    test_crash_log.py waits for a second."""
    image = tmp_path / "image"
    shutil.copy(BUILD / "faultline.img", image)
    _, watcher = stick(image, "off")
    watcher.expect(PROMPT, timeout=120)
    watcher.type("echo c >/proc/sysrq-trigger\n")
    watcher.expect("panic: kernel panic: sysrq triggered crash", "backtrace:",
                   "panic: reset in 60 seconds")
    watcher.ask("system_reset")
    watcher.until(lambda seen: PROMPT in seen.text
                  and "sysrq triggered" not in seen.text, "a new shell",
                  timeout=120)
    done = subprocess.run(
        ["mtype", "-i", f"{image}@@{ESP_OFFSET}",
         "::/faultline/last-crash.log"], text=True, check=False,
        env={**os.environ, "MTOOLS_SKIP_CHECK": "1"}, stdout=subprocess.PIPE)
    assert "kernel panic: sysrq triggered crash" in done.stdout
    assert "panic: reset in 60 seconds" in done.stdout


VARIANTS = {
    "1920x1080": (("-vga", "none", "-device",
                   "VGA,xres=1920,yres=1080,edid=on"), (240, 67)),
    "bochs-display": (("-vga", "none", "-device", "bochs-display"), None),
    "ramfb": (("-vga", "none", "-device", "ramfb"), None),
    "cirrus": (("-vga", "cirrus"), None),
    # More than a buffer of some would hold; the picture is the first's.
    "18 devices": (("-vga", "none", *18 * ("-device",
                                           "bochs-display,vgamem=8M")), None),
}


def see_a_log(started, variant, **options):
    qemu, size = VARIANTS[variant]
    _, watcher = started(*qemu, memory=128, append="console=tty0", **options)
    screen = watcher.expect("process 1 is /sbin/init")
    if size:
        assert (screen.columns, screen.rows) == size


def test_another_framebuffer(started):
    see_a_log(started, "ramfb", kernel_format="2level")


# Debian's 32-bit OVMF resets the machine by itself when it finds a ramfb.
@pytest.mark.matrix
@pytest.mark.parametrize("variant, firmware", [
    (variant, firmware) for variant in VARIANTS for firmware in ("x64", "ia32")
    if (variant, firmware) != ("ramfb", "ia32")])
def test_framebuffers(started, variant, firmware):
    see_a_log(started, variant, firmware=firmware)


@pytest.mark.matrix
@pytest.mark.parametrize("qemu", [
    ("-vga", "none"),
    ("-vga", "none", "-device", "virtio-gpu-pci"),
], ids=["no device", "without a linear framebuffer"])
def test_without_a_screen(started, qemu):
    machine, _ = started(*qemu, memory=128, append="console=tty0")
    assert "ttyS0" in machine.run("cat /proc/consoles").text
    assert "no screen" in machine.log()
    assert machine.run("test -e /dev/tty1").status != 0
