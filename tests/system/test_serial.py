# tests/system/test_serial.py - serial ports beyond COM1, good and bad ones
# SPDX-License-Identifier: MIT

import contextlib
import fcntl
import os
import re
import socket
import threading
import time

import ktap
import monitor
import pytest
import vmlib.machine
from acpi_tables import IO, MEMORY, Tables, gas, memory_options

pytestmark = pytest.mark.direct

MEMORY_MIB = 64
TIMEOUT_S = 60
F_SETPIPE_SZ = 1031  # fcntl has it from Python 3.10 on


class Line:
    """The far end of a serial line: options of QEMU that make it, and a thread
    that takes what comes, from the first byte on: a socket holds but a few
    hundred bytes that are written one by one."""

    def __init__(self, folder, name):
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(folder / name))
        self._listener.listen()
        self.chardev = ("-chardev",
                        f"socket,id={name},path={folder / name},server=off")
        self._came = threading.Condition()
        self._socket = None
        self._seen = b""
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        with contextlib.suppress(OSError):
            connected = self._listener.accept()[0]
            with self._came:
                self._socket = connected
                self._came.notify()
            while data := connected.recv(65536):
                with self._came:
                    self._seen += data
                    self._came.notify()

    def type(self, data):
        with self._came:
            assert self._came.wait_for(lambda: self._socket, TIMEOUT_S)
        self._socket.sendall(data)

    def expect(self, words):
        """Wait for these words, and forget what was before them, which is
        returned."""
        with self._came:
            if not self._came.wait_for(lambda: words in self._seen, TIMEOUT_S):
                pytest.fail(f"no {words!r} in {self._seen[-2000:]!r}")
            before, _, self._seen = self._seen.partition(words)
            return before

    def close(self):
        for end in (self._listener, self._socket):
            if end is not None:
                # Wakes the thread, which closing does not.
                with contextlib.suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)
                end.close()


@pytest.fixture
def line(tmp_path):
    """line(name): a line that is closed at the end."""
    with contextlib.ExitStack() as stack:

        def make(name):
            made = Line(tmp_path, name)
            stack.callback(made.close)
            return made

        yield make


def wait_for(condition):
    deadline = time.monotonic() + TIMEOUT_S
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


@pytest.fixture
def no_com1(monkeypatch):
    """Machines have no first serial port from here on, and no word that names
    it."""
    plain = vmlib.machine.command_line

    def command_line(options, wiring):
        words = plain(options, wiring)
        for name in ("com1", "com2"):
            place = words.index(f"chardev:{name}")
            del words[place - 1:place + 1]
        return words + ["-serial", "none", "-device",
                        "isa-serial,index=1,chardev=com2"]

    words = vmlib.Options.kernel_words
    monkeypatch.setattr(vmlib.machine, "command_line", command_line)
    monkeypatch.setattr(
        vmlib.Options, "kernel_words",
        lambda *args: words(*args).replace("console=ttyS0 ", "", 1))


@pytest.mark.parametrize("chipset", [
    "q35", pytest.param("pc", marks=pytest.mark.matrix)])
def test_cards(boot, line, chipset):
    """Of one, two and four ports: each has its name, sends, receives, and
    has an interrupt that works."""
    lines = [line(f"card{n}") for n in range(7)]
    qemu = sum((each.chardev for each in lines), ())
    qemu += ("-device", "pci-serial,addr=9,chardev=card0",
             "-device", "pci-serial-2x,addr=a,chardev1=card1,chardev2=card2",
             "-device", "pci-serial-4x,addr=b," + ",".join(
                 f"chardev{n + 1}=card{n + 3}" for n in range(4)))
    machine = boot(boot="direct", machine=chipset, disk="ahci",
                   memory=MEMORY_MIB, qemu=qemu)
    assert set(machine.run("cd /dev; echo ttyS*").text.split()) == {
        f"ttyS{n}" for n in (0, 1, *range(4, 11))}
    for number, each in enumerate(lines):
        device = f"/dev/ttyS{number + 4}"
        machine.run(f"setsid sh -c 'exec 3<>{device}; stty raw -echo <&3; "
                    "echo question >&3; head -c 6 <&3 >/tmp/answer' &"
                    "until [ -e /tmp/answer ]; do sleep 0.1; done")
        each.expect(b"question")
        each.type(b"answer")
        machine.run("until grep -q answer /tmp/answer; do sleep 0.1; done; "
                    "rm /tmp/answer")
    assert "polled from now on" not in machine.log()


