// efi/acpi.c - the ACPI root pointer
// SPDX-License-Identifier: MIT
//
// The firmware names the RSDP in its configuration table, once for ACPI 2.0
// and later, once for 1.0; the newer one is preferred and the older one taken
// if the newer is damaged. It is copied, since it may lie above 4 GiB.
//
// Source: ACPI 6.5, 5.2.5; UEFI 2.10, 4.6.

#include "stub.h"

#include <lib/string.h>

enum {
    RSDP_BYTES_1 = 20, // ACPI 1.0; the first checksum's extent for ever
    RSDP_BYTES_2 = 36,
    RSDP_REVISION_AT = 15,
    RSDP_LENGTH_AT = 20,
};

static u8 byte_sum(const u8 *bytes, u32 count)
{
    u8 sum = 0;

    while (count--)
        sum = (u8)(sum + *bytes++);
    return sum;
}

// The length of a sound RSDP that fits into @capacity; 0 otherwise.
static u32 rsdp_bytes(const u8 *rsdp, u32 capacity)
{
    u32 length;

    if (memcmp(rsdp, "RSD PTR ", 8) || byte_sum(rsdp, RSDP_BYTES_1))
        return 0;
    if (rsdp[RSDP_REVISION_AT] < 2)
        return RSDP_BYTES_1;
    memcpy(&length, rsdp + RSDP_LENGTH_AT, sizeof(length));
    if (length < RSDP_BYTES_2 || length > capacity || byte_sum(rsdp, length))
        return 0;
    return length;
}

static const u8 *find_table(const EFI_GUID *guid)
{
    const EFI_CONFIGURATION_TABLE *entry = firmware.table->ConfigurationTable;

    for (UINTN i = 0; i < firmware.table->NumberOfTableEntries; i++, entry++) {
        if (!memcmp(&entry->VendorGuid, guid, sizeof(*guid)))
            return entry->VendorTable;
    }
    return NULL;
}

u32 acpi_copy_rsdp(u8 *to, u32 capacity)
{
    static const EFI_GUID guids[] = {ACPI_20_TABLE_GUID, ACPI_TABLE_GUID};

    for (u32 i = 0; i < ARRAY_SIZE(guids); i++) {
        const u8 *rsdp = find_table(&guids[i]);
        u32 bytes = rsdp ? rsdp_bytes(rsdp, capacity) : 0;

        if (bytes) {
            memcpy(to, rsdp, bytes);
            log_line("efi: ACPI root pointer=0x%llx revision=%u",
                     (u64)(UINTN)rsdp, rsdp[RSDP_REVISION_AT]);
            return bytes;
        }
    }
    log_line("efi: no ACPI tables");
    return 0;
}
