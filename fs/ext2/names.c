// fs/ext2/names.c - making, linking and removing
// SPDX-License-Identifier: MIT
//
// Each call does what can fail for want of room first, and undoes it if the
// rest fails. Counts of links are stored before a name that they count appears,
// and after one has gone: what a cut leaves has too many, never too few.
//
// Locking: super->names.

#include <drivers/block.h>
#include <fs/bdev.h>
#include <kernel/time.h>
#include <lib/string.h>
#include <mm/slab.h>

#include "dirblock.h"
#include "ext2.h"
#include "names.h"

int ext2_store_touched(struct inode *dir)
{
    inode_touch(dir);
    return ext2_inode_store(dir);
}

void ext2_set_links(struct inode *inode, u32 links)
{
    inode->nlink = links;
    inode->ctime_ns = time_wall_ns_coarse();
    inode_mark_dirty(inode);
}

int ext2_order_names(struct inode *inode)
{
    struct block_device *device = ext2_fs_of(inode)->device;
    int rc;

    if (ext2_inode_of(inode)->named <= device->syncs_done)
        return 0; // it is there
    rc = ext2_inode_store(inode);
    return rc ? rc : bdev_sync(device);
}

// ---- making ----------------------------------------------------------------

static int write_target(struct inode *inode, const char *target)
{
    struct ext2_inode *ei = ext2_inode_of(inode);
    struct ext2_fs *fs = ext2_fs_of(inode);
    u32 length = (u32)strlen(target), bytes = fs->geometry.block_bytes, block;
    u8 *content;
    bool fresh;
    int rc;

    inode->mapping.size_bytes = length;
    if (length <= EXT2_FAST_LINK_MAX) {
        memcpy(ei->node.block, target, length);
        ei->node.fast_link = true;
        return ext2_inode_store(inode);
    }
    content = kzalloc(bytes, GFP_KERNEL); // zeros to the end of the block
    if (!content)
        return -ENOMEM;
    memcpy(content, target, length);
    mutex_lock(&fs->meta);
    rc = ext2_map_make(inode, 0, &block, &fresh);
    if (!rc)
        rc = bdev_write(fs->device, (u64)block << fs->geometry.block_shift,
                        content, bytes);
    mutex_unlock(&fs->meta);
    kfree(content);
    return rc ? rc : ext2_inode_store(inode);
}

static int fill(struct inode *dir, struct inode *inode,
                const struct inode_seed *seed)
{
    if (S_ISLNK(seed->mode))
        return write_target(inode, seed->target);
    return S_ISDIR(seed->mode) ? ext2_dir_begin(inode, dir->ino) : 0;
}

// The entry is there: nothing can fail any more. If @dir cannot be stored, it
// stays dirty and is stored later.
static void added(struct inode *dir)
{
    if (ext2_store_touched(dir))
        inode_mark_dirty(dir);
}

int ext2_create(struct inode *dir, const struct name *name,
                const struct inode_seed *seed, struct inode **out)
{
    bool is_dir = S_ISDIR(seed->mode);
    struct inode *inode;
    u64 at;
    int rc;

    if (is_dir && dir->nlink >= EXT2_LINKS_MAX)
        return -EMLINK;
    // It and its NUL are in one block, for e2fsck as for Linux.
    if (S_ISLNK(seed->mode) &&
        strlen(seed->target) >= ext2_fs_of(dir)->geometry.block_bytes)
        return -ENAMETOOLONG;
    rc = ext2_inode_make(dir, seed, &inode);
    if (rc)
        return rc;
    rc = fill(dir, inode, seed);
    if (rc)
        goto err_put;
    inode->nlink = is_dir ? 2 : 1;
    dir->nlink += is_dir;
    rc = ext2_inode_store(inode);
    if (!rc)
        rc = ext2_dir_add(dir, name, inode, &at);
    if (rc)
        goto err_unlink;
    added(dir);
    inode_mark_dirty(inode);
    *out = inode;
    return 0;

err_unlink:
    dir->nlink -= is_dir;
    inode->nlink = 0;
err_put:
    inode_put(inode); // blocks and number are free again
    return rc;
}

int ext2_link(struct inode *dir, const struct name *name, struct inode *inode)
{
    u32 links = inode->nlink;
    u64 at;
    int rc;

    if (links >= EXT2_LINKS_MAX)
        return -EMLINK;
    ext2_set_links(inode, links + 1);
    rc = ext2_inode_store(inode);
    if (!rc)
        rc = ext2_dir_add(dir, name, inode, &at);
    if (rc) {
        ext2_set_links(inode, links);
        return rc;
    }
    ext2_inode_of(inode)->named = ext2_next_sync(ext2_fs_of(inode));
    added(dir);
    return 0;
}

// ---- removing --------------------------------------------------------------

int ext2_remove_entry(struct inode *dir, struct ext2_place *place)
{
    struct ext2_inode *ei = ext2_inode_of(dir);

    ext2_dirblock_remove(place->block, place->at);
    ei->room = min(ei->room, place->base);
    return ext2_dir_store(dir, place);
}

int ext2_unname(struct inode *dir, struct inode *inode)
{
    if (S_ISDIR(inode->mode)) {
        ext2_set_links(inode, 0);
        ext2_set_links(dir, dir->nlink - 1);
    } else {
        ext2_set_links(inode, inode->nlink - 1);
    }
    return ext2_inode_store(inode);
}

int ext2_remove(struct inode *dir, const struct name *name, struct inode *inode)
{
    struct ext2_place place;
    int rc;

    if (S_ISDIR(inode->mode)) {
        rc = ext2_dir_is_empty(inode);
        if (rc <= 0)
            return rc ? rc : -ENOTEMPTY;
    }
    if (inode->nlink == 0)
        return ext2_corrupt(dir->super, inode->ino, "more names than links");
    rc = inode->nlink > 1 && !S_ISDIR(inode->mode) && ext2_is_promised(inode)
             ? ext2_order_names(inode)
             : 0;
    if (!rc)
        rc = ext2_dir_find(dir, name, &place);
    if (rc)
        return rc;
    rc = ext2_remove_entry(dir, &place);
    kfree(place.block);
    if (!rc)
        rc = ext2_unname(dir, inode);
    if (!rc)
        rc = ext2_store_touched(dir);
    return rc;
}
