# tests/system/test_keyboard.py - what is typed arrives
# SPDX-License-Identifier: MIT
"""A program reads the screen's terminal, and what it has read is compared with
what was pressed. Keys have the names of their places on a US keyboard. A person
who works at the shell, and interrupts it, is in test_screen.py.
"""

import re

import pytest
from conftest import BUILD
from keys import Keys, wait_for
from vmlib import Machine, Options

KEYMAP = "/proc/sys/kernel/keymap"


@pytest.fixture
def keys(tmp_path_factory):
    hands = Keys(tmp_path_factory.mktemp("k"))
    yield hands
    hands.close()


class Reader:
    """Someone at the keyboard, and a program that reads what he types."""

    def __init__(self, folder, word):
        self.keys = Keys(folder)
        self.machine = Machine(Options(
            build=BUILD, memory=128, append=word,
            qemu=self.keys.qemu)).__enter__()
        self.run = self.machine.run
        # It outlives the command only once it is in a session of its own.
        assert self.run("stty -F /dev/tty1 raw -echo; (exec setsid cat "
                        "</dev/tty1 >/tmp/typed 2>/dev/null &); "
                        "until pidof cat; do :; done").status == 0

    def typed(self) -> bytes:
        return self.run("cat /tmp/typed").output

    def expect(self, *strokes: tuple[str, bytes]) -> None:
        """Press keys ("ctrl-c"), and see the bytes of each before the next."""
        for stroke, wanted in strokes:
            seen = self.typed()
            self.keys.press(*stroke.split("-"))
            wait_for(lambda: len(self.typed()) >= len(seen) + len(wanted),
                     f"{wanted} of {stroke}")
            assert self.typed() == seen + wanted, stroke

    def close(self) -> None:
        self.keys.close()
        self.machine.close()


@pytest.fixture(scope="module", params=["", "i8042=direct"])
def reader(request, tmp_path_factory):
    someone = Reader(tmp_path_factory.mktemp("k"), f"keymap=us {request.param}")
    someone.code_set = 2 if request.param else 1
    yield someone
    someone.close()


@pytest.mark.firmware
def test_us(reader):
    assert f"scan code set {reader.code_set}" in reader.machine.log()
    reader.expect(("a", b"a"), ("shift-b", b"B"), ("slash", b"/"),
                  ("shift_r-1", b"!"), ("spc", b" "), ("ret", b"\r"),
                  ("tab", b"\t"), ("backspace", b"\x7f"), ("esc", b"\x1b"),
                  ("ctrl-a", b"\x01"), ("ctrl_r-spc", b"\0"),
                  ("alt-x", b"\x1bx"), ("ctrl-bracket_right", b"\x1d"))


@pytest.mark.firmware
def test_keys_without_characters(reader):
    reader.expect(("up", b"\x1b[A"), ("left", b"\x1b[D"), ("home", b"\x1b[1~"),
                  ("delete", b"\x1b[3~"), ("pgdn", b"\x1b[6~"),
                  ("f1", b"\x1b[[A"), ("f12", b"\x1b[24~"),
                  ("kp_8", b"\x1b[A"), ("kp_add", b"+"), ("kp_enter", b"\r"),
                  ("kp_divide", b"/"))
    for nothing in ("pause", "ctrl-pause", "print", "menu", "shift-pgup"):
        reader.keys.press(*nothing.split("-"))
        reader.expect(("z", b"z"))
    # What the program on the screen has asked for.
    reader.run(r"printf '\033[?1h' >/dev/tty1")
    reader.expect(("up", b"\x1bOA"), ("kp_4", b"\x1bOD"))
    reader.run(r"printf '\033[?1l' >/dev/tty1")
    reader.expect(("down", b"\x1b[B"))


@pytest.mark.firmware
def test_locks(reader):
    reader.keys.press("caps_lock")
    reader.expect(("a", b"A"), ("shift-a", b"a"), ("1", b"1"))
    reader.keys.press("caps_lock")
    reader.keys.press("num_lock")
    reader.expect(("a", b"a"), ("kp_8", b"8"), ("kp_decimal", b"."))
    reader.keys.press("num_lock")
    reader.expect(("kp_8", b"\x1b[A"), ("scroll_lock", b"\x13"),
                  ("scroll_lock", b"\x11"))


