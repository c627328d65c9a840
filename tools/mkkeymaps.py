#!/usr/bin/env python3
# tools/mkkeymaps.py - keyboard layouts for drivers/input, from xkb-data
# SPDX-License-Identifier: MIT
"""Writes a C header with what each key of each layout gives, and what dead keys
make of letters.

usage: mkkeymaps.py -o FILE

The layouts are those of Debian's xkb-data, compiled by libxkbcommon, so that
what is printed on a keyboard's keys is what they send. A layout of LAYOUTS is
named as there, a variant behind a hyphen: us, de-nodeadkeys.

What the accents of dead keys are is asked of Unicode: a dead key stands in the
tables as the combining character, and LETTER + combining character is composed
when there is one character for it (normal form C).
"""

import argparse
import ctypes
import sys
import unicodedata

LAYOUTS = """
    us us-intl us-dvorak us-colemak gb ie ca latam br
    de de-nodeadkeys at ch ch-fr be nl fr fr-bepo it es pt
    dk no se fi is ee lv lt pl cz sk hu si hr ro tr
""".split()

# Scan codes of set 1, in the order of the tables: drivers/input/keymap.c. The
# last is beside the right shift key on Brazilian keyboards.
SCAN_CODES = [*range(0x02, 0x0e), *range(0x10, 0x1c), *range(0x1e, 0x2a),
              *range(0x2b, 0x36), 0x39, 0x56, 0x73]
SPACE = 0x39
LEVELS = 4  # plain, Shift, AltGr, Shift+AltGr
# All layouts of X have more than Shift on the key that keyboards of the US lack.
NOT_IN_US = 0x56

# X's key codes are those of Linux's input layer, and 8. These are the scan
# codes but where scan codes have gaps.
INPUT_CODES = {0x73: 89}
X_OFFSET = 8

# X's dead keys: the combining character, and what the key gives alone, that is
# with a space (X's Compose files).
DEAD = {
    "dead_grave": (0x300, "`"), "dead_acute": (0x301, "'"),
    "dead_circumflex": (0x302, "^"), "dead_tilde": (0x303, "~"),
    "dead_macron": (0x304, "\u00af"), "dead_breve": (0x306, "\u02d8"),
    "dead_abovedot": (0x307, "\u02d9"), "dead_diaeresis": (0x308, '"'),
    "dead_abovering": (0x30a, "\u00b0"), "dead_doubleacute": (0x30b, "\u02dd"),
    "dead_caron": (0x30c, "\u02c7"), "dead_belowdot": (0x323, "."),
    "dead_belowcomma": (0x326, ","), "dead_cedilla": (0x327, "\u00b8"),
    "dead_ogonek": (0x328, "\u02db"), "dead_stroke": (0x335, "/"),
}
# Letters with a stroke are not composed in Unicode.
STROKES = dict(zip("bdghlotBDGHLOT", "ƀđǥħłøŧɃĐǤĦŁØŦ"))

# Keys that change what others do have no character.
IGNORED = {"VoidSymbol", "NoSymbol", "Multi_key"}


class Names(ctypes.Structure):  # struct xkb_rule_names
    _fields_ = [(field, ctypes.c_char_p)
                for field in ("rules", "model", "layout", "variant", "options")]


def load():
    """libxkbcommon, with the types of what is called."""
    lib = ctypes.CDLL("libxkbcommon.so.0")
    lib.xkb_context_new.restype = ctypes.c_void_p
    lib.xkb_context_new.argtypes = [ctypes.c_int]
    lib.xkb_keymap_new_from_names.restype = ctypes.c_void_p
    lib.xkb_keymap_new_from_names.argtypes = [
        ctypes.c_void_p, ctypes.POINTER(Names), ctypes.c_int]
    lib.xkb_keymap_key_get_syms_by_level.argtypes = [
        ctypes.c_void_p, ctypes.c_uint32, ctypes.c_uint32, ctypes.c_uint32,
        ctypes.POINTER(ctypes.POINTER(ctypes.c_uint32))]
    lib.xkb_keysym_to_utf32.restype = ctypes.c_uint32
    lib.xkb_keysym_to_utf32.argtypes = [ctypes.c_uint32]
    lib.xkb_keysym_get_name.argtypes = [
        ctypes.c_uint32, ctypes.c_char_p, ctypes.c_size_t]
    return lib


