// fs/procfs/pid_mem.c - /proc/PID/maps, cmdline and environ
// SPDX-License-Identifier: MIT
//
// These sleep, so they hold the address space while they look at it. The
// strings of another process are read by using its address space for a moment.

#include "procfs.h"

#include <kernel/process.h>
#include <kernel/uaccess.h>
#include <linux/limits.h>
#include <mm/slab.h>

#include "pid_mem.h"

#define MAPS_NAME_COLUMN 49u // where Linux's 32-bit kernels put it

int proc_get_mm(const struct proc_ref *ref, struct mm **out)
{
    int rc = proc_may_look(ref);

    if (rc)
        return rc;
    *out = proc_task(ref)->mm;
    if (*out)
        mm_get(*out);
    return 0;
}

// What lies behind the columns: the file, or what it is for; NULL: nothing.
static const char *name_of(const struct vm_area *vma, char *buf)
{
    if (vma->file)
        return file_path(vma->file, buf, PATH_MAX);
    if (vma->ops && vma->ops->name)
        return vma->ops->name;
    if (mm_area_is_heap(vma->mm, vma))
        return "[heap]";
    return mm_area_is_stack(vma->mm, vma) ? "[stack]" : NULL;
}

void proc_put_area(struct proc_text *text, const struct vm_area *vma, char *buf)
{
    const struct inode *inode = vma->file ? vma->file->inode : NULL;
    u32 device = inode ? inode->super->device : 0, start = text->used;
    u64 offset = inode ? (u64)vma->pgoff << PAGE_SHIFT : 0;
    const char *name = name_of(vma, buf);

    proc_print(text, "%08x-%08x %c%c%c%c %08llx %02x:%02x %u ", vma->start.v,
               vma->end.v, vma->flags & VM_READ ? 'r' : '-',
               vma->flags & VM_WRITE ? 'w' : '-',
               vma->flags & VM_EXEC ? 'x' : '-',
               vma->flags & VM_SHARED ? 's' : 'p', offset, device_major(device),
               device_minor(device), inode ? inode->ino : 0);
    if (name) {
        while (text->used - start < MAPS_NAME_COLUMN)
            proc_print(text, " ");
        proc_print(text, "%s", name);
    }
    proc_print(text, "\n");
}

int proc_for_each_area(struct proc_text *text, const struct proc_ref *ref,
                       void (*put)(struct proc_text *text,
                                   const struct vm_area *vma, char *buf))
{
    struct vm_area *vma;
    struct mm *mm;
    char *buf;
    int rc = proc_get_mm(ref, &mm);

    if (rc || !mm)
        return rc;
    rc = -ENOMEM;
    buf = kmalloc(PATH_MAX, GFP_KERNEL);
    if (!buf)
        goto out_put;
    mutex_lock(&mm->lock);
    vma_for_each (vma, &mm->areas)
        put(text, vma, buf);
    mutex_unlock(&mm->lock);
    kfree(buf);
    rc = 0;
out_put:
    mm_put(mm);
    return rc;
}

int proc_show_maps(struct proc_text *text, const struct proc_ref *ref)
{
    return proc_for_each_area(text, ref, proc_put_area);
}

// What lies in [@start, @end) of @mm, as far as it is there.
static void put_memory(struct proc_text *text, struct mm *mm, user_addr_t start,
                       user_addr_t end)
{
    struct mm *own = task_use_mm(mm);
    u8 chunk[128];
    u32 here;

    for (; user_before(start, end); start = user_add(start, here)) {
        here = min(user_bytes(start, end), (u32)sizeof(chunk));
        if (copy_from_user(chunk, (const void __user *)(uintptr_t)start.v,
                           here))
            break;
        proc_put(text, chunk, here);
    }
    task_use_mm(own);
}

int proc_show_cmdline(struct proc_text *text, const struct proc_ref *ref)
{
    struct task *task = proc_task(ref);
    struct mm *mm;

    if (!task)
        return -ESRCH;
    mm = task->mm;
    if (!mm)
        return 0; // a kernel thread, or a zombie
    mm_get(mm);
    put_memory(text, mm, mm->arg_start, mm->arg_end);
    mm_put(mm);
    return 0;
}

int proc_show_auxv(struct proc_text *text, const struct proc_ref *ref)
{
    struct mm *mm;
    int rc = proc_get_mm(ref, &mm);

    if (rc || !mm)
        return rc;
    put_memory(text, mm, mm->auxv_start, mm->auxv_end);
    mm_put(mm);
    return 0;
}

int proc_show_environ(struct proc_text *text, const struct proc_ref *ref)
{
    struct mm *mm;
    int rc = proc_get_mm(ref, &mm);

    if (rc || !mm)
        return rc;
    put_memory(text, mm, mm->env_start, mm->env_end);
    mm_put(mm);
    return 0;
}
