// drivers/ata/ata_identify.c - what a disk is, for both drivers
// SPDX-License-Identifier: MIT
//
// The word disk_4kn takes every disk for one with logical sectors of 4096
// bytes: no emulator has such a disk, and all that is above the drivers, and
// the making of commands, can be tried so on any machine.

#include "ata_identify.h"

#include <kernel/cmdline.h>

#define LOG_NAME "ata"
#include <kernel/log.h>

int ata_identify_disk(const u16 words[ATA_IDENTIFY_WORDS],
                      struct ata_identity *out)
{
    int err = ata_identify_parse(words, out);
    char word[8];

    if (!err && cmdline_get("disk_4kn", word, sizeof(word))) {
        ata_identity_pretend_4kn(out);
        log_info("disk_4kn: model=\"%s\" addresses of %u bytes, taken for %u",
                 out->model, out->address_bytes, out->logical_bytes);
    }
    return err;
}
