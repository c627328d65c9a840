// userland/tests/abuse_mounts.c - mounts over what ends by itself
// SPDX-License-Identifier: MIT
//
// What is mounted over a file of /proc/PID is taken out of the tree when the
// process is waited for, with all that is mounted on it.

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "abuse.h"
#include "books.h"
#include "ktap.h"

#define DIR    "/tmp/abuse"
#define CENSUS "/proc/faultline/census"

enum {
    TEXT_BYTES = 256,
    ROUNDS = 500,
    ROUND_NS = 10000000,
    REST_NS = 100000000,
    TRIES = 20,
    TIMES = 10,
};

// One who waits to be ended, and names in his directory in /proc.
struct victim {
    pid_t pid;
    char folder[32], task[64], nested[64], comm[64], limits[64];
};

static bool begin_victim(struct victim *v)
{
    v->pid = fork();
    if (v->pid == 0)
        for (;;)
            pause();
    snprintf(v->folder, sizeof(v->folder), "/proc/%d/", (int)v->pid);
    snprintf(v->task, sizeof(v->task), "%stask", v->folder);
    snprintf(v->nested, sizeof(v->nested), "%stask/dir", v->folder);
    snprintf(v->comm, sizeof(v->comm), "%scomm", v->folder);
    snprintf(v->limits, sizeof(v->limits), "%slimits", v->folder);
    return v->pid > 0;
}

static bool end_victim(const struct victim *v)
{
    return kill(v->pid, SIGKILL) == 0 && waitpid(v->pid, NULL, 0) == v->pid;
}

// How many mounts there are at names that begin so.
static int mounts_at(const char *start)
{
    char line[TEXT_BYTES], where[TEXT_BYTES];
    FILE *file = fopen("/proc/self/mounts", "r");
    int count = 0;

    if (file == NULL)
        return -1;
    while (fgets(line, sizeof(line), file) != NULL)
        if (sscanf(line, "%*s %255s", where) == 1)
            count += strncmp(where, start, strlen(start)) == 0;
    fclose(file);
    return count;
}

// Whether there is one at just that name.
static bool is_mounted(const char *name)
{
    char line[TEXT_BYTES], where[TEXT_BYTES];
    FILE *file = fopen("/proc/self/mounts", "r");
    bool found = false;

    while (file != NULL && fgets(line, sizeof(line), file) != NULL)
        found |=
            sscanf(line, "%*s %255s", where) == 1 && strcmp(where, name) == 0;
    if (file != NULL)
        fclose(file);
    return found;
}

static bool mount_tmpfs(const char *where)
{
    return mount("abuse", where, "tmpfs", 0, NULL) == 0;
}

static bool bind(const char *from, const char *to)
{
    return mount(from, to, NULL, MS_BIND, NULL) == 0;
}

// Over a directory, over that, and over two files: one with a file, one with
// a device.
static bool cover(const struct victim *v)
{
    return mount_tmpfs(v->task) && mkdir(v->nested, 0755) == 0 &&
           mount_tmpfs(v->nested) && bind("/proc/self/status", v->comm) &&
           bind("/dev/null", v->limits) && mounts_at(v->folder) == 4;
}

static bool cover_and_end(void)
{
    struct victim v;

    return begin_victim(&v) && cover(&v) && end_victim(&v) &&
           mounts_at(v.folder) == 0 && umount(v.comm) == -1 && errno == ENOENT;
}

static void settle(void)
{
    int fd = open("/proc/sys/vm/drop_caches", O_WRONLY);

    sync();
    if (fd >= 0 && write(fd, "3", 1) != 1)
        perror("drop_caches");
    close(fd);
}

// The dead are buried in the background, so it is looked at again; what is lost
// stays lost.
static bool comes_to(const struct books *before, char *difference, size_t size)
{
    struct timespec round = {0, ROUND_NS};

    for (unsigned i = 0; i < ROUNDS; i++) {
        settle();
        if (books_balance(before, difference, size))
            return true;
        nanosleep(&round, NULL);
    }
    return false;
}

