// userland/tests/fuzz_files.c - files of all kinds, for a worker
// SPDX-License-Identifier: MIT

#include <asm/unistd.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "fuzz.h"

enum {
    DESCRIPTORS = 40,
    OF_A_SORT = 6,
    SORTS = 10,
    SWAP_PAGES = 16,
    SWAP_MAGIC_AT = PAGE_BYTES - 10,
    SWAP_VERSION_AT = 1024,
    FILE_BYTES = 20000,
};

// A swap area; a worker of an ordinary user has no use for it.
static void make_swap(void)
{
    static uint8_t page[PAGE_BYTES];
    uint32_t *header = (uint32_t *)(void *)(page + SWAP_VERSION_AT);
    int fd = open("swap", O_RDWR | O_CREAT, 0600);

    memcpy(page + SWAP_MAGIC_AT, "SWAPSPACE2", 10);
    header[0] = 1;
    header[1] = SWAP_PAGES - 1;
    if (fuzz_one_in(3))
        header[fuzz_below(4)] = fuzz_word();
    for (unsigned i = 0; i < SWAP_PAGES; i++) {
        if (write(fd, page, sizeof(page)) < 0)
            break;
        memset(page, 0, sizeof(page));
    }
    close(fd);
}

static void make_names(void)
{
    static char text[FILE_BYTES];
    int fd = open("file", O_RDWR | O_CREAT, 0666);

    for (uint32_t i = 0; i < FILE_BYTES; i++)
        text[i] = (char)('a' + i % 26);
    if (write(fd, text, FILE_BYTES) < 0)
        text[0] = 0;
    close(fd);
    close(open("a", O_RDWR | O_CREAT, 0666));
    mkdir("dir", 0777);
    mkdir("dir/dir", 0777);
    mkdir("mnt", 0777);
    close(open("dir/a", O_RDWR | O_CREAT, 0666));
    symlink("file", "link");
    symlink("loop", "loop");
    symlink("nowhere", "dangling");
    mkfifo("fifo", 0666);
    fd = open("script", O_RDWR | O_CREAT, 0777);
    if (write(fd, "#!./prog noop\n", 14) < 0)
        text[0] = 0;
    close(fd);
    link("../prog", "prog");
    make_swap();
}

// Descriptors by their sort: letters of fuzz_value.c.
static struct sort {
    char kind;
    uint32_t count; // there ever were
    int32_t fds[OF_A_SORT];
} sorts[SORTS] = {{.kind = '$'}, {.kind = '|'}, {.kind = '@'}, {.kind = '%'},
                  {.kind = '^'}, {.kind = '&'}, {.kind = '*'}, {.kind = '_'},
                  {.kind = '#'}, {.kind = '`'}};

static void keep(char kind, int32_t fd)
{
    for (unsigned i = 0; i < SORTS; i++)
        if (sorts[i].kind == kind && fd >= 0)
            sorts[i].fds[sorts[i].count++ % OF_A_SORT] = fd;
}

uint32_t fuzz_descriptor(char kind)
{
    for (unsigned i = 0; i < SORTS; i++) {
        const struct sort *sort = &sorts[i];
        uint32_t count = sort->count < OF_A_SORT ? sort->count : OF_A_SORT;

        if (sort->kind == kind && count > 0 && !fuzz_one_in(6))
            return (uint32_t)sort->fds[fuzz_below(count)];
    }
    return fuzz_one_in(16) ? fuzz_word() : 3 + fuzz_below(DESCRIPTORS);
}

void fuzz_learn_descriptor(uint32_t number, int32_t result)
{
    switch (number) {
    case __NR_socket:
    case __NR_accept4: keep('$', result); break;
    case __NR_epoll_create:
    case __NR_epoll_create1: keep('@', result); break;
    case __NR_timerfd_create: keep('%', result); break;
    case __NR_inotify_init:
    case __NR_inotify_init1: keep('^', result); break;
    case __NR_pidfd_open: keep('&', result); break;
    case __NR_memfd_create: keep('#', result); break;
    case __NR_signalfd:
    case __NR_signalfd4: keep('_', result); break;
    default: break;
    }
}

