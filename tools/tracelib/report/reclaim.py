# tools/tracelib/report/reclaim.py - who caused reclaim, and who paid
# SPDX-License-Identifier: MIT

import collections

from ..model import History
from .bins import Bins

TASKS_MAX = 8
KILLS_MAX = 12
REASONS = ("used lately", "dirty or being written", "locked by mlock",
           "no slot in swap", "held by somebody")


def _label(history: History, pid: int) -> str:
    process = history.process(pid)
    return process.label if process else f"task {pid}"


def reclaim(history: History, bins: Bins) -> dict:
    if not history.reclaims and not history.wakes:
        return {"missing": "No RECLAIM or MARK record is in this trace: group "
                           "reclaim was off, or memory never was short."}
    wakers = collections.Counter(_label(history, wake.pid)
                                 for wake in history.wakes
                                 if wake.mark == "low")
    payers: dict[tuple[str, str], list[int]] = {}
    strips = {"kswapd": [0] * bins.columns, "direct": [0] * bins.columns}
    for entry in history.reclaims:
        paid = payers.setdefault((_label(history, entry.pid), entry.who),
                                 [0, 0, 0, 0])
        for i, more in enumerate((1, entry.scanned, entry.reclaimed,
                                  entry.duration_ns)):
            paid[i] += more
        if entry.who in strips:
            strips[entry.who][bins.of(entry.time_ns)] += entry.reclaimed
    reasons = [sum(column) for column in
               zip(*(why for _, _, why in history.skipped))]
    return {
        "bins": bins.as_json(),
        "wakers": [{"label": label, "count": count}
                   for label, count in wakers.most_common(TASKS_MAX)],
        "payers": [{"label": label, "who": who, "count": paid[0],
                    "scanned": paid[1], "reclaimed": paid[2], "ns": paid[3]}
                   for (label, who), paid in
                   sorted(payers.items(), key=lambda item: -item[1][3])
                   ][:TASKS_MAX],
        "strips": strips,
        "skipped": [{"name": name, "pages": pages}
                    for name, pages in zip(REASONS, reasons)],
    }


def kills(history: History) -> dict:
    """Who was killed for want of memory, and what each had of it."""
    rows = [{"time": time, "label": _label(history, victim), "pages": pages}
            for time, _pid, victim, pages in history.ooms]
    return {"rows": rows[:KILLS_MAX], "others": len(rows[KILLS_MAX:])}