static void read_at_rest(struct books *out)
{
    struct timespec rest = {0, REST_NS};
    char difference[TEXT_BYTES];

    for (unsigned i = 0; i < TRIES; i++) {
        settle();
        books_read(out);
        nanosleep(&rest, NULL);
        settle();
        if (books_balance(out, difference, sizeof(difference)))
            return;
    }
}

// Whether that leaves what it finds, by the kernel's own books.
static bool leaves_nothing(bool (*run)(void))
{
    char difference[TEXT_BYTES];
    struct books before;

    if (access(CENSUS, R_OK) != 0)
        return run();
    if (!run())
        return false;
    read_at_rest(&before);
    for (unsigned i = 0; i < TIMES; i++)
        if (!run())
            return false;
    if (comes_to(&before, difference, sizeof(difference)))
        return true;
    ktap_note("%s", difference);
    return false;
}

bool abuse_mounts_of_dead(void)
{
    return leaves_nothing(cover_and_end);
}

static bool write_and_read(int fd)
{
    char text[3] = "";

    return write(fd, "ab", 2) == 2 && pread(fd, text, 2, 0) == 2 &&
           strcmp(text, "ab") == 0;
}

// What is open there, and the directory where somebody is, stay usable.
static bool use_after(void)
{
    struct victim v;
    struct stat info;
    int outer, inner, made;

    if (!begin_victim(&v) || !cover(&v) || chdir(v.task) != 0)
        return false;
    outer = open("file", O_RDWR | O_CREAT, 0644);
    inner = open("dir/file", O_RDWR | O_CREAT, 0644);
    if (!end_victim(&v) || mounts_at(v.folder) != 0)
        return false;
    made = open("made", O_RDWR | O_CREAT, 0644);
    return write_and_read(outer) && write_and_read(inner) &&
           write_and_read(made) && stat("file", &info) == 0 &&
           info.st_size == 2 && umount2(".", MNT_DETACH) == -1 &&
           errno == EINVAL && close(outer) == 0 && close(inner) == 0 &&
           close(made) == 0 && chdir("/") == 0;
}

bool abuse_mounts_kept_open(void)
{
    return leaves_nothing(use_after);
}

// As long as he lives they are mounts as any.
bool abuse_mounts_by_hand(void)
{
    struct victim v;

    return begin_victim(&v) && cover(&v) && umount(v.task) == -1 &&
           errno == EBUSY && umount(v.nested) == 0 && umount(v.task) == 0 &&
           umount(v.limits) == 0 && mounts_at(v.folder) == 1 &&
           umount2(v.comm, MNT_DETACH) == 0 && mounts_at(v.folder) == 0 &&
           access(v.comm, R_OK) == 0 && end_victim(&v);
}

// A directory of his seen elsewhere stays, empty; what is mounted in it, by
// whatever way, does not.
static bool bind_and_end(void)
{
    char inside[64], elsewhere[64];
    struct victim v;
    bool good;

    if ((mkdir(DIR, 0755) != 0 && errno != EEXIST) || !begin_victim(&v))
        return false;
    snprintf(inside, sizeof(inside), "%sfdinfo", v.folder);
    snprintf(elsewhere, sizeof(elsewhere), DIR "/fdinfo");
    good = bind(v.folder, DIR) && mount_tmpfs(elsewhere) &&
           mounts_at(DIR) == 2 && mounts_at(inside) == 0 && end_victim(&v) &&
           mounts_at(DIR) == 1 && access(DIR "/comm", F_OK) == -1;
    return umount(DIR) == 0 && rmdir(DIR) == 0 && good;
}

bool abuse_mounts_of_bound(void)
{
    return leaves_nothing(bind_and_end);
}

