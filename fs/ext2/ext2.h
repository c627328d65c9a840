// fs/ext2/ext2.h - a mounted ext2
// SPDX-License-Identifier: MIT
//
// Files: parse, encode, bitmap, tree, dirblock: pure. mount; super: the
// superblock. blocks, blank, inodes: taking and giving back. map: where the
// blocks of a file are. file: content. inode: inodes in memory and in their
// tables. evict: their end. dir: directories as lists. names: making, linking,
// removing. rename.
//
// How what is sync'ed survives a cut without a journal
//
// All metadata is changed in the cache of the device (bdev_write) by the call
// that changes it; only sizes, times and the like stay in the inode until
// write_inode. So bdev_sync leaves a consistent disk behind. Between two of
// them anything may reach the disk in any order; what that could do to a file
// that was sync'ed is ruled out by three rules:
//
// 1. A block that was let go is used again only after a bdev_sync: then no
//    pointer to it is on the disk any more (blocks.c: freed runs).
// 2. A block that becomes an indirect one, one of a directory, or fills a hole
//    of a file that was sync'ed, is zeros on the disk before anything points to
//    it: whatever it held is never taken for something (blank.c).
// 3. A name of a file that was there at the last sync goes only after its new
//    one is on the disk (names.c: ext2_order_names()).
// 4. A disk writes sectors, not blocks: an entry comes into a directory by one
//    of them (dirblock.h).
//
// Locking: meta guards the bitmaps, counts, freed runs and the trees of blocks
// of all inodes of a file system. Order: names, inode lock, mm, the lock of one
// page of a file, meta, pages of the device. Blocks are found without meta: a
// tree changes under the reader only behind the size, and what was let go keeps
// its content until the next sync.
#pragma once

#include <drivers/block.h>
#include <fs/vfs.h>

#include "encode.h"
#include "parse.h"

#define EXT2_FREED_RUNS 512u
#define EXT2_BLANKS     16u

struct ext2_run {
    u32 start, count;
};

// A copy of one bitmap; what is changed in it is written through.
struct ext2_bitmap {
    u8 *bits;
    u32 block; // where it is; 0: none is here
};

struct ext2_fs { // super->private
    struct super *super;
    struct block_device *device;
    struct ext2_geometry geometry;
    struct mutex meta;
    // Under meta.
    struct ext2_disk_super *disk;   // as it is to be written
    struct ext2_disk_group *groups; // likewise
    bool dirty;                     // disk or groups: not yet written
    u32 free_blocks, free_inodes;   // in the bitmaps
    struct ext2_bitmap block_bits, inode_bits;
    struct ext2_run *freed; // let go, and still set in the bitmaps
    u32 freed_runs, freed_blocks;
    u32 *slots[3];          // for trees: a block each
    u32 blank[EXT2_BLANKS]; // zeros on the disk, set in the bitmaps
    u32 blanks;
    struct page *zero; // for making those
    u32 generation;    // of the next inode
    bool was_clean;    // when it was mounted for writing
    u32 failures;      // writes of the device that had failed by then
};

// What an inode has in memory (inode->private).
struct ext2_inode {
    struct ext2_node node; // block[] is true; the rest as of the last store
    u32 goal;              // of the next block: behind the last one
    u64 room;              // directories: where to look for room first
    u64 reach;   // bytes for which there may be blocks beyond the size
    u64 born;    // ext2_next_sync() when it was made; 0: before the mount
    u64 named;   // ... when it got its youngest name
    bool is_new; // never stored: the whole slot is to be written
};

static inline struct ext2_fs *ext2_fs_of(const struct inode *inode)
{
    return inode->super->private;
}

static inline struct ext2_inode *ext2_inode_of(const struct inode *inode)
{
    return inode->private;
}

static inline struct ext2_node *ext2_node_of(const struct inode *inode)
{
    return &ext2_inode_of(inode)->node;
}

// ext2_next_sync - the number of the first sync that will bring to the disk
// what is changed now. Whatever asks for it counts: an fsync of any file syncs
// the whole device.
static inline u64 ext2_next_sync(const struct ext2_fs *fs)
{
    return fs->device->syncs_begun + 1;
}

