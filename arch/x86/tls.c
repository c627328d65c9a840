// arch/x86/tls.c - segments for thread-local storage (set_thread_area)
// SPDX-License-Identifier: MIT
//
// Three GDT entries that each thread has its own descriptors for. Only 32-bit
// data segments are accepted, as on Linux: no code. An "empty" description
// clears the entry.
//
// Source: set_thread_area(2); Intel SDM 3A 3.4.5.
#include <arch/thread.h>

#include <arch/ldt.h>
#include <asm/ldt.h>
#include <base/errno.h>

#include "arch_private.h"

enum {
    ENTRY_ANY = -1
};

// The two ways to say "none".
static bool is_empty(const struct user_desc *d)
{
    if (d->base_addr || d->limit || d->contents || d->seg_32bit ||
        d->limit_in_pages || d->useable)
        return false;
    return d->read_exec_only == d->seg_not_present;
}

static bool is_acceptable(const struct user_desc *d)
{
    return d->seg_32bit && d->contents <= MODIFY_LDT_CONTENTS_STACK &&
           !d->seg_not_present;
}

static bool is_entry(u32 number)
{
    return number >= TLS_ENTRY_MIN && number < TLS_ENTRY_MIN + TLS_ENTRIES;
}

static int find_free(const struct arch_thread *thread)
{
    for (u32 i = 0; i < TLS_ENTRIES; i++) {
        if (!thread->tls[i])
            return (int)(TLS_ENTRY_MIN + i);
    }
    return -ESRCH;
}

int tls_set(struct arch_thread *thread, struct user_desc *desc)
{
    int number = (int)desc->entry_number;

    if (!is_empty(desc) && !is_acceptable(desc))
        return -EINVAL;
    if (number == ENTRY_ANY) {
        number = find_free(thread);
        if (number < 0)
            return number;
        desc->entry_number = (u32)number;
    }
    if (!is_entry((u32)number))
        return -EINVAL;
    thread->tls[(u32)number - TLS_ENTRY_MIN] =
        is_empty(desc) ? 0 : user_segment_descriptor(desc);
    if (thread_is_running(thread))
        gdt_load_tls(thread->tls);
    return 0;
}

int tls_get(const struct arch_thread *thread, struct user_desc *desc)
{
    u32 number = desc->entry_number;
    u32 low, high;

    if (!is_entry(number))
        return -EINVAL;
    low = (u32)thread->tls[number - TLS_ENTRY_MIN];
    high = (u32)(thread->tls[number - TLS_ENTRY_MIN] >> 32);
    *desc = (struct user_desc){
        .entry_number = number,
        .base_addr = low >> 16 | (high & 0xff) << 16 | (high & 0xff000000),
        .limit = (low & 0xffff) | (high & 0xf0000),
        .seg_32bit = high >> 22 & 1,
        .contents = high >> 10 & 3,
        .read_exec_only = !(high >> 9 & 1),
        .limit_in_pages = high >> 23 & 1,
        .seg_not_present = !(high >> 15 & 1),
        .useable = high >> 20 & 1,
    };
    return 0;
}
