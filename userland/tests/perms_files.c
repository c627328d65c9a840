// userland/tests/perms_files.c - who may do what to a file
// SPDX-License-Identifier: MIT

#include "perms.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

static int read_it(const char *path)
{
    return open_with(path, O_RDONLY);
}

static int write_it(const char *path)
{
    return open_with(path, O_WRONLY);
}

static int read_write(const char *path)
{
    return open_with(path, O_RDWR);
}

static int truncate_read(const char *path)
{
    return open_with(path, O_RDONLY | O_TRUNC);
}

static int no_atime(const char *path)
{
    return open_with(path, O_RDONLY | O_NOATIME);
}

static int set_no_atime(const char *path)
{
    int fd = open(path, O_RDONLY), result;

    if (fd < 0)
        return errno;
    result = result_of(fcntl(fd, F_SETFL, O_NOATIME));
    close(fd);
    return result;
}

static int path_only(const char *path)
{
    return open_with(path, O_PATH);
}

static int truncate_it(const char *path)
{
    return result_of(truncate(path, 0));
}

static int run_it(const char *path)
{
    int status = 0;
    pid_t pid = vfork();

    if (pid == 0) {
        execl(path, path, "nothing", NULL);
        _exit(errno);
    }
    return syscall(SYS_wait4, pid, &status, 0, NULL) == pid ? status >> 8 : -1;
}

// ---- access ----------------------------------------------------------------

static int real_read(const char *path)
{
    return result_of(access(path, R_OK));
}

static int real_write(const char *path)
{
    return result_of(access(path, W_OK));
}

static int real_run(const char *path)
{
    return result_of(access(path, X_OK));
}

// musl's faccessat would do it by itself.
static int effective_read(const char *path)
{
    return result_of(syscall(SYS_faccessat2, AT_FDCWD, path, R_OK, AT_EACCESS));
}

// ---- attributes ------------------------------------------------------------

static int set_mode(const char *path)
{
    return result_of(chmod(path, 0640));
}

static int mode_seen(const char *path)
{
    struct stat st;

    return stat(path, &st) == 0 ? SEEN((int)st.st_mode & 07777) : errno;
}

static int set_group_bit(const char *path)
{
    return chmod(path, 02755) == 0 ? mode_seen(path) : errno;
}

static int give_away(const char *path)
{
    return result_of(chown(path, TEAM, (gid_t)-1));
}

static int give_to_self(const char *path)
{
    return result_of(chown(path, USER, (gid_t)-1));
}

static int give_to_team(const char *path)
{
    return result_of(chown(path, (uid_t)-1, TEAM));
}

static int give_to_root(const char *path)
{
    return result_of(chown(path, (uid_t)-1, 0));
}

static int give_to_nobody(const char *path)
{
    return result_of(chown(path, (uid_t)-1, (gid_t)-1));
}

static int mode_after_chown(const char *path)
{
    int result = give_to_nobody(path);

    return result ? result : mode_seen(path);
}

static int mode_after_write(const char *path)
{
    int fd = open(path, O_WRONLY);

    if (fd < 0)
        return errno;
    if (write(fd, "x", 1) != 1)
        return errno;
    close(fd);
    return mode_seen(path);
}

static int mode_after_truncate(const char *path)
{
    return truncate(path, 0) == 0 ? mode_seen(path) : errno;
}

static int touch(const char *path)
{
    return result_of(utimensat(AT_FDCWD, path, NULL, 0));
}

static int set_times(const char *path)
{
    const struct timespec times[2] = {{1, 0}, {1, 0}};

    return result_of(utimensat(AT_FDCWD, path, times, 0));
}

static int set_one_time(const char *path)
{
    const struct timespec times[2] = {{0, UTIME_NOW}, {0, UTIME_OMIT}};

    return result_of(utimensat(AT_FDCWD, path, times, 0));
}

//                     root     user    member  setuid  bare
#define ALL                                                                    \
    {                                                                          \
        0, 0, 0, 0, 0                                                          \
    }
#define ROOT(error)                                                            \
    {                                                                          \
        0, error, error, 0, 0                                                  \
    }
#define RIGHT(error)                                                           \
    {                                                                          \
        0, error, error, 0, error                                              \
    }
#define TEAM_(error)                                                           \
    {                                                                          \
        0, error, 0, 0, 0                                                      \
    }

