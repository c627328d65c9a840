// include/drivers/disk_signature.h - whose a disk or partition is [P]
// SPDX-License-Identifier: MIT
//
// What others leave at fixed places of a disk or partition that is theirs.
// Somebody who is about to write to one asks here first. Nothing found does not
// mean that it is free; something found means that it is not.
#pragma once

#include <base/compiler.h>
#include <base/types.h>

#define DISK_SIGNATURE_SCRATCH 4096u

enum disk_owner {
    DISK_OWNER_NONE,        // nobody that we know
    DISK_OWNER_HIBERNATION, // a system's memory while it is off
    DISK_OWNER_RAID,        // a part of something larger
    DISK_OWNER_VOLUME,      // volume manager or encryption
    DISK_OWNER_FILE_SYSTEM,
    DISK_OWNER_TABLE, // a partition table
};

struct disk_signature {
    enum disk_owner owner;
    const char *name; // for a line in the log
    u64 offset;       // where it is, in bytes
};

// How to read it. @scratch is of DISK_SIGNATURE_SCRATCH bytes.
struct disk_reader {
    // read - @bytes at @offset, both multiples of sector_bytes, @bytes at most
    // DISK_SIGNATURE_SCRATCH and inside. Return: 0; -errno.
    int (*read)(void *arg, u64 offset, void *buf, u32 bytes);
    void *arg;
    u64 bytes;        // how long the disk or partition is
    u32 sector_bytes; // of the disk: 512 or 4096
    u8 *scratch;
};

// disk_signature_find - the first that is there.
// Return: 0: *@out says what, or DISK_OWNER_NONE; else what read() said.
__must_check int disk_signature_find(const struct disk_reader *reader,
                                     struct disk_signature *out);

// disk_signature_find_raid - the same for a whole disk, of which only a RAID
// that it is a member of matters: that keeps its own at the end, where no
// partition is. Return: as above.
__must_check int disk_signature_find_raid(const struct disk_reader *reader,
                                          struct disk_signature *out);
