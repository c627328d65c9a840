// fs/ext2/inodes.c - taking numbers of inodes, and giving them back
// SPDX-License-Identifier: MIT
//
// A file goes to the group of its directory, so that what is used together is
// near. A directory in the root goes where there is most room, so that groups
// fill evenly; other directories stay near their parents as long as that group
// is not fuller than the others.
//
// A number is free again at once: its slot in the table is overwritten by the
// next owner, and a name that still leads to it on the disk is that of a file
// that was removed.
//
// Locking: ext2_fs.meta, throughout.

#include <fs/bdev.h>

#include "bitmap.h"
#include "ext2.h"

static u32 first_ino(const struct ext2_fs *fs)
{
    return fs->disk->revision ? fs->disk->first_ino : 11;
}

// The group with the most free blocks of those with no fewer free inodes than
// the average.
static u32 emptiest_group(const struct ext2_fs *fs)
{
    u32 average = fs->free_inodes / fs->geometry.groups;
    u32 group, best = 0, most = 0;

    for (group = 0; group < fs->geometry.groups; group++) {
        const struct ext2_disk_group *g = &fs->groups[group];

        if (!g->free_inodes || g->free_inodes < average ||
            g->free_blocks < most)
            continue;
        if (g->free_blocks > most ||
            g->used_dirs < fs->groups[best].used_dirs) {
            best = group;
            most = g->free_blocks;
        }
    }
    return best;
}

static u32 group_for_dir(const struct ext2_fs *fs, u32 dir)
{
    u32 parent = (dir - 1) / fs->geometry.inodes_per_group;
    const struct ext2_disk_group *g = &fs->groups[parent];

    if (dir != EXT2_ROOT_INO && g->free_inodes &&
        g->free_inodes >= fs->free_inodes / fs->geometry.groups / 2 &&
        g->free_blocks >= fs->free_blocks / fs->geometry.groups / 2)
        return parent;
    return emptiest_group(fs);
}

// Return: 0; -ENOSPC: none is left in @group; -errno.
static int take_in_group(struct ext2_fs *fs, u32 group, u32 mode, u32 *out)
{
    const struct ext2_geometry *geometry = &fs->geometry;
    struct ext2_disk_group *g = &fs->groups[group];
    struct ext2_bitmap *map = &fs->inode_bits;
    u32 bits = min(geometry->inodes_per_group,
                   geometry->inodes - group * geometry->inodes_per_group);
    u32 bit, wrong;
    int rc;

    if (!g->free_inodes)
        return -ENOSPC;
    rc = ext2_bitmap_load(fs, map, g->inode_bitmap);
    if (rc)
        return rc;
    if (!ext2_bitmap_find(map->bits, bits, 0, 1, &bit))
        return ext2_corrupt(fs->super, 0, "count of free inodes");
    if (group * geometry->inodes_per_group + bit + 1 < first_ino(fs))
        return ext2_corrupt(fs->super, 0, "inode bitmap");
    wrong = ext2_bitmap_set(map->bits, bit, 1);
    ASSERT(wrong == 0);
    rc = ext2_bitmap_store(fs, map, bit, 1);
    if (rc)
        return rc;
    g->free_inodes--;
    g->used_dirs += S_ISDIR(mode);
    fs->free_inodes--;
    fs->dirty = true;
    *out = group * geometry->inodes_per_group + bit + 1;
    return 0;
}

int ext2_ino_take(struct ext2_fs *fs, u32 dir, u32 mode, u32 *out)
{
    u32 groups = fs->geometry.groups, group, i;
    int rc = -ENOSPC;

    group = S_ISDIR(mode) ? group_for_dir(fs, dir)
                          : (dir - 1) / fs->geometry.inodes_per_group;
    for (i = 0; rc == -ENOSPC && i < groups; i++) {
        rc = take_in_group(fs, group, mode, out);
        group = group + 1 < groups ? group + 1 : 0;
    }
    return rc;
}

int ext2_ino_free(struct ext2_fs *fs, u32 ino, u32 mode)
{
    u32 group = (ino - 1) / fs->geometry.inodes_per_group;
    u32 bit = (ino - 1) % fs->geometry.inodes_per_group;
    struct ext2_disk_group *g = &fs->groups[group];
    struct ext2_bitmap *map = &fs->inode_bits;
    int rc;

    if (ino < first_ino(fs))
        return ext2_corrupt(fs->super, ino, "deleted, but reserved");
    rc = ext2_bitmap_load(fs, map, g->inode_bitmap);
    if (rc)
        return rc;
    if (ext2_bitmap_clear(map->bits, bit, 1)) {
        map->block = 0;
        return ext2_corrupt(fs->super, ino, "was free already");
    }
    rc = ext2_bitmap_store(fs, map, bit, 1);
    if (rc)
        return rc;
    g->free_inodes++;
    if (S_ISDIR(mode) && g->used_dirs)
        g->used_dirs--;
    fs->free_inodes++;
    fs->dirty = true;
    return 0;
}
