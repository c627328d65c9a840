# tools/vmlib/machine.py - a running machine
# SPDX-License-Identifier: MIT
"""A QEMU process, its kernel log (COM1) and its test channel (COM2).

COM1 is a file that QEMU writes, so the guest is never held up by a host that
does not read; COM2 is a socket that is read only while a command runs, and
that does hold the guest up.
"""

import dataclasses
import os
import re
import select
import shutil
import socket
import sys
import tempfile
import termios
import time
from collections.abc import Callable
from pathlib import Path

from . import channel, debugger, linux
from .errors import Crashed, StartError, TimedOut
from .fetch import fetch_overlays
from .image import initramfs, main_image, medium_image, swap_image
from .options import LINUXES, Options
from .process import EXIT_TIMEOUT_S, Qemu
from .qemu import PANIC_STATUS, Wiring, command_line

BOOT_TIMEOUT_S = {"faultline": 60, **dict.fromkeys(LINUXES, 180)}
OFF_TIMEOUT_S = 15
START_TIMEOUT_S = 60  # of QEMU itself, on a busy host
LOG_TAIL_LINES = 60
# What our kernel logs of all tasks when it gets an NMI, and how long that may
# take on a busy host.
TASKS_BEGIN = "tasks: non-maskable interrupt"
TASKS_END = "tasks: end of tasks"
TASKS_TIMEOUT_S = 10

TRACE_MARK = "~!"  # lib/trace_line.h
CHANNEL_PORT = "ttyS1"

FOLDER_PREFIX = "faultline-vm-"
FOLDER_NAME = re.compile(FOLDER_PREFIX + r"(\d+)-")

ESCAPES = re.compile(r"\x1b\[[0-9;?=]*[A-Za-z]")


@dataclasses.dataclass(frozen=True)
class Result:
    """What a command did: its status as a shell gives it, and its output."""

    status: int
    output: bytes

    @property
    def text(self) -> str:
        return self.output.decode(errors="replace")


