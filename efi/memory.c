// efi/memory.c - low pages, the kernel's target range, leaving boot services
// SPDX-License-Identifier: MIT
//
// The kernel is linked to run at a fixed physical range (its target). At the
// time of loading, boot services may sit there, so that the kernel is staged
// in pages elsewhere and copied to the target by the very last code
// (trampoline.S), when nothing of the firmware or of this program is needed
// any more. Hence two rules, kept here:
//   - no block of the stub that is still wanted lies in the target: the free
//     parts of the target are taken first, and memory_allocate checks; what is
//     older than the target's place leaves it (memory_leave_target);
//   - the target is of types that are free after boot services
//     (memory_check_target, before it is too late to say so).
//
// Every block is remembered, so that a failed boot gives all memory back.
//
// Rejected: allocating the target itself with AllocateAddress. It fails on
// every machine whose firmware has put one page of its own there, and real
// ones do.
//
// Source: UEFI 2.10, 7.2 and 7.4.6 (ExitBootServices).

#include "stub.h"

#include <lib/string.h>

enum {
    BLOCKS_MAX = 64,
    // The map grows with every allocation, ours and those that the firmware
    // makes while it answers; so the buffer has room for some more.
    MAP_SPARE_DESCRIPTORS = 64,
    EXIT_TRIES_MAX = 16,
};

#define LOW_ADDRESS_LAST 0xffffffffull

static struct {
    EFI_PHYSICAL_ADDRESS address;
    UINTN pages;
} blocks[BLOCKS_MAX];
static u32 block_count;

static struct {
    u32 start, end; // whole pages
} target;

// A copy of the memory map, and the key that proves it is the newest.
struct map_copy {
    void *buffer; // from the pool
    UINTN capacity;
    UINTN bytes;
    UINTN key;
    UINTN descriptor_bytes;
};

static EFI_STATUS map_read(struct map_copy *map)
{
    UINT32 version;

    map->bytes = map->capacity;
    return firmware.services->GetMemoryMap(&map->bytes, map->buffer, &map->key,
                                           &map->descriptor_bytes, &version);
}

static EFI_STATUS map_create(struct map_copy *map)
{
    EFI_STATUS status;

    *map = (struct map_copy){0};
    status = map_read(map);
    if (status != EFI_BUFFER_TOO_SMALL ||
        map->descriptor_bytes < sizeof(struct memmap_descriptor)) {
        log_line("efi: no memory map: %s", status_text(status));
        return EFI_UNSUPPORTED;
    }
    map->capacity = map->bytes + MAP_SPARE_DESCRIPTORS * map->descriptor_bytes;
    status = firmware.services->AllocatePool(EfiLoaderData, map->capacity,
                                             &map->buffer);
    if (EFI_ERROR(status)) {
        log_line("efi: no memory for the memory map: %s", status_text(status));
        return status;
    }
    status = map_read(map);
    if (EFI_ERROR(status)) {
        log_line("efi: cannot read the memory map: %s", status_text(status));
        firmware.services->FreePool(map->buffer);
    }
    return status;
}

static struct memmap map_view(const struct map_copy *map)
{
    return (struct memmap){
        .descriptors = map->buffer,
        .bytes = map->bytes,
        .descriptor_bytes = map->descriptor_bytes,
    };
}

static EFI_STATUS allocate_typed(EFI_ALLOCATE_TYPE how, EFI_MEMORY_TYPE type,
                                 u64 pages, EFI_PHYSICAL_ADDRESS *address)
{
    EFI_STATUS status;

    if (block_count == BLOCKS_MAX)
        return EFI_OUT_OF_RESOURCES;
    status = firmware.services->AllocatePages(how, type, (UINTN)pages, address);
    if (EFI_ERROR(status))
        return status;
    blocks[block_count].address = *address;
    blocks[block_count].pages = (UINTN)pages;
    block_count++;
    return EFI_SUCCESS;
}

static EFI_STATUS allocate_pages(EFI_ALLOCATE_TYPE how, u64 pages,
                                 EFI_PHYSICAL_ADDRESS *address)
{
    return allocate_typed(how, EfiLoaderData, pages, address);
}

EFI_STATUS memory_claim(u32 address, u32 bytes)
{
    EFI_PHYSICAL_ADDRESS at = address;

    return allocate_typed(AllocateAddress, EfiReservedMemoryType,
                          bytes / MEMMAP_PAGE_BYTES, &at);
}

void memory_release(u32 address)
{
    for (u32 i = 0; i < block_count; i++) {
        if (blocks[i].address != address)
            continue;
        (void)firmware.services->FreePages(address, blocks[i].pages);
        blocks[i] = blocks[--block_count];
        return;
    }
}

void memory_release_all(void)
{
    while (block_count) {
        block_count--;
        // On the way back to the firmware: nothing left to do on failure.
        (void)firmware.services->FreePages(blocks[block_count].address,
                                           blocks[block_count].pages);
    }
}

