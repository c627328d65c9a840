// drivers/ata/ata_identify.h - what a disk is, for both drivers
// SPDX-License-Identifier: MIT
#pragma once

#include <drivers/ata.h>

// ata_identify_disk - what an answer to IDENTIFY DEVICE says; with the word
// disk_4kn on the command line, of a disk with logical sectors of 4096 bytes.
// Return: as ata_identify_parse.
__must_check int ata_identify_disk(const u16 words[ATA_IDENTIFY_WORDS],
                                   struct ata_identity *out);
