// kernel/shm_private.h - between the parts of System V shared memory
// SPDX-License-Identifier: MIT
#pragma once

#include <kernel/shm.h>

#define SHM_SLOT_BITS 15u // Linux's IPCMNI
#define SHM_SLOTS_MAX (1u << SHM_SLOT_BITS)

// shm_put - one attachment less; a removed segment goes with its last one. No
// sleep before it is out of the table.
void shm_put(struct shm_segment *segment);

// shm_control - shmctl(2). @is_new: @user has the present structures, not the
// old ones. Return: as in its manual. May sleep.
s32 shm_control(s32 id, u32 command, bool is_new, void __user *user);
