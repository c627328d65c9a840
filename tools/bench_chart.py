# tools/bench_chart.py - the picture that tools/bench makes
# SPDX-License-Identifier: MIT
"""Horizontal bars: how many times as many instructions Linux takes. Plain SVG,
so that nothing is needed to make it."""

import dataclasses
import math
from xml.sax.saxutils import escape

LEFT = 210      # for the names
RIGHT = 190     # for the figures
PLOT = 460
TOP = 74
ROW = 20
BAR = 13
BOTTOM = 24

BETTER, WORSE = "#3b6fb6", "#d9822b"
TEXT, FAINT, RULE = "#222222", "#777777", "#dddddd"

STYLE = "font-family:Helvetica,Arial,sans-serif"


@dataclasses.dataclass(frozen=True)
class Bar:
    name: str
    faultline: int  # instructions
    linux: int

    @property
    def ratio(self) -> float:
        return self.linux / max(self.faultline, 1)


def _text(x: float, y: float, text: str, size: int = 12, fill: str = TEXT,
          anchor: str = "start") -> str:
    return (f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" fill="{fill}" '
            f'text-anchor="{anchor}">{escape(text)}</text>')


def _line(x: float, height: int, stroke: str) -> str:
    return (f'<line x1="{x:.1f}" y1="{TOP - 6}" x2="{x:.1f}" '
            f'y2="{height - BOTTOM}" stroke="{stroke}"/>')


def _row(bar: Bar, y: float, scale: float) -> list[str]:
    length = bar.ratio * scale
    base = y + BAR - 2.5
    return [
        _text(LEFT - 8, base, bar.name, anchor="end"),
        f'<rect x="{LEFT}" y="{y:.1f}" width="{length:.1f}" height="{BAR}" '
        f'fill="{BETTER if bar.ratio >= 1 else WORSE}"/>',
        _text(LEFT + length + 5, base, f"{bar.ratio:.2f}", 11),
        _text(LEFT + PLOT + RIGHT - 10, base,
              f"{bar.linux:,} / {bar.faultline:,}", 11, FAINT, "end"),
    ]


def svg(bars: list[Bar]) -> str:
    """A picture of the bars, in their order."""
    width = LEFT + PLOT + RIGHT
    height = TOP + ROW * len(bars) + BOTTOM
    most = math.ceil(max((bar.ratio for bar in bars), default=1))
    scale = (PLOT - 40) / most
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" '
        f'height="{height}" viewBox="0 0 {width} {height}" style="{STYLE}">',
        f'<rect width="{width}" height="{height}" fill="#ffffff"/>',
        _text(LEFT, 26, "Instructions that Linux takes, divided by those of "
              "Faultline", 16),
        _text(LEFT, 46, "medians; longer is better for Faultline; at the right "
              "both figures", 12, FAINT),
    ]
    for tick in range(most + 1):
        x = LEFT + tick * scale
        parts.append(_line(x, height, FAINT if tick == 1 else RULE))
        parts.append(_text(x, height - 8, str(tick), 11, FAINT, "middle"))
    for number, bar in enumerate(bars):
        parts += _row(bar, TOP + number * ROW, scale)
    return "\n".join([*parts, "</svg>"]) + "\n"
