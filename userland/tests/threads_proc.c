// userland/tests/threads_proc.c - threads in /proc
// SPDX-License-Identifier: MIT

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ktap.h"
#include "threads.h"

enum {
    THREADS = 4,
    TEXT_BYTES = 4096,
    STAT_NAME = 2, // fields of stat, from 1
    STAT_UTIME = 14,
    STAT_THREADS = 20,
};

static volatile int tids[THREADS], there, end;

static void *stay(void *argument)
{
    int self = (int)(intptr_t)argument;
    char name[16];

    snprintf(name, sizeof(name), "thread-%d", self);
    prctl(PR_SET_NAME, name);
    tids[self] = own_tid();
    __atomic_add_fetch(&there, 1, __ATOMIC_SEQ_CST);
    while (!end)
        nap(2);
    return NULL;
}

static ssize_t read_text(const char *path, char *text)
{
    int fd = open(path, O_RDONLY);
    ssize_t bytes = fd < 0 ? -1 : read(fd, text, TEXT_BYTES - 1);

    text[bytes > 0 ? bytes : 0] = '\0';
    if (fd >= 0)
        close(fd);
    return bytes;
}

static long status_number(const char *path, const char *name)
{
    char text[TEXT_BYTES];
    char *at;

    read_text(path, text);
    at = strstr(text, name);
    return at ? atol(at + strlen(name)) : -1;
}

// A field behind the name.
static long stat_number(const char *path, int field)
{
    char text[TEXT_BYTES], *at;

    read_text(path, text);
    at = strrchr(text, ')');
    for (int i = STAT_NAME; at && i < field; i++)
        at = strchr(at + 1, ' ');
    return at ? atol(at + 1) : -1;
}

static const char *task_path(pid_t tid, const char *file)
{
    static char path[64];

    snprintf(path, sizeof(path), "/proc/self/task/%d/%s", tid, file);
    return path;
}

static bool lists_all(void)
{
    DIR *dir = opendir("/proc/self/task");
    unsigned found = 0, strangers = 0;
    struct dirent *entry;

    if (!dir)
        return false;
    while ((entry = readdir(dir))) {
        int tid = atoi(entry->d_name);
        bool known = tid == getpid();

        for (int i = 0; i < THREADS; i++)
            known = known || tid == tids[i];
        if (entry->d_name[0] != '.') {
            found++;
            strangers += !known;
        }
    }
    closedir(dir);
    return found == THREADS + 1 && !strangers;
}

static bool numbers(void)
{
    return status_number("/proc/self/status", "\nThreads:") == THREADS + 1 &&
           status_number(task_path(tids[1], "status"), "\nThreads:") ==
               THREADS + 1 &&
           status_number(task_path(tids[1], "status"), "\nPid:") == tids[1] &&
           status_number(task_path(tids[1], "status"), "\nTgid:") == getpid() &&
           stat_number("/proc/self/stat", STAT_THREADS) == THREADS + 1;
}

static bool names(void)
{
    char text[TEXT_BYTES];
    int fd;

    read_text(task_path(tids[2], "comm"), text);
    if (strcmp(text, "thread-2\n") != 0)
        return false;
    fd = open(task_path(tids[2], "comm"), O_WRONLY);
    if (fd < 0 || write(fd, "0123456789abcdefghi", 19) != 19)
        return false;
    close(fd);
    read_text(task_path(tids[2], "comm"), text);
    if (strcmp(text, "0123456789abcde\n") != 0)
        return false;
    fd = open("/proc/1/comm", O_WRONLY);
    return fd >= 0 && write(fd, "x", 1) == -1 && errno == EINVAL &&
           close(fd) == 0;
}

static bool same_memory(void)
{
    char own[TEXT_BYTES], theirs[TEXT_BYTES];

    read_text("/proc/self/maps", own);
    read_text(task_path(tids[0], "maps"), theirs);
    return own[0] && strncmp(own, theirs, 200) == 0;
}

