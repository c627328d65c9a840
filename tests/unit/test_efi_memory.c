// tests/unit/test_efi_memory.c - efi/memory.c on a firmware that is not kind
// sources: efi/memory.c efi/memmap.c
// SPDX-License-Identifier: MIT
//
// The firmware here is an array of pages. It hands out address 0, its map grows
// with each allocation, its key goes stale, and it ends a test that calls it
// when it must not be called: what QEMU's firmware never does.

#include "harness.h"

#include <string.h>
#include <sys/mman.h>

#include "../../efi/stub.h"

#define PAGE             4096ull
#define PAGES            512u
#define DESCRIPTOR_BYTES 56u // neither the specification's nor today's
#define ALWAYS           1000u

struct firmware firmware;

static u8 types[PAGES];
static u64 base; // address of the first; not 0: it is memory of ours
static UINTN key;
static u32 exits_to_refuse; // that many ExitBootServices fail
static u32 exit_calls;
static bool ended;        // boot services are gone
static bool may_not_call; // after a failed end
static bool stopped;
static u32 pools;
static void *last_pool;

// ---- what the rest of the stub has ----------------------------------------

void log_line(const char *format, ...)
{
    (void)format;
}

void log_boot_services_gone(void) {}

const char *status_text(EFI_STATUS status)
{
    (void)status;
    return "";
}

void memory_exit_failed(void)
{
    stopped = true;
}

// ---- the firmware -----------------------------------------------------------

static void called(void)
{
    if (ended || may_not_call)
        test_fail(__FILE__, __LINE__, "the firmware was called after its end");
}

static EFI_STATUS EFIAPI fake_get_map(UINTN *bytes, EFI_MEMORY_DESCRIPTOR *out,
                                      UINTN *out_key, UINTN *descriptor_bytes,
                                      UINT32 *version)
{
    u8 *at = (u8 *)out;
    UINTN needed = 0;

    if (ended)
        test_fail(__FILE__, __LINE__, "the map was asked for after the end");
    for (u32 i = 0; i < PAGES; i++)
        needed += i == 0 || types[i] != types[i - 1] ? DESCRIPTOR_BYTES : 0;
    *descriptor_bytes = DESCRIPTOR_BYTES;
    *version = 1;
    if (*bytes < needed) {
        *bytes = needed;
        return EFI_BUFFER_TOO_SMALL;
    }
    for (u32 i = 0, end; i < PAGES; i = end) {
        EFI_MEMORY_DESCRIPTOR descriptor = {
            .Type = types[i],
            .PhysicalStart = base + i * PAGE,
            .Attribute = EFI_MEMORY_WB,
        };

        for (end = i; end < PAGES && types[end] == types[i]; end++)
            descriptor.NumberOfPages++;
        memset(at, 0xff, DESCRIPTOR_BYTES);
        memcpy(at, &descriptor, sizeof(descriptor));
        at += DESCRIPTOR_BYTES;
    }
    *bytes = needed;
    *out_key = key;
    return EFI_SUCCESS;
}

static bool are_free(u64 first, u64 count)
{
    if (first + count > PAGES)
        return false;
    for (u64 i = first; i < first + count; i++)
        if (types[i] != EfiConventionalMemory)
            return false;
    return true;
}

static EFI_STATUS EFIAPI fake_allocate_pages(EFI_ALLOCATE_TYPE how,
                                             EFI_MEMORY_TYPE type, UINTN count,
                                             EFI_PHYSICAL_ADDRESS *address)
{
    u64 first = (*address - base) / PAGE;

    called();
    if (how == AllocateMaxAddress) {
        // The lowest, so that address 0 comes first.
        for (first = 0; first < PAGES && !are_free(first, count); first++)
            ;
    }
    if (!are_free(first, count))
        return EFI_NOT_FOUND;
    memset(types + first, (int)type, count);
    *address = base + first * PAGE;
    key++;
    return EFI_SUCCESS;
}

static EFI_STATUS EFIAPI fake_free_pages(EFI_PHYSICAL_ADDRESS address,
                                         UINTN count)
{
    called();
    memset(types + (address - base) / PAGE, EfiConventionalMemory, count);
    key++;
    return EFI_SUCCESS;
}

