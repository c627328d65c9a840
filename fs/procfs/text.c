// fs/procfs/text.c - files of /proc that are a text made by a function
// SPDX-License-Identifier: MIT
//
// The text is made when the file is read from its start, and kept in the open
// file, so that a reader in several steps sees one state. The function writes
// into a buffer; when that was too small, a larger one is taken and the text
// made again.

#include "procfs.h"

#include <lib/fmt.h>
#include <lib/string.h>
#include <mm/slab.h>

#define TEXT_FIRST_BYTES PAGE_SIZE
#define TEXT_MAX_BYTES   (1u * MIB)

void proc_print(struct proc_text *text, const char *format, ...)
{
    u32 room = text->used < text->size ? text->size - text->used : 0;
    va_list args;

    va_start(args, format);
    text->used += (u32)fmt_vprint(room ? text->buf + text->used : NULL, room,
                                  format, args);
    va_end(args);
}

void proc_put(struct proc_text *text, const void *bytes, u32 count)
{
    u32 room = text->used < text->size ? text->size - text->used : 0;

    if (room)
        memcpy(text->buf + text->used, bytes, min(room, count));
    text->used += count;
}

// Makes the text of @ref, in a buffer that is large enough.
static int make_text(const struct proc_ref *ref, struct proc_text *text)
{
    u32 size = TEXT_FIRST_BYTES;
    int rc;

    for (;;) {
        *text = (struct proc_text){kmalloc(size, GFP_KERNEL), size, 0};
        if (!text->buf)
            return -ENOMEM;
        rc = ref->node->show(text, ref);
        // fmt_vprint keeps a byte for its NUL.
        if (!rc && text->used < text->size)
            return 0;
        size = ALIGN_UP(text->used + text->used / 8 + 1, PAGE_SIZE);
        kfree(text->buf);
        if (rc)
            return rc;
        if (size > TEXT_MAX_BYTES)
            return -EFBIG;
    }
}

static int text_open(struct inode *inode, struct file *file)
{
    const struct proc_ref *ref = inode->private;
    int rc = ref->node->is_inside ? proc_may_look(ref) : 0;

    if (rc)
        return rc;
    file->private = kzalloc(sizeof(struct proc_text), GFP_KERNEL);
    return file->private ? 0 : -ENOMEM;
}

static void text_release(struct file *file)
{
    struct proc_text *text = file->private;

    kfree(text->buf);
    kfree(text);
}

// Copying to user memory sleeps, and no lock keeps pread(2)s of one open file
// apart: who reads takes the text away meanwhile, and another makes his own.
static ssize_t text_read(struct file *file, struct io_iter *it, u64 *pos)
{
    struct proc_text *kept = file->private, text = *kept;
    u32 here = 0, moved = 0;
    int rc;

    kept->buf = NULL;
    if (*pos == 0 || !text.buf) {
        kfree(text.buf);
        rc = make_text(file->inode->private, &text);
        if (rc)
            return rc;
    }
    if (*pos < text.used) {
        here = min(it->left, text.used - (u32)*pos);
        moved = io_put(it, text.buf + *pos, here);
        *pos += moved;
    }
    kfree(kept->buf); // another's
    *kept = text;
    return here && !moved ? -EFAULT : (ssize_t)moved;
}

// As in Linux: a file of the system has no writer, one of a process cannot be
// written.
static ssize_t text_write(struct file *file, struct io_iter *it, u64 *pos)
{
    const struct proc_ref *ref = file->inode->private;

    (void)it;
    (void)pos;
    return ref->pid ? -EINVAL : -EIO;
}

const struct file_ops proc_text_file_ops = {
    .open = text_open,
    .release = text_release,
    .read = text_read,
    .write = text_write,
    .llseek = dir_llseek,
};
