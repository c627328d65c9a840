# tests/system/large_sectors.py - images of disks with sectors of 4096 bytes
# SPDX-License-Identifier: MIT
"""sfdisk and sgdisk count in the sectors of the block device that they are
given, and in 512 bytes in an image. So the table is made here (UEFI 2.10
section 5.3). QEMU has no AHCI or IDE disk with such sectors: the kernel's word
disk_4kn takes every disk for one (docs/disk.md, "Sectors").
"""

import dataclasses
import json
import struct
import uuid
import zlib
from pathlib import Path

import disks

MIB = 1 << 20
SECTOR = 4096
ENTRIES, ENTRY_BYTES = 128, 128
ENTRY_SECTORS = ENTRIES * ENTRY_BYTES // SECTOR
HEADER_BYTES = 92
DISK_GUID = uuid.UUID("5cd3ab62-f29b-4f7f-8d1b-cd0d1cdc1a7a")


@dataclasses.dataclass(frozen=True)
class Part:
    """A partition; its content is a file of whole MiB."""

    label: str
    type: str
    content: Path

    @property
    def bytes(self) -> int:
        return self.content.stat().st_size


def _entry(part: Part, first: int) -> bytes:
    unique = uuid.uuid5(DISK_GUID, part.label)
    return struct.pack("<16s16sQQQ72s", uuid.UUID(part.type).bytes_le,
                       unique.bytes_le, first,
                       first + part.bytes // SECTOR - 1, 0,
                       part.label.encode("utf-16-le"))


def _header(sectors: int, own: int, other: int, entries_at: int,
            entries: bytes) -> bytes:
    def pack(crc: int) -> bytes:
        return struct.pack(
            "<8sIIIIQQQQ16sQIII", b"EFI PART", 0x10000, HEADER_BYTES, crc, 0,
            own, other, 2 + ENTRY_SECTORS, sectors - 2 - ENTRY_SECTORS,
            DISK_GUID.bytes_le, entries_at, ENTRIES, ENTRY_BYTES,
            zlib.crc32(entries))
    return pack(zlib.crc32(pack(0))).ljust(SECTOR, b"\0")


def _protective_mbr(sectors: int) -> bytes:
    record = struct.pack("<B3sB3sII", 0, b"\0\2\0", 0xee, b"\xff" * 3, 1,
                         min(sectors - 1, 0xffffffff))
    return (bytes(446) + record + bytes(48) + b"\x55\xaa").ljust(SECTOR, b"\0")


class LargeDisk:
    """An image with a GPT for such sectors; `places` says at which byte the
    partition of each label is."""

    def __init__(self, path: Path, parts: list[Part]):
        self.path, self.places = path, {}
        entries, at = b"", MIB
        with path.open("wb") as file:
            for part in parts:
                self.places[part.label] = (at, part.bytes)
                entries += _entry(part, at // SECTOR)
                file.seek(at)
                file.write(part.content.read_bytes())
                at += part.bytes
            file.truncate(at + MIB)
            self._write_table(file, (at + MIB) // SECTOR, entries.ljust(
                ENTRIES * ENTRY_BYTES, b"\0"))

    @staticmethod
    def _write_table(file, sectors: int, entries: bytes) -> None:
        last = sectors - 1
        file.seek(0)
        file.write(_protective_mbr(sectors)
                   + _header(sectors, 1, last, 2, entries) + entries)
        file.seek((last - ENTRY_SECTORS) * SECTOR)
        file.write(entries + _header(sectors, last, 1, last - ENTRY_SECTORS,
                                     entries))

    def put(self, at: int, data: bytes) -> None:
        with self.path.open("r+b") as file:
            file.seek(at)
            file.write(data)

    def take_out(self, label: str) -> Path:
        """A copy of a partition as it is now."""
        at, size = self.places[label]
        out = self.path.with_suffix("." + label)
        with self.path.open("rb") as file:
            file.seek(at)
            out.write_bytes(file.read(size))
        return out

    @property
    def raw(self) -> dict:
        return {"driver": "raw", "file": {"driver": "file",
                                          "filename": str(self.path)}}

    def options(self, kind="ahci", node=None, append="", **options) -> dict:
        """A machine that has it as its first disk, through `node` of QEMU's
        (or as it is)."""
        words = " ".join(filter(None, ["disk_4kn", append]))
        return disks.on(kind, boot="direct", root="initramfs", append=words,
                        qemu=("-blockdev", json.dumps(
                            {**(node or self.raw), "node-name": "large"}),
                            "-device", "ide-hd,drive=large,bus=ide.0"),
                        **options)
