// fs/locks.c - locks on files: flock(2), and fcntl(2)'s of both kinds
// SPDX-License-Identifier: MIT
//
// Each file that was ever locked has two lists of ranges (fs/lock_range.h): one
// for flock, whose owner is an open file and whose range is all there is, and
// one for records, whose owner is a descriptor table (POSIX) or an open file
// (OFD). The two lists do not know of each other, as on Linux.
//
// Who waits is on a list of all waiters. A ring of POSIX owners that wait for
// one another is looked for before each wait, by what is in the way of each
// now; further than RING_MAX it is not followed, as on Linux.
//
// Locking: for tasks only; nothing sleeps between a look and a change.

#include <fs/locks.h>

#include <fs/vfs.h>
#include <kernel/signal.h>
#include <kernel/task.h>
#include <mm/page_alloc.h>
#include <mm/slab.h>

#define RING_MAX 10u

struct file_locks {
    struct list_head link; // all_locks
    struct inode *inode;
    struct list_head whole;   // flock
    struct list_head records; // POSIX, OFD
    struct wait_queue queue;  // something was given up
};

struct waiter {
    struct list_head link; // waiters
    const struct list_head *list;
    const struct lock_range *want;
};

static LIST_HEAD(all_locks);
static LIST_HEAD(waiters); // for POSIX locks

static void free_ranges(struct list_head *spare)
{
    struct lock_range *range, *next;

    list_for_each_entry_safe (range, next, spare, link)
        kfree(range);
}

// As many as lock_range_set may need. Return: 0; -ENOMEM: none.
static int alloc_ranges(struct list_head *spare)
{
    struct lock_range *range;
    u32 i;

    for (i = 0; i < LOCK_RANGE_SPARES; i++) {
        range = kmalloc(sizeof(*range), GFP_KERNEL);
        if (!range) {
            free_ranges(spare);
            return -ENOMEM;
        }
        list_add_tail(&range->link, spare);
    }
    return 0;
}

// The inode's, made if it has none. NULL: no memory.
static struct file_locks *locks_of(struct inode *inode)
{
    struct file_locks *fresh;

    if (inode->locks)
        return inode->locks;
    fresh = kzalloc(sizeof(*fresh), GFP_KERNEL);
    if (!fresh || inode->locks) { // made by another while we slept
        kfree(fresh);
        return inode->locks;
    }
    list_init(&fresh->whole);
    list_init(&fresh->records);
    wait_queue_init(&fresh->queue);
    fresh->inode = inode;
    list_add_tail(&fresh->link, &all_locks);
    inode->locks = fresh;
    return fresh;
}

void locks_inode_gone(struct inode *inode)
{
    if (!inode->locks)
        return;
    list_del(&inode->locks->link);
    kfree(inode->locks);
    inode->locks = NULL;
}

// ---- waiting ---------------------------------------------------------------

static struct waiter *waiter_of(const void *owner)
{
    struct waiter *w;

    list_for_each_entry (w, &waiters, link)
        if (w->want->owner == owner)
            return w;
    return NULL;
}

// Whether who has @in_the_way waits, over others perhaps, for @owner.
static bool is_ring(const struct lock_range *in_the_way, const void *owner)
{
    u32 i;

    for (i = 0; in_the_way && i < RING_MAX; i++) {
        const struct waiter *w = waiter_of(in_the_way->owner);

        if (!w)
            return false;
        in_the_way = lock_range_conflict(w->list, w->want);
        if (in_the_way && in_the_way->owner == owner)
            return true;
    }
    return false;
}

// Waits until nothing is in the way of @want, for a moment at least.
static int wait_for_range(struct file_locks *locks, enum lock_kind kind,
                          const struct list_head *list,
                          const struct lock_range *want)
{
    struct waiter w = {.list = list, .want = want};
    int rc;

    list_init(&w.link);
    if (kind == LOCK_POSIX) {
        if (is_ring(lock_range_conflict(list, want), want->owner))
            return -EDEADLK;
        list_add_tail(&w.link, &waiters);
    }
    rc = wait_event_interruptible(&locks->queue,
                                  !lock_range_conflict(list, want));
    list_del(&w.link);
    return rc ? -ERESTARTSYS : 0;
}

