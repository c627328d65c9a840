// kernel/sys_mm.c - system calls on the address space
// SPDX-License-Identifier: MIT
//
// Translation of PROT_, MAP_ and MREMAP_ words into what mm is asked for. What
// is wrong with several of its arguments mmap says in the order of Linux, but
// for the place, which mm looks at last.

#include <kernel/sys_proc.h>

#include <asm/mman.h>
#include <base/bits.h>
#include <base/errno.h>
#include <fs/file.h>
#include <fs/files.h>
#include <fs/shmem.h>
#include <fs/vfs.h>
#include <kernel/task.h>
#include <kernel/uaccess.h>
#include <linux/fcntl.h>
#include <linux/mman.h>
#include <mm/commit.h>
#include <mm/limits.h>
#include <mm/mm.h>
#include <mm/shmem.h>
#include <mm/vm_sysctl.h>

#define PROT_ALL   (PROT_READ | PROT_WRITE | PROT_EXEC)
#define PROT_LEGAL (PROT_ALL | PROT_SEM | PROT_GROWSDOWN | PROT_GROWSUP)
#define VM_MAY     (VM_MAYREAD | VM_MAYWRITE | VM_MAYEXEC)

static_assert(PROT_READ == VM_READ && PROT_WRITE == VM_WRITE &&
                  PROT_EXEC == VM_EXEC,
              "translated by masking");

// What MAP_SHARED_VALIDATE lets pass: Linux's LEGACY_MAP_MASK.
#define MAP_KNOWN                                                              \
    (MAP_SHARED | MAP_PRIVATE | MAP_FIXED | MAP_ANONYMOUS | MAP_DENYWRITE |    \
     MAP_EXECUTABLE | MAP_GROWSDOWN | MAP_LOCKED | MAP_NORESERVE |             \
     MAP_POPULATE | MAP_NONBLOCK | MAP_STACK | MAP_HUGETLB | MAP_32BIT |       \
     MAP_HUGE_2MB | MAP_HUGE_1GB)

// What is asked for by MAP_ words. Return: 0; -EINVAL; -EOPNOTSUPP.
static int check_type(u32 flags)
{
    bool anonymous = flags & MAP_ANONYMOUS;

    switch (flags & MAP_TYPE) {
    case MAP_PRIVATE:
        return (flags & MAP_GROWSDOWN) && !anonymous ? -EINVAL : 0;
    case MAP_SHARED_VALIDATE:
        if (anonymous)
            return -EINVAL;
        if (flags & ~(u32)MAP_KNOWN)
            return -EOPNOTSUPP;
        break;
    case MAP_SHARED: break;
    default: return -EINVAL;
    }
    return flags & MAP_GROWSDOWN ? -EINVAL : 0;
}

// What it becomes: the request's vm_flags and how.
static void translate(struct mmap_request *request, u32 access, u32 flags)
{
    request->vm_flags = access | VM_MAY;
    if ((flags & MAP_TYPE) != MAP_PRIVATE)
        request->vm_flags |= VM_SHARED;
    if (flags & MAP_GROWSDOWN)
        request->vm_flags |= VM_GROWSDOWN;
    if (flags & MAP_NORESERVE) // unless nothing is to be overcommitted
        request->vm_flags |= VM_NORESERVE;
    if (flags & MAP_FIXED)
        request->how |= MMAP_FIXED;
    if (flags & MAP_FIXED_NOREPLACE)
        request->how |= MMAP_FIXED | MMAP_NOREPLACE;
    if ((flags & (MAP_POPULATE | MAP_NONBLOCK)) == MAP_POPULATE)
        request->how |= MMAP_POPULATE;
    if (flags & MAP_LOCKED)
        request->how |= MMAP_LOCKED;
    // MAP_STACK, MAP_DENYWRITE, MAP_EXECUTABLE mean nothing, as on Linux.
}

// What mprotect(PROT_GROWSUP) finds. Return: -ENOMEM: a hole; -EINVAL.
static int check_mapped(struct mm *mm, user_addr_t at)
{
    const struct vm_area *vma;
    int error;

    mutex_lock(&mm->lock);
    vma = vma_find(&mm->areas, at);
    error = vma && vma_contains(vma, at) ? -EINVAL : -ENOMEM;
    mutex_unlock(&mm->lock);
    return error;
}

// Shared memory without a name. *@out: the file, to be put.
static int map_shared_anonymous(const struct mmap_request *request, u32 flags,
                                struct file **out)
{
    int error = shmem_file_create(SHMEM_ZERO_NAME, request->bytes, 0777, out);

    if (error || ((flags & MAP_NORESERVE) && vm_overcommit != COMMIT_NEVER))
        return error;
    error =
        shmem_promise(&(*out)->inode->mapping, request->bytes >> PAGE_SHIFT);
    if (error)
        file_put(*out);
    return error;
}

