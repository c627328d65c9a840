// fs/inode.c - inodes in memory: finding, counting, letting go
// SPDX-License-Identifier: MIT
//
// A hash of all inodes by (file system, number). An inode is in it from its
// creation to its last put; there is no list of unused ones, since the dentries
// that stay in memory (fs/dentry.c) keep theirs.
//
// Locking: the table is for tasks only and changed without sleeping.

#include <fs/inode.h>

#include <fs/flock.h>
#include <kernel/task.h>
#include <kernel/time.h>
#include <mm/slab.h>

#define INODE_HASH_BITS 10u

static struct list_head inode_hash[1u << INODE_HASH_BITS];

static struct list_head *hash_bucket(const struct super *super, u32 ino)
{
    // Multiplicative hashing by the golden ratio: the upper bits are mixed
    // best.
    u32 key = (ino ^ (u32)(uintptr_t)super >> 4) * 0x9e3779b1u;

    return &inode_hash[key >> (32 - INODE_HASH_BITS)];
}

void inode_init(void)
{
    u32 i;

    for (i = 0; i < ARRAY_SIZE(inode_hash); i++)
        list_init(&inode_hash[i]);
}

struct inode *inode_find(struct super *super, u32 ino)
{
    struct inode *inode;

    list_for_each_entry (inode, hash_bucket(super, ino), hash_link)
        if (inode->super == super && inode->ino == ino)
            return inode_get(inode);
    return NULL;
}

struct inode *inode_create(struct super *super, u32 ino, u32 mode)
{
    struct inode *inode = kzalloc(sizeof(*inode), GFP_KERNEL);
    u64 now = time_wall_ns();

    if (!inode)
        return NULL;
    inode->super = super;
    inode->ino = ino;
    inode->refcount = 1;
    inode->mode = mode;
    inode->nlink = 1;
    inode->atime_ns = inode->mtime_ns = inode->ctime_ns = now;
    mutex_init(&inode->lock, MUTEX_RANK_INODE);
    mapping_init(&inode->mapping, NULL, inode, 0);
    list_add(&inode->hash_link, hash_bucket(super, ino));
    return inode;
}

struct inode *inode_get(struct inode *inode)
{
    ASSERT(inode->refcount > 0);
    inode->refcount++;
    return inode;
}

void inode_put(struct inode *inode)
{
    if (!inode)
        return;
    ASSERT(inode->refcount > 0);
    if (--inode->refcount)
        return;
    ASSERT(!inode->pipe);
    list_del(&inode->hash_link);
    mapping_destroy(&inode->mapping);
    if (inode->super->ops->evict)
        inode->super->ops->evict(inode);
    flock_list_destroy(inode);
    kfree(inode);
}

static bool in_group(u32 group, u32 gid)
{
    u32 i;

    for (i = 0; i < current->group_count; i++)
        if (current->groups[i] == group)
            return true;
    return group == gid;
}

int inode_permission(const struct inode *inode, u32 mask, u32 uid, u32 gid)
{
    u32 bits = inode->mode;

    if (uid == 0) {
        // Everything, but to run a file somebody must be allowed to.
        if ((mask & MAY_EXEC) && !S_ISDIR(bits) && !(bits & 0111))
            return -EACCES;
        return 0;
    }
    if (uid == inode->uid)
        bits >>= 6;
    else if (in_group(inode->gid, gid))
        bits >>= 3;
    return (mask & ~bits & 7) ? -EACCES : 0;
}

void inode_touch(struct inode *inode)
{
    inode->mtime_ns = inode->ctime_ns = time_wall_ns();
}

void inode_touch_accessed(struct inode *inode)
{
    u64 day_ns = 86400ull * NSEC_PER_SEC, now;

    if (inode->super->flags & SUPER_READONLY)
        return;
    now = time_wall_ns();
    if (inode->atime_ns <= inode->mtime_ns ||
        inode->atime_ns <= inode->ctime_ns || now - inode->atime_ns >= day_ns)
        inode->atime_ns = now;
}
