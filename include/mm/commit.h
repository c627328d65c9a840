// include/mm/commit.h - memory that programs have been promised
// SPDX-License-Identifier: MIT
//
// What has no file beneath it must find room in memory or swap once it is
// written to. Each page that may come to that is counted when it is promised:
// private writable areas (VM_ACCOUNT), shared memory by its size, and files of
// tmpfs by the pages they have. Whether
// more is promised than there is, vm.overcommit_memory says:
//
//   0  a single promise of more than all memory and swap is refused
//   1  nothing is
//   2  all promises together stay below CommitLimit
//
// Source: Linux admin-guide/mm/overcommit-accounting and sysctl/vm.
#pragma once

#include <base/compiler.h>
#include <base/types.h>

enum overcommit {
    COMMIT_GUESS,
    COMMIT_ALWAYS,
    COMMIT_NEVER,
};

// vm_commit - promise @pages more to the current task, vm_uncommit - give back
// as many. Return: 0; -ENOMEM. Any task context; no sleep.
__must_check int vm_commit(u32 pages);
void vm_uncommit(u32 pages);

// vm_commit_moved - @pages are on the books twice while they move: the area
// that they leave gives them back when it goes. Never refused.
void vm_commit_moved(u32 pages);

// vm_committed - Committed_AS, vm_commit_limit - CommitLimit, in pages.
u32 vm_committed(void);
u32 vm_commit_limit(void);
