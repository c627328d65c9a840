// include/fs/inode.h - file systems and their inodes
// SPDX-License-Identifier: MIT
//
// There is one struct inode per (file system, number) in memory; it holds the
// file's pages. Dentries, and in tmpfs the directory entries, hold references.
//
// Locking: super->names (rank FS_RENAME) is held while names of that file
// system are looked up in its directories or changed. inode->lock (rank INODE)
// is held while content or size is changed. Never two of one kind.
#pragma once

#include <kernel/mutex.h>
#include <linux/stat.h>
#include <mm/pagecache.h>

struct block_device;
struct dentry;
struct file_locks;
struct file_ops;
struct inode;
struct inotify_watch;
struct path;
struct pipe;
struct socket;
struct super;

struct name { // one component of a path, not terminated
    const char *text;
    u32 length;
};

struct inode_seed {     // what a new inode is to be
    u32 mode;           // type and permissions, umask applied
    u32 rdev;           // of device nodes
    const char *target; // of symbolic links
};

// All return 0 or -errno (or as told), may sleep; super->names is held.
struct inode_ops {
    // lookup - @out with a reference. -ENOENT: no such name.
    int (*lookup)(struct inode *dir, const struct name *name,
                  struct inode **out);
    // revalidate - whether a name found before still leads here; names may not
    // be held; does not sleep. NULL: always.
    bool (*revalidate)(struct inode *inode);
    // Names: @dir may be written by the caller, what must not exist does not.
    int (*create)(struct inode *dir, const struct name *name,
                  const struct inode_seed *seed, struct inode **out);
    int (*link)(struct inode *dir, const struct name *name,
                struct inode *inode);
    // make_unnamed - a regular file in the same file system, with no name and
    // nlink 0 (O_TMPFILE). NULL: -EOPNOTSUPP.
    int (*make_unnamed)(struct inode *dir, const struct inode_seed *seed,
                        struct inode **out);
    int (*remove)(struct inode *dir, const struct name *name,
                  struct inode *inode); // -ENOTEMPTY
    int (*rename)(struct inode *from, const struct name *old_name,
                  struct inode *to, const struct name *new_name,
                  struct inode *inode, struct inode *replaced); // or NULL
    // Symbolic links, without super->names: the target's bytes, no NUL, at
    // most @size. Return: how many.
    int (*readlink)(struct inode *inode, char *buf, u32 size);
    // jump - links of /proc that lead to an object, not to a name: a held path.
    int (*jump)(struct inode *inode, struct path *out);
    // truncate - inode->lock held. NULL: cannot be truncated (-EINVAL).
    int (*truncate)(struct inode *inode, u64 size);
    // bmap - where the block with byte @pos lies on super->block: *@out_sector
    // (0: in a hole), *@out_bytes: the size of a block. inode->lock is held.
    // Return: 0; -errno. NULL: content has no fixed place.
    int (*bmap)(struct inode *inode, u64 pos, u64 *out_sector, u32 *out_bytes);
    // permits - may the current task do what the mode forbids it? NULL: no.
    bool (*permits)(const struct inode *inode);
    // may_set_attributes - may they be changed? NULL: -EPERM. The caller does
    // it.
    int (*may_set_attributes)(struct inode *inode);
};

struct inode {
    struct list_head hash_link;
    struct super *super;
    u32 ino;
    s32 refcount;
    u32 mode; // type and permissions
    u32 nlink;
    u32 uid, gid;
    u32 rdev;
    u64 atime_ns, mtime_ns, ctime_ns; // since 1970
    u64 sectors;                      // st_blocks, when not the pages cached
    struct mutex lock;
    const struct inode_ops *ops;
    const struct file_ops *file_ops; // NULL: by the type (fs/open.c)
    struct mapping mapping;          // size_bytes is the file's size
    struct pipe *pipe;               // of an open pipe or FIFO
    struct socket *socket;           // bound here: fs/socket/name.c
    struct file_locks *locks;        // fs/locks.c; NULL: never locked
    struct inotify_watch *watches;   // fs/inotify_watch.c
    void *private;                   // the file system's
    bool dirty;                      // newer than its store, but for content
    bool swapfile;     // swapped to: neither content nor names may be changed
    bool may_be_named; // although it has no link yet: O_TMPFILE
    bool lingers;      // nobody holds it but the list, until it is written
    struct list_head unwritten_link; // super->unwritten: dirty or lingers
};

enum super_sync {
    SUPER_SYNC_START, // to where the flusher finds it; nobody waits
    SUPER_SYNC_WAIT,  // to the medium
};

struct fs_numbers { // statfs
    u64 blocks, blocks_free, blocks_available;
    u64 inodes, inodes_free;
    u32 block_bytes;
    u32 name_max;
};

