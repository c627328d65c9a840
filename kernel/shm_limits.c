// kernel/shm_limits.c - System V shared memory: /proc/sys/kernel/shm*
// SPDX-License-Identifier: MIT

#include <kernel/shm.h>

#include <base/assert.h>
#include <base/errno.h>
#include <lib/fmt.h>
#include <lib/string.h>

#include "shm_private.h"

#define SEGMENTS_MOST 4096u
// As large as can be without overflowing who adds to them (Linux).
#define LIMIT_DEFAULT (0xffffffffu - (1u << 24))

u32 shm_max_bytes = LIMIT_DEFAULT;
u32 shm_max_pages = LIMIT_DEFAULT;
u32 shm_max_segments = SEGMENTS_MOST;

static u32 *limit_of(const char *name)
{
    if (strcmp(name, "shmmax") == 0)
        return &shm_max_bytes;
    if (strcmp(name, "shmall") == 0)
        return &shm_max_pages;
    ASSERT(strcmp(name, "shmmni") == 0);
    return &shm_max_segments;
}

void shm_limit_show(const char *name, char *buf, size_t size)
{
    fmt_print(buf, size, "%u\n", *limit_of(name));
}

int shm_limit_store(const char *name, const char *text)
{
    u32 *limit = limit_of(name);
    u64 number, most = limit == &shm_max_segments ? SHM_SLOTS_MAX : 0xffffffffu;

    if (str_to_u64(text, 10, &number, &text) || number > most)
        return -EINVAL;
    if (strcmp(text, "\n") != 0 && *text)
        return -EINVAL;
    *limit = (u32)number;
    return 0;
}
