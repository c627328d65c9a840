# tools/tracelib/symbols.py - addresses of the kernel and of programs, named
# SPDX-License-Identifier: MIT
"""`mm_fault+0x12 (mm/fault.c:34)` for an address, by the files of a build: the
kernel's build/kernel.elf or kernel-pae.elf, a program's by its path in the
guest. What has been asked once is remembered.
"""

import os
from pathlib import Path

from .elf import Elf, NotElf

KERNELS = ("kernel.elf", "kernel-pae.elf")
# Where the files of the guest are, within the build folder. The later ones are
# there only after something was fetched.
ROOTS = ("root", "i386", "debian/root", "debian")
ADDRESS_MAX = 0xffffffff


class Symbols:
    """@top: of the source tree; @build: of what was built, if elsewhere."""

    def __init__(self, top: Path, build: Path | None = None):
        self.top = top
        self.build = build or top / "build"
        self._elfs: dict[Path, Elf | None] = {}
        self._programs: dict[str, Elf | None] = {}
        self._named: dict[tuple[int, int], str | None] = {}

    # ---- files -------------------------------------------------------------

    def elf(self, file: Path) -> Elf | None:
        """None: not there, or no program."""
        if file not in self._elfs:
            try:
                self._elfs[file] = Elf(file)
            except (OSError, NotElf):
                self._elfs[file] = None
        return self._elfs[file]

    def kernel_elf(self, pae: bool = False) -> Elf | None:
        return self.elf(self.build / KERNELS[pae])

    def program(self, path: str) -> Elf | None:
        """The file that is at @path in the guest."""
        if path not in self._programs:
            try:
                self._programs[path] = next(
                    (elf for root in ROOTS
                     if (elf := self._in(self.build / root, path))), None)
            except OSError:     # no file here can have that name
                self._programs[path] = None
        return self._programs[path]

    def _in(self, root: Path, path: str) -> Elf | None:
        """A link with an absolute path leads to a place within @root."""
        file = root / path.lstrip("/")
        for _ in range(8):
            if not file.is_symlink():
                break
            to = file.readlink()
            file = (root / str(to).lstrip("/") if to.is_absolute() else
                    file.parent / to)
        if root not in file.resolve().parents and (
                root.resolve() not in file.resolve().parents):
            return None
        return self.elf(file) if file.is_file() else None

    # ---- addresses ---------------------------------------------------------

    def name(self, elf: Elf, address: int) -> str | None:
        """`function+0x12 (file.c:34)`, or as much of it as is known."""
        key = (id(elf), address)
        if key not in self._named:
            self._named[key] = self._name(elf, address)
        return self._named[key]

    def _name(self, elf: Elf, address: int) -> str | None:
        if not 0 <= address <= ADDRESS_MAX or not elf.is_code(address):
            return None
        function = elf.function(address)
        line = self.line(elf, address)
        if not function:
            function = f"{elf.file.name}+{address:#x}"
        return f"{function} ({line})" if line else function

    def line(self, elf: Elf, address: int) -> str | None:
        """`mm/fault.c:34`: within the tree without its top."""
        line = elf.line(address)
        if line is None:
            return None
        return os.path.normpath(line).removeprefix(f"{self.top.resolve()}/")

    def kernel(self, address: int, pae: bool = False) -> str | None:
        """None: no kernel was built, or it is not of its code."""
        elf = self.kernel_elf(pae)
        return self.name(elf, address) if elf else None

    def user(self, path: str, offset: int) -> str | None:
        """@path: as in the guest; @offset: in that file, as a mapping has it:
        address - its start + 4096 * its page. None: no such file here, or
        nothing of it is loaded from there."""
        elf = self.program(path)
        address = elf.address_of(offset) if elf else None
        return None if address is None else self.name(elf, address)

    def fixed(self, path: str, address: int) -> str | None:
        """@address: of a program that is always at the same place (ET_EXEC).
        None: as for user(), or it may be anywhere."""
        elf = self.program(path)
        if elf is None or not elf.is_fixed:
            return None
        return self.name(elf, address)

    def close(self) -> None:
        for elf in self._elfs.values():
            if elf:
                elf.close()
