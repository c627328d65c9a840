// drivers/acpi/madt.c - the table of interrupt controllers
// SPDX-License-Identifier: MIT
//
// How it works: behind a fixed part come entries of a type and a length each.
// One whose length is below what its type needs is skipped; one that does not
// fit into the table ends the walk. Unknown types are skipped by their length.
//
// Source: ACPI 6.4, section 5.2.12.

#include "tables.h"

#include <base/errno.h>
#include <lib/string.h>

#include "acpi_private.h"

enum {
    MADT_LOCAL_APIC = 36,
    MADT_FLAGS = 40,
    MADT_ENTRIES = 44,
    MADT_PCAT_COMPAT = 1 << 0,

    ENTRY_TYPE = 0,
    ENTRY_LENGTH = 1,
    ENTRY_BYTES_MIN = 2,
    INTI_POLARITY = 3, // two bits each
    INTI_TRIGGER_SHIFT = 2,
    BUS_ISA = 0,
    CPU_ENABLED = 1 << 0,
    CPU_ONLINE_CAPABLE = 1 << 1,
    LINT_LAST = 1,
};

enum madt_type {
    MADT_CPU = 0,                // uid, apic id, flags at 4
    MADT_IO_APIC = 1,            // id, -, address at 4, base at 8
    MADT_OVERRIDE = 2,           // bus, irq, gsi at 4, flags at 8
    MADT_NMI_SOURCE = 3,         // flags at 2, gsi at 4
    MADT_LOCAL_NMI = 4,          // uid, flags at 3, lint at 5
    MADT_LOCAL_APIC_ADDRESS = 5, // address at 4
    MADT_X2APIC = 9,             // id at 4, flags at 8, uid at 12
    MADT_X2APIC_NMI = 10,        // flags at 2, uid at 4, lint at 8
    MADT_TYPES = 11
};

static const u8 entry_bytes[MADT_TYPES] = {
    [MADT_CPU] = 8,       [MADT_IO_APIC] = 12,
    [MADT_OVERRIDE] = 10, [MADT_NMI_SOURCE] = 8,
    [MADT_LOCAL_NMI] = 6, [MADT_LOCAL_APIC_ADDRESS] = 12,
    [MADT_X2APIC] = 16,   [MADT_X2APIC_NMI] = 12,
};

static u8 polarity(u16 flags)
{
    return flags & INTI_POLARITY;
}

static u8 trigger(u16 flags)
{
    return flags >> INTI_TRIGGER_SHIFT & INTI_POLARITY;
}

// Each takes an entry. Return: false: no room for it, or not to be believed.
static bool take_cpu(struct platform_interrupts *out, u8 uid, u8 apic_id,
                     u32 flags)
{
    if (!(flags & CPU_ENABLED))
        return true; // a free socket
    out->cpu_count++;
    if (out->cpus_kept == PLATFORM_CPUS)
        return false;
    out->cpus[out->cpus_kept++] = (struct platform_cpu){uid, apic_id};
    return true;
}

static bool take_x2apic(struct platform_interrupts *out, const u8 *entry)
{
    u32 id = get_le32(entry + 4), uid = get_le32(entry + 12);

    if (id > 0xff || uid >= PLATFORM_ALL_CPUS) {
        out->cpu_count += get_le32(entry + 8) & CPU_ENABLED ? 1 : 0;
        return true; // not the boot CPU, with a number like this
    }
    return take_cpu(out, (u8)uid, (u8)id, get_le32(entry + 8));
}

static bool take_io_apic(struct platform_interrupts *out, const u8 *entry)
{
    struct platform_io_apic apic = {
        .id = entry[2],
        .address = get_le32(entry + 4),
        .gsi_base = get_le32(entry + 8),
    };

    if (!apic.address || out->io_apic_count == PLATFORM_IO_APICS)
        return false;
    for (u32 i = 0; i < out->io_apic_count; i++) {
        if (out->io_apics[i].address == apic.address ||
            out->io_apics[i].gsi_base == apic.gsi_base)
            return false; // named twice
    }
    out->io_apics[out->io_apic_count++] = apic;
    return true;
}

