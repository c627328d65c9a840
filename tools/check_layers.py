#!/usr/bin/env python3
# tools/check_layers.py - who includes whom
# SPDX-License-Identifier: MIT
"""Checks every #include of the tree against the table of layers (docs: the
design, section 2). Prints file:line for each include that is not allowed and
exits with 1.

A public header is named <folder/name.h> and lies in include/folder/; a private
one is named "name.h" and lies beside the file that includes it. A header in
include/x/ belongs to the layer x, and may include what x may.
"""

import argparse
import pathlib
import re
import sys
import tempfile

# What every part of the kernel may include. The freestanding headers are the
# compiler's own.
COMMON = [
    "base/*", "lib/*",
    "stdarg.h", "stdbool.h", "stddef.h", "stdint.h",
]
# arch/cpu.h: irq_save and irq_restore, the kernel's only lock against handlers.
KERNEL_COMMON = COMMON + ["kernel/log.h", "kernel/panic.h", "arch/cpu.h"]

# Linux's user-space interface: numbers and structures.
UAPI = ["linux/*", "asm/*", "asm-generic/*", "generated/*"]

# Folder of the file that includes -> what it may include besides. The longest
# folder counts. "*" at the end stands for the rest of a name.
LAYERS = {
    "include/base": COMMON + ["asm/errno.h", "sys/types.h"],
    "include/lib": COMMON,
    "lib": COMMON,
    "include/boot": COMMON,
    "include/arch": KERNEL_COMMON + [
        "arch/*", "boot/*", "mm/addr.h", "mm/pmap.h",
    ],
    # layout: the address map; vmalloc: ioremap of the APIC, and whether an
    # address is in the guard page of a stack; asm/ldt.h: set_thread_area's.
    "arch": KERNEL_COMMON + [
        "arch/*", "boot/*", "mm/addr.h", "mm/pmap.h", "mm/layout.h",
        "mm/vmalloc.h", "asm/ldt.h",
    ],
    # A program of its own: it shares the layout of its data with the kernel.
    "arch/x86/vdso": COMMON + UAPI + ["kernel/vdso_data.h"],
    "mm": KERNEL_COMMON + [
        "arch/*", "mm/*", "boot/boot_info.h",
        "kernel/mutex.h", "kernel/wait.h", "kernel/trace.h",
        "kernel/trace_bits.h", "kernel/symbols.h",
        # who faults, who reclaims, who is killed, how long
        "kernel/task.h", "kernel/signal.h", "kernel/time.h", "kernel/irq.h",
        "kernel/cred.h",
    ],
    "kernel": KERNEL_COMMON + UAPI + ["arch/*", "boot/*", "mm/*", "fs/*",
                                      "kernel/*"],
    "fs": KERNEL_COMMON + UAPI + [
        "kernel/*", "fs/*", "mm/pagecache.h", "mm/writeback.h",
        "drivers/block.h",
        # objects, windows onto pages, and (procfs) the numbers
        "mm/slab.h", "mm/highmem.h", "mm/page_alloc.h", "mm/mm.h",
        "mm/owner.h",
        "mm/vma.h", "mm/stat.h", "mm/swap.h", "mm/gfp_scope.h",
        "mm/shrinker.h", "mm/vm_sysctl.h", "mm/inject.h", "mm/shmem.h",
        "mm/vmalloc.h",
    ],
    # It shows what the others count.
    "fs/procfs": KERNEL_COMMON + UAPI + [
        "kernel/*", "fs/*", "mm/*", "drivers/block.h", "drivers/tty.h",
        "drivers/pty.h", "drivers/keyboard.h",
    ],
    "drivers": KERNEL_COMMON + [
        "kernel/*", "drivers/*", "arch/io.h", "arch/platform.h", "mm/dma.h",
        "mm/vmalloc.h", "mm/page_alloc.h", "mm/addr.h", "mm/slab.h", "mm/page.h",
        "mm/highmem.h", "mm/owner.h",
    ],
    # The layouts of keyboards: tools/mkkeymaps.py.
    "drivers/input": KERNEL_COMMON + [
        "kernel/*", "drivers/*", "arch/io.h", "arch/platform.h",
        "generated/*",
    ],
    # A terminal is its ioctls.
    "drivers/tty": KERNEL_COMMON + UAPI + [
        "kernel/*", "drivers/*", "mm/slab.h", "mm/page_alloc.h",
    ],
    # The framebuffer is described by the boot loader.
    "drivers/video": KERNEL_COMMON + UAPI + [
        "kernel/*", "drivers/*", "boot/boot_info.h", "mm/vmalloc.h",
        "mm/addr.h",
    ],
    "efi": COMMON + ["boot/*", "efi.h", "efilib.h", "elf.h"],
}

# Single files that may do more: the init order is the one place that names
# drivers.
FILES = {
    "kernel/main.c": ["drivers/*"],
    "kernel/init_list.c": ["drivers/*"],
    # Shared by the kernel and the UEFI stub.
    "lib/crash_log.c": ["boot/crash_log.h"],
    # swapon binds the memory manager's swap areas to partitions.
    "kernel/swap_backing.c": ["drivers/block.h"],
    "kernel/swap_private.h": ["drivers/block.h"],
    "kernel/selftest_swapraw.c": ["drivers/block.h"],
    "kernel/selftest_diskreset.c": ["drivers/block.h"],
    "kernel/sys_stat.c": ["drivers/block.h"],
    "kernel/selftest_bounce.c": ["drivers/block.h"],
}

