#!/usr/bin/env python3
# tools/mkvdso.py - the vDSO as bytes of the kernel
# SPDX-License-Identifier: MIT
"""Reads `nm` of the shared object, not stripped, on standard input, and writes
an assembler file: the stripped one as the page vdso_image, and for each symbol
asked for an absolute one, vdso_offset_NAME.
"""

import sys

PAGE_BYTES = 4096


def main() -> int:
    path, names = sys.argv[1], sys.argv[2:]
    offsets = {}
    for line in sys.stdin:
        fields = line.split()
        if len(fields) == 3:
            # A versioned name is NAME@@VERSION.
            offsets[fields[2].split("@")[0]] = int(fields[0], 16)
    print("# made by tools/mkvdso.py")
    print('.section .data.vdso, "aw"')
    print(f".balign {PAGE_BYTES}")
    print(".globl vdso_image")
    print("vdso_image:")
    print(f'.incbin "{path}"')
    print(f".balign {PAGE_BYTES}")
    for name in names:
        symbol = f"vdso_offset_{name.lstrip('_')}"
        print(f".globl {symbol}")
        print(f".set {symbol}, {offsets[name]:#x}")
    print('.section .note.GNU-stack, "", @progbits')
    return 0


sys.exit(main())