EFI_STATUS memory_reserve_target(u32 start, u32 end)
{
    struct memmap_descriptor descriptor;
    struct map_copy copy;
    struct memmap map;
    u64 descriptor_end;
    u64 index = 0;
    EFI_STATUS status;

    target.start = ALIGN_DOWN(start, MEMMAP_PAGE_BYTES);
    target.end = ALIGN_UP(end, MEMMAP_PAGE_BYTES);

    status = map_create(&copy);
    if (EFI_ERROR(status))
        return status;
    map = map_view(&copy);
    while (memmap_get(&map, &index, &descriptor, &descriptor_end)) {
        EFI_PHYSICAL_ADDRESS from = max(descriptor.start, (u64)target.start);
        u64 to = min(descriptor_end, (u64)target.end);

        if (descriptor.type != EfiConventionalMemory || from >= to)
            continue;
        // The firmware may have taken it since: memory_allocate and
        // memory_check_target look at the outcome.
        (void)allocate_pages(AllocateAddress, (to - from) / MEMMAP_PAGE_BYTES,
                             &from);
    }
    firmware.services->FreePool(copy.buffer);
    return EFI_SUCCESS;
}

EFI_STATUS memory_check_target(void)
{
    struct map_copy copy;
    struct memmap map;
    u64 taken;
    EFI_STATUS status;

    status = map_create(&copy);
    if (EFI_ERROR(status))
        return status;
    map = map_view(&copy);
    taken = memmap_first_taken(&map, target.start, target.end);
    firmware.services->FreePool(copy.buffer);
    if (taken == target.end)
        return EFI_SUCCESS;
    log_line("efi: the kernel needs 0x%x-0x%x, but the firmware keeps 0x%llx",
             target.start, target.end, taken);
    return EFI_OUT_OF_RESOURCES;
}

EFI_STATUS memory_any_above_4gib(bool *out)
{
    struct map_copy copy;
    struct memmap map;
    EFI_STATUS status;

    status = map_create(&copy);
    if (EFI_ERROR(status))
        return status;
    map = map_view(&copy);
    *out = memmap_any_free_above(&map, LOW_ADDRESS_LAST + 1ull);
    firmware.services->FreePool(copy.buffer);
    return EFI_SUCCESS;
}

static EFI_STATUS allocate_low(u64 pages, EFI_PHYSICAL_ADDRESS *address)
{
    *address = LOW_ADDRESS_LAST;
    return allocate_pages(AllocateMaxAddress, pages, address);
}

static u64 pages_of(u64 bytes)
{
    return bytes / MEMMAP_PAGE_BYTES + (bytes % MEMMAP_PAGE_BYTES != 0);
}

static bool is_in_target(EFI_PHYSICAL_ADDRESS address, u64 pages)
{
    return address < target.end &&
           address + pages * MEMMAP_PAGE_BYTES > target.start;
}

EFI_STATUS memory_allocate(const char *what, u64 bytes, struct block *out)
{
    u64 pages = pages_of(bytes);
    EFI_PHYSICAL_ADDRESS address;
    EFI_STATUS status;

    status = allocate_low(pages, &address);
    // Address 0 is a null pointer to whoever gets it. While it is held the
    // next one is another.
    if (!EFI_ERROR(status) && address == 0)
        status = allocate_low(pages, &address);
    if (!EFI_ERROR(status) && is_in_target(address, pages))
        status = EFI_OUT_OF_RESOURCES;
    if (EFI_ERROR(status)) {
        log_line("efi: %sno %u KiB below 4 GiB for %s: %s",
                 status == EFI_OUT_OF_RESOURCES ? "memory is short: " : "",
                 (unsigned)(pages * 4), what, status_text(status));
        return status;
    }
    out->address = (u32)address;
    out->bytes = (u32)bytes;
    return EFI_SUCCESS;
}

void memory_leave_target(const char *what, struct block *block)
{
    struct block old = *block;

    if (!old.bytes || !is_in_target(old.address, pages_of(old.bytes)))
        return;
    *block = (struct block){0};
    // The old one stays taken: some of it is a part of the target.
    if (!EFI_ERROR(memory_allocate(what, old.bytes, block)))
        memcpy(block_at(block->address), block_at(old.address), old.bytes);
}

EFI_STATUS memory_exit(struct memmap *out_map)
{
    struct map_copy copy;
    EFI_STATUS status;

    status = map_create(&copy);
    if (EFI_ERROR(status))
        return status;
    log_line("efi: memory map entries=%u, leaving boot services",
             (unsigned)copy.bytes / (unsigned)copy.descriptor_bytes);

    // Between the two calls nothing may run: the key is good for as long as
    // the map does not change. A timer event of the firmware's can change it
    // all the same, and after a failed try only these two may be called.
    status = map_read(&copy);
    if (EFI_ERROR(status)) {
        log_line("efi: cannot read the memory map: %s", status_text(status));
        return status;
    }
    for (u32 tries = 0; tries < EXIT_TRIES_MAX; tries++) {
        status = firmware.services->ExitBootServices(firmware.image, copy.key);
        if (!EFI_ERROR(status)) {
            log_boot_services_gone();
            *out_map = map_view(&copy);
            return EFI_SUCCESS;
        }
        if (EFI_ERROR(map_read(&copy)))
            break;
    }
    // What is shut down already nobody knows: not a call, but for the UART.
    log_boot_services_gone();
    log_line("efi: boot services do not end: %s; stopped", status_text(status));
    memory_exit_failed();
    return status;
}