// @file: NULL: anonymous.
static s32 map(struct mmap_request *request, u32 prot, u32 flags,
               struct file *file)
{
    struct file *shared = NULL;
    int error = check_type(flags);
    user_addr_t at;
    u32 may_exec;

    if (!error && (flags & MAP_HUGETLB))
        error = file ? -EINVAL : -ENOMEM; // there are none reserved
    if (error)
        return error;
    may_exec = file && file_forbids_exec(file) ? 0 : VM_MAYEXEC;
    translate(request, implied_access(prot & PROT_ALL, may_exec), flags);
    if (file)
        error = file_check_map(file, request->vm_flags, request->pgoff,
                               request->bytes);
    else if (request->vm_flags & VM_SHARED)
        error = map_shared_anonymous(request, flags, &shared);
    if (error)
        return error;
    if (!file)
        request->pgoff = 0;
    request->file = file ? file : shared;
    request->bind = request->file ? file_bind_vma : NULL;
    error = mm_map(current->mm, request, &at);
    if (shared)
        file_put(shared);
    return error ? error : (s32)at.v;
}

static s32 map_bytes(struct mmap_request *request, u32 bytes, u32 prot,
                     u32 flags, struct file *file)
{
    request->bytes = ALIGN_UP(bytes, PAGE_SIZE);
    if (!bytes)
        return -EINVAL;
    if (!request->bytes)
        return -ENOMEM;
    if (request->pgoff + (request->bytes >> PAGE_SHIFT) < request->pgoff)
        return -EOVERFLOW;
    if (request->bytes > TASK_SIZE)
        return -ENOMEM;
    if (!(flags & (MAP_FIXED | MAP_FIXED_NOREPLACE)))
        request->addr = user_page(request->addr);
    return map(request, prot, flags, file);
}

s32 sys_mmap2(u32 address, u32 bytes, u32 prot, u32 flags, s32 fd, u32 page)
{
    struct mmap_request request = {.addr = user_addr(address), .pgoff = page};
    struct file *file = NULL;
    s32 result;

    if (!(flags & MAP_ANONYMOUS)) {
        file = file_from_fd(fd);
        if (!file)
            return -EBADF;
    }
    if (file && (file->flags & O_PATH))
        result = -EBADF;
    else
        result = map_bytes(&request, bytes, prot, flags, file);
    if (file)
        file_put(file);
    return result;
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

s32 sys_munmap(u32 address, u32 bytes)
{
    return mm_unmap(current->mm, user_addr(address), bytes);
}

s32 sys_mprotect(u32 address, u32 bytes, u32 prot)
{
    const u32 grows = prot & (PROT_GROWSDOWN | PROT_GROWSUP);

    if (grows == (PROT_GROWSDOWN | PROT_GROWSUP) || (address & ~PAGE_MASK))
        return -EINVAL;
    if (!bytes)
        return 0;
    if (!ALIGN_UP(bytes, PAGE_SIZE))
        return -ENOMEM;
    if (prot & ~(u32)PROT_LEGAL)
        return -EINVAL;
    if (grows == PROT_GROWSDOWN)
        return mm_protect_stack(current->mm, user_addr(address), bytes,
                                prot & PROT_ALL);
    // Nothing grows upwards here: an area, if there is one, is not such.
    if (grows)
        return check_mapped(current->mm, user_addr(address));
    return mm_protect(current->mm, user_addr(address), bytes, prot & PROT_ALL);
}

s32 sys_mremap(u32 address, u32 old_bytes, u32 new_bytes, u32 flags,
               u32 new_address)
{
    struct remap_request request = {
        .old = user_addr(address),
        .old_bytes = old_bytes,
        .new_bytes = new_bytes,
        .how = flags,
        .place = user_addr(new_address),
    };
    user_addr_t at;
    int error;

    static_assert(MREMAP_MAYMOVE == (int)REMAP_MAY_MOVE &&
                      MREMAP_FIXED == (int)REMAP_FIXED &&
                      MREMAP_DONTUNMAP == (int)REMAP_DONTUNMAP,
                  "passed on as they are");
    if (flags & ~(u32)(MREMAP_MAYMOVE | MREMAP_FIXED | MREMAP_DONTUNMAP))
        return -EINVAL;
    error = mm_remap(current->mm, &request, &at);
    return error ? error : (s32)at.v;
}

// As on Linux, an ordinary mapping of another part of the file in place of what
// is there; other flags than MAP_NONBLOCK mean nothing.
s32 sys_remap_file_pages(u32 address, u32 bytes, u32 prot, u32 page, u32 flags)
{
    if (prot)
        return -EINVAL;
    return mm_remap_pages(current->mm, user_page(user_addr(address)),
                          bytes & PAGE_MASK, page, !(flags & MAP_NONBLOCK));
}

s32 sys_brk(u32 address)
{
    return (s32)mm_set_brk(current->mm, user_addr(address)).v;
}
