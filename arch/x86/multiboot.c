// arch/x86/multiboot.c - boot_info from what a Multiboot 1 loader says
// SPDX-License-Identifier: MIT
//
// For the direct boot (design 8): QEMU loads the kernel itself, under a BIOS.
// The first module is the initramfs, the second the overlay. Called once from
// boot.c before paging, in its surroundings; all addresses here are physical.
//
// The first megabyte: what the BIOS calls usable is, but for frame 0 (interrupt
// vectors, BIOS data), the extended BIOS data area up to 640 KiB, and the hole
// from there to 1 MiB (video memory, option ROMs). Where ranges overlap, the
// more restrictive type wins later (mm/memmap.c), so they are simply added.
//
// Source: Multiboot 0.6.96, 3.3; ACPI 6.4, 15 (E820 types), 5.2.5.1 (RSDP).
#include "multiboot.h"

#include <arch/init.h>
#include <base/bits.h>
#include <boot/crash_log.h>
#include <lib/string.h>
#include <mm/addr.h>

#include "arch_private.h"

enum {
    E820_RAM = 1,
    E820_ACPI = 3,
    E820_NVS = 4,
    E820_PERSISTENT = 7,

    BDA_EBDA_SEGMENT = 0x40e, // u16: its address / 16
    EBDA_LOWEST = 0x80000,    // a lower value is not one
    VIDEO_HOLE = 0xa0000,     // end of conventional memory
    BIOS_ROM = 0xe0000,
    FIRST_MIB_END = 0x100000,
    RSDP_BYTES = 20, // what the first checksum covers
    RSDP_ALIGN = 16,
    RSDP_EBDA_BYTES = 1024, // searched at the start of the EBDA

    CRASH_LOG_LOWEST = 48 << 20,
};

static bool cmdline_cut;

static void *at(u32 address)
{
    return phys_to_virt(phys_addr(address));
}

static void add_range(u64 start, u64 length, u32 type, u32 firmware_type)
{
    if (!length)
        return;
    // To drop one could be to take reserved memory for free.
    if (boot_info.range_count == BOOT_RANGES_MAX)
        boot_die("too many memory ranges");
    boot_ranges[boot_info.range_count++] = (struct boot_range){
        .start = start,
        .length = length,
        .type = type,
        .firmware_type = firmware_type,
    };
}

static u32 range_type(u32 e820_type)
{
    switch (e820_type) {
    case E820_RAM: return BOOT_RANGE_FREE;
    case E820_ACPI: return BOOT_RANGE_ACPI;
    case E820_NVS: return BOOT_RANGE_ACPI_NVS;
    case E820_PERSISTENT: return BOOT_RANGE_PERSISTENT;
    default: return BOOT_RANGE_RESERVED;
    }
}

static void convert_mmap(const struct multiboot_info *info)
{
    u32 offset = 0;

    if (info->mmap_addr > 0u - info->mmap_length)
        boot_die("multiboot memory map wraps");
    // A size field that leads beyond the end ends the walk.
    while (info->mmap_length - offset >= sizeof(struct multiboot_mmap)) {
        const struct multiboot_mmap *entry = at(info->mmap_addr + offset);
        u64 length = entry->length;

        if (entry->address + length < entry->address)
            length = 0 - entry->address; // up to the end of everything
        add_range(entry->address, length, range_type(entry->type), entry->type);
        if (entry->size > info->mmap_length - offset - sizeof(entry->size))
            break;
        offset += entry->size + (u32)sizeof(entry->size);
    }
}

static void convert_memory(const struct multiboot_info *info)
{
    if (info->flags & MULTIBOOT_INFO_MMAP) {
        convert_mmap(info);
    } else if (info->flags & MULTIBOOT_INFO_MEMORY) {
        add_range(0, (u64)info->mem_lower * KIB, BOOT_RANGE_FREE, E820_RAM);
        add_range(MIB, (u64)info->mem_upper * KIB, BOOT_RANGE_FREE, E820_RAM);
    }
    if (!boot_info.range_count)
        boot_die("no memory map from the multiboot loader");
}

// Its start, or VIDEO_HOLE when there is none.
static u32 ebda_start(void)
{
    u32 ebda = (u32) * (const u16 *)at(BDA_EBDA_SEGMENT) << 4;

    return ebda >= EBDA_LOWEST && ebda < VIDEO_HOLE ? ebda : VIDEO_HOLE;
}

static void reserve_fixed(void)
{
    u32 ebda = ebda_start();

    add_range(0, PAGE_SIZE, BOOT_RANGE_RESERVED, 0);
    add_range(ebda, FIRST_MIB_END - ebda, BOOT_RANGE_RESERVED, 0);
    add_range(virt_to_phys(kernel_start).v, (u32)(kernel_end - kernel_start),
              BOOT_RANGE_KERNEL, 0);
}