def test_log_on_a_card(boot, line):
    """All of the log, from the first line on, at the speed that is asked."""
    card = line("card")
    machine = boot(boot="direct", memory=MEMORY_MIB,
                   append="serial=ttyS4,57600",
                   qemu=card.chardev + ("-device", "pci-serial,chardev=card"))
    speed = machine.run("stty -F /dev/ttyS4 speed").text
    assert speed == "57600\n"
    machine.run("echo a line >/dev/kmsg")
    log = card.expect(b"a line").decode()
    assert "Faultline" in log
    assert re.search(r"serial: ttyS4: .* baud=57600 log", log)
    assert machine.log() == ""


@pytest.mark.parametrize("word", ["serial=ttyS2", "console=ttyS2"])
def test_break_and_a_key_is_a_sysrq(boot, line, tmp_path, word):
    """On the line of the log or the console; on others it is a BREAK."""
    own, other = line("own"), line("other")
    qemu = own.chardev + other.chardev + (
        "-serial", "chardev:own", "-serial", "chardev:other",
        *monitor.options(tmp_path / "qmp"))
    machine = boot(boot="direct", memory=MEMORY_MIB, append=word, qemu=qemu)
    # Somebody has both open, and counts what comes.
    machine.run("for n in 2 3; do setsid sh -c \"exec 3<>/dev/ttyS$n; "
                ">/tmp/open$n; cat <&3 >/tmp/got$n\" & done; "
                "until [ -e /tmp/open2 -a -e /tmp/open3 ]; do sleep 0.1; done")
    machine.run("stty raw -echo -F /dev/ttyS2; stty raw -echo -F /dev/ttyS3")
    with monitor.Monitor(tmp_path / "qmp") as qmp:
        for name, far in (("other", other), ("own", own)):
            qmp.ask("chardev-send-break", id=name)
            far.type(b"h")
        own.expect(b"sysrq: HELP :")
        # The key was taken, and what comes behind it is ordinary.
        own.type(b"h!")
        machine.run("until grep -q ! /tmp/got2; do sleep 0.1; done")
        machine.run("until grep -q h /tmp/got3; do sleep 0.1; done")
        assert machine.run("tr -d '\\0' </tmp/got2").text == "h!"
    # One line of help: not by the other port.
    assert machine.run("dmesg | grep -c HELP").text == "1\n"


# ---- the firmware's console ------------------------------------------------

SPCR_IO = 0x2f0  # no COM port's


def spcr(base, kind=0, irq=0, baud=7, flow=0):
    return (bytes([kind, 0, 0, 0]) + base + bytes([1 if irq else 0, irq])
            + bytes(4) + bytes([baud, 0, 1, flow, 0, 0])
            + b"\xff\xff\xff\xff" + bytes(12))


@pytest.mark.parametrize("irq", [5, 0])
def test_firmware_console(boot, line, tmp_path, no_com1, irq):
    """A port that nothing else tells of has the log, if there is no COM1 and
    the command line says nothing."""
    far = line("far")
    table = tmp_path / "spcr"
    table.write_bytes(spcr(gas(IO, SPCR_IO), irq=irq))
    qemu = far.chardev + (
        "-acpitable", f"sig=SPCR,rev=2,data={table}",
        "-device", f"isa-serial,index=2,iobase={SPCR_IO},irq=5,chardev=far")
    machine = boot(boot="direct", memory=MEMORY_MIB, qemu=qemu)
    machine.run("echo a line >/dev/kmsg")
    log = far.expect(b"a line").decode()
    assert "the firmware's console is ttyS4 at 2f0" in log
    assert re.search(r"ttyS4: port=0x2f0 irq=%d .* log" % irq, log)
    # And is a terminal.
    machine.run("echo hello >/dev/ttyS4")
    far.expect(b"hello")


@pytest.mark.parametrize("kind", ["com1", "pci", "none", "damaged"])
def test_firmware_console_that_is_known_or_cannot_be(boot, tmp_path, kind):
    bodies = {
        "com1": spcr(gas(IO, 0x3f8)),
        "pci": spcr(gas(MEMORY, 0xfebf0000, 32, 3), kind=0x12),
        "none": spcr(gas(IO, SPCR_IO)),
        "damaged": b"\0" * 20,
    }
    says = {"com1": "is ttyS0 at 3f8", "pci": "is ttyS4 at febf0000",
            "none": "is ttyS4 at 2f0", "damaged": "error=-22"}
    table = tmp_path / "spcr"
    table.write_bytes(bodies[kind])
    machine = boot(boot="direct", memory=MEMORY_MIB,
                   qemu=("-acpitable", f"sig=SPCR,rev=2,data={table}"))
    assert f"the firmware's console{':' if kind == 'damaged' else ''} " \
           f"{says[kind]}" in machine.log()
    # Nothing answers there: no terminal.
    assert machine.run("ls /dev/ttyS4").status != 0


