// drivers/pci/pci.c - configuration access and the list of functions
// SPDX-License-Identifier: MIT
//
// How it works: bus 0 is scanned, and every bus that a bridge found on the way
// leads to. Each bus is scanned once, whatever the bridges' registers say, so
// the walk ends. What is found stays in a fixed table: pci_init runs before
// there is memory to allocate, and what does not fit has its bus mastering
// turned off all the same.
//
// Context: the table is constant after pci_init. Address and data port are used
// with interrupts off.
//
// Rejected: memory-mapped configuration (MCFG): needed for nothing that we use,
// and its tables are known to be wrong (boot-pitfalls 47). Host bridges with
// further root buses: found through ACPI only; their devices stay unused, as
// the firmware left them.
//
// Sources: PCI 3.0 sections 3.2.2.3, 6.1, 6.2; PCI-to-PCI Bridge 1.2.

#include <drivers/pci.h>

#include <arch/io.h>
#include <base/assert.h>
#include <kernel/cmdline.h>
#include <kernel/irq.h>
#include <lib/string.h>

#include "pci_regs.h"

#define LOG_NAME "pci"
#include <kernel/log.h>

#define PCI_BUSES              256u
#define PCI_DEVICES_PER_BUS    32u
#define PCI_FUNCTIONS_PER_SLOT 8u
#define PCI_FUNCTIONS_MAX      256u
#define PCI_NO_VENDOR          0xffffu

static struct pci_function functions[PCI_FUNCTIONS_MAX];
static u32 function_count;

enum bus_state {
    BUS_UNKNOWN,
    BUS_FOUND, // a bridge leads to it
    BUS_SCANNED,
};

// config_select - make the data port stand for one 32-bit register. Interrupts
// are off until the access is done. Return: the port of the byte at @offset.
static u16 config_select(const struct pci_function *function, u32 offset)
{
    ASSERT(offset < PCI_CONFIG_BYTES);
    outl(PCI_CONFIG_ADDRESS, PCI_CONFIG_ENABLE | (u32)function->bus << 16 |
                                 (u32)function->device << 11 |
                                 (u32)function->function << 8 |
                                 (offset & 0xfcu));
    return (u16)(PCI_CONFIG_DATA + (offset & 3u));
}

u8 pci_read8(const struct pci_function *function, u32 offset)
{
    u32 flags = irq_save();
    u8 value = inb(config_select(function, offset));

    irq_restore(flags);
    return value;
}

u16 pci_read16(const struct pci_function *function, u32 offset)
{
    u32 flags = irq_save();
    u16 value;

    ASSERT(IS_ALIGNED(offset, 2));
    value = inw(config_select(function, offset));
    irq_restore(flags);
    return value;
}

u32 pci_read32(const struct pci_function *function, u32 offset)
{
    u32 flags = irq_save();
    u32 value;

    ASSERT(IS_ALIGNED(offset, 4));
    value = inl(config_select(function, offset));
    irq_restore(flags);
    return value;
}

void pci_write8(const struct pci_function *function, u32 offset, u8 value)
{
    u32 flags = irq_save();

    outb(config_select(function, offset), value);
    irq_restore(flags);
}

void pci_write16(const struct pci_function *function, u32 offset, u16 value)
{
    u32 flags = irq_save();

    ASSERT(IS_ALIGNED(offset, 2));
    outw(config_select(function, offset), value);
    irq_restore(flags);
}

void pci_write32(const struct pci_function *function, u32 offset, u32 value)
{
    u32 flags = irq_save();

    ASSERT(IS_ALIGNED(offset, 4));
    outl(config_select(function, offset), value);
    irq_restore(flags);
}

// mechanism_present - the address port keeps what is written to it.
static bool mechanism_present(void)
{
    u32 before = inl(PCI_CONFIG_ADDRESS);
    bool present;

    outl(PCI_CONFIG_ADDRESS, PCI_CONFIG_ENABLE);
    present = inl(PCI_CONFIG_ADDRESS) == PCI_CONFIG_ENABLE;
    outl(PCI_CONFIG_ADDRESS, before);
    return present;
}

static void function_read(struct pci_function *function)
{
    u32 class_word = pci_read32(function, PCI_REVISION);

    function->vendor_id = pci_read16(function, PCI_VENDOR_ID);
    function->device_id = pci_read16(function, PCI_DEVICE_ID);
    function->revision = (u8)class_word;
    function->prog_if = (u8)(class_word >> 8);
    function->subclass = (u8)(class_word >> 16);
    function->class_code = (u8)(class_word >> 24);
    function->header_type =
        pci_read8(function, PCI_HEADER_TYPE) & PCI_HEADER_TYPE_MASK;
    function->irq_line = pci_read8(function, PCI_INTERRUPT_LINE);
    function->irq_pin = pci_read8(function, PCI_INTERRUPT_PIN);
}

