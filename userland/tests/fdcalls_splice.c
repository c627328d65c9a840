// userland/tests/fdcalls_splice.c - fdcalls.c: from file to file
// SPDX-License-Identifier: MIT

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "asleep.h"
#include "fdcalls.h"

#define PATH  "/tmp/fdcalls-from"
#define OTHER "/tmp/fdcalls-to"

enum {
    BIG = 200000, // more than a pipe holds
    BLOCK = 4096,
    PIPE_BLOCKS = 16, // are what it holds
    SOME = 100,
    FIRST_FLAG = 1,
    SYNC_FLAG = 4, // RWF_SYNC
    WRONG_FLAG = 0x100,
};

static int from, to, one[2], two[2];

static void begin(const char *text)
{
    from = open(PATH, O_RDWR | O_CREAT | O_TRUNC, 0600);
    to = open(OTHER, O_RDWR | O_CREAT | O_TRUNC, 0600);
    if (from < 0 || to < 0 || pipe(one) || pipe(two) ||
        write(from, text, strlen(text)) < 0)
        ktap_bail("no files and pipes to begin with");
    lseek(from, 0, SEEK_SET);
}

static bool end(bool ok)
{
    close(from);
    close(to);
    for (int i = 0; i < 2; i++) {
        close(one[i]);
        close(two[i]);
    }
    unlink(PATH);
    unlink(OTHER);
    return ok;
}

static bool holds(int fd, const char *text)
{
    char bytes[64];
    ssize_t count = pread(fd, bytes, sizeof(bytes), 0);

    return count == (ssize_t)strlen(text) &&
           memcmp(bytes, text, (size_t)count) == 0;
}

static bool pipe_gives(int fd, const char *text)
{
    char bytes[64];
    ssize_t count = read(fd, bytes, sizeof(bytes));

    return count == (ssize_t)strlen(text) &&
           memcmp(bytes, text, (size_t)count) == 0;
}

static long copy(int in, off_t *in_at, int out, off_t *out_at, size_t bytes,
                 unsigned flags)
{
    return syscall(SYS_copy_file_range, in, in_at, out, out_at, bytes, flags);
}

static bool splices(void)
{
    off_t at = 6;

    begin("hello, world");
    bool ok = splice(from, NULL, one[1], NULL, 5, 0) == 5 &&
              splice(from, &at, one[1], NULL, 100, 0) == 6 && at == 12 &&
              lseek(from, 0, SEEK_CUR) == 5;
    ok = ok && tee(one[0], two[1], 8, 0) == 8 && pipe_gives(two[0], "hello wo");
    ok = ok && splice(one[0], NULL, two[1], NULL, 2, 0) == 2 &&
         pipe_gives(two[0], "he");
    at = 3;
    ok = ok && splice(one[0], NULL, to, &at, 100, 0) == 9 && at == 12 &&
         lseek(to, 0, SEEK_CUR) == 0;
    ok = ok &&
         fails(splice(one[0], NULL, to, NULL, 1, SPLICE_F_NONBLOCK), EAGAIN);
    ok = ok && splice(from, NULL, one[1], NULL, 0, 0) == 0 &&
         splice(from, NULL, one[1], NULL, 100, 0) == 7 &&
         splice(from, NULL, one[1], NULL, 100, 0) == 0; // the end
    close(one[1]);
    one[1] = open("/dev/null", O_RDWR);
    ok = ok && splice(one[0], NULL, to, NULL, 100, 0) == 7 &&
         splice(one[0], NULL, to, NULL, 100, 0) == 0 &&
         holds(to, ", worldworld");
    return end(ok);
}

// A child reads what does not fit into the pipe at once.
static bool much(void)
{
    static char bytes[BIG];
    int status;

    begin("");
    for (int i = 0; i < BIG; i++)
        bytes[i] = (char)(i * 7 + i / 251);
    bool ok = pwrite(from, bytes, BIG, 0) == BIG;
    pid_t child = fork_child();
    if (child == 0) {
        close(one[1]);
        while (splice(one[0], NULL, to, NULL, BIG, 0) > 0)
            ;
        _exit(0);
    }
    for (int left = BIG; left > 0;) {
        ssize_t moved = splice(from, NULL, one[1], NULL, (size_t)left, 0);

        if (moved <= 0)
            break;
        left -= (int)moved;
    }
    close(one[1]);
    one[1] = open("/dev/null", O_RDWR);
    waitpid(child, &status, 0);
    static char back[BIG];
    ok = ok && pread(to, back, BIG, 0) == BIG && memcmp(back, bytes, BIG) == 0;
    return end(ok);
}

