// kernel/selftest_retry.c - selftest=retry: a fault that can be answered only
// when another task has run
// SPDX-License-Identifier: MIT
//
// As when a file is truncated: its page is not the file's any more, but is
// still mapped, until the task that truncates gets to run again. That one is in
// the middle of it for a few instructions; here it is as slow as it likes.

#include "selftest_private.h"

#include <kernel/task.h>
#include <kernel/time.h>
#include <mm/mm.h>
#include <mm/pagecache.h>

#define LOG_NAME "selftest"
#include <kernel/log.h>

#define PATIENCE_NS 1000000000u

static struct mapping mapping;
static struct page *page;
static u64 deadline_ns;
static bool other_has_run;

static enum fault_result give_page(struct vm_area *vma, u32 pgoff,
                                   struct page **out)
{
    (void)vma;
    (void)pgoff;
    page_get(page);
    *out = page;
    return FAULT_DONE;
}

static int not_before_the_other(struct vm_area *vma, struct page *clean)
{
    (void)vma;
    (void)clean;
    if (other_has_run)
        return 0;
    return time_ns() < deadline_ns ? -EAGAIN : -EIO;
}

static const struct vm_operations ops = {
    .nopage = give_page,
    .page_mkwrite = not_before_the_other,
};

static int bind(struct file *unused, struct vm_area *vma)
{
    (void)unused;
    vma->ops = &ops;
    vma->mapping = &mapping;
    return 0;
}

static void run_once(void *unused)
{
    (void)unused;
    other_has_run = true;
}

static enum selftest_result retry(struct mm *mm)
{
    struct mmap_request request = {
        .bytes = PAGE_SIZE,
        .vm_flags = VM_READ | VM_WRITE | VM_MAYREAD | VM_MAYWRITE | VM_SHARED,
        .file = (struct file *)&mapping, // only bind() looks at it
        .bind = bind,
    };
    user_addr_t at;

    EXPECT(mm_map(mm, &request, &at) == 0);
    EXPECT(mm_fault(mm, at, FAULT_READ) == FAULT_DONE);
    deadline_ns = time_ns() + PATIENCE_NS;
    EXPECT(kthread_start(run_once, NULL, "run_once"));
    EXPECT(mm_fault(mm, at, FAULT_WRITE) == FAULT_DONE);
    return SELFTEST_OK;
}

enum selftest_result selftest_retry(void)
{
    static const struct mapping_ops no_ops;
    struct mm *mm = mm_create();
    enum selftest_result result;

    EXPECT(mm);
    mapping_init(&mapping, &no_ops, NULL, PAGE_SIZE);
    EXPECT(mapping_grab_page(&mapping, 0, &page) == 0);
    page_unlock(page);
    result = retry(mm);
    mm_put(mm);
    mapping_destroy(&mapping);
    page_put(page);
    return result;
}
