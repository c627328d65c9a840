// kernel/shm.c - System V shared memory: segments and their attachments
// SPDX-License-Identifier: MIT
//
// A table of segments by number. The number is the place in the table and, from
// bit 15 on, a sequence that goes up when places are used again, so that an old
// number finds nothing.
//
// A removed segment goes with its last attachment (kernel/shm_attach.c); until
// then it can still be found by its number, as on Linux.
//
// Locking: none. The table is looked at and changed without sleeping, and
// looked at again after a sleep. (A lock would have to be taken in close of an
// area, under mm->lock, and in shmat before mm->lock.)

#include <kernel/shm.h>

#include <base/bits.h>
#include <base/errno.h>
#include <fs/file.h>
#include <fs/shmem.h>
#include <kernel/cred.h>
#include <kernel/shm_abi.h>
#include <kernel/task.h>
#include <kernel/time.h>
#include <lib/div64.h>
#include <lib/fmt.h>
#include <lib/string.h>
#include <mm/commit.h>
#include <mm/shmem.h>
#include <mm/slab.h>
#include <mm/vm_sysctl.h>

#include "shm_private.h"

#define SLOTS_FIRST  32u
#define SEQUENCE_MAX (0x7fffffffu >> SHM_SLOT_BITS)

static struct shm_segment **table;
static u32 table_size; // places in it
static u32 count, total_pages;
static u32 sequence, last_slot;

u64 shm_now_s(void)
{
    u64 now = time_wall_ns_coarse();

    (void)u64_div(&now, NSEC_PER_SEC);
    return now;
}

static u32 pages_of(u32 bytes)
{
    return bytes / PAGE_SIZE + (bytes % PAGE_SIZE != 0);
}

// ---- the table -------------------------------------------------------------

struct shm_segment *shm_find_slot(u32 slot)
{
    return slot < table_size ? table[slot] : NULL;
}

u32 shm_slots(void)
{
    return table_size;
}

struct shm_segment *shm_find(s32 id)
{
    struct shm_segment *segment;

    if (id < 0)
        return NULL;
    segment = shm_find_slot((u32)id % SHM_SLOTS_MAX);
    return segment && segment->id == id ? segment : NULL;
}

static struct shm_segment *find_key(s32 key)
{
    for (u32 slot = 0; slot < table_size; slot++)
        if (table[slot] && table[slot]->key == key)
            return table[slot];
    return NULL;
}

static u32 free_slot(void)
{
    u32 slot = 0;

    while (slot < table_size && table[slot])
        slot++;
    return slot;
}

// Room for one more. Return: 0; -ENOSPC; -ENOMEM. May sleep.
static int grow(void)
{
    while (free_slot() == table_size) {
        u32 size = table_size ? table_size * 2 : SLOTS_FIRST;
        struct shm_segment **bigger, **old = table;

        if (table_size >= SHM_SLOTS_MAX)
            return -ENOSPC;
        bigger = kzalloc(size * (u32)sizeof(*bigger), GFP_KERNEL);
        if (!bigger)
            return -ENOMEM;
        if (size <= table_size) { // somebody else was faster
            kfree(bigger);
            continue;
        }
        memcpy(bigger, table, table_size * sizeof(*bigger));
        table = bigger;
        table_size = size;
        kfree(old);
    }
    return 0;
}

// There is room. No sleep.
static void insert(struct shm_segment *segment)
{
    u32 slot = free_slot();

    if (slot <= last_slot && ++sequence > SEQUENCE_MAX)
        sequence = 0;
    last_slot = slot;
    segment->id = (s32)(sequence << SHM_SLOT_BITS | slot);
    table[slot] = segment;
    count++;
    total_pages += pages_of(segment->bytes);
}

// ---- making ----------------------------------------------------------------

static int check_new(u32 bytes, u32 flags)
{
    if (bytes < 1 || bytes > shm_max_bytes)
        return -EINVAL;
    if (pages_of(bytes) > shm_max_pages ||
        total_pages > shm_max_pages - pages_of(bytes) ||
        count >= shm_max_segments)
        return -ENOSPC;
    return flags & SHM_HUGETLB ? -ENOMEM : 0; // there are none reserved
}

static struct shm_segment *segment_create(s32 key, u32 bytes, u32 flags)
{
    struct shm_segment *segment = kzalloc(sizeof(*segment), GFP_KERNEL);
    char name[32];