// There is room for less than what is to be moved at once: a part of it goes,
// or it waits. (It went round in the kernel for ever.)
static bool little_room(void)
{
    static char bytes[BLOCK];
    int status;

    begin("");
    bool ok = write(one[1], bytes, BLOCK) == BLOCK;
    for (int i = 1; i < PIPE_BLOCKS; i++)
        ok = ok && write(two[1], bytes, BLOCK) == BLOCK;
    ok = ok && write(two[1], bytes, BLOCK - SOME) == BLOCK - SOME;
    pid_t child = fork_child();
    if (child == 0)
        _exit(splice(one[0], NULL, two[1], NULL, BLOCK, 0) > 0 ? 0 : 1);
    ok = comes_to_rest(child) && ok && read(two[0], bytes, BLOCK) == BLOCK &&
         waitpid(child, &status, 0) == child && status == 0;
    return end(ok);
}

// A socket gives what it has, and is not waited for again.
static bool from_sockets(void)
{
    static const int types[] = {SOCK_STREAM, SOCK_DGRAM, SOCK_SEQPACKET};
    bool ok = true;
    int pair[2];

    begin("");
    for (int i = 0; i < 3; i++) {
        ok = ok && socketpair(AF_UNIX, types[i], 0, pair) == 0 &&
             write(pair[1], "hello", 5) == 5;
        alarm(10); // ends who waits
        ok = ok && splice(pair[0], NULL, one[1], NULL, BIG, 0) == 5 &&
             pipe_gives(one[0], "hello");
        if (types[i] == SOCK_STREAM) // of others Linux waits all the same
            ok = ok && fails(splice(pair[0], NULL, one[1], NULL, 1,
                                    SPLICE_F_NONBLOCK),
                             EAGAIN);
        alarm(0);
        close(pair[0]);
        close(pair[1]);
    }
    return end(ok);
}

static bool splice_errors(void)
{
    int dir = open("/", O_RDONLY), end_of = open(OTHER, O_WRONLY | O_APPEND);
    off_t at = 0, before = -1;

    begin("hello");
    end_of = open(OTHER, O_WRONLY | O_APPEND);
    bool ok = fails(splice(from, NULL, to, NULL, 5, 0), EINVAL) &&
              fails(splice(dir, NULL, one[1], NULL, 5, 0), EINVAL) &&
              write(one[1], "ab", 2) == 2 &&
              fails(splice(one[0], NULL, one[1], NULL, 1, 0), EINVAL) &&
              fails(splice(one[0], &at, to, NULL, 1, 0), ESPIPE) &&
              fails(splice(from, NULL, one[1], &at, 1, 0), ESPIPE) &&
              fails(splice(one[0], NULL, end_of, NULL, 1, 0), EINVAL) &&
              fails(splice(one[0], NULL, to, &before, 1, 0), EINVAL) &&
              fails(splice(one[1], NULL, to, NULL, 1, 0), EBADF) &&
              fails(splice(one[0], NULL, to, NULL, 1, WRONG_FLAG), EINVAL) &&
              fails(tee(one[0], to, 1, 0), EINVAL) &&
              fails(tee(one[0], one[1], 1, 0), EINVAL) &&
              fails(tee(one[1], two[1], 1, 0), EBADF);
    close(dir);
    close(end_of);
    return end(ok);
}

static bool vectors(void)
{
    struct iovec parts[2] = {{(char[]){'a', 'b'}, 2}, {(char[]){'c'}, 1}};
    char back[8] = "";
    struct iovec place = {back, sizeof(back)};

    begin("");
    bool ok = vmsplice(one[1], parts, 2, 0) == 3 &&
              vmsplice(one[0], &place, 1, 0) == 3 &&
              memcmp(back, "abc", 3) == 0 &&
              fails(vmsplice(one[0], &place, 1, SPLICE_F_NONBLOCK), EAGAIN) &&
              fails(vmsplice(from, parts, 1, 0), EBADF) &&
              fails(vmsplice(one[1], parts, 1, WRONG_FLAG), EINVAL);
    return end(ok);
}

