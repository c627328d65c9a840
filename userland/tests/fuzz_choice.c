// userland/tests/fuzz_choice.c - numbers that a call knows
// SPDX-License-Identifier: MIT
//
// Commands, of which one is taken, and flags, of which some are: tables by the
// letter of the kind (fuzz_value.c). Now and then it is any other number.

#include <fcntl.h>
#include <linux/futex.h>
#include <linux/sched.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fuzz.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static const uint32_t domains[] = {AF_UNIX, AF_UNIX, AF_UNIX, AF_INET,
                                   AF_NETLINK};
static const uint32_t levels[] = {SOL_SOCKET, SOL_SOCKET, SOL_SOCKET, 0, 6};
static const uint32_t epoll_commands[] = {EPOLL_CTL_ADD, EPOLL_CTL_ADD,
                                          EPOLL_CTL_MOD, EPOLL_CTL_DEL};
static const uint32_t devices[] = {0x103, 0x105, 0x107,  0x108,
                                   0x500, 0x4ff, 0x7777, 0};
static const uint32_t lengths[] = {0,  2,   3,   4,   4,   8,
                                   20, 110, 110, 110, 111, 128};
static const uint32_t struct_sizes[] = {12, 16, 84}; // see the table
static const uint32_t whose[] = {0, ~0u, 1, ~1u};    // RUSAGE_...
static const uint32_t lock_operations[] = {1, 2, 5, 6, 8};
static const uint32_t ipc_calls[] = {21, 21, 22, 23, 24, 1}; // shmat, ...shmctl
static const uint32_t shm_commands[] = {IPC_RMID, IPC_SET,  IPC_STAT, IPC_INFO,
                                        SHM_LOCK, SHM_STAT, SHM_INFO, 15};
static const uint32_t ldt_functions[] = {0, 1, 2, 0x11};
static const uint32_t clone_sizes[] = {64, 64, 80, 88, 96, 63, 4096, 4097};
static const uint32_t few[] = {0, 0, 0, 0, 0, 1, 2, 4};

static const uint32_t message_flags[] = {
    MSG_OOB,      MSG_PEEK,       MSG_DONTROUTE, MSG_CTRUNC,   MSG_TRUNC,
    MSG_DONTWAIT, MSG_EOR,        MSG_WAITALL,   MSG_NOSIGNAL, MSG_CMSG_CLOEXEC,
    MSG_MORE,     MSG_WAITFORONE, MSG_ERRQUEUE,
};
static const uint32_t socket_flags[] = {SOCK_NONBLOCK, SOCK_CLOEXEC};
static const uint32_t event_flags[] = {EFD_SEMAPHORE, EFD_CLOEXEC,
                                       EFD_NONBLOCK};
static const uint32_t watch_bits[] = {
    IN_ACCESS,     IN_MODIFY,     IN_ATTRIB,  IN_CLOSE,       IN_OPEN,
    IN_MOVE,       IN_CREATE,     IN_DELETE,  IN_DELETE_SELF, IN_MOVE_SELF,
    IN_ALL_EVENTS, IN_ONLYDIR,    IN_ONESHOT, IN_DONT_FOLLOW, IN_EXCL_UNLINK,
    IN_MASK_ADD,   IN_MASK_CREATE};
static const uint32_t low_bits[] = {1, 2, 4, 8};
static const uint32_t waking_flags[] = {O_CLOEXEC, O_NONBLOCK};
static const uint32_t at_flags[] = {AT_SYMLINK_NOFOLLOW, AT_REMOVEDIR,
                                    AT_SYMLINK_FOLLOW, AT_EMPTY_PATH};
static const uint32_t shm_flags[] = {IPC_CREAT, IPC_CREAT, IPC_EXCL, 0600,
                                     0666};
static const uint32_t attach_flags[] = {SHM_RDONLY, SHM_RND, SHM_REMAP,
                                        SHM_EXEC};
static const uint32_t wait_flags[] = {
    WNOHANG, WUNTRACED, WEXITED, WCONTINUED, 0x20000000, __WALL, __WCLONE};
static const uint32_t mount_flags[] = {
    MS_BIND,    MS_BIND,     MS_REC,    MS_MOVE,       MS_REMOUNT,
    MS_RDONLY,  MS_NOSUID,   MS_NOEXEC, MS_NODEV,      MS_NOATIME,
    MS_PRIVATE, MS_RELATIME, MS_SILENT, MS_STRICTATIME};
static const uint32_t mmap_bits[] = {
    MAP_GROWSDOWN, MAP_DENYWRITE, MAP_LOCKED, MAP_NORESERVE,
    MAP_POPULATE,  MAP_NONBLOCK,  MAP_STACK,  MAP_FIXED_NOREPLACE};
static const uint32_t open_bits[] = {
    O_CREAT,  O_EXCL,      O_TRUNC,    O_APPEND,  O_NONBLOCK, O_DSYNC,
    O_DIRECT, O_DIRECTORY, O_NOFOLLOW, O_CLOEXEC, O_PATH,     O_TMPFILE};
