// include/kernel/mutex.h - sleeping locks with a rank
// SPDX-License-Identifier: MIT
//
// A task takes mutexes in ascending rank only (asserted), so that no two can
// wait for each other. Same rank twice is refused, too.
//
// The order, lowest first: see enum mutex_rank. Page locks (mm/pagecache.h)
// come after MUTEX_RANK_MM, and are taken with trylock by reclaim.
#pragma once

#include <kernel/wait.h>

enum mutex_rank {
    MUTEX_RANK_SUPER = 3,    // writing all inodes of a file system
    MUTEX_RANK_FILE_POS = 5, // of an open file
    MUTEX_RANK_FS_RENAME = 10,
    MUTEX_RANK_INODE = 20, // of a directory or file
    MUTEX_RANK_TTY = 25,
    MUTEX_RANK_SOCKET = 28,
    MUTEX_RANK_PIPE = 30,
    MUTEX_RANK_TRACE = 35,   // what is traced
    MUTEX_RANK_MM = 40,      // mm->lock
    MUTEX_RANK_FS_META = 50, // a file system's own tables
    MUTEX_RANK_DEVICE = 60,
};

struct mutex {
    struct task *owner; // NULL: free
    struct wait_queue queue;
    enum mutex_rank rank;
    struct mutex *held_next; // the owner's stack of held ones
};

#define MUTEX_INIT(name, r)                                                    \
    {                                                                          \
        .queue = WAIT_QUEUE_INIT((name).queue), .rank = (r)                    \
    }

void mutex_init(struct mutex *mutex, enum mutex_rank rank);
// Context: task; sleeps. Not recursive (asserted).
void mutex_lock(struct mutex *mutex);
bool mutex_trylock(struct mutex *mutex);
void mutex_unlock(struct mutex *mutex);
bool mutex_held(const struct mutex *mutex); // by the current task