static bool ranges(void)
{
    int dir = open("/", O_RDONLY), end_of;
    off_t in = 1, out = 2;

    begin("hello");
    end_of = open(OTHER, O_WRONLY | O_APPEND);
    bool ok = copy(from, &in, to, &out, 100, 0) == 4 && in == 5 && out == 6 &&
              copy(from, NULL, to, NULL, 2, 0) == 2 && holds(to, "heello") &&
              copy(from, NULL, to, NULL, 100, 0) == 3 &&
              copy(from, NULL, to, NULL, 100, 0) == 0 && holds(to, "helloo");
    in = 0;
    out = 2;
    ok = ok && fails(copy(from, &in, from, &out, 5, 0), EINVAL);
    out = 10;
    ok = ok && copy(from, &in, from, &out, 5, 0) == 5;
    in = -1;
    ok = ok && fails(copy(from, &in, to, NULL, 1, 0), EOVERFLOW) &&
         fails(copy(from, NULL, to, NULL, 1, FIRST_FLAG), EINVAL) &&
         fails(copy(dir, NULL, to, NULL, 1, 0), EISDIR) &&
         fails(copy(from, NULL, one[1], NULL, 1, 0), EINVAL) &&
         fails(copy(from, NULL, end_of, NULL, 1, 0), EBADF);
    int other = open("/root/fdcalls", O_RDWR | O_CREAT, 0600);
    ok = ok && fails(copy(from, NULL, other, NULL, 1, 0), EXDEV);
    unlink("/root/fdcalls");
    close(other);
    close(dir);
    close(end_of);
    return end(ok);
}

static bool sends(void)
{
    off_t at = 1;

    begin("hello");
    bool ok = sendfile(to, from, &at, 2) == 2 && at == 3 &&
              sendfile(to, from, NULL, 9) == 5 && holds(to, "elhello") &&
              sendfile(one[1], from, &at, 9) == 2 && pipe_gives(one[0], "lo") &&
              fails(sendfile(to, one[0], NULL, 1), EINVAL);
    at = 0;
    ok = ok && sendfile(from, from, &at, 5) == 5 && holds(from, "hellohello");
    return end(ok);
}

static long read_at(int fd, void *buf, size_t bytes, long long at, int flags)
{
    struct iovec place = {buf, bytes};

    return syscall(SYS_preadv2, fd, &place, 1, (long)at, (long)(at >> 32),
                   flags);
}

static long write_at(int fd, const char *text, long long at, int flags)
{
    struct iovec place = {(void *)(uintptr_t)text, strlen(text)};

    return syscall(SYS_pwritev2, fd, &place, 1, (long)at, (long)(at >> 32),
                   flags);
}

static bool with_flags(void)
{
    char bytes[8];

    begin("hello");
    bool ok = read_at(from, bytes, 2, 3, 0) == 2 && bytes[0] == 'l' &&
              read_at(from, bytes, 2, -1, FIRST_FLAG) == 2 && bytes[0] == 'h' &&
              lseek(from, 0, SEEK_CUR) == 2 &&
              write_at(to, "abc", -1, SYNC_FLAG) == 3 &&
              write_at(to, "z", 1, SYNC_FLAG) == 1 && holds(to, "azc") &&
              fails(read_at(from, bytes, 2, -2, 0), EINVAL) &&
              fails(read_at(from, bytes, 2, 0, WRONG_FLAG), EOPNOTSUPP) &&
              fails(read_at(one[0], bytes, 2, 0, 0), ESPIPE) &&
              write_at(one[1], "x", -1, 0) == 1;
    return end(ok);
}

// /tmp has no attributes of users.
static bool attributes(void)
{
    char bytes[16], name[300];

    begin("");
    memset(name, 'u', sizeof(name) - 1);
    name[sizeof(name) - 1] = 0;
    bool ok = fails(getxattr(PATH, "user.x", bytes, 16), EOPNOTSUPP) &&
              fails(setxattr(PATH, "user.x", "v", 1, 0), EOPNOTSUPP) &&
              fails(removexattr(PATH, "user.x"), EOPNOTSUPP) &&
              fails(fgetxattr(from, "user.x", bytes, 16), EOPNOTSUPP) &&
              fails(getxattr(PATH, "", bytes, 16), ERANGE) &&
              fails(getxattr(PATH, name, bytes, 16), ERANGE) &&
              fails(setxattr(PATH, "user.x", "v", 1, 5), EINVAL) &&
              fails(getxattr("/tmp/none", "user.x", bytes, 16), ENOENT) &&
              fails(flistxattr(999, bytes, 16), EBADF) &&
              listxattr(PATH, bytes, 16) == 0 && llistxattr(PATH, NULL, 0) == 0;
    return end(ok);
}

static const struct ktap_test tests[] = {
    {"splice and tee", splices},
    {"more than a pipe holds", much},
    {"less room than a piece", little_room},
    {"from sockets", from_sockets},
    {"errors", splice_errors},
    {"vmsplice", vectors},
    {"copy_file_range", ranges},
    {"sendfile", sends},
    {"preadv2 and pwritev2", with_flags},
    {"no attributes", attributes},
};

const struct ktap_suite splice_suite = KTAP_SUITE("splice", tests);
