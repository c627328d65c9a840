// userland/tests/fuzz_value.c - arguments by their kind
// SPDX-License-Identifier: MIT
//
//   ?  any of those below          i  a number           y  a small one
//   x  flags: some bits            f  descriptor         d  one to start at
//   p  name in the scratch folder  P  name of anything that may be read
//   b  pointer to anything         G  output, looked at afterwards
//   n  size of a buffer            a  address of a page  l  length of a range
//   r  protection                  m  flags of mmap      o  flags of open
//   c  flags of clone              s  signal             k  process
//   u  user or group               M  mode               e  device
//   w  whence                      I  ioctl              C  fcntl
//   X  futex operation             K  clock              Z  size of a set
//   N  file system                 V  strings            z  string
//
// and structures (fuzz_struct.c): v iovecs, t and T times, S set of signals,
// A sigaction, L pollfds, F set of descriptors, D segment.
//
// What a worker is given to damage is its own: names that change something are
// of its folder, processes itself and its children. As root there is nothing
// else that would keep it from ending the machine.

#include <asm/unistd.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <linux/futex.h>
#include <linux/sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fuzz.h"

enum {
    DESCRIPTORS = 40,
    CHILDREN = 8,
    REGIONS = 16,
    STRINGS = 6,
    ROOT_FIRST = 4, // in read_paths
};

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define PICK(a)  ((a)[fuzz_below(COUNT(a))])

static int32_t children[CHILDREN];
static uint32_t regions[REGIONS];

