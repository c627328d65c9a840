// userland/tests/perms_system.c - who may do what to /proc and to the system
// SPDX-License-Identifier: MIT

#include "perms.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/reboot.h>
#include <stdio.h>
#include <string.h>
#include <sys/klog.h>
#include <sys/shm.h>
#include <sys/swap.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum {
    SYSLOG_READ_ALL = 3,
    SYSLOG_SIZE = 10,
};

// ---- what /proc shows ------------------------------------------------------

static int open_proc(const char *what, int flags)
{
    char path[64];

    snprintf(path, sizeof(path), "/proc/%d/%s", subject(what),
             strchr(what, ' ') + 1);
    return open_with(path, flags);
}

static int read_proc(const char *what)
{
    return open_proc(what, O_RDONLY);
}

static int write_proc(const char *what)
{
    return open_proc(what, O_WRONLY);
}

static int link_proc(const char *what)
{
    char path[64], text[64];

    snprintf(path, sizeof(path), "/proc/%d/%s", subject(what),
             strchr(what, ' ') + 1);
    return readlink(path, text, sizeof(text)) < 0 ? errno : 0;
}

static int read_file(const char *path)
{
    return open_with(path, O_RDONLY);
}

static int write_file(const char *path)
{
    return open_with(path, O_WRONLY);
}

static int spare_self(const char *path)
{
    int fd = open(path, O_WRONLY), result;

    if (fd < 0)
        return errno;
    result = write(fd, "-1", 2) == 2 ? 0 : errno;
    close(fd);
    return result;
}

// ---- the system ------------------------------------------------------------

static int swap_on(const char *path)
{
    return result_of(swapon(path, 0));
}

static int swap_off(const char *path)
{
    return result_of(swapoff(path));
}

// Does nothing: the keys Ctrl, Alt and Delete go on meaning what they mean.
static int reboot_nothing(const char *what)
{
    (void)what;
    return result_of(syscall(SYS_reboot, LINUX_REBOOT_MAGIC1,
                             LINUX_REBOOT_MAGIC2, LINUX_REBOOT_CMD_CAD_OFF, 0));
}

static int host_name(const char *what)
{
    char name[65];

    (void)what;
    if (gethostname(name, sizeof(name)) != 0)
        return -1;
    return result_of(sethostname(name, strlen(name)));
}

static int set_clock(const char *what)
{
    struct timespec now;

    (void)what;
    clock_gettime(CLOCK_REALTIME, &now);
    return result_of(clock_settime(CLOCK_REALTIME, &now));
}

static int log_text(const char *what)
{
    char text[16];

    (void)what;
    return klogctl(SYSLOG_READ_ALL, text, sizeof(text)) < 0 ? errno : 0;
}

static int log_size(const char *what)
{
    (void)what;
    return klogctl(SYSLOG_SIZE, NULL, 0) < 0 ? errno : 0;
}

// ---- shared memory ---------------------------------------------------------

static int segment(const char *what)
{
    return what[0] == 'r' ? subjects.shm_of_root : subjects.shm_public;
}

static int attach(const char *what, int flags)
{
    void *at = shmat(segment(what), NULL, flags);

    if (at == (void *)-1)
        return errno;
    return result_of(shmdt(at));
}

static int attach_to_read(const char *what)
{
    return attach(what, SHM_RDONLY);
}

static int attach_to_write(const char *what)
{
    return attach(what, 0);
}

static int shm_stat(const char *what)
{
    struct shmid_ds out;

    return result_of(shmctl(segment(what), IPC_STAT, &out));
}

static int shm_set(const char *what)
{
    struct shmid_ds set = {.shm_perm = {.mode = what[0] == 'r' ? 0600 : 0644}};

    return result_of(shmctl(segment(what), IPC_SET, &set));
}

static int shm_remove(const char *what)
{
    return result_of(shmctl(segment(what), IPC_RMID, NULL));
}

static int shm_lock(const char *what)
{
    return result_of(shmctl(segment(what), SHM_LOCK, NULL));
}

