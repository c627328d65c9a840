# tools/tracelib/report/timeline.py - faults by cause, and free memory, by time
# SPDX-License-Identifier: MIT

from ..model import History, cause_name, zone_name
from .bins import Bins, thin


def faults(history: History, bins: Bins) -> dict:
    table = history.faults
    if not len(table):
        return {"missing": "There is no FAULT record in this trace: group "
                           "fault was off."}
    by_cause: dict[int, list[int]] = {}
    times: dict[int, list[int]] = {}
    majors = [0] * bins.columns
    waited = [0] * bins.columns
    for i, time in enumerate(table.time):
        cause = table.cause(i)
        counts = by_cause.get(cause)
        if counts is None:
            counts = by_cause[cause] = [0] * bins.columns
            times[cause] = [0] * bins.columns
        at = bins.of(time)
        counts[at] += 1
        times[cause][at] += table.duration[i]
        if table.is_major(i):
            majors[at] += 1
            waited[at] += table.duration[i]
    causes = sorted(by_cause.items(), key=lambda item: -sum(item[1]))
    return {"bins": bins.as_json(), "majors": majors, "waited": waited,
            "causes": [{"cause": cause, "name": cause_name(cause),
                        "total": sum(counts), "counts": counts,
                        "times": times[cause]}
                       for cause, counts in causes]}


def memory(history: History) -> dict:
    zones = []
    for number, zone in sorted(history.zones.items()):
        if not zone.high and not any(free for _, free in zone.samples):
            continue    # a zone without memory
        zones.append({"name": zone_name(number), "min": zone.min,
                      "low": zone.low, "high": zone.high,
                      "points": thin(sorted(zone.samples))})
    if not zones:
        return {"missing": "There is no ZONE record in this trace."}
    names = ("active anonymous", "inactive anonymous", "active file",
             "inactive file", "swap used")
    # They lie one on the other: all have to be of the same times.
    kept = thin([(time, sum(values[:4]), values)
                 for time, values in history.lru])
    lists = [{"name": name,
              "points": [(time, values[i]) for time, _, values in kept]}
             for i, name in enumerate(names)] if kept else []
    return {"zones": zones, "lists": lists}
