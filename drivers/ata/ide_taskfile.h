// drivers/ata/ide_taskfile.h - what goes into the registers of a channel [P]
// SPDX-License-Identifier: MIT
#pragma once

#include <drivers/ata.h>
#include <drivers/ata_error.h>

// The command block as it is written. Index 1 is what a 48-bit command writes
// first, and finds behind what is written next (ATA/ATAPI-6 section 6.20).
struct ide_taskfile {
    u8 count[2], lba_low[2], lba_mid[2], lba_high[2];
    u8 device, command;
    bool wide; // index 1 means something
};

// ide_taskfile_build - @command for drive 0 or 1 of the channel. The features
// register is not in it: no command that we give by it has any.
void ide_taskfile_build(struct ide_taskfile *out,
                        const struct ata_command *command, u32 drive);

// ide_addressing - how to name these sectors, of 512 bytes: a 48-bit command
// takes four register writes more, so only where it is needed. (If the disk's
// own are larger, 28 bits would do for longer.)
enum ata_addressing ide_addressing(enum ata_addressing able, u64 lba,
                                   u32 sectors);

// ide_status_is_nobodys - nobody drives the bus: all ones, but perhaps BSY,
// which ATA wants pulled down so that nobody is not waited for
// (ATA/ATAPI-6 4.1).
bool ide_status_is_nobodys(u8 status);

// What answers after a reset, by the registers that it leaves.
enum ide_signature {
    IDE_SIGNATURE_NONE,
    IDE_SIGNATURE_ATA,
    IDE_SIGNATURE_ATAPI,
    IDE_SIGNATURE_OTHER,
};

// ide_signature_of - from the status and two of the four registers. The others
// are 1 then, except in QEMU's second drive (7.2), and tell nothing more.
// Source: ATA/ATAPI-6 section 9.12; Serial ATA 3.1 section 13.1.5.2 for the
// disks behind a bridge to SATA.
enum ide_signature ide_signature_of(u8 status, u8 lba_mid, u8 lba_high);

// ide_error_class - of a command that has ended badly with these values of the
// status and error registers and the bus master's status. One that has ended
// with neither an error of the drive nor one of the controller has moved more
// or less data than it was told.
enum ata_error ide_error_class(u8 status, u8 error, u8 master);