// ext2_is_promised - whether @inode (may be NULL) may have been sync'ed.
static inline bool ext2_is_promised(const struct inode *inode)
{
    return inode &&
           ext2_inode_of(inode)->born <= ext2_fs_of(inode)->device->syncs_begun;
}

// ---- super.c ---------------------------------------------------------------

// ext2_corrupt - log what is wrong with inode @ino (0: the file system itself).
// Nothing is written to the file system any more. Return: -EUCLEAN.
int ext2_corrupt(struct super *super, u32 ino, const char *what);

// ext2_read - bdev_read that no signal ends: who is being killed finishes what
// he has begun to change. Return: 0; -EIO; -ENOMEM; -ENXIO.
__must_check int ext2_read(struct ext2_fs *fs, u64 pos, void *buf, u32 bytes);

// ---- blocks.c, blank.c, inodes.c -------------------------------------------

// ext2_blocks_available - how many the caller could take. meta is held.
u32 ext2_blocks_available(const struct ext2_fs *fs);

// ext2_blocks_reserve - see to it that @count can be taken; brings what was let
// go into use if need be. Return: 0; -ENOSPC; -EIO. meta is held; may sleep.
__must_check int ext2_blocks_reserve(struct ext2_fs *fs, u32 count);

// ext2_block_take - one block, near @goal (0: anywhere). Return: 0; -ENOSPC;
// -EIO; -ENOMEM; -EUCLEAN. meta is held; may sleep.
__must_check int ext2_block_take(struct ext2_fs *fs, u32 goal, u32 *out);

// ext2_block_free - @block hangs on nothing any more, neither here nor in the
// cache of the device. meta is held; may sleep.
void ext2_block_free(struct ext2_fs *fs, u32 block);

// ext2_run_free - blocks that were taken, and that nothing on the disk points
// to, are free again. Return: 0; -EIO; -ENOMEM; -EUCLEAN. meta is held.
__must_check int ext2_run_free(struct ext2_fs *fs, struct ext2_run run);

// ext2_blank_take - as ext2_block_take; the block is zeros on the disk. Not in
// the cache of the device.
__must_check int ext2_blank_take(struct ext2_fs *fs, u32 goal, u32 *out);

// ext2_blanks_return - those in store are free again. Return: as ext2_run_free.
__must_check int ext2_blanks_return(struct ext2_fs *fs);

// ext2_freed_commit - sync the device; what was let go before is free then.
// Return: 0; -EIO. meta is held; may sleep.
__must_check int ext2_freed_commit(struct ext2_fs *fs);

// The bitmap at @block, of @count bits from @start on changed; meta is held.
__must_check int ext2_bitmap_load(struct ext2_fs *fs, struct ext2_bitmap *map,
                                  u32 block);
__must_check int ext2_bitmap_store(struct ext2_fs *fs, struct ext2_bitmap *map,
                                   u32 start, u32 count);

// ext2_ino_take - a number for a new inode of @mode in @dir. ext2_ino_free.
// Return: 0; -ENOSPC; -EIO; -EUCLEAN. meta is held; may sleep.
__must_check int ext2_ino_take(struct ext2_fs *fs, u32 dir, u32 mode, u32 *out);
__must_check int ext2_ino_free(struct ext2_fs *fs, u32 ino, u32 mode);

// ---- map.c -----------------------------------------------------------------

// ext2_map - the block with part @index of the file; 0: a hole. May sleep.
// Return: 0; -EUCLEAN; -EIO; -ENOMEM; -EFBIG.
__must_check int ext2_map(struct inode *inode, u32 index, u32 *out);

// ext2_map_run - the same; *@out_run: for how many blocks from @index on it is
// known: 1, or, of a hole, up to the end of what hangs on the missing pointer.
__must_check int ext2_map_run(struct inode *inode, u32 index, u32 *out,
                              u32 *out_run);

