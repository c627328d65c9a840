# tools/gdblib/memory.py - address spaces, frames, zones, swap areas
# SPDX-License-Identifier: MIT

import gdb

from . import tables
from .values import (PAGE_SIZE, STEPS_MAX, enum_names, flag_names, look,
                     pointer_to, text, tree)

PAGE_BYTES = 32  # of a struct page
KIB_PER_PAGE = PAGE_SIZE // 1024


# ---- address spaces ---------------------------------------------------------

def _path(file: gdb.Value) -> str:
    """In its file system: what that is mounted on is left out."""
    names = []
    dentry = file["path"]["dentry"]
    for _ in range(STEPS_MAX):
        if int(dentry["parent"]) == int(dentry):
            break
        names.insert(0, text(dentry["name"]))
        dentry = dentry["parent"]
    return "/" + "/".join(names)


def _access(flags: int) -> str:
    """As /proc/PID/maps has it, and what there is besides."""
    names = flag_names(flags, "vm_flag", "VM_").split()
    letters = "".join(letter if name in names else "-" for letter, name in
                      (("r", "read"), ("w", "write"), ("x", "exec")))
    letters += "s" if "shared" in names else "p"
    return " ".join([letters] + [name for name in names if name not in
                                 ("read", "write", "exec", "shared") and
                                 not name.startswith("may")])


def _kind(mm: gdb.Value, area: gdb.Value) -> str:
    start, end = int(area["start"]["v"]), int(area["end"]["v"])
    if int(area["file"]):
        return _path(area["file"])
    brk_start, brk = int(mm["brk_start"]["v"]), int(mm["brk"]["v"])
    if brk > brk_start and start <= brk and end >= brk_start:
        return "[heap]"
    if start <= int(mm["stack_start"]["v"]) <= end:
        return "[stack]"
    if start == int(mm["vdso"]["v"]):
        return "[vdso]"
    return ""


def list_areas(task: gdb.Value) -> None:
    mm = task["mm"]
    if not int(mm):
        raise gdb.GdbError("a kernel thread, or one that has ended: no memory")
    root = int(mm["pmap"]["root"])
    print(f"{'start':<9}{'end':<9}{'present':>8}{'swapped':>8}  access")
    for area in tree(mm["areas"]["root"]["node"], "struct vm_area", "node"):
        start, end = int(area["start"]["v"]), int(area["end"]["v"])
        present, swapped = tables.count(root, start, end)
        print(f"{start:08x} {end:08x} {present:>8}{swapped:>8}  "
              f"{_access(int(area['flags']))}  {_kind(mm, area)}".rstrip())


def walk(task: gdb.Value, address: int) -> None:
    steps = tables.walk(tables.root_of(task["mm"], address), address)
    for step in steps:
        what = (f"table at {step.value & tables.FRAME:#x}" if step.is_table
                else str(step))
        print(f"{step.level:<6} {step.place:#010x}: {step.value:#x}  {what}")
    if steps[-1].is_present and not steps[-1].is_table:
        frame(steps[-1].frame(address))


# ---- frames -----------------------------------------------------------------

def frame(number: int) -> None:
    if not 0 <= number < int(look("mem_map_frames")):
        print(f"frame  {number:#x}: not memory that is managed")
        return
    page = look("mem_map")[number]
    flags = int(page["flags"])
    state = enum_names("page_state", "PAGE_STATE_").get(flags & 0xf, "?")
    zone = text(look("zones")[flags >> 4 & 3]["name"])
    names = flag_names(flags, "page_flag", "PG_", shifted=True)
    print(f"frame  {number:#x}: {state} zone={zone} "
          f"refcount={int(page['refcount'])} "
          f"mapcount={int(page['mapcount'])} "
          f"owner={int(page['owner']):#x} index={int(page['index']):#x} "
          f"private={int(page['private']):#x}")
    print(f"       {int(page.address):#x}: flags={names or 'none'}")


def frame_of_page(address: int) -> int:
    """The number of a struct page's frame."""
    offset = address - int(look("mem_map"))
    if offset % PAGE_BYTES or not 0 <= offset // PAGE_BYTES < \
            int(look("mem_map_frames")):
        raise gdb.GdbError(f"{address:#x} is no struct page")
    return offset // PAGE_BYTES


def is_page_pointer(value: gdb.Value) -> bool:
    return value.type.strip_typedefs().unqualified() == \
        pointer_to("struct page")


# ---- zones and swap ---------------------------------------------------------

def list_zones() -> None:
    zones = look("zones")
    lists = enum_names("lru_list", "LRU_")
    del lists[max(lists)]  # how many there are
    for i in range(zones.type.range()[1] + 1):
        zone = zones[i]
        buddy = zone["buddy"]
        marks = "/".join(str(int(zone["mark"][m])) for m in range(3))
        print(f"{text(zone['name'])}: frames={int(buddy['base']):#x}+"
              f"{int(buddy['frames']):#x} present={int(zone['present'])} "
              f"managed={int(zone['managed'])} "
              f"free={int(buddy['free_frames'])} min/low/high={marks}")
        blocks = buddy["free_blocks"]
        print("  free blocks by order: " +
              " ".join(str(int(blocks[order]))
                       for order in range(blocks.type.range()[1] + 1)) +
              f", and single hot frames: {int(buddy['hot_frames'])}")
        print("  lru: " + " ".join(f"{name}={int(zone['lru_pages'][number])}"
                                   for number, name in sorted(lists.items())))


def list_swap() -> None:
    areas = look("swap_areas")
    kinds = enum_names("swap_kind", "SWAP_")
    found = False
    for i in range(int(look("swap_areas_end"))):
        if not int(areas[i]):
            continue
        found = True
        area = areas[i].dereference()
        slots = area["map"]
        good = int(area["good_pages"])
        used = int(slots["slots"]) - int(slots["free_slots"]) - \
            int(slots["bad_slots"])
        state = ("failed" if area["failed"] else
                 "on" if area["write_ok"] else "going off")
        print(f"{i}: {text(area['name'])} {kinds[int(area['kind'])]} {state} "
              f"priority={int(area['priority'])} "
              f"size_kib={good * KIB_PER_PAGE} used_kib={used * KIB_PER_PAGE} "
              f"next_slot={int(slots['next_slot'])}")
    if not found:
        print("no swap")
