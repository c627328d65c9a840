// fs/procfs/pid_mem.h - what the files about an address space share
// SPDX-License-Identifier: MIT
#pragma once

#include <mm/mm.h>

#include "procfs.h"

// proc_get_mm - the address space of the process, held; *out NULL: it has none.
// Return: 0; -ESRCH; -EACCES.
__must_check int proc_get_mm(const struct proc_ref *ref, struct mm **out);

// proc_put_area - the area's line of maps. @buf: PATH_MAX bytes.
void proc_put_area(struct proc_text *text, const struct vm_area *vma,
                   char *buf);

// proc_for_each_area - @put for each area of the process, mm->lock held.
// Return: 0; -ESRCH; -EACCES; -ENOMEM.
__must_check int proc_for_each_area(
    struct proc_text *text, const struct proc_ref *ref,
    void (*put)(struct proc_text *text, const struct vm_area *vma, char *buf));
