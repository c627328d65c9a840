// userland/tests/locks.c - locks on files: flock(2), fcntl(2)'s of both kinds
// SPDX-License-Identifier: MIT
//
// Prints KTAP; everything is to be the same on Linux. Another process, the
// prober, says what it may lock.

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "asleep.h"
#include "ktap.h"

#define PATH "/tmp/locks-test"

enum {
    GETLK_NARROW = 5, // F_GETLK of the system call; musl's is the wide one
    SETLK_NARROW = 6,
    SEEN_MAX = 256,
};

// As the narrow forms have it.
struct narrow_flock {
    short type, whence;
    int start, length, pid;
};

static int file;

static struct flock range(short type, off_t start, off_t length)
{
    return (struct flock){.l_type = type,
                          .l_whence = SEEK_SET,
                          .l_start = start,
                          .l_len = length};
}

static int lock_by(int fd, int command, short type, off_t start, off_t length)
{
    struct flock lock = range(type, start, length);

    return fcntl(fd, command, &lock) ? errno : 0;
}

static int lock(short type, off_t start, off_t length)
{
    return lock_by(file, F_SETLK, type, start, length);
}

// What another process sees of bytes 0 to 29: w, r or - for each.
static bool others_see(const char *expected)
{
    int pipes[2];
    char seen[SEEN_MAX] = "";
    pid_t child;

    if (pipe(pipes))
        return false;
    child = fork();
    if (child == 0) {
        int fd = open(PATH, O_RDWR);

        for (int at = 0; at < 30; at++) {
            struct flock probe = range(F_WRLCK, at, 1);

            fcntl(fd, F_GETLK, &probe);
            seen[at] = "rw-"[probe.l_type];
        }
        _exit(write(pipes[1], seen, 30) != 30);
    }
    close(pipes[1]);
    bool ok = read(pipes[0], seen, 30) == 30;
    close(pipes[0]);
    waitpid(child, NULL, 0);
    seen[30] = 0;
    if (!ok || strcmp(seen, expected) != 0)
        ktap_note("seen: %s", seen);
    return ok && strcmp(seen, expected) == 0;
}

static bool unlock_all(void)
{
    return lock(F_UNLCK, 0, 0) == 0 &&
           others_see("------------------------------");
}

// ---- ranges ----------------------------------------------------------------

static bool splits(void)
{
    return lock(F_WRLCK, 5, 20) == 0 && lock(F_RDLCK, 10, 5) == 0 &&
           others_see("-----wwwwwrrrrrwwwwwwwwww-----") &&
           lock(F_UNLCK, 12, 10) == 0 &&
           others_see("-----wwwwwrr----------www-----") &&
           lock(F_WRLCK, 0, 25) == 0 &&
           others_see("wwwwwwwwwwwwwwwwwwwwwwwww-----") && unlock_all();
}

static bool merges(void)
{
    struct flock lock_of_me = range(F_WRLCK, 0, 0);
    bool ok = lock(F_RDLCK, 0, 5) == 0 && lock(F_RDLCK, 5, 5) == 0 &&
              lock(F_RDLCK, 20, 0) == 0 && lock(F_RDLCK, 8, 14) == 0;
    pid_t child = fork();
    int status;

    if (child == 0) {
        fcntl(file, F_GETLK, &lock_of_me);
        _exit(!(lock_of_me.l_type == F_RDLCK && lock_of_me.l_start == 0 &&
                lock_of_me.l_len == 0 && lock_of_me.l_pid == getppid()));
    }
    waitpid(child, &status, 0);
    return ok && status == 0 && unlock_all();
}

static bool places(void)
{
    struct flock at = range(F_WRLCK, 5, -3); // 2, 3, 4

    bool ok = fcntl(file, F_SETLK, &at) == 0;
    lseek(file, 10, SEEK_SET);
    at = range(F_WRLCK, 2, 2);
    at.l_whence = SEEK_CUR; // 12, 13
    ok = ok && fcntl(file, F_SETLK, &at) == 0;
    at = range(F_RDLCK, -4, 2);
    at.l_whence = SEEK_END; // 16, 17 of 20
    ok = ok && fcntl(file, F_SETLK, &at) == 0;
    lseek(file, 0, SEEK_SET);
    return ok && others_see("--www-------ww--rr------------") && unlock_all();
}

