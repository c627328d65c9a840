// drivers/pci/pci_regs.h - PCI configuration space, PCI 3.0 chapter 6
// SPDX-License-Identifier: MIT
#pragma once

#include <base/types.h>

// Configuration mechanism #1, section 3.2.2.3.2
enum {
    PCI_CONFIG_ADDRESS = 0xcf8,
    PCI_CONFIG_DATA = 0xcfc,
};
#define PCI_CONFIG_ENABLE 0x80000000u
#define PCI_CONFIG_BYTES  256u // of each function, by this mechanism

// Header, section 6.1 and 6.2; bridges: PCI-to-PCI Bridge 1.2 section 3.2
enum {
    PCI_VENDOR_ID = 0x00, // 0xffff: nobody there
    PCI_DEVICE_ID = 0x02,
    PCI_COMMAND = 0x04,
    PCI_STATUS = 0x06,
    PCI_REVISION = 0x08, // then prog-if, subclass, class
    PCI_HEADER_TYPE = 0x0e,
    PCI_BAR0 = 0x10,
    PCI_SECONDARY_BUS = 0x19, // header type 1
    PCI_CAPABILITIES = 0x34,
    PCI_INTERRUPT_LINE = 0x3c,
    PCI_INTERRUPT_PIN = 0x3d,
};

enum {
    PCI_COMMAND_IO = 1u << 0,
    PCI_COMMAND_MEMORY = 1u << 1,
    PCI_COMMAND_MASTER = 1u << 2,
    PCI_COMMAND_PIN_OFF = 1u << 10, // interrupt disable
};

enum {
    PCI_STATUS_CAPABILITIES = 1u << 4,
    PCI_HEADER_MULTIFUNCTION = 1u << 7,
    PCI_HEADER_TYPE_MASK = 0x7f,
    PCI_HEADER_BRIDGE = 1,
    PCI_SUBCLASS_PCI_BRIDGE = 4,
    PCI_SUBCLASS_USB = 3, // of the serial buses
};

// Base address registers, section 6.2.5.1
enum {
    PCI_BAR_IS_IO = 1u << 0,
    PCI_BAR_TYPE_MASK = 3u << 1,
    PCI_BAR_TYPE_64 = 2u << 1,
};
#define PCI_BAR_IO_MASK     0xfffffffcu
#define PCI_BAR_MEMORY_MASK 0xfffffff0u

// Message signalled interrupts, section 6.8.1; offsets from the capability
enum {
    PCI_CAP_MSI = 0x05,
    PCI_MSI_CONTROL = 2,
    PCI_MSI_ADDRESS = 4,
    PCI_MSI_DATA_32 = 8, // with a 32-bit address
    PCI_MSI_ADDRESS_HIGH = 8,
    PCI_MSI_DATA_64 = 12,
    PCI_MSI_MASK_32 = 12,
    PCI_MSI_MASK_64 = 16,
    PCI_MSI_BYTES_MAX = 20,
};
enum {
    PCI_MSI_ENABLE = 1u << 0,
    PCI_MSI_MULTIPLE = 7u << 4, // log2 of the messages in use
    PCI_MSI_IS_64 = 1u << 7,
    PCI_MSI_MASKABLE = 1u << 8,
};
