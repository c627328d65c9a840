# tools/bench_chart.py - the picture that tools/bench makes
# SPDX-License-Identifier: MIT
"""Horizontal bars: how many times as many instructions Linux takes. Plain SVG,
so that nothing is needed to make it."""

import dataclasses
import math
from xml.sax.saxutils import escape

LEFT = 210      # for the names
RIGHT = 250     # for the figures
PLOT = 460
TOP = 84
BAR = 11
GAP = 7         # between groups
MOST = 8        # longer bars are cut off; the figure says how long
BOTTOM = 24

BETTER, WORSE = ("#3b6fb6", "#8fb4de"), ("#d9822b", "#efb884")
TEXT, FAINT, RULE = "#222222", "#777777", "#dddddd"

STYLE = "font-family:Helvetica,Arial,sans-serif"


@dataclasses.dataclass(frozen=True)
class Group:
    """An operation: a bar for each Linux."""

    name: str
    faultline: int  # instructions
    linux: list[int]

    def ratio(self, which: int) -> float:
        return self.linux[which] / max(self.faultline, 1)


def _text(x: float, y: float, text: str, size: int = 12, fill: str = TEXT,
          anchor: str = "start") -> str:
    return (f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" fill="{fill}" '
            f'text-anchor="{anchor}">{escape(text)}</text>')


def _line(x: float, height: int, stroke: str) -> str:
    return (f'<line x1="{x:.1f}" y1="{TOP - 6}" x2="{x:.1f}" '
            f'y2="{height - BOTTOM}" stroke="{stroke}"/>')


def _bar(group: Group, which: int, y: float, scale: float) -> list[str]:
    ratio = group.ratio(which)
    length = min(ratio, MOST) * scale
    colour = (BETTER if ratio >= 1 else WORSE)[which]
    return [
        f'<rect x="{LEFT}" y="{y:.1f}" width="{length:.1f}" height="{BAR}" '
        f'fill="{colour}"/>',
        _text(LEFT + length + 5, y + BAR - 1, f"{ratio:.2f}", 10),
    ]


def _group(group: Group, y: float, scale: float) -> list[str]:
    base = y + BAR * len(group.linux) / 2 + 4
    figures = " / ".join(f"{number:,}"
                         for number in (*group.linux, group.faultline))
    parts = [_text(LEFT - 8, base, group.name, anchor="end"),
             _text(LEFT + PLOT + RIGHT - 10, base, figures, 11, FAINT, "end")]
    for which in range(len(group.linux)):
        parts += _bar(group, which, y + which * BAR, scale)
    return parts


def _legend(linuxes: list[str]) -> list[str]:
    parts = []
    for which, name in enumerate(linuxes):
        x = LEFT + which * 130
        parts.append(f'<rect x="{x}" y="54" width="11" height="11" '
                     f'fill="{BETTER[which]}"/>')
        parts.append(_text(x + 16, 64, name, 12))
    parts.append(_text(LEFT + len(linuxes) * 130, 64,
                       "orange: Faultline takes more", 12, FAINT))
    return parts


def svg(linuxes: list[str], groups: list[Group]) -> str:
    """A picture of the groups, in their order; two Linuxes at most."""
    row = BAR * len(linuxes) + GAP
    width = LEFT + PLOT + RIGHT
    height = TOP + row * len(groups) + BOTTOM
    most = min(MOST, math.ceil(max((group.ratio(which) for group in groups
                                    for which in range(len(linuxes))),
                                   default=1)))
    scale = (PLOT - 40) / most
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" '
        f'height="{height}" viewBox="0 0 {width} {height}" style="{STYLE}">',
        f'<rect width="{width}" height="{height}" fill="#ffffff"/>',
        _text(LEFT, 24, "Instructions that Linux takes, divided by those of "
              "Faultline", 16),
        _text(LEFT, 44, "medians; longer is better for Faultline; at the right "
              "all figures, Faultline's last", 12, FAINT),
        *_legend(linuxes),
    ]
    for tick in range(most + 1):
        x = LEFT + tick * scale
        parts.append(_line(x, height, FAINT if tick == 1 else RULE))
        parts.append(_text(x, height - 8, str(tick), 11, FAINT, "middle"))
    for number, group in enumerate(groups):
        parts += _group(group, TOP + number * row, scale)
    return "\n".join([*parts, "</svg>"]) + "\n"
