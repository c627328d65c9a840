// arch/x86/multiboot.h - what a Multiboot 1 loader leaves in memory
// SPDX-License-Identifier: MIT
//
// Source: Multiboot specification 0.6.96, 3.3.
#pragma once

#include <base/compiler.h>
#include <base/types.h>

enum multiboot_flag { // which fields are valid
    MULTIBOOT_INFO_MEMORY = 1 << 0,
    MULTIBOOT_INFO_CMDLINE = 1 << 2,
    MULTIBOOT_INFO_MODULES = 1 << 3,
    MULTIBOOT_INFO_MMAP = 1 << 6,
};

struct multiboot_info {
    u32 flags;
    u32 mem_lower; // KiB from 0
    u32 mem_upper; // KiB from 1 MiB
    u32 boot_device;
    u32 cmdline;
    u32 mods_count;
    u32 mods_addr;
    u32 syms[4];
    u32 mmap_length;
    u32 mmap_addr;
};

struct multiboot_module {
    u32 start, end; // [start, end)
    u32 string;
    u32 reserved;
};

struct multiboot_mmap {
    u32 size; // of what follows
    u64 address, length;
    u32 type; // as the BIOS call E820 gives it
} __packed;

static_assert(sizeof(struct multiboot_mmap) == 24, "Multiboot 3.3");