static bool is_usb(const struct pci_function *function)
{
    return function->class_code == PCI_CLASS_SERIAL_BUS &&
           function->subclass == PCI_SUBCLASS_USB;
}

// function_quiesce - no DMA by what we do not drive. Bridges must go on passing
// the transfers of others; a display may be reading its framebuffer from RAM,
// which is reserved, and writes nowhere. A USB controller by which the firmware
// plays a keyboard keeps its right if the user says so: usblegacy=keep. It is
// his to know that this firmware reads and writes reserved memory only.
static void function_quiesce(const struct pci_function *function)
{
    char word[8];

    if (function->class_code == PCI_CLASS_BRIDGE ||
        function->class_code == PCI_CLASS_DISPLAY)
        return;
    if (is_usb(function) && cmdline_get("usblegacy", word, sizeof(word)) &&
        strcmp(word, "keep") == 0)
        return;
    pci_disable_master(function);
}

static void bus_mark_behind(const struct pci_function *function, u8 *buses)
{
    u8 secondary;

    if (function->class_code != PCI_CLASS_BRIDGE ||
        function->subclass != PCI_SUBCLASS_PCI_BRIDGE ||
        function->header_type != PCI_HEADER_BRIDGE)
        return;
    secondary = pci_read8(function, PCI_SECONDARY_BUS);
    if (buses[secondary] == BUS_UNKNOWN)
        buses[secondary] = BUS_FOUND;
}

static void function_add(struct pci_function *function, u8 *buses)
{
    function_read(function);
    function_quiesce(function);
    bus_mark_behind(function, buses);
    log_info("%02x:%02x.%x class=%02x%02x.%02x id=%04x:%04x irq=%u command=%x",
             function->bus, function->device, function->function,
             function->class_code, function->subclass, function->prog_if,
             function->vendor_id, function->device_id, function->irq_line,
             pci_read16(function, PCI_COMMAND));
    if (function_count == PCI_FUNCTIONS_MAX) {
        log_warn("table full: function not used");
        return;
    }
    functions[function_count++] = *function;
}

static void bus_scan(u8 bus, u8 *buses)
{
    for (u32 slot = 0; slot < PCI_DEVICES_PER_BUS; slot++) {
        for (u32 n = 0; n < PCI_FUNCTIONS_PER_SLOT; n++) {
            struct pci_function function = {
                .bus = bus, .device = (u8)slot, .function = (u8)n};

            if (pci_read16(&function, PCI_VENDOR_ID) != PCI_NO_VENDOR)
                function_add(&function, buses);
            else if (n == 0)
                break; // no function 0: no device
            if (n == 0 && !(pci_read8(&function, PCI_HEADER_TYPE) &
                            PCI_HEADER_MULTIFUNCTION))
                break;
        }
    }
}

void pci_init(void)
{
    u8 buses[PCI_BUSES] = {[0] = BUS_FOUND}; // enum bus_state
    u32 bus = 0;

    if (!mechanism_present()) {
        log_warn("no configuration mechanism: no PCI devices");
        return;
    }
    while (bus < PCI_BUSES) {
        if (buses[bus] != BUS_FOUND) {
            bus++;
            continue;
        }
        buses[bus] = BUS_SCANNED;
        bus_scan((u8)bus, buses);
        bus = 0; // a bridge may lead to a bus of a lower number
    }
}

const struct pci_function *pci_next(const struct pci_function *previous)
{
    u32 i = previous ? (u32)(previous - functions) + 1 : 0;

    return i < function_count ? &functions[i] : NULL;
}

const struct pci_function *pci_find_class(u8 class_code, u8 subclass,
                                          u8 prog_if,
                                          const struct pci_function *previous)
{
    const struct pci_function *function = previous;

    while ((function = pci_next(function)))
        if (function->class_code == class_code &&
            function->subclass == subclass && function->prog_if == prog_if)
            return function;
    return NULL;
}

const struct pci_function *
pci_find_subclass(u8 class_code, u8 subclass,
                  const struct pci_function *previous)
{
    const struct pci_function *function = previous;

    while ((function = pci_next(function)))
        if (function->class_code == class_code &&
            function->subclass == subclass)
            return function;
    return NULL;
}
