// kernel/shm_control.c - System V shared memory: shmctl
// SPDX-License-Identifier: MIT
//
// Each structure exists twice: the present ones, and old ones with numbers of
// 16 bits, which programs get that call ipc(2) without IPC_64.

#include <kernel/shm.h>

#include <asm/resource.h>
#include <base/errno.h>
#include <kernel/cred.h>
#include <kernel/ids.h>
#include <kernel/shm_abi.h>
#include <kernel/task.h>
#include <kernel/uaccess.h>
#include <lib/string.h>

#include "shm_private.h"

#define SHMMIN 1u

// ---- telling ---------------------------------------------------------------

static s32 put_new(void __user *user, const struct shm_segment *s)
{
    struct shmid64_ds out;

    memset(&out, 0, sizeof(out));
    out.shm_perm.key = s->key;
    out.shm_perm.uid = s->uid;
    out.shm_perm.gid = s->gid;
    out.shm_perm.cuid = s->cuid;
    out.shm_perm.cgid = s->cgid;
    out.shm_perm.mode = (__kernel_mode_t)s->mode;
    out.shm_perm.seq = (unsigned short)(s->id >> 15);
    out.shm_segsz = s->bytes;
    out.shm_atime = (u32)s->attached_s;
    out.shm_atime_high = (u32)(s->attached_s >> 32);
    out.shm_dtime = (u32)s->detached_s;
    out.shm_dtime_high = (u32)(s->detached_s >> 32);
    out.shm_ctime = (u32)s->changed_s;
    out.shm_ctime_high = (u32)(s->changed_s >> 32);
    out.shm_cpid = s->cpid;
    out.shm_lpid = s->lpid;
    out.shm_nattch = s->attaches;
    return put_user(out, (struct shmid64_ds __user *)user);
}

static s32 put_old(void __user *user, const struct shm_segment *s)
{
    struct shmid_ds out;

    memset(&out, 0, sizeof(out));
    out.shm_perm.key = s->key;
    out.shm_perm.uid = id_to_16(s->uid);
    out.shm_perm.gid = id_to_16(s->gid);
    out.shm_perm.cuid = id_to_16(s->cuid);
    out.shm_perm.cgid = id_to_16(s->cgid);
    out.shm_perm.mode = (__kernel_mode_t)s->mode;
    out.shm_perm.seq = (unsigned short)(s->id >> 15);
    out.shm_segsz = (int)s->bytes;
    out.shm_atime = (s32)s->attached_s;
    out.shm_dtime = (s32)s->detached_s;
    out.shm_ctime = (s32)s->changed_s;
    out.shm_cpid = (unsigned short)s->cpid;
    out.shm_lpid = (unsigned short)s->lpid;
    out.shm_nattch = (unsigned short)s->attaches;
    return put_user(out, (struct shmid_ds __user *)user);
}

static s32 stat_segment(struct shm_segment *segment, u32 command, bool is_new,
                        void __user *user)
{
    s32 result = command == IPC_STAT ? 0 : segment->id;
    int err = command == SHM_STAT_ANY ? 0 : shm_may(segment, 0444);

    if (!err)
        err = is_new ? put_new(user, segment) : put_old(user, segment);
    return err ? err : result;
}

// The highest place in use; 0, also if there is none.
static s32 highest_slot(void)
{
    u32 slot = shm_slots();

    while (slot > 0 && !shm_find_slot(slot - 1))
        slot--;
    return slot ? (s32)slot - 1 : 0;
}

static s32 tell_limits(bool is_new, void __user *user)
{
    struct shminfo64 info;
    struct shminfo old;
    int err;

    memset(&info, 0, sizeof(info));
    info.shmmax = shm_max_bytes;
    info.shmmin = SHMMIN;
    info.shmmni = info.shmseg = shm_max_segments;
    info.shmall = shm_max_pages;
    if (is_new) {
        err = put_user(info, (struct shminfo64 __user *)user);
    } else {
        old = (struct shminfo){
            .shmmax = (int)min(shm_max_bytes, 0x7fffffffu),
            .shmmin = (int)SHMMIN,
            .shmmni = (int)shm_max_segments,
            .shmseg = (int)shm_max_segments,
            .shmall = (int)shm_max_pages,
        };
        err = put_user(old, (struct shminfo __user *)user);
    }
    return err ? err : highest_slot();
}

