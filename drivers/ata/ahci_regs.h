// drivers/ata/ahci_regs.h - registers and structures of AHCI 1.3.1
// SPDX-License-Identifier: MIT
//
// Names as in "Serial ATA AHCI 1.3.1 Specification".
#pragma once

#include <base/compiler.h>
#include <base/types.h>

#define AHCI_PCI_SUBCLASS 0x06u
#define AHCI_PCI_PROG_IF  0x01u
#define AHCI_PCI_BAR      5u

// Generic host control, section 3.1
enum {
    AHCI_CAP = 0x00,
    AHCI_GHC = 0x04,
    AHCI_IS = 0x08, // one bit a port; write 1 to clear
    AHCI_PI = 0x0c, // ports implemented
    AHCI_VS = 0x10,
    AHCI_CAP2 = 0x24,
    AHCI_BOHC = 0x28,
    AHCI_PORTS = 0x100,
    AHCI_PORT_BYTES = 0x80,
};
#define AHCI_PORTS_MAX          32u
#define AHCI_SLOTS_MAX          32u
#define AHCI_REGISTER_BYTES_MAX (AHCI_PORTS + AHCI_PORTS_MAX * AHCI_PORT_BYTES)

#define AHCI_CAP_NP        0x1fu // ports - 1
#define AHCI_CAP_NCS_SHIFT 8u    // command slots - 1
#define AHCI_CAP_NCS_MASK  0x1fu
#define AHCI_CAP_SCLO      (1u << 24) // command list override
#define AHCI_CAP_SSS       (1u << 27) // staggered spin-up
#define AHCI_CAP_SNCQ      (1u << 30) // native command queuing
#define AHCI_CAP_S64A      (1u << 31) // 64-bit addresses

#define AHCI_GHC_HR (1u << 0)  // reset all; clears itself
#define AHCI_GHC_IE (1u << 1)  // interrupts on
#define AHCI_GHC_AE (1u << 31) // AHCI, not legacy, mode

#define AHCI_CAP2_BOH (1u << 0) // BIOS/OS handoff exists
#define AHCI_BOHC_BOS (1u << 0) // BIOS owns it
#define AHCI_BOHC_OOS (1u << 1) // OS owns it
#define AHCI_BOHC_BB  (1u << 4) // BIOS is busy finishing

// Port registers, section 3.3; offsets from the port's own
enum {
    AHCI_PxCLB = 0x00,
    AHCI_PxCLBU = 0x04,
    AHCI_PxFB = 0x08,
    AHCI_PxFBU = 0x0c,
    AHCI_PxIS = 0x10, // write 1 to clear
    AHCI_PxIE = 0x14,
    AHCI_PxCMD = 0x18,
    AHCI_PxTFD = 0x20,
    AHCI_PxSIG = 0x24,
    AHCI_PxSSTS = 0x28,
    AHCI_PxSCTL = 0x2c,
    AHCI_PxSERR = 0x30, // write 1 to clear
    AHCI_PxSACT = 0x34,
    AHCI_PxCI = 0x38,
};

// PxIS and PxIE, sections 3.3.5 and 3.3.6
#define AHCI_PxIS_DHRS (1u << 0)  // device to host register FIS
#define AHCI_PxIS_PSS  (1u << 1)  // PIO setup FIS
#define AHCI_PxIS_DSS  (1u << 2)  // DMA setup FIS
#define AHCI_PxIS_SDBS (1u << 3)  // set device bits FIS
#define AHCI_PxIS_UFS  (1u << 4)  // unknown FIS
#define AHCI_PxIS_PCS  (1u << 6)  // port connect change (SERR.DIAG.X)
#define AHCI_PxIS_PRCS (1u << 22) // PhyRdy change (SERR.DIAG.N)
#define AHCI_PxIS_OFS  (1u << 24) // overflow
#define AHCI_PxIS_IFS  (1u << 27) // interface fatal error
#define AHCI_PxIS_HBDS (1u << 28) // host bus data error
#define AHCI_PxIS_HBFS (1u << 29) // host bus fatal error
#define AHCI_PxIS_TFES (1u << 30) // task file error

#define AHCI_PxIS_DONE (AHCI_PxIS_DHRS | AHCI_PxIS_SDBS)
#define AHCI_PxIS_ERRORS                                                       \
    (AHCI_PxIS_UFS | AHCI_PxIS_PCS | AHCI_PxIS_PRCS | AHCI_PxIS_OFS |          \
     AHCI_PxIS_IFS | AHCI_PxIS_HBDS | AHCI_PxIS_HBFS | AHCI_PxIS_TFES)

