# tools/tracelib/report/readahead.py - what was read before it was wanted
# SPDX-License-Identifier: MIT

from ..model import SWAP, History

SOURCES_MAX = 8


def readahead(history: History) -> dict:
    rows = [{"name": "swap" if file == SWAP else history.file(file),
             "requests": ahead.requests, "read": ahead.read,
             "used": ahead.used, "unused": ahead.unused}
            for file, ahead in history.readahead.items()]
    if not rows:
        return {"missing": "No READAHEAD record is in this trace: group cache "
                           "was off, or nothing was read ahead."}
    rows.sort(key=lambda row: (row["name"] != "swap", -row["read"]))
    shown, rest = rows[:SOURCES_MAX], rows[SOURCES_MAX:]
    if rest:
        shown.append({"name": f"{len(rest)} other files"} |
                     {key: sum(row[key] for row in rest)
                      for key in ("requests", "read", "used", "unused")})
    return {"rows": shown}
