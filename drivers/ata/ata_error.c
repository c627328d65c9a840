// drivers/ata/ata_error.c - kinds of errors of ATA disks [P]
// SPDX-License-Identifier: MIT
//
// Sources: ACS-3 sections 6.2 (status) and 6.3 (error).

#include <drivers/ata_error.h>

#include <drivers/ata.h>

enum {
    ERROR_ICRC = 1u << 7, // of a transfer by Ultra DMA
    ERROR_UNC = 1u << 6,  // cannot be corrected
    ERROR_IDNF = 1u << 4, // no such sector
    ERROR_ABRT = 1u << 2,
    ERROR_AMNF = 1u << 0, // address mark not found, before ATA-4
};

#define ATTEMPTS      3u
#define ATTEMPTS_WIRE 5u

enum ata_error ata_error_of_task_file(u8 status, u8 error)
{
    if (status & ATA_STATUS_DF)
        return ATA_ERROR_FAULT;
    // ABRT comes along with ICRC, and often with the others.
    if (error & ERROR_ICRC)
        return ATA_ERROR_INTERFACE;
    if (error & (ERROR_UNC | ERROR_IDNF | ERROR_AMNF))
        return ATA_ERROR_MEDIUM;
    return ATA_ERROR_ABORTED;
}

u32 ata_error_attempts(enum ata_error error)
{
    switch (error) {
    case ATA_ERROR_INTERFACE:
    case ATA_ERROR_PROTOCOL:
    case ATA_ERROR_LINK:
    case ATA_ERROR_HOST: return ATTEMPTS_WIRE;
    case ATA_ERROR_MEDIUM:
    case ATA_ERROR_FAULT:
    case ATA_ERROR_ABORTED:
    case ATA_ERROR_TIMEOUT: break;
    }
    return ATTEMPTS;
}

const char *ata_error_name(enum ata_error error)
{
    static const char *const names[] = {
        [ATA_ERROR_MEDIUM] = "medium",     [ATA_ERROR_FAULT] = "device-fault",
        [ATA_ERROR_ABORTED] = "aborted",   [ATA_ERROR_INTERFACE] = "interface",
        [ATA_ERROR_PROTOCOL] = "protocol", [ATA_ERROR_LINK] = "link",
        [ATA_ERROR_HOST] = "host-bus",     [ATA_ERROR_TIMEOUT] = "timeout",
    };

    return names[error];
}
