// include/kernel/swap_backing.h - swap areas on block devices
// SPDX-License-Identifier: MIT
#pragma once

#include <base/compiler.h>
#include <base/types.h>

struct block_device;

#define SWAP_PRIORITY_DEFAULT (-1)

// swap_on_device - read the header of @device, claim the device for writing,
// and swap to it. Return: 0; -EBUSY: claimed by another; -EPERM: a whole disk;
// -EIO; -ENOMEM; what swap_on returns. Context: task, sleeps.
__must_check int swap_on_device(struct block_device *device, s32 priority);

// swap_on_by_name - the same for "/dev/sda3", "PARTLABEL=x" or "PARTUUID=x";
// -ENODEV: none.
__must_check int swap_on_by_name(const char *spec);

// swap_off_device - Return: as swap_off.
__must_check int swap_off_device(const struct block_device *device);
