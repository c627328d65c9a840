#!/usr/bin/env python3
# tools/mkfont.py - a console font as C, from a PCF file of the X Window System
# SPDX-License-Identifier: MIT
"""usage: mkfont.py FONT.pcf.gz >font.c

The font is 8 pixels wide and 16 high, encoded by Unicode. The result is what
drivers/video/font.h declares: code points in order, and a bitmap for each.
tests/system/screen.py reads glyphs by the same functions.

Source: the format as X.Org's libXfont reads it: a table of contents; for each
table its format in little endian, then its data in the order that the format
says.
"""

import gzip
import struct
import sys

METRICS, BITMAPS, ENCODINGS = 0x4, 0x8, 0x20
COMPRESSED_METRICS = 0x100  # of a table's format
BIG_ENDIAN = 0x4
MSB_FIRST = 0x8
NO_GLYPH = 0xffff

WIDTH, HEIGHT = 8, 16
LAST_CODE = 0xffff  # of a u16

NOTICE = ("Terminus Font, Copyright (c) 2010-2014 Dimitar Toshkov Zhekov, "
          "licensed under the SIL Open Font License, Version 1.1")


class Table:
    """A table of the file: its format word and what follows it."""

    def __init__(self, font: bytes, kind: int):
        count, = struct.unpack_from("<I", font, 4)
        for entry in range(count):
            found, _, size, offset = struct.unpack_from("<4I", font,
                                                        8 + 16 * entry)
            if found == kind:
                self.data = font[offset:offset + size]
                self.format, = struct.unpack_from("<I", self.data)
                self.order = ">" if self.format & BIG_ENDIAN else "<"
                return
        raise SystemExit(f"mkfont: no table {kind:#x}")

    def get(self, layout: str, offset: int) -> tuple:
        return struct.unpack_from(self.order + layout, self.data, offset)


def _check_metrics(table: Table) -> None:
    """Every glyph fills its cell, so that bitmaps need no placing."""
    if not table.format & COMPRESSED_METRICS:
        raise SystemExit("mkfont: metrics are not compressed")
    count, = table.get("H", 4)
    for glyph in range(count):
        left, right, width, ascent, descent = (
            value - 0x80 for value in table.get("5B", 6 + 5 * glyph))
        if (left, right, width, ascent + descent) != (0, WIDTH, WIDTH, HEIGHT):
            raise SystemExit(f"mkfont: glyph {glyph} is not 8x16")


def _bitmaps(table: Table) -> list[bytes]:
    """The rows of each glyph, the leftmost pixel in the highest bit."""
    if not table.format & MSB_FIRST:
        raise SystemExit("mkfont: bits are in the other order")
    pad = 1 << (table.format & 3)
    count, = table.get("I", 4)
    offsets = table.get(f"{count}I", 8)
    base = 8 + 4 * count + 16  # behind the sizes for the four paddings
    return [table.data[base + offset:base + offset + HEIGHT * pad:pad]
            for offset in offsets]


def read_font(path: str) -> dict[int, bytes]:
    """Code point -> 16 rows."""
    with gzip.open(path) as file:
        font = file.read()
    if font[:4] != b"\1fcp":
        raise SystemExit(f"mkfont: {path} is not a PCF font")
    _check_metrics(Table(font, METRICS))
    bitmaps = _bitmaps(Table(font, BITMAPS))
    encodings = Table(font, ENCODINGS)
    low_first, low_last, high_first, high_last, _ = encodings.get("5H", 4)
    glyphs = {}
    at = 14
    for high in range(high_first, high_last + 1):
        for low in range(low_first, low_last + 1):
            glyph, = encodings.get("H", at)
            at += 2
            if glyph != NO_GLYPH:
                glyphs[high << 8 | low] = bitmaps[glyph]
    return glyphs


def main() -> None:
    if len(sys.argv) != 2:
        raise SystemExit("usage: mkfont.py FONT.pcf.gz")
    glyphs = {code: rows for code, rows in read_font(sys.argv[1]).items()
              if 0x20 <= code <= LAST_CODE}
    codes = sorted(glyphs)
    missing = [code for code in (*range(0x20, 0x7f), 0xfffd)
               if code not in glyphs]
    if missing:
        raise SystemExit(f"mkfont: no glyph for {missing}")
    print("// Made by tools/mkfont.py. " + NOTICE + ".")
    print("#include \"drivers/video/font.h\"\n")
    print(f"const u32 font_count = {len(codes)};")
    print(f"const u16 font_codes[{len(codes)}] = {{")
    print(",\n".join(f"    {code:#06x}" for code in codes) + "};")
    print(f"const u8 font_rows[{len(codes)}][FONT_HEIGHT] = {{")
    for code in codes:
        print("    {" + ", ".join(f"{row:#04x}" for row in glyphs[code])
              + f"}}, // {code:#06x}")
    print("};")
    print(f"const char font_notice[] = \"{NOTICE}\";")


if __name__ == "__main__":
    main()