class Machine:
    """A machine made of Options. Use it as a context manager.

    Entering starts QEMU; `run` waits for the guest by itself. Raises a
    MachineError: StartError, Crashed, TimedOut, and ends QEMU with it. The log
    can be read still.
    """

    def __init__(self, options: Options):
        options.check()
        self.options = options
        self._qemu: Qemu | None = None
        self._channel: socket.socket | None = None
        self._events: socket.socket | None = None
        self._folder: tempfile.TemporaryDirectory | None = None
        self._log: Path | None = None
        self._last_log = ""
        self._ready = False

    def __enter__(self) -> "Machine":
        try:
            self._start(interactive=False)
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_) -> None:
        self.close()

    @property
    def pid(self) -> int:
        """QEMU's process."""
        return self._qemu.pid

    @property
    def alive(self) -> bool:
        return self._qemu is not None and self._qemu.alive

    def log(self) -> str:
        """The kernel's log so far, with what the firmware wrote on COM1."""
        if self._log is None or not self._log.exists():
            return self._last_log
        text = self._log.read_bytes().decode(errors="replace")
        return ESCAPES.sub("", text).replace("\r", "")

    def log_tail(self) -> str:
        """The last lines; all of the report of tasks, if there is one. Not
        those of a trace, which come behind all else when a machine ends."""
        lines = [line for line in self.log().splitlines()
                 if not line.startswith(TRACE_MARK)]
        first = max(0, len(lines) - LOG_TAIL_LINES)
        reports = [number for number, line in enumerate(lines)
                   if line.endswith(TASKS_BEGIN)]
        return "\n".join(lines[min([first, *reports[-1:]]):])

    def wait_ready(self, timeout: float | None = None) -> None:
        """Wait until the guest takes commands. Default: by the kernel."""
        finder = channel.ReadyFinder()
        if timeout is None:
            timeout = BOOT_TIMEOUT_S[self.options.kernel]
        deadline = time.monotonic() + timeout
        while not self._ready:
            data = self._receive(deadline, "the boot")
            self._ready = finder.feed(data) is not None

    def run(self, command: str | bytes, timeout: float = 60,
            sink: Callable[[bytes], None] | None = None) -> Result:
        """Run a command as /bin/sh -c does, and wait for its end.

        With a sink the output goes there as it comes, and not in the result.
        """
        if isinstance(command, str):
            command = command.encode()
        if not 0 < len(command) <= channel.COMMAND_MAX_BYTES:
            raise StartError(f"a command of {len(command)} bytes")
        self.wait_ready()
        token = channel.new_token()
        splitter = channel.OutputSplitter(token)
        pieces: list[bytes] = []
        take = sink or pieces.append
        deadline = time.monotonic() + timeout
        self._send(channel.run_request(token, command), deadline)
        while splitter.status is None:
            take(splitter.feed(self._receive(deadline, "the command")))
        return Result(splitter.status, b"".join(pieces))

    def run_over_reset(self, command: str, timeout: float = 150) -> None:
        """Run a command by which the machine resets itself, and wait until it
        takes commands again. For Options.reset."""
        self.wait_ready()
        deadline = time.monotonic() + timeout
        self._send(channel.run_request(channel.new_token(), command.encode()),
                   deadline)
        self._ready = False
        self.wait_ready(timeout)

    def power_off(self, timeout: float = OFF_TIMEOUT_S) -> None:
        """Have the guest power itself off, and QEMU end by that."""
        self.wait_ready()
        self._send(channel.OFF, time.monotonic() + timeout)
        try:
            self._qemu.wait(timeout)
        except TimeoutError:
            raise self._timed_out("the power-off took too long") from None
        if self._qemu.end_reason() != "guest-shutdown":
            raise self._crashed()

    def close(self) -> None:
        """End QEMU, if it has not ended. May be called twice."""
        if self._qemu is not None:
            self._qemu.kill()
        for connection in (self._channel, self._events):
            if connection is not None:
                connection.close()
        if self._folder is not None:
            self._last_log = self.log()
            self._folder.cleanup()
            self._folder = None

    def interact(self, timeout: float | None = None) -> int:
        """Boot to a shell on this terminal, until QEMU ends.

        Returns the exit status for tools/vm: 0 after a power-off, or after
        Ctrl-A X.
        """
        terminal = sys.stdin.fileno() if sys.stdin.isatty() else None
        saved = termios.tcgetattr(terminal) if terminal is not None else None
        try:
            self._start(interactive=True)
            try:
                status = self._qemu.wait(timeout)
            except TimeoutError:
                raise self._timed_out(f"not ended within {timeout:g} s") \
                    from None
            if status != 0 or self._qemu.end_reason() == "guest-reset":
                raise self._crashed()
            return 0
        finally:
            self.close()
            if saved is not None:
                termios.tcsetattr(terminal, termios.TCSADRAIN, saved)

    def _start(self, interactive: bool) -> None:
        _remove_stale_folders()
        self._folder = tempfile.TemporaryDirectory(
            prefix=f"{FOLDER_PREFIX}{os.getpid()}-")
        folder = Path(self._folder.name)
        self._events, qemu_events = socket.socketpair()
        qemu_channel = None
        if interactive:
            self._log = self.options.log
        else:
            self._log = self.options.log or folder / "com1.log"
            self._channel, qemu_channel = socket.socketpair()
        ends = [end for end in (qemu_channel, qemu_events) if end]
        try:
            wiring = self._wiring(folder, qemu_channel, qemu_events)
            self._qemu = Qemu(command_line(self.options, wiring), folder,
                              interactive, self._events, ends)
        finally:
            for end in ends:
                end.close()
        if wiring.gdb is not None:
            script = debugger.write_script(self.options, wiring.gdb)
            try:
                started = self._qemu.wait_started(START_TIMEOUT_S)
            except TimeoutError:
                raise self._timed_out("QEMU does not answer") from None
            if not started:
                raise self._crashed()
            print(f"vm: halted; attach with: gdb -x {script}", file=sys.stderr)

    def _wiring(self, folder: Path, qemu_channel: socket.socket | None,
                qemu_events: socket.socket) -> Wiring:
        options = self.options
        words = options.kernel_words(CHANNEL_PORT if qemu_channel else None)
        fetch_overlays(options)
        direct = options.boot == "direct"
        kernel, archive = self._direct_files(folder) if direct else (None, None)
        return Wiring(
            words=words,
            kernel=kernel,
            # What is not booted from gives no words: one image for all.
            image=main_image(options, words if options.boot == "disk" else "")
            if options.needs_image else None,
            medium=medium_image(options, words) if options.is_removable
            else None,
            swap=swap_image(options, folder) if options.own_swap_disk else None,
            initramfs=archive,
            log=self._log,
            channel_fd=qemu_channel.fileno() if qemu_channel else None,
            events_fd=qemu_events.fileno(),
            gdb=folder / "gdb" if options.gdb else None)

    def _direct_files(self, folder: Path) -> tuple[Path, Path | None]:
        """The kernel and the archive that QEMU loads itself."""
        options = self.options
        if options.is_linux:
            fetched = linux.fetch(options)
            return (linux.kernel(fetched),
                    linux.initramfs(options, fetched, folder))
        if options.root == "initramfs":
            return options.kernel_file, initramfs(options, options.layers)
        return options.kernel_file, None

    def _send(self, data: bytes, deadline: float) -> None:
        self._channel.settimeout(max(0.1, deadline - time.monotonic()))
        try:
            self._channel.sendall(data)
        except TimeoutError:
            raise self._timed_out("the guest takes no command") from None
        except OSError:
            raise self._crashed() from None

    def _receive(self, deadline: float, what: str) -> bytes:
        """Some bytes from the guest, at least one."""
        left = deadline - time.monotonic()
        if left <= 0 or not select.select([self._channel], [], [], left)[0]:
            raise self._timed_out(f"{what} took too long")
        try:
            data = self._channel.recv(65536)
        except OSError:
            data = b""
        if not data:
            raise self._crashed()
        return data

    def _report_tasks(self) -> None:
        """Have the kernel log where every task is, if it still can."""
        if (self.options.kernel != "faultline" or self._log is None
                or not self.alive):
            return
        before = self.log().count(TASKS_END)
        deadline = time.monotonic() + TASKS_TIMEOUT_S
        try:
            self._qemu.inject_nmi()
            while (self.log().count(TASKS_END) == before
                   and time.monotonic() < deadline):
                time.sleep(0.05)
        except OSError:
            pass  # QEMU ends just now: then there is nobody to ask

    def _timed_out(self, message: str) -> TimedOut:
        self._report_tasks()
        self.close()
        return TimedOut(message, self.log_tail())

    def _crashed(self) -> Crashed | StartError:
        """The error for a QEMU that has ended, or is about to."""
        error = self._explain_end()
        self.close()
        return error

    def _linux_panicked(self) -> bool:
        """Linux resets the machine after a panic: only its log tells."""
        return self.options.is_linux and linux.PANIC in self.log()

    def _explain_end(self) -> Crashed | StartError:
        try:
            status = self._qemu.wait(EXIT_TIMEOUT_S)
        except TimeoutError:
            return Crashed("QEMU closed its channel and goes on",
                           self.log_tail())
        if status == PANIC_STATUS or self._linux_panicked():
            return Crashed("kernel panic", self.log_tail())
        errors = self._qemu.errors()
        reason = self._qemu.end_reason()
        if status == 1 and reason is None and not self._ready:
            return StartError(f"QEMU did not start:\n{errors}")
        message = {"guest-shutdown": "the machine powered itself off",
                   "guest-reset": "the machine reset itself",
                   "host-signal": "QEMU was ended by a signal"}.get(
                       reason, f"QEMU ended with status {status}")
        return Crashed("\n".join(filter(None, [message, errors])),
                       self.log_tail())


def _remove_stale_folders() -> None:
    """Remove what machines left whose process was killed outright."""
    for folder in Path(tempfile.gettempdir()).glob(FOLDER_PREFIX + "*"):
        owner = FOLDER_NAME.match(folder.name)
        if owner and not Path("/proc", owner[1]).exists():
            shutil.rmtree(folder, ignore_errors=True)
