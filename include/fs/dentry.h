// include/fs/dentry.h - names in memory, mounts, and paths made of both
// SPDX-License-Identifier: MIT
//
// A dentry is a name in a directory, and what it leads to: an inode, or
// nothing (negative: known not to exist). Each holds its parent and its inode.
// Dentries that nobody holds stay, up to a bound, the least recently used
// going first; with a dentry goes its inode, and with that its pages.
//
// Changes of what a dentry means: super->names held. Reference counts and the
// hash are for tasks only.
#pragma once

#include <fs/inode.h>

enum dentry_flag {
    DENTRY_HASHED = 1u << 0, // can be found
    DENTRY_LRU = 1u << 1,    // on the list of unused ones
};

#define DENTRY_INLINE_NAME 28u

struct dentry {
    struct list_head hash_link;
    struct list_head lru_link;
    struct list_head children; // of sibling
    struct list_head sibling;
    struct dentry *parent; // held; itself: a root
    struct inode *inode;   // held; NULL: negative
    struct super *super;
    s32 refcount;
    u32 flags;  // enum dentry_flag
    u32 mounts; // how many are mounted here
    u32 hash;
    u32 length;
    char *name; // terminated
    char inline_name[DENTRY_INLINE_NAME];
};

void dentry_init(void);

static inline struct dentry *dentry_get(struct dentry *dentry)
{
    dentry->refcount++;
    return dentry;
}
void dentry_put(struct dentry *dentry); // NULL allowed; may sleep

// dentry_create_root - a name without a parent; takes over @inode's reference
// (also on failure). NULL: no memory.
struct dentry *dentry_create_root(struct super *super, struct inode *inode,
                                  const char *name);

// dentry_create_unnamed - one that is found nowhere, of a file in @parent that
// has no name; takes over @inode's reference (also on failure). NULL: no
// memory.
struct dentry *dentry_create_unnamed(struct dentry *parent,
                                     struct inode *inode);

// dentry_lookup - @name in @parent, by the cache or by the file system; the
// result is held and may be negative. _locked: super->names is held.
// Return: 0; -ENOTDIR; -ENOMEM; -EIO; -EUCLEAN.
__must_check int dentry_lookup(struct dentry *parent, const struct name *name,
                               struct dentry **out);
__must_check int dentry_lookup_locked(struct dentry *parent,
                                      const struct name *name,
                                      struct dentry **out);

// dentry_fill - a negative one now leads to @inode (takes the reference over).
void dentry_fill(struct dentry *dentry, struct inode *inode);
// dentry_drop - it is not found any more; it goes with its last reference.
void dentry_drop(struct dentry *dentry);
// dentry_move - rename. Return: 0; -ENOMEM (nothing changed).
__must_check int dentry_reserve_name(const struct name *name, char **out);
void dentry_move(struct dentry *dentry, struct dentry *parent,
                 const struct name *name, char *long_name);
// dentry_of - a name that leads to @inode, without a reference; NULL: none is
// in memory. Looks at all of them. No sleep.
struct dentry *dentry_of(const struct inode *inode);
// dentry_is_below - whether @dentry is @ancestor or lies below it.
bool dentry_is_below(const struct dentry *dentry,
                     const struct dentry *ancestor);
// dentry_is_reachable - whether the way to it from the root of its file system
// is still there: no name removed, no process of /proc ended.
bool dentry_is_reachable(const struct dentry *dentry);
// dentry_prune - forget all unused ones below @dentry.
void dentry_prune(struct dentry *dentry);

struct mount {
    struct list_head link; // mount_list, oldest first
    s32 refcount;          // 1 for being mounted, and who holds paths in it
    u32 id;                // for /proc/PID/mountinfo
    u32 flags; // MS_RDONLY, MS_NOSUID, MS_NODEV, MS_NOEXEC, and when
               // times of access are kept (MOUNT_ATIME_FLAGS)
    struct super *super;
    struct dentry *root;  // held
    struct mount *parent; // held; NULL: the root's, or not in the tree
    struct dentry *point; // in @parent, held
    char *source;         // for /proc/mounts
};

struct path {
    struct mount *mount;   // held
    struct dentry *dentry; // held
};

#define MOUNT_ID_NONE 1u // parent of the root of everything

void path_get(const struct path *path);
void path_put(struct path *path); // empties it; an empty one is allowed
static inline bool path_equal(const struct path *a, const struct path *b)
{
    return a->mount == b->mount && a->dentry == b->dentry;
}

extern struct list_head mount_list;

// mount_create - @super mounted nowhere yet; refcount 1. Takes @super over,
// also on failure. NULL: no memory.
struct mount *mount_create(struct super *super, const char *source, u32 flags);
struct mount *mount_get(struct mount *mount);
void mount_put(struct mount *mount);

// mount_is_attached - whether it is in the tree.
bool mount_is_attached(const struct mount *mount);

// mount_check_point - whether something can be mounted there. Return: 0;
// -ENOENT: @point has been removed; -EINVAL: it is not in the tree.
__must_check int mount_check_point(const struct path *point);

// mount_attach - put @mount over @point (NULL: it is the root of everything).
// Takes @mount over, also on failure. Return: as mount_check_point(). Sleeps
// only when it fails.
__must_check int mount_attach(struct mount *mount, const struct path *point);

// mount_detach - take it out of the tree. Return: 0; -EBUSY: somebody has a
// path in it, or something is mounted in it; -EINVAL: it is not in the tree.
// @lazy: does not care, what is in use goes when it is let go.
__must_check int mount_detach(struct mount *mount, bool lazy);

// mounts_prune - take out of the tree what is mounted on names that have gone
// and those below them, with all that is mounted on that. May sleep.
void mounts_prune(void);

// mount_reattach - to another place. It is in the tree and has a parent.
void mount_reattach(struct mount *mount, const struct path *point);

enum mount_depth {
    MOUNT_ALONE,
    MOUNT_WITH_ALL_BELOW,
};

// mount_bind - what is at @from is seen at @point, too. Return: 0; -ENOTDIR:
// one is a directory, one is not; -ENOMEM; -ENOSPC: too many; -ENOENT, -EINVAL:
// @point has been removed, or one is not in the tree. May sleep.
__must_check int mount_bind(const struct path *from, const struct path *point,
                            enum mount_depth depth);

// mount_move - a mount, with all below. Return: 0; -EINVAL: @from is not the
// root of one, or of everything, or @point is not in the tree; -ENOENT: it has
// been removed; -ENOTDIR; -ELOOP: @point is in it.
__must_check int mount_move(const struct path *from, const struct path *point);

// Crossing: down to what is mounted over @path; up from a mount's root to the
// directory it covers. Return: whether there was a way.
bool path_cross_down(struct path *path);
bool path_cross_up(struct path *path);

// path_is_visible - whether the root of @mount lies below @root.
bool path_is_visible(const struct mount *mount, const struct path *root);

// mount_root_path - the root of everything, held.
void mount_root_path(struct path *out);

// path_print - @path as seen from @root. Return: buf, or a string in it, or a
// constant when it does not fit.
const char *path_print(const struct path *path, const struct path *root,
                       char *buf, size_t size);

// mapping_path (fs/mapping_path.c) - what file @mapping is the content of, by a
// path from the root of everything, or by its number if no name of it is in
// memory. Looks at all names. Return: as path_print. Context: task. No sleep.
const char *mapping_path(const struct mapping *mapping, char *buf, size_t size);
