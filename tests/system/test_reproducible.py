# tests/system/test_reproducible.py - the same source, the same bytes
# SPDX-License-Identifier: MIT
"""On whatever day, in whatever folder, by whomever. The images' makers are
asked on two days; that compilers and linkers do as well is for `make matrix`,
which builds all of it twice.
"""

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from conftest import BUILD, TOP

IMAGES = ("faultline.img", "faultline.iso", "faultline-disk.img")
BUILD_TIMEOUT_S = 3000
EPOCH = "1700000000"  # SOURCE_DATE_EPOCH

pytestmark = pytest.mark.skipif(shutil.which("faketime") is None,
                                reason="faketime is not installed")


def sha256(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def run(day, folder, *command, **environment):
    """Run a command on a day, as a clock on the wall shows it."""
    done = subprocess.run(
        ["faketime", day, *map(str, command)], cwd=folder,
        env=os.environ | {"SOURCE_DATE_EPOCH": EPOCH} | environment,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        timeout=BUILD_TIMEOUT_S, check=False)
    assert done.returncode == 0, done.stdout


def make_all(folder, day, umask, zone):
    """The images made of a copy of the build's parts; their sums."""
    build = folder / "build"
    (build / "efi").mkdir(parents=True)
    # Copied in this order, with times of now; and what the umask leaves.
    old = os.umask(umask)
    try:
        shutil.copytree(BUILD / "root", build / "root", symlinks=True,
                        copy_function=shutil.copy)
        for part in ("kernel.elf", "kernel-pae.elf", "efi/BOOTX64.EFI",
                     "efi/BOOTIA32.EFI"):
            shutil.copy(BUILD / part, build / part)
        licences = "i386/usr/share/doc"
        shutil.copytree(BUILD / licences, build / licences,
                        copy_function=shutil.copy)
        for maker, *arguments in (
                ("mkcpio.py", "-o", build / "initramfs.cpio", build / "root"),
                ("mkimage.py", "-o", folder / IMAGES[0], "--build", build,
                 "--no-root", "--initramfs", build / "initramfs.cpio"),
                ("mkiso.py", "-o", folder / IMAGES[1], "--build", build,
                 "--initramfs", build / "initramfs.cpio"),
                ("mkimage.py", "-o", folder / IMAGES[2], "--build", build,
                 "--root-dir", build / "root", "--swap", "16")):
            run(day, folder, sys.executable, "-B", TOP / "image" / maker,
                *arguments, TZ=zone)
    finally:
        os.umask(old)
    return {name: sha256(folder / name) for name in IMAGES}


def test_images_on_two_days(tmp_path):
    folders = [tmp_path / "one", tmp_path / "a/longer name"]
    for folder in folders:
        folder.mkdir(parents=True)
    first = make_all(folders[0], "2031-03-04 05:06:07", 0o022, "UTC")
    # A Sunday in summer, elsewhere.
    second = make_all(folders[1], "2033-07-03 23:59:58", 0o077,
                      "Asia/Kathmandu")
    assert first == second


@pytest.mark.matrix
@pytest.mark.slow
def test_build_on_two_days(tmp_path):
    """The sources, as they are here, built twice from nothing."""
    folders = {tmp_path / "one": "2031-03-04 05:06:07",
               tmp_path / "a-longer-name": "2033-07-03 23:59:58"}
    for folder in folders:
        shutil.copytree(TOP, folder, symlinks=True, ignore=lambda top, _: [
            "build", ".git"] if Path(top) == TOP else [])
        # Packages are not built; a copy has the dates that they came with.
        shutil.copytree(BUILD / "i386", folder / "build/i386", symlinks=True)
    for folder, day in folders.items():
        run(day, folder, "make", "-s", "everything")
    sums = [{name: sha256(folder / "build" / name) for name in IMAGES[:2]}
            for folder in folders]
    assert sums[0] == sums[1]
