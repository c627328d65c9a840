// efi/handover.c - boot services end here; boot_info is finished; the jump
// SPDX-License-Identifier: MIT
//
// Everything that can fail comes first: the last allocations, and the check
// that the kernel's range will be free. Then boot services end, and what is
// left is arithmetic on memory that is ours.
//
// The memory map as it was at the end is converted, and the blocks that the
// kernel must know are laid over it as ranges of their own: the kernel, the
// archives, boot_info itself, the framebuffer. All else that the stub has used
// is plain reusable memory then, its own image and stack included.

#include "stub.h"

#include <boot/crash_log.h>
#include <lib/string.h>

#include "jump.h"
#ifdef __x86_64__
#include "paging64.h"
#endif

enum {
    OWN_RANGES = 6, // what add_own_ranges adds at most
    FIRMWARE_TYPE_LOADER_DATA = EfiLoaderData,
};

// What memmap.c reads as raw bytes is what gnu-efi says it is.
static_assert(offsetof(EFI_MEMORY_DESCRIPTOR, Type) ==
                  offsetof(struct memmap_descriptor, type),
              "UEFI 7.2.3");
static_assert(offsetof(EFI_MEMORY_DESCRIPTOR, PhysicalStart) ==
                  offsetof(struct memmap_descriptor, start),
              "UEFI 7.2.3");
static_assert(offsetof(EFI_MEMORY_DESCRIPTOR, NumberOfPages) ==
                  offsetof(struct memmap_descriptor, pages),
              "UEFI 7.2.3");
static_assert(offsetof(EFI_MEMORY_DESCRIPTOR, Attribute) ==
                  offsetof(struct memmap_descriptor, attributes),
              "UEFI 7.2.3");
static_assert(sizeof(UINTN) == sizeof(void *), "addresses fit");

static void add_range(struct boot_info *info, struct boot_range *ranges,
                      u64 start, u64 length, enum boot_range_type type)
{
    if (!length)
        return;
    ranges[info->range_count++] = (struct boot_range){
        .start = start,
        .length = length,
        .type = type,
        .firmware_type = FIRMWARE_TYPE_LOADER_DATA,
    };
}

// A block with the rest of its last page, which is as much the kernel's.
static void add_block(struct boot_info *info, struct boot_range *ranges,
                      const struct block *block, enum boot_range_type type)
{
    add_range(info, ranges, block->address,
              ALIGN_UP(block->bytes, MEMMAP_PAGE_BYTES), type);
}

static void add_own_ranges(struct stub *stub)
{
    struct boot_range *ranges = stub->handover->ranges;
    struct boot_info *info = &stub->handover->info;

    add_range(info, ranges, stub->image.start,
              stub->image.end - stub->image.start, BOOT_RANGE_KERNEL);
    add_block(info, ranges, &stub->handover_block, BOOT_RANGE_BOOT_INFO);
    add_block(info, ranges, &stub->initramfs, BOOT_RANGE_INITRAMFS);
    add_block(info, ranges, &stub->overlay, BOOT_RANGE_INITRAMFS);
    add_block(info, ranges, &stub->last_log, BOOT_RANGE_BOOT_INFO);
    add_range(info, ranges, info->framebuffer.base,
              info->framebuffer.size_bytes, BOOT_RANGE_FRAMEBUFFER);
}

static void fill_info(struct stub *stub, const struct memmap *map)
{
    struct handover *handover = stub->handover;
    struct boot_info *info = &handover->info;
    u32 dropped;

    dropped = memmap_convert(map, handover->ranges,
                             BOOT_RANGES_MAX - OWN_RANGES, &info->range_count);
    if (dropped)
        log_line("efi: memory map too long, entries left out=%u", dropped);
    add_own_ranges(stub);

    info->version = BOOT_INFO_VERSION;
    info->size = sizeof(*info);
    info->source =
        sizeof(void *) == 8 ? BOOT_SOURCE_UEFI64 : BOOT_SOURCE_UEFI32;
    info->ranges = (UINTN)handover->ranges;
    info->initramfs = stub->initramfs.address;
    info->initramfs_bytes = stub->initramfs.bytes;
    info->overlay = stub->overlay.address;
    info->overlay_bytes = stub->overlay.bytes;
    info->crash_log = stub->crash_log;
    info->crash_log_bytes = stub->crash_log ? CRASH_LOG_AREA_BYTES : 0;
    info->last_log = stub->last_log.address;
    info->last_log_bytes = stub->last_log.bytes;
    log_line("efi: entering the kernel, ranges=%u", info->range_count);
    info->log = (UINTN)handover->log;
    info->log_bytes = log_copy(handover->log, sizeof(handover->log));

    info->magic = BOOT_INFO_MAGIC;
    info->checksum = 0;
    info->checksum = 0u - boot_info_sum(info);
}

static void fill_jump_page(const struct stub *stub, u32 address)
{
    struct jump_page *page = block_at(address);

    memset(page, 0, sizeof(*page));
    page->gdt[JUMP_CODE_SELECTOR / 8] = 0x00cf9b000000ffff; // 4 GiB, 32-bit
    page->gdt[JUMP_DATA_SELECTOR / 8] = 0x00cf93000000ffff;
    page->gdtr.limit = sizeof(page->gdt) - 1;
    page->gdtr.base = (UINTN)page->gdt;
    page->entry = stub->image.entry;
    page->info = (u32)(UINTN)&stub->handover->info;
    page->magic = BOOT_INFO_MAGIC;
    page->segment_count = stub->image.segment_count;
    for (u32 i = 0; i < stub->image.segment_count; i++) {
        const struct elf_segment *segment = &stub->image.segments[i];

        page->segments[i] = (struct jump_segment){
            .from = stub->staged[i],
            .to = segment->address,
            .copy_bytes = segment->file_bytes,
            .clear_bytes = segment->memory_bytes - segment->file_bytes,
        };
    }
    memcpy(page->code, trampoline_code, sizeof(page->code));
}

EFI_STATUS handover_run(struct stub *stub)
{
    struct memmap map;
    struct block page;
    u32 page_root = 0;
    EFI_STATUS status;

    status = memory_allocate("the jump", sizeof(struct jump_page), &page);
    if (EFI_ERROR(status))
        return status;
#ifdef __x86_64__
    status = paging64_prepare();
    if (EFI_ERROR(status))
        return status;
#endif
    status = memory_check_target();
    if (EFI_ERROR(status))
        return status;
    status = memory_exit(&map);
    if (EFI_ERROR(status))
        return status;

    // Our own from here on: a handler of the firmware's may run no more, its
    // memory is about to be overwritten.
    __asm__ volatile("cli");
    fill_info(stub, &map);
    fill_jump_page(stub, page.address);
#ifdef __x86_64__
    page_root = paging64_fill();
#endif
    jump_enter(page.address, page_root);
}
