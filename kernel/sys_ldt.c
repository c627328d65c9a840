// kernel/sys_ldt.c - system call modify_ldt: segments of a program's own
// SPDX-License-Identifier: MIT
//
// The table belongs to the address space: tasks that share one share the other.
// Writers exclude each other and fork by mm->lock. Readers copy without it,
// piece by piece, since a fault on their buffer takes the lock.

#include <kernel/sys_proc.h>

#include <arch/ldt.h>
#include <asm/ldt.h>
#include <base/errno.h>
#include <kernel/task.h>
#include <kernel/uaccess.h>
#include <mm/mm.h>

enum ldt_function { // no header has names for them
    LDT_READ = 0,
    LDT_WRITE_OLD = 1,
    LDT_READ_DEFAULT = 2,
    LDT_WRITE = 0x11,
};

#define PIECE_ENTRIES 32u
#define DEFAULT_BYTES (5 * LDT_ENTRY_SIZE) // what Linux says it has: zeros

static s32 read_table(u8 __user *to, u32 bytes)
{
    u64 piece[PIECE_ENTRIES];
    u32 done = 0;

    if (!current->mm->ldt.entries)
        return 0;
    bytes = min(bytes, (u32)(LDT_ENTRIES * LDT_ENTRY_SIZE));
    while (done < bytes) {
        u32 now = min(bytes - done, (u32)sizeof(piece));

        ldt_read(&current->mm->ldt, done / LDT_ENTRY_SIZE, piece,
                 PIECE_ENTRIES);
        if (copy_to_user(to + done, piece, now))
            return -EFAULT;
        done += now;
    }
    return (s32)bytes;
}

static s32 read_default(void __user *to, u32 bytes)
{
    bytes = min(bytes, (u32)DEFAULT_BYTES);
    return clear_user(to, bytes) ? -EFAULT : (s32)bytes;
}

// The description that clears an entry.
static bool is_empty(const struct user_desc *d, enum ldt_function function)
{
    if (d->base_addr || d->limit)
        return false;
    if (function == LDT_WRITE_OLD)
        return true;
    return d->contents == 0 && d->read_exec_only && !d->seg_32bit &&
           !d->limit_in_pages && d->seg_not_present && !d->useable;
}

static s32 write_entry(const void __user *from, u32 bytes,
                       enum ldt_function function)
{
    struct mm *mm = current->mm;
    struct user_desc desc;
    u64 descriptor = 0;
    int error;

    if (bytes != sizeof(desc))
        return -EINVAL;
    if (copy_from_user(&desc, from, sizeof(desc)))
        return -EFAULT;
    if (desc.entry_number >= LDT_ENTRIES)
        return -EINVAL;
    // Conforming code could be run with any privilege.
    if (desc.contents == 3 &&
        (function == LDT_WRITE_OLD || !desc.seg_not_present))
        return -EINVAL;
    if (!is_empty(&desc, function)) {
        if (function == LDT_WRITE_OLD)
            desc.useable = 0;
        descriptor = user_segment_descriptor(&desc);
    }
    mutex_lock(&mm->lock);
    error = ldt_write(&mm->ldt, desc.entry_number, descriptor);
    mutex_unlock(&mm->lock);
    return error;
}

s32 sys_modify_ldt(s32 function, void __user *at, u32 bytes)
{
    switch (function) {
    case LDT_READ: return read_table(at, bytes);
    case LDT_READ_DEFAULT: return read_default(at, bytes);
    case LDT_WRITE_OLD:
    case LDT_WRITE: return write_entry(at, bytes, (enum ldt_function)function);
    default: return -ENOSYS;
    }
}
