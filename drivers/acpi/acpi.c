// drivers/acpi/acpi.c - finding and checking the firmware's tables
// SPDX-License-Identifier: MIT
//
// How it works: the root pointer names a list of tables, with 64-bit addresses
// (XSDT) or 32-bit ones (RSDT). The XSDT is taken when it is intact, else the
// RSDT: missing, damaged, or out of reach of this kernel's page tables. Tables
// are mapped when asked for and checked each time: everything here is the
// firmware's, and firmware is wrong now and then (boot-pitfalls 46). Entries of
// a list are nowhere (0), twice, or at odd addresses: all that is checked is
// what a table says of itself, its length before it is mapped.
//
//   acpi=off           there are none
//   acpi_rsdp=ADDRESS  (hexadecimal) where the root pointer is, for tables of
//                      one's own in place of bad ones
//
// Context: acpi_init at boot, before interrupt controllers are looked for;
// afterwards the root list is constant.
//
// Source: ACPI 6.4 sections 5.2.5.3 (RSDP), 5.2.6 (header), 5.2.7 (RSDT), 5.2.8
// (XSDT).

#include "acpi_private.h"

#include <kernel/cmdline.h>
#include <lib/string.h>
#include <mm/vmalloc.h>

#define LOG_NAME "acpi"
#include <kernel/log.h>

enum {
    RSDP_REVISION = 15,
    RSDP_RSDT = 16,
    RSDP_LENGTH = 20, // from revision 2 on, as all below
    RSDP_XSDT = 24,
    RSDP_BYTES_1 = 20,
    RSDP_BYTES_2 = 36,
    HEADER_LENGTH = 4,
};
#define TABLE_BYTES_MAX (4u * MIB) // the largest AML known is a tenth of it
#define TABLES_MAX      256u

enum table_state {
    TABLE_INTACT,
    TABLE_NOWHERE,      // address 0
    TABLE_OUT_OF_REACH, // above what the page tables reach, or no room
    TABLE_LENGTH,       // no length of a table
    TABLE_CHECKSUM,
};

static const u8 *root; // RSDT or XSDT; NULL: no ACPI
static u32 root_entries;
static u32 root_entry_bytes; // 4 or 8

static bool sums_to_zero(const u8 *at, u32 bytes)
{
    u8 sum = 0;

    for (u32 i = 0; i < bytes; i++)
        sum = (u8)(sum + at[i]);
    return sum == 0;
}

// table_map - *@out_table is set with TABLE_INTACT only.
static enum table_state table_map(phys_addr_t phys, const u8 **out_table,
                                  u32 *out_bytes)
{
    u8 *table;
    u32 bytes;

    if (!phys.v)
        return TABLE_NOWHERE;
    table = memremap(phys, ACPI_HEADER_BYTES);
    if (!table)
        return TABLE_OUT_OF_REACH;
    bytes = get_le32(table + HEADER_LENGTH);
    memunmap(table);
    if (bytes < ACPI_HEADER_BYTES || bytes > TABLE_BYTES_MAX)
        return TABLE_LENGTH;
    table = memremap(phys, bytes);
    if (!table)
        return TABLE_OUT_OF_REACH;
    if (!sums_to_zero(table, bytes)) {
        memunmap(table);
        return TABLE_CHECKSUM;
    }
    *out_table = table;
    *out_bytes = bytes;
    return TABLE_INTACT;
}

const u8 *acpi_map_table(phys_addr_t phys, u32 *out_bytes)
{
    const u8 *table;

    return table_map(phys, &table, out_bytes) == TABLE_INTACT ? table : NULL;
}

void acpi_put_table(const u8 *table)
{
    memunmap((void *)table);
}

static phys_addr_t root_entry(u32 index)
{
    const u8 *at = root + ACPI_HEADER_BYTES + index * root_entry_bytes;

    return phys_addr(root_entry_bytes == 8 ? get_le64(at) : get_le32(at));
}

