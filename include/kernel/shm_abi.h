// include/kernel/shm_abi.h - the numbers and old structures of shared memory
// SPDX-License-Identifier: MIT
//
// What linux/shm.h has, which cannot be included: it includes the C library's
// unistd.h. The present structures are in asm/shmbuf.h. Names are the manual's.
#pragma once

#include <asm/shmbuf.h>
#include <linux/ipc.h>

#define SHM_HUGETLB   04000u // shmget
#define SHM_NORESERVE 010000u

#define SHM_RDONLY 010000u // shmat
#define SHM_RND    020000u
#define SHM_REMAP  040000u
#define SHM_EXEC   0100000u

#define SHM_LOCK     11u // shmctl
#define SHM_UNLOCK   12u
#define SHM_STAT     13u
#define SHM_INFO     14u
#define SHM_STAT_ANY 15u

// Without IPC_64 in the command.
struct shmid_ds {
    struct ipc_perm shm_perm;
    int shm_segsz;
    __kernel_old_time_t shm_atime;
    __kernel_old_time_t shm_dtime;
    __kernel_old_time_t shm_ctime;
    __kernel_ipc_pid_t shm_cpid;
    __kernel_ipc_pid_t shm_lpid;
    unsigned short shm_nattch;
    unsigned short shm_unused;
    void *shm_unused2;
    void *shm_unused3;
};

struct shminfo {
    int shmmax;
    int shmmin;
    int shmmni;
    int shmseg;
    int shmall;
};

struct shm_info {
    int used_ids;
    __kernel_ulong_t shm_tot;
    __kernel_ulong_t shm_rss;
    __kernel_ulong_t shm_swp;
    __kernel_ulong_t swap_attempts;
    __kernel_ulong_t swap_successes;
};
