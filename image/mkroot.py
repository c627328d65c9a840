#!/usr/bin/env python3
# image/mkroot.py - stage the root file system of the guest in a folder
# SPDX-License-Identifier: MIT
"""usage: mkroot.py -o DIR --busybox FILE [--skeleton DIR] [--strip TOOL]
                 PROGRAM...

DIR is made anew: the skeleton's files, the empty folders, busybox with a
symbolic link for each of its applets, and the programs in /bin (the one named
init becomes /sbin/init), without their debugging information if a tool is
named that takes it out: who runs from an initramfs has all of it in memory.

The applets' names are read from busybox's own table (all names, each ended by
a NUL, starting with "[" and "[["). Asking the binary itself would mean
running an i386 program on the build host, which not every one can.
"""

import argparse
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent

EMPTY_FOLDERS = ("bin", "dev", "etc", "home", "home/user", "mnt", "proc",
                 "root", "sbin", "tmp", "usr", "var", "var/run")
STICKY_FOLDERS = ("tmp",)
LINKS = {"usr/bin": "../bin", "usr/sbin": "../sbin"}

TABLE_START = b"\0[\0[[\0"
# Ours are other programs of the same name.
NOT_LINKED = {"init", "linuxrc", "busybox"}


def applets(busybox: bytes) -> list[str]:
    start = busybox.find(TABLE_START)
    end = busybox.find(b"\0\0", start + 1)
    if start < 0 or end < 0:
        raise ValueError("no table of applets: not a busybox")
    names = busybox[start + 1:end].decode("ascii").split("\0")
    if "sh" not in names:
        raise ValueError("busybox without a shell")
    return [name for name in names if name not in NOT_LINKED]


def make_root(out: Path, skeleton: Path, busybox: Path,
              programs: list[Path], strip: str | None) -> None:
    if out.exists():
        shutil.rmtree(out)
    shutil.copytree(skeleton, out, symlinks=True)
    for name in EMPTY_FOLDERS:
        (out / name).mkdir(exist_ok=True)
    for name in STICKY_FOLDERS:
        (out / name).chmod(0o1777)
    for name, target in LINKS.items():
        (out / name).symlink_to(target)

    shutil.copy(busybox, out / "bin/busybox")
    (out / "bin/busybox").chmod(0o755)
    copies = []
    for program in programs:
        folder = "sbin" if program.name == "init" else "bin"
        copies.append(out / folder / program.name)
        shutil.copy(program, copies[-1])
        copies[-1].chmod(0o755)
    if strip:
        subprocess.run([strip, "--strip-debug", *copies], check=True)
    for name in applets(busybox.read_bytes()):
        if not (out / "bin" / name).exists():
            (out / "bin" / name).symlink_to("busybox")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("-o", dest="out", type=Path, required=True)
    parser.add_argument("--busybox", type=Path, required=True)
    parser.add_argument("--skeleton", type=Path, default=HERE / "root")
    parser.add_argument("--strip", metavar="TOOL")
    parser.add_argument("programs", metavar="PROGRAM", nargs="*", type=Path)
    arguments = parser.parse_args()
    try:
        make_root(arguments.out, arguments.skeleton, arguments.busybox,
                  arguments.programs, arguments.strip)
    except (OSError, ValueError, subprocess.CalledProcessError) as error:
        print(f"mkroot: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
