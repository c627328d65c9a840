# tools/tracelib/report/processes.py - who was there, and what it cost them
# SPDX-License-Identifier: MIT

from ..model import History

PROCESSES_MAX = 24


def processes(history: History) -> dict:
    table = history.faults
    sums = {process.index: [0, 0, 0] for process in history.processes}
    for i, owner in enumerate(table.owner):
        entry = sums[owner]
        entry[0] += 1
        entry[2] += table.duration[i]
        if table.is_major(i):
            entry[1] += 1
    rows = []
    for process in history.processes:
        faults, majors, ns = sums[process.index]
        rows.append({
            "label": process.label,
            "names": list(dict.fromkeys(name for _, name in process.names)),
            "start": process.start_ns,
            "end": process.end_ns or process.start_ns,
            "rss": process.rss_max, "cpu": process.cpu_ns,
            "faults": faults, "majors": majors, "ns": ns})
    if not rows:
        return {"missing": "No record in this trace says who was there."}
    most = sorted(rows, key=lambda row: (-row["faults"], row["start"]))
    shown = sorted(most[:PROCESSES_MAX], key=lambda row: row["start"])
    return {"start": history.start_ns, "end": history.end_ns,
            "has_cpu": bool(history.counts["switch"]),
            "others": len(rows) - len(shown), "rows": shown}
