# tests/system/test_vm.py - what tools/vm promises to scripts and to people
# SPDX-License-Identifier: MIT

import hashlib
import re
import signal
import subprocess
import termios
import time
from pathlib import Path

import pytest

from conftest import BUILD, vm_command
from terminal import Terminal

pytestmark = pytest.mark.direct

DIRECT = ("--boot", "direct", "--memory", "64")


def qemus_of(pid: int) -> list[int]:
    """The QEMU processes that this process started, by number."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            status = (folder / "stat").read_text()
            name = (folder / "cmdline").read_bytes().split(b"\0")[0]
        except OSError:
            continue  # it has just ended
        if int(status.rpartition(")")[2].split()[1]) == pid \
                and b"qemu-system" in name:
            found.append(int(folder.name))
    return found


def wait_until(condition, timeout=30):
    end = time.monotonic() + timeout
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.02)


def has_ended(pid: int) -> bool:
    try:
        status = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return True
    return status.rpartition(")")[2].split()[0] == "Z"


def test_output_and_status(vm):
    done = vm(*DIRECT, "--", "echo out; echo err >&2; exit 7")
    assert (done.stdout, done.stderr, done.returncode) == \
        (b"out\nerr\n", b"", 7)


def test_arguments_are_joined(vm):
    assert vm(*DIRECT, "--", "echo", "a", "b").stdout == b"a b\n"


def test_any_bytes_and_many(shared):
    machine = shared(boot="direct")
    every = bytes(range(256))
    escaped = "".join(f"\\{byte:03o}" for byte in every)
    assert machine.run(f"printf '{escaped}'").output == every
    head = "head -c 500000 /bin/busybox"
    result = machine.run(f"{head} | md5sum; {head}")
    digest, _, content = result.output.partition(b"  -\n")
    assert len(content) == 500000
    assert hashlib.md5(content).hexdigest().encode() == digest


def test_long_command(shared):
    text = "x" * 20000
    assert shared(boot="direct").run(f"echo {text}").text == text + "\n"


def test_leftovers_do_not_speak_into_the_next(shared):
    machine = shared(boot="direct")
    machine.run("while :; do echo noise; done &")
    assert machine.run("sleep 0.2; echo quiet").text == "quiet\n"


def test_standard_input_is_empty(shared):
    assert shared(boot="direct").run("wc -c").text.strip() == "0"


def test_timeout(vm):
    done = vm(*DIRECT, "--timeout", 6, "--", "echo begun; sleep 100")
    assert done.returncode == 124
    assert done.stdout == b"begun\n"
    assert b"took too long" in done.stderr
    # Where everybody was.
    assert b"non-maskable interrupt" in done.stderr
    assert re.search(rb"name=sleep sleeping .*?sleep_until\+0x.*end of tasks",
                     done.stderr, re.S)


def test_power_off_during_a_command(vm):
    done = vm(*DIRECT, "--", "poweroff; sleep 60")
    assert done.returncode == 125
    assert b"powered itself off" in done.stderr


def test_reboot_during_a_command(vm):
    done = vm(*DIRECT, "--", "reboot; sleep 60")
    assert done.returncode == 125
    assert b"reset itself" in done.stderr


def test_orderly_power_off(boot):
    machine = boot(boot="direct", memory=64)
    machine.power_off()
    assert not machine.alive


@pytest.mark.parametrize("arguments,words", [
    (("--kernel", "linux", "--boot", "disk"), b"--boot direct"),
    (("--kernel", "linux", "--append", "crash=stack"), b"no such word"),
    (("--kernel", "linux", "--trace", "/dev/null"), b"--trace"),
    (("--kernel", "linux", "--disk", "ide"), b"--machine pc"),
    (("--boot", "usb", "--medium", "/no/such/file"), b"no such file"),
    (("--boot", "direct", "--medium", "/dev/null"), b"firmware"),
    (("--boot", "disk", "--medium", "/dev/null", "--root-size", "64"),
     b"as it is"),
    (("--boot", "usb", "--root-size", "64"), b"--root disk"),
    (("--boot", "usb", "--root", "disk", "--disk", "none"), b"initramfs"),
    (("--trace", "/no/such/folder/t"), b"No such file"),
    (("--bogus",), b"unrecognized"),
    (("--memory", "much"), b"invalid"),
    (("--firmware", "ia32", "--machine", "pc", "--disk", "ahci"), b"q35"),
    (("--swap-error", "read:5"), b"--swap"),
    (("--swap", "1", "--swap-error", "read:2048"), b"not in"),
    (("--overlay", "/no/such/folder"), b"no such folder"),
    (("--root-size", "4"), b"too small"),
    (("--root-size", "-1"), b"MiB"),
    (("--boot", "direct", "--root", "initramfs", "--root-size", "64"),
     b"--root disk"),
    (("--boot", "direct", "--qemu", "-bogus"), b"did not start"),
    (("--boot", "direct", "--cpu", "bogus"), b"did not start"),
])
def test_cannot_start(vm, arguments, words):
    done = vm(*arguments, "--", "true")
    assert done.returncode == 126
    assert words in done.stderr
    assert done.stdout == b""


@pytest.mark.parametrize("kernel", ["faultline", "linux"])
def test_nothing_built(tmp_path, kernel):
    done = subprocess.run(
        [*vm_command("--boot", "direct", "--kernel", kernel),
         "--build", tmp_path, "--", "true"],
        capture_output=True, check=False)
    assert done.returncode == 126
    assert done.stderr.startswith(b"vm: ")


def test_log_file(vm, tmp_path):
    log = tmp_path / "log"
    done = vm(*DIRECT, "--log", log, "--append", "loglevel=7", "--", "true")
    assert done.returncode == 0
    assert b"loglevel=7" in log.read_bytes()


def test_appended_words(vm):
    done = vm(*DIRECT, "--append", "one", "--append", "two=2", "--",
              "cat /proc/cmdline")
    assert done.stdout.decode().split()[-2:] == ["one", "two=2"]


def test_overlay(vm, tmp_path):
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc/greeting").write_text("from outside\n")
    done = vm(*DIRECT, "--overlay", tmp_path, "--", "cat /etc/greeting")
    assert done.stdout == b"from outside\n"


def test_root_size(vm):
    """Nearly all of it is free: the root's own files take some 8 MiB."""
    done = vm(*DIRECT, "--root-size", "100", "--", "df -m / | tail -n 1")
    assert 95 <= int(done.stdout.split()[1]) <= 100, done.stdout
    assert int(done.stdout.split()[3]) > 80, done.stdout