    if (!segment)
        return NULL;
    *segment = (struct shm_segment){
        .key = key,
        .mode = flags & 0777u,
        .uid = current->cred->euid,
        .gid = current->cred->egid,
        .cuid = current->cred->euid,
        .cgid = current->cred->egid,
        .bytes = bytes,
        .cpid = current->tgid,
        .changed_s = shm_now_s(),
    };
    fmt_print(name, sizeof(name), "/SYSV%08x (deleted)", (u32)key);
    if (shmem_file_create(name, bytes, segment->mode, &segment->file))
        goto err_free;
    if ((!(flags & SHM_NORESERVE) || vm_overcommit == COMMIT_NEVER) &&
        shmem_promise(&segment->file->inode->mapping,
                      (u32)pages_of(segment->bytes)))
        goto err_put;
    segment->file->private = segment;
    return segment;

err_put:
    file_put(segment->file);
err_free:
    kfree(segment);
    return NULL;
}

// No sleep before the segment is out of the table.
static void segment_destroy(struct shm_segment *segment)
{
    ASSERT(segment->attaches == 0);
    table[(u32)segment->id % SHM_SLOTS_MAX] = NULL;
    count--;
    total_pages -= pages_of(segment->bytes);
    file_put(segment->file);
    kfree(segment);
}

static s32 make(s32 key, u32 bytes, u32 flags)
{
    struct shm_segment *segment;
    int err = check_new(bytes, flags);

    if (err)
        return err;
    segment = segment_create(key, bytes, flags);
    if (!segment)
        return -ENOMEM;
    err = grow();
    if (!err) // again: it slept
        err = check_new(bytes, flags);
    if (!err && key != IPC_PRIVATE && find_key(key))
        err = -EAGAIN;
    if (!err) {
        insert(segment);
        return segment->id;
    }
    file_put(segment->file);
    kfree(segment);
    return err;
}

static s32 get_existing(const struct shm_segment *segment, u32 bytes, u32 flags)
{
    int err;

    if ((flags & IPC_CREAT) && (flags & IPC_EXCL))
        return -EEXIST;
    if (segment->bytes < bytes)
        return -EINVAL;
    err = shm_may(segment, flags);
    return err ? err : segment->id;
}

s32 shm_get(s32 key, u32 bytes, u32 flags)
{
    s32 result;

    do {
        const struct shm_segment *segment =
            key == IPC_PRIVATE ? NULL : find_key(key);

        if (segment)
            return get_existing(segment, bytes, flags);
        if (key != IPC_PRIVATE && !(flags & IPC_CREAT))
            return -ENOENT;
        result = make(key, bytes, flags);
    } while (result == -EAGAIN);
    return result;
}

static bool in_group(const struct cred *cred, u32 gid)
{
    return cred->egid == gid || cred_has_group(cred, gid);
}

int shm_may(const struct shm_segment *segment, u32 wanted)
{
    const struct cred *me = current->cred;
    u32 mode = segment->mode & 0777u;

    wanted |= wanted >> 3;
    wanted |= wanted >> 3;
    if (me->euid == segment->cuid || me->euid == segment->uid)
        mode >>= 6;
    else if (in_group(me, segment->cgid) || in_group(me, segment->gid))
        mode >>= 3;
    return (wanted & ~mode & 7u) && !cred_has(me, CAP_IPC_OWNER) ? -EACCES : 0;
}

void shm_remove(struct shm_segment *segment)
{
    if (segment->attaches == 0) {
        segment_destroy(segment);
        return;
    }
    segment->mode |= SHM_MODE_DEST;
    segment->key = IPC_PRIVATE;
}

void shm_put(struct shm_segment *segment)
{
    ASSERT(segment->attaches > 0);
    if (--segment->attaches == 0 && (segment->mode & SHM_MODE_DEST))
        segment_destroy(segment);
}

// ---- what can be seen ------------------------------------------------------

static struct mapping *mapping_of(const struct shm_segment *segment)
{
    return &segment->file->inode->mapping;
}

void shm_set_locked(struct shm_segment *segment, bool locked)
{
    if (locked)
        segment->mode |= SHM_MODE_LOCKED;
    else
        segment->mode &= ~SHM_MODE_LOCKED;
    shmem_set_locked(mapping_of(segment), locked);
}

u32 shm_resident_pages(const struct shm_segment *segment)
{
    return mapping_of(segment)->page_count;
}

u32 shm_swapped_pages(const struct shm_segment *segment)
{
    return mapping_of(segment)->shmem->swapped_pages;
}

void shm_totals(struct shm_totals *out)
{
    *out = (struct shm_totals){.segments = count, .pages = total_pages};
    for (u32 slot = 0; slot < table_size; slot++) {
        if (!table[slot])
            continue;
        out->resident += shm_resident_pages(table[slot]);
        out->swapped += shm_swapped_pages(table[slot]);
    }
}
