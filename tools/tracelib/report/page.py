# tools/tracelib/report/page.py - the page: numbers, and the files of web/
# SPDX-License-Identifier: MIT

import html
import json
import re
from pathlib import Path

from .. import model
from ..records import Stream
from . import (counters, headline, heat, latency, losses, places, processes,
               readahead, reclaim, swap, timeline, workingset)
from .bins import Bins

WEB = Path(__file__).resolve().parent / "web"
# In this order: the first ones are used by the others.
STYLES = ("base.css", "page.css", "charts.css", "print.css")
SCRIPTS = ("theme.js", "text.js", "svg.js", "chart.js", "legend.js",
           "headline.js", "timeline.js", "memory.js", "time.js", "heat.js",
           "latency.js", "reclaim.js", "swap.js", "readahead.js", "places.js",
           "workingset.js", "processes.js", "counters.js", "main.js")


def numbers(stream: Stream, name: str, symbols=None) -> dict:
    """All that the page shows, as JSON can hold it."""
    boots = stream.by_boot()
    records = max(boots, key=len, default=[])
    history = model.read(records)
    bins = Bins(history.start_ns or 0, history.end_ns)
    return {
        "name": name,
        "records": history.records,
        "start": history.start_ns or 0,
        "end": history.end_ns,
        "memory": history.frames,
        "losses": losses.losses(history, stream, len(boots)),
        "headline": headline.headline(history, bins),
        "faults": timeline.faults(history, bins),
        "zones": timeline.memory(history),
        "latency": latency.latency(history),
        "heat": heat.heat(history),
        "reclaim": reclaim.reclaim(history, bins),
        "kills": reclaim.kills(history),
        "swap": swap.swap(history, bins),
        "readahead": readahead.readahead(history),
        "places": places.places(history, symbols),
        "working": workingset.working_set(history, records),
        "missratio": workingset.miss_ratio(history, records),
        "processes": processes.processes(history),
        "counters": counters.counters(history),
    }


def _read(names: tuple[str, ...]) -> str:
    return "\n".join((WEB / name).read_text(encoding="utf-8")
                     for name in names)


def _script_safe(data: dict) -> str:
    """JSON that can stand in a script element: nothing in it ends one."""
    return (json.dumps(data, separators=(",", ":"), ensure_ascii=False)
            .replace("<", "\\u003c").replace("\u2028", "\\u2028")
            .replace("\u2029", "\\u2029"))


def page(stream: Stream, name: str, symbols=None) -> str:
    parts = {
        "@TITLE@": html.escape(name),
        "@STYLE@": _read(STYLES),
        "@DATA@": _script_safe(numbers(stream, name, symbols)),
        "@SCRIPT@": _read(SCRIPTS),
    }
    text = (WEB / "page.html").read_text(encoding="utf-8")
    return re.sub("|".join(parts), lambda mark: parts[mark[0]], text)
