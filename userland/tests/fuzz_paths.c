// userland/tests/fuzz_paths.c - names of files that calls are given
// SPDX-License-Identifier: MIT

#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/shm.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fuzz.h"

enum {
    ROOT_FIRST = 4,       // in read_paths
    SEGMENTS_ALIVE = 512, // more than there ever are at a time
};

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define PICK(a)  ((a)[fuzz_below(COUNT(a))])

static const char *const scratch_paths[] = {
    "a",        "b",       "c",      "file",     "short",     "link",
    "dir",      "dir/a",   "dir/b",  "dir/dir",  "dir/dir/c", "fifo",
    "dir/../a", "./b",     "loop",   "dangling", "node",      "mnt",
    "mnt/a",    "mnt/dir", "swap",   "prog",     "script",    "",
    "a/",       "dir/",    "mnt/..", "file/x",   "dir//a",    "mnt/dir/b",
    "sock",     "swap",    "swap",   "./swap",
};

// Without those through which root would stop the machine, or its memory, or
// the supervisor's: panic_on_oom, overcommit_memory, oom_score_adj ...
// Through those before ROOT_FIRST root would change files of the machine.
static const char *const read_paths[] = {
    "/proc/self/exe",
    "/proc/self/root",
    "/proc/2/exe",
    "/proc/1/root",
    "/dev/null",
    "/dev/zero",
    "/dev/full",
    "/dev/random",
    "/dev/urandom",
    "/dev/tty",
    "/dev/ptmx",
    "/dev/pts/0",
    "/dev/fd/3",
    FUZZ_OUTSIDE,
    "/proc/self/mem",
    "/proc/self/maps",
    "/proc/self/smaps",
    "/proc/self/stat",
    "/proc/self/status",
    "/proc/self/statm",
    "/proc/self/pagemap",
    "/proc/self/environ",
    "/proc/self/cmdline",
    "/proc/self/auxv",
    "/proc/self/comm",
    "/proc/self/cwd",
    "/proc/self/fd",
    "/proc/self/fd/4",
    "/proc/self/fd/9",
    "/proc/self/fdinfo",
    "/proc/self/fdinfo/5",
    "/proc/self/task",
    "/proc/self/limits",
    "/proc/self/mounts",
    "/proc/self/mountinfo",
    "/proc/self/oom_score",
    "/proc/self/syscall",
    "/proc/self/wchan",
    "/proc/self/stack",
    "/proc/self/io",
    "/proc/self/clear_refs",
    "/proc/self",
    "/proc/thread-self",
    "/proc",
    "/proc/1/stat",
    "/proc/1/maps",
    "/proc/1/status",
    "/proc/2/status",
    "/proc/2/maps",
    "/proc/2/fd",
    "/proc/2/environ",
    "/proc/99999/stat",
    "/proc/meminfo",
    "/proc/vmstat",
    "/proc/stat",
    "/proc/slabinfo",
    "/proc/zoneinfo",
    "/proc/buddyinfo",
    "/proc/pagetypeinfo",
    "/proc/vmallocinfo",
    "/proc/kpageflags",
    "/proc/kpagecount",
    "/proc/swaps",
    "/proc/mounts",
    "/proc/filesystems",
    "/proc/devices",
    "/proc/partitions",
    "/proc/loadavg",
    "/proc/uptime",
    "/proc/version",
    "/proc/cpuinfo",
    "/proc/interrupts",
    "/proc/locks",
    "/proc/sysvipc/shm",
    "/proc/net",
    "/proc/sys",
    "/proc/sys/vm",
    "/proc/sys/vm/swappiness",
    "/proc/sys/vm/drop_caches",
    "/proc/sys/vm/page-cluster",
    "/proc/sys/vm/dirty_ratio",
    "/proc/sys/vm/dirty_bytes",
    "/proc/sys/vm/dirty_expire_centisecs",
    "/proc/sys/vm/max_map_count",
    "/proc/sys/vm/mmap_min_addr",
    "/proc/sys/vm/lowmem_reserve_ratio",
    "/proc/sys/kernel/hostname",
    "/proc/sys/kernel/osrelease",
    "/proc/sys/kernel/shmall",
    "/proc/sys/kernel/shmmax",
    "/proc/sys/kernel/pid_max",
    "/proc/faultline",
    "/proc/faultline/faults",
    "/proc/faultline/census",
};

const char *fuzz_path(void)
{
    static char long_path[PATH_MAX + 8];
    static const uint16_t lengths[] = {255, 256, 4094, 4095, 4096, 4100};
    uint32_t length;

    if (!fuzz_one_in(40))
        return PICK(scratch_paths);
    length = PICK(lengths);
    memset(long_path, 'n', length);
    if (fuzz_one_in(2))
        for (uint32_t i = 1; i < length; i += 2)
            long_path[i] = '/';
    long_path[length] = '\0';
    return long_path;
}

// The terminal of a session can be opened by those only who have one.
static void touch_terminal(void)
{
    int master, unlocked = 0, fd;

    setsid();
    master = open("/dev/ptmx", O_RDWR);
    ioctl(master, TIOCSPTLCK, &unlocked);
    open(ptsname(master), O_RDWR);
    fd = open("/dev/tty", O_RDWR);
    _exit(fd < 0 || flock(fd, LOCK_SH | LOCK_NB) != 0);
}

// The table of segments grows and is kept.
static void touch_segments(void)
{
    int ids[SEGMENTS_ALIVE];

    for (unsigned i = 0; i < SEGMENTS_ALIVE; i++)
        ids[i] = shmget(IPC_PRIVATE, PAGE_BYTES, 0600);
    for (unsigned i = 0; i < SEGMENTS_ALIVE; i++)
        shmctl(ids[i], IPC_RMID, NULL);
}

void fuzz_touch_all(void)
{
    pid_t pid = fork();

    if (pid == 0)
        touch_terminal();
    waitpid(pid, NULL, 0);
    touch_segments();
    for (unsigned i = 0; i < COUNT(read_paths); i++) {
        int fd = open(read_paths[i], O_RDONLY | O_NONBLOCK);

        if (fd >= 0)
            flock(fd, LOCK_SH | LOCK_NB);
        close(fd);
    }
}

const char *fuzz_any_path(void)
{
    static uint32_t first = COUNT(read_paths);

    if (first == COUNT(read_paths))
        first = getuid() == 0 ? ROOT_FIRST : 0;
    if (fuzz_one_in(2))
        return fuzz_path();
    return read_paths[first + fuzz_below(COUNT(read_paths) - first)];
}
