// drivers/ata/ide_taskfile.c - what goes into the registers of a channel [P]
// SPDX-License-Identifier: MIT
//
// Sources: ATA/ATAPI-6 sections 6.20 (48-bit registers), 7 (registers), 9.12
// (signature); Serial ATA 3.1 section 13.1.5.2.

#include "ide_taskfile.h"

#include "ide_regs.h"

#define LBA28_END (1ull << 28)

#define ABSENT_NO_DISK 0x00u // the other drive answers in place of it

void ide_taskfile_build(struct ide_taskfile *out,
                        const struct ata_command *command, u32 drive)
{
    *out = (struct ide_taskfile){
        .count = {(u8)command->count, (u8)(command->count >> 8)},
        .lba_low = {(u8)command->lba, (u8)(command->lba >> 24)},
        .lba_mid = {(u8)(command->lba >> 8), (u8)(command->lba >> 32)},
        .lba_high = {(u8)(command->lba >> 16), (u8)(command->lba >> 40)},
        .device = (u8)(command->device | IDE_DEVICE_OBSOLETE |
                       drive << IDE_DEVICE_SHIFT),
        .command = command->command,
        .wide = command->wide,
    };
}

enum ata_addressing ide_addressing(enum ata_addressing able, u64 lba,
                                   u32 sectors)
{
    return lba + sectors <= LBA28_END ? ATA_LBA28 : able;
}

bool ide_status_is_nobodys(u8 status)
{
    return (status | ATA_STATUS_BSY) == 0xff;
}

enum ide_signature ide_signature_of(u8 status, u8 lba_mid, u8 lba_high)
{
    u32 kind = (u32)lba_high << 8 | lba_mid;

    if (ide_status_is_nobodys(status))
        return IDE_SIGNATURE_NONE;
    // A packet device may have a status of 0 until its first command.
    if (kind == 0xeb14 || kind == 0x9669)
        return IDE_SIGNATURE_ATAPI;
    if (status == ABSENT_NO_DISK)
        return IDE_SIGNATURE_NONE;
    return kind == 0 || kind == 0xc33c ? IDE_SIGNATURE_ATA
                                       : IDE_SIGNATURE_OTHER;
}

enum ata_error ide_error_class(u8 status, u8 error, u8 master)
{
    // As long as it is busy, the other bits mean nothing.
    if (!(status & ATA_STATUS_BSY) &&
        (status & (ATA_STATUS_ERR | ATA_STATUS_DF)))
        return ata_error_of_task_file(status, error);
    if (master & IDE_MASTER_ERROR)
        return ATA_ERROR_HOST;
    return ATA_ERROR_PROTOCOL;
}
