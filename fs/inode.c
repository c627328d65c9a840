// fs/inode.c - inodes in memory: finding, counting, letting go
// SPDX-License-Identifier: MIT
//
// A hash of all inodes by (file system, number). An inode is in it from its
// creation to its last put; there is no list of unused ones, since the dentries
// that stay in memory (fs/dentry.c) keep theirs.
//
// Writing: an inode that is newer than its store is on its file system's list
// of unwritten ones. One that is let go of by the last holder while it is
// dirty, or has dirty pages, is not written there and then - that may be
// reclaim, or under locks - but stays ("lingers"), held by that list alone,
// until the flusher or a sync has written it. One without names goes at once:
// evict deletes it, and what was not written need not be.
//
// Locking: table and lists are for tasks only and changed without sleeping.

#include <fs/inode.h>

#include <fs/locks.h>
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

static struct kmem_cache *inode_cache;

void inode_init(void)
{
    u32 i;

    for (i = 0; i < ARRAY_SIZE(inode_hash); i++)
        list_init(&inode_hash[i]);
    // They go with the last of their names, which have a shrinker.
    inode_cache =
        kmem_cache_create_reclaimable("inode", sizeof(struct inode), 0);
    ASSERT(inode_cache);
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
    struct inode *inode = kmem_cache_alloc(inode_cache, GFP_KERNEL | GFP_ZERO);
    u64 now = time_wall_ns_coarse();

    if (!inode)
        return NULL;
    inode->super = super;
    inode->ino = ino;
    inode->refcount = 1;
    list_init(&inode->unwritten_link);
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

static bool is_unwritten(const struct inode *inode)
{
    return inode->super->ops->write_inode &&
           (inode->dirty || inode->mapping.dirty_pages);
}

static void list_unwritten(struct inode *inode)
{
    if (list_empty(&inode->unwritten_link))
        list_add_tail(&inode->unwritten_link, &inode->super->unwritten);
}

void inode_mark_dirty(struct inode *inode)
{
    if (!inode->super->ops->write_inode)
        return;
    inode->dirty = true;
    list_unwritten(inode);
}

int inode_write(struct inode *inode)
{
    int rc;

    if (!inode->super->ops->write_inode)
        return 0;
    inode->dirty = false; // what changes from here on makes it dirty again
    rc = inode->super->ops->write_inode(inode);
    if (rc)
        inode_mark_dirty(inode);
    else if (!inode->dirty && !inode->lingers)
        list_del(&inode->unwritten_link);
    return rc;
}

// One at a time: a sync must not pass by those that the flusher has taken from
// the list, or is just writing.
int inodes_write(struct super *super)
{
    struct inode *inode;
    LIST_HEAD(pending);
    int rc = 0, error;

    mutex_lock(&super->writing);
    list_splice_tail(&super->unwritten, &pending);
    while (!list_empty(&pending)) {
        inode = list_first_entry(&pending, struct inode, unwritten_link);
        list_move_tail(&inode->unwritten_link, &super->unwritten);
        inode_get(inode);
        error = inode->dirty ? inode_write(inode) : 0;
        rc = rc ? rc : error;
        inode_put(inode); // if it lingered and is written, that is its end
    }
    mutex_unlock(&super->writing);
    return rc;
}

void inodes_release(struct super *super)
{
    struct inode *inode;

    while (!list_empty(&super->unwritten)) {
        inode =
            list_first_entry(&super->unwritten, struct inode, unwritten_link);
        ASSERT(inode->lingers && inode->refcount == 1);
        list_del(&inode->unwritten_link);
        inode->dirty = false;
        inode->lingers = false;
        mapping_destroy(&inode->mapping);
        inode_put(inode);
    }
}

// Whether the one reference that is left is that of the list of unwritten ones,
// and there is no reason for it any more.
static bool has_lingered(struct inode *inode)
{
    if (!inode->lingers || inode->refcount > 1)
        return false;
    return !is_unwritten(inode) || !inode->nlink;
}

void inode_put(struct inode *inode)
{
    if (!inode)
        return;
    ASSERT(inode->refcount > 0);
    inode->refcount--;
    if (has_lingered(inode)) {
        inode->lingers = false;
        inode->refcount--;
    }
    if (inode->refcount)
        return;
    ASSERT(!inode->pipe && !inode->watches);
    if (inode->nlink && is_unwritten(inode)) {
        inode->refcount = 1;
        inode->lingers = true;
        list_unwritten(inode);
        return;
    }
    list_del(&inode->unwritten_link);
    list_del(&inode->hash_link);
    mapping_destroy(&inode->mapping);
    if (inode->super->ops->evict)
        inode->super->ops->evict(inode);
    locks_inode_gone(inode);
    kmem_cache_free(inode_cache, inode);
}

void inode_touch(struct inode *inode)
{
    inode->mtime_ns = inode->ctime_ns = time_wall_ns_coarse();
    inode_mark_dirty(inode);
}

void inode_touch_accessed(struct inode *inode, enum atime_rule rule)
{
    u64 day_ns = 86400ull * NSEC_PER_SEC, now;

    if (rule == ATIME_NEVER || (inode->super->flags & SUPER_READONLY))
        return;
    now = time_wall_ns_coarse();
    if (rule == ATIME_ALWAYS || inode->atime_ns <= inode->mtime_ns ||
        inode->atime_ns <= inode->ctime_ns || now - inode->atime_ns >= day_ns) {
        inode->atime_ns = now;
        inode_mark_dirty(inode);
    }
}