// ext2_map_make - the same, taken if missing; *@out_fresh: it was (then what it
// holds is not known). Return: as ext2_map; -ENOSPC. meta is held.
__must_check int ext2_map_make(struct inode *inode, u32 index, u32 *out,
                               bool *out_fresh);

// ext2_map_cut - let go of all blocks but the first @keep. meta is held.
// Return: 0; -EIO, -EUCLEAN: not all could be found.
int ext2_map_cut(struct inode *inode, u64 keep);

// ---- inode.c ---------------------------------------------------------------

// ext2_inode_get - inode @ino, from memory or disk. super->names is held, or
// it is being mounted. Return: 0; -EUCLEAN, logged; -EIO; -ENOMEM; -EINTR.
__must_check int ext2_inode_get(struct super *super, u32 ino,
                                struct inode **out);

// ext2_inode_make - a new inode, stored, without a name: nlink is 0.
// Return: 0; -ENOSPC; -ENOMEM; -EIO; -EUCLEAN.
__must_check int ext2_inode_make(struct inode *dir,
                                 const struct inode_seed *seed,
                                 struct inode **out);

// ext2_inode_store - into its table. Return: 0; -EIO; -ENOMEM. May sleep.
__must_check int ext2_inode_store(struct inode *inode);

// ext2_inode_slot - where inode @ino is on the device. Return: 0; -EUCLEAN,
// logged.
__must_check int ext2_inode_slot(struct super *super, u32 ino, u64 *out);

// ext2_seconds - a time as inodes on disk have it.
u32 ext2_seconds(u64 ns);

// For super_ops; ext2_evict is in evict.c.
int ext2_write_inode(struct inode *inode);
void ext2_evict(struct inode *inode);

// ---- file.c ----------------------------------------------------------------

// ext2_trim - let go of blocks beyond the size, which a write that failed may
// have left. inode->lock is held, or nobody else knows the inode.
void ext2_trim(struct inode *inode);

// seek.c
extern const struct file_ops ext2_file_ops;

extern const struct inode_ops ext2_file_inode_ops;
extern const struct mapping_ops ext2_mapping_ops;

// ---- dir.c, names.c --------------------------------------------------------

// A place in a directory: @block is a copy of the block at byte @base.
struct ext2_place {
    u8 *block; // kmalloc
    u64 base;
    u32 at; // of the entry
    u32 disk_block;
};

// ext2_dir_find - the entry of @name. @out->block is the caller's to free, on
// success. Return: 0; -ENOENT; -EUCLEAN; -EIO; -ENOMEM. names is held.
__must_check int ext2_dir_find(struct inode *dir, const struct name *name,
                               struct ext2_place *out);
// ext2_dir_read - copy the block of a place anew. Return: 0; -EUCLEAN; -EIO;
// -ENOMEM.
__must_check int ext2_dir_read(struct inode *dir, struct ext2_place *place);
// ext2_dir_store - write a changed place. Return: 0; -EIO; -ENOMEM.
__must_check int ext2_dir_store(struct inode *dir,
                                const struct ext2_place *place);
// ext2_dir_add - an entry for @inode; *@out_at: the byte of @dir it begins at.
// Return: 0; -ENOSPC; -EIO; -ENOMEM; -EUCLEAN.
__must_check int ext2_dir_add(struct inode *dir, const struct name *name,
                              const struct inode *inode, u64 *out_at);
// ext2_dir_begin - the first block of a new directory: "." and "..".
__must_check int ext2_dir_begin(struct inode *dir, u32 parent);
// ext2_dir_is_empty - Return: 1; 0; -errno.
__must_check int ext2_dir_is_empty(struct inode *dir);

int ext2_create(struct inode *dir, const struct name *name,
                const struct inode_seed *seed, struct inode **out);
int ext2_link(struct inode *dir, const struct name *name, struct inode *inode);
int ext2_remove(struct inode *dir, const struct name *name,
                struct inode *inode);
int ext2_rename(struct inode *from, const struct name *old_name,
                struct inode *to, const struct name *new_name,
                struct inode *inode, struct inode *replaced);

extern const struct inode_ops ext2_dir_inode_ops;
extern const struct file_ops ext2_dir_file_ops;