// Both ends of a terminal that is nobody's yet.
static void open_terminal(void)
{
    int master = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_NONBLOCK);
    int unlocked = 0;

    keep('*', master);
    ioctl(master, TIOCSPTLCK, &unlocked);
    keep('*', ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_NONBLOCK));
}

// Both ends, and a descriptor that is both.
static void open_pipe(int flags)
{
    int ends[2] = {-1, -1};
    char name[32];

    pipe2(ends, flags);
    keep('|', ends[0]);
    keep('|', ends[1]);
    snprintf(name, sizeof(name), "/proc/self/fd/%d", ends[0]);
    keep('|', open(name, O_RDWR | flags));
}

// A pair, one with a name that others can connect to, and one for datagrams.
static void open_sockets(void)
{
    static const struct sockaddr_un name = {AF_UNIX, "sock"};
    int ends[2] = {-1, -1};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);

    if (bind(fd, (const struct sockaddr *)&name, sizeof(name)) == 0)
        listen(fd, 4);
    keep('$', fd);
    socketpair(AF_UNIX, SOCK_STREAM, 0, ends);
    keep('$', ends[0]);
    keep('$', ends[1]);
    keep('$', socket(AF_UNIX, SOCK_DGRAM, 0));
}

static int32_t call(long number, uint32_t a, uint32_t b)
{
    return (int32_t)syscall(number, a, b);
}

// Each of these is a descriptor from 3 on, if there is such a thing.
static void open_descriptors(void)
{
    static const char *const names[] = {
        "/dev/null",       "/dev/zero",      "/dev/full",     "/dev/urandom",
        "/proc/self/maps", "/proc/self/mem", "/proc/meminfo", "/dev/ptmx",
        "/dev/tty",        "fifo",
    };
    int fd;

    for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        fd = open(names[i], O_RDWR | O_NONBLOCK);
        if (fd < 0)
            open(names[i], O_RDONLY | O_NONBLOCK);
    }
    keep('`', open("dir", O_RDONLY));
    keep('`', open(".", O_RDONLY));
    open("/proc", O_RDONLY);
    open("/proc/self/fd", O_RDONLY);
    keep('#', open("file", O_RDWR));
    keep('#', open("a", O_RDWR));
    fd = open("/tmp", O_TMPFILE | O_RDWR, 0600);
    if (fd < 0) {
        fd = open("/tmp/fuzz.file", O_RDWR | O_CREAT, 0666);
        unlink("/tmp/fuzz.file");
    }
    keep('#', fd);
    open_pipe(0);
    open_pipe(O_NONBLOCK);
    keep('#', (int32_t)syscall(__NR_memfd_create, "fuzz", 3));
    open("fifo", O_RDWR);
    keep('#', open("file", O_RDONLY));
    open("file", O_WRONLY | O_APPEND);
    open("dir", O_PATH);
    keep('@', call(__NR_epoll_create1, 0, 0));
    call(__NR_eventfd2, 1, O_NONBLOCK);
    keep('%', call(__NR_timerfd_create, CLOCK_MONOTONIC, O_NONBLOCK));
    keep('_', (int32_t)syscall(__NR_signalfd4, -1,
                               (const uint32_t[2]){1u << 9, 0}, 8, O_NONBLOCK));
    keep('^', call(__NR_inotify_init1, O_NONBLOCK, 0));
    keep('&', call(__NR_pidfd_open, (uint32_t)getpid(), 0));
    open_sockets();
    open_terminal();
}

bool fuzz_files_make(void)
{
    make_names();
    open_descriptors();
    return access("file", F_OK) == 0 && access("swap", F_OK) == 0;
}