@pytest.mark.firmware
def test_de(reader):
    reader.run(f"echo de >{KEYMAP}")
    reader.expect(("y", b"z"), ("bracket_left", "ü".encode()),
                  ("shift-semicolon", "Ö".encode()), ("minus", "ß".encode()),
                  ("alt_r-q", b"@"), ("alt_r-e", "€".encode()),
                  ("alt_r-7", b"{"), ("less", b"<"), ("alt_r-less", b"|"))
    reader.keys.press("equal")  # acute
    reader.expect(("e", "é".encode()))
    reader.keys.press("grave_accent")  # circumflex
    reader.expect(("spc", b"^"))
    reader.run(f"echo us >{KEYMAP}")
    reader.expect(("y", b"y"))


@pytest.mark.firmware
def test_a_held_key_repeats(reader):
    """It is the keyboard that does that; QEMU's needs to be told. Locks and
    modifiers are not changed by it."""
    seen = reader.typed()
    for count in range(1, 4):
        reader.keys.hold("x")
        wait_for(lambda n=count: reader.typed() == seen + b"x" * n, "repeat")
    reader.keys.let_go("x")
    for _ in range(2):
        reader.keys.hold("caps_lock")
    reader.keys.let_go("caps_lock")
    reader.expect(("x", b"X"))
    reader.keys.press("caps_lock")
    reader.expect(("x", b"x"))


@pytest.mark.firmware
def test_the_mouse_is_silent(reader):
    seen = reader.typed()
    for _ in range(20):
        reader.keys.command("input-send-event", events=[
            {"type": "rel", "data": {"axis": "x", "value": 30}},
            {"type": "btn", "data": {"button": "left", "down": True}},
            {"type": "btn", "data": {"button": "left", "down": False}}])
    reader.keys.press("q")
    wait_for(lambda: reader.typed() != seen, "q")
    assert reader.typed() == seen + b"q"


@pytest.mark.direct
def test_without_a_controller(boot):
    """It costs nothing to find out. (Instructions are time here.)"""
    machine = boot(boot="direct", memory=64, root="initramfs", icount=True,
                   append="keymap=de",
                   qemu=("-machine", "q35,i8042=off"))
    lines = machine.log().splitlines()
    number = next(n for n, line in enumerate(lines) if "i8042: " in line)
    assert re.search("i8042: (none|ACPI says that there is none)",
                     lines[number])

    def seconds(line):
        return float(re.match(r"\[ *([0-9.]+)\]", line).group(1))

    assert seconds(lines[number + 1]) - seconds(lines[number - 1]) < 0.02
    assert "i8042" not in machine.run("cat /proc/interrupts").text
    assert machine.run(f"cat {KEYMAP}").text == "de\n"
    done = machine.run(f"echo nope >{KEYMAP}")
    assert done.status == 1 and "Invalid argument" in done.text
    assert "no keymap nope; there are: us " in machine.log()
    assert machine.run(f"echo us-dvorak >{KEYMAP}; cat {KEYMAP}").text == \
        "us-dvorak\n"


@pytest.mark.direct
def test_told_to_leave_it(boot):
    machine = boot(boot="direct", memory=64, root="initramfs",
                   append="i8042=none keymap=nope")
    assert "i8042: " not in machine.log()
    assert "keyboard: no keymap nope" in machine.log()
    assert machine.run(f"cat {KEYMAP}").text == "us\n"


@pytest.mark.firmware
@pytest.mark.parametrize("word", ["", "usblegacy=keep"])
def test_usb_controllers(boot, word):
    """Firmware that plays a keyboard needs the controller to be bus master."""
    machine = boot(memory=128, boot="usb", append=word)
    commands = re.findall(r"pci: .*class=0c03.*command=([0-9a-f]+)",
                          machine.log())
    assert commands
    is_master = [bool(int(command, 16) & 4) for command in commands]
    assert any(is_master) if word else not any(is_master)
