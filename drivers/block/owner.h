// drivers/block/owner.h - see block_check_unowned, too
// SPDX-License-Identifier: MIT
#pragma once

#include <drivers/block.h>

// disk_raid_member - a whole disk is part of a RAID. Sleeps.
// Return: of which kind, or NULL. Where it cannot be read, it may be one: the
// marks are in sectors that nothing else has read.
const char *disk_raid_member(struct block_device *disk);
