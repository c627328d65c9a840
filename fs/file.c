// fs/file.c - open files
// SPDX-License-Identifier: MIT
//
// A struct file is counted: descriptors, mappings and calls under way hold it.
// Its position is protected by pos_lock where there is one (files that can
// seek, and directories); the rest is set at open, but for the flags that
// F_SETFL changes.

#include <fs/file.h>

#include <fs/context.h>
#include <fs/epoll.h>
#include <fs/inotify.h>
#include <fs/locks.h>
#include <fs/permission.h>
#include <fs/vfs.h>
#include <kernel/cred.h>
#include <kernel/task.h>
#include <linux/mount.h>
#include <linux/uio.h>
#include <mm/slab.h>

static const struct file_ops no_ops; // O_PATH
u32 files_open;

// Whether it keeps its file system from becoming read-only.
static bool writes_to_store(const struct file *file)
{
    return file_is_writable(file) && S_ISREG(file->inode->mode);
}

static void end_writing(struct file *file)
{
    struct super *super = file->inode->super;

    if (writes_to_store(file) && super->writers) // 0: all is being shut down
        super->writers--;
}

struct file *file_create(const struct path *path, const struct file_ops *ops,
                         u32 flags)
{
    struct file *file = kzalloc(sizeof(*file), GFP_KERNEL);

    if (!file)
        return NULL;
    file->refcount = 1;
    file->flags = flags;
    file->ops = (flags & O_PATH) ? &no_ops : ops;
    file->path = *path;
    path_get(&file->path);
    file->inode = path->dentry->inode;
    if (writes_to_store(file))
        file->inode->super->writers++;
    list_init(&file->epoll_items);
    file->error_seq = errseq_sample(&file->inode->mapping.write_errors);
    mutex_init(&file->pos_lock, MUTEX_RANK_FILE_POS);
    files_open++;
    return file;
}

void file_get(struct file *file)
{
    ASSERT(file->refcount > 0);
    file->refcount++;
}

void file_put(struct file *file)
{
    ASSERT(file->refcount > 0);
    if (--file->refcount)
        return;
    inotify_file(file,
                 file_is_writable(file) ? IN_CLOSE_WRITE : IN_CLOSE_NOWRITE);
    epoll_forget_file(file);
    locks_file_gone(file);
    if (file->ops->release)
        file->ops->release(file);
    file_put_unopened(file);
}

void file_put_unopened(struct file *file)
{
    end_writing(file);
    path_put(&file->path);
    kfree(file);
    files_open--;
}

u64 file_size(const struct file *file)
{
    return file->inode->mapping.size_bytes;
}

void file_touch_accessed(const struct file *file)
{
    u32 flags = file->path.mount->flags;
    enum atime_rule rule = flags & MS_RELATIME ? ATIME_RELATIVE : ATIME_ALWAYS;

    if ((flags & (MS_NOATIME | MS_RDONLY)) || (file->flags & O_NOATIME) ||
        ((flags & MS_NODIRATIME) && S_ISDIR(file->inode->mode)))
        rule = ATIME_NEVER;
    inode_touch_accessed(file->inode, rule);
}

bool file_lock_pos(struct file *file)
{
    if (!file->ops->llseek || S_ISCHR(file->inode->mode))
        return false;
    mutex_lock(&file->pos_lock);
    return true;
}

void file_unlock_pos(struct file *file, bool locked)
{
    if (locked)
        mutex_unlock(&file->pos_lock);
}

ssize_t file_read(struct file *file, struct io_iter *it, u64 *pos)
{
    ssize_t rc;

    if (!file_is_readable(file))
        return -EBADF;
    if (file->ops->readdir)
        return -EISDIR;
    if (!file->ops->read)
        return -EINVAL;
    rc = file->ops->read(file, it, pos);
    current->usage.io.reads++;
    if (rc > 0) {
        current->usage.io.read_chars += (u32)rc;
        inotify_file(file, IN_ACCESS);
    }
    return rc;
}

ssize_t file_write(struct file *file, struct io_iter *it, u64 *pos)
{
    ssize_t rc;

    if (!file_is_writable(file))
        return -EBADF;
    if (!file->ops->write)
        return -EINVAL;
    rc = file->ops->write(file, it, pos);
    current->usage.io.writes++;
    if (rc > 0) {
        current->usage.io.written_chars += (u32)rc;
        inotify_file(file, IN_MODIFY);
    }
    return rc;
}

ssize_t file_read_kernel(struct file *file, void *buf, size_t bytes, u64 pos)
{
    struct iovec segment = {buf, bytes};
    struct io_iter it;

    io_init(&it, &segment, (u32)bytes, IO_KERNEL);
    return file_read(file, &it, &pos);
}

bool file_vma_is_ours(const struct vm_area *vma)
{
    const struct inode *inode = vma->file->inode;

    return inode_is_owner(inode, current->cred) ||
           !inode_permission(inode, MAY_WRITE, current->cred);
}

// How far mappings reach: as files do; of what has no size, 4 GiB.
static u64 mappable_bytes(const struct inode *inode)
{
    if (S_ISREG(inode->mode) && inode->super->max_bytes)
        return inode->super->max_bytes;
    if (S_ISREG(inode->mode) || S_ISBLK(inode->mode))
        return (u64)0xffffffffu << PAGE_SHIFT;
    return 0xffffffffu;
}

bool file_forbids_exec(const struct file *file)
{
    return file->path.mount->flags & MS_NOEXEC;
}

int file_check_map(const struct file *file, u32 vm_flags, u32 pgoff, u32 bytes)
{
    u64 most = mappable_bytes(file->inode);
    const u32 shared_write = VM_SHARED | VM_WRITE;

    if (bytes > most || pgoff > (most - bytes) >> PAGE_SHIFT)
        return -EOVERFLOW;
    if (!file_is_readable(file) ||
        ((vm_flags & shared_write) == shared_write && !file_is_writable(file)))
        return -EACCES;
    if ((vm_flags & VM_EXEC) && file_forbids_exec(file))
        return -EPERM;
    return file->ops->bind_vma ? 0 : -ENODEV;
}

int file_bind_vma(struct file *file, struct vm_area *vma)
{
    int err = file_check_map(file, vma->flags, vma->pgoff, vma_bytes(vma));

    if (err)
        return err;
    if ((vma->flags & VM_SHARED) && !file_is_writable(file))
        vma->flags &= ~(u32)VM_MAYWRITE;
    if (file_forbids_exec(file))
        vma->flags &= ~(u32)VM_MAYEXEC;
    return file->ops->bind_vma(file, vma);
}

const char *file_path(const struct file *file, char *buf, size_t size)
{
    struct path root;
    const char *text;

    fs_context_root(current->fs, &root);
    text = path_print(&file->path, &root, buf, size);
    path_put(&root);
    return text;
}