static EFI_STATUS EFIAPI fake_allocate_pool(EFI_MEMORY_TYPE type, UINTN bytes,
                                            VOID **out)
{
    (void)type;
    called();
    // It takes a page of its own for it, in the middle of what is free.
    for (u32 i = PAGES - 2; i > 2; i -= 2) {
        if (!are_free(i - 1, 3))
            continue;
        types[i] = EfiBootServicesData;
        break;
    }
    key++;
    pools++;
    *out = last_pool = malloc(bytes);
    return EFI_SUCCESS;
}

static EFI_STATUS EFIAPI fake_free_pool(VOID *pool)
{
    called();
    key++;
    pools--;
    free(pool);
    return EFI_SUCCESS;
}

static EFI_STATUS EFIAPI fake_exit(EFI_HANDLE image, UINTN with_key)
{
    (void)image;
    exit_calls++;
    if (ended)
        test_fail(__FILE__, __LINE__, "ended twice");
    may_not_call = true;
    if (exits_to_refuse) {
        exits_to_refuse--;
        // A timer's handler has taken a page, as long as there are pages.
        for (u32 i = 1; i + 1 < PAGES; i += 2)
            if (are_free(i - 1, 3)) {
                types[i] = EfiBootServicesData;
                break;
            }
        key++;
        return EFI_INVALID_PARAMETER;
    }
    if (with_key != key)
        return EFI_INVALID_PARAMETER;
    ended = true;
    return EFI_SUCCESS;
}

static void begin_at(u64 address)
{
    static EFI_BOOT_SERVICES services;

    // What a test before has left in the module under test.
    if (firmware.services) {
        ended = may_not_call = false;
        memory_release_all();
    }
    services.GetMemoryMap = (void *)fake_get_map;
    services.AllocatePages = (void *)fake_allocate_pages;
    services.FreePages = (void *)fake_free_pages;
    services.AllocatePool = (void *)fake_allocate_pool;
    services.FreePool = (void *)fake_free_pool;
    services.ExitBootServices = (void *)fake_exit;
    firmware.services = &services;
    base = address;
    memset(types, EfiConventionalMemory, sizeof(types));
    ended = may_not_call = stopped = false;
    exits_to_refuse = exit_calls = 0;
    pools = 0;
    CHECK_EQ(memory_reserve_target(PAGES * PAGE, PAGES * PAGE), EFI_SUCCESS);
}

static void begin(void)
{
    begin_at(0);
}

// ---- tests ------------------------------------------------------------------

TEST(address_zero_is_never_given)
{
    struct block first, second;

    begin();
    CHECK_EQ(memory_allocate("a", 1, &first), EFI_SUCCESS);
    CHECK_EQ(memory_allocate("b", PAGE + 1, &second), EFI_SUCCESS);
    CHECK(first.address != 0 && second.address != 0);
    CHECK_EQ(second.bytes, PAGE + 1);
    CHECK_EQ(types[0], EfiLoaderData); // held, not given
}

TEST(the_target_stays_free_of_blocks)
{
    struct block block;

    begin();
    types[20] = EfiBootServicesData; // will be free
    CHECK_EQ(memory_reserve_target(2 * PAGE, 60 * PAGE), EFI_SUCCESS);
    CHECK_EQ(memory_check_target(), EFI_SUCCESS);
    for (u32 i = 0; i < 20; i++) {
        CHECK_EQ(memory_allocate("x", PAGE, &block), EFI_SUCCESS);
        CHECK(block.address < 2 * PAGE || block.address >= 60 * PAGE);
    }
    // The firmware lets go of its page, and it is the lowest free one.
    types[20] = EfiConventionalMemory;
    CHECK(EFI_ERROR(memory_allocate("x", PAGE, &block)));
}

// Memory for all pages, below 4 GiB.
static u8 *map_pages(void)
{
    int flags = MAP_PRIVATE | MAP_ANONYMOUS;
    void *ram;

#ifdef MAP_32BIT
    flags |= MAP_32BIT;
#endif
    ram = mmap(NULL, PAGES * PAGE, PROT_READ | PROT_WRITE, flags, -1, 0);
    CHECK(ram != MAP_FAILED);
    return ram;
}

