// kernel/shm_attach.c - System V shared memory: attachments
// SPDX-License-Identifier: MIT
//
// Each area that maps a segment counts as an attachment, so fork, exit, exec
// and splitting an area need nothing but open and close of the area.
//
// Context: close is called under mm->lock, shmat takes it: a segment is held by
// a count, not by a lock.

#include <kernel/shm.h>

#include <asm/mman.h>
#include <base/errno.h>
#include <fs/file.h>
#include <fs/vfs.h>
#include <kernel/shm_abi.h>
#include <kernel/task.h>
#include <mm/mm.h>
#include <mm/shmem.h>

#include "shm_private.h"

static struct shm_segment *segment_of(const struct vm_area *vma)
{
    return vma->file->private;
}

static void count_attach(struct shm_segment *segment)
{
    segment->attaches++;
    segment->attached_s = shm_now_s();
    segment->lpid = current->tgid;
}

static void count_detach(struct shm_segment *segment)
{
    segment->detached_s = shm_now_s();
    segment->lpid = current->tgid;
    shm_put(segment);
}

static void area_open(struct vm_area *vma)
{
    file_get(vma->file);
    count_attach(segment_of(vma));
}

static void area_close(struct vm_area *vma)
{
    struct file *file = vma->file;

    count_detach(segment_of(vma));
    file_put(file);
}

static const struct vm_operations shm_vm_operations = {
    .open = area_open,
    .close = area_close,
    .nopage = shmem_nopage,
    .is_ours = file_vma_is_ours,
};

static int bind(struct file *file, struct vm_area *vma)
{
    vma->file = file;
    vma->mapping = &file->inode->mapping;
    vma->ops = &shm_vm_operations;
    area_open(vma);
    return 0;
}

static int request_at(struct mmap_request *request, u32 addr, u32 flags)
{
    if (flags & SHM_RND)
        addr &= PAGE_MASK;
    if (addr & ~PAGE_MASK)
        return -EINVAL;
    if (!addr)
        return flags & SHM_REMAP ? -EINVAL : 0;
    request->addr = user_addr(addr);
    request->how = MMAP_FIXED;
    if (!(flags & SHM_REMAP))
        request->how |= MMAP_NOREPLACE;
    return 0;
}

int shm_attach(s32 id, u32 *addr, u32 flags)
{
    struct shm_segment *segment = shm_find(id);
    struct mmap_request request = {.bind = bind};
    u32 wanted = 0444;
    user_addr_t at;
    int err;

    request.vm_flags = VM_SHARED | VM_READ | VM_MAYREAD | VM_MAYEXEC;
    if (id < 0 || request_at(&request, *addr, flags))
        return -EINVAL;
    if (!(flags & SHM_RDONLY)) {
        wanted |= 0222;
        request.vm_flags |= VM_WRITE | VM_MAYWRITE;
    }
    if (flags & SHM_EXEC) {
        wanted |= 0111;
        request.vm_flags |= VM_EXEC;
    }
    if (!segment)
        return -EINVAL;
    err = shm_may(segment, wanted);
    if (err)
        return err;
    segment->attaches++; // stays while we sleep
    request.file = segment->file;
    request.bytes = segment->bytes;
    err = mm_map(current->mm, &request, &at);
    shm_put(segment);
    *addr = at.v;
    return err == -EEXIST ? -EINVAL : err; // something is there
}

int shm_detach(u32 addr)
{
    if (addr & ~PAGE_MASK)
        return -EINVAL;
    return mm_unmap_attached(current->mm, user_addr(addr), &shm_vm_operations);
}
