// kernel/futex_key.h - what makes two words of user memory the same one
// SPDX-License-Identifier: MIT
#pragma once

#include <base/compiler.h>
#include <base/types.h>

struct mm;

struct futex_key {
    const struct mm *mm; // NULL: shared
    u64 serial;          // of the mapping, if shared
    u64 place;           // the address, or the byte in the mapping
};

// futex_key_get - the key of @word, seen from the current task. @op: with
// FUTEX_PRIVATE_FLAG nobody outside the address space is meant.
// Return: 0; -EINVAL: not aligned; -EFAULT: no memory there. May sleep, takes
// mm->lock.
__must_check int futex_key_get(const u32 __user *word, u32 op,
                               struct futex_key *out);

static inline bool futex_key_equal(const struct futex_key *a,
                                   const struct futex_key *b)
{
    return a->mm == b->mm && a->serial == b->serial && a->place == b->place;
}
