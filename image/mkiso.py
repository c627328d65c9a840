#!/usr/bin/env python3
# image/mkiso.py - a CD that UEFI boots, and that can be dd'ed to a stick
# SPDX-License-Identifier: MIT
"""usage: mkiso.py -o OUT --initramfs FILE [options]; --help lists them

A firmware that boots a CD looks for an El Torito entry of the platform EFI,
whose image is a FAT volume; one that boots a stick looks for a partition with
such a volume. Here both are the same bytes: the volume is a partition behind
the ISO file system, in a GPT, and the El Torito entry names that place. The
file system holds the same files once more, for people: opened on any system,
they can be copied to a stick with FAT32, and that stick boots.

The size of an El Torito image is told in 16 bits, in sectors of 512 bytes.
Some firmware takes it for the truth (OVMF does not), so the volume is smaller
than 32 MiB, which makes it FAT16.

Sources: El Torito 1.0, figure 3; UEFI 2.10, 13.3.2.
"""

import argparse
import shutil
import sys
import tempfile
from datetime import datetime, timezone
from pathlib import Path

import esp
from common import identifier, run
from tree import build_time

ESP_MIB = 31
LABEL = "FAULTLINE"


def _stage(folder: Path, files: dict[str, Path]) -> None:
    for name, source in files.items():
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, target)
        target.chmod(0o644)


def make_iso(out, *, build="build", cmdline=None, initramfs,
             overlays=()) -> None:
    """Make the CD image `out`; an existing one is replaced at the end, whole.

    build, cmdline, initramfs, overlays: as for mkimage.make_image

    Raises OSError or ValueError with a message that says what is wrong.
    """
    out, build = Path(out), Path(build)
    time = datetime.fromtimestamp(build_time(), timezone.utc)
    stamp = time.strftime("%Y%m%d%H%M%S00")
    with tempfile.TemporaryDirectory(prefix=".mkiso-",
                                     dir=out.resolve().parent) as name:
        work = Path(name)
        files = esp.volume_files(build, work, words=cmdline,
                                 initramfs=Path(initramfs), overlays=overlays)
        esp.make_esp(work / "esp", files, mib=ESP_MIB, fat32=False)
        _stage(work / "tree", files)
        run(["xorriso", "-as", "mkisofs", "-quiet", "-iso-level", "3",
             "-r", "-J", "-V", LABEL, "-o", work / "iso",
             f"--modification-date={stamp}",
             "--set_all_file_dates", stamp,
             "--gpt_disk_guid", identifier("iso").replace("-", "").lower(),
             "-partition_offset", "16",
             "-append_partition", "2", esp.TYPE, work / "esp",
             "-appended_part_as_gpt",
             "-eltorito-alt-boot", "-e", "--interval:appended_partition_2:all::",
             "-no-emul-boot", work / "tree"])
        (work / "iso").replace(out)


def main() -> int:
    parser = argparse.ArgumentParser(
        description="Make a CD image that UEFI boots.")
    parser.add_argument("-o", dest="out", required=True, metavar="OUT")
    parser.add_argument("--build", default="build", metavar="DIR",
                        help="where kernel.elf and efi/ are")
    parser.add_argument("--cmdline", metavar="STR",
                        help="the kernel's command line")
    parser.add_argument("--initramfs", metavar="FILE", required=True)
    parser.add_argument("--overlay", action="append", default=[],
                        metavar="DIR", help="laid over the root; repeatable")
    arguments = parser.parse_args()
    try:
        make_iso(arguments.out, build=arguments.build,
                 cmdline=arguments.cmdline, initramfs=arguments.initramfs,
                 overlays=arguments.overlay)
    except (OSError, ValueError) as error:
        print(f"mkiso: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