struct super_ops {
    // evict - the inode goes: free what private holds, and with nlink 0 what it
    // has in the store. May be NULL. Context: task, holding any lock of a rank
    // below FS_META.
    void (*evict)(struct inode *inode);
    // write_inode - bring what is known of the inode, but its content, to where
    // the next sync of the device writes it from. Return: 0; -errno. NULL:
    // there is no store, and inodes are never dirty.
    int (*write_inode)(struct inode *inode);
    // sync - what belongs to no inode, and then all of the device; inodes and
    // content were written before. Return: 0; -errno. May be NULL.
    int (*sync)(struct super *super, enum super_sync how);
    // remount - to read-only or back (then all has been written before), as
    // @readonly says; the caller changes super->flags when it succeeds.
    // Return: 0; -EROFS, -EINVAL, ... NULL: nothing is to be done for it.
    int (*remount)(struct super *super, bool readonly, const char *options);
    // statfs - @out is zeroed. May be NULL.
    void (*statfs)(struct super *super, struct fs_numbers *out);
    // show_options - those that are not the default, each with a comma before
    // it, for /proc/mounts. Does not sleep. May be NULL.
    void (*show_options)(const struct super *super, char *buf, size_t size);
    // destroy - the last mount went; no inode is left but those that the file
    // system holds itself. May be NULL.
    void (*destroy)(struct super *super);
};

enum super_flag {
    SUPER_READONLY = 1u << 0,
    SUPER_UNCACHED = 1u << 1, // names come and go by themselves: /proc, /dev
    SUPER_INTERNAL = 1u << 2, // pipes: paths are a dentry's name alone
};

struct super {
    struct list_head link; // all of them
    u32 users;             // who sleeps while using it: not destroyed
    const struct fs_type *type;
    const struct super_ops *ops;
    u32 magic;  // as statfs has it
    u32 device; // st_dev
    u32 flags;  // enum super_flag
    u32 mounts;
    u32 next_ino;               // for those who count
    u32 writers;                // regular files open for writing
    u64 max_bytes;              // of a file; 0: as far as a page index reaches
    struct list_head unwritten; // inodes, by unwritten_link
    struct mutex writing;       // one at a time goes through them
    struct mutex names;
    struct dentry *root;
    struct block_device *block; // claimed by the file system, or NULL
    void *private;
};

struct fs_type {
    const char *name;
    bool needs_device;
    bool single; // every mount shows the same: twice on one place is refused
    // mount - fill @super (ops, magic, flags, private; device when @block) and
    // return its root inode. On failure nothing is left behind.
    int (*mount)(struct super *super, struct block_device *block,
                 const char *options, struct inode **out_root);
    struct fs_type *next;
};

void fs_type_register(struct fs_type *type);
struct fs_type *fs_type_find(const char *name);
struct fs_type *fs_type_next(const struct fs_type *type); // NULL: the first

// super_create - a file system with its root dentry. super_destroy - when its
// last mount has gone. Return: 0; -ENOMEM; what the type's mount said.
// With SUPER_READONLY in @flags nothing will be written.
__must_check int super_create(const struct fs_type *type,
                              struct block_device *block, const char *options,
                              struct super **out);
__must_check int super_create_flags(const struct fs_type *type,
                                    struct block_device *block,
                                    const char *options, u32 flags,
                                    struct super **out);
void super_destroy(struct super *super);

// super_sync - bring all of it to its store, content too, and wait.
// super_sync_all - of every file system: sync(2) does this.
// super_flush_all - inodes and the like to where the flusher finds them; in its
// own time (struct writeback_client).
// Return: 0; the first -errno, the rest was tried. Context: task, sleeps.
int super_sync(struct super *super);
int super_sync_all(void);
void super_flush_all(void);

// super_remount - Return: 0; -EBUSY: files are open for writing; -EROFS;
// -EINVAL; -EIO. Sleeps.
__must_check int super_remount(struct super *super, bool readonly,
                               const char *options);

// super_shutdown_all - the machine is about to stop: all is written and marked
// clean, whoever has files open.
void super_shutdown_all(void);

// Device numbers as stat64 has them: 12 bits of major, 20 of minor.
static inline u32 device_number(u32 major, u32 minor)
{
    return (minor & 0xff) | major << 8 | (minor & 0xfff00) << 12;
}
static inline u32 device_major(u32 number)
{
    return number >> 8 & 0xfff;
}
static inline u32 device_minor(u32 number)
{
    return (number & 0xff) | (number >> 12 & 0xfff00);
}

void inode_init(void);

// inode_find - the one in memory, with a reference; NULL: not there. No sleep.
struct inode *inode_find(struct super *super, u32 ino);

// inode_create - a new one: referenced, findable, owned by root, nlink 1, all
// times now, an empty mapping without ops. NULL: no memory.
struct inode *inode_create(struct super *super, u32 ino, u32 mode);
struct inode *inode_get(struct inode *inode);
void inode_put(struct inode *inode); // NULL allowed; may sleep

// inode_mark_dirty - what is known of it, besides content, has changed. Does
// not sleep. inode_write - bring it to its store's cache now (write_inode).
// Return: 0; -errno, and it is still dirty. May sleep.
void inode_mark_dirty(struct inode *inode);
int inode_write(struct inode *inode);

// inodes_write - all dirty ones of @super; lets those go that lingered only for
// being written. Return: 0; the first -errno. May sleep.
int inodes_write(struct super *super);
// inodes_release - unmounting: those that could not be written go as well.
void inodes_release(struct super *super);

void inode_touch(struct inode *inode); // modified and changed now

enum atime_rule {   // of a mount: what reading does to the time of access
    ATIME_RELATIVE, // set if older than the last change, or than a day
    ATIME_ALWAYS,
    ATIME_NEVER,
};
void inode_touch_accessed(struct inode *inode, enum atime_rule rule);