static void convert_module(const struct multiboot_module *module, u64 *address,
                           u64 *bytes)
{
    u32 first = module->start & PAGE_MASK;

    if (module->start >= module->end)
        return; // an empty file
    *address = module->start;
    *bytes = module->end - module->start;
    add_range(first, ALIGN_UP((u64)module->end, PAGE_SIZE) - first,
              BOOT_RANGE_INITRAMFS, 0);
}

static void convert_modules(const struct multiboot_info *info)
{
    const struct multiboot_module *modules = at(info->mods_addr);

    if (!(info->flags & MULTIBOOT_INFO_MODULES))
        return;
    if (info->mods_count > 0)
        convert_module(&modules[0], &boot_info.initramfs,
                       &boot_info.initramfs_bytes);
    if (info->mods_count > 1)
        convert_module(&modules[1], &boot_info.overlay,
                       &boot_info.overlay_bytes);
}

// Whether one range of free RAM goes beyond [start, end), and no other range
// touches it.
static bool is_inside_free(u64 start, u64 end)
{
    bool inside = false;

    for (u32 i = 0; i < boot_info.range_count; i++) {
        const struct boot_range *range = &boot_ranges[i];
        u64 range_end = range->start + range->length;

        if (range_end <= start || range->start >= end)
            continue;
        if (range->type != BOOT_RANGE_FREE)
            return false;
        if (range->start <= start && range_end > end)
            inside = true;
    }
    return inside;
}

// The log of a boot that crashed, to the RAM behind its area.
static void take_last_log(void *area, u32 text)
{
    u32 bytes;

    if (!crash_log_is_crash(area))
        return;
    bytes = crash_log_extract_bytes(area);
    if (!is_inside_free(text, (u64)text + bytes))
        bytes = CRASH_LOG_EXTRACT_BYTES;
    boot_info.last_log = text;
    boot_info.last_log_bytes = crash_log_extract(area, at(text), bytes);
    add_range(text, ALIGN_UP(bytes, PAGE_SIZE), BOOT_RANGE_BOOT_INFO, 0);
}

// What efi/crash_log.c does where there is a stub; but there is no file to
// save to. Smaller machines keep their memory for themselves.
static void reserve_crash_log(void)
{
    static const u32 places[] = CRASH_LOG_PLACES;

    for (u32 i = 0; i < ARRAY_SIZE(places); i++) {
        u32 text = places[i] + CRASH_LOG_AREA_BYTES, boot = 1;
        void *area = at(places[i]);

        if (places[i] < CRASH_LOG_LOWEST ||
            !is_inside_free(places[i], (u64)text + CRASH_LOG_EXTRACT_BYTES))
            continue;
        if (crash_log_is_valid(area))
            boot = crash_log_boot(area) + 1;
        take_last_log(area, text);
        crash_log_init(area, boot);
        add_range(places[i], CRASH_LOG_AREA_BYTES, BOOT_RANGE_RESERVED, 0);
        boot_info.crash_log = places[i];
        boot_info.crash_log_bytes = CRASH_LOG_AREA_BYTES;
        return;
    }
}

static u32 find_rsdp(u32 start, u32 bytes)
{
    for (u32 a = start; a + RSDP_BYTES <= start + bytes; a += RSDP_ALIGN) {
        const u8 *p = at(a);
        u8 sum = 0;

        if (memcmp(p, "RSD PTR ", 8))
            continue;
        for (u32 i = 0; i < RSDP_BYTES; i++)
            sum += p[i];
        if (!sum)
            return a;
    }
    return 0;
}

// A loader may put its file name before the words, as QEMU does: a word no
// option has.
static void convert_cmdline(const struct multiboot_info *info)
{
    if (info->flags & MULTIBOOT_INFO_CMDLINE)
        cmdline_cut = !str_copy(boot_info.cmdline, at(info->cmdline),
                                sizeof(boot_info.cmdline));
}

bool multiboot_cmdline_cut(void)
{
    return cmdline_cut;
}

void multiboot_convert(u32 info_address)
{
    const struct multiboot_info *info = at(info_address);

    boot_info.magic = BOOT_INFO_MAGIC;
    boot_info.version = BOOT_INFO_VERSION;
    boot_info.size = sizeof(boot_info);
    boot_info.source = BOOT_SOURCE_MULTIBOOT;
    convert_memory(info);
    reserve_fixed();
    convert_modules(info);
    convert_cmdline(info);
    boot_info.rsdp = find_rsdp(ebda_start(), RSDP_EBDA_BYTES);
    if (!boot_info.rsdp)
        boot_info.rsdp = find_rsdp(BIOS_ROM, FIRST_MIB_END - BIOS_ROM);
    // Last: it writes to memory where the loader's words may have been.
    reserve_crash_log();
}
