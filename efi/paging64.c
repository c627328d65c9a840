// efi/paging64.c - page tables for the way out of long mode (x64 only)
// SPDX-License-Identifier: MIT
//
// The first 4 GiB are mapped one to one by 2 MiB pages, writable and
// executable whatever the firmware thought of them. Above, everything stays
// mapped as the firmware had it, by copying the upper levels of its tables:
// the stub's image and stack may lie there.
//
//   firmware   root -> [PML4 ->] PDPT -> ...
//   ours       root' -> [PML4' ->] PDPT' -> 4 directories of 2 MiB pages
//              (copies; entry 0, or 0 to 3 of PDPT', replaced)
//
// With 5-level paging on (CR4.LA57) the root is one level higher.
//
// Source: Intel SDM 3A 4.5 (4- and 5-level paging).

#include "paging64.h"

#include <lib/string.h>

enum {
    ENTRIES = 512,
    DIRECTORIES = 4, // 1 GiB each

    // The tables in their block, by page.
    TABLE_PML5 = 0,
    TABLE_PML4,
    TABLE_PDPT,
    TABLE_DIRECTORY,
    TABLES = TABLE_DIRECTORY + DIRECTORIES,
};

#define CR4_LA57         (1ull << 12)
#define ENTRY_PRESENT    (1ull << 0)
#define ENTRY_WRITABLE   (1ull << 1)
#define ENTRY_LARGE      (1ull << 7)
#define ENTRY_ADDRESS    0x000ffffffffff000ull
#define LARGE_PAGE_BYTES (2ull * 1024 * 1024)

typedef u64 page_table[ENTRIES];

static struct block tables;

static u64 read_cr3(void)
{
    u64 value;

    __asm__ volatile("mov %%cr3, %0" : "=r"(value));
    return value;
}

static u64 read_cr4(void)
{
    u64 value;

    __asm__ volatile("mov %%cr4, %0" : "=r"(value));
    return value;
}

static u32 table_address(u32 index)
{
    return tables.address + index * (u32)sizeof(page_table);
}

static u64 *table_at(u32 index)
{
    return block_at(table_address(index));
}

EFI_STATUS paging64_prepare(void)
{
    return memory_allocate("page tables", TABLES * sizeof(page_table), &tables);
}

// Copy the table at @from to ours, and lead its first entry to our next one.
// Returns where the firmware's first entry leads.
static u64 copy_level(u32 index, u64 from)
{
    u64 *table = table_at(index);

    memcpy(table, (const void *)(from & ENTRY_ADDRESS), sizeof(page_table));
    from = table[0];
    table[0] = table_address(index + 1) | ENTRY_PRESENT | ENTRY_WRITABLE;
    return from;
}

u32 paging64_fill(void)
{
    u32 root = read_cr4() & CR4_LA57 ? TABLE_PML5 : TABLE_PML4;
    u64 from = read_cr3();
    u64 *pdpt = table_at(TABLE_PDPT);
    u64 *directory = table_at(TABLE_DIRECTORY);

    for (u32 index = root; index <= TABLE_PDPT; index++)
        from = copy_level(index, from);
    for (u32 i = 0; i < DIRECTORIES; i++)
        pdpt[i] =
            table_address(TABLE_DIRECTORY + i) | ENTRY_PRESENT | ENTRY_WRITABLE;
    // The directories are neighbours, so this runs through all of them.
    for (u64 i = 0; i < DIRECTORIES * ENTRIES; i++)
        directory[i] =
            i * LARGE_PAGE_BYTES | ENTRY_PRESENT | ENTRY_WRITABLE | ENTRY_LARGE;
    return table_address(root);
}
