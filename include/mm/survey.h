// include/mm/survey.h - what of an area is in memory, for /proc
// SPDX-License-Identifier: MIT
#pragma once

#include <mm/mm.h>

// A page's share of one mapping is a fraction: bytes with this many bits
// behind the point.
#define SURVEY_SHIFT 12u

// As /proc/PID/smaps has it. Pages, but for the shares.
struct vma_survey {
    u32 rss; // present; each of these is one of:
    u32 shared_clean, shared_dirty, private_clean, private_dirty;
    u32 referenced, anonymous, lazy_free, swap;
    // Each page divided by how many map it; of which dirty, by kind, locked.
    u64 pss, pss_dirty, pss_anon, pss_file, pss_shmem, locked, swap_pss;
};

// survey_area - add up @vma. Context: mm->lock held, no sleep.
void survey_area(const struct vm_area *vma, struct vma_survey *sum);

// survey_page - the entry of /proc/PID/pagemap of an address, with the frame
// or slot if @show_frame. Context: mm->lock held, no sleep.
u64 survey_page(const struct mm *mm, user_addr_t addr, bool show_frame);

// survey_clear_refs - no page of @vma has been referenced: clear_refs.
// Context: mm->lock held, no sleep.
void survey_clear_refs(struct vm_area *vma);
