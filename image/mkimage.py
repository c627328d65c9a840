#!/usr/bin/env python3
# image/mkimage.py - a bootable GPT disk image: ESP, ext2 root, swap
# SPDX-License-Identifier: MIT
"""usage: mkimage.py -o OUT [options]; --help lists them

No root rights, no loop devices: every partition is made as a file by the
tool of its kind (mtools, mke2fs and debugfs, mkswap), and these are placed
into a disk whose table sfdisk makes (sgdisk would do, but sleeps a second
after writing). Holes stay holes.

  1  faultline-esp   FAT32   \\EFI\\BOOT, \\faultline (esp.py says what is there)
  2  faultline-root  ext2    the root folder with the overlays over it
  3  faultline-swap  swap    if asked for; type GUID SWAP_TYPE

The same input gives the same bytes: identifiers are derived from names, times
are SOURCE_DATE_EPOCH, files go in sorted. That is why the root is filled by
debugfs: mke2fs -d takes files in the order in which the host lists them, with
the owner and the times they have there.

Without a root partition the overlays become \\faultline\\overlay.cpio, which
the kernel unpacks over the initramfs.
"""

import argparse
import os
import sys
import tempfile
from pathlib import Path

import esp
from common import MIB, SECTOR_BYTES, identifier, new_file, run
from tree import Entry, build_time, read_trees

ESP_LABEL = esp.LABEL
ROOT_LABEL = "faultline-root"
SWAP_LABEL = "faultline-swap"

# GPT partition types. Swap has one of our own, so that no installed Linux
# takes our swap for its own, nor we its (which may hold a hibernation image).
ROOT_TYPE = "0FC63DAF-8483-4772-8E79-3D69D8477DE4"
SWAP_TYPE = "9879C0EE-19EB-4A66-9792-583AFEFB9D6C"

ROOT_MIB_LEAST = 32
FIRST_SECTOR = 2048      # partitions are aligned to 1 MiB

# What a small ext2 reader can do: no journal, no trees, no checksums.
EXT2_FEATURES = "none,filetype,sparse_super,large_file"


# ---- the root --------------------------------------------------------------