static bool errors(void)
{
    struct flock at = range(F_WRLCK, 0, 1);
    int reader = open(PATH, O_RDONLY), writer = open(PATH, O_WRONLY);
    int path = open(PATH, O_PATH);

    at.l_whence = 7;
    bool ok = fcntl(file, F_SETLK, &at) == -1 && errno == EINVAL;
    ok = ok && lock(9, 0, 1) == EINVAL && lock(F_WRLCK, -1, 1) == EINVAL &&
         lock(F_WRLCK, 1, -2) == EINVAL &&
         lock(F_WRLCK, LLONG_MAX, 2) == EOVERFLOW &&
         lock(F_WRLCK, LLONG_MAX, 1) == 0 && lock(F_UNLCK, 0, 0) == 0;
    ok = ok && lock_by(reader, F_SETLK, F_WRLCK, 0, 1) == EBADF &&
         lock_by(writer, F_SETLK, F_RDLCK, 0, 1) == EBADF &&
         lock_by(path, F_SETLK, F_RDLCK, 0, 1) == EBADF &&
         lock_by(999, F_SETLK, F_RDLCK, 0, 1) == EBADF &&
         lock_by(file, F_GETLK, F_UNLCK, 0, 1) == EINVAL;
    ok = ok && fcntl(file, F_SETLK, (void *)4096) == -1 && errno == EFAULT;
    close(reader);
    close(writer);
    close(path);
    return ok;
}

// The 32-bit structures, of which the C library knows nothing.
static bool narrow(void)
{
    struct narrow_flock at = {F_WRLCK, SEEK_SET, 3, 2, 0};
    bool ok = syscall(SYS_fcntl64, file, SETLK_NARROW, &at) == 0 &&
              others_see("---ww-------------------------");
    ok = ok && lock(F_WRLCK, 1ll << 40, 1) == 0;
    pid_t child = fork();
    int status;

    if (child == 0) {
        bool found = syscall(SYS_fcntl, file, GETLK_NARROW, &at) == 0 &&
                     at.start == 3 && at.pid == getppid();

        at = (struct narrow_flock){F_WRLCK, SEEK_SET, 100, 0, 0};
        found = found && syscall(SYS_fcntl, file, GETLK_NARROW, &at) == -1 &&
                errno == EOVERFLOW;
        _exit(!found);
    }
    waitpid(child, &status, 0);
    struct flock wide = range(F_WRLCK, 0, 1);
    ok = ok && status == 0 && syscall(SYS_fcntl, file, F_SETLK, &wide) == -1 &&
         errno == EINVAL;
    return ok && unlock_all();
}

// ---- whose they are --------------------------------------------------------

static bool any_close(void)
{
    int other = open(PATH, O_RDONLY), copy = dup(file);
    bool ok = lock(F_WRLCK, 3, 3) == 0 &&
              others_see("---www------------------------");

    close(other);
    ok = ok && others_see("------------------------------");
    ok = ok && lock(F_WRLCK, 3, 3) == 0;
    dup2(1, copy);
    close(copy);
    return ok && others_see("------------------------------");
}

static bool not_of_children(void)
{
    bool ok = lock(F_WRLCK, 0, 10) == 0;
    pid_t child = fork();
    int status;

    if (child == 0) {
        close(file); // of a copy: takes nothing away
        int fd = open(PATH, O_RDWR);
        _exit(lock_by(fd, F_SETLK, F_RDLCK, 5, 1) != EAGAIN ||
              lock_by(fd, F_SETLK, F_WRLCK, 10, 1) != 0);
    }
    waitpid(child, &status, 0);
    return ok && status == 0 && others_see("wwwwwwwwww--------------------") &&
           unlock_all();
}