static s32 tell_totals(void __user *user)
{
    struct shm_totals totals;
    struct shm_info info;

    shm_totals(&totals);
    memset(&info, 0, sizeof(info));
    info.used_ids = (int)totals.segments;
    info.shm_tot = totals.pages;
    info.shm_rss = totals.resident;
    info.shm_swp = totals.swapped;
    return put_user(info, (struct shm_info __user *)user) ? -EFAULT
                                                          : highest_slot();
}

// ---- changing --------------------------------------------------------------

static bool is_owner(const struct shm_segment *segment)
{
    const struct cred *me = current->cred;

    return me->euid == segment->cuid || me->euid == segment->uid;
}

// What IPC_SET takes from either structure.
struct new_owner {
    u32 uid, gid, mode;
};

static int get_new_owner(const void __user *user, bool is_new,
                         struct new_owner *out)
{
    struct shmid64_ds present;
    struct shmid_ds old;

    if (is_new) {
        if (get_user(present, (const struct shmid64_ds __user *)user))
            return -EFAULT;
        *out = (struct new_owner){present.shm_perm.uid, present.shm_perm.gid,
                                  present.shm_perm.mode};
    } else {
        if (get_user(old, (const struct shmid_ds __user *)user))
            return -EFAULT;
        *out = (struct new_owner){old.shm_perm.uid, old.shm_perm.gid,
                                  old.shm_perm.mode};
    }
    return 0;
}

static s32 change(s32 id, u32 command, const struct new_owner *owner)
{
    struct shm_segment *segment = shm_find(id);

    if (!segment)
        return -EINVAL;
    if (!is_owner(segment) && !capable(CAP_SYS_ADMIN))
        return -EPERM;
    if (command == IPC_RMID) {
        shm_remove(segment);
        return 0;
    }
    if (owner->uid == ~0u || owner->gid == ~0u)
        return -EINVAL;
    segment->uid = owner->uid;
    segment->gid = owner->gid;
    segment->mode = (segment->mode & ~0777u) | (owner->mode & 0777u);
    segment->changed_s = shm_now_s();
    return 0;
}

static s32 lock(s32 id, u32 command)
{
    struct shm_segment *segment = shm_find(id);

    if (!segment)
        return -EINVAL;
    if (!capable(CAP_IPC_LOCK)) {
        if (!is_owner(segment) ||
            (command == SHM_LOCK &&
             !current->process->limits[RLIMIT_MEMLOCK].soft))
            return -EPERM;
        if (command == SHM_LOCK &&
            segment->bytes > current->process->limits[RLIMIT_MEMLOCK].soft)
            return -ENOMEM;
    }
    shm_set_locked(segment, command == SHM_LOCK);
    return 0;
}

s32 shm_control(s32 id, u32 command, bool is_new, void __user *user)
{
    struct shm_segment *segment;
    struct new_owner owner;

    if (id < 0)
        return -EINVAL;
    switch (command) {
    case IPC_INFO: return tell_limits(is_new, user);
    case SHM_INFO: return tell_totals(user);
    case SHM_STAT:
    case SHM_STAT_ANY:
    case IPC_STAT:
        segment = command == IPC_STAT ? shm_find(id) : shm_find_slot((u32)id);
        if (!segment)
            return -EINVAL;
        return stat_segment(segment, command, is_new, user);
    case IPC_SET:
        if (get_new_owner(user, is_new, &owner))
            return -EFAULT;
        return change(id, command, &owner);
    case IPC_RMID: return change(id, command, NULL);
    case SHM_LOCK:
    case SHM_UNLOCK: return lock(id, command);
    default: return -EINVAL;
    }
}
