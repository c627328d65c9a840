// drivers/pci/pci_device.c - resources of one function: BARs, MSI, mastering
// SPDX-License-Identifier: MIT
//
// Every value read here is a device's or the firmware's: base addresses are
// sized with decoding off, capability lists are followed for a bounded number
// of steps and only inside the device-dependent region.
//
// Sources: PCI 3.0 sections 6.2.2 (command), 6.2.5.1 (base addresses), 6.7
// (capabilities), 6.8.1 (MSI).

#include <drivers/pci.h>

#include <base/errno.h>
#include <kernel/irq.h>

#include "pci_regs.h"

#define PCI_BARS_MAX         6u
#define PCI_CAPABILITY_FIRST 0x40u
// As many as fit into 192 bytes at 4 bytes each: more is a loop.
#define PCI_CAPABILITIES_MAX 48u

static void command_change(const struct pci_function *function, u16 clear,
                           u16 set)
{
    u32 flags = irq_save();
    u16 command = pci_read16(function, PCI_COMMAND);

    pci_write16(function, PCI_COMMAND, (u16)((command & ~clear) | set));
    irq_restore(flags);
}

void pci_enable_io(const struct pci_function *function)
{
    command_change(function, 0, PCI_COMMAND_IO);
}

void pci_enable_memory(const struct pci_function *function)
{
    command_change(function, 0, PCI_COMMAND_MEMORY);
}

bool pci_is_master(const struct pci_function *function)
{
    return pci_read16(function, PCI_COMMAND) & PCI_COMMAND_MASTER;
}

void pci_enable_master(const struct pci_function *function)
{
    command_change(function, 0, PCI_COMMAND_MASTER);
}

void pci_disable_master(const struct pci_function *function)
{
    command_change(function, PCI_COMMAND_MASTER, 0);
}

// bar_size_bits - the register with all address bits written: those that the
// device does not decode read back as 0. Its value is put back.
static u32 bar_size_bits(const struct pci_function *function, u32 offset)
{
    u32 value = pci_read32(function, offset);
    u32 bits;

    pci_write32(function, offset, 0xffffffffu);
    bits = pci_read32(function, offset);
    pci_write32(function, offset, value);
    return bits;
}

static int bar_read(const struct pci_function *function, u32 index,
                    struct pci_bar *out)
{
    u32 offset = PCI_BAR0 + 4 * index;
    u32 value = pci_read32(function, offset);
    u32 bits = bar_size_bits(function, offset);
    u64 start, mask;

    if (!bits)
        return -ENODEV;
    if (value & PCI_BAR_IS_IO) {
        // The upper 16 bits need not be implemented.
        out->kind = PCI_BAR_IO;
        start = value & PCI_BAR_IO_MASK;
        mask = ~0ull << 16 | (bits & PCI_BAR_IO_MASK);
    } else {
        out->kind = PCI_BAR_MEMORY;
        start = value & PCI_BAR_MEMORY_MASK;
        mask = ~0ull << 32 | (bits & PCI_BAR_MEMORY_MASK);
        if ((value & PCI_BAR_TYPE_MASK) == PCI_BAR_TYPE_64) {
            if (index + 1 == PCI_BARS_MAX)
                return -EINVAL;
            start |= (u64)pci_read32(function, offset + 4) << 32;
            mask = (u64)bar_size_bits(function, offset + 4) << 32 | (u32)mask;
        }
    }
    out->start = phys_addr(start);
    out->bytes = ~mask + 1;
    return start && out->bytes ? 0 : -ENODEV;
}

// bar_exists - @index is a register of its own, not the upper half of the one
// before.
static bool bar_exists(const struct pci_function *function, u32 index)
{
    u32 i = 0;

    if (function->header_type != 0 || index >= PCI_BARS_MAX)
        return false;
    while (i < index) {
        u32 value = pci_read32(function, PCI_BAR0 + 4 * i);
        bool wide = !(value & PCI_BAR_IS_IO) &&
                    (value & PCI_BAR_TYPE_MASK) == PCI_BAR_TYPE_64;

        i += wide ? 2 : 1;
    }
    return i == index;
}

int pci_bar_read(const struct pci_function *function, u32 index,
                 struct pci_bar *out)
{
    u32 flags;
    u16 command;
    int err;

    if (!bar_exists(function, index))
        return -EINVAL;
    flags = irq_save();
    command = pci_read16(function, PCI_COMMAND);
    pci_write16(function, PCI_COMMAND,
                (u16)(command & ~(PCI_COMMAND_IO | PCI_COMMAND_MEMORY)));
    err = bar_read(function, index, out);
    pci_write16(function, PCI_COMMAND, command);
    irq_restore(flags);
    return err;
}

u32 pci_find_capability(const struct pci_function *function, u8 id)
{
    u32 offset;

    if (!(pci_read16(function, PCI_STATUS) & PCI_STATUS_CAPABILITIES))
        return 0;
    offset = pci_read8(function, PCI_CAPABILITIES) & 0xfcu;
    for (u32 i = 0; i < PCI_CAPABILITIES_MAX; i++) {
        if (offset < PCI_CAPABILITY_FIRST)
            return 0;
        if (pci_read8(function, offset) == id)
            return offset;
        offset = pci_read8(function, offset + 1) & 0xfcu;
    }
    return 0;
}

// msi_find - the MSI capability; 0: none that fits into configuration space.
static u32 msi_find(const struct pci_function *function)
{
    u32 msi = pci_find_capability(function, PCI_CAP_MSI);

    return msi <= PCI_CONFIG_BYTES - PCI_MSI_BYTES_MAX ? msi : 0;
}

bool pci_has_msi(const struct pci_function *function)
{
    return msi_find(function) != 0;
}

int pci_enable_msi(const struct pci_function *function, u32 address, u32 data)
{
    u32 msi = msi_find(function);
    u32 mask;
    u16 control;

    if (!msi)
        return -ENODEV;
    control = pci_read16(function, msi + PCI_MSI_CONTROL);
    control &= (u16) ~(PCI_MSI_ENABLE | PCI_MSI_MULTIPLE);
    pci_write16(function, msi + PCI_MSI_CONTROL, control);
    pci_write32(function, msi + PCI_MSI_ADDRESS, address);
    if (control & PCI_MSI_IS_64) {
        pci_write32(function, msi + PCI_MSI_ADDRESS_HIGH, 0);
        pci_write16(function, msi + PCI_MSI_DATA_64, (u16)data);
        mask = msi + PCI_MSI_MASK_64;
    } else {
        pci_write16(function, msi + PCI_MSI_DATA_32, (u16)data);
        mask = msi + PCI_MSI_MASK_32;
    }
    if (control & PCI_MSI_MASKABLE)
        pci_write32(function, mask, pci_read32(function, mask) & ~1u);
    command_change(function, 0, PCI_COMMAND_PIN_OFF);
    pci_write16(function, msi + PCI_MSI_CONTROL,
                (u16)(control | PCI_MSI_ENABLE));
    return 0;
}

void pci_enable_pin(const struct pci_function *function)
{
    u32 msi = msi_find(function);

    if (msi) {
        u16 control = pci_read16(function, msi + PCI_MSI_CONTROL);

        pci_write16(function, msi + PCI_MSI_CONTROL,
                    (u16)(control & ~PCI_MSI_ENABLE));
    }
    command_change(function, PCI_COMMAND_PIN_OFF, 0);
}