static void *wait_for_byte(void *end)
{
    char byte;

    return read(*(int *)end, &byte, 1) == 1 ? end : NULL;
}

// The directory of a thread goes with the thread, which ends by and by.
bool abuse_mounts_of_thread(void)
{
    struct timespec round = {0, ROUND_NS};
    char name[64], found[64] = "";
    pthread_t thread;
    int ends[2];

    if (pipe(ends) != 0 ||
        pthread_create(&thread, NULL, wait_for_byte, &ends[0]) != 0)
        return false;
    // The first number after that of the process.
    for (int tid = getpid() + 1; found[0] == '\0'; tid++) {
        snprintf(name, sizeof(name), "/proc/self/task/%d/fdinfo", tid);
        if (access(name, F_OK) == 0)
            memcpy(found, name, sizeof(found));
    }
    snprintf(name, sizeof(name), "/proc/%d/task", getpid());
    if (!mount_tmpfs(found) || mounts_at(name) != 1 ||
        write(ends[1], "", 1) != 1 || pthread_join(thread, NULL) != 0)
        return false;
    for (unsigned i = 0; i < ROUNDS; i++) {
        if (mounts_at(name) == 0)
            return true;
        nanosleep(&round, NULL);
    }
    return false;
}

// A name that has gone cannot be mounted on, be it of /proc or any other.
bool abuse_mounts_on_dead(void)
{
    struct victim v;
    char gone[32];

    if (!begin_victim(&v))
        return false;
    snprintf(gone, sizeof(gone), "/proc/self/fd/%d", open(v.folder, O_PATH));
    if (!end_victim(&v) || mount_tmpfs(gone) || errno != ENOENT ||
        bind("/proc", gone) || errno != ENOENT)
        return false;
    return mkdir(DIR, 0755) == 0 && chdir(DIR) == 0 && rmdir(DIR) == 0 &&
           !mount_tmpfs(".") && errno == ENOENT && !bind("/proc", ".") &&
           errno == ENOENT && mounts_at(DIR) == 0;
}

// A file that is seen elsewhere may be removed: it is still mounted there.
bool abuse_mounts_of_removed(void)
{
    bool good;

    if (mkdir(DIR, 0755) != 0 || !mount_tmpfs(DIR) || chdir(DIR) != 0 ||
        close(open("from", O_CREAT | O_WRONLY, 0644)) != 0 ||
        close(open("to", O_CREAT | O_WRONLY, 0644)) != 0)
        return false;
    good = bind("from", "to") && unlink("from") == 0 && is_mounted(DIR "/to") &&
           umount(DIR "/to") == 0 && mounts_at(DIR) == 1;
    return chdir("/") == 0 && umount2(DIR, MNT_DETACH) == 0 &&
           rmdir(DIR) == 0 && good;
}

static bool move(const char *from, const char *to)
{
    return mount(from, to, NULL, MS_MOVE, NULL) == 0;
}

// Nor is anything mounted in, from or with what is out of the tree.
static bool use_loose(void)
{
    bool good;

    if (mkdir(DIR, 0755) != 0 || !mount_tmpfs(DIR) || chdir(DIR) != 0 ||
        mkdir("in", 0755) != 0 || mkdir("from", 0755) != 0 ||
        umount2(DIR, MNT_DETACH) != 0)
        return false;
    good = !mount_tmpfs("in") && errno == EINVAL && !bind("from", "in") &&
           errno == EINVAL && !bind("from", DIR) && errno == EINVAL &&
           !bind("/proc", "in") && errno == EINVAL && !move(".", DIR) &&
           errno == EINVAL &&
           mount(NULL, ".", NULL, MS_REMOUNT | MS_RDONLY, NULL) == -1 &&
           errno == EINVAL && mounts_at(DIR) == 0;
    return chdir("/") == 0 && rmdir(DIR) == 0 && good;
}

bool abuse_mounts_on_loose(void)
{
    return leaves_nothing(use_loose);
}
