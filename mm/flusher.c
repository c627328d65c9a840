// mm/flusher.c - the thread that writes dirty pages, and who waits for it
// SPDX-License-Identifier: MIT
//
// It wakes every dirty_writeback_centisecs and writes what has been dirty for
// longer than dirty_expire_centisecs; and whenever there is more that is dirty
// than the background limit, until there is not. Reclaim does not write pages
// of files itself, deep in somebody's stack and one page at a time: it wakes
// this thread, which writes them in the order of the disk.
//
// Who dirties pages beyond the limit waits here until enough was written. It
// does not write itself: one writer keeps requests in order.
//
// Invariant: no mapping is visited twice for one purpose: after a visit it is
// as young as what is dirtied now.

#include <mm/writeback.h>

#include <kernel/panic.h>
#include <kernel/task.h>
#include <kernel/time.h>
#include <kernel/wait.h>
#include <mm/gfp_scope.h>

#include "pagecache_private.h"

#define VISIT_PAGES     1024u // of one file, before the next has its turn
#define THROTTLE_NS     (200ull * NSEC_PER_MSEC)
#define THROTTLE_ROUNDS 50u // without any page written: then go on
#define LOOK_EVERY      8u  // pages dirtied between looks at the limits

static WAIT_QUEUE(flusher_queue);
static WAIT_QUEUE(throttle_queue);
static LIST_HEAD(clients);
static bool wanted, wanted_all;

void writeback_register(struct writeback_client *client)
{
    list_add_tail(&client->link, &clients);
}

void flusher_wake(void)
{
    WRITE_ONCE(wanted, true);
    wake_up(&flusher_queue);
}

void writeback_wake(void)
{
    WRITE_ONCE(wanted_all, true);
    flusher_wake();
}

void flusher_write_done(void)
{
    wake_up(&throttle_queue);
}

static void write_older_than(u64 before_ns)
{
    struct mapping *mapping;

    while ((mapping = dirty_mapping_oldest(before_ns)))
        (void)mapping_write_some(mapping, ~0u);
}

// Down to the background limit. Pages that somebody has locked are left out;
// when a round through all mappings finds nothing else, that is it for now.
static void write_background(void)
{
    u64 round_ns = time_ns();
    u32 limit, background, written = 0;
    struct mapping *mapping;

    for (;;) {
        dirty_limits(&limit, &background);
        if (pages_to_write() <= background)
            return;
        mapping = dirty_mapping_oldest(round_ns);
        if (mapping) {
            written += mapping_write_some(mapping, VISIT_PAGES);
            continue;
        }
        if (!written)
            return;
        written = 0;
        round_ns = time_ns();
    }
}

static void flush_metadata(void)
{
    struct writeback_client *client;

    list_for_each_entry (client, &clients, link)
        client->flush_metadata();
}

static u64 next_visit_ns(void)
{
    u32 centisecs = dirty_setting(DIRTY_WRITEBACK_CENTISECS);

    return centisecs ? time_ns() + (u64)centisecs * 10 * NSEC_PER_MSEC : 0;
}

static void flusher(void *unused)
{
    (void)unused;
    (void)memalloc_nofs_save();
    for (;;) {
        // No signal comes: interruptible so that it is shown as idle.
        int why = wait_event_full(&flusher_queue, READ_ONCE(wanted),
                                  WAIT_INTERRUPTIBLE, next_visit_ns());
        bool all = READ_ONCE(wanted_all);
        u64 expire_ns = dirty_expire_ns(), now = time_ns();

        WRITE_ONCE(wanted, false);
        WRITE_ONCE(wanted_all, false);
        if (why == -ETIMEDOUT)
            flush_metadata();
        if (all)
            write_older_than(now);
        else if (now > expire_ns)
            write_older_than(now - expire_ns);
        write_background();
    }
}

void writeback_init(void)
{
    if (!kthread_start(flusher, NULL, "flusher"))
        panic("no memory for the flusher");
}

// ---- throttling ------------------------------------------------------------

static bool too_much(void)
{
    u32 limit, background;

    dirty_limits(&limit, &background);
    return pages_to_write() > limit;
}

void writeback_throttle(void)
{
    static u32 dirtied;
    u32 limit, background, before, rounds = 0;

    if (++dirtied % LOOK_EVERY)
        return;
    dirty_limits(&limit, &background);
    if (pages_to_write() <= background)
        return;
    flusher_wake();
    while (too_much() && rounds < THROTTLE_ROUNDS) {
        before = pages_to_write();
        if (wait_event_full(&throttle_queue, !too_much(), WAIT_KILLABLE,
                            time_ns() + THROTTLE_NS) == -EINTR)
            return;
        rounds = pages_to_write() < before ? 0 : rounds + 1;
        flusher_wake();
    }
}

// ---- sync ------------------------------------------------------------------

void writeback_start_all(void)
{
    write_older_than(time_ns());
}

// Pages that somebody had locked are found in the second round, which waits
// for them.
void writeback_sync_all(void)
{
    u64 begin_ns = time_ns();
    struct mapping *mapping;

    writeback_start_all();
    dirty_mappings_wait();
    while ((mapping = dirty_mapping_oldest(begin_ns)))
        (void)mapping_sync(mapping, 0, ~0u);
}
