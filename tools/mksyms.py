#!/usr/bin/env python3
# tools/mksyms.py - the symbol table that is embedded in the kernel
# SPDX-License-Identifier: MIT
"""Reads `nm -n kernel.elf` on standard input (or a file) and writes an
assembler file with the functions' addresses and names, for kernel/symbols.c.

Only symbols of text are taken, one for each address: global before local,
then the alphabetically first, so that the same kernel gives the same table.
"""

import argparse
import sys

TEXT_TYPES = "TtWw"


def parse_nm(lines):
    """Sorted [(address, name)], one for each address."""
    best = {}
    for line in lines:
        fields = line.split()
        if len(fields) != 3 or fields[1] not in TEXT_TYPES:
            continue  # undefined symbols have no address
        address, kind, name = int(fields[0], 16), fields[1], fields[2]
        if name.startswith("."):
            continue
        rank = (kind in "tw", name)
        if address not in best or rank < best[address]:
            best[address] = rank
    return [(address, best[address][1]) for address in sorted(best)]


def assembler(symbols):
    """The text of the assembler file."""
    offsets, offset = [], 0
    for _, name in symbols:
        offsets.append(offset)
        offset += len(name) + 1
    out = ["# made by tools/mksyms.py", '.section .ksyms, "a"', ".balign 4"]

    def table(label, directive, values):
        out.append(f".global {label}")
        out.append(f"{label}:")
        out.extend(f"    {directive} {value}" for value in values)

    table("ksyms_count", ".long", [len(symbols)])
    table("ksyms_addresses", ".long", [f"{a:#x}" for a, _ in symbols])
    table("ksyms_name_offsets", ".long", offsets)
    table("ksyms_names", ".asciz", [f'"{name}"' for _, name in symbols])
    out.append('.section .note.GNU-stack, "", @progbits')
    return "\n".join(out) + "\n"


def self_test():
    """Raises AssertionError when something is wrong."""
    symbols = parse_nm([
        "         U missing",
        "c0100000 T start",
        "c0100000 t a_local_name",
        "c0100020 t helper",
        "c0100020 t .Lnot_this",
        "c0100010 T main",
        "c0200000 D data",
        "c0100030 W weak_one",
    ])
    assert symbols == [(0xC0100000, "start"), (0xC0100010, "main"),
                       (0xC0100020, "helper"), (0xC0100030, "weak_one")]
    text = assembler(symbols)
    assert "ksyms_count:\n    .long 4\n" in text
    assert "ksyms_name_offsets:\n    .long 0\n    .long 6\n    .long 11\n" in text
    assert '    .asciz "helper"\n' in text


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("nm", nargs="?", help="output of nm -n; default: stdin")
    parser.add_argument("-o", "--output", help="assembler file; default: stdout")
    parser.add_argument("--self-test", action="store_true")
    args = parser.parse_args()
    if args.self_test:
        self_test()
        return 0
    if args.nm:
        with open(args.nm, encoding="ascii") as file:
            symbols = parse_nm(file)
    else:
        symbols = parse_nm(sys.stdin)
    if not symbols:
        print("mksyms: no text symbols in the input", file=sys.stderr)
        return 1
    if args.output:
        with open(args.output, "w", encoding="ascii") as file:
            file.write(assembler(symbols))
    else:
        sys.stdout.write(assembler(symbols))
    return 0


if __name__ == "__main__":
    sys.exit(main())
