#!/usr/bin/env python3
# image/mkcpio.py - folders to a "newc" cpio archive, for the initramfs
# SPDX-License-Identifier: MIT
"""usage: mkcpio.py -o OUT DIR...

The same input gives the same bytes.
Format: the comment in Linux's Documentation/driver-api/early-userspace, and
cpio(5).
"""

import argparse
import sys
from pathlib import Path

from tree import Entry, build_time, read_trees

HEADER_MAGIC = "070701"
TRAILER = "TRAILER!!!"


def _padding(length: int) -> bytes:
    return bytes(-length % 4)


def _record(inode: int, name: str, mode: int, links: int, data: bytes,
            uid: int = 0, gid: int = 0) -> bytes:
    encoded = name.encode() + b"\0"
    fields = (inode, mode, uid, gid, links, build_time(), len(data),
              0, 0, 0, 0, len(encoded), 0)
    header = HEADER_MAGIC + "".join(f"{field:08x}" for field in fields)
    head = header.encode() + encoded
    return head + _padding(len(head)) + data + _padding(len(data))


def _content(entry: Entry) -> bytes:
    if entry.is_folder:
        return b""
    return entry.target.encode() if entry.is_link else entry.source.read_bytes()


def make_cpio(out: Path, tops) -> None:
    """Write the archive of the merged folders `tops` to `out`."""
    with open(out, "wb") as file:
        for inode, entry in enumerate(read_trees(tops), start=1):
            file.write(_record(inode, entry.path, entry.mode,
                               2 if entry.is_folder else 1, _content(entry),
                               entry.uid, entry.gid))
        file.write(_record(0, TRAILER, 0, 1, b""))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("-o", dest="out", type=Path, required=True)
    parser.add_argument("folders", metavar="DIR", nargs="+")
    arguments = parser.parse_args()
    try:
        make_cpio(arguments.out, arguments.folders)
    except (OSError, ValueError) as error:
        arguments.out.unlink(missing_ok=True)
        print(f"mkcpio: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
