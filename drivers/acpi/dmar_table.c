// drivers/acpi/dmar_table.c - where the DMA remapping units are [P]
// SPDX-License-Identifier: MIT
//
// The table DMAR is a list of structures of several types behind its header,
// each with its type and length. Only units (DRHD) matter here: what they
// cover does not when they are all turned off.
//
// Source: Intel VT-d 4.1, 8.1 (table), 8.2 (structures), 8.3 (DRHD).

#include "acpi_private.h"

#include <base/bits.h>
#include <base/errno.h>

enum {
    DMAR_FIRST = 48, // structure; ACPI's header and 12 bytes are before it
    ENTRY_LENGTH = 2,
    ENTRY_HEADER_BYTES = 4,
    ENTRY_DRHD = 0,
    DRHD_BASE = 8, // u64
    DRHD_BYTES = 16,
    UNIT_ALIGN = 4096,
};

int dmar_next_unit(const u8 *table, u32 bytes, u32 *offset, u64 *out_base)
{
    u32 at = max(*offset, (u32)DMAR_FIRST);

    while (at <= bytes && bytes - at >= ENTRY_HEADER_BYTES) {
        const u8 *entry = table + at;
        u32 length = get_le16(entry + ENTRY_LENGTH);

        // One of length 0 would be found for ever.
        if (length < ENTRY_HEADER_BYTES || length > bytes - at)
            return -EINVAL;
        at += length;
        if (get_le16(entry) != ENTRY_DRHD)
            continue;
        if (length < DRHD_BYTES)
            return -EINVAL;
        *out_base = get_le64(entry + DRHD_BASE);
        if (!*out_base || !IS_ALIGNED(*out_base, UNIT_ALIGN))
            return -EINVAL;
        *offset = at;
        return 0;
    }
    return -ENOENT;
}
