// drivers/ata/ide_regs.h - registers of an IDE channel
// SPDX-License-Identifier: MIT
//
// Names as in ATA/ATAPI-6 (T13/1410D) chapter 7; PCI IDE Controller
// Specification 1.0; Programming Interface for Bus Master IDE Controller 1.0.
#pragma once

#include <base/types.h>

#define IDE_PCI_SUBCLASS 0x01u

// Programming interface byte, PCI IDE section 2: bit 0 and 2 say whether the
// primary and the secondary channel are in native mode.
enum {
    IDE_PROG_IF_NATIVE = 1u << 0, // << 2 for the secondary channel
    IDE_PROG_IF_MASTER = 1u << 7, // BAR 4 has bus master registers
};

// Base addresses in native mode, PCI IDE section 2.4
enum {
    IDE_BAR_COMMAND = 0, // + 2 for the secondary channel
    IDE_BAR_CONTROL = 1, // ... the control register at offset 2 of it
    IDE_BAR_MASTER = 4,
    IDE_COMMAND_BYTES = 8,
    IDE_CONTROL_BYTES = 4,
    IDE_CONTROL_OFFSET = 2,
    IDE_MASTER_BYTES = 16, // 8 a channel
};

// Command block, section 7.1
enum {
    IDE_DATA = 0,
    IDE_ERROR = 1, // read
    IDE_COUNT = 2,
    IDE_LBA_LOW = 3,
    IDE_LBA_MID = 4,
    IDE_LBA_HIGH = 5,
    IDE_DEVICE = 6,
    IDE_STATUS = 7,  // read: takes the interrupt back
    IDE_COMMAND = 7, // written
};

// Device register, section 7.7. Bits 7 and 5 are obsolete, and wanted as 1 by
// devices of ATA-3 and before.
enum {
    IDE_DEVICE_OBSOLETE = 1u << 7 | 1u << 5,
    IDE_DEVICE_SHIFT = 4, // which of the two
};

// Device Control, section 7.8: written where Alternate Status is read
enum {
    IDE_CONTROL_NO_INTERRUPT = 1u << 1, // nIEN
    IDE_CONTROL_RESET = 1u << 2,        // SRST
};

// Bus master registers of a channel, section 2 of its specification
enum {
    IDE_MASTER_COMMAND = 0,
    IDE_MASTER_STATUS = 2,
    IDE_MASTER_TABLE = 4, // 32 bits
    IDE_MASTER_CHANNEL_BYTES = 8,
};
enum {
    IDE_MASTER_START = 1u << 0,
    IDE_MASTER_TO_MEMORY = 1u << 3, // the disk is read
};
enum {
    IDE_MASTER_ACTIVE = 1u << 0,
    IDE_MASTER_ERROR = 1u << 1,     // write 1 to clear
    IDE_MASTER_INTERRUPT = 1u << 2, // write 1 to clear
    IDE_MASTER_CAPABLE = 3u << 5,   // software's, kept
    IDE_MASTER_SIMPLEX = 1u << 7,   // one channel at a time
};