static bool take_override(struct platform_interrupts *out, const u8 *entry)
{
    u8 irq = entry[3];
    u16 flags = get_le16(entry + 8);

    if (entry[2] != BUS_ISA || irq >= PLATFORM_ISA_IRQS)
        return false;
    out->isa[irq] = (struct platform_irq){
        .gsi = get_le32(entry + 4),
        .polarity = polarity(flags),
        .trigger = trigger(flags),
    };
    return true;
}

static bool take_nmi_source(struct platform_interrupts *out, const u8 *entry)
{
    u16 flags = get_le16(entry + 2);

    if (out->nmi_count == PLATFORM_NMI_SOURCES)
        return false;
    out->nmi_sources[out->nmi_count++] = (struct platform_irq){
        .gsi = get_le32(entry + 4),
        .polarity = polarity(flags),
        .trigger = trigger(flags),
    };
    return true;
}

static bool take_local_nmi(struct platform_interrupts *out, u8 uid, u8 lint,
                           u16 flags)
{
    if (lint > LINT_LAST || out->local_nmi_count == PLATFORM_NMI_SOURCES)
        return false;
    out->local_nmis[out->local_nmi_count++] = (struct platform_local_nmi){
        .cpu_uid = uid,
        .lint = lint,
        .polarity = polarity(flags),
        .trigger = trigger(flags),
    };
    return true;
}

static bool take_x2apic_nmi(struct platform_interrupts *out, const u8 *entry)
{
    u32 uid = get_le32(entry + 4);

    if (uid == ~0u)
        uid = PLATFORM_ALL_CPUS;
    else if (uid >= PLATFORM_ALL_CPUS)
        return true; // not the boot CPU
    return take_local_nmi(out, (u8)uid, entry[8], get_le16(entry + 2));
}

static bool take_address(struct platform_interrupts *out, const u8 *entry)
{
    u64 address = get_le32(entry + 4) | (u64)get_le32(entry + 8) << 32;

    if (!address)
        return false;
    out->local_apic = address;
    return true;
}

static bool take(struct platform_interrupts *out, const u8 *entry, u32 length)
{
    u8 type = entry[ENTRY_TYPE];

    if (type >= MADT_TYPES || !entry_bytes[type])
        return true; // nothing that we know
    if (length < entry_bytes[type])
        return false;
    switch ((enum madt_type)type) {
    case MADT_CPU:
        return take_cpu(out, entry[2], entry[3], get_le32(entry + 4));
    case MADT_IO_APIC: return take_io_apic(out, entry);
    case MADT_OVERRIDE: return take_override(out, entry);
    case MADT_NMI_SOURCE: return take_nmi_source(out, entry);
    case MADT_LOCAL_NMI:
        return take_local_nmi(out, entry[2], entry[5], get_le16(entry + 3));
    case MADT_LOCAL_APIC_ADDRESS: return take_address(out, entry);
    case MADT_X2APIC: return take_x2apic(out, entry);
    case MADT_X2APIC_NMI: return take_x2apic_nmi(out, entry);
    case MADT_TYPES: break;
    }
    return true;
}

int madt_parse(const u8 *table, u32 bytes, struct platform_interrupts *out)
{
    u32 at = MADT_ENTRIES;

    memset(out, 0, sizeof(*out));
    for (u32 irq = 0; irq < PLATFORM_ISA_IRQS; irq++)
        out->isa[irq].gsi = irq;
    out->has_8259 = true;
    if (bytes < MADT_ENTRIES)
        return -EINVAL;
    out->known = true;
    out->local_apic = get_le32(table + MADT_LOCAL_APIC);
    out->has_8259 = get_le32(table + MADT_FLAGS) & MADT_PCAT_COMPAT;
    while (bytes - at >= ENTRY_BYTES_MIN) {
        u32 length = table[at + ENTRY_LENGTH];

        if (length < ENTRY_BYTES_MIN || length > bytes - at) {
            out->ignored++;
            break;
        }
        if (!take(out, table + at, length))
            out->ignored++;
        at += length;
    }
    return 0;
}