// clang-format off
static const struct row rows[] = {
    //                                      root user member setuid bare
    {"read", read_proc, "root environ", {0, EACCES, EACCES, 0, EACCES}},
    {"read", read_proc, "user environ", {0, 0, 0, 0, EACCES}},
    {"read", read_proc, "root maps", {0, EACCES, EACCES, 0, EACCES}},
    {"read", read_proc, "user maps", {0, 0, 0, 0, EACCES}},
    {"read", read_proc, "root smaps", {0, EACCES, EACCES, 0, EACCES}},
    {"read", read_proc, "root pagemap", {0, EACCES, EACCES, 0, EACCES}},
    {"read", read_proc, "root status", {0, 0, 0, 0, 0}},
    {"read", read_proc, "root stat", {0, 0, 0, 0, 0}},
    {"read", read_proc, "root cmdline", {0, 0, 0, 0, 0}},
    {"read", read_proc, "root fd", {0, EACCES, EACCES, 0, 0}},
    {"read", read_proc, "root fd/1", {0, EACCES, EACCES, 0, EACCES}},
    {"write", write_proc, "root oom_score_adj", {0, EACCES, EACCES, 0, 0}},
    {"write", write_proc, "root clear_refs", {0, EACCES, EACCES, 0, 0}},
    {"readlink", link_proc, "root exe", {0, EACCES, EACCES, 0, EACCES}},
    {"readlink", link_proc, "root cwd", {0, EACCES, EACCES, 0, EACCES}},
    {"readlink", link_proc, "root root", {0, EACCES, EACCES, 0, EACCES}},
    {"read", read_file, "/proc/self/maps", {0, 0, 0, 0, 0}},
    {"read", read_file, "/proc/self/environ", {0, EACCES, EACCES, 0, 0}},
    {"read", read_file, "/proc/self/fd", {0, 0, 0, 0, 0}},
    {"read", read_file, "/proc/kmsg", {0, EACCES, EACCES, 0, EPERM}},
    {"read", read_file, "/proc/slabinfo", {0, EACCES, EACCES, 0, 0}},
    {"write", write_file, "/proc/sys/vm/swappiness", {0, EACCES, EACCES, 0, 0}},
    {"spare", spare_self, "/proc/self/oom_score_adj", {0, EACCES, EACCES, 0, EACCES}},
    {"read", read_file, "/dev/sda", {0, EACCES, EACCES, 0, 0}},
    {"write", write_file, "/dev/null", {0, 0, 0, 0, 0}},

    {"swapon", swap_on, "/dev/null", {EINVAL, EPERM, EPERM, EINVAL, EPERM}},
    {"swapoff", swap_off, "/dev/null", {EINVAL, EPERM, EPERM, EINVAL, EPERM}},
    {"reboot", reboot_nothing, "", {0, EPERM, EPERM, 0, EPERM}},
    {"sethostname", host_name, "", {0, EPERM, EPERM, 0, EPERM}},
    {"clock_settime", set_clock, "", {0, EPERM, EPERM, 0, EPERM}},
    {"syslog", log_text, "text", {0, EPERM, EPERM, 0, EPERM}},
    {"syslog", log_size, "size", {0, EPERM, EPERM, 0, EPERM}},

    {"shmat to read", attach_to_read, "root", {0, EACCES, EACCES, 0, 0}},
    {"shmat to read", attach_to_read, "public", {0, 0, 0, 0, 0}},
    {"shmat to write", attach_to_write, "public", {0, EACCES, EACCES, 0, 0}},
    {"IPC_STAT", shm_stat, "root", {0, EACCES, EACCES, 0, 0}},
    {"IPC_STAT", shm_stat, "public", {0, 0, 0, 0, 0}},
    {"IPC_SET", shm_set, "public", {0, EPERM, EPERM, 0, 0}},
    {"SHM_LOCK", shm_lock, "public", {0, EPERM, EPERM, 0, 0}},
    {"IPC_RMID", shm_remove, "root", {0, EPERM, EPERM, 0, 0}},
};
// clang-format on

const struct row_table system_rows = {rows, sizeof(rows) / sizeof(rows[0])};