class Xkb:
    """The layouts that are installed."""

    NO_ENVIRONMENT_NAMES = 1 << 1  # the builder's own settings do not count

    def __init__(self):
        self._lib = load()
        self._context = self._lib.xkb_context_new(self.NO_ENVIRONMENT_NAMES)
        if not self._context:
            sys.exit("mkkeymaps: no xkb context")

    def _keymap(self, layout):
        name, _, variant = layout.partition("-")
        names = Names(b"evdev", b"pc105", name.encode(), variant.encode(), b"")
        keymap = self._lib.xkb_keymap_new_from_names(
            self._context, ctypes.byref(names), 0)
        if not keymap:
            sys.exit(f"mkkeymaps: xkb-data has no layout {layout}")
        return keymap

    def _character(self, symbol):
        name = ctypes.create_string_buffer(64)
        self._lib.xkb_keysym_get_name(symbol, name, len(name))
        text = name.value.decode()
        if text in DEAD:
            return DEAD[text][0]
        code = self._lib.xkb_keysym_to_utf32(symbol)
        # Control characters are those of keys that are no characters.
        if text in IGNORED or not 0x20 <= code <= 0xffff or code == 0x7f:
            return 0
        return code

    def table(self, layout):
        """What each key gives on each level; 0: nothing."""
        keymap = self._keymap(layout)
        symbols = ctypes.POINTER(ctypes.c_uint32)()

        def at(code, level):
            count = self._lib.xkb_keymap_key_get_syms_by_level(
                keymap, INPUT_CODES.get(code, code) + X_OFFSET, 0, level,
                ctypes.byref(symbols))
            found = self._character(symbols[0]) if count == 1 else 0
            # No-break spaces are a trap for who writes a shell's commands.
            return ord(" ") if code == SPACE and not 0 < found < 0x80 else found

        return [[at(code, level) for level in range(LEVELS)]
                for code in SCAN_CODES]


def compositions(marks):
    """(mark, letter, what they make), in order."""
    letters = [chr(c) for c in range(0x21, 0x7f) if chr(c).isalpha()]
    result = []
    for mark in sorted(marks):
        for letter in letters:
            made = (STROKES.get(letter, "") if mark == DEAD["dead_stroke"][0]
                    else unicodedata.normalize("NFC", letter + chr(mark)))
            if len(made) == 1:
                result.append((mark, ord(letter), ord(made)))
    return result


def caps(row):
    """What Caps Lock does as Shift does: bit 0: without, bit 1: with AltGr."""
    def pair(low, high):
        # The second: the Turkish i and its capital.
        return int(low != high and low != 0 and high != 0 and
                   (chr(low).upper() == chr(high) or
                    chr(high).lower()[0] == chr(low)))

    return pair(row[0], row[1]) | pair(row[2], row[3]) << 1


def shown(code):
    return chr(code) if code and not unicodedata.combining(chr(code)) else " "


def write(out, tables):
    used = {code for table in tables.values() for row in table for code in row}
    alone = {mark: ord(text) for mark, text in DEAD.values() if mark in used}

    print("// made by tools/mkkeymaps.py", file=out)
    print("static const struct keymap keymap_table[] = {", file=out)
    for layout, table in tables.items():
        has_altgr = any(row[2] or row[3] for code, row in
                        zip(SCAN_CODES, table)
                        if code not in (NOT_IN_US, SPACE))
        print(f'    {{"{layout}", {str(has_altgr).lower()}, {{', file=out)
        for code, row in zip(SCAN_CODES, table):
            cells = ", ".join(f"0x{c:04x}" for c in row)
            print(f"        {{{{{cells}}}, {caps(row)}}}, // {code:02x} ",
                  end="", file=out)
            print(" ".join(shown(c) for c in row).rstrip(" \\"), file=out)
        print("    }},", file=out)
    print("};", file=out)
    print("static const struct keymap_dead dead_table[] = {", file=out)
    for mark, text in sorted(alone.items()):
        print(f"    {{0x{mark:04x}, 0x{text:04x}}},", file=out)
    print("};", file=out)
    print("static const struct keymap_composed composed_table[] = {", file=out)
    for mark, letter, made in compositions(alone):
        print(f"    {{0x{mark:04x}, 0x{letter:04x}, 0x{made:04x}}},", file=out)
    print("};", file=out)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("-o", required=True, metavar="FILE")
    options = parser.parse_args()
    xkb = Xkb()
    tables = {layout: xkb.table(layout) for layout in LAYOUTS}
    with open(options.o, "w", encoding="utf-8") as out:
        write(out, tables)


if __name__ == "__main__":
    main()
