# tools/gdblib/tables.py - page tables, walked as the CPU does
# SPDX-License-Identifier: MIT
"""Both formats: kernel.elf has two levels and words of 4 bytes, kernel-pae.elf
three and 8. All tables are in low memory, so the direct map has them.
"""

import dataclasses

import gdb

from .values import PAGE_OFFSET, PAGE_SIZE, at, look

PRESENT, WRITE, USER, ACCESSED, DIRTY = 0x1, 0x2, 0x4, 0x20, 0x40
LARGE = PROT_NONE = 0x80  # in a directory; in a table
NX = 1 << 63
FRAME = 0x000ffffffffff000
LETTERS = ((WRITE, "w"), (USER, "u"), (ACCESSED, "a"), (DIRTY, "d"))


def is_pae() -> bool:
    return gdb.lookup_type("pte_t").sizeof == 8


@dataclasses.dataclass(frozen=True)
class Entry:
    """A step of a walk. @span: bytes that it maps."""
    level: str
    place: int
    value: int
    span: int

    @property
    def is_table(self) -> bool:
        return (self.level != "pte" and bool(self.value & PRESENT)
                and not (self.level == "pde" and self.value & LARGE))

    @property
    def is_present(self) -> bool:
        """A page is there, if not for every access (mm's word)."""
        return bool(self.value & PRESENT or
                    (self.level == "pte" and self.value & PROT_NONE))

    @property
    def is_swap(self) -> bool:
        return self.level == "pte" and bool(self.value) and \
            not self.is_present

    @property
    def swap_entry(self) -> tuple[int, int]:
        """Area and slot, as pte_swap_entry() has it."""
        if is_pae():
            return self.value >> 56, self.value >> 32 & 0xffffff
        return self.value >> 1 & 0x1f, self.value >> 8

    def frame(self, address: int) -> int:
        offset = address % self.span // PAGE_SIZE
        return (self.value & FRAME & ~(self.span - 1)) // PAGE_SIZE + offset

    def __str__(self) -> str:
        if self.is_swap:
            return "swapped out, area={} slot={}".format(*self.swap_entry)
        if not self.is_present:
            return "not present"
        letters = "".join(letter for bit, letter in LETTERS
                          if self.value & bit)
        if not self.value & NX:
            letters += "x"
        if self.level == "pte" and not self.value & PRESENT:
            letters += " (PROT_NONE)"
        return letters


def _read(table: int, index: int, level: str, span: int) -> Entry:
    place = table + index * gdb.lookup_type("pte_t").sizeof
    return Entry(level, place, int(at(place, "pte_t")["v"]), span)


def _below(entry: Entry) -> int:
    return PAGE_OFFSET + (entry.value & FRAME)


def walk(root: int, address: int) -> list[Entry]:
    """From the root, at its virtual address, down to where it ends."""
    steps = []
    if is_pae():
        steps.append(_read(root, address >> 30, "pdpte", 1 << 30))
        if not steps[-1].is_table:
            return steps
        root = _below(steps[-1])
        steps.append(_read(root, address >> 21 & 511, "pde", 1 << 21))
        index = address >> 12 & 511
    else:
        steps.append(_read(root, address >> 22, "pde", 1 << 22))
        index = address >> 12 & 1023
    if steps[-1].is_table:
        steps.append(_read(_below(steps[-1]), index, "pte", PAGE_SIZE))
    return steps


def root_of(mm: gdb.Value | None, address: int) -> int:
    """@mm: None or NULL: the kernel's."""
    if address >= PAGE_OFFSET or mm is None or not int(mm):
        return int(look("&kernel_root[0]"))
    return int(mm["pmap"]["root"])


def count(root: int, start: int, end: int) -> tuple[int, int]:
    """Pages of a user range that are present, and that are in swap."""
    present = swapped = 0
    address = start
    while address < end:
        last = walk(root, address)[-1]
        if last.level != "pte":
            address = (address // last.span + 1) * last.span
            continue
        # The rest of this table at once: a read of memory is slow.
        size = gdb.lookup_type("pte_t").sizeof
        left = (PAGE_SIZE - last.place % PAGE_SIZE) // size
        wanted = min(left, (end - address) // PAGE_SIZE)
        memory = gdb.selected_inferior().read_memory(last.place,
                                                     wanted * size)
        for i in range(wanted):
            word = int.from_bytes(memory[i * size:(i + 1) * size], "little")
            entry = Entry("pte", 0, word, PAGE_SIZE)
            present += entry.is_present
            swapped += entry.is_swap
        address += wanted * PAGE_SIZE
    return present, swapped
