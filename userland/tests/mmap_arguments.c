// userland/tests/mmap_arguments.c - each error of mmap, by its arguments
// SPDX-License-Identifier: MIT

#include "mmap.h"

#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "ktap.h"

enum what { // the descriptor
    NO_FD,
    CLOSED,
    READ_WRITE,
    READ_ONLY,
    WRITE_ONLY,
    PATH_ONLY,
    FOLDER,
    PIPE_OUT,
    PIPE_IN,
    DEV_NULL,
    DEV_ZERO,
    DEV_FULL,
    PROC_FILE,
    KINDS
};

#define R     PROT_READ
#define W     PROT_WRITE
#define X     PROT_EXEC
#define PRIV  MAP_PRIVATE
#define SHAR  MAP_SHARED
#define VALID MAP_SHARED_VALIDATE
#define ANON  MAP_ANONYMOUS
#define FIX   MAP_FIXED
#define NOREP MAP_FIXED_NOREPLACE
#define TOP   0xc0000000u // TASK_SIZE

#define UNKNOWN 0x2000000 // a flag that is none

struct row {
    const char *name;
    uintptr_t at;
    size_t bytes;
    int prot, flags;
    enum what what;
    uint32_t page;
    int error;
};

// Anonymous memory: length, type, place.
static const struct row anonymous[] = {
    {"length 0", 0, 0, R, PRIV | ANON, NO_FD, 0, EINVAL},
    {"length 1", 0, 1, R, PRIV | ANON, NO_FD, 0, 0},
    {"length that wraps", 0, 0xffffffff, R, PRIV | ANON, NO_FD, 0, ENOMEM},
    {"length of everything", 0, 0xfffff000, R, PRIV | ANON, NO_FD, 0, ENOMEM},
    {"length above user space", 0, TOP + PAGE, R, PRIV | ANON, NO_FD, 0,
     ENOMEM},
    {"length of user space", 0, TOP, R, PRIV | ANON, NO_FD, 0, ENOMEM},
    {"length 0 before the place", TOP, 0, R, PRIV | ANON | FIX, NO_FD, 0,
     EINVAL},
    {"no type", 0, PAGE, R, ANON, NO_FD, 0, EINVAL},
    {"a type that is none", 0, PAGE, R, 4 | ANON, NO_FD, 0, EINVAL},
    {"shared validate", 0, PAGE, R, VALID | ANON, NO_FD, 0, EINVAL},
    {"a flag that is none", 0, PAGE, R, PRIV | ANON | UNKNOWN, NO_FD, 0, 0},
    {"protection that is none", 0, PAGE, 0x100 | R, PRIV | ANON, NO_FD, 0, 0},
    {"a descriptor is not looked at", 0, PAGE, R, PRIV | ANON, CLOSED, 0, 0},
    {"fixed, not aligned", 0x20000001, PAGE, R, PRIV | ANON | FIX, NO_FD, 0,
     EINVAL},
    {"fixed, at the top", TOP, PAGE, R, PRIV | ANON | FIX, NO_FD, 0, ENOMEM},
    {"fixed, not aligned, at the top", TOP + 1, PAGE, R, PRIV | ANON | FIX,
     NO_FD, 0, ENOMEM},
    {"fixed, across the top", TOP - PAGE, 2 * PAGE, R, PRIV | ANON | FIX, NO_FD,
     0, ENOMEM},
    {"fixed, longer than everything", PAGE, 0xfffff000, R, PRIV | ANON | FIX,
     NO_FD, 0, ENOMEM},
    {"not to replace, not aligned", 0x20000001, PAGE, R, PRIV | ANON | NOREP,
     NO_FD, 0, EINVAL},
    {"not to replace, at the top", TOP, PAGE, R, PRIV | ANON | NOREP, NO_FD, 0,
     ENOMEM},
    {"a hint at the top", TOP, PAGE, R, PRIV | ANON, NO_FD, 0, 0},
    {"a hint, not aligned", 0x20000fff, PAGE, R, PRIV | ANON, NO_FD, 0, 0},
    {"grows down", 0, PAGE, R, PRIV | ANON | MAP_GROWSDOWN, NO_FD, 0, 0},
    {"grows down, shared", 0, PAGE, R, SHAR | ANON | MAP_GROWSDOWN, NO_FD, 0,
     EINVAL},
    {"shared, too long", 0, TOP, R, SHAR | ANON, NO_FD, 0, ENOMEM},
    {"an offset is ignored", 0, PAGE, R, PRIV | ANON, NO_FD, 0x12345, 0},
    {"an offset that wraps", 0, PAGE, R, PRIV | ANON, NO_FD, 0xffffffff,
     EOVERFLOW},
};

