// include/fs/poll.h - waiting for one of several files
// SPDX-License-Identifier: MIT
#pragma once

#include <kernel/wait.h>

struct file;

struct poll_entry {
    struct file *file; // held by the caller; NULL: not looked at
    u32 wanted;        // poll(2)'s bits; errors and hang-ups always count
    u32 found;
    // Used by poll_files.
    struct wait_queue *queue;
    struct wait_entry wait;
};

// file_events - what @file has now (poll(2)'s bits), and the queue that is
// woken when that changes; NULL: it never does. Does not sleep.
u32 file_events(struct file *file, struct wait_queue **queue);

#define POLL_FOREVER 0u // as deadline
#define POLL_NO_WAIT 1u

// poll_files - wait until one of @count files has what is wanted of it, or
// time_ns() reaches @deadline_ns. Return: how many have something (entries'
// found); 0: the time has come; -EINTR: a signal. Context: task, may sleep.
__must_check s32 poll_files(struct poll_entry *entries, u32 count,
                            u64 deadline_ns);