# Programs for the host or the guest: the C library and Linux's headers, and
# nothing of the kernel's. They are checked for what they must not include.
USERLAND = "userland"

# Host tests include what they test, private headers too.
UNCHECKED = ["tests"]

ROOTS = ["arch", "mm", "kernel", "lib", "fs", "drivers", "include", "efi",
         "userland", "tests/unit"]

INCLUDE = re.compile(r'\s*#\s*include\s*([<"])([^">]+)[">]')


def matches(name, patterns):
    """Whether one of the patterns names the header."""
    return any(name.startswith(pattern[:-1]) if pattern.endswith("*")
               else name == pattern for pattern in patterns)


def layer_of(path):
    """The entry of LAYERS for a file, or None."""
    folder = path.rsplit("/", 1)[0]
    if folder.startswith("include/"):
        name = folder.split("/")[1]
        return LAYERS.get(f"include/{name}", LAYERS.get(name))
    while folder:
        if folder in LAYERS:
            return LAYERS[folder]
        folder = folder.rpartition("/")[0]
    return None


def check_include(root, path, quote, name):
    """What is wrong with one include, or None."""
    unchecked = path.startswith(tuple(f"{top}/" for top in UNCHECKED))
    if quote == '"':
        if "/" in name and not unchecked:
            return "a private header of another folder"
        if not ((root / path).parent / name).is_file():
            return "no such header beside this file"
        return None
    if unchecked:
        return None
    if path.startswith(f"{USERLAND}/"):
        if (root / "include" / name).is_file():
            return "userland may not use the kernel's headers"
        return None
    layer = layer_of(path)
    if layer is None:
        return "this folder is in no layer (tools/check_layers.py)"
    if matches(name, layer) or matches(name, FILES.get(path, [])):
        return None
    return "not allowed in this layer"


def includes(text):
    """(line number, quote, name) of each include."""
    for number, line in enumerate(text.splitlines(), 1):
        match = INCLUDE.match(line)
        if match:
            yield number, match.group(1), match.group(2)


def check_tree(root):
    """The list of violations, as lines of text."""
    problems = []
    for folder in ROOTS:
        for file in sorted((root / folder).rglob("*.[chS]")):
            path = file.relative_to(root).as_posix()
            for number, quote, name in includes(file.read_text("utf-8")):
                problem = check_include(root, path, quote, name)
                if problem:
                    closing = ">" if quote == "<" else '"'
                    problems.append(
                        f"{path}:{number}: {quote}{name}{closing}: {problem}")
    return problems


# A small tree: (file, its include, whether that is allowed).
SELF_TEST = [
    ("lib/a.c", "<lib/a.h>", True),
    ("lib/b.c", "<kernel/log.h>", False),
    ("mm/a.c", "<kernel/log.h>", True),
    ("mm/b.c", "<kernel/mutex.h>", True),
    ("mm/c.c", "<kernel/sched.h>", False),
    ("mm/d.c", "<fs/file.h>", False),
    ("mm/e.c", "<linux/mman.h>", False),
    ("include/mm/a.h", "<arch/cpu.h>", True),
    ("include/mm/b.h", "<drivers/block.h>", False),
    ("arch/x86/a.c", "<mm/pmap.h>", True),
    ("arch/x86/b.c", "<mm/zone.h>", False),
    ("arch/x86/c.S", "<mm/zone.h>", False),
    ("kernel/main.c", "<drivers/init.h>", True),
    ("kernel/exec.c", "<drivers/init.h>", False),
    ("fs/ext2/a.c", "<mm/pagecache.h>", True),
    ("fs/ext2/b.c", "<mm/zone.h>", False),
    ("drivers/ata/a.c", "<arch/io.h>", True),
    ("drivers/ata/b.c", "<arch/trap.h>", False),
    ("drivers/ata/c.c", "<fs/file.h>", False),
    ("drivers/ata/d.c", '"here.h"', True),
    ("drivers/ata/e.c", '"elsewhere.h"', False),
    ("drivers/ata/f.c", '"../pci/pci.h"', False),
    ("efi/a.c", "<efi.h>", True),
    ("efi/b.c", "<mm/addr.h>", False),
    ("userland/a.c", "<stdio.h>", True),
    ("userland/b.c", "<mm/addr.h>", False),
    ("tests/unit/a.c", "<mm/addr.h>", True),
    ("tests/unit/b.c", '"../../drivers/ata/here.h"', True),
    ("tests/unit/c.c", '"../../drivers/ata/there.h"', False),
]


def self_test():
    """Raises AssertionError when something is wrong."""
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        for path in ["drivers/ata/here.h", "include/mm/addr.h"]:
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_text("")
        for path, header, _ in SELF_TEST:
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_text(f"// one\n#  include {header} // two\n")
        problems = check_tree(root)
    expected = {f"{path}:2" for path, _, allowed in SELF_TEST if not allowed}
    found = {":".join(problem.split(":")[:2]) for problem in problems}
    assert found == expected, found ^ expected


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--self-test", action="store_true")
    args = parser.parse_args()
    if args.self_test:
        self_test()
        return 0
    problems = check_tree(pathlib.Path(__file__).resolve().parents[1])
    for problem in problems:
        print(problem)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
