# tools/vmlib/linux.py - Linux in our kernel's place
# SPDX-License-Identifier: MIT
"""Debian's kernel comes from ci/fetch-linux, the tiny one from
ci/build-linux-tiny, when it is first asked for. QEMU loads
it with an initramfs of ours, made of image/linux/init, busybox and the modules
that our machines' disks need; then our own root and init run.

The modules' order is taken from what they say of themselves (.modinfo): the
package has no modules.dep, which is made at installation.
"""

import lzma
import os
import re
import shutil
import struct
from pathlib import Path

from . import fetch as fetching
from .errors import StartError
from .options import TOP, Options

import mkcpio  # options.py says where it is

# In the order of loading; what they depend on goes before them. The first two
# the others ask for by an alias.
MODULES = ("crc32c_generic", "crct10dif_generic", "ahci", "ata_piix", "sd_mod",
           "ext4")

DEPENDS = re.compile(rb"\0depends=([^\0]*)\0")

# The head of XEN_ELFNOTE_PHYS32_ENTRY: lengths of name and value, type, name.
PVH_NOTE = struct.pack("<III4s", 4, 4, 18, b"Xen")

PANIC = "Kernel panic - not syncing"


def fetch(options: Options) -> Path:
    """The folder of the kernel, fetched if it is not there."""
    if not _busybox(options).exists():
        raise StartError(f"{options.build}/root is not there: run `make`")
    folder = options.build / "linux"
    if options.kernel == "linux-tiny":
        fetching.fetch("build-linux-tiny", "Linux", folder / "tiny")
        return folder / "tiny"
    fetching.fetch("fetch-linux", "Linux", folder, options.linux_format)
    return folder / options.linux_format


def kernel(folder: Path) -> Path:
    """The kernel as QEMU loads it: where it has a PVH entry, like ours, the
    ELF, unpacked once. To unpack itself takes it a third of its boot."""
    unpacked = folder / "vmlinux"
    if unpacked.exists():
        return unpacked
    packed = _only(folder, "boot/vmlinuz-*")
    try:
        elf = _payload(packed.read_bytes())
    except (lzma.LZMAError, struct.error, IndexError) as error:
        raise StartError(f"{packed}: {error}") from error
    if PVH_NOTE not in elf:
        return packed  # one without PAE
    unfinished = folder / f"vmlinux.{os.getpid()}"
    unfinished.write_bytes(elf)
    unfinished.replace(unpacked)
    return unpacked


def _payload(image: bytes) -> bytes:
    """What a bzImage holds: setup_sects, payload_offset and payload_length of
    its header, as in Documentation/arch/x86/boot.rst."""
    setup_sectors = image[0x1f1] or 4
    offset, length = struct.unpack_from("<II", image, 0x248)
    start = (setup_sectors + 1) * 512 + offset
    # Behind the packed data comes their length, which is not theirs.
    return lzma.LZMADecompressor().decompress(image[start:start + length])


def initramfs(options: Options, folder: Path, work: Path) -> Path:
    """What Linux starts with, made in the folder `work`: the loader of our
    root, or, with --root initramfs, that and the root."""
    stage = work / "stage"
    modules = stage / "linux/modules"
    modules.mkdir(parents=True)
    shutil.copy(TOP / "image/linux/init", stage)
    shutil.copy(_busybox(options), stage / "linux")
    order = []  # the tiny one has none
    if options.kernel == "linux":
        order = _in_order(_only(folder, "lib/modules/*"))
    for number, module in enumerate(order):
        shutil.copy(module, modules / f"{number:02}-{module.name}")
    tops = [stage]
    if options.root == "initramfs":
        tops = [options.build / "root", *options.layers, stage]
    archive = work / "initramfs.cpio"
    mkcpio.make_cpio(archive, tops)
    shutil.rmtree(stage)
    return archive


def _busybox(options: Options) -> Path:
    return options.build / "root/bin/busybox"


def _only(folder: Path, pattern: str) -> Path:
    found = list(folder.glob(pattern))
    if len(found) != 1:
        raise StartError(f"{folder}/{pattern}: {len(found)} found; remove "
                         f"{folder}, and it is fetched again")
    return found[0]


def _in_order(release: Path) -> list[Path]:
    """Every module that MODULES need, each after those that it needs."""
    files = {path.stem.replace("-", "_"): path
             for path in release.rglob("*.ko")}
    order: dict[str, Path] = {}

    def add(name: str) -> None:
        if name in order:
            return
        if name not in files:
            raise StartError(f"{release}: no module {name}")
        needs = DEPENDS.search(files[name].read_bytes())
        for need in needs[1].decode().split(",") if needs else ():
            if need:
                add(need.replace("-", "_"))
        order[name] = files[name]

    for name in MODULES:
        add(name)
    return list(order.values())
