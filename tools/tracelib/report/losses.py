# tools/tracelib/report/losses.py - what is not in the trace, said first
# SPDX-License-Identifier: MIT

from ..model import History
from ..records import Stream
from .headline import number


def losses(history: History, stream: Stream, boots: int) -> list[str]:
    said = []
    dropped = sum(count for _, count in history.dropped)
    if dropped:
        said.append(f"{number(dropped)} records were dropped by the kernel, "
                    "because the line was slower than they came.")
    if stream.lost:
        said.append(f"{number(stream.lost)} records were lost on the line.")
    if stream.noise:
        said.append(f"{number(stream.noise)} bytes of the capture belong to no "
                    "frame.")
    if stream.mended:
        said.append(f"{number(stream.mended)} frames were damaged and could be "
                    "mended: nothing of them is missing.")
    if history.filters:
        said.append("The trace was filtered: what was left out is in no number "
                    "here.")
    if boots > 1:
        said.append(f"The capture is of {boots} boots; this page is about the "
                    "one with most records.")
    return said
