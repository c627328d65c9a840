// fs/ext2/dirblock.c - changing the entries of a directory block [P]
// SPDX-License-Identifier: MIT

#include "dirblock.h"

#include <base/bits.h>
#include <base/errno.h>
#include <lib/string.h>

static struct ext2_disk_dirent *record(u8 *block, u32 at)
{
    return (void *)(block + at);
}

static const struct ext2_disk_dirent *record_in(const u8 *block, u32 at)
{
    return (const void *)(block + at);
}

// Bytes that an entry with a name of that length needs.
static u32 entry_bytes(u32 length)
{
    return ALIGN_UP((u32)sizeof(struct ext2_disk_dirent) + length, 4u);
}

int ext2_dirblock_check(const struct ext2_geometry *g, const u8 *block)
{
    const struct ext2_disk_dirent *r;
    u32 at, room;

    for (at = 0; at < g->block_bytes; at += r->record_bytes) {
        room = g->block_bytes - at;
        if (room < sizeof(*r))
            return -EUCLEAN;
        r = record_in(block, at);
        if (r->record_bytes % 4 || r->record_bytes > room ||
            r->record_bytes < sizeof(*r) + r->name_length || r->ino > g->inodes)
            return -EUCLEAN;
    }
    return 0;
}

void ext2_dirblock_init(const struct ext2_geometry *g, u8 *block)
{
    u32 at;

    memset(block, 0, g->block_bytes);
    for (at = 0; at < g->block_bytes; at += EXT2_SECTOR_BYTES)
        record(block, at)->record_bytes = EXT2_SECTOR_BYTES;
}

// Whether the lengths of two records reach the disk together.
static bool in_one_sector(u32 at, u32 other)
{
    u32 place = offsetof(struct ext2_disk_dirent, record_bytes);

    return (at + place) / EXT2_SECTOR_BYTES ==
           (other + place) / EXT2_SECTOR_BYTES;
}

static u32 used_bytes(const struct ext2_disk_dirent *r)
{
    return r->ino ? entry_bytes(r->name_length) : 0;
}

bool ext2_dirblock_find(const struct ext2_geometry *g, const u8 *block,
                        const char *name, u32 length, u32 *out_at)
{
    const struct ext2_disk_dirent *r;
    u32 at;

    for (at = 0; at < g->block_bytes; at += r->record_bytes) {
        r = record_in(block, at);
        if (r->ino && r->name_length == length &&
            memcmp(r + 1, name, length) == 0) {
            *out_at = at;
            return true;
        }
    }
    return false;
}

int ext2_dirblock_insert(const struct ext2_geometry *g, u8 *block,
                         const struct ext2_entry *entry, u32 *out_at)
{
    u32 need = entry_bytes(entry->name_length), at, used;
    struct ext2_disk_dirent *r;

    for (at = 0; at < g->block_bytes; at += r->record_bytes) {
        r = record(block, at);
        used = used_bytes(r);
        if (r->record_bytes - used < need || !in_one_sector(at, at + used))
            continue;
        if (used)
            r = ext2_dirblock_split(block, at);
        r->ino = entry->ino;
        r->name_length = (u8)entry->name_length;
        r->file_type = g->has_file_types ? (u8)entry->type : 0;
        memcpy(r + 1, entry->name, entry->name_length);
        *out_at = at + used;
        return 0;
    }
    return -ENOSPC;
}

bool ext2_dirblock_plant(const struct ext2_geometry *g, u8 *block, u32 length,
                         u32 *out_at)
{
    struct ext2_disk_dirent *r, *free;
    u32 at, used;

    for (at = 0; at < g->block_bytes; at += r->record_bytes) {
        r = record(block, at);
        used = used_bytes(r);
        if (!used || r->record_bytes - used < entry_bytes(length))
            continue;
        free = record(block, at + used);
        memset(free, 0, sizeof(*free));
        free->record_bytes = (u16)(r->record_bytes - used);
        *out_at = at;
        return true;
    }
    return false;
}

struct ext2_disk_dirent *ext2_dirblock_split(u8 *block, u32 at)
{
    struct ext2_disk_dirent *r = record(block, at);
    u32 used = used_bytes(r);
    struct ext2_disk_dirent *rest = record(block, at + used);

    rest->record_bytes = (u16)(r->record_bytes - used);
    r->record_bytes = (u16)used;
    return rest;
}

void ext2_dirblock_remove(u8 *block, u32 at)
{
    struct ext2_disk_dirent *gone = record(block, at), *r = NULL;
    u32 before = 0, next;

    gone->ino = 0;
    for (next = 0; next < at; next += r->record_bytes) {
        before = next;
        r = record(block, before);
    }
    if (r && in_one_sector(before, at))
        r->record_bytes = (u16)(r->record_bytes + gone->record_bytes);
}

void ext2_dirblock_set(const struct ext2_geometry *g, u8 *block, u32 at,
                       u32 ino, u32 type)
{
    struct ext2_disk_dirent *r = record(block, at);

    r->ino = ino;
    r->file_type = g->has_file_types ? (u8)type : 0;
}

static bool is_dots(const struct ext2_disk_dirent *r)
{
    const char *name = (const char *)(r + 1);

    return name[0] == '.' &&
           (r->name_length == 1 || (r->name_length == 2 && name[1] == '.'));
}

bool ext2_dirblock_is_empty(const struct ext2_geometry *g, const u8 *block)
{
    const struct ext2_disk_dirent *r;
    u32 at;

    for (at = 0; at < g->block_bytes; at += r->record_bytes) {
        r = record_in(block, at);
        if (r->ino && !is_dots(r))
            return false;
    }
    return true;
}
