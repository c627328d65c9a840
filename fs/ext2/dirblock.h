// fs/ext2/dirblock.h - changing the entries of a directory block [P]
// SPDX-License-Identifier: MIT
//
// A block is a chain of records that fills it to the end. A record may be
// longer than its entry, or have no entry (ino 0). Entries never move: a new
// one goes into what a record has too much, and a removed one becomes part of
// the record before it. So the place of an entry is a position to go on from,
// whatever happens around it.
//
// All but init want a block that ext2_dirblock_check found sound.
#pragma once

#include "parse.h"

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
// Return: 0; -ENOSPC: no record has that much to spare.
__must_check int ext2_dirblock_insert(const struct ext2_geometry *g, u8 *block,
                                      const struct ext2_entry *entry);

void ext2_dirblock_remove(u8 *block, u32 at);

// ext2_dirblock_set - the entry at @at leads elsewhere.
void ext2_dirblock_set(const struct ext2_geometry *g, u8 *block, u32 at,
                       u32 ino, u32 type);

// ext2_dirblock_is_empty - no entries but "." and "..".
bool ext2_dirblock_is_empty(const struct ext2_geometry *g, const u8 *block);
