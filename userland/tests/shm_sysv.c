// userland/tests/shm_sysv.c - shared memory of System V
// SPDX-License-Identifier: MIT
//
// Through the C library, which uses ipc(2), and by the direct calls.

#include "shm.h"

#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "ktap.h"

enum {
    KEY = 0x46544c01,
    NOBODY = 65534,
    CALL_STAT = 2, // the kernel's IPC_STAT; the C library's has more bits
};

#define FAILED ((void *)-1)
#define RW     (PROT_READ | PROT_WRITE)

static int make(key_t key, size_t bytes, int flags)
{
    int id = shmget(key, bytes, flags);

    if (id < 0)
        ktap_bail("shmget: %s", strerror(errno));
    return id;
}

static struct shmid_ds status_of(int id)
{
    struct shmid_ds status;

    memset(&status, 0, sizeof(status));
    if (shmctl(id, IPC_STAT, &status) != 0)
        ktap_note("shmctl(IPC_STAT): %s", strerror(errno));
    return status;
}

// ---- shmget ----------------------------------------------------------------

static void test_get(void)
{
    int id;

    ktap_result(fails(shmget(KEY, PAGE_BYTES, 0), ENOENT), "no such key");
    ktap_result(fails(shmget(IPC_PRIVATE, 0, 0600), EINVAL), "no bytes");
    id = make(KEY, 5000, IPC_CREAT | 0600);
    ktap_result(shmget(KEY, 0, 0) == id && shmget(KEY, 5000, 0) == id,
                "found by key");
    ktap_result(fails(shmget(KEY, 5001, 0), EINVAL), "not so large");
    ktap_result(fails(shmget(KEY, 1, IPC_CREAT | IPC_EXCL), EEXIST),
                "IPC_EXCL");
    ktap_result(shmctl(id, IPC_RMID, NULL) == 0 &&
                    fails(shmctl(id, IPC_RMID, NULL), EINVAL),
                "removed once");
}

// ---- shmat, shmdt ----------------------------------------------------------

static bool add_one(void *argument)
{
    volatile int *number = argument;

    ++*number;
    return true;
}

static bool count_in_child(void *argument)
{
    return status_of(*(int *)argument).shm_nattch == 2;
}

static void test_attach(void)
{
    int id = make(IPC_PRIVATE, 5000, IPC_CREAT | 0600);
    int *one = shmat(id, NULL, 0), *two = shmat(id, NULL, SHM_RDONLY);

    ktap_result(one != FAILED && two != FAILED && one != two, "shmat twice");
    *one = 7;
    ktap_result(*two == 7, "the same memory");
    ktap_result(proc_has("/proc/self/maps", "/SYSV00000000 (deleted)"),
                "the name in /proc/self/maps");
    ktap_result(fails(mprotect(two, PAGE_BYTES, RW), EACCES),
                "SHM_RDONLY cannot be made writable");
    ktap_result(shmdt(two) == 0 && fails(shmdt(two), EINVAL), "shmdt");
    ktap_result(fails(shmdt((char *)one + 1), EINVAL), "shmdt: unaligned");
    ktap_result(child_says(add_one, one) && *one == 8, "shared with a child");
    ktap_result(child_says(count_in_child, &id) &&
                    status_of(id).shm_nattch == 1,
                "fork and exit count");
    mprotect((char *)one + PAGE_BYTES, PAGE_BYTES, PROT_READ);
    ktap_result(status_of(id).shm_nattch == 2, "two areas count as two");
    ktap_result(shmctl(id, IPC_RMID, NULL) == 0 &&
                    (status_of(id).shm_perm.mode & SHM_DEST) && *one == 8,
                "removed, and still there");
    ktap_result(shmdt(one) == 0 &&
                    fails(shmctl(id, IPC_STAT, &(struct shmid_ds){0}), EINVAL),
                "gone with the last one, of both areas");
}

static void test_places(void)
{
    int id = make(IPC_PRIVATE, 2 * PAGE_BYTES, IPC_CREAT | 0700);
    char *room = shm_map(-1, 8 * PAGE_BYTES, MAP_PRIVATE | MAP_ANONYMOUS);
    char *at;

    room[0] = 'r';
    ktap_result(shmat(id, room, 0) == FAILED && errno == EINVAL,
                "not where something is");
    at = shmat(id, room, SHM_REMAP);
    ktap_result(at == room && room[0] == 0, "SHM_REMAP");
    shmdt(at);
    ktap_result(shmat(id, NULL, SHM_REMAP) == FAILED && errno == EINVAL,
                "SHM_REMAP without a place");
    ktap_result(shmat(id, room + 1, 0) == FAILED && errno == EINVAL,
                "unaligned");
    at = shmat(id, room + 1, SHM_RND);
    ktap_result(at == room, "SHM_RND");
    shmdt(at);
    at = shmat(id, NULL, SHM_EXEC);
    ktap_result(at != FAILED, "SHM_EXEC");
    shmdt(at);
    ktap_result(shmat(-1, NULL, 0) == FAILED && errno == EINVAL, "no segment");
    munmap(room, 8 * PAGE_BYTES);
    shmctl(id, IPC_RMID, NULL);
}

void shm_test_segments(void)
{
    ktap_enter("segments", 24);
    test_get();
    test_attach();
    test_places();
    ktap_leave();
}

// ---- shmctl ----------------------------------------------------------------

static bool is_refused(void *argument)
{
    int id = *(int *)argument;
    struct shmid_ds status = status_of(id);

    if (setgid(NOBODY) != 0 || setuid(NOBODY) != 0)
        return false;
    return shmat(id, NULL, 0) == FAILED && errno == EACCES &&
           fails(shmctl(id, IPC_STAT, &status), EACCES) &&
           fails(shmctl(id, IPC_SET, &status), EPERM) &&
           fails(shmctl(id, IPC_RMID, NULL), EPERM) &&
           fails(shmctl(id, SHM_LOCK, NULL), EPERM) &&
           fails(shmget(KEY, 1, 0400), EACCES);
}

