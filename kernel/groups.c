// kernel/groups.c - supplementary groups
// SPDX-License-Identifier: MIT
//
// A counted list in ascending order, as long as setgroups(2) gave it (up to
// NGROUPS_MAX), shared by all credentials that were made from one another.

#include <kernel/sys_proc.h>

#include <base/errno.h>
#include <kernel/ids.h>
#include <kernel/uaccess.h>
#include <linux/limits.h>
#include <mm/page_alloc.h>
#include <mm/slab.h>
#include <mm/vmalloc.h>

#include "cred_internal.h"

static u32 list_bytes(u32 count)
{
    return (u32)sizeof(struct group_list) + count * (u32)sizeof(u32);
}

static struct group_list *list_create(u32 count)
{
    u32 bytes = list_bytes(count);
    struct group_list *list =
        bytes > PAGE_SIZE ? vmalloc(bytes) : kmalloc(bytes, GFP_KERNEL);

    if (!list)
        return NULL;
    list->users = 1;
    list->count = count;
    return list;
}

void group_list_put(struct group_list *list)
{
    if (!list || --list->users)
        return;
    if (list_bytes(list->count) > PAGE_SIZE)
        vfree(list);
    else
        kfree(list);
}

bool group_list_has(const struct group_list *list, u32 gid)
{
    u32 low = 0, high = list->count;

    while (low < high) {
        u32 middle = (low + high) / 2;

        if (list->gids[middle] == gid)
            return true;
        if (list->gids[middle] < gid)
            low = middle + 1;
        else
            high = middle;
    }
    return false;
}

// Heap sort: no recursion, no memory, and no order that is slow.
static void sift_down(u32 *a, u32 root, u32 count)
{
    u32 child, value = a[root];

    for (; (child = 2 * root + 1) < count; root = child) {
        if (child + 1 < count && a[child + 1] > a[child])
            child++;
        if (value >= a[child])
            break;
        a[root] = a[child];
    }
    a[root] = value;
}

static void sort(u32 *a, u32 count)
{
    u32 i, top;

    for (i = count / 2; i-- > 0;)
        sift_down(a, i, count);
    for (i = count; i-- > 1;) {
        top = a[0];
        a[0] = a[i];
        a[i] = top;
        sift_down(a, 0, i);
    }
}

static int check_count(s32 count)
{
    if (!capable(CAP_SETGID))
        return -EPERM;
    return count < 0 || count > NGROUPS_MAX ? -EINVAL : 0;
}

// Uses up @list.
static s32 set_groups(struct group_list *list)
{
    struct cred *new = cred_prepare();

    if (!new) {
        group_list_put(list);
        return -ENOMEM;
    }
    sort(list->gids, list->count);
    group_list_put(new->groups);
    new->groups = list;
    cred_commit(new);
    return 0;
}

s32 sys_setgroups32(s32 count, const u32 __user *groups)
{
    struct group_list *list;
    int error = check_count(count);

    if (error)
        return error;
    list = list_create((u32)count);
    if (!list)
        return -ENOMEM;
    if (copy_from_user(list->gids, groups, (u32)count * sizeof(u32))) {
        group_list_put(list);
        return -EFAULT;
    }
    for (s32 i = 0; i < count; i++) {
        if (list->gids[i] == ~0u) {
            group_list_put(list);
            return -EINVAL;
        }
    }
    return set_groups(list);
}

s32 sys_setgroups(s32 count, const u16 __user *groups)
{
    struct group_list *list;
    int error = check_count(count);
    u16 gid;

    if (error)
        return error;
    list = list_create((u32)count);
    if (!list)
        return -ENOMEM;
    for (s32 i = 0; i < count; i++) {
        error = get_user(gid, groups + i);
        if (!error && gid == (u16)~0u)
            error = -EINVAL;
        if (error) {
            group_list_put(list);
            return error;
        }
        list->gids[i] = gid;
    }
    return set_groups(list);
}

// How many there are. -EINVAL: more than @room, which is not 0.
static s32 count_groups(s32 room)
{
    const struct group_list *list = current->cred->groups;
    u32 have = list ? list->count : 0;

    return room < 0 || (room && (u32)room < have) ? -EINVAL : (s32)have;
}

s32 sys_getgroups32(s32 room, u32 __user *groups)
{
    s32 have = count_groups(room);

    if (have > 0 && room &&
        copy_to_user(groups, current->cred->groups->gids,
                     (u32)have * sizeof(u32)))
        return -EFAULT;
    return have;
}

s32 sys_getgroups(s32 room, u16 __user *groups)
{
    s32 have = count_groups(room);

    for (s32 i = 0; room && i < have; i++)
        if (put_user(id_to_16(current->cred->groups->gids[i]), groups + i))
            return -EFAULT;
    return have;
}
