# tools/gdblib/commands.py - `fl ...`: words to functions
# SPDX-License-Identifier: MIT

import gdb

from . import log, memory, tasks, trace
from .values import look

LOG_LINES = 40
TRACE_RECORDS = 40


class Prefix(gdb.Command):
    """What Faultline's kernel is doing."""

    def __init__(self):
        super().__init__("fl", gdb.COMMAND_STATUS, prefix=True)


class Command(gdb.Command):
    """One that takes up to so many arguments, which are expressions; if there
    may be more than one, without blanks."""
    name = ""
    least = most = 0

    def __init__(self):
        super().__init__(f"fl {self.name}", gdb.COMMAND_STATUS)

    def invoke(self, argument, from_tty):
        words = gdb.string_to_argv(argument)
        if self.most == 1 and words:
            words = [argument]
        if not self.least <= len(words) <= self.most:
            raise gdb.GdbError(self.__doc__.splitlines()[0])
        try:
            self.run(*[look(word) for word in words])
        except gdb.MemoryError as error:
            raise gdb.GdbError(f"not readable: {error}") from error

    def run(self, *values):
        raise NotImplementedError


def task_of(values) -> gdb.Value:
    return tasks.find(int(values[0])) if values else tasks.current()


class Tasks(Command):
    """fl tasks: all tasks, and which functions they wait in."""
    name = "tasks"

    def run(self, *values):
        tasks.list_tasks()


class Backtrace(Command):
    """fl bt PID: the calls that a task is in."""
    name = "bt"
    least = most = 1

    def run(self, *values):
        tasks.backtrace(int(values[0]))


class Areas(Command):
    """fl vmas [PID]: the areas of a task's memory, of the current one's
    without PID; how many of their pages are there, and how many in swap."""
    name = "vmas"
    most = 1

    def run(self, *values):
        memory.list_areas(task_of(values))


class Walk(Command):
    """fl walk ADDRESS [PID]: the page-table entries on the way to ADDRESS, and
    the frame there."""
    name = "walk"
    least, most = 1, 2

    def run(self, *values):
        memory.walk(task_of(values[1:]), int(values[0]) & 0xffffffff)


class Frame(Command):
    """fl page FRAME: what is known of a page frame: its number (a physical
    address / 4096), or a struct page pointer."""
    name = "page"
    least = most = 1

    def run(self, *values):
        number = int(values[0])
        if memory.is_page_pointer(values[0]):
            number = memory.frame_of_page(number)
        memory.frame(number)


class Zones(Command):
    """fl zones: frames, marks, free blocks and LRU lists of each zone."""
    name = "zones"

    def run(self, *values):
        memory.list_zones()


class Swap(Command):
    """fl swap: the swap areas."""
    name = "swap"

    def run(self, *values):
        memory.list_swap()


class Log(Command):
    """fl log [LINES]: the end of the kernel's log."""
    name = "log"
    most = 1

    def run(self, *values):
        log.show(int(values[0]) if values else LOG_LINES)


class Trace(Command):
    """fl trace [N]: the last N records of the trace's ring."""
    name = "trace"
    most = 1

    def run(self, *values):
        trace.show(int(values[0]) if values else TRACE_RECORDS)


def register() -> None:
    Prefix()
    for command in (Tasks, Backtrace, Areas, Walk, Frame, Zones, Swap, Log,
                    Trace):
        command()
