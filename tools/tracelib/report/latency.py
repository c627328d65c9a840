# tools/tracelib/report/latency.py - how long faults took, by cause
# SPDX-License-Identifier: MIT

from ..model import History, cause_name
from ..summary import percentile
from .bins import histogram


def latency(history: History) -> dict:
    table = history.faults
    durations: dict[int, list[int]] = {}
    majors: dict[int, int] = {}
    for i, duration in enumerate(table.duration):
        cause = table.cause(i)
        durations.setdefault(cause, []).append(duration)
        if table.is_major(i):
            majors[cause] = majors.get(cause, 0) + 1
    if not durations:
        return {"missing": "There is no FAULT record in this trace."}
    rows = []
    for cause, values in durations.items():
        values.sort()
        rows.append({"cause": cause, "name": cause_name(cause),
                     "count": len(values), "majors": majors.get(cause, 0),
                     "total": sum(values), "median": percentile(values, 50),
                     "p99": percentile(values, 99), "max": values[-1],
                     "histogram": histogram(values)})
    rows.sort(key=lambda row: -row["total"])
    return {"rows": rows, "elapsed": history.elapsed_ns}
