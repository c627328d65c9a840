// kernel/cred.c - credentials: counting, replacing, comparing
// SPDX-License-Identifier: MIT
//
// Source of the rules: capabilities(7), credentials(7), ptrace(2).

#include <kernel/cred.h>

#include <base/assert.h>
#include <kernel/task.h>
#include <mm/mm.h>
#include <mm/page_alloc.h>
#include <mm/slab.h>

#include "cred_internal.h"

// One reference is nobody's: it is never freed.
const struct cred cred_root = {
    .users = 1,
    .permitted = CAPS_ALL,
    .effective = CAPS_ALL,
    .bounding = CAPS_ALL,
};

// The count is all that changes of one that is in use.
static u32 *users_of(const struct cred *cred)
{
    return (u32 *)(uintptr_t)&cred->users;
}

const struct cred *cred_get(const struct cred *cred)
{
    if (cred != &cred_root) {
        ASSERT(cred->users > 0);
        ++*users_of(cred);
    }
    return cred;
}

void cred_put(const struct cred *cred)
{
    if (!cred || cred == &cred_root)
        return;
    ASSERT(cred->users > 0);
    if (--*users_of(cred))
        return;
    group_list_put(cred->groups);
    kfree((void *)(uintptr_t)cred);
}

struct cred *cred_prepare(void)
{
    struct cred *new = kmalloc(sizeof(*new), GFP_KERNEL);

    if (!new)
        return NULL;
    *new = *current->cred;
    new->users = 1;
    if (new->groups)
        new->groups->users++;
    return new;
}

// Whether who was the equal of @old is not that of @new.
static bool is_another(const struct cred *old, const struct cred *new)
{
    return new->euid != old->euid || new->egid != old->egid ||
           new->fsuid != old->fsuid || new->fsgid != old->fsgid ||
           (new->permitted & ~old->permitted);
}

void cred_commit(struct cred *new)
{
    const struct cred *old = current->cred;

    ASSERT(new->users == 1 && !(new->effective & ~new->permitted));
    if (is_another(old, new)) {
        if (current->mm)
            current->mm->is_dumpable = false;
        current->parent_death_signal = 0;
    }
    current->cred = new;
    cred_put(old);
}

bool cred_has_group(const struct cred *cred, u32 gid)
{
    return cred->groups && group_list_has(cred->groups, gid);
}

bool cred_in_group(const struct cred *cred, u32 gid)
{
    return cred->fsgid == gid || cred_has_group(cred, gid);
}

static bool is_equal(const struct cred *me, const struct cred *other)
{
    return me->fsuid == other->euid && me->fsuid == other->suid &&
           me->fsuid == other->uid && me->fsgid == other->egid &&
           me->fsgid == other->sgid && me->fsgid == other->gid;
}

bool task_may_look(const struct task *task)
{
    const struct cred *me = current->cred, *other = task->cred;

    if (task->tgid == current->tgid || cred_has(me, CAP_SYS_PTRACE))
        return true;
    return is_equal(me, other) && (!task->mm || task->mm->is_dumpable) &&
           !(other->permitted & ~me->effective);
}

u32 user_task_count(u32 uid)
{
    struct task *task;
    u32 count = 0;

    list_for_each_entry (task, &task_list, all_link)
        count += task->cred->uid == uid;
    return count;
}
