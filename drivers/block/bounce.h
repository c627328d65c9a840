// drivers/block/bounce.h - requests to disks that do not reach all memory
// SPDX-License-Identifier: MIT
#pragma once

#include <drivers/block.h>

// bounce_create - what a disk needs that reaches up to @dma_end; *@out is NULL
// when that is all memory. The command line's dma_limit=MIB lowers it.
// Context: task, may sleep. Return: 0; -ENOMEM.
__must_check int bounce_create(phys_addr_t dma_end, struct bounce **out);

// bounce_log - one line about a disk that has one.
void bounce_log(const struct block_device *disk);

// bounce_submit - to the driver, with bounce pages where needed; now, or when
// enough of them are free. Context: any.
void bounce_submit(struct block_device *disk, struct block_request *request);

// bounce_finish - a request with bounce pages is over: what was read is copied
// to where it belongs, unless it failed, and the segments are the submitter's
// again. Interrupts off.
void bounce_finish(struct bounce *bounce, struct block_request *request);

// bounce_start_waiting - requests that wait, as long as there are pages.
// Interrupts off.
void bounce_start_waiting(struct block_device *disk);
