// include/fs/vfs.h - open files, and what can be done with names
// SPDX-License-Identifier: MIT
#pragma once

#include <fs/file.h>
#include <fs/io.h>
#include <fs/path.h>
#include <linux/fcntl.h>

struct wait_queue;

// Where readdir puts what it finds.
struct dir_sink {
    // add - one entry; @type: mode >> 12; @next: the position after it.
    // Return: false: no room, come again later with this one.
    bool (*add)(struct dir_sink *sink, const struct name *name, u32 ino,
                u32 type, u64 next);
};

// What kinds of files differ in. Context: task, may sleep, if not told else.
// Missing ones: read, write -EINVAL; readdir -ENOTDIR; ioctl -ENOTTY; llseek
// -ESPIPE; bind_vma -ENODEV; poll: always ready.
struct file_ops {
    // open - @file is complete but for private. Return: 0; -errno: release is
    // then not called.
    int (*open)(struct inode *inode, struct file *file);
    void (*release)(struct file *file);
    // read, write - at *@pos, which moves. Return: bytes; -errno if none.
    ssize_t (*read)(struct file *file, struct io_iter *it, u64 *pos);
    ssize_t (*write)(struct file *file, struct io_iter *it, u64 *pos);
    // readdir - entries from file->pos on, which moves with each one that was
    // added. super->names is held. Return: 0 at the end or when the sink is
    // full; -errno.
    int (*readdir)(struct file *file, struct dir_sink *sink);
    // poll - what is there now (poll(2)'s bits), and the queue that is woken
    // when that changes. Does not sleep; interrupts may be off.
    u32 (*poll)(struct file *file, struct wait_queue **queue);
    int (*ioctl)(struct file *file, u32 command, u32 argument);
    s64 (*llseek)(struct file *file, s64 offset, u32 whence);
    int (*bind_vma)(struct file *file, struct vm_area *vma);
    // fallocate - @mode of FALLOC_FL_*, @bytes is not 0 and the end fits; the
    // file is open for writing. Missing: -EOPNOTSUPP.
    int (*fallocate)(struct file *file, u32 mode, u64 pos, u64 bytes);
};

struct file {
    s32 refcount;
    u32 flags; // O_*, as given to open or changed by F_SETFL
    const struct file_ops *ops;
    struct path path;
    struct inode *inode; // of path
    struct mutex pos_lock;
    u64 pos;
    struct readahead readahead;   // of its reads, and of areas that map it
    errseq_t error_seq;           // of its content's write errors: seen so far
    struct list_head epoll_items; // that look at it: fs/epoll.c
    void *private;
};

static inline bool file_is_readable(const struct file *file)
{
    return !(file->flags & O_PATH) && (file->flags & O_ACCMODE) != O_WRONLY;
}
static inline bool file_is_writable(const struct file *file)
{
    return !(file->flags & O_PATH) && (file->flags & O_ACCMODE) != O_RDONLY;
}
static inline bool file_is_nonblocking(const struct file *file)
{
    return file->flags & O_NONBLOCK;
}

extern u32 files_open; // how many there are

// file_open_path - open what @path is. Checks permissions.
// file_open_at - open by name, with O_CREAT, O_TRUNC and the rest of open(2).
// Return: 0; what open(2) lists.
__must_check int file_open_path(const struct path *path, u32 flags,
                                struct file **out);
__must_check int file_open_at(s32 dirfd, const char *path, u32 flags, u32 mode,
                              struct file **out);
// file_create - an open file without any check or ops->open (pipes). Holds
// @path. NULL: no memory. file_put_unopened - undo it, without ops->release.
struct file *file_create(const struct path *path, const struct file_ops *ops,
                         u32 flags);
void file_put_unopened(struct file *file);

// file_read, file_write - check the mode, then as the operations.
ssize_t file_read(struct file *file, struct io_iter *it, u64 *pos);
ssize_t file_write(struct file *file, struct io_iter *it, u64 *pos);
// file_touch_accessed - it is being read: its time of access, as its mount and
// O_NOATIME have it.
void file_touch_accessed(const struct file *file);
// file_lock_pos - files that have a position: keep it for one call. Not of
// devices, whose reads may wait for ever: this cannot be interrupted.
bool file_lock_pos(struct file *file);
void file_unlock_pos(struct file *file, bool locked);

// For tables of operations: files whose bytes are their inode's mapping.
ssize_t mapped_read(struct file *file, struct io_iter *it, u64 *pos);
ssize_t mapped_write(struct file *file, struct io_iter *it, u64 *pos);
s64 mapped_llseek(struct file *file, s64 offset, u32 whence);
int mapped_bind_vma(struct file *file, struct vm_area *vma);

// What writes from @it within the page of @mapping that has @pos.
// Return: bytes; 0: try again; -errno. May sleep.
typedef ssize_t (*write_page_fn)(struct mapping *mapping, struct io_iter *it,
                                 u64 pos);

// mapped_write_pages - all of @it by @write, page by page, held back as the
// memory that is dirty demands; @pos moves. Ends early at an error, or when the
// task is being killed. Return: bytes, if any were written; -EINTR: killed;
// what
// @write says. May sleep.
ssize_t mapped_write_pages(struct mapping *mapping, write_page_fn write,
                           struct io_iter *it, u64 *pos);
// llseek of directories and other files whose position is any number.
s64 dir_llseek(struct file *file, s64 offset, u32 whence);

// dir_emit_dots - "." and "..", positions 0 and 1. Return: 1: done, go on with
// position 2; 0: the sink is full.
int dir_emit_dots(struct file *file, struct dir_sink *sink);

// Operations by the type of a special file (devfs, tmpfs, ext2 nodes).
extern const struct file_ops chardev_file_ops;
extern const struct file_ops block_file_ops;
extern const struct file_ops fifo_file_ops;

// Names. @path as in open_at. All: 0 or -errno as in the call's manual.
__must_check int vfs_make(s32 dirfd, const char *path,
                          const struct inode_seed *seed);
// vfs_make_path - the same; @out is what was made, held.
__must_check int vfs_make_path(s32 dirfd, const char *path,
                               const struct inode_seed *seed, struct path *out);
__must_check int vfs_unlink(s32 dirfd, const char *path);
__must_check int vfs_rmdir(s32 dirfd, const char *path);
__must_check int vfs_rename(s32 from_fd, const char *from, s32 to_fd,
                            const char *to, u32 flags);
__must_check int vfs_link(const struct path *from, s32 dirfd, const char *to);
// vfs_make_in - the last step of making: @dir's names lock is held, @dentry is
// negative.
__must_check int vfs_make_in(const struct path *dir, struct dentry *dentry,
                             const struct inode_seed *seed);
__must_check int vfs_truncate(const struct path *path, u64 size);
// vfs_readlink - without jumping; of any link. Return: bytes; -EINVAL: none.
__must_check int vfs_readlink(struct inode *inode, char *buf, u32 size);

// path_is_readonly - the mount or its file system.
bool path_is_readonly(const struct path *path);