def _root_size(entries: list[Entry], block_bytes: int, mib: int) -> int:
    blocks = sum(entry.size() // block_bytes + 2 for entry in entries)
    # A quarter more for the file system's own blocks and for a little growth.
    needed = blocks * block_bytes * 5 // 4 // MIB + 8
    if mib == 0:
        return max(ROOT_MIB_LEAST, needed) * MIB
    if mib < needed:
        raise ValueError(f"a root of {mib} MiB is too small for its files: "
                         f"they need {needed}")
    return mib * MIB


def _quoted(text: str) -> str:
    if '"' in text or "\n" in text:
        raise ValueError(f"{text!r}: debugfs cannot have this in a name")
    return f'"{text}"'


def _debugfs_commands(entries: list[Entry]):
    for entry in entries:
        path = _quoted("/" + entry.path)
        if entry.is_folder:
            yield f"mkdir {path}"
        elif entry.is_link:
            yield f"symlink {path} {_quoted(entry.target)}"
        else:
            yield f"write {_quoted(str(entry.source.resolve()))} {path}"
        yield f"set_inode_field {path} mode 0{entry.mode:o}"
        if entry.uid or entry.gid:
            yield f"set_inode_field {path} uid {entry.uid}"
            yield f"set_inode_field {path} gid {entry.gid}"


def _fill_root(image: Path, entries: list[Entry], work: Path,
               settings: dict[str, str]) -> None:
    script = work / "debugfs.commands"
    script.write_text("".join(f"{line}\n"
                              for line in _debugfs_commands(entries)))
    output = run(["debugfs", "-w", "-f", script, image], **settings)
    # debugfs goes on after an error and exits with 0.
    wrong = [line for line in output.splitlines()
             if not line.startswith(("debugfs", "Allocated inode: "))]
    if wrong:
        raise OSError("debugfs: " + "\n".join(wrong))


def _make_root(image: Path, entries: list[Entry], work: Path,
               block_bytes: int, mib: int) -> None:
    settings = {"E2FSPROGS_FAKE_TIME": str(build_time()),
                "MKE2FS_CONFIG": os.devnull}
    own = identifier(ROOT_LABEL)
    new_file(image, _root_size(entries, block_bytes, mib))
    run(["mke2fs", "-q", "-F", "-t", "ext2", "-O", EXT2_FEATURES,
          "-b", block_bytes, "-I", "256", "-m", "0", "-L", ROOT_LABEL,
          "-U", own, "-E", f"root_owner=0:0,hash_seed={own}",
          image], **settings)
    _fill_root(image, entries, work, settings)


# ---- swap and the disk -----------------------------------------------------

def _make_swap(image: Path, mib: int) -> None:
    new_file(image, mib * MIB)
    image.chmod(0o600)  # mkswap warns otherwise
    run(["mkswap", "-L", SWAP_LABEL, "-U", identifier(SWAP_LABEL), image])


def _copy_data(source, target, offset: int) -> None:
    """Copy what is not a hole."""
    size = os.fstat(source.fileno()).st_size
    end = 0
    while end < size:
        try:
            start = os.lseek(source.fileno(), end, os.SEEK_DATA)
        except OSError:  # ENXIO: only a hole is left
            return
        end = os.lseek(source.fileno(), start, os.SEEK_HOLE)
        position = start
        while position < end:
            data = os.pread(source.fileno(), min(MIB, end - position), position)
            position += os.pwrite(target.fileno(), data, offset + position)


def _make_disk(image: Path, partitions: list[tuple[str, str, Path]]) -> None:
    """`partitions`: label, type, file, in their order on the disk."""
    table = ["label: gpt", "first-lba: 34",
             f"label-id: {identifier('disk')}"]
    offsets = []
    sector = FIRST_SECTOR
    for label, kind, file in partitions:
        sectors = file.stat().st_size // SECTOR_BYTES
        offsets.append(sector * SECTOR_BYTES)
        table.append(f"start={sector}, size={sectors}, type={kind}, "
                     f"uuid={identifier(label)}, name={label}")
        sector += sectors
    # The second table takes the last 33 sectors.
    new_file(image, sector * SECTOR_BYTES + MIB)
    run(["sfdisk", "--quiet", "--no-reread", "--no-tell-kernel", image],
         stdin="\n".join(table) + "\n")
    with open(image, "r+b") as disk:
        for offset, (_, _, file) in zip(offsets, partitions):
            with open(file, "rb") as source:
                _copy_data(source, disk, offset)


# ---- all of it -------------------------------------------------------------

def default_cmdline(has_root: bool, has_swap: bool) -> str | None:
    """For a disk with a root or swap of ours. Without either, the kernel runs
    from the initramfs: None, which stands for volume/cmdline.txt."""
    if not has_root and not has_swap:
        return None
    words = [f"root=PARTLABEL={ROOT_LABEL} rw" if has_root
             else "root=initramfs"]
    if has_swap:
        words.append(f"swap=PARTLABEL={SWAP_LABEL}")
    # No console=: the log and a shell are on the screen and on a serial port.
    return " ".join(words)


def make_image(out, *, build="build", cmdline=None, swap_mib=0, root_dir=None,
               overlays=(), initramfs=None, root_mib=0, esp_mib=0,
               block_bytes=4096) -> None:
    """Make the image `out`; an existing one is replaced at the end, whole.

    build       folder with kernel.elf, kernel-pae.elf and efi/BOOT*.EFI
    cmdline     the kernel's command line; None: default_cmdline()
    swap_mib    size of the swap partition; 0: none
    root_dir    folder that becomes the root partition; None: no such partition
    overlays    folders laid over the root, the last on top
    initramfs   a cpio archive for the ESP, or None
    root_mib    size of the root partition; 0: as large as needed
    esp_mib     size of the ESP; 0: as large as needed

    Raises OSError or ValueError with a message that says what is wrong.
    """
    out, build = Path(out), Path(build)
    if cmdline is None:
        cmdline = default_cmdline(root_dir is not None, swap_mib > 0)

    # Beside `out`, so that the last step is a rename.
    with tempfile.TemporaryDirectory(prefix=".mkimage-",
                                     dir=out.resolve().parent) as name:
        work = Path(name)
        partitions = [(ESP_LABEL, esp.TYPE, work / "esp")]
        if root_dir is not None:
            _make_root(work / "root", read_trees([root_dir, *overlays]), work,
                       block_bytes, root_mib)
            partitions.append((ROOT_LABEL, ROOT_TYPE, work / "root"))
            overlays = ()
        if swap_mib:
            _make_swap(work / "swap", swap_mib)
            partitions.append((SWAP_LABEL, SWAP_TYPE, work / "swap"))
        files = esp.volume_files(
            build, work, words=cmdline, overlays=overlays,
            initramfs=None if initramfs is None else Path(initramfs))
        esp.make_esp(work / "esp", files, mib=esp_mib,
                     hidden_sectors=FIRST_SECTOR)
        _make_disk(work / "disk", partitions)
        (work / "disk").replace(out)


def main() -> int:
    parser = argparse.ArgumentParser(
        description="Make a bootable GPT disk image.")
    parser.add_argument("-o", dest="out", required=True, metavar="OUT")
    parser.add_argument("--build", default="build", metavar="DIR",
                        help="where kernel.elf, efi/ and root/ are")
    parser.add_argument("--cmdline", metavar="STR",
                        help="the kernel's command line, instead of the usual")
    parser.add_argument("--swap", type=int, default=0, metavar="MIB",
                        help="size of the swap partition (0: none)")
    root = parser.add_mutually_exclusive_group()
    root.add_argument("--root-dir", metavar="DIR",
                      help="what the root is made of (BUILD/root)")
    root.add_argument("--no-root", action="store_true",
                      help="no root partition")
    parser.add_argument("--overlay", action="append", default=[],
                        metavar="DIR", help="laid over the root; repeatable")
    parser.add_argument("--initramfs", metavar="FILE")
    parser.add_argument("--root-size", type=int, default=0, metavar="MIB",
                        help="size of the root (0: as needed)")
    parser.add_argument("--esp-size", type=int, default=0, metavar="MIB",
                        help="size of the ESP (0: as needed)")
    parser.add_argument("--block-size", type=int, default=4096,
                        choices=(1024, 2048, 4096), help="of the root")
    arguments = parser.parse_args()
    root_dir = arguments.root_dir or Path(arguments.build) / "root"
    try:
        make_image(arguments.out, build=arguments.build,
                   cmdline=arguments.cmdline, swap_mib=arguments.swap,
                   root_dir=None if arguments.no_root else root_dir,
                   overlays=arguments.overlay, initramfs=arguments.initramfs,
                   root_mib=arguments.root_size, esp_mib=arguments.esp_size,
                   block_bytes=arguments.block_size)
    except (OSError, ValueError) as error:
        print(f"mkimage: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
