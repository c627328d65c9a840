# image/esp.py - the volume that the firmware boots from: an ordinary FAT one
# SPDX-License-Identifier: MIT
"""What is on it (docs/boot.md):

  README.TXT                 for whoever opens the stick
  EFI/BOOT/BOOT*.EFI         the stub, for both firmwares
  faultline/kernel*.elf      both kernels
  faultline/cmdline.txt      the kernel's command line
  faultline/initramfs.cpio   the root, unless that is on a disk
  faultline/overlay.cpio     laid over it, if there is one
  faultline/licences/*.txt   of what is on it and is not ours
"""

import os
from pathlib import Path

from common import MIB, SECTOR_BYTES, identifier, new_file, run
from mkcpio import make_cpio

LABEL = "faultline-esp"
# The type of its partition, in a GPT and on a CD: UEFI 2.10, 5.3.3.
TYPE = "C12A7328-F81F-11D2-BA4B-00A0C93EC93B"

# FAT32 needs 65525 clusters, of a sector each.
FAT32_MIB_LEAST = 40
TABLES_MIB = 2    # its own, at most
SPARE_MIB = 8     # for what is added later

TEXTS = Path(__file__).resolve().parent / "volume"

# Whose work is on the volume as well: packages under build/i386. Their licences
# go with it (the OFL asks for that with each copy).
LICENSED = ("busybox-static", "musl", "xfonts-terminus")


def _text(path: Path, lines: str) -> Path:
    """A text file that every editor shows right, Windows's included."""
    path.write_bytes(lines.replace("\n", "\r\n").encode("ascii"))
    return path


def volume_files(build: Path, work: Path, *, words: str | None,
                 initramfs: Path | None, overlays=()) -> dict[str, Path]:
    """Path on the volume -> source. What has to be made is made in `work`.

    words       the command line; None: volume/cmdline.txt, a stick's
    overlays    folders that become overlay.cpio
    """
    readme = (TEXTS / "README.TXT").read_text()
    cmdline = (words + "\n" if words is not None
               else (TEXTS / "cmdline.txt").read_text())
    files = {"README.TXT": _text(work / "README.TXT", readme),
             "EFI/BOOT/BOOTX64.EFI": build / "efi/BOOTX64.EFI",
             "EFI/BOOT/BOOTIA32.EFI": build / "efi/BOOTIA32.EFI",
             "faultline/kernel.elf": build / "kernel.elf",
             "faultline/kernel-pae.elf": build / "kernel-pae.elf",
             "faultline/cmdline.txt": _text(work / "cmdline.txt", cmdline)}
    for package in LICENSED:
        files[f"faultline/licences/{package}.txt"] = \
            build / f"i386/usr/share/doc/{package}/copyright"
    if initramfs is not None:
        files["faultline/initramfs.cpio"] = initramfs
    if overlays:
        make_cpio(work / "overlay.cpio", overlays)
        files["faultline/overlay.cpio"] = work / "overlay.cpio"
    return files


def content_mib(files: dict[str, Path]) -> int:
    """What the files take, rounded up."""
    return sum(path.stat().st_size for path in files.values()) // MIB + 1


def make_esp(image: Path, files: dict[str, Path], *, mib: int = 0,
             hidden_sectors: int = 0, fat32: bool = True) -> None:
    """Make the volume `image` of files: path on it -> source.

    mib             its size; 0: as large as needed
    hidden_sectors  where its partition starts on the disk
    """
    settings = {"MTOOLS_SKIP_CHECK": "1", "MTOOLSRC": os.devnull}
    least = max(FAT32_MIB_LEAST if fat32 else 0,
                content_mib(files) + TABLES_MIB)
    if mib and mib < least:
        raise ValueError(f"a boot volume of {mib} MiB is too small for its "
                         f"files: they need {least}")
    size = (mib or least + SPARE_MIB) * MIB
    new_file(image, size)
    # A FAT16 has 65524 clusters at most: of 2 KiB, 127 MiB.
    shape = ["-F", "-c", "1"] if fat32 else ["-c", "4"]
    run(["mformat", "-i", image, *shape, "-T", size // SECTOR_BYTES,
         "-h", "64", "-s", "32", "-H", hidden_sectors,
         "-N", identifier(LABEL)[:8], "-v", "FAULTLINE", "::"], **settings)
    folders = sorted({parent.as_posix() for path in files
                      for parent in Path(path).parents} - {"."})
    run(["mmd", "-i", image, *(f"::{folder}" for folder in folders)],
        **settings)
    for path in sorted(files):
        run(["mcopy", "-i", image, files[path], f"::{path}"], **settings)