// `locks probe`, the same process.
static int probe_after_exec(void)
{
    int fd = open(PATH, O_RDWR), status;
    pid_t child = fork();

    if (child == 0)
        _exit(lock_by(fd, F_SETLK, F_WRLCK, 0, 1) != EAGAIN);
    waitpid(child, &status, 0);
    return status != 0;
}

static bool kept_over_exec(void)
{
    int status;
    pid_t child = fork();

    if (child == 0) {
        if (lock(F_WRLCK, 0, 1))
            _exit(1);
        execl("/proc/self/exe", "locks", "probe", NULL);
        _exit(2);
    }
    waitpid(child, &status, 0);
    return status == 0 && others_see("------------------------------");
}

static bool of_open_files(void)
{
    int other = open(PATH, O_RDWR), copy = dup(file);
    struct flock wrong = range(F_WRLCK, 0, 1);
    bool ok = lock_by(file, F_OFD_SETLK, F_WRLCK, 4, 4) == 0 &&
              lock_by(copy, F_OFD_SETLK, F_WRLCK, 5, 1) == 0 &&
              lock_by(other, F_OFD_SETLK, F_RDLCK, 5, 1) == EAGAIN &&
              lock_by(file, F_SETLK, F_WRLCK, 5, 1) == EAGAIN;

    close(copy); // not the last
    ok = ok && others_see("----wwww----------------------");
    struct flock found = range(F_RDLCK, 0, 0);
    ok = ok && fcntl(other, F_OFD_GETLK, &found) == 0 && found.l_start == 4 &&
         found.l_pid == -1;
    wrong.l_pid = 1;
    ok = ok && fcntl(file, F_OFD_SETLK, &wrong) == -1 && errno == EINVAL;
    ok = ok && lock_by(other, F_OFD_SETLK, F_WRLCK, 20, 2) == 0;
    close(other);
    ok = ok && others_see("----wwww----------------------");
    return ok && lock_by(file, F_OFD_SETLK, F_UNLCK, 0, 0) == 0;
}

static bool whole_files(void)
{
    int other = open(PATH, O_RDWR), copy = dup(file);
    bool ok = flock(file, LOCK_SH) == 0 && flock(other, LOCK_SH) == 0 &&
              flock(other, LOCK_EX | LOCK_NB) == -1 && errno == EWOULDBLOCK;

    // What it had before is gone.
    ok = ok && flock(copy, LOCK_EX | LOCK_NB) == 0 &&
         flock(other, LOCK_SH | LOCK_NB) == -1;
    ok = ok && lock(F_WRLCK, 0, 0) == 0; // knows nothing of it
    ok = ok && flock(copy, LOCK_UN) == 0 && flock(other, LOCK_EX) == 0;
    close(other);
    ok = ok && flock(file, LOCK_EX | LOCK_NB) == 0 &&
         flock(file, LOCK_UN) == 0 && flock(file, 77) == -1 && errno == EINVAL;
    close(copy);
    return ok && unlock_all();
}

// ---- waiting ---------------------------------------------------------------

static bool waits(void)
{
    bool ok = lock(F_WRLCK, 0, 10) == 0;
    pid_t child = fork();
    int status;

    if (child == 0) {
        int fd = open(PATH, O_RDWR);

        _exit(lock_by(fd, F_SETLKW, F_WRLCK, 5, 10) != 0);
    }
    ok = ok && falls_asleep(child);
    ok = ok && lock(F_UNLCK, 7, 1) == 0; // not enough
    ok = ok && falls_asleep(child) && waitpid(child, &status, WNOHANG) == 0;
    ok = lock(F_UNLCK, 0, 0) == 0 && ok;
    waitpid(child, &status, 0);
    return ok && status == 0;
}

static void on_signal(int signal)
{
    (void)signal;
}

static bool interrupted(void)
{
    struct sigaction action = {.sa_handler = on_signal};
    bool ok = lock(F_WRLCK, 0, 1) == 0;
    pid_t child = fork();
    int status = 1;

    if (child == 0) {
        int fd = open(PATH, O_RDWR);

        sigaction(SIGUSR1, &action, NULL);
        _exit(lock_by(fd, F_SETLKW, F_WRLCK, 0, 1) != EINTR);
    }
    ok = falls_asleep(child) && kill(child, SIGUSR1) == 0 && ok;
    waitpid(child, &status, 0);
    return ok && status == 0 && unlock_all();
}

