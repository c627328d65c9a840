# tests/system/acpi_blob.py - ACPI tables of our own making
# SPDX-License-Identifier: MIT
"""Tables that no emulated board has: hardware-reduced, damaged, out of reach.
They lie in RAM from BASE on, put there by QEMU's generic loader, and
acpi_rsdp= leads the kernel to them."""

import struct

BASE = 0xc00000  # RAM of the zone that is used last; no firmware is there


def checksum(data: bytes, at: int) -> bytes:
    """@data, with the byte at @at such that all sum to 0."""
    whole = bytearray(data)
    whole[at] = 0
    whole[at] = -sum(whole) & 0xff
    return bytes(whole)


def table(signature: bytes, body: bytes, revision: int = 1) -> bytes:
    header = struct.pack("<4sIBB6s8sI4sI", signature, 36 + len(body), revision,
                         0, b"FAULT ", b"FAULTLIN", 1, b"TEST", 1)
    return checksum(header + body, 9)


def fadt(*, revision: int = 5, boot: int = 0x3, flags: int = 0,
         pm_timer: int = 0x608) -> bytes:
    body = bytearray(276 - 36)
    struct.pack_into("<I", body, 76 - 36, pm_timer)
    body[91 - 36] = 4
    struct.pack_into("<H", body, 109 - 36, boot)
    struct.pack_into("<I", body, 112 - 36, flags)
    return table(b"FACP", bytes(body), revision)


def madt(*, pcat: bool = True, local_apic: int = 0xfee00000,
         entries: bytes | None = None) -> bytes:
    if entries is None:
        entries = (struct.pack("<BBBBI", 0, 8, 0, 0, 1)
                   + struct.pack("<BBBBII", 1, 12, 0, 0, 0xfec00000, 0)
                   + struct.pack("<BBBBIH", 2, 10, 0, 0, 2, 0))
    return table(b"APIC", struct.pack("<II", local_apic, pcat) + entries)


def blob(*tables: bytes, xsdt_entries=None, break_xsdt: bool = False) -> bytes:
    """RSDP, XSDT, RSDT, and the tables, each on its own 4 KiB... as bytes to
    lie at BASE. @xsdt_entries: other 64-bit addresses before the tables'."""
    addresses = []
    at = BASE + 0x1000
    image = bytearray(0x1000)
    for one in tables:
        addresses.append(at)
        image += one + bytes(-len(one) % 16)
        at = BASE + len(image)
    more = list(xsdt_entries or [])
    xsdt = table(b"XSDT", b"".join(
        struct.pack("<Q", a) for a in more + addresses))
    rsdt = table(b"RSDT", b"".join(struct.pack("<I", a) for a in addresses))
    if break_xsdt:
        xsdt = xsdt[:-1] + bytes([xsdt[-1] ^ 0x55])
    rsdp = struct.pack("<8sB6sBIIQB3s", b"RSD PTR ", 0, b"FAULT ", 2,
                       BASE + 0x800, 36, BASE + 0x101, 0, b"")  # odd place
    rsdp = checksum(rsdp[:20], 8) + rsdp[20:]
    rsdp = checksum(rsdp, 32)
    image[0:len(rsdp)] = rsdp
    image[0x101:0x101 + len(xsdt)] = xsdt
    image[0x800:0x800 + len(rsdt)] = rsdt
    return bytes(image)
