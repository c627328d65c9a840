// kernel/selftest_reap.c - selftest=reap: a victim's memory, taken away
// SPDX-License-Identifier: MIT
//
// With programs this takes a victim that is stuck on a lock, which cannot be
// had on demand. Here is an address space that nobody runs in.

#include "selftest_private.h"

#include <mm/mm.h>
#include <mm/oom.h>

#define LOG_NAME "selftest"
#include <kernel/log.h>

#define PAGES 3u

static enum selftest_result reap(struct mm *mm)
{
    struct mmap_request request = {
        .bytes = PAGES << PAGE_SHIFT,
        .vm_flags = VM_READ | VM_WRITE | VM_MAYREAD | VM_MAYWRITE,
    };
    user_addr_t at;

    EXPECT(mm_map(mm, &request, &at) == 0);
    for (u32 i = 0; i < PAGES; i++)
        EXPECT(mm_fault(mm, user_add(at, i << PAGE_SHIFT), FAULT_WRITE) ==
               FAULT_DONE);
    EXPECT(mm->anon_pages == PAGES);

    mutex_lock(&mm->lock);
    EXPECT(oom_reap(mm) == 0);
    mutex_unlock(&mm->lock);
    EXPECT(mm->anon_pages == PAGES);

    EXPECT(oom_reap(mm) == PAGES);
    EXPECT(mm->anon_pages == 0);
    // Not zeros in the place of what was there: the kernel, copying on behalf
    // of the victim, would put them into a file.
    EXPECT(mm_fault(mm, at, FAULT_READ) == FAULT_BUS);
    EXPECT(mm_fault(mm, at, FAULT_WRITE) == FAULT_BUS);
    EXPECT(mm->anon_pages == 0);
    return SELFTEST_OK;
}

enum selftest_result selftest_reap(void)
{
    struct mm *mm = mm_create();
    enum selftest_result result;

    EXPECT(mm);
    result = reap(mm);
    mm_put(mm);
    return result;
}
