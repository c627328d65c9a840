// fs/poll.c - waiting for one of several files
// SPDX-License-Identifier: MIT
//
// How it works: the task is put on the queue of each file, and sleeps on one of
// its own, whose condition asks all files again. Any of the queues wakes it. A
// change between the question and the sleep is not lost, since the condition is
// evaluated with interrupts off and the task already on all queues.

#include <fs/poll.h>

#include <fs/vfs.h>
#include <kernel/task.h>
#include <linux/poll.h>

u32 file_events(struct file *file, struct wait_queue **queue)
{
    *queue = NULL;
    if (!file->ops->poll)
        return POLLIN | POLLRDNORM | POLLOUT | POLLWRNORM;
    return file->ops->poll(file, queue);
}

// Asks all. Return: how many have something.
static u32 scan(struct poll_entry *entries, u32 count)
{
    u32 ready = 0, i;

    for (i = 0; i < count; i++) {
        struct poll_entry *entry = &entries[i];

        if (!entry->file)
            continue;
        entry->found = file_events(entry->file, &entry->queue) &
                       (entry->wanted | POLLERR | POLLHUP);
        ready += entry->found != 0;
    }
    return ready;
}

static void enqueue(struct poll_entry *entries, u32 count)
{
    u32 i;

    for (i = 0; i < count; i++) {
        list_init(&entries[i].wait.link);
        if (!entries[i].file || !entries[i].queue)
            continue;
        entries[i].wait.task = current;
        wait_add(entries[i].queue, &entries[i].wait);
    }
}

static void dequeue(struct poll_entry *entries, u32 count)
{
    u32 i;

    for (i = 0; i < count; i++)
        wait_remove(&entries[i].wait);
}

s32 poll_files(struct poll_entry *entries, u32 count, u64 deadline_ns)
{
    WAIT_QUEUE(own);
    u32 ready = scan(entries, count);
    int rc;

    if (ready || deadline_ns == POLL_NO_WAIT)
        return (s32)ready;
    enqueue(entries, count);
    rc = wait_event_full(&own, (ready = scan(entries, count)) != 0,
                         WAIT_INTERRUPTIBLE, deadline_ns);
    dequeue(entries, count);
    return rc == -EINTR ? -EINTR : (s32)ready;
}
