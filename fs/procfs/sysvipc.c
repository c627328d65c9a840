// fs/procfs/sysvipc.c - /proc/sysvipc
// SPDX-License-Identifier: MIT
//
// The format is that of Linux's 32-bit kernels; ipcs(1) reads it.

#include "procfs.h"

#include <kernel/shm.h>

int proc_show_shm(struct proc_text *text, const struct proc_ref *ref)
{
    (void)ref;
    proc_print(text, "       key      shmid perms       size  cpid  lpid "
                     "nattch   uid   gid  cuid  cgid      atime      dtime"
                     "      ctime        rss       swap\n");
    for (u32 slot = 0; slot < shm_slots(); slot++) {
        const struct shm_segment *s = shm_find_slot(slot);

        if (!s)
            continue;
        proc_print(text,
                   "%10d %10d  %4o %10u %5d %5d  %5u %5u %5u %5u %5u "
                   "%10llu %10llu %10llu %10u %10u\n",
                   s->key, s->id, s->mode, s->bytes, s->cpid, s->lpid,
                   s->attaches, s->uid, s->gid, s->cuid, s->cgid, s->attached_s,
                   s->detached_s, s->changed_s,
                   shm_resident_pages(s) * PAGE_SIZE,
                   shm_swapped_pages(s) * PAGE_SIZE);
    }
    return 0;
}
