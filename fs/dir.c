// fs/dir.c - what directories have in common
// SPDX-License-Identifier: MIT

#include <fs/vfs.h>

int dir_emit_dots(struct file *file, struct dir_sink *sink)
{
    const struct dentry *self = file->path.dentry;
    struct name name = {"..", 0};

    while (file->pos < 2) {
        const struct dentry *at = file->pos ? self->parent : self;

        name.length = (u32)file->pos + 1;
        if (!sink->add(sink, &name, at->inode->ino, S_IFDIR >> 12,
                       file->pos + 1))
            return 0;
        file->pos++;
    }
    return 1;
}