const u8 *acpi_find_table_nth(const char *signature, u32 n, u32 *out_bytes)
{
    for (u32 i = 0; i < root_entries; i++) {
        const u8 *table = acpi_map_table(root_entry(i), out_bytes);

        if (!table)
            continue;
        if (memcmp(table, signature, ACPI_SIGNATURE_BYTES) == 0 && n-- == 0)
            return table;
        acpi_put_table(table);
    }
    return NULL;
}

const u8 *acpi_find_table(const char *signature, u32 *out_bytes)
{
    return acpi_find_table_nth(signature, 0, out_bytes);
}

// root_take - use the list at @phys, if it is one.
static bool root_take(u64 phys, const char *signature, u32 entry_bytes)
{
    u32 bytes;
    const u8 *table = acpi_map_table(phys_addr(phys), &bytes);

    if (!table)
        return false;
    if (memcmp(table, signature, ACPI_SIGNATURE_BYTES) != 0) {
        acpi_put_table(table);
        return false;
    }
    root = table;
    root_entry_bytes = entry_bytes;
    root_entries = min((bytes - ACPI_HEADER_BYTES) / entry_bytes, TABLES_MAX);
    return true;
}

// rsdp_read - the addresses of both lists, 0 for what is not there or damaged.
static bool rsdp_read(phys_addr_t phys, u64 *out_rsdt, u64 *out_xsdt)
{
    u8 *rsdp = memremap(phys, RSDP_BYTES_1);
    bool valid;
    u8 revision;

    if (!rsdp)
        return false;
    valid =
        memcmp(rsdp, "RSD PTR ", 8) == 0 && sums_to_zero(rsdp, RSDP_BYTES_1);
    revision = rsdp[RSDP_REVISION];
    *out_rsdt = get_le32(rsdp + RSDP_RSDT);
    *out_xsdt = 0;
    memunmap(rsdp);
    if (!valid || revision < 2)
        return valid;

    rsdp = memremap(phys, RSDP_BYTES_2);
    if (!rsdp)
        return true; // the first half is good
    if (get_le32(rsdp + RSDP_LENGTH) >= RSDP_BYTES_2 &&
        sums_to_zero(rsdp, RSDP_BYTES_2))
        *out_xsdt = get_le64(rsdp + RSDP_XSDT);
    memunmap(rsdp);
    return true;
}

static void table_log(phys_addr_t phys)
{
    static const char *const why[] = {
        [TABLE_NOWHERE] = "is an empty entry",
        [TABLE_OUT_OF_REACH] = "is out of reach",
        [TABLE_LENGTH] = "has no length of a table",
        [TABLE_CHECKSUM] = "has a wrong checksum",
    };
    const u8 *table;
    u32 bytes;
    enum table_state state = table_map(phys, &table, &bytes);

    if (state != TABLE_INTACT) {
        log_warn("table at %llx %s: ignored", phys.v, why[state]);
        return;
    }
    log_info("table=%.4s start=%llx bytes=%u", (const char *)table, phys.v,
             bytes);
    acpi_put_table(table);
}

// Where the tables are: as the loader says, or as the words do.
static phys_addr_t root_pointer(phys_addr_t loaders)
{
    char word[20];
    u64 given;

    if (cmdline_get("acpi", word, sizeof(word)) && strcmp(word, "off") == 0)
        return phys_addr(0);
    if (cmdline_get("acpi_rsdp", word, sizeof(word)) &&
        str_to_u64(word, 16, &given, NULL) == 0)
        return phys_addr(given);
    return loaders;
}

void acpi_init(phys_addr_t loaders_rsdp)
{
    phys_addr_t rsdp = root_pointer(loaders_rsdp);
    u64 rsdt, xsdt;

    if (!rsdp.v) {
        log_info("no root pointer");
        return;
    }
    if (!rsdp_read(rsdp, &rsdt, &xsdt)) {
        log_warn("root pointer at %llx is not intact", rsdp.v);
        return;
    }
    if (!root_take(xsdt, "XSDT", 8) && !root_take(rsdt, "RSDT", 4)) {
        log_warn("no intact list of tables: rsdt=%llx xsdt=%llx", rsdt, xsdt);
        return;
    }
    for (u32 i = 0; i < root_entries; i++)
        table_log(root_entry(i));
    acpi_platform_init();
    acpi_power_init();
}