// Each of three has one byte and wants the next one's.
static bool rings(void)
{
    int started[2], results[2], failed = 0, passed = 0;
    pid_t children[3];
    char byte;

    if (pipe(started) || pipe(results))
        return false;
    for (int i = 0; i < 3; i++) {
        children[i] = fork();
        if (children[i])
            continue;
        int fd = open(PATH, O_RDWR);
        bool ok = lock_by(fd, F_SETLK, F_WRLCK, i, 1) == 0;
        ok = ok && write(results[1], "s", 1) == 1 &&
             read(started[0], &byte, 1) == 1;
        int error = lock_by(fd, F_SETLKW, F_WRLCK, (i + 1) % 3, 1);
        byte = error == EDEADLK ? 'd' : error == 0 && ok ? '0' : 'x';
        if (write(results[1], &byte, 1) != 1)
            _exit(1);
        _exit(0); // and so lets the others go on
    }
    for (int i = 0; i < 3; i++)
        if (read(results[0], &byte, 1) != 1)
            return false;
    if (write(started[1], "sss", 3) != 3)
        return false;
    for (int i = 0; i < 3; i++) {
        if (read(results[0], &byte, 1) != 1)
            return false;
        failed += byte == 'd';
        passed += byte == '0';
    }
    for (int i = 0; i < 3; i++)
        waitpid(children[i], NULL, 0);
    close(started[0]);
    close(started[1]);
    close(results[0]);
    close(results[1]);
    return failed == 1 && passed == 2;
}

// Lines of /proc/locks that are about our file, without number and inode.
static bool is_listed(void)
{
    char line[SEEN_MAX], kind[16], mode[16], end[32];
    int pid, found = 0;
    unsigned start;

    bool ok = lock(F_RDLCK, 3, 4) == 0 && flock(file, LOCK_EX) == 0 &&
              lock_by(file, F_OFD_SETLK, F_WRLCK, 100, 0) == 0;
    FILE *list = fopen("/proc/locks", "r");
    if (!list)
        return false;
    while (fgets(line, sizeof(line), list)) {
        if (sscanf(line, "%*d: %15s ADVISORY %15s %d %*s %u %31s", kind, mode,
                   &pid, &start, end) != 5)
            continue;
        if (strcmp(kind, "POSIX") == 0 && pid == getpid())
            found += strcmp(mode, "READ") == 0 && start == 3 &&
                     strcmp(end, "6") == 0;
        if (strcmp(kind, "FLOCK") == 0 && pid == getpid())
            found += strcmp(mode, "WRITE") == 0 && start == 0 &&
                     strcmp(end, "EOF") == 0;
        if (strcmp(kind, "OFDLCK") == 0)
            found += strcmp(mode, "WRITE") == 0 && start == 100 && pid == -1;
    }
    fclose(list);
    flock(file, LOCK_UN);
    lock_by(file, F_OFD_SETLK, F_UNLCK, 0, 0);
    return ok && found == 3 && unlock_all();
}

static const struct ktap_test tests[] = {
    {"splits", splits},
    {"merges", merges},
    {"places", places},
    {"errors", errors},
    {"narrow structures", narrow},
    {"any close", any_close},
    {"children have none", not_of_children},
    {"kept over exec", kept_over_exec},
    {"of open files", of_open_files},
    {"whole files", whole_files},
    {"waits", waits},
    {"interrupted", interrupted},
    {"rings", rings},
    {"/proc/locks", is_listed},
};

int main(int argc, char **argv)
{
    int status;

    (void)argv;
    if (argc > 1)
        return probe_after_exec();
    file = open(PATH, O_RDWR | O_CREAT | O_TRUNC, 0600);
    if (file < 0 || ftruncate(file, 20))
        ktap_bail("%s: %s", PATH, strerror(errno));
    status = ktap_run_program(tests, sizeof(tests) / sizeof(tests[0]));
    unlink(PATH);
    return status;
}