// Files: how they are open, what they are.
static const struct row files[] = {
    {"no descriptor", 0, PAGE, R, PRIV, NO_FD, 0, EBADF},
    {"no descriptor, length 0", 0, 0, R, PRIV, NO_FD, 0, EBADF},
    {"no descriptor, no type", 0, PAGE, R, 0, NO_FD, 0, EBADF},
    {"a closed one", 0, PAGE, R, PRIV, CLOSED, 0, EBADF},
    {"a path only", 0, PAGE, R, PRIV, PATH_ONLY, 0, EBADF},
    {"length 0", 0, 0, R, PRIV, READ_WRITE, 0, EINVAL},
    {"no type", 0, PAGE, R, 0, READ_WRITE, 0, EINVAL},
    {"a type that is none", 0, PAGE, R, 4, READ_WRITE, 0, EINVAL},
    {"private, of a reader", 0, PAGE, R | W, PRIV, READ_ONLY, 0, 0},
    {"shared, of a reader", 0, PAGE, R, SHAR, READ_ONLY, 0, 0},
    {"shared and writable, of a reader", 0, PAGE, R | W, SHAR, READ_ONLY, 0,
     EACCES},
    {"the same, validated", 0, PAGE, R | W, VALID, READ_ONLY, 0, EACCES},
    {"private, of a writer", 0, PAGE, R, PRIV, WRITE_ONLY, 0, EACCES},
    {"without access, of a writer", 0, PAGE, PROT_NONE, PRIV, WRITE_ONLY, 0,
     EACCES},
    {"shared, of a writer", 0, PAGE, W, SHAR, WRITE_ONLY, 0, EACCES},
    {"no type, of a writer", 0, PAGE, R, 0, WRITE_ONLY, 0, EINVAL},
    {"a folder", 0, PAGE, R, PRIV, FOLDER, 0, ENODEV},
    {"a pipe", 0, PAGE, R, PRIV, PIPE_OUT, 0, ENODEV},
    {"a pipe's other end", 0, PAGE, R, PRIV, PIPE_IN, 0, EACCES},
    {"/dev/null", 0, PAGE, R, PRIV, DEV_NULL, 0, ENODEV},
    {"/dev/full", 0, PAGE, R, PRIV, DEV_FULL, 0, ENODEV},
    {"/dev/zero", 0, PAGE, R, PRIV, DEV_ZERO, 0, 0},
    {"/proc/self/maps", 0, PAGE, R, PRIV, PROC_FILE, 0, ENODEV},
    {"executable", 0, PAGE, R | X, PRIV, READ_ONLY, 0, 0},
    {"grows down", 0, PAGE, R, PRIV | MAP_GROWSDOWN, READ_WRITE, 0, EINVAL},
    {"grows down, shared", 0, PAGE, R, SHAR | MAP_GROWSDOWN, READ_WRITE, 0,
     EINVAL},
    {"validated", 0, PAGE, R | W, VALID, READ_WRITE, 0, 0},
    {"validated, a flag that is none", 0, PAGE, R, VALID | UNKNOWN, READ_WRITE,
     0, EOPNOTSUPP},
    {"shared, a flag that is none", 0, PAGE, R, SHAR | UNKNOWN, READ_WRITE, 0,
     0},
    {"validated, MAP_SYNC", 0, PAGE, R, VALID | MAP_SYNC, READ_WRITE, 0,
     EOPNOTSUPP},
    {"shared, MAP_SYNC", 0, PAGE, R, SHAR | MAP_SYNC, READ_WRITE, 0, 0},
    {"validated, with flags of old", 0, PAGE, R,
     VALID | MAP_POPULATE | MAP_NORESERVE | MAP_STACK | MAP_DENYWRITE |
         MAP_EXECUTABLE | MAP_NONBLOCK,
     READ_WRITE, 0, 0},
    {"validated, not to replace", 0x20000000, PAGE, R, VALID | NOREP,
     READ_WRITE, 0, EOPNOTSUPP},
    {"huge pages of a plain file", 0, PAGE, R, SHAR | MAP_HUGETLB, READ_WRITE,
     0, EINVAL},
    {"fixed, not aligned", 0x20000001, PAGE, R, PRIV | FIX, READ_WRITE, 0,
     EINVAL},
    {"fixed, at the top", TOP, PAGE, R, PRIV | FIX, READ_WRITE, 0, ENOMEM},
    {"too long", 0, TOP, R, PRIV, READ_WRITE, 0, ENOMEM},
};