static bool not_there(void)
{
    struct stat st;
    char path[64];

    snprintf(path, sizeof(path), "/proc/1/task/%d", getpid());
    return stat("/proc/self/task/1", &st) == -1 && errno == ENOENT &&
           stat(path, &st) == -1 && errno == ENOENT &&
           stat(task_path(tids[0], "task"), &st) == -1 && errno == ENOENT &&
           stat("/proc/self/task/x", &st) == -1 && errno == ENOENT;
}

static bool has_entry(const char *folder, int number)
{
    DIR *dir = opendir(folder);
    bool found = false;
    struct dirent *entry;

    while (dir && (entry = readdir(dir)))
        found = found || atoi(entry->d_name) == number;
    if (dir)
        closedir(dir);
    return found;
}

// Threads are not listed in /proc, but their numbers name the process.
static bool hidden(void)
{
    struct stat st;
    char path[64];

    snprintf(path, sizeof(path), "/proc/%d/status", tids[3]);
    return has_entry("/proc", getpid()) && !has_entry("/proc", tids[3]) &&
           stat(path, &st) == 0 && status_number(path, "\nPid:") == tids[3];
}

static void *read_links(void *argument)
{
    char text[64] = "", wanted[64];
    ssize_t bytes = readlink("/proc/thread-self", text, sizeof(text) - 1);

    snprintf(wanted, sizeof(wanted), "%d/task/%d", getpid(), own_tid());
    *(int *)argument = bytes > 0 && strcmp(text, wanted) == 0 &&
                       readlink("/proc/self", text, sizeof(text)) > 0 &&
                       atoi(text) == getpid();
    return NULL;
}

static bool links(void)
{
    int ok = 0;

    pthread_join(start(read_links, &ok), NULL);
    return ok;
}

static volatile int spin_tid;
static volatile int spin_end;

static void *spin(void *argument)
{
    (void)argument;
    spin_tid = own_tid();
    while (!spin_end)
        continue;
    return NULL;
}

static bool sums(void)
{
    pthread_t thread = start(spin, NULL);
    long own = 0, all;

    for (int i = 0; i < 2000 && own < 5; i++) {
        nap(5);
        if (spin_tid)
            own = stat_number(task_path(spin_tid, "stat"), STAT_UTIME);
    }
    all = stat_number("/proc/self/stat", STAT_UTIME);
    spin_end = 1;
    pthread_join(thread, NULL);
    return own >= 5 && all >= own &&
           stat_number("/proc/self/stat", STAT_UTIME) >= all &&
           stat_number(task_path(getpid(), "stat"), STAT_UTIME) < all;
}

// A directory that was opened before the thread ended.
static bool ended(void)
{
    char text[TEXT_BYTES];
    int fd = open(task_path(tids[0], "status"), O_RDONLY);
    bool ok = fd >= 0;

    end = 1;
    for (int i = 0; i < 5000 && access(task_path(tids[0], ""), F_OK) == 0; i++)
        nap(2);
    ok = ok && read(fd, text, sizeof(text)) == -1 && errno == ESRCH;
    close(fd);
    return ok;
}

void suite_proc(void)
{
    pthread_t threads[THREADS];

    for (int i = 0; i < THREADS; i++)
        threads[i] = start(stay, (void *)(intptr_t)i);
    until(&there, THREADS);
    // Those of other suites may still be on their way out.
    for (int i = 0; i < 5000 && !lists_all(); i++)
        nap(2);
    ktap_enter("/proc", 9);
    ktap_result(lists_all(), "task lists all threads");
    ktap_result(numbers(), "numbers of threads");
    ktap_result(names(), "names");
    ktap_result(same_memory(), "the same memory");
    ktap_result(not_there(), "what is not there");
    ktap_result(hidden(), "threads are not listed");
    ktap_result(links(), "self and thread-self");
    ktap_result(sums(), "times of the process are sums");
    ktap_result(ended(), "a thread that has ended");
    ktap_leave();
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
}
