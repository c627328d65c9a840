// include/drivers/pci.h - PCI functions, their configuration and resources
// SPDX-License-Identifier: MIT
//
// Configuration space is reached through ports 0xcf8/0xcfc: the first 256
// bytes of every function, which is all that we use (PCI 3.0 section 3.2.2.3).
#pragma once

#include <base/compiler.h>
#include <base/types.h>
#include <mm/addr.h>

#define PCI_CLASS_STORAGE    0x01u
#define PCI_SUBCLASS_RAID    0x04u // of PCI_CLASS_STORAGE
#define PCI_CLASS_DISPLAY    0x03u
#define PCI_CLASS_BRIDGE     0x06u
#define PCI_CLASS_SERIAL_BUS 0x0cu

struct pci_function {
    u8 bus, device, function;
    u8 header_type; // 0: device, 1: bridge; without the multifunction bit
    u16 vendor_id, device_id;
    u8 class_code, subclass, prog_if, revision;
    u8 irq_line; // as the firmware wrote it: 1-15, anything else is none
    u8 irq_pin;  // 1-4: INTA-INTD; 0: none
};

enum pci_bar_kind {
    PCI_BAR_IO,
    PCI_BAR_MEMORY,
};

struct pci_bar {
    enum pci_bar_kind kind;
    phys_addr_t start; // a port number with PCI_BAR_IO
    u64 bytes;         // a power of two
};

// pci_init - find all functions, log one line each, and clear the bus-master
// bit of every one that is neither a bridge nor a display: what the firmware
// left running must not write into memory that is about to be reused. With the
// word usblegacy=keep, USB controllers are left as they are.
// Context: boot, before BOOT_RANGE_BOOT memory is given out; needs no memory.
void pci_init(void);

// pci_next - every function, in order of bus, device and function. NULL: the
// first; returns NULL: no more. Context: any.
const struct pci_function *pci_next(const struct pci_function *previous);

// pci_find_class - the next function of that class behind @previous (NULL: the
// first). NULL: no more. Context: any.
const struct pci_function *pci_find_class(u8 class_code, u8 subclass,
                                          u8 prog_if,
                                          const struct pci_function *previous);

// pci_find_subclass - the same, whatever its programming interface.
const struct pci_function *
pci_find_subclass(u8 class_code, u8 subclass,
                  const struct pci_function *previous);

// Configuration space. @offset is below 256 and aligned to the width.
// Context: any.
u8 pci_read8(const struct pci_function *function, u32 offset);
u16 pci_read16(const struct pci_function *function, u32 offset);
u32 pci_read32(const struct pci_function *function, u32 offset);
void pci_write8(const struct pci_function *function, u32 offset, u8 value);
void pci_write16(const struct pci_function *function, u32 offset, u16 value);
void pci_write32(const struct pci_function *function, u32 offset, u32 value);

// pci_bar_read - where base address register @index (0-5) decodes and how
// much. Decoding is off while the register is sized, so nobody may be using the
// function. Context: any.
// Return: 0; -EINVAL: no such register (or the upper half of one); -ENODEV: not
// implemented, or the firmware gave it no address.
// Source: PCI 3.0 section 6.2.5.1.
__must_check int pci_bar_read(const struct pci_function *function, u32 index,
                              struct pci_bar *out);

// pci_find_capability - offset of the first capability @id; 0: none.
// Source: PCI 3.0 section 6.7.
u32 pci_find_capability(const struct pci_function *function, u8 id);

// pci_has_msi - interrupts by message are possible.
bool pci_has_msi(const struct pci_function *function);

// pci_enable_msi - from now on, one message: *@data* to @address (what
// irq_request_msi gave); the interrupt pin is off. Return: 0; -ENODEV: the
// function has no such capability. Source: PCI 3.0 section 6.8.1.
__must_check int pci_enable_msi(const struct pci_function *function,
                                u32 address, u32 data);

// pci_enable_pin - interrupts by the pin: messages off, pin on.
void pci_enable_pin(const struct pci_function *function);

// pci_enable_io - answer at the port base addresses, and those of legacy.
void pci_enable_io(const struct pci_function *function);

// pci_enable_memory - answer at the memory base addresses.
void pci_enable_memory(const struct pci_function *function);

// pci_is_master - it may do DMA.
bool pci_is_master(const struct pci_function *function);

// pci_enable_master, pci_disable_master - whether it may do DMA. Only for a
// function whose driver has stopped whatever the firmware left running in it.
void pci_enable_master(const struct pci_function *function);
void pci_disable_master(const struct pci_function *function);