// Offsets, in pages.
static const struct row offsets[] = {
    {"behind the end of the file", 0, PAGE, R, SHAR, READ_WRITE, 1000, 0},
    {"the last page there can be", 0, PAGE, R, SHAR, READ_WRITE, 0xfffffffe, 0},
    {"across it", 0, 2 * PAGE, R, SHAR, READ_WRITE, 0xfffffffe, EOVERFLOW},
    {"beyond it", 0, PAGE, R, SHAR, READ_WRITE, 0xffffffff, EOVERFLOW},
    {"private, across it", 0, 2 * PAGE, R, PRIV, READ_WRITE, 0xfffffffe,
     EOVERFLOW},
    {"across it, of a writer", 0, 2 * PAGE, R, PRIV, WRITE_ONLY, 0xfffffffe,
     EOVERFLOW},
    {"a device at 4 GiB", 0, PAGE, R, PRIV, DEV_ZERO, 0x100000, EOVERFLOW},
    {"a device below 4 GiB", 0, PAGE, R, PRIV, DEV_ZERO, 0xffffe, 0},
    {"a folder at 4 GiB", 0, PAGE, R, PRIV, FOLDER, 0x100000, EOVERFLOW},
};

static int fds[KINDS];

static int must_open(const char *path, int flags)
{
    int fd = open(path, flags | O_CLOEXEC, 0600);

    if (fd < 0)
        ktap_bail("%s: %s", path, strerror(errno));
    return fd;
}

static void open_all(void)
{
    const char *path = "/tmp/mmap-arguments";
    int ends[2];

    fds[NO_FD] = -1;
    fds[CLOSED] = 999;
    fds[READ_WRITE] = must_open(path, O_RDWR | O_CREAT);
    fds[READ_ONLY] = must_open(path, O_RDONLY);
    fds[WRITE_ONLY] = must_open(path, O_WRONLY);
    fds[PATH_ONLY] = must_open(path, O_PATH);
    fds[FOLDER] = must_open("/tmp", O_RDONLY | O_DIRECTORY);
    fds[DEV_NULL] = must_open("/dev/null", O_RDWR);
    fds[DEV_ZERO] = must_open("/dev/zero", O_RDWR);
    fds[DEV_FULL] = must_open("/dev/full", O_RDWR);
    fds[PROC_FILE] = must_open("/proc/self/maps", O_RDONLY);
    if (unlink(path) || ftruncate(fds[READ_WRITE], PAGE) || pipe(ends))
        ktap_bail("pipe: %s", strerror(errno));
    fds[PIPE_OUT] = ends[0];
    fds[PIPE_IN] = ends[1];
}

static void close_all(void)
{
    for (int i = READ_WRITE; i < KINDS; i++)
        close(fds[i]);
}

static void run(const char *suite, const struct row *rows, unsigned count)
{
    open_all();
    ktap_enter(suite, count);
    for (unsigned i = 0; i < count; i++) {
        const struct row *row = &rows[i];
        uint8_t *at = map_at(row->at, row->bytes, row->prot, row->flags,
                             fds[row->what], row->page);
        bool ok = gives(row->name, (long)at, row->error);

        if (at != MAP_FAILED)
            ok = munmap(at, row->bytes) == 0 && ok;
        ktap_result(ok, "%s", row->name);
    }
    ktap_leave();
    close_all();
}

void mmap_test_arguments(void)
{
    run("anonymous", anonymous, sizeof(anonymous) / sizeof(*anonymous));
}

void mmap_test_files(void)
{
    run("files", files, sizeof(files) / sizeof(*files));
}

void mmap_test_offsets(void)
{
    run("offsets", offsets, sizeof(offsets) / sizeof(*offsets));
}
