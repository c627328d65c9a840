// include/drivers/ata.h - ATA commands and what IDENTIFY DEVICE says [P]
// SPDX-License-Identifier: MIT
//
// The part of ATA that does not depend on the controller: AHCI sends these
// commands in a FIS, IDE by registers.
//
// Source: ATA/ATAPI Command Set - 3 (ACS-3); Serial ATA 3.1 section 10.3.4 for
// the FIS.
#pragma once

#include <base/compiler.h>
#include <base/types.h>

#define ATA_IDENTIFY_WORDS 256u
#define ATA_FIS_BYTES      20u

// So often a tick has to find work that is done, before any interrupt has come,
// until it is said that none does. The first such interrupt may have been about
// to be served; one that works comes before the next tick.
#define ATA_TICKS_FOUND_POLLING 5u

// Status register, ACS-3 section 6.2
enum {
    ATA_STATUS_ERR = 1u << 0,
    ATA_STATUS_DRQ = 1u << 3, // wants to transfer data
    ATA_STATUS_DF = 1u << 5,  // device fault
    ATA_STATUS_BSY = 1u << 7,
};

// How a disk is read and written, the best that it can.
enum ata_addressing {
    ATA_LBA28, // READ DMA: 28-bit sectors, up to 256 of them
    ATA_LBA48, // READ DMA EXT: 48-bit sectors, up to 65536
};

struct ata_identity {
    char model[41];
    char serial[21];
    char firmware[9];
    u64 sectors; // of 512 bytes, whatever the disk's own are
    enum ata_addressing addressing;
    u32 queue_depth;     // native command queuing; 1: it has none
    u32 logical_bytes;   // sector: what is read and written whole, 512 or 4096
    u32 address_bytes;   // what an address counts, and PIO transfers at once:
                         // the same, but for ata_identity_pretend_4kn
    u32 physical_bytes;  // sector of the medium, logical_bytes or more
    u32 alignment_bytes; // how far sector 0 lies into one of those
    bool flush;          // its write cache can be flushed; else it has none
    bool flush_ext;      // ... by FLUSH CACHE EXT, else FLUSH CACHE
    bool dma;            // READ DMA and its kin
    bool dma_mode;       // ... and one of its modes is selected
};

// ata_identify_parse - what an answer to IDENTIFY DEVICE says.
// Return: 0; -EBADMSG: checksum wrong; -ENODEV: not an ATA disk, or not ready
// to say what it is; -EOPNOTSUPP: no LBA, or logical sectors that are not of
// 512 or 4096 bytes (logical_bytes says); -EACCES: locked by a password.
__must_check int ata_identify_parse(const u16 words[ATA_IDENTIFY_WORDS],
                                    struct ata_identity *out);

// ata_identity_pretend_4kn - what a disk would say whose logical sectors are of
// 4096 bytes: one with sectors of 512 takes part in such a play. Commands are
// made for the former, and their addresses and counts are brought to the
// latter's at the end. What of its end makes up no large sector is left out.
void ata_identity_pretend_4kn(struct ata_identity *identity);

// ata_identity_same - both are of the same disk.
bool ata_identity_same(const struct ata_identity *a,
                       const struct ata_identity *b);

// A command as the registers of the task file take it.
struct ata_command {
    u8 command;
    u8 device;
    u16 features;
    u16 count;
    u64 lba;
    bool wide; // of 48 bits: count and lba take their registers twice
};

enum ata_direction {
    ATA_READ,
    ATA_WRITE,
};

// What is to be read or written, in sectors of 512 bytes. The functions below
// are where these become the disk's own.
struct ata_transfer {
    enum ata_direction direction;
    u64 sector;
    u32 sectors;
};

// ata_command_rw - read or write by DMA. @addressing: the identity's, or less.
// Return: 0; -EINVAL: more than the addressing can name, or not whole sectors
// of the disk.
__must_check int ata_command_rw(struct ata_command *out,
                                const struct ata_identity *identity,
                                const struct ata_transfer *transfer,
                                enum ata_addressing addressing);

// ata_command_rw_pio - the same sector by sector through the data register, as
// only IDE does it (READ and WRITE SECTORS).
__must_check int ata_command_rw_pio(struct ata_command *out,
                                    const struct ata_identity *identity,
                                    const struct ata_transfer *transfer,
                                    enum ata_addressing addressing);

// ata_command_queued - the same by native command queuing, with this tag (0 to
// 31). Return: as above.
__must_check int ata_command_queued(struct ata_command *out,
                                    const struct ata_identity *identity,
                                    const struct ata_transfer *transfer,
                                    u32 tag);

// ata_command_flush - for a disk with identity->flush.
void ata_command_flush(struct ata_command *out,
                       const struct ata_identity *identity);
void ata_command_identify(struct ata_command *out);

// ata_fis_build - the Register - Host to Device FIS that issues @command.
void ata_fis_build(u8 fis[ATA_FIS_BYTES], const struct ata_command *command);
