# tools/flashlib/cli.py - the command line of tools/flash
# SPDX-License-Identifier: MIT
"""Write build/faultline.img to a stick, and read it back.

Shows what DEVICE is, asks, writes, and compares what the stick holds then.
Without DEVICE: lists the disks there are.

Refused is, whatever is said: a disk that the running system is on or swaps
to, one that another device is made of (RAID, LVM, encryption), one that is no
disk, and one that is too small. Refused unless told twice, which is --force
and then the device's name where "yes" is asked for: a disk that is not
removable, and one that is mounted, which is unmounted then.

A stick is mostly larger than the image. Afterwards the partition table's
second copy is moved to the stick's end, where it belongs (sgdisk -e), so that
other systems do not complain of it; the kernel does not need it.
"""

import argparse
import dataclasses
import sys
from pathlib import Path

from . import disks, writer

IMAGE = Path(__file__).resolve().parents[2] / "build/faultline.img"
MIB = 1 << 20


def say(text: str = "") -> None:
    print(text, flush=True)


def list_disks(tree: disks.Tree) -> None:
    for disk in disks.find_all(tree):
        say(disk.describe())
        for reason in disks.objections(tree, disk, 0) + disks.doubts(disk):
            say(f"    not by itself: {reason}")


def ask(disk: disks.Disk, twice: bool) -> bool:
    """Is it wanted? Told twice: by the device's name."""
    word = disk.name if twice else "yes"
    print(f"All that is on {disk.path} will be lost. "
          f'Type "{word}" to go on: ', end="", flush=True)
    answer = sys.stdin.readline()
    if not answer.endswith("\n"):
        say()
    return answer.strip() == word


def report(what: str, done: int, total: int) -> None:
    if sys.stdout.isatty():
        print(f"\r{what}: {done // MIB} of {total // MIB} MiB", end="",
              flush=True)
        if done == total:
            say()


def check_same(tree: disks.Tree, device: str, disk: disks.Disk) -> None:
    """Raises Refused unless it still is what was described."""
    now = disks.find(tree, device)
    if dataclasses.replace(now, mounts=disk.mounts) != disk:
        raise disks.Refused("it is not the disk that you were asked about")
    if now.mounts != disk.mounts:
        raise disks.Refused(
            f"it is mounted on {', '.join(now.mounts) or 'nothing'} now")


def flash(tree: disks.Tree, device: str, image: Path, force: bool) -> None:
    size = image.stat().st_size
    disk = disks.find(tree, device)
    say(disk.describe())
    objections = disks.objections(tree, disk, size)
    if objections:
        raise disks.Refused("; ".join(objections))
    doubts = disks.doubts(disk)
    for doubt in doubts:
        say(f"    careful: {doubt}")
    if doubts and not force:
        raise disks.Refused("; ".join(doubts)
                            + " (FORCE=1, or --force, if you are sure)")
    writer.check_access(disk)
    if not ask(disk, bool(doubts)):
        raise disks.Refused("not confirmed")
    # Sticks are pulled out, and others put in, while somebody thinks.
    check_same(tree, device, disk)
    if disk.mounts:
        writer.unmount(disk)
        disk = dataclasses.replace(disk, mounts=())
        check_same(tree, device, disk)
    with writer.Stick(disk) as stick:
        check_same(tree, device, disk)  # for the last time: it is held
        stick.write(image, report)
        stick.verify(image, report)
        say(f"{disk.path}: {size} bytes written, read back, the same")
        say(stick.fix_table(image))


def main(words: list[str]) -> int:
    """The exit status: 1 if it was refused or failed, 2 without a device."""
    parser = argparse.ArgumentParser(
        prog="flash", description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("device", metavar="DEVICE", nargs="?")
    parser.add_argument("--image", type=Path, default=IMAGE, metavar="FILE",
                        help="default: build/faultline.img")
    parser.add_argument("--force", action="store_true",
                        help="the first of telling twice")
    for name in ("sys", "dev", "proc"):
        parser.add_argument(f"--{name}", type=Path, default=Path("/", name),
                            metavar="DIR", help="another tree, for tests")
    arguments = parser.parse_args(words)
    tree = disks.Tree(arguments.sys, arguments.dev, arguments.proc)
    try:
        if not arguments.device:
            list_disks(tree)
            say("flash: which? make flash DEV=/dev/sdX")
            return 2
        flash(tree, arguments.device, arguments.image, arguments.force)
    except (disks.Refused, OSError) as error:
        print(f"flash: refused: {error}" if isinstance(error, disks.Refused)
              else f"flash: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nflash: given up; the stick holds half of it, or nothing",
              file=sys.stderr)
        return 1
    return 0
