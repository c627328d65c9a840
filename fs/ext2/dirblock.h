// fs/ext2/dirblock.h - changing the entries of a directory block [P]
// SPDX-License-Identifier: MIT
//
// A block is a chain of records that fills it to the end. A record may be
// longer than its entry, or have no entry (ino 0). Entries never move: a new
// one goes into what a record has too much, and a removed one becomes part of
// the record before it. So the place of an entry is a position to go on from,
// whatever happens around it.
//
// A disk whose power goes off has written a block sector by sector. If a record
// was made shorter, but what is now the next one is still old bytes, the chain
// is broken and e2fsck drops all that follows. So records are divided, and
// joined, only inside a sector; our own blocks begin with a record for each. A
// record that is longer (other systems make those) is divided in two steps, of
// which the first has to be on the disk before the second: plant, split.
//
// All but init want a block that ext2_dirblock_check found sound.
#pragma once

#include "parse.h"

#define EXT2_SECTOR_BYTES 512u // what a disk writes whole, or not at all

// ext2_dirblock_check - the chain of records, not the bytes of names: whoever
// shows those uses ext2_dir_next. Return: 0; -EUCLEAN.
__must_check int ext2_dirblock_check(const struct ext2_geometry *g,
                                     const u8 *block);

void ext2_dirblock_init(const struct ext2_geometry *g, u8 *block);

// ext2_dirblock_find - where the entry of @name is, in bytes. Return: whether
// there is one.
__must_check bool ext2_dirblock_find(const struct ext2_geometry *g,
                                     const u8 *block, const char *name,
                                     u32 length, u32 *out_at);

// ext2_dirblock_insert - @entry: ino, type and name (1 to 255 bytes).
// Return: 0, and its place; -ENOSPC: no record has that much to spare, or only
// in another sector.
__must_check int ext2_dirblock_insert(const struct ext2_geometry *g, u8 *block,
                                      const struct ext2_entry *entry,
                                      u32 *out_at);

// ext2_dirblock_plant - make a record in what the one at *@out_at, which has an
// entry, has to spare: enough for a name of @length bytes. Nothing leads to it
// before ext2_dirblock_split. Return: whether there is room.
__must_check bool ext2_dirblock_plant(const struct ext2_geometry *g, u8 *block,
                                      u32 length, u32 *out_at);

// ext2_dirblock_split - cut the record at @at behind its entry. Return: the
// rest, without an entry if it was planted.
struct ext2_disk_dirent *ext2_dirblock_split(u8 *block, u32 at);

void ext2_dirblock_remove(u8 *block, u32 at);

// ext2_dirblock_set - the entry at @at leads elsewhere.
void ext2_dirblock_set(const struct ext2_geometry *g, u8 *block, u32 at,
                       u32 ino, u32 type);

// ext2_dirblock_is_empty - no entries but "." and "..".
bool ext2_dirblock_is_empty(const struct ext2_geometry *g, const u8 *block);
