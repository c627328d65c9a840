// kernel/exec_load.c - an ELF image becomes mappings
// SPDX-License-Identifier: MIT
//
// Nothing is read but what the last page of a load's file part needs: the bytes
// behind it are zeroed through their user address, which makes that page a
// private copy. A load that is not writable is mapped writable for that moment.

#include "exec_internal.h"

#include <base/bits.h>
#include <base/errno.h>
#include <fs/file.h>
#include <kernel/uaccess.h>
#include <linux/elf.h>
#include <mm/mm.h>

#define STACK_FIRST_BYTES (128u * KIB) // it grows by faults from there
#define PROGRAM_BASE      0x56555000u  // of a moveable program, as on Linux

#define VM_MAY (VM_MAYREAD | VM_MAYWRITE | VM_MAYEXEC)

int exec_map_stack(struct mm *mm, enum elf_stack kind)
{
    struct mmap_request request = {
        .addr = user_addr(STACK_TOP - STACK_FIRST_BYTES),
        .bytes = STACK_FIRST_BYTES,
        .vm_flags = VM_READ | VM_WRITE | VM_MAY | VM_GROWSDOWN |
                    (kind == ELF_STACK_DATA ? 0 : VM_EXEC),
        .how = MMAP_FIXED | MMAP_NOREPLACE,
    };
    user_addr_t at;

    return mm_map(mm, &request, &at);
}

// find_room - an aligned free range: mapped to find it, and unmapped. Nobody
// else uses @mm yet.
static int find_room(struct mm *mm, u32 bytes, u32 align, u32 *out)
{
    u32 slack = align > PAGE_SIZE ? align : 0;
    struct mmap_request request = {
        .bytes = bytes + slack,
        .vm_flags = VM_MAY,
    };
    user_addr_t at;
    int error;

    if (bytes + slack < bytes)
        return -ENOMEM;
    error = mm_map(mm, &request, &at);
    if (error)
        return error;
    *out = ALIGN_UP(at.v, align);
    return mm_unmap(mm, at, bytes + slack);
}

int exec_choose_base(struct mm *mm, const struct elf_image *image,
                     bool interpreter, u32 *out_base)
{
    u32 align = max(image->align, PAGE_SIZE);
    u32 bytes = image->end - image->start;
    u32 at;
    int error;

    *out_base = 0;
    if (image->kind == ELF_FIXED)
        return 0;
    if (interpreter) {
        error = find_room(mm, bytes, align, &at);
        if (error)
            return error;
    } else {
        at = ALIGN_UP(PROGRAM_BASE, align);
        if (at >= STACK_TOP || bytes > STACK_TOP - at)
            return -ENOMEM;
    }
    *out_base = at - ALIGN_DOWN(image->start, align);
    return 0;
}

static u32 access_of(const struct elf_load *load)
{
    return (load->flags & PF_R ? VM_READ : 0) |
           (load->flags & PF_W ? VM_WRITE : 0) |
           (load->flags & PF_X ? VM_EXEC : 0);
}

static int map_pages(struct mm *mm, struct file *file, u32 start, u32 end,
                     u32 offset, u32 access)
{
    struct mmap_request request = {
        .addr = user_addr(start),
        .bytes = end - start,
        .vm_flags = access | VM_MAY,
        .how = MMAP_FIXED | MMAP_NOREPLACE,
        .pgoff = offset >> PAGE_SHIFT,
        .file = file,
        .bind = file ? file_bind_vma : NULL,
    };
    user_addr_t at;

    return mm_map(mm, &request, &at);
}

// zero_tail - of the file part [@start, @end) of a load, from @from on.
static int zero_tail(struct mm *mm, u32 start, u32 from, u32 end, u32 access)
{
    int error = clear_user((void __user *)(uintptr_t)from, end - from);

    if (!error && !(access & VM_WRITE))
        error = mm_protect(mm, user_addr(start), end - start, access);
    return error;
}

static int map_load(struct mm *mm, struct file *file,
                    const struct elf_load *load, u32 base)
{
    u32 access = access_of(load);
    u32 start = ALIGN_DOWN(base + load->vaddr, PAGE_SIZE);
    u32 file_end = base + load->vaddr + load->filesz;
    u32 middle = ALIGN_UP(file_end, PAGE_SIZE);
    u32 end = ALIGN_UP(base + load->vaddr + load->memsz, PAGE_SIZE);
    bool tail = load->memsz > load->filesz && file_end < middle;
    int error = 0;

    if (!load->filesz) {
        middle = start;
        tail = false;
    }
    if (start < middle)
        error = map_pages(mm, file, start, middle,
                          ALIGN_DOWN(load->offset, PAGE_SIZE),
                          access | (tail ? VM_WRITE : 0));
    if (!error && tail)
        error = zero_tail(mm, start, file_end, middle, access);
    if (!error && middle < end)
        error = map_pages(mm, NULL, middle, end, 0, access);
    return error;
}

int exec_map_image(struct mm *mm, struct file *file,
                   const struct elf_image *image, u32 base)
{
    for (u32 i = 0; i < image->load_count; i++) {
        int error = map_load(mm, file, &image->loads[i], base);

        if (error)
            return error;
    }
    return 0;
}
