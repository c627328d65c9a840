// include/mm/vm_sysctl.h - what can be set in /proc/sys/vm
// SPDX-License-Identifier: MIT
#pragma once

#include <base/compiler.h>
#include <base/types.h>

#define PAGE_CLUSTER_MAX 5u // 32 slots

// The values, for those who go by them; changed only by vm_sysctl_store.
extern u32 vm_panic_on_oom;             // not 0: instead of killing
extern u32 vm_oom_kill_allocating_task; // not 0: who asks, not the worst
extern u32 vm_oom_dump_tasks;           // 0: no list of tasks in the log
extern u32 vm_swappiness; // 0-200: how willingly anonymous pages are taken
extern u32
    vm_overcommit; // enum overcommit (mm/commit.h), and what goes with it
extern u32 vm_overcommit_ratio;  // % of memory, in CommitLimit
extern u32 vm_overcommit_kbytes; // if not 0: in its place
extern u32 vm_admin_reserve_kbytes, vm_user_reserve_kbytes;
extern u32 vm_page_cluster; // 2^this swap slots are read at once

// vm_sysctl_show, vm_sysctl_store - the text of the file @name, a name of the
// table in vm_sysctl.c, in Linux's format.
// Return: 0; -EINVAL: not numbers, or out of range. Context: task, may sleep.
void vm_sysctl_show(const char *name, char *buf, size_t size);
__must_check int vm_sysctl_store(const char *name, const char *text);
