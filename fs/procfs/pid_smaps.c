// fs/procfs/pid_smaps.c - /proc/PID/smaps and smaps_rollup
// SPDX-License-Identifier: MIT
//
// The formats are Linux's (filesystems/proc.rst). There are no huge pages.

#include "procfs.h"

#include <lib/div64.h>
#include <mm/slab.h>
#include <mm/survey.h>

#include "pid_mem.h"

#define KIB_PER_PAGE (PAGE_SIZE / KIB)

static void put_kib(struct proc_text *text, const char *name, u64 kib)
{
    u32 pad = 16 - min(16u, (u32)__builtin_strlen(name) + 1);

    proc_print(text, "%s:%*s%8llu kB\n", name, (int)pad, "", kib);
}

static void put_pages(struct proc_text *text, const char *name, u32 pages)
{
    put_kib(text, name, pages * KIB_PER_PAGE);
}

static void put_share(struct proc_text *text, const char *name, u64 bytes)
{
    put_kib(text, name, bytes >> (SURVEY_SHIFT + 10u));
}

static void put_survey(struct proc_text *text, const struct vma_survey *s,
                       bool rollup)
{
    put_pages(text, "Rss", s->rss);
    put_share(text, "Pss", s->pss);
    put_share(text, "Pss_Dirty", s->pss_dirty);
    if (rollup) {
        put_share(text, "Pss_Anon", s->pss_anon);
        put_share(text, "Pss_File", s->pss_file);
        put_share(text, "Pss_Shmem", s->pss_shmem);
    }
    put_pages(text, "Shared_Clean", s->shared_clean);
    put_pages(text, "Shared_Dirty", s->shared_dirty);
    put_pages(text, "Private_Clean", s->private_clean);
    put_pages(text, "Private_Dirty", s->private_dirty);
    put_pages(text, "Referenced", s->referenced);
    put_pages(text, "Anonymous", s->anonymous);
    put_pages(text, "LazyFree", s->lazy_free);
    put_pages(text, "AnonHugePages", 0);
    put_pages(text, "ShmemPmdMapped", 0);
    put_pages(text, "FilePmdMapped", 0);
    put_pages(text, "Shared_Hugetlb", 0);
    put_pages(text, "Private_Hugetlb", 0);
    put_pages(text, "Swap", s->swap);
    put_share(text, "SwapPss", s->swap_pss);
    put_share(text, "Locked", s->locked);
}

static void put_flags(struct proc_text *text, u32 flags)
{
    static const struct {
        u32 flag;
        const char *name;
    } names[] = {
        {VM_READ, "rd"},       {VM_WRITE, "wr"},       {VM_EXEC, "ex"},
        {VM_SHARED, "sh"},     {VM_MAYREAD, "mr"},     {VM_MAYWRITE, "mw"},
        {VM_MAYEXEC, "me"},    {VM_SHARED, "ms"},      {VM_GROWSDOWN, "gd"},
        {VM_PFNMAP, "pf"},     {VM_LOCKED, "lo"},      {VM_PFNMAP, "io"},
        {VM_SEQ_READ, "sr"},   {VM_RAND_READ, "rr"},   {VM_DONTCOPY, "dc"},
        {VM_DONTEXPAND, "de"}, {VM_LOCKONFAULT, "lf"}, {VM_ACCOUNT, "ac"},
        {VM_NORESERVE, "nr"},  {VM_WIPEONFORK, "wf"},  {VM_DONTDUMP, "dd"},
    };

    proc_print(text, "VmFlags: ");
    for (u32 i = 0; i < ARRAY_SIZE(names); i++)
        if (flags & names[i].flag)
            proc_print(text, "%s ", names[i].name);
    proc_print(text, "\n");
}

static void put_area(struct proc_text *text, const struct vm_area *vma,
                     char *buf)
{
    struct vma_survey survey = {.rss = 0};

    survey_area(vma, &survey);
    proc_put_area(text, vma, buf);
    put_pages(text, "Size", vma_pages(vma));
    put_pages(text, "KernelPageSize", 1);
    put_pages(text, "MMUPageSize", 1);
    put_survey(text, &survey, false);
    proc_print(text, "THPeligible:    0\n");
    put_flags(text, vma->flags);
}

int proc_show_smaps(struct proc_text *text, const struct proc_ref *ref)
{
    return proc_for_each_area(text, ref, put_area);
}

int proc_show_smaps_rollup(struct proc_text *text, const struct proc_ref *ref)
{
    struct vma_survey survey = {.rss = 0};
    u32 start = 0, end = 0;
    struct vm_area *vma;
    struct mm *mm;
    int rc = proc_get_mm(ref, &mm);

    if (rc)
        return rc;
    if (!mm)
        return -ESRCH;
    mutex_lock(&mm->lock);
    vma_for_each (vma, &mm->areas) {
        if (!end)
            start = vma->start.v;
        end = vma->end.v;
        survey_area(vma, &survey);
    }
    mutex_unlock(&mm->lock);
    mm_put(mm);
    proc_print(text, "%08x-%08x ---p 00000000 00:00 0 %*s[rollup]\n", start,
               end, 15, "");
    put_survey(text, &survey, true);
    return 0;
}