TEST(what_was_there_first_leaves_the_target)
{
    u8 *ram = map_pages();
    struct block before, neighbour, block;

    begin_at((uintptr_t)ram);
    CHECK_EQ(memory_allocate("x", 2 * PAGE - 1, &before), EFI_SUCCESS);
    CHECK_EQ(memory_allocate("y", PAGE, &neighbour), EFI_SUCCESS);
    for (u32 i = 0; i < before.bytes; i++)
        ((u8 *)block_at(before.address))[i] = (u8)(i * 7);
    // Of the one its last page, of the other nothing.
    CHECK_EQ(neighbour.address, before.address + 2 * PAGE);
    CHECK_EQ(memory_reserve_target(neighbour.address - PAGE, neighbour.address),
             EFI_SUCCESS);
    block = neighbour;
    memory_leave_target("y", &block);
    CHECK(block.address == neighbour.address && block.bytes == neighbour.bytes);
    block = before;
    memory_leave_target("x", &block);
    CHECK(block.bytes == before.bytes && block.address > neighbour.address);
    for (u32 i = 0; i < block.bytes; i++)
        CHECK_EQ(((u8 *)block_at(block.address))[i], (u8)(i * 7));

    // Without room it is dropped; and what there is not need not leave.
    memset(types, EfiBootServicesData, sizeof(types));
    block = before;
    memory_leave_target("x", &block);
    CHECK_EQ(block.bytes, 0);
    memory_leave_target("x", &block);
    CHECK_EQ(block.bytes, 0);
    munmap(ram, PAGES * PAGE);
}

TEST(a_taken_target_is_refused)
{
    static const u8 bad[] = {EfiReservedMemoryType, EfiRuntimeServicesData,
                             EfiACPIMemoryNVS, EfiMemoryMappedIO};

    for (u32 i = 0; i < sizeof(bad); i++) {
        begin();
        types[59] = bad[i];
        CHECK_EQ(memory_reserve_target(2 * PAGE, 60 * PAGE), EFI_SUCCESS);
        CHECK(EFI_ERROR(memory_check_target()));
    }
}

TEST(everything_is_given_back)
{
    struct block block;

    begin();
    CHECK_EQ(memory_reserve_target(2 * PAGE, 60 * PAGE), EFI_SUCCESS);
    CHECK_EQ(memory_claim(100 * PAGE, 4 * PAGE), EFI_SUCCESS);
    CHECK_EQ(memory_allocate("x", 5 * PAGE, &block), EFI_SUCCESS);
    memory_release_all();
    for (u32 i = 0; i < PAGES; i++)
        CHECK(types[i] == EfiConventionalMemory ||
              types[i] == EfiBootServicesData);
    CHECK_EQ(pools, 0);
}

TEST(claims)
{
    begin();
    CHECK_EQ(memory_claim(100 * PAGE, 4 * PAGE), EFI_SUCCESS);
    CHECK_EQ(types[99], EfiConventionalMemory);
    CHECK_EQ(types[100], EfiReservedMemoryType);
    CHECK_EQ(types[103], EfiReservedMemoryType);
    CHECK_EQ(types[104], EfiConventionalMemory);
    CHECK(EFI_ERROR(memory_claim(103 * PAGE, 4 * PAGE)));
    CHECK(EFI_ERROR(memory_claim((PAGES + 100) * PAGE, 4 * PAGE)));
    memory_release(100 * PAGE);
    CHECK_EQ(memory_claim(103 * PAGE, 4 * PAGE), EFI_SUCCESS);
    CHECK_EQ(types[100], EfiConventionalMemory);
}

// The key goes stale again and again, and the map grows each time.
TEST(exit_is_tried_again)
{
    for (u32 refusals = 0; refusals < 16; refusals++) {
        struct memmap_descriptor descriptor;
        struct memmap map;
        u64 index = 0, end, next = 0;

        begin();
        exits_to_refuse = refusals;
        CHECK_EQ(memory_exit(&map), EFI_SUCCESS);
        CHECK_EQ(exit_calls, refusals + 1);
        CHECK(ended && !stopped);
        // It is the map of the end, the whole of it.
        while (memmap_get(&map, &index, &descriptor, &end)) {
            CHECK_EQ(descriptor.start, next);
            CHECK_EQ(descriptor.type, types[next / PAGE]);
            next = end;
        }
        CHECK_EQ(next, PAGES * PAGE);
        free((void *)(uintptr_t)map.descriptors);
    }
}

TEST(exit_is_not_tried_for_ever)
{
    struct memmap map;

    begin();
    exits_to_refuse = ALWAYS;
    CHECK(EFI_ERROR(memory_exit(&map)));
    CHECK(stopped); // and nothing was called on the way
    CHECK_EQ(exit_calls, 16);
    free(last_pool);
}
