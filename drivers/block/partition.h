// drivers/block/partition.h - partitions of a disk, for block.c
// SPDX-License-Identifier: MIT
#pragma once

#include <drivers/block.h>

// Minor numbers of a disk: itself and 15 partitions, as Linux has it.
#define BLOCK_MINORS_PER_DISK 16u

// partition_scan - read the partition table of @disk and fill in what a
// partition table says of partition n in @devices[n] (start, size, GUIDs,
// label, table_damaged); sectors stays 0 where there is none.
// Context: task; sleeps. Return: 0, also when there is no table (logged);
// -ENOMEM.
__must_check int
partition_scan(struct block_device *disk,
               struct block_device devices[BLOCK_MINORS_PER_DISK]);