static bool may_read(void *argument)
{
    int id = *(int *)argument;

    if (setgid(NOBODY) != 0 || setuid(NOBODY) != 0)
        return false;
    return shmat(id, NULL, 0) == FAILED && errno == EACCES &&
           shmat(id, NULL, SHM_RDONLY) != FAILED;
}

static void test_status(int id)
{
    struct shmid_ds status = status_of(id);
    time_t now = time(NULL);

    ktap_result(status.shm_segsz == 5000 && status.shm_cpid == getpid() &&
                    status.shm_lpid == 0 && status.shm_nattch == 0,
                "size and processes");
    ktap_result((status.shm_perm.mode & 0777) == 0600 &&
                    status.shm_perm.uid == 0 && status.shm_perm.cuid == 0,
                "owner and mode");
    ktap_result(status.shm_atime == 0 && status.shm_dtime == 0 &&
                    status.shm_ctime >= now - 5 && status.shm_ctime <= now,
                "times");
    shmdt(shmat(id, NULL, 0));
    status = status_of(id);
    ktap_result(status.shm_atime >= now && status.shm_dtime >= now &&
                    status.shm_lpid == getpid(),
                "times and process of an attachment");
}

static void test_lists(int id)
{
    struct shm_info info;
    struct shminfo limits;
    struct shmid_ds status;
    bool found = false;
    int top = shmctl(0, SHM_INFO, (struct shmid_ds *)&info);

    ktap_result(top >= 0 && info.used_ids >= 1 && info.shm_tot >= 2,
                "SHM_INFO");
    for (int i = 0; i <= top; i++)
        found |= shmctl(i, SHM_STAT, &status) == id && status.shm_segsz == 5000;
    ktap_result(found, "SHM_STAT");
    ktap_result(shmctl(0, IPC_INFO, (struct shmid_ds *)&limits) == top &&
                    limits.shmmin == 1 && limits.shmmni == 4096,
                "IPC_INFO");
    ktap_result(proc_has("/proc/sys/kernel/shmmni", "4096") &&
                    proc_has("/proc/sys/kernel/shmmax", "4278190079") &&
                    proc_has("/proc/sys/kernel/shmall", "4278190079"),
                "/proc/sys/kernel");
    ktap_result(proc_has("/proc/sysvipc/shm", " 5000 "), "/proc/sysvipc/shm");
}

void shm_test_control(void)
{
    int id = make(KEY, 5000, IPC_CREAT | 0600);
    struct shmid_ds status;

    ktap_enter("shmctl", 15);
    test_status(id);
    test_lists(id);
    ktap_result(child_says(is_refused, &id), "another user");
    status = status_of(id);
    status.shm_perm.mode = 0644;
    ktap_result(shmctl(id, IPC_SET, &status) == 0 &&
                    (status_of(id).shm_perm.mode & 0777) == 0644,
                "IPC_SET");
    ktap_result(child_says(may_read, &id), "another user may read");
    ktap_result(shmctl(id, SHM_LOCK, NULL) == 0 &&
                    (status_of(id).shm_perm.mode & SHM_LOCKED) &&
                    shmctl(id, SHM_UNLOCK, NULL) == 0 &&
                    !(status_of(id).shm_perm.mode & SHM_LOCKED),
                "SHM_LOCK, SHM_UNLOCK");
    ktap_result(fails(shmctl(id, 99, NULL), EINVAL), "command");
    ktap_result(fails(syscall(SYS_shmctl, id, CALL_STAT, 1), EFAULT),
                "nowhere");
    shmctl(id, IPC_RMID, NULL);
    ktap_leave();
}

// ---- the direct calls, and the old structures ------------------------------

struct old_perm {
    int key;
    unsigned short uid, gid, cuid, cgid, mode, seq;
};

struct old_status {
    struct old_perm perm;
    int bytes, atime, dtime, ctime;
    unsigned short cpid, lpid, attaches, unused;
    uint32_t unused2, unused3;
};

enum {
    IPC_SHMAT = 21,
    IPC_SHMCTL = 24,
};

void shm_test_direct_calls(void)
{
    struct old_status old;
    uint32_t at = 0;
    int *bytes;
    int id = (int)syscall(SYS_shmget, IPC_PRIVATE, 5000, IPC_CREAT | 0600);

    ktap_enter("calls", 6);
    ktap_result(id >= 0, "shmget");
    bytes = (int *)syscall(SYS_shmat, id, NULL, 0);
    ktap_result(bytes != FAILED && *bytes == 0, "shmat");
    memset(&old, 0xff, sizeof(old));
    ktap_result(syscall(SYS_ipc, IPC_SHMCTL, id, CALL_STAT, 0, &old) == 0 &&
                    old.bytes == 5000 && old.attaches == 1 &&
                    old.perm.mode == 0600 && old.cpid == getpid(),
                "IPC_STAT of the old structure");
    ktap_result(syscall(SYS_ipc, IPC_SHMAT, id, 0, &at, NULL) == 0 && at != 0 &&
                    shmdt((void *)(uintptr_t)at) == 0,
                "ipc: shmat");
    ktap_result(
        fails(syscall(SYS_ipc, IPC_SHMAT | 1 << 16, id, 0, &at, NULL), EINVAL),
        "ipc: shmat of version 1");
    ktap_result(syscall(SYS_shmdt, bytes) == 0 &&
                    syscall(SYS_shmctl, id, IPC_RMID, NULL) == 0,
                "shmdt, shmctl");
    ktap_leave();
}