// ---- taking and giving up --------------------------------------------------

static void set(struct file_locks *locks, struct list_head *list,
                const struct lock_range *want, struct list_head *spare)
{
    if (lock_range_set(list, want, spare))
        wake_up(&locks->queue);
}

// @owner gives up all that it has in @list.
static void give_up(struct file_locks *locks, struct list_head *list,
                    const void *owner)
{
    struct lock_range none = {.owner = owner, .last = LOCK_RANGE_END};
    LIST_HEAD(spare);

    set(locks, list, &none, &spare);
    free_ranges(&spare);
}

static const void *owner_of(struct file *file, enum lock_kind kind,
                            struct files *files)
{
    return kind == LOCK_POSIX ? (const void *)files : file;
}

int file_lock(struct file *file, enum lock_kind kind, struct files *files,
              enum lock_mode mode, u64 start, u64 last, bool wait)
{
    bool all = mode == LOCK_MODE_NONE && start == 0 && last == LOCK_RANGE_END;
    struct file_locks *locks = locks_of(file->inode);
    struct lock_range want = {
        .owner = owner_of(file, kind, files),
        .start = start,
        .last = last,
        .mode = mode,
        .pid = kind == LOCK_OFD ? -1 : current->tgid,
    };
    struct list_head *list;
    LIST_HEAD(spare);
    int rc = 0;

    if (!locks)
        return all ? 0 : -ENOMEM;
    if (!all) // giving up everything needs no memory
        rc = alloc_ranges(&spare);
    if (rc)
        return rc;
    list = kind == LOCK_FLOCK ? &locks->whole : &locks->records;
    while (!rc && lock_range_conflict(list, &want)) {
        if (kind == LOCK_FLOCK)
            give_up(locks, list, want.owner);
        if (lock_range_conflict(list, &want))
            rc = wait ? wait_for_range(locks, kind, list, &want) : -EAGAIN;
    }
    if (!rc)
        set(locks, list, &want, &spare);
    free_ranges(&spare);
    return rc;
}

bool file_lock_test(struct file *file, enum lock_kind kind, struct files *files,
                    enum lock_mode mode, u64 start, u64 last,
                    struct lock_range *out)
{
    const struct lock_range want = {
        .owner = owner_of(file, kind, files),
        .start = start,
        .last = last,
        .mode = mode,
    };
    const struct lock_range *found = NULL;

    if (file->inode->locks)
        found = lock_range_conflict(&file->inode->locks->records, &want);
    if (found)
        *out = *found;
    return found != NULL;
}

void locks_table_closed(struct file *file, struct files *files)
{
    struct file_locks *locks = file->inode->locks;

    if (locks && !list_empty(&locks->records))
        give_up(locks, &locks->records, files);
}

void locks_file_gone(struct file *file)
{
    struct file_locks *locks = file->inode->locks;

    if (!locks)
        return;
    give_up(locks, &locks->records, file);
    give_up(locks, &locks->whole, file);
}

void locks_for_each(void (*show)(void *arg, enum lock_kind kind,
                                 const struct inode *inode,
                                 const struct lock_range *range),
                    void *arg)
{
    struct file_locks *locks;
    struct lock_range *range;

    list_for_each_entry (locks, &all_locks, link) {
        list_for_each_entry (range, &locks->whole, link)
            show(arg, LOCK_FLOCK, locks->inode, range);
        list_for_each_entry (range, &locks->records, link)
            show(arg, range->pid < 0 ? LOCK_OFD : LOCK_POSIX, locks->inode,
                 range);
    }
}
