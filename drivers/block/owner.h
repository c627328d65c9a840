// drivers/block/owner.h - see block_check_unowned, too
// SPDX-License-Identifier: MIT
#pragma once

#include <drivers/block.h>

// disk_raid_member - a whole disk is part of a RAID. Sleeps.
// Return: of which kind, or NULL. NULL also when it cannot be read: its
// partition table cannot be either, then.
const char *disk_raid_member(struct block_device *disk);
