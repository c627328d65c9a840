// arch/x86/ldt.c - segments of a program's own: the local descriptor table
// SPDX-License-Identifier: MIT
//
// A table is whole pages of vmalloc memory, which every address space maps: the
// CPU reads it whenever a selector is loaded. It grows and never shrinks, as on
// Linux. The one in LDTR is remembered by its address, so that a switch between
// address spaces without a table is one comparison; kernel threads leave it as
// it is, and ldt_drop takes it out before its memory goes.
//
// An entry is written in place. It may be half written for a moment: only the
// way to user mode loads such selectors, and it is not taken meanwhile.
//
// Rejected: a table of kmalloc memory, which for 64 KiB asks for 16 frames in a
// row.
#include <arch/ldt.h>

#include <base/assert.h>
#include <base/bits.h>
#include <base/errno.h>
#include <lib/string.h>
#include <mm/vmalloc.h>

#include "arch_private.h"

#define ENTRY_BYTES      ((u32)sizeof(u64))
#define ENTRIES_PER_PAGE (PAGE_SIZE / ENTRY_BYTES)

static const u64 *loaded; // in LDTR; NULL: none

void ldt_activate(const struct ldt *ldt)
{
    if (likely(ldt->entries == loaded))
        return;
    loaded = ldt->entries;
    gdt_load_ldt(loaded, ldt->count * ENTRY_BYTES);
}

// Room for entry @number, and what is there already.
static int grow(struct ldt *ldt, u32 number)
{
    u32 count = ALIGN_UP(number + 1, ENTRIES_PER_PAGE);
    u64 *old = ldt->entries, *entries = vzalloc(count * ENTRY_BYTES);

    if (!entries)
        return -ENOMEM;
    if (old)
        memcpy(entries, old, ldt->count * ENTRY_BYTES);
    *ldt = (struct ldt){.entries = entries, .count = count};
    ldt_activate(ldt);
    vfree(old);
    return 0;
}

int ldt_write(struct ldt *ldt, u32 number, u64 descriptor)
{
    ASSERT(ldt->entries == loaded);
    if (number >= ldt->count && grow(ldt, number))
        return -ENOMEM;
    ldt->entries[number] = descriptor;
    return 0;
}

void ldt_read(const struct ldt *ldt, u32 first, u64 *out, u32 count)
{
    for (u32 i = 0; i < count; i++)
        out[i] = first + i < ldt->count ? ldt->entries[first + i] : 0;
}

int ldt_copy(struct ldt *to, const struct ldt *from)
{
    ASSERT(!to->entries);
    if (likely(!from->entries))
        return 0;
    to->entries = vmalloc(from->count * ENTRY_BYTES);
    if (!to->entries)
        return -ENOMEM;
    to->count = from->count;
    memcpy(to->entries, from->entries, from->count * ENTRY_BYTES);
    return 0;
}

void ldt_drop(struct ldt *ldt)
{
    const struct ldt none = {0};

    if (likely(!ldt->entries))
        return;
    if (ldt->entries == loaded)
        ldt_activate(&none);
    vfree(ldt->entries);
    *ldt = none;
}
