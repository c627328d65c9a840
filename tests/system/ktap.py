# tests/system/ktap.py - reading what in-guest tests print
# SPDX-License-Identifier: MIT
"""Of KTAP only what userland/tests/ktap.c writes: two levels, no YAML."""

import re

RESULT = re.compile(r"^ *(ok|not ok) (\d+) (.*?)( # SKIP .*)?$", re.MULTILINE)
PLAN = re.compile(r"^1\.\.(\d+)$", re.MULTILINE)
VMSTAT = re.compile(r"^# vmstat (before|after) (\w+) (\d+)$", re.MULTILINE)


def failures(text: str) -> list[str]:
    """Why this is not the output of a run without fault; [] if it is."""
    wrong = [match[0] for match in RESULT.finditer(text)
             if match[1] == "not ok"]
    plan = PLAN.search(text)
    top_level = re.findall(r"^(?:not )?ok ", text, re.MULTILINE)
    if plan is None or len(top_level) != int(plan[1]):
        wrong.append("not as many results as planned")
    if "Bail out!" in text:
        wrong.append("bailed out")
    return wrong


def results(text: str) -> list[tuple[int, str, str]]:
    """Each result's depth, name and verdict, in their order. What follows a
    colon in a description is a figure: not the name's."""
    found = []
    for match in RESULT.finditer(text):
        depth = len(match[0]) - len(match[0].lstrip(" "))
        verdict = "skipped" if match[4] else match[1]
        found.append((depth // 2, match[3].partition(":")[0], verdict))
    return found


def skipped(text: str) -> list[str]:
    """The names of the tests that were skipped."""
    return [match[3] for match in RESULT.finditer(text) if match[4]]


def vmstat_growth(text: str, name: str) -> int:
    """How much a counter of /proc/vmstat grew while memwalk ran."""
    values = {match[1]: int(match[3]) for match in VMSTAT.finditer(text)
              if match[2] == name}
    return values["after"] - values["before"]
