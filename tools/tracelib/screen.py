# tools/tracelib/screen.py - what `faultline top` shows, as lines of text
# SPDX-License-Identifier: MIT
"""draw() makes lines of at most a given width out of a Window; it knows nothing
of terminals. A line is (text, style); styles are those of STYLES.
"""

from . import model
from .schema import CAUSES
from .window import NS_PER_S, Task, Window

STYLES = {"plain": "", "title": "\x1b[7m", "strong": "\x1b[1m",
          "bad": "\x1b[1;31m", "soft": "\x1b[2m"}
SORTS = ("time", "faults", "majors")
PAGE_KIB = 4
# A column each, of five letters; other causes are in the last.
SHOWN = {"first_write": "NEW", "zero_page": "ZERO", "file_read": "FILE",
         "swapped": "SWAP", "copy_on_write": "COW"}
BAR = 24
NAME_WIDTH = 12

Line = tuple[str, str]


def short(value: float) -> str:
    """In four letters, if at all."""
    for size, letter in ((1e9, "G"), (1e6, "M"), (1e4, "k")):
        if value >= size:
            scaled = value / (1e3 if letter == "k" else size)
            return f"{scaled:.0f}{letter}" if scaled >= 10 else (
                f"{scaled:.1f}{letter}")
    return f"{value:.0f}" if value >= 10 or value == int(value) else (
        f"{value:.1f}")


def size(pages: int) -> str:
    kib = pages * PAGE_KIB
    return f"{kib}K" if kib < 1024 else f"{kib / 1024:.1f}M" if (
        kib < 100 * 1024) else f"{kib // 1024}M"


def duration(ns: float) -> str:
    for unit, unit_ns in (("s", 1e9), ("ms", 1e6), ("us", 1e3)):
        if ns >= unit_ns:
            return f"{ns / unit_ns:.3g}{unit}"
    return f"{ns:.0f}ns"


def _zone(number: int, values: list[int]) -> Line:
    free, low_min, low, high = values
    # Twice the high mark is full; the marks have their places.
    full = max(2 * high, 1)
    bar = ["#" if i < free * BAR / full else "." for i in range(BAR)]
    for mark, letter in ((low_min, "m"), (low, "l"), (high, "h")):
        bar[min(int(mark * BAR / full), BAR - 1)] = letter
    text = (f"{model.zone_name(number):<8} free {size(free):>6} "
            f"[{''.join(bar)}] min {size(low_min)} low {size(low)} "
            f"high {size(high)}")
    return text, "bad" if free < low_min else "plain"


def _machine(window: Window, tasks: dict[int, Task]) -> list[Line]:
    seconds = window.seconds
    faults = sum(task.faults for task in tasks.values())
    majors = sum(task.majors for task in tasks.values())
    reclaim = window.reclaim()
    parts = [f"{who} {short(pages / seconds)} pages/s, "
             f"{ns / NS_PER_S / seconds:.1%} of time"
             for who, (_, pages, ns) in reclaim.items()]
    woke = ", ".join(f"{window.names.task(pid)} {times}" for pid, times
                     in window.wakes().most_common(3))
    return [
        (f"faults {short(faults / seconds)}/s, major "
         f"{short(majors / seconds)}/s   swap in "
         f"{short(window.count('swap_in') / seconds)}/s, out "
         f"{short(window.count('swap_out') / seconds)}/s", "strong"),
        ("reclaim: " + "; ".join(parts),
         "bad" if reclaim["direct"][0] else "plain"),
        (f"woke kswapd: {woke or 'nobody'}", "plain"),
    ]


HEAD = (f"{'PID':>6} {'NAME':<{NAME_WIDTH}} {'FAULT/S':>7} {'MAJOR/S':>7} "
        f"{'TIME':>5} {'MEAN':>6} " +
        "".join(f"{head:>5}" for head in [*SHOWN.values(), "ELSE"]))


def _row(pid: int, task: Task, window: Window) -> Line:
    seconds = window.seconds
    shown = [task.causes[CAUSES.index(name)] for name in SHOWN]
    shown.append(task.faults - sum(shown))
    share = task.ns / NS_PER_S / seconds
    text = (f"{pid:>6} {window.names.task(pid)[:NAME_WIDTH]:<{NAME_WIDTH}} "
            f"{short(task.faults / seconds):>7} "
            f"{short(task.majors / seconds):>7} {share:>5.0%} "
            f"{duration(task.ns / max(task.faults, 1)):>6} " +
            "".join(f"{short(count / seconds):>5}" for count in shown))
    return text, "bad" if share >= 0.25 and task.majors else "plain"


def draw(window: Window, name: str, lost: int, sort: str, columns: int,
         rows: int) -> list[Line]:
    """At most @rows lines, none longer than @columns."""
    tasks = {pid: task for pid, task in window.tasks().items() if task.faults}
    losses = []
    if lost:
        losses.append(f"lost {short(lost)}")
    if window.dropped:
        losses.append(f"dropped {short(window.dropped)}")
    lines: list[Line] = [
        (f"faultline top  {name}  guest at {window.now_ns / NS_PER_S:.1f} s, "
         f"last {window.seconds:.1f} s  {' '.join(losses)}".ljust(columns),
         "title"),
        *_machine(window, tasks),
        *(_zone(number, values) for number, values
          in sorted(window.zones.items()) if values[3]),
        (HEAD, "title"),
    ]
    order = {"time": lambda task: task.ns, "faults": lambda task: task.faults,
             "majors": lambda task: task.majors}[sort]
    for pid, task in sorted(tasks.items(), key=lambda item: -order(item[1])):
        lines.append(_row(pid, task, window))
    foot = (f"q quits, s sorts by {SORTS[(SORTS.index(sort) + 1) % len(SORTS)]}"
            f" (now: {sort}). Faults a second, by cause, on the right.",
            "soft")
    lines = lines[:max(rows - 1, 0)] + [foot]
    return [(text[:columns], style) for text, style in lines[:rows]]