def test_root_in_initramfs(vm):
    done = vm(*DIRECT, "--root", "initramfs", "--", "uname -s; mount")
    assert done.returncode == 0
    assert done.stdout.startswith(b"Linux\n")


def test_icount(vm):
    done = vm(*DIRECT, "--icount", "--", "echo counted")
    assert (done.stdout, done.returncode) == (b"counted\n", 0)


@pytest.mark.parametrize("number,status", [
    (signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129),
    (signal.SIGKILL, -signal.SIGKILL)])
def test_no_qemu_is_left(number, status):
    with subprocess.Popen(vm_command(*DIRECT, "--", "echo up; sleep 100"),
                          stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL) as process:
        assert process.stdout.readline() == b"up\n"
        (qemu,) = qemus_of(process.pid)
        process.send_signal(number)
        assert process.wait(20) == status
        wait_until(lambda: has_ended(qemu))


@pytest.fixture
def terminal():
    opened = []

    def start(*arguments):
        opened.append(Terminal(*arguments))
        return opened[-1]

    yield start
    for each in opened:
        each.close()


def assert_gone(terminal, status, qemus):
    terminal.drain()
    assert terminal.process.wait(30) == status
    assert termios.tcgetattr(terminal.terminal) == terminal.modes
    for qemu in qemus:
        wait_until(lambda pid=qemu: has_ended(pid))


def test_shell_and_poweroff(terminal):
    shell = terminal(*DIRECT)
    shell.expect(b"# ")
    shell.type(b"echo he''llo\r")
    shell.expect(b"\nhello")
    # Ctrl-C is for the program that has the terminal.
    shell.type(b"sh -c 'echo g\"\"o; sleep 100'\r")
    shell.expect(b"\ngo")
    shell.type(b"\x03")
    shell.expect(b"# ")
    qemus = qemus_of(shell.process.pid)
    assert len(qemus) == 1
    shell.type(b"poweroff\r")
    assert_gone(shell, 0, qemus)


def test_another_shell_after_exit(terminal):
    shell = terminal(*DIRECT)
    shell.expect(b"# ")
    shell.type(b"exit\r")
    shell.expect(b"exit")
    shell.expect(b"# ")
    qemus = qemus_of(shell.process.pid)
    shell.type(b"\x01x")
    assert_gone(shell, 0, qemus)


@pytest.mark.matrix
def test_shell_on_linux(terminal):
    shell = terminal("--kernel", "linux")
    shell.expect(b"# ", 180)
    shell.type(b"sh -c 'echo g\"\"o; sleep 100'\r")
    shell.expect(b"\ngo")
    shell.type(b"\x03")
    shell.expect(b"# ")
    shell.type(b"poweroff\r")
    assert_gone(shell, 0, qemus_of(shell.process.pid))


@pytest.mark.firmware
def test_shell_through_firmware(terminal):
    shell = terminal()
    shell.expect(b"# ")
    qemus = qemus_of(shell.process.pid)
    shell.type(b"poweroff\r")
    assert_gone(shell, 0, qemus)


def test_images_are_few():
    # One more for a moment, while other tests make theirs.
    wait_until(lambda: 0 < len(list((BUILD / "vm").glob("*.img"))) <= 8)
