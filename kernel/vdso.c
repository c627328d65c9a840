// kernel/vdso.c - the shared object that every program has mapped
// SPDX-License-Identifier: MIT
//
//   STACK_TOP      the stack ends; vdso_data, read-only      [vvar]
//   + 1 page       the image (arch/x86/vdso/)                [vdso]
//   + 2 pages      the top page, in no program
//
// Both are frames of the kernel, the same for every program; they count in
// nobody's resident set. At exec they go into the page table that the stack has
// anyway, so that they cost neither a fault nor a table: the reason for their
// place. (Linux for i386 puts them where mmap finds room, below the stack;
// programs go by the auxiliary vector.) There is no randomization.
//
// A program may move, unmap and protect them like any area, and write into a
// private copy of the code (breakpoints); mm->vdso follows a move, so that
// handlers and SYSENTER return to where it is. Who has unmapped it and goes on
// using it runs into a fault of its own.
//
// It brings no new address after an execve: mm->vdso goes with the mm.

#include <kernel/vdso.h>

#include <arch/vdso.h>
#include <kernel/cmdline.h>
#include <kernel/task.h>
#include <lib/string.h>
#include <mm/mm.h>
#include <mm/special.h>

#include "exec_internal.h"

struct vdso_data vdso_data __section(".bss.page") __aligned(PAGE_SIZE);

static bool is_off;

static const void *data_frame(const struct vm_area *vma __unused,
                              u32 pgoff __unused)
{
    return &vdso_data;
}

static const void *image_frame(const struct vm_area *vma __unused,
                               u32 pgoff __unused)
{
    return vdso_image;
}

// mremap(2) may be called from the vDSO itself: it returns to the new place.
static void image_moved(struct vm_area *to)
{
    struct trap_frame *regs = thread_user_frame(&current->thread);
    u32 landing = (u32)(uintptr_t)vdso_offset_vdso_landing_pad;

    if (regs->eip == to->mm->vdso.v + landing)
        regs->eip = to->start.v + landing;
    to->mm->vdso = to->start;
    vdso_activate(to->start.v);
}

static const struct vm_operations data_operations = {
    .frame = data_frame,
    .name = "[vvar]",
};

static const struct vm_operations image_operations = {
    .frame = image_frame,
    .moved = image_moved,
    .name = "[vdso]",
};

void vdso_init(void)
{
    char word[4];

    vdso_prepare();
    is_off = cmdline_get("vdso", word, sizeof(word)) && strcmp(word, "0") == 0;
}

int vdso_map(struct mm *mm)
{
    user_addr_t at = user_addr(STACK_TOP);
    int error;

    static_assert(STACK_TOP + 3 * PAGE_SIZE == TASK_SIZE, "see above");
    if (is_off)
        return 0;
    error =
        mm_map_special(mm, at, VM_READ | VM_MAYREAD | VM_PFNMAP | VM_DONTDUMP,
                       &data_operations);
    if (error)
        return error;
    mm->vdso = user_add(at, PAGE_SIZE);
    return mm_map_special(
        mm, mm->vdso, VM_READ | VM_EXEC | VM_MAYREAD | VM_MAYWRITE | VM_MAYEXEC,
        &image_operations);
}

u32 vdso_entry(const struct mm *mm)
{
    return mm->vdso.v + (u32)(uintptr_t)vdso_offset_kernel_vsyscall;
}

u32 vdso_sigreturn(const struct mm *mm, bool rt)
{
    if (!mm->vdso.v)
        return 0;
    return mm->vdso.v + (u32)(uintptr_t)(rt ? vdso_offset_kernel_rt_sigreturn
                                            : vdso_offset_kernel_sigreturn);
}
