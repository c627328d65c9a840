// userland/tests/overcommit_shmem.c - promises of memory that is a file
// SPDX-License-Identifier: MIT
//
// What has a fixed size is promised as a whole when it is made; files of tmpfs
// and memfds page by page, as they are written to.

#include <errno.h>
#include <fcntl.h>
#include <linux/falloc.h>
#include <setjmp.h>
#include <signal.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ktap.h"
#include "memtest.h"
#include "overcommit.h"

enum {
    // Linux counts in batches, of 8 MiB on a machine of 2 GiB.
    ROOM_KIB = 24 * 1024,
    FITS = 12 * MIB,
    TOO_MUCH = 48 * MIB,
    CHUNK = 64 << 10,
};

#define RW (PROT_READ | PROT_WRITE)

static bool is_refused(int flags)
{
    uint8_t *at =
        mmap(NULL, FITS, RW, MAP_SHARED | MAP_ANONYMOUS | flags, -1, 0);

    return at != MAP_FAILED && munmap(at, FITS) == 0 &&
           fails(mmap(NULL, TOO_MUCH, RW, MAP_SHARED | MAP_ANONYMOUS | flags,
                      -1, 0),
                 ENOMEM);
}

bool shared_never(void)
{
    int zero = open("/dev/zero", O_RDWR);

    promise_no_more_than(ROOM_KIB);
    bool ok = is_refused(0) && is_refused(MAP_NORESERVE) &&
              fails(mmap(NULL, TOO_MUCH, PROT_READ, MAP_SHARED | MAP_ANONYMOUS,
                         -1, 0),
                    ENOMEM) &&
              fails(mmap(NULL, TOO_MUCH, RW, MAP_SHARED, zero, 0), ENOMEM) &&
              fails(mmap(NULL, TOO_MUCH, RW, MAP_PRIVATE, zero, 0), ENOMEM);

    close(zero);
    return promise_as_usual() && ok;
}

static bool segment(size_t bytes, int flags, int error)
{
    int id = shmget(IPC_PRIVATE, bytes, IPC_CREAT | 0600 | flags);
    int got = id < 0 ? errno : 0;

    if (id >= 0)
        shmctl(id, IPC_RMID, NULL);
    return got == error;
}

bool segments_never(void)
{
    promise_no_more_than(ROOM_KIB);
    bool ok = segment(FITS, 0, 0) && segment(TOO_MUCH, 0, ENOMEM) &&
              segment(FITS, SHM_NORESERVE, 0) &&
              segment(TOO_MUCH, SHM_NORESERVE, ENOMEM);

    return promise_as_usual() && segment(TOO_MUCH, 0, 0) && ok;
}

// Bytes written until there is an error, at most TOO_MUCH.
static size_t fill(int fd)
{
    static char chunk[CHUNK];
    size_t total = 0;
    ssize_t got;

    while (total < TOO_MUCH && (got = write(fd, chunk, CHUNK)) > 0)
        total += (size_t)got;
    return total;
}

static int unlinked(const char *path)
{
    int fd = open(path, O_RDWR | O_CREAT | O_EXCL, 0600);

    if (fd < 0 || unlink(path))
        ktap_bail("%s: %s", path, strerror(errno));
    return fd;
}

static bool fills_up(int fd)
{
    struct stat status;
    size_t total = fill(fd);
    bool ok = errno == ENOSPC && total >= FITS && total < TOO_MUCH;

    // What was written stays; what is given back can be had again.
    ok = ok && fstat(fd, &status) == 0 && status.st_size == (off_t)total &&
         ftruncate(fd, 0) == 0 && lseek(fd, 0, SEEK_SET) == 0 &&
         fill(fd) >= FITS && ftruncate(fd, 0) == 0;
    close(fd);
    return ok;
}

// A size is no promise, and may be what it likes.
bool files_never(void)
{
    int memfd = memfd_create("test", 0), file = unlinked("/tmp/overcommit");

    promise_no_more_than(ROOM_KIB);
    bool ok = ftruncate(memfd, 1 << 30) == 0 && ftruncate(file, 1 << 30) == 0 &&
              ftruncate(memfd, 0) == 0 && ftruncate(file, 0) == 0;

    ok = fills_up(memfd) && ok;
    ok = fills_up(file) && ok;
    return promise_as_usual() && ok;
}

// All or nothing.
bool reserving_never(void)
{
    int fd = memfd_create("test", 0);
    struct stat status;

    promise_no_more_than(ROOM_KIB);
    bool ok = fallocate(fd, 0, 0, FITS) == 0 && fstat(fd, &status) == 0 &&
              status.st_blocks == FITS / 512 &&
              fails(fallocate(fd, 0, FITS, TOO_MUCH), ENOSPC) &&
              fstat(fd, &status) == 0 && status.st_blocks == FITS / 512;

    ok = ok && ftruncate(fd, 0) == 0 && fallocate(fd, 0, 0, FITS) == 0;
    close(fd);
    return promise_as_usual() && ok;
}

static sigjmp_buf after_signal;

static void on_signal(int number)
{
    siglongjmp(after_signal, number);
}

// The signal that touching all pages ends with. (A child could not be had: it
// would be promised as much as its parent.)
static int touch_all(volatile uint8_t *at, bool write)
{
    int number = sigsetjmp(after_signal, 1);

    signal(SIGBUS, on_signal);
    for (size_t i = 0; number == 0 && i < TOO_MUCH; i += PAGE) {
        if (write)
            at[i] = 1;
        else
            (void)at[i];
    }
    signal(SIGBUS, SIG_DFL);
    return number;
}

// A hole that is read through a mapping is a page, too.
bool faults_never(void)
{
    int fd = memfd_create("test", 0);
    uint8_t *at = mmap(NULL, TOO_MUCH, RW, MAP_SHARED, fd, 0);

    promise_no_more_than(ROOM_KIB);
    bool ok = at != MAP_FAILED && ftruncate(fd, TOO_MUCH) == 0 &&
              touch_all(at, true) == SIGBUS && at[0] == 1 &&
              ftruncate(fd, 0) == 0 && ftruncate(fd, TOO_MUCH) == 0 &&
              touch_all(at, false) == SIGBUS && at[0] == 0;

    close(fd);
    return munmap(at, TOO_MUCH) == 0 && promise_as_usual() && ok;
}

bool files_count(void)
{
    const long kib = TOO_MUCH / 1024;
    int fd = memfd_create("test", 0);
    long before = meminfo_kib("Committed_AS");
    bool ok = ftruncate(fd, 1 << 30) == 0 &&
              is_near(meminfo_kib("Committed_AS"), before) &&
              fill(fd) == TOO_MUCH &&
              is_near(meminfo_kib("Committed_AS"), before + kib);

    ok = ok &&
         fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0,
                   TOO_MUCH / 2) == 0 &&
         is_near(meminfo_kib("Committed_AS"), before + kib / 2);
    close(fd);
    return ok && is_near(meminfo_kib("Committed_AS"), before);
}