static const uint32_t clone_bits[] = {
    CLONE_VM,           CLONE_FS,     CLONE_FILES,         CLONE_SIGHAND,
    CLONE_PIDFD,        CLONE_VFORK,  CLONE_PARENT,        CLONE_THREAD,
    CLONE_SYSVSEM,      CLONE_SETTLS, CLONE_PARENT_SETTID, CLONE_CHILD_CLEARTID,
    CLONE_CHILD_SETTID, CLONE_NEWNS,  CLONE_NEWUSER,       CLONE_IO,
};

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

static uint32_t one_of(const uint32_t *values, uint32_t count)
{
    return fuzz_one_in(24) ? fuzz_word() : values[fuzz_below(count)];
}
#define ONE_OF(a) one_of(a, COUNT(a))

static uint32_t mmap_flags(void)
{
    return (fuzz_one_in(3) ? SOME_OF(mmap_bits) : 0) | 1u << fuzz_below(2) |
           (fuzz_one_in(2) ? MAP_ANONYMOUS : 0) |
           (fuzz_one_in(24) ? MAP_FIXED : 0);
}

uint32_t fuzz_clone_flags(void)
{
    if (fuzz_one_in(6)) // as for threads
        return CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD;
    return SOME_OF(clone_bits);
}

static uint32_t clone_flags(void)
{
    return fuzz_clone_flags() | (fuzz_one_in(4) ? fuzz_below(70) : SIGCHLD);
}

// Few at a time, of those that exclude each other.
static uint32_t few_of(const uint32_t *bits, uint32_t count)
{
    uint32_t value = fuzz_one_in(24) ? flags() : 0;

    for (uint32_t n = fuzz_below(3); n; n--)
        value |= bits[fuzz_below(count)];
    return value;
}
#define FEW_OF(a) few_of(a, COUNT(a))

// The file system of all would be read-only for all.
static uint32_t flags_of_mount(void)
{
    uint32_t value = FEW_OF(mount_flags);

    return value & MS_REMOUNT ? value | MS_BIND : value;
}

static uint32_t fcntl_command(void)
{
    switch (fuzz_below(4)) {
    case 0: return 1024 + fuzz_below(16);
    case 1: return F_OFD_GETLK + fuzz_below(3);
    default: return fuzz_below(20);
    }
}

static uint32_t futex_operation(void)
{
    return fuzz_below(14) | (fuzz_one_in(2) ? FUTEX_PRIVATE_FLAG : 0) |
           (fuzz_one_in(6) ? FUTEX_CLOCK_REALTIME : 0);
}

// What a word for a futex may be expected to hold; see fuzz_futex_word().
static uint32_t futex_value(void)
{
    static const uint32_t values[] = {0, 0, 1, 2, FUTEX_WAITERS, 0x7fffffff};

    return fuzz_one_in(6) ? (uint32_t)gettid() : ONE_OF(values);
}

bool fuzz_choice(char kind, uint32_t *out)
{
    switch (kind) {
    case 'x': *out = flags(); return true;
    case 'm': *out = mmap_flags(); return true;
    case 'o': *out = fuzz_below(4) | SOME_OF(open_bits); return true;
    case 'c': *out = clone_flags(); return true;
    case 'e': *out = ONE_OF(devices); return true;
    case 'C': *out = fcntl_command(); return true;
    case 'X': *out = futex_operation(); return true;
    case '0': *out = ONE_OF(domains); return true;
    case '1': *out = fuzz_below(6) | SOME_OF(socket_flags); return true;
    case '2': *out = ONE_OF(levels); return true;
    case '3': *out = fuzz_below(80); return true;
    case '4': *out = FEW_OF(message_flags); return true;
    case '5': *out = ONE_OF(epoll_commands); return true;
    case '6': *out = SOME_OF(event_flags); return true;
    case '7': *out = SOME_OF(watch_bits); return true;
    case '8': *out = FEW_OF(low_bits); return true;
    case '9': *out = fuzz_one_in(24) ? fuzz_word() : fuzz_below(4); return true;
    case '!': *out = SOME_OF(waking_flags); return true;
    case '~': *out = FEW_OF(at_flags); return true;
    case '<': *out = ONE_OF(struct_sizes); return true;
    case '>': *out = ONE_OF(whose); return true;
    case '(': *out = FEW_OF(shm_flags); return true;
    case '[': *out = FEW_OF(attach_flags); return true;
    case '+': *out = ONE_OF(shm_commands); return true;
    case ']': *out = ONE_OF(ipc_calls); return true;
    case ':': *out = flags_of_mount(); return true;
    case '.': *out = ONE_OF(lock_operations); return true;
    case '}': *out = FEW_OF(wait_flags); return true;
    case '\'': *out = ONE_OF(ldt_functions); return true;
    case 'h': *out = ONE_OF(lengths); return true;
    case 'g': *out = ONE_OF(clone_sizes); return true;
    case 'j': *out = fuzz_one_in(12) ? fuzz_word() : fuzz_below(6); return true;
    case 'R': *out = futex_value(); return true;
    case '=': *out = ONE_OF(few); return true;
    default: return false;
    }
}
