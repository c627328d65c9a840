// userland/tests/fuzz_files.c - files of all kinds, for a worker
// SPDX-License-Identifier: MIT

#include <asm/unistd.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fuzz.h"

enum {
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

// Each of these is a descriptor from 3 on, if there is such a thing.
static void open_descriptors(void)
{
    static const char *const names[] = {
        "/dev/null",
        "/dev/zero",
        "/dev/full",
        "/dev/urandom",
        "dir",
        "file",
        "a",
        "/proc/self/maps",
        "/proc/self/mem",
        "/proc",
        "/proc/self/fd",
        "/proc/meminfo",
        "/dev/ptmx",
        "/dev/tty",
        "fifo",
    };
    int ends[2], fd;

    for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        fd = open(names[i], O_RDWR | O_NONBLOCK);
        if (fd < 0)
            open(names[i], O_RDONLY | O_NONBLOCK);
    }
    fd = open("/tmp", O_TMPFILE | O_RDWR, 0600);
    if (fd < 0) {
        fd = open("/tmp/fuzz.file", O_RDWR | O_CREAT, 0666);
        unlink("/tmp/fuzz.file");
    }
    pipe(ends);
    pipe2(ends, O_NONBLOCK);
    syscall(__NR_memfd_create, "fuzz", 3);
    open("fifo", O_RDWR);
    open("file", O_RDONLY);
    open("file", O_WRONLY | O_APPEND);
    open("dir", O_PATH);
    syscall(__NR_epoll_create1, 0);
    syscall(__NR_eventfd2, 1, O_NONBLOCK);
    syscall(__NR_timerfd_create, 1, O_NONBLOCK);
    syscall(__NR_signalfd4, -1, (const uint32_t[2]){1u << 9, 0}, 8, O_NONBLOCK);
    syscall(__NR_inotify_init1, O_NONBLOCK);
    syscall(__NR_socketpair, 1, 1, 0, ends);
    syscall(__NR_socket, 1, 2, 0);
}

bool fuzz_files_make(void)
{
    make_names();
    open_descriptors();
    return access("file", F_OK) == 0 && access("swap", F_OK) == 0;
}
