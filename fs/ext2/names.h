// fs/ext2/names.h - between names.c and rename.c
// SPDX-License-Identifier: MIT
//
// Of all: super->names is held; may sleep.
#pragma once

#include "ext2.h"

// ext2_store_touched - @dir has changed now: store it. Return: 0; -errno.
__must_check int ext2_store_touched(struct inode *dir);

// ext2_set_links - a changed count of links, on its way to the disk. Failing is
// remembered as any error of the device is; the inode stays dirty.
void ext2_set_links(struct inode *inode, u32 links);

// ext2_order_names - a name is about to go, and a younger one of @inode to
// stay: that one is brought to the disk first. Return: 0; -EIO.
__must_check int ext2_order_names(struct inode *inode);

// ext2_remove_entry - the entry at @place of @dir goes. Return: 0; -errno.
__must_check int ext2_remove_entry(struct inode *dir, struct ext2_place *place);

// ext2_unname - @inode has lost its name in @dir. Return: 0; -errno.
__must_check int ext2_unname(struct inode *dir, struct inode *inode);