static const char *const scratch_paths[] = {
    "a",        "b",       "c",      "file",     "short",     "link",
    "dir",      "dir/a",   "dir/b",  "dir/dir",  "dir/dir/c", "fifo",
    "dir/../a", "./b",     "loop",   "dangling", "node",      "mnt",
    "mnt/a",    "mnt/dir", "swap",   "prog",     "script",    "",
    "a/",       "dir/",    "mnt/..", "file/x",   "dir//a",    "mnt/dir/b",
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

void fuzz_touch_all(void)
{
    pid_t pid = fork();

    if (pid == 0)
        touch_terminal();
    waitpid(pid, NULL, 0);
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

// As a buffer of the arena, so that it is also put where memory ends.
static uint32_t string(const char *text)
{
    size_t bytes = strlen(text) + 1;
    uint32_t *to;

    if (fuzz_one_in(30))
        return fuzz_pointer();
    to = fuzz_buffer((uint32_t)bytes);
    memcpy(to, text, bytes);
    return (uint32_t)(uintptr_t)to;
}

uint32_t fuzz_pid(void)
{
    switch (fuzz_below(8)) {
    case 0: return 0;
    case 1: return 0x7fffffff - fuzz_below(3);
    case 2: return (uint32_t)-getpid();
    case 3: return 1000000 + fuzz_below(1000000);
    case 4:
    case 5: return (uint32_t)children[fuzz_below(CHILDREN)];
    default: return (uint32_t)getpid();
    }
}

// Bits that are near each other, as the kernel's sets have them.
static uint32_t flags(void)
{
    uint32_t value = 0;

    if (fuzz_one_in(3))
        return 0;
    for (uint32_t n = fuzz_below(4); n; n--)
        value |= 1u << (fuzz_one_in(3) ? fuzz_below(32) : fuzz_below(13));
    return value;
}

static uint32_t some_of(const uint32_t *bits, uint32_t count)
{
    uint32_t value = fuzz_one_in(16) ? flags() : 0;

    for (uint32_t i = 0; i < count; i++)
        if (fuzz_one_in(4))
            value |= bits[i];
    return value;
}
#define SOME_OF(a) some_of(a, COUNT(a))

static uint32_t descriptor(void)
{
    if (fuzz_one_in(16))
        return fuzz_word();
    return 3 + fuzz_below(DESCRIPTORS);
}

static uint32_t page_address(void)
{
    uint32_t page = regions[fuzz_below(REGIONS)];

    switch (fuzz_below(8)) {
    case 0: return fuzz_word();
    case 1: return fuzz_random() & ~0xfffu & 0x7fffffff;
    case 2: return page + fuzz_below(16) * PAGE_BYTES;
    case 3: return fuzz_one_in(4) ? fuzz_pointer() : page;
    case 4: return 0;
    default: return page;
    }
}

static uint32_t length(void)
{
    if (fuzz_one_in(6))
        return fuzz_word();
    return fuzz_below(40) * PAGE_BYTES + (fuzz_one_in(4) ? fuzz_below(99) : 0);
}

static uint32_t size(void)
{
    return fuzz_one_in(3) ? fuzz_word() : fuzz_below(5000);
}

static uint32_t mmap_flags(void)
{
    static const uint32_t bits[] = {
        MAP_GROWSDOWN, MAP_DENYWRITE, MAP_LOCKED, MAP_NORESERVE,
        MAP_POPULATE,  MAP_NONBLOCK,  MAP_STACK,  MAP_FIXED_NOREPLACE};

    return (fuzz_one_in(3) ? SOME_OF(bits) : 0) | 1u << fuzz_below(2) |
           (fuzz_one_in(2) ? MAP_ANONYMOUS : 0) |
           (fuzz_one_in(24) ? MAP_FIXED : 0);
}

static uint32_t open_flags(void)
{
    static const uint32_t bits[] = {
        O_CREAT,  O_EXCL,      O_TRUNC,    O_APPEND,  O_NONBLOCK, O_DSYNC,
        O_DIRECT, O_DIRECTORY, O_NOFOLLOW, O_CLOEXEC, O_PATH,     O_TMPFILE};

    return fuzz_below(4) | SOME_OF(bits);
}

static uint32_t clone_flags(void)
{
    static const uint32_t bits[] = {
        CLONE_VM,
        CLONE_FS,
        CLONE_FILES,
        CLONE_SIGHAND,
        CLONE_VFORK,
        CLONE_PARENT,
        CLONE_THREAD,
        CLONE_SYSVSEM,
        CLONE_SETTLS,
        CLONE_PARENT_SETTID,
        CLONE_CHILD_CLEARTID,
        CLONE_CHILD_SETTID,
        CLONE_NEWNS,
        CLONE_NEWUSER,
        CLONE_IO,
    };

    if (fuzz_one_in(6)) // as for threads
        return CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD;
    return SOME_OF(bits) | (fuzz_one_in(4) ? fuzz_below(70) : SIGCHLD);
}

static uint32_t file_system(void)
{
    static const char *const names[] = {"tmpfs",    "tmpfs", "proc",
                                        "devtmpfs", "ext2",  "nosuchfs"};

    return string(PICK(names));
}

static uint32_t ioctl_command(void)
{
    static const uint32_t commands[] = {
        TCGETS,    TCSETS,    TCSETSW,    TCSETSF,      TCSBRK,
        TCXONC,    TCFLSH,    TIOCGWINSZ, TIOCSWINSZ,   TIOCGPGRP,
        TIOCGSID,  TIOCNOTTY, TIOCOUTQ,   TIOCGETD,     FIONREAD,
        FIONBIO,   FIOASYNC,  FIOCLEX,    FIONCLEX,     FS_IOC_GETFLAGS,
        FIBMAP,    FIGETBSZ,  BLKGETSIZE, BLKGETSIZE64, BLKSSZGET,
        BLKFLSBUF, FIOQSIZE,  TIOCSPTLCK, TIOCGPTN,     TIOCSTI,
    };

    return fuzz_one_in(8) ? fuzz_random() : PICK(commands);
}

static uint32_t device(void)
{
    static const uint16_t devices[] = {0x103, 0x105, 0x107,  0x108,
                                       0x500, 0x4ff, 0x7777, 0};

    return PICK(devices);
}

static uint32_t strings(void)
{
    uint32_t *list = fuzz_buffer((STRINGS + 1) * 4);
    uint32_t count = fuzz_below(STRINGS);

    if (fuzz_one_in(8))
        return fuzz_pointer();
    for (uint32_t i = 0; i < count; i++)
        list[i] = fuzz_one_in(12) ? fuzz_pointer() : string(fuzz_any_path());
    list[count] = 0;
    return (uint32_t)(uintptr_t)list;
}

static uint32_t structure(char kind)
{
    uint32_t *words;

    if (fuzz_one_in(10))
        return fuzz_pointer();
    words = fuzz_buffer(64 * 4);
    fuzz_fill(kind, words, 64);
    return (uint32_t)(uintptr_t)words;
}

static uint32_t user(void)
{
    static const uint32_t users[] = {0, 1, 1000, 1001, 65534, 65535, ~0u, ~1u};

    return PICK(users);
}

static uint32_t value(char kind);

static uint32_t any_kind(void)
{
    static const char kinds[] = "ixfdpPbnalroskuyt";

    return value(kinds[fuzz_below(sizeof(kinds) - 1)]);
}

static uint32_t value(char kind)
{
    switch (kind) {
    case '?': return any_kind();
    case 'i': return fuzz_word();
    case 'y': return fuzz_one_in(12) ? fuzz_word() : fuzz_below(30);
    case 'x': return flags();
    case 'f': return descriptor();
    case 'd': return fuzz_one_in(2) ? (uint32_t)AT_FDCWD : descriptor();
    case 'p': return string(fuzz_path());
    case 'P': return string(fuzz_any_path());
    case 'z': return string(fuzz_path());
    case 'b': return fuzz_pointer();
    case 'G':
        return fuzz_one_in(6) ? fuzz_pointer()
                              : (uint32_t)(uintptr_t)fuzz_output();
    case 'n': return size();
    case 'a': return page_address();
    case 'l': return length();
    case 'r': return fuzz_one_in(12) ? flags() : fuzz_below(8);
    case 'm': return mmap_flags();
    case 'o': return open_flags();
    case 'c': return clone_flags();
    case 's': return fuzz_one_in(12) ? fuzz_word() : fuzz_below(66);
    case 'k': return fuzz_pid();
    case 'u': return user();
    case 'M': return fuzz_one_in(4) ? fuzz_random() : fuzz_below(010000);
    case 'e': return device();
    case 'w': return fuzz_below(7);
    case 'I': return ioctl_command();
    case 'C': return fuzz_one_in(3) ? 1024 + fuzz_below(16) : fuzz_below(20);
    case 'X': return fuzz_below(14) | (fuzz_one_in(2) ? 128 : 0);
    case 'K': return fuzz_one_in(6) ? fuzz_word() : fuzz_below(12);
    case 'Z': return fuzz_one_in(12) ? fuzz_word() : 8;
    case 'N': return file_system();
    case 'V': return strings();
    default: return structure(kind);
    }
}

// Outputs that another argument's contents lie over would look written.
void fuzz_arguments(struct fuzz_call *call, const char *kinds)
{
    for (unsigned pass = 0; pass < 2; pass++)
        for (unsigned i = 0; i < FUZZ_ARGUMENTS && kinds[i]; i++)
            if ((kinds[i] == 'G') == (pass == 1))
                call->arguments[i] = value(kinds[i]);
}

void fuzz_learn(uint32_t number, int32_t result)
{
    if (number == __NR_mmap2 || number == __NR_mremap || number == __NR_shmat ||
        number == __NR_brk) {
        if ((uint32_t)result < 0xfffff000)
            regions[fuzz_below(REGIONS)] = (uint32_t)result & ~0xfffu;
    } else if (result > 0 && (number == __NR_clone || number == __NR_fork ||
                              number == __NR_vfork)) {
        children[fuzz_below(CHILDREN)] = result;
    }
}
