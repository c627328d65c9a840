// fs/ext2/rename.c - renaming
// SPDX-License-Identifier: MIT
//
// First what the call is refused for; then the new name, ".." and the counts;
// then the old name goes. A cut leaves the file with one name or with both,
// never without one.
//
// Locking: super->names.

#include <mm/slab.h>

#include "dirblock.h"
#include "ext2.h"
#include "names.h"

// A rename under way.
struct renaming {
    struct inode *from, *to, *inode, *replaced;
    const struct name *old_name, *new_name;
    u64 new_at; // of the new entry, in its directory
    struct ext2_place old_place, parent_place; // block: NULL: not needed
};

// What makes the call impossible, before anything is changed.
static int check(const struct renaming *r)
{
    bool moves_dir = S_ISDIR(r->inode->mode) && r->from != r->to;
    int rc;

    if (r->replaced && S_ISDIR(r->replaced->mode)) {
        rc = ext2_dir_is_empty(r->replaced);
        if (rc <= 0)
            return rc ? rc : -ENOTEMPTY;
    }
    if (r->replaced && r->replaced->nlink == 0)
        return ext2_corrupt(r->to->super, r->replaced->ino,
                            "more names than links");
    if (moves_dir && !r->replaced && r->to->nlink >= EXT2_LINKS_MAX)
        return -EMLINK;
    return 0;
}

// The new name leads to the inode: a new entry, or that of what it replaces.
static int put_new_name(struct renaming *r)
{
    struct ext2_place place;
    int rc;

    if (!r->replaced)
        return ext2_dir_add(r->to, r->new_name, r->inode, &r->new_at);
    rc = ext2_dir_find(r->to, r->new_name, &place);
    if (rc)
        return rc;
    ext2_dirblock_set(&ext2_fs_of(r->to)->geometry, place.block, place.at,
                      r->inode->ino, ext2_entry_type(r->inode->mode));
    rc = ext2_dir_store(r->to, &place);
    r->new_at = place.base + place.at;
    kfree(place.block);
    return rc;
}

// What will be changed once the new name is there. It is found, and memory is
// taken, while the call can still fail.
static int find_places(struct renaming *r)
{
    const struct name dots = {"..", 2};
    int rc = ext2_dir_find(r->from, r->old_name, &r->old_place);

    if (rc) {
        r->old_place.block = NULL;
        return rc;
    }
    if (!S_ISDIR(r->inode->mode) || r->from == r->to)
        return 0;
    rc = ext2_dir_find(r->inode, &dots, &r->parent_place);
    if (rc)
        r->parent_place.block = NULL;
    return rc == -ENOENT
               ? ext2_corrupt(r->inode->super, r->inode->ino, "no \"..\"")
               : rc;
}

// ".." and the counts of a directory that moves.
static int move_dir(struct renaming *r)
{
    int rc;

    if (!r->parent_place.block)
        return 0;
    ext2_dirblock_set(&ext2_fs_of(r->inode)->geometry, r->parent_place.block,
                      r->parent_place.at, r->to->ino, ext2_entry_type(S_IFDIR));
    rc = ext2_dir_store(r->inode, &r->parent_place);
    if (!rc) {
        ext2_set_links(r->to, r->to->nlink + 1);
        ext2_set_links(r->from, r->from->nlink - 1);
        rc = ext2_inode_store(r->to);
    }
    return rc;
}

// Whether both entries are in one sector: then the disk has neither change or
// both.
static bool is_one_write(const struct renaming *r, u64 old_at)
{
    u64 end =
        r->new_at + sizeof(struct ext2_disk_dirent) + r->new_name->length - 1;

    return r->from == r->to &&
           r->new_at / EXT2_SECTOR_BYTES == old_at / EXT2_SECTOR_BYTES &&
           end / EXT2_SECTOR_BYTES == old_at / EXT2_SECTOR_BYTES;
}

// The new name is on the disk before the old one goes, and before what it
// replaced is deleted: but for a rename within a sector, which is one write.
static int drop_old_name(struct renaming *r)
{
    struct ext2_place *place = &r->old_place;
    bool one_write = is_one_write(r, place->base + place->at),
         promised = ext2_is_promised(r->inode) || ext2_is_promised(r->replaced);
    int rc = ext2_dir_read(r->from, place); // with the new entry

    if (rc)
        return rc;
    ext2_inode_of(r->inode)->named = ext2_next_sync(ext2_fs_of(r->inode));
    if (promised && !one_write)
        rc = ext2_order_names(r->inode);
    if (!rc)
        rc = ext2_remove_entry(r->from, place);
    if (!rc && promised && one_write && r->replaced)
        rc = ext2_order_names(r->inode);
    return rc;
}

// From here on only a device that fails, or a damaged disk, can stop it.
static int finish(struct renaming *r)
{
    int rc = move_dir(r);

    if (!rc)
        rc = drop_old_name(r);
    if (!rc && r->replaced)
        rc = ext2_unname(r->to, r->replaced);
    if (!rc)
        rc = ext2_store_touched(r->from);
    if (!rc)
        rc = ext2_store_touched(r->to);
    ext2_set_links(r->inode, r->inode->nlink); // its ctime
    return rc;
}

int ext2_rename(struct inode *from, const struct name *old_name,
                struct inode *to, const struct name *new_name,
                struct inode *inode, struct inode *replaced)
{
    struct renaming r = {.from = from,
                         .to = to,
                         .inode = inode,
                         .replaced = replaced,
                         .old_name = old_name,
                         .new_name = new_name};
    int rc = check(&r);

    if (!rc)
        rc = find_places(&r);
    if (!rc)
        rc = put_new_name(&r);
    if (!rc)
        rc = finish(&r);
    kfree(r.old_place.block);
    kfree(r.parent_place.block);
    return rc;
}