// PxCMD, section 3.3.7
#define AHCI_PxCMD_ST         (1u << 0)  // process the command list
#define AHCI_PxCMD_SUD        (1u << 1)  // spin-up device
#define AHCI_PxCMD_POD        (1u << 2)  // power on device
#define AHCI_PxCMD_CLO        (1u << 3)  // clear BSY and DRQ; clears itself
#define AHCI_PxCMD_FRE        (1u << 4)  // receive FIS
#define AHCI_PxCMD_FR         (1u << 14) // ... is running
#define AHCI_PxCMD_CR         (1u << 15) // command list is running
#define AHCI_PxCMD_PMA        (1u << 17) // a port multiplier is attached
#define AHCI_PxCMD_ALPE       (1u << 26) // link power management by the HBA
#define AHCI_PxCMD_ICC_MASK   (15u << 28)
#define AHCI_PxCMD_ICC_ACTIVE (1u << 28)

// PxSIG, section 3.3.9, valid after the first FIS from the device
#define AHCI_SIG_ATA   0x00000101u
#define AHCI_SIG_ATAPI 0xeb140101u
#define AHCI_SIG_PMP   0x96690101u // port multiplier
#define AHCI_SIG_SEMB  0xc33c0101u // enclosure management
#define AHCI_SIG_NONE  0xffffffffu // no such FIS has come yet

// PxSSTS and PxSCTL, sections 3.3.10 and 3.3.11
#define AHCI_SPD_SHIFT        4u
#define AHCI_DET_MASK         0xfu
#define AHCI_SSTS_DET_NONE    0u
#define AHCI_SSTS_DET_PRESENT 1u // no communication yet
#define AHCI_SSTS_DET_READY   3u
#define AHCI_SSTS_DET_OFFLINE 4u
#define AHCI_SCTL_DET_NONE    0u
#define AHCI_SCTL_DET_RESET   1u     // COMRESET as long as it is set
#define AHCI_SCTL_DET_OFF     4u     // the PHY is switched off
#define AHCI_SCTL_SPD_MASK    0xf0u  // no faster than that generation
#define AHCI_SCTL_IPM_OFF     0x300u // no partial or slumber state

// PxSERR, section 3.3.12
#define AHCI_SERR_DATA     (1u << 8)  // ERR.T: a transfer was damaged
#define AHCI_SERR_PROTO    (1u << 10) // ERR.P
#define AHCI_SERR_DECODE   (1u << 19) // DIAG.B: 10b to 8b
#define AHCI_SERR_CRC      (1u << 21) // DIAG.C
#define AHCI_SERR_SEQUENCE (1u << 23) // DIAG.S
#define AHCI_SERR_STATE    (1u << 24) // DIAG.T
#define AHCI_SERR_FIS      (1u << 25) // DIAG.F: unknown
#define AHCI_SERR_WIRE     (AHCI_SERR_DATA | AHCI_SERR_DECODE | AHCI_SERR_CRC)
#define AHCI_SERR_PROTOCOL                                                     \
    (AHCI_SERR_PROTO | AHCI_SERR_SEQUENCE | AHCI_SERR_STATE | AHCI_SERR_FIS)

// Command list, section 4.2.2
struct ahci_command_header {
    u32 flags;
    u32 transferred_bytes; // PRDBC
    u32 table_low, table_high;
    u32 reserved[4];
};
#define AHCI_HEADER_FIS_DWORDS  5u // CFL
#define AHCI_HEADER_WRITE       (1u << 6)
#define AHCI_HEADER_PRDTL_SHIFT 16u

// Command table, section 4.2.3
struct ahci_prd {
    u32 address_low, address_high;
    u32 reserved;
    u32 bytes_less_one; // odd, below 4 MiB
};
#define AHCI_PRD_BYTES_MAX (4u << 20)
#define AHCI_PRDS          32u // ours; 65535 are possible

struct ahci_command_table {
    u8 fis[64];
    u8 atapi[16];
    u8 reserved[48];
    struct ahci_prd prd[AHCI_PRDS];
};

static_assert(sizeof(struct ahci_command_header) == 32, "AHCI 4.2.2");
static_assert(sizeof(struct ahci_prd) == 16, "AHCI 4.2.3.3");
static_assert(offsetof(struct ahci_command_table, prd) == 128, "AHCI 4.2.3");
static_assert(sizeof(struct ahci_command_table) % 128 == 0,
              "command tables are aligned to 128 bytes");
