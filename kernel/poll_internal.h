// kernel/poll_internal.h - what poll and select share
// SPDX-License-Identifier: MIT
#pragma once

#include <fs/poll.h>
#include <kernel/time_user.h>

// poll_deadline_get - a timeout (NULL: none) as a deadline for poll_wait.
// poll_deadline_put - the unused rest of it goes back.
// Return: 0; -EFAULT; -EINVAL. poll_deadline_ms - of milliseconds; negative:
// none.
u64 poll_deadline_ms(s32 timeout_ms);
__must_check int poll_deadline_get(const void __user *user,
                                   enum time_format format, u64 *out);
void poll_deadline_put(void __user *user, enum time_format format,
                       u64 deadline);

// poll_mask_begin - the call's signal mask (NULL: none) is in place until
// poll_mask_end, or the handler that the call's @result makes room for.
// Return: 0; -EFAULT; -EINVAL.
__must_check int poll_mask_begin(const u64 __user *user, u32 bytes);
void poll_mask_end(const u64 __user *user, s32 result);

// poll_wait - poll_files, with -ERESTARTNOHAND for a signal.
__must_check s32 poll_wait(struct poll_entry *entries, u32 count, u64 deadline);

// Up to so many entries are kept on the stack: most calls name few files.
#define POLL_FEW 16u

// poll_entries_get - room for @count cleared entries: @few if that is enough.
// NULL: no memory. poll_entries_put - let their files go, and free the room.
__must_check struct poll_entry *poll_entries_get(struct poll_entry *few,
                                                 u32 count);
void poll_entries_put(struct poll_entry *entries, const struct poll_entry *few,
                      u32 count);
