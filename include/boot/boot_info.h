// include/boot/boot_info.h - what the kernel is told at entry
// SPDX-License-Identifier: MIT
//
// One struct, written by the UEFI stub (efi/) or by the direct entry
// (arch/x86/multiboot.c), read by the kernel. Fixed-width fields only, the
// same bytes from the 32-bit and the 64-bit build of the stub.
//
// Machine state at entry: 32-bit protected mode, flat segments of 4 GiB, paging
// off, interrupts off, A20 on, eax = BOOT_INFO_MAGIC, ebx = physical address of
// struct boot_info. EIP is the ELF entry point (its physical address). The
// kernel is loaded at the physical addresses its ELF program headers name.
//
// Everything that the struct points at lies below 4 GiB and in ranges whose
// type says so (BOOT_RANGE_*): nothing else may be assumed about where it is.
#pragma once

#include <base/types.h>

#define BOOT_INFO_MAGIC   0x544c4146u // "FALT"
#define BOOT_INFO_VERSION 2u

#define BOOT_CMDLINE_BYTES 2048u // including the final NUL
#define BOOT_RANGES_MAX    1024u

// What a physical range is, from the least to the most restrictive. Where
// ranges overlap, the higher number wins (mm/memmap.c).
enum boot_range_type {
    BOOT_RANGE_NONE = 0,      // not described: nobody's, never touched
    BOOT_RANGE_FREE = 1,      // usable RAM
    BOOT_RANGE_BOOT = 2,      // RAM of boot services: usable, but reuse it only
                              // after bus mastering is off (design 4)
    BOOT_RANGE_BOOT_INFO = 3, // boot_info, its range table, the stub's own data
    BOOT_RANGE_INITRAMFS = 4, // the archive, page aligned, freed once unpacked
    BOOT_RANGE_KERNEL = 5,    // the kernel's image and .bss
    BOOT_RANGE_ACPI = 6,      // ACPI tables: RAM, readable, kept
    BOOT_RANGE_ACPI_NVS = 7,  // firmware's
    BOOT_RANGE_RUNTIME = 8,   // firmware runtime services
    BOOT_RANGE_RESERVED = 9,  // reserved, unusable, unknown types
    BOOT_RANGE_PERSISTENT = 10, // persistent or special-purpose memory
    BOOT_RANGE_MMIO = 11,       // device registers
    BOOT_RANGE_FRAMEBUFFER = 12,
    BOOT_RANGE_TYPES
};

// [start, start + length) in bytes; any alignment.
struct boot_range {
    u64 start;
    u64 length;
    u32 type;          // enum boot_range_type
    u32 firmware_type; // as the firmware named it, for the log
};

enum boot_framebuffer_format {
    BOOT_FB_NONE = 0, // no framebuffer
    BOOT_FB_RGBX = 1, // bytes in memory order
    BOOT_FB_BGRX = 2,
    BOOT_FB_MASKS = 3,
};

struct boot_framebuffer {
    u64 base; // physical
    u64 size_bytes;
    u32 width;       // pixels
    u32 height;      // pixels
    u32 pitch_bytes; // from one line to the next
    u32 bits_per_pixel;
    u32 format;                          // enum boot_framebuffer_format
    u32 red_mask, green_mask, blue_mask; // for every format
};

enum boot_source {
    BOOT_SOURCE_UEFI64 = 1,
    BOOT_SOURCE_UEFI32 = 2,
    BOOT_SOURCE_MULTIBOOT = 3,
};

struct boot_info {
    u32 magic;    // BOOT_INFO_MAGIC, written last
    u32 version;  // BOOT_INFO_VERSION
    u32 size;     // sizeof(struct boot_info)
    u32 checksum; // all u32 words of the struct sum to 0 (mod 2^32)
    u32 source;   // enum boot_source
    u32 range_count;
    u64 ranges;    // physical address of struct boot_range[range_count]
    u64 rsdp;      // physical address of the ACPI RSDP; 0: none
    u64 initramfs; // physical address; 0: none
    u64 initramfs_bytes;
    u64 overlay; // a second archive, unpacked over the first; 0: none
    u64 overlay_bytes;
    u64 tsc_hz; // measured by the stub; 0: not measured
    u64 log;    // the stub's own log lines, text; 0: none
    u32 log_bytes;
    u32 crash_log_bytes;
    u64 crash_log; // the area of boot/crash_log.h, begun anew; 0: none
    u64 last_log;  // text of the last boot's, if that crashed; 0: it did not
    u32 last_log_bytes;
    u32 reserved;
    struct boot_framebuffer framebuffer;
    char cmdline[BOOT_CMDLINE_BYTES]; // NUL-terminated
};

_Static_assert(sizeof(struct boot_range) == 24, "same layout in both builds");
_Static_assert(sizeof(struct boot_framebuffer) == 48, "same in both builds");
_Static_assert(sizeof(struct boot_info) == 168 + BOOT_CMDLINE_BYTES,
               "same layout in both builds");
_Static_assert(sizeof(struct boot_info) % 4 == 0, "summed by words");

// boot_info_sum - the sum of all words; 0 for an intact struct.
static inline u32 boot_info_sum(const struct boot_info *info)
{
    const u32 *word = (const u32 *)info;
    u32 sum = 0;

    for (u32 i = 0; i < sizeof(*info) / 4; i++)
        sum += word[i];
    return sum;
}
