# tools/gdblib/tasks.py - tasks, and where they wait
# SPDX-License-Identifier: MIT
"""A task that does not run has, where its saved esp points to, the registers of
arch/x86/switch.S; from its ebp on the frames are chained.
"""

import gdb

from .values import (at, code_name, entries, enum_names, look, text)

SAVED_EBP_WORD = 3  # after edi, esi, ebx
STACK_BYTES = 8192
FRAMES_MAX = 64

# Every sleep goes through these: what called them tells more.
WAITING = ("schedule", "wait_sleep", "switch_to", "thread_switch", "sleep")


def all_tasks():
    return entries(look("task_list"), "struct task", "all_link")


def find(pid: int) -> gdb.Value:
    for task in all_tasks():
        if int(task["pid"]) == pid:
            return task
    raise gdb.GdbError(f"no task {pid}")


def current() -> gdb.Value:
    task = look("current_task")
    if not int(task):
        raise gdb.GdbError("there are no tasks yet")
    return task.dereference()


def is_current(task: gdb.Value) -> bool:
    return int(task.address) == int(look("current_task"))


def _word(address: int) -> int:
    return int(at(address, "unsigned int"))


def frames(task: gdb.Value) -> list[int]:
    """Return addresses of a task that does not run, the last call first."""
    ebp = _word(int(task["thread"]["esp"]) + SAVED_EBP_WORD * 4)
    stack = int(task["stack"])
    # The kernel's first task runs on a stack of its own.
    top = int(task["thread"]["stack_top"]) or stack + STACK_BYTES
    found = []
    while stack <= ebp < top - 4 and len(found) < FRAMES_MAX:
        address = _word(ebp + 4)
        if not address:
            break
        found.append(address)
        ebp = _word(ebp)
    return found


def _where(task: gdb.Value) -> str:
    if is_current(task):
        return "on the CPU"
    names = [code_name(address - 1).split("+")[0] for address in frames(task)]
    while len(names) > 1 and names[0].startswith(WAITING):
        del names[0]
    return " < ".join(names[:3])


def list_tasks() -> None:
    states = enum_names("task_state", "TASK_")
    print(f"{'pid':>6} {'tgid':>6} {'state':<9}{'name':<17}where")
    for task in all_tasks():
        print(f"{int(task['pid']):>6} {int(task['tgid']):>6} "
              f"{states.get(int(task['state']), '?'):<9}"
              f"{text(task['name']):<17}{_where(task)}")


def backtrace(pid: int) -> None:
    task = find(pid)
    if is_current(task):
        gdb.execute("backtrace")
        return
    for number, address in enumerate(frames(task)):
        line = gdb.find_pc_line(address - 1)
        place = (f" at {line.symtab.filename}:{line.line}"
                 if line.symtab else "")
        print(f"#{number:<3}{address:#010x} {code_name(address - 1)}{place}")
