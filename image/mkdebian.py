#!/usr/bin/env python3
# image/mkdebian.py - what the guest gets of unpacked Debian packages
# SPDX-License-Identifier: MIT
"""usage: mkdebian.py -o DIR UNPACKED

DIR is made anew: an overlay for the root of mkroot.py. The files are those of
the packages, unchanged (hard links to them); only where they lie differs, as
our root has one folder of programs under the two names /bin and /usr/bin.
What only people read is left out, and what no program here would open.

What a package does when it is installed is not done: one link that two of the
programs would miss is made here.
"""

import argparse
import fnmatch
import os
import shutil
import sys
from pathlib import Path

# Folder in the packages -> folder in the guest. Shared data of programs apart,
# usr/share is documents.
TAKEN = {"bin": "bin", "sbin": "sbin", "usr/bin": "bin", "usr/sbin": "sbin",
         "lib": "lib", "usr/lib": "usr/lib", "usr/include": "usr/include",
         "usr/share/awk": "usr/share/awk"}

# Patterns of paths in the guest, "*" of any characters.
LEFT_OUT = (
    # The packages' own upkeep.
    "bin/dpkg*", "bin/deb*", "bin/update-alternatives", "sbin/dpkg*",
    "sbin/update-*", "sbin/*-shell", "sbin/invoke-rc.d", "sbin/service",
    # Character sets but UTF-8, which the C library has built in.
    "usr/lib/*/gconv/*",
    # The C library's headers bring a network's.
    *(f"*lib/*/{name}*" for name in (
        "engines-3", "krb5", "libcrypto", "libgssapi", "libk5crypto",
        "libkrb5", "libnsl", "libssl", "libtirpc", "ossl-modules")),
    "usr/include/tirpc/*", "lib/systemd/*", "usr/lib/udev/*",
)

LINKS = {"bin/awk": "gawk"}  # update-alternatives makes it


def _is_left_out(path: str) -> bool:
    return any(fnmatch.fnmatchcase(path, pattern) for pattern in LEFT_OUT)


def make_overlay(out: Path, unpacked: Path) -> None:
    if out.exists():
        shutil.rmtree(out)
    for source, target in TAKEN.items():
        top = unpacked / source
        if not top.is_dir():
            raise ValueError(f"{top}: no such folder")
        for folder, folders, files in os.walk(top):
            links = [name for name in folders
                     if (Path(folder) / name).is_symlink()]
            for name in files + links:
                file = Path(folder) / name
                path = Path(target) / file.relative_to(top)
                if _is_left_out(path.as_posix()):
                    continue
                (out / path).parent.mkdir(parents=True, exist_ok=True)
                os.link(file, out / path, follow_symlinks=False)
    for path, target in LINKS.items():
        (out / path).symlink_to(target)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("-o", dest="out", type=Path, required=True)
    parser.add_argument("unpacked", metavar="UNPACKED", type=Path)
    arguments = parser.parse_args()
    try:
        make_overlay(arguments.out, arguments.unpacked)
    except (OSError, ValueError) as error:
        print(f"mkdebian: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
