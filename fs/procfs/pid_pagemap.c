// fs/procfs/pid_pagemap.c - /proc/PID/pagemap and clear_refs
// SPDX-License-Identifier: MIT
//
// pagemap: eight bytes for each page of the address space, page n at byte 8 n;
// reads are of whole entries, as on Linux. Only root is told frames and slots.

#include "procfs.h"

#include <kernel/cred.h>
#include <kernel/task.h>
#include <lib/fmt.h>
#include <lib/string.h>
#include <mm/survey.h>

#include "pid_mem.h"

#define ENTRY_BYTES   8u
#define BATCH         32u
#define WRITTEN_BYTES 16u

enum clear_refs { // what is written to clear_refs
    CLEAR_ALL = 1,
    CLEAR_ANON,
    CLEAR_FILE,
    CLEAR_SOFT_DIRTY, // not kept on i386: nothing to do
    CLEAR_PEAK_RSS,
};

// The address space of an open file of PID. Return: as proc_get_mm.
static int mm_of(const struct file *file, struct mm **out)
{
    return proc_get_mm(file->inode->private, out);
}

static void look(struct mm *mm, u32 page, u32 count, u64 *entries)
{
    bool show_frame = capable(CAP_SYS_ADMIN);

    mutex_lock(&mm->lock);
    for (u32 i = 0; i < count; i++)
        entries[i] =
            survey_page(mm, user_addr((page + i) << PAGE_SHIFT), show_frame);
    mutex_unlock(&mm->lock);
}

static ssize_t read_entries(struct mm *mm, struct io_iter *it, u64 *pos)
{
    const u32 pages = TASK_SIZE >> PAGE_SHIFT;
    u64 entries[BATCH];
    u32 total = 0;

    while (it->left && *pos / ENTRY_BYTES < pages) {
        u32 page = (u32)(*pos / ENTRY_BYTES);
        u32 count = min(min(it->left / ENTRY_BYTES, BATCH), pages - page);
        u32 moved;

        look(mm, page, count, entries);
        moved = io_put(it, entries, count * ENTRY_BYTES);
        *pos += moved;
        total += moved;
        if (moved < count * ENTRY_BYTES)
            return total ? (ssize_t)total : -EFAULT;
        cond_resched();
    }
    return (ssize_t)total;
}

static ssize_t pagemap_read(struct file *file, struct io_iter *it, u64 *pos)
{
    struct mm *mm;
    ssize_t rc;

    if (*pos % ENTRY_BYTES || it->left % ENTRY_BYTES)
        return -EINVAL;
    rc = mm_of(file, &mm);
    if (rc || !mm)
        return rc;
    rc = read_entries(mm, it, pos);
    mm_put(mm);
    return rc;
}

static int pagemap_open(struct inode *inode, struct file *file)
{
    (void)file;
    return proc_may_look(inode->private);
}

const struct file_ops proc_pagemap_file_ops = {
    .open = pagemap_open,
    .read = pagemap_read,
    .llseek = dir_llseek,
};

static void clear(struct mm *mm, enum clear_refs what)
{
    struct vm_area *vma;

    mutex_lock(&mm->lock);
    if (what == CLEAR_PEAK_RSS)
        mm->peak_rss = mm_rss(mm);
    vma_for_each (vma, &mm->areas) {
        if (what == CLEAR_ALL || (what == CLEAR_ANON && !vma->file) ||
            (what == CLEAR_FILE && vma->file))
            survey_clear_refs(vma);
    }
    mutex_unlock(&mm->lock);
}

static ssize_t clear_refs_write(struct file *file, struct io_iter *it, u64 *pos)
{
    u32 length = min(it->left, WRITTEN_BYTES - 1u);
    char text[WRITTEN_BYTES];
    const char *end;
    struct mm *mm;
    u64 what;
    int rc;

    if (io_get(it, text, length) != length)
        return -EFAULT;
    text[length] = '\0';
    if (str_to_u64(text, 10, &what, &end) || (*end && *end != '\n') ||
        what < CLEAR_ALL || what > CLEAR_PEAK_RSS)
        return -EINVAL;
    rc = mm_of(file, &mm);
    if (rc)
        return rc;
    if (mm) {
        clear(mm, (enum clear_refs)what);
        mm_put(mm);
    }
    *pos += length;
    return (ssize_t)length;
}

const struct file_ops proc_clear_refs_file_ops = {
    .write = clear_refs_write,
    .llseek = dir_llseek,
};
