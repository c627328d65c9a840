// kernel/sys_mm.c - system calls on the address space
// SPDX-License-Identifier: MIT
//
// Translation of PROT_ and MAP_ words into what mm is asked for. mlock and its
// kin answer ENOSYS (no entry in the table): nothing is pinned, and a program
// that is told so can go on.

#include <kernel/sys_proc.h>

#include <asm/mman.h>
#include <base/bits.h>
#include <base/errno.h>
#include <fs/file.h>
#include <fs/files.h>
#include <fs/vfs.h>
#include <kernel/task.h>
#include <kernel/uaccess.h>
#include <linux/mman.h>
#include <mm/mm.h>

#define PROT_ALL   (PROT_READ | PROT_WRITE | PROT_EXEC)
#define PROT_LEGAL (PROT_ALL | PROT_SEM | PROT_GROWSDOWN | PROT_GROWSUP)
#define VM_MAY     (VM_MAYREAD | VM_MAYWRITE | VM_MAYEXEC)

static_assert(PROT_READ == VM_READ && PROT_WRITE == VM_WRITE &&
                  PROT_EXEC == VM_EXEC,
              "translated by masking");

// map_flags - the request's vm_flags and how. Return: 0; -EINVAL; -EOPNOTSUPP.
static int map_flags(struct mmap_request *request, u32 prot, u32 flags)
{
    switch (flags & MAP_TYPE) {
    case MAP_PRIVATE: break;
    case MAP_SHARED: request->vm_flags |= VM_SHARED; break;
    case MAP_SHARED_VALIDATE:
        if (flags & (MAP_SYNC | MAP_HUGETLB))
            return -EOPNOTSUPP;
        request->vm_flags |= VM_SHARED;
        break;
    default: return -EINVAL;
    }
    if (flags & MAP_HUGETLB)
        return -ENOMEM; // there are none reserved
    request->vm_flags |= (prot & PROT_ALL) | VM_MAY;
    if (flags & MAP_GROWSDOWN)
        request->vm_flags |= VM_GROWSDOWN;
    if (flags & MAP_NORESERVE)
        request->vm_flags |= VM_NORESERVE;
    if (flags & MAP_FIXED)
        request->how |= MMAP_FIXED;
    if (flags & MAP_FIXED_NOREPLACE)
        request->how |= MMAP_FIXED | MMAP_NOREPLACE;
    if (flags & MAP_POPULATE)
        request->how |= MMAP_POPULATE;
    return 0;
}

// check_file - what mmap(2) asks of the descriptor's mode.
static int check_file(const struct file *file, u32 prot, u32 flags)
{
    if (!file_is_readable(file))
        return -EACCES;
    if ((flags & MAP_TYPE) != MAP_PRIVATE && (prot & PROT_WRITE) &&
        !file_is_writable(file))
        return -EACCES;
    return 0;
}

static s32 map(struct mmap_request *request, u32 prot, u32 flags, s32 fd)
{
    struct file *file = NULL;
    user_addr_t at;
    int error = map_flags(request, prot, flags);

    if (error)
        return error;
    if (!(flags & MAP_ANONYMOUS)) {
        file = file_from_fd(fd);
        if (!file)
            return -EBADF;
        error = check_file(file, prot, flags);
        if ((request->vm_flags & VM_SHARED) && !file_is_writable(file))
            request->vm_flags &= ~(u32)VM_MAYWRITE;
        request->file = file;
        request->bind = file_bind_vma;
    } else {
        request->pgoff = 0;
    }
    if (!error)
        error = mm_map(current->mm, request, &at);
    if (file)
        file_put(file);
    return error ? error : (s32)at.v;
}

s32 sys_mmap2(u32 address, u32 bytes, u32 prot, u32 flags, s32 fd, u32 page)
{
    struct mmap_request request = {
        .addr = user_addr(address),
        .bytes = ALIGN_UP(bytes, PAGE_SIZE),
        .pgoff = page,
    };

    if (!bytes)
        return -EINVAL;
    if (!request.bytes || request.bytes > TASK_SIZE)
        return -ENOMEM;
    if (page + (request.bytes >> PAGE_SHIFT) < page)
        return -EOVERFLOW;
    if (flags & (MAP_FIXED | MAP_FIXED_NOREPLACE)) {
        if (address & ~PAGE_MASK)
            return -EINVAL;
    } else {
        request.addr = user_page(request.addr);
    }
    return map(&request, prot, flags, fd);
}