def test_registers_in_memory(boot, tmp_path, no_com1):
    """No such UART is in QEMU, but memory is, and it holds a scratch byte and
    says for ever that it is ready to send: the last byte that was sent is
    there. Registers are 4 bytes apart, and written by 32 bits."""
    tables = Tables()
    registers = bytearray(b"\xee" * 32)
    registers[5 * 4] = 0x60  # LSR
    registers[2 * 4] = 1     # IIR
    place = tables.scratch(bytes(registers))
    table = tables.add(b"SPCR", spcr(gas(MEMORY, 0, 32, 3), kind=0x12), 2)
    tables.point(table + 44, place)
    machine = boot(boot="direct", memory=MEMORY_MIB, qemu=(
        *tables.options(tmp_path),
        *memory_options(tmp_path / "ram", MEMORY_MIB)))
    log = machine.run("dmesg").text
    port = re.search(r"ttyS4: memory=0x(\w+) irq=0 .* log", log)
    assert port, log
    machine.run("stty raw -F /dev/ttyS4; printf 'that was all~' >/dev/ttyS4")

    def sent():
        with (tmp_path / "ram").open("rb") as memory:
            memory.seek(int(port[1], 16))
            return memory.read(4)

    wait_for(lambda: sent() == b"~\0\0\0")


# ---- ports that do not work ------------------------------------------------

def test_without_any_port_for_the_log(boot, no_com1):
    machine = boot(boot="direct", memory=MEMORY_MIB)
    assert "no port for the log" in machine.run("dmesg").text
    assert machine.run("ls /dev/ttyS0").status != 0


def test_a_port_that_nobody_listens_to(boot):
    machine = boot(boot="direct", memory=MEMORY_MIB, append="serial=ttyS2",
                   qemu=("-serial", "null"))
    assert machine.run("dmesg >/dev/ttyS2; echo $?").text == "0\n"


def test_a_log_that_does_not_drain(boot, tmp_path):
    """The kernel waits for it a moment, once, and not for ever; when it drains,
    the log is there."""
    for end in ("in", "out"):
        os.mkfifo(tmp_path / f"pipe.{end}")
    # Before QEMU: a pipe of one page, which nobody reads at first.
    reader = os.open(tmp_path / "pipe.out", os.O_RDWR | os.O_NONBLOCK)
    try:
        fcntl.fcntl(reader, F_SETPIPE_SZ, 4096)
        machine = boot(boot="direct", memory=MEMORY_MIB,
                       append="serial=ttyS2",
                       qemu=("-chardev", f"pipe,id=p,path={tmp_path}/pipe",
                             "-serial", "chardev:p"))
        # Programs go on, and so do other ports.
        assert machine.run("echo hello >/dev/kmsg; echo $?").text == "0\n"
        text = b""

        def arrives():
            nonlocal text
            with contextlib.suppress(BlockingIOError):
                text += os.read(reader, 65536)
            return b"hello" in text

        wait_for(arrives)
    finally:
        os.close(reader)


# ---- modem lines -----------------------------------------------------------

@pytest.mark.parametrize("kernel", [
    "faultline", pytest.param("linux", marks=pytest.mark.matrix)])
def test_modem_lines(boot, kernel):
    machine = boot(boot="direct", memory=128, kernel=kernel,
                   qemu=("-serial", "null"))
    result = machine.run("modem /dev/ttyS2")
    assert (result.status, ktap.failures(result.text)) == (0, [])
    assert not ktap.skipped(result.text)


def test_console_options(boot):
    machine = boot(boot="direct", memory=MEMORY_MIB,
                   append="console=ttyS2,38400e7r serial=0x3f8",
                   qemu=("-serial", "null"))
    modes = machine.run("stty -a -F /dev/ttyS2").text
    assert "speed 38400 baud" in modes
    assert re.search(r"^parenb -parodd .* cs7 .* crtscts$", modes,
                     re.MULTILINE)
