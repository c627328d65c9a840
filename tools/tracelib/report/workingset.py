# tools/tracelib/report/workingset.py - memory in use, and what less would cost
# SPDX-License-Identifier: MIT
"""The numbers are those of tools/tracelib/missratio.py."""

from .. import missratio
from ..model import History
from ..records import Record
from .bins import thin


def working_set(history: History, records: list[Record]) -> dict:
    points = list(missratio.working_set(records))
    if not points:
        return {"missing": "There are no SAMPLE and ROUND records in this "
                           "trace: group sample was off."}
    return {"points": thin(sorted(points)), "memory": history.frames}


def miss_ratio(history: History, records: list[Record]) -> dict:
    """Points: (factor, major faults, pages of memory)."""
    points = sorted((point.factor, point.predicted_majors, point.pages)
                    for point in missratio.curve(records))
    # Without LRU nothing says how much memory there was.
    if not points or not points[-1][2]:
        return {"missing": "There is not enough in this trace to estimate "
                           "from: groups fault and sample are needed."}
    table = history.faults
    measured = sum(1 for i in range(len(table)) if table.is_major(i))
    return {"points": points, "measured": measured}
