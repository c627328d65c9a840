// include/kernel/cred.h - who a task is, and what it may do
// SPDX-License-Identifier: MIT
//
// A struct cred is counted and does not change once a task has it: who changes
// (setuid, capset, exec) gets a new one. So fork shares it, and a call under
// way may keep the pointer of its own task across a sleep. Only a task itself
// changes its own; that of another is good until the caller sleeps.
//
// A right is asked for as a capability, never as user number 0.
#pragma once

#include <base/bits.h>
#include <base/compiler.h>
#include <kernel/task.h>
#include <linux/capability.h>
#include <linux/securebits.h>

#define CAPS_ALL ((1ull << (CAP_LAST_CAP + 1)) - 1)

struct group_list { // supplementary groups, ascending
    u32 users;
    u32 count;
    u32 gids[];
};

struct cred {
    u32 users;
    u32 uid, euid, suid, fsuid; // real, effective, saved, for files
    u32 gid, egid, sgid, fsgid;
    // Sets of capabilities: bit n is CAP_n. Always effective <= permitted, and
    // ambient <= permitted and inheritable.
    u64 inheritable, permitted, effective, bounding, ambient;
    u32 securebits;
    struct group_list *groups; // held; NULL: none
};

// Of process 1 at its start and of kernel threads: root, with every right.
extern const struct cred cred_root;

const struct cred *cred_get(const struct cred *cred);
void cred_put(const struct cred *cred); // NULL allowed

// cred_prepare - a copy of the current task's, to be changed. NULL: no memory.
// cred_commit - it is the current task's from here on. Whoever so becomes
// another, or gains rights, is from then on not to be looked into by those who
// were its equals (mm->is_dumpable), and not killed by its parent's death.
struct cred *cred_prepare(void);
void cred_commit(struct cred *new);

// cred_in_group - the group of files, or one of the supplementary groups.
// cred_has_group - the latter only.
bool cred_in_group(const struct cred *cred, u32 gid);
bool cred_has_group(const struct cred *cred, u32 gid);

static inline bool cred_has(const struct cred *cred, u32 capability)
{
    return (cred->effective & (1ull << capability)) != 0;
}

// capable - whether the current task has that right.
static inline bool capable(u32 capability)
{
    return cred_has(current->cred, capability);
}

// task_may_look - whether the current task may see the inside of @task: memory,
// files, places. Linux: PTRACE_MODE_READ_FSCREDS.
bool task_may_look(const struct task *task);

// user_task_count - the tasks whose real user is @uid.
u32 user_task_count(u32 uid);