s32 sys_mmap(const u32 __user *arguments)
{
    u32 a[6];

    if (copy_from_user(a, arguments, sizeof(a)))
        return -EFAULT;
    if (a[5] & ~PAGE_MASK)
        return -EINVAL;
    return sys_mmap2(a[0], a[1], a[2], a[3], (s32)a[4], a[5] >> PAGE_SHIFT);
}

// check_range - page-aligned @address, and @bytes rounded up.
// Return: 0; -EINVAL: not aligned; -ENOMEM: wraps, or ends above TASK_SIZE.
static int check_range(u32 address, u32 *bytes)
{
    u32 rounded = ALIGN_UP(*bytes, PAGE_SIZE);

    if (address & ~PAGE_MASK)
        return -EINVAL;
    if (rounded < *bytes || address > TASK_SIZE ||
        rounded > TASK_SIZE - address)
        return -ENOMEM;
    *bytes = rounded;
    return 0;
}

s32 sys_munmap(u32 address, u32 bytes)
{
    if (!bytes || check_range(address, &bytes))
        return -EINVAL;
    return mm_unmap(current->mm, user_addr(address), bytes);
}

s32 sys_mprotect(u32 address, u32 bytes, u32 prot)
{
    int error = check_range(address, &bytes);

    if (prot & ~(u32)PROT_LEGAL)
        return -EINVAL;
    // Nobody has used these since 2.6, and they need a look at the area.
    if (prot & (PROT_GROWSDOWN | PROT_GROWSUP))
        return -EINVAL;
    if (error || !bytes)
        return error;
    return mm_protect(current->mm, user_addr(address), bytes, prot & PROT_ALL);
}

// Areas that are moved to a place of the program's choice, or that leave the
// old one behind, are not supported: MREMAP_FIXED and MREMAP_DONTUNMAP.
s32 sys_mremap(u32 address, u32 old_bytes, u32 new_bytes, u32 flags,
               u32 new_address __unused)
{
    user_addr_t at;
    int error;

    if ((address & ~PAGE_MASK) || (flags & ~(u32)MREMAP_MAYMOVE))
        return -EINVAL;
    if (!new_bytes || new_bytes > TASK_SIZE)
        return -EINVAL;
    error = mm_remap(
        current->mm, user_addr(address), ALIGN_UP(old_bytes, PAGE_SIZE),
        ALIGN_UP(new_bytes, PAGE_SIZE), flags & MREMAP_MAYMOVE, &at);
    return error ? error : (s32)at.v;
}

s32 sys_brk(u32 address)
{
    return (s32)mm_set_brk(current->mm, user_addr(address)).v;
}

// Advice that may be ignored is: it changes no content. DONTNEED does.
s32 sys_madvise(u32 address, u32 bytes, u32 advice)
{
    int error = check_range(address, &bytes);

    if (error)
        return -EINVAL;
    switch (advice) {
    case MADV_NORMAL:
    case MADV_RANDOM:
    case MADV_SEQUENTIAL:
    case MADV_WILLNEED: return 0;
    case MADV_DONTNEED:
        return bytes ? mm_discard(current->mm, user_addr(address), bytes) : 0;
    default: return -EINVAL;
    }
}

// is_mapped_privately - every page of the range. Return: 0; -ENOMEM: a hole;
// -ENOSYS: a shared mapping.
static int check_private(u32 address, u32 bytes)
{
    struct mm *mm = current->mm;
    user_addr_t at = user_addr(address);
    user_addr_t end = user_add(at, bytes);
    int error = 0;

    mutex_lock(&mm->lock);
    while (!error && user_before(at, end)) {
        struct vm_area *vma = vma_find(&mm->areas, at);

        if (!vma || user_before(at, vma->start))
            error = -ENOMEM;
        else if (vma->flags & VM_SHARED)
            error = -ENOSYS;
        else
            at = vma->end;
    }
    mutex_unlock(&mm->lock);
    return error;
}

// Of private mappings there is nothing to write back.
s32 sys_msync(u32 address, u32 bytes, u32 flags)
{
    int error = check_range(address, &bytes);

    if (error)
        return error;
    if ((flags & ~(u32)(MS_ASYNC | MS_INVALIDATE | MS_SYNC)) ||
        ((flags & MS_ASYNC) && (flags & MS_SYNC)))
        return -EINVAL;
    return check_private(address, bytes);
}
