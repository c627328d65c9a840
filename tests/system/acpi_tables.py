# tests/system/acpi_tables.py - a machine with ACPI tables of the test's own
# SPDX-License-Identifier: MIT
"""QEMU gives its tables to the firmware as two files and a script that says
how to lay them into memory (QEMU's hw/acpi/bios-linker-loader.c). With
acpi=off it does not, and a test may give its own in the same way: SeaBIOS,
which is there in a direct boot, and OVMF carry the script out.

    tables = Tables()
    tables.add(b"SSDT", s5(5))
    fadt = tables.fadt(revision=6, ...)
    boot(..., qemu=tables.options(tmp_path))
"""

import struct
from pathlib import Path

HEADER_BYTES = 36
FILE_BYTES = 56  # of a name in the script
TABLES = b"etc/acpi/tables"
RSDP = b"etc/acpi/rsdp"
ZONE_HIGH, ZONE_FSEG = 1, 2

IO, MEMORY, PCI = 1, 0, 2
RESET_REG_SUP, HW_REDUCED = 1 << 10, 1 << 20

FADT_FIELDS = {  # name: offset, bytes
    "dsdt": (40, 4), "smi_cmd": (48, 4), "acpi_enable": (52, 1),
    "pm1a_cnt": (64, 4), "pm1b_cnt": (68, 4), "flags": (112, 4),
    "reset_value": (128, 1), "x_dsdt": (140, 8),
}
FADT_GAS = {"reset_reg": 116, "x_pm1a_cnt": 172, "x_pm1b_cnt": 184,
            "sleep_control": 244, "sleep_status": 256}
FADT_LENGTHS = {1: 116, 3: 244, 6: 276}  # by revision


def memory_options(path: Path, mib: int) -> tuple[str, ...]:
    """The machine's memory is the file at @path."""
    return ("-object", f"memory-backend-file,id=ram,size={mib}M,share=on,"
            f"mem-path={path}", "-machine", "memory-backend=ram")


def gas(space: int, address: int, width: int = 8, access: int = 1) -> bytes:
    return struct.pack("<BBBBQ", space, width, 0, access, address)


def s5(*types: int) -> bytes:
    """AML: Name (_S5_, Package () { types })."""
    elements = b"".join(bytes([0x0a, value]) for value in types)
    return (b"\x08_S5_\x12" + bytes([len(elements) + 2, len(types)])
            + elements)


class Tables:
    """Tables in one file, an RSDT, and an RSDP of revision 0."""

    def __init__(self):
        self._file = bytearray()
        self._tables = []
        self._pointers = []  # offset of a field that names a place in the file
        self._sums = []

    def add(self, signature: bytes, body: bytes, revision: int = 1,
            listed: bool = True, sound: bool = True) -> int:
        """A table; its offset. Not listed: nothing in the RSDT. Not sound:
        with a wrong checksum."""
        self._file += bytes(-len(self._file) % 16)
        start = len(self._file)
        self._file += struct.pack(
            "<4sIBB6s8sI4sI", signature, HEADER_BYTES + len(body), revision, 0,
            b"FAULTL", b"FAULTLIN", 1, b"TEST", 1) + body
        if sound:
            self._sums.append((start, len(self._file) - start))
        if listed:
            self._tables.append(start)
        return start

    def fadt(self, revision: int = 3, dsdt: int | None = None,
             **fields: int | bytes) -> int:
        """An FADT; the DSDT is a place that add() gave."""
        body = bytearray(FADT_LENGTHS[revision])
        for name, value in fields.items():
            if name in FADT_GAS:
                offset = FADT_GAS[name]
                body[offset:offset + 12] = value
            else:
                offset, size = FADT_FIELDS[name]
                body[offset:offset + size] = value.to_bytes(size, "little")
        start = self.add(b"FACP", bytes(body[HEADER_BYTES:]), revision)
        if dsdt is not None:
            self.point(start + FADT_FIELDS["dsdt"][0], dsdt)
        return start

    def point(self, field: int, target: int) -> None:
        """The 32 bits at @field become the address of @target."""
        struct.pack_into("<I", self._file, field, target)
        self._pointers.append(field)

    def scratch(self, content: bytes) -> int:
        """Memory of the firmware's that looks like no table: what stands for
        registers that are in memory."""
        return self.add(b"TEST", content, listed=False, sound=False) \
            + HEADER_BYTES

    def options(self, folder: Path) -> tuple[str, ...]:
        """Options of QEMU. Nothing can be added afterwards."""
        rsdt = self.add(b"RSDT", bytes(4 * len(self._tables)), listed=False)
        for number, table in enumerate(self._tables):
            self.point(rsdt + HEADER_BYTES + 4 * number, table)
        rsdp = struct.pack("<8sB6sBI", b"RSD PTR ", 0, b"FAULTL", 0, rsdt)
        script = [_allocate(TABLES, 64, ZONE_HIGH),
                  _allocate(RSDP, 16, ZONE_FSEG)]
        script += [_pointer(TABLES, field) for field in self._pointers]
        script += [_checksum(TABLES, start + 9, start, size)
                   for start, size in self._sums]
        script += [_pointer(RSDP, 16), _checksum(RSDP, 8, 0, 20)]
        files = {TABLES: bytes(self._file), RSDP: rsdp,
                 b"etc/table-loader": b"".join(script)}
        result = ["-machine", "acpi=off"]
        for name, content in files.items():
            path = folder / name.decode().replace("/", "-")
            path.write_bytes(content)
            result += ["-fw_cfg", f"name={name.decode()},file={path}"]
        return tuple(result)


def _command(number: int, body: bytes) -> bytes:
    return (struct.pack("<I", number) + body).ljust(128, b"\0")


def _name(name: bytes) -> bytes:
    return name.ljust(FILE_BYTES, b"\0")


def _allocate(name: bytes, align: int, zone: int) -> bytes:
    return _command(1, _name(name) + struct.pack("<IB", align, zone))


def _pointer(name: bytes, offset: int) -> bytes:
    return _command(2, _name(name) + _name(TABLES)
                    + struct.pack("<IB", offset, 4))


def _checksum(name: bytes, field: int, start: int, size: int) -> bytes:
    return _command(3, _name(name) + struct.pack("<III", field, start, size))
