# tools/vmlib/image.py - the disks of a machine
# SPDX-License-Identifier: MIT
"""The main disk and a stick come from image/mkimage.py, a CD from mkiso.py, an
initramfs from mkcpio.py. All are kept in build/vm/ under a name made of everything that went into them, and
runs with the same options share them: QEMU writes to a snapshot, or, with
keep_disk, to a copy. A swap disk is made new for each run.
"""

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

from .errors import StartError
from .options import TOP, Options, mkimage

IMAGES_KEPT = 8
MIB = 1 << 20
SECTOR_BYTES = 512
SWAP_FIRST_SECTOR = 2048  # of the partition, on a swap disk
PAGE_BYTES = 4096


def program(name: str) -> str:
    """The path of a program; Debian gives users no sbin in PATH."""
    path = shutil.which(name, path=os.environ.get("PATH", "")
                        + ":/usr/sbin:/sbin")
    if path is None:
        raise StartError(f"{name} is not installed: run `make`")
    return path


def initramfs(options: Options, overlays: tuple[Path, ...]) -> Path:
    """The root as an archive."""
    folders = [options.build / "root", *overlays]
    return _cached(options, ".cpio", "mkcpio.py",
                   [str(folder.resolve()) for folder in folders])


def main_image(options: Options, words: str) -> Path:
    """The main disk's image."""
    if options.medium is not None and options.boot == "disk":
        return _kept(options, options.medium)
    arguments = ["--build", str(options.build), "--cmdline", words]
    if not options.own_swap_disk:
        arguments += ["--swap", str(options.swap)]
    if options.root == "initramfs":
        arguments += ["--no-root", "--initramfs", str(initramfs(options, ()))]
    if options.root_size:
        arguments += ["--root-size", str(options.root_size)]
    image = _cached(options, ".img", "mkimage.py",
                    arguments + _overlays(options))
    return image if options.is_removable else _kept(options, image)


def medium_image(options: Options, words: str) -> Path:
    """The stick's, or the CD's."""
    if options.medium is not None:
        return _kept(options, options.medium)
    arguments = ["--build", str(options.build), "--cmdline", words]
    if options.root == "initramfs":
        arguments += _overlays(options)
    arguments += ["--initramfs", str(initramfs(options, ()))]
    if options.boot == "usb":
        image = _cached(options, ".img", "mkimage.py",
                        ["--no-root", *arguments])
    else:
        image = _cached(options, ".iso", "mkiso.py", arguments)
    return _kept(options, image)


def _overlays(options: Options) -> list[str]:
    return [word for overlay in options.layers
            for word in ("--overlay", str(overlay.resolve()))]


def _kept(options: Options, image: Path) -> Path:
    """The image, or a copy with its holes, which the guest writes."""
    if options.keep_disk is None:
        return image
    _run([program("cp"), "--sparse=always", str(image),
          str(options.keep_disk)])
    return options.keep_disk


def swap_image(options: Options, folder: Path) -> Path:
    """A disk that holds one swap partition and nothing else."""
    disk = folder / "swap.img"
    partition = folder / "swap.part"
    size = options.swap * MIB
    first = SWAP_FIRST_SECTOR * SECTOR_BYTES

    _truncate(partition, size)
    _run([program("mkswap"), str(partition)])
    _truncate(disk, first + size + MIB)  # the last MiB: the second GPT
    _run([program("sfdisk"), "--quiet", "--no-reread", "--no-tell-kernel",
          str(disk)],
         f"label: gpt\nstart={SWAP_FIRST_SECTOR}, "
         f"size={size // SECTOR_BYTES}, type={mkimage.SWAP_TYPE}, "
         f"name={mkimage.SWAP_LABEL}\n")
    # mkswap writes one page; the rest of the partition stays a hole.
    with partition.open("rb") as source, disk.open("r+b") as target:
        target.seek(first)
        target.write(source.read(PAGE_BYTES))
    partition.unlink()
    return disk


def _truncate(path: Path, size: int) -> None:
    with path.open("wb") as file:
        file.truncate(size)


def _run(command: list[str], stdin: str = "") -> None:
    done = subprocess.run(command, input=stdin, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, check=False)
    if done.returncode != 0:
        raise StartError(f"{' '.join(command)}: exit status "
                         f"{done.returncode}\n{done.stdout}")


def _cached(options: Options, suffix: str, maker: str,
            arguments: list[str]) -> Path:
    """What image/<maker> makes of these arguments, made if it is not there."""
    for overlay in options.overlays:
        if not overlay.is_dir():
            raise StartError(f"--overlay {overlay}: no such folder")
    folder = options.build / "vm"
    folder.mkdir(parents=True, exist_ok=True)
    made = folder / (_fingerprint(options, arguments) + suffix)
    if made.exists():
        os.utime(made)
        return made
    unfinished = folder / f"{made.stem}.{os.getpid()}.tmp"
    try:
        _run([sys.executable, "-B", str(TOP / "image" / maker),
              "-o", str(unfinished), *arguments])
        unfinished.replace(made)
    finally:
        unfinished.unlink(missing_ok=True)
    _prune(folder, suffix)
    return made


def _inputs(options: Options):
    """Every file that an image may be made of: path, time, size."""
    for top in (TOP / "image", options.build / "root", *options.layers):
        for folder, folders, files in os.walk(top):
            folders[:] = sorted(set(folders) - {"__pycache__"})
            yield from (Path(folder) / name for name in sorted(files))
    yield from sorted(options.build.glob("*.elf"))
    yield from sorted(options.build.rglob("*.EFI"))


def _fingerprint(options: Options, arguments: list[str]) -> str:
    digest = hashlib.sha256("\0".join(arguments).encode())
    for path in _inputs(options):
        status = path.lstat()
        digest.update(f"\0{path}\0{status.st_mtime_ns} {status.st_size}"
                      .encode())
    return digest.hexdigest()[:16]


def _prune(folder: Path, suffix: str) -> None:
    """Keep those used last. QEMU goes on with one that is unlinked."""
    made = sorted(folder.glob("*" + suffix), key=lambda p: p.stat().st_mtime)
    for path in made[:-IMAGES_KEPT]:
        path.unlink(missing_ok=True)
