// include/drivers/ata_error.h - kinds of errors of ATA disks [P]
// SPDX-License-Identifier: MIT
//
// What to do about an error depends on where it arose. A controller's driver
// finds the class from its own registers, and from the task file by
// ata_error_of_task_file; it names it in the log.
#pragma once

#include <base/compiler.h>
#include <base/types.h>

enum ata_error {
    ATA_ERROR_MEDIUM,    // the sector cannot be read, written or found
    ATA_ERROR_FAULT,     // the disk says that it is broken
    ATA_ERROR_ABORTED,   // the disk refuses the command, without saying why
    ATA_ERROR_INTERFACE, // damaged on the wire: checksum, decoding
    ATA_ERROR_PROTOCOL,  // what came was not what the protocol says
    ATA_ERROR_LINK,      // somebody pulled a plug, or the disk restarted
    ATA_ERROR_HOST,      // between controller and memory
    ATA_ERROR_TIMEOUT,   // nothing came at all
};

// ata_error_of_task_file - from the status and error registers after a command
// that failed. Source: ACS-3 sections 6.2 and 6.3.
enum ata_error ata_error_of_task_file(u8 status, u8 error);

// ata_error_attempts - how often a request is tried that fails so: more
// often where it may be the way to the disk, which the next try may pass.
u32 ata_error_attempts(enum ata_error error);

// ata_error_name - for the log.
const char *ata_error_name(enum ata_error error);