static const struct row rows[] = {
    {"read", read_it, "secret", ROOT(EACCES)},
    {"write", write_it, "secret", ROOT(EACCES)},
    {"read", read_it, "team", TEAM_(EACCES)},
    {"write", write_it, "team", ROOT(EACCES)},
    {"read and write", read_write, "team_writes", TEAM_(EACCES)},
    {"read", read_it, "public", ALL},
    {"write", write_it, "public", ROOT(EACCES)},
    {"read and write", read_write, "writable", ALL},
    {"open and cut", truncate_read, "public", ROOT(EACCES)},
    {"open and cut", truncate_read, "writable", ALL},
    {"truncate", truncate_it, "public", ROOT(EACCES)},
    {"truncate", truncate_it, "writable", ALL},
    // The first class that fits counts, even if the next would allow more.
    {"read", read_it, "not_mine", {0, EACCES, EACCES, 0, 0}},
    {"read", read_it, "nobodys", RIGHT(EACCES)},
    {"write", write_it, "not_teams", {0, 0, EACCES, 0, 0}},
    {"path only", path_only, "secret", ALL},
    {"O_NOATIME", no_atime, "public", ROOT(EPERM)},
    {"O_NOATIME", no_atime, "mine", {0, 0, 0, 0, EPERM}},
    {"F_SETFL O_NOATIME", set_no_atime, "public", ROOT(EPERM)},
    {"read and write", read_write, "fifo_secret", ROOT(EACCES)},
    // Running: somebody must be allowed to.
    {"run", run_it, "public", {EACCES, EACCES, EACCES, EACCES, EACCES}},
    {"run", run_it, "script_plain", {EACCES, EACCES, EACCES, EACCES, EACCES}},
    {"run", run_it, "script_secret", ROOT(EACCES)},
    {"run", run_it, "script_team", {0, EACCES, 0, 0, EACCES}},
    {"run", run_it, "dir", {EACCES, EACCES, EACCES, EACCES, EACCES}},
    // Who asks by access(2) is the real user.
    {"access R_OK", real_read, "secret", {0, EACCES, EACCES, EACCES, 0}},
    {"access W_OK", real_write, "public", {0, EACCES, EACCES, EACCES, 0}},
    {"access R_OK", real_read, "team", {0, EACCES, 0, EACCES, 0}},
    {"access X_OK",
     real_run,
     "public",
     {EACCES, EACCES, EACCES, EACCES, EACCES}},
    {"access R_OK", real_read, "closed/file", {0, EACCES, EACCES, EACCES, 0}},
    {"access R_OK", real_read, "nobodys", {0, EACCES, EACCES, EACCES, EACCES}},
    {"AT_EACCESS R_OK", effective_read, "secret", ROOT(EACCES)},
    // Mode.
    {"chmod", set_mode, "mode_root", ROOT(EPERM)},
    {"chmod", set_mode, "mode_mine", {0, 0, 0, 0, EPERM}},
    {"chmod S_ISGID",
     set_group_bit,
     "team_mine",
     {SEEN(02755), SEEN(0755), SEEN(02755), SEEN(02755), EPERM}},
    {"chmod S_ISGID",
     set_group_bit,
     "group_mine",
     {SEEN(02755), SEEN(02755), SEEN(02755), SEEN(02755), EPERM}},
    // Owner.
    {"chown to another", give_away, "own_mine", RIGHT(EPERM)},
    {"chown to self", give_to_self, "own_self", {0, 0, 0, 0, EPERM}},
    {"chown to self", give_to_self, "public", RIGHT(EPERM)},
    {"chgrp to team", give_to_team, "group_mine", {0, EPERM, 0, 0, EPERM}},
    {"chgrp to root", give_to_root, "own_group", RIGHT(EPERM)},
    {"chown to none", give_to_nobody, "secret", ALL},
    {"chown to none",
     mode_after_chown,
     "suid_mine",
     {SEEN(0755), SEEN(0755), SEEN(0755), SEEN(0755), EPERM}},
    {"chown to none",
     mode_after_chown,
     "suid_other",
     {SEEN(0755), EPERM, EPERM, SEEN(0755), EPERM}},
    // Bits that a change takes away.
    {"write",
     mode_after_write,
     "bits",
     {SEEN(06777), SEEN(0777), SEEN(0777), SEEN(06777), SEEN(0777)}},
    {"write",
     mode_after_write,
     "bits_team",
     {SEEN(02767), SEEN(0767), SEEN(02767), SEEN(02767), SEEN(0767)}},
    {"truncate",
     mode_after_truncate,
     "bits_cut",
     {SEEN(06777), SEEN(0777), SEEN(0777), SEEN(06777), SEEN(0777)}},
    // Times.
    {"touch", touch, "public", ROOT(EACCES)},
    {"touch", touch, "writable", ALL},
    {"touch", touch, "mine", {0, 0, 0, 0, EACCES}},
    {"set times", set_times, "writable", ROOT(EPERM)},
    {"set times", set_times, "mine", {0, 0, 0, 0, EPERM}},
    {"set one time", set_one_time, "writable", ROOT(EPERM)},
};

const struct row_table file_rows = {rows, sizeof(rows) / sizeof(rows[0])};
