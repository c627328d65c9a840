// userland/tests/fuzz_clean.c - the machine as it was before
// SPDX-License-Identifier: MIT
//
// Workers leave children that nobody waits for, mounts, swap areas, shared
// memory, files, and, as root, other settings and another time. All of that is
// taken away or put back, so that what is left is what the kernel lost.

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "fuzz.h"
#include "ktap.h"

enum {
    PROCESSES = 256,
    ROUNDS = 400,
    ROUND_NS = 20000000,
    TEXT_BYTES = 256,
    DEPTH = 16, // open folders while a tree is removed
};

static int known[PROCESSES];
static unsigned known_count;
static pid_t spared_one;
static char host_name[TEXT_BYTES];
static struct timespec offset; // of the clock to the time since boot

static struct device {
    const char *path;
    struct stat as_found;
} devices[] = {
    {.path = "/dev/null"},   {.path = "/dev/zero"},    {.path = "/dev/full"},
    {.path = "/dev/random"}, {.path = "/dev/urandom"}, {.path = "/dev/tty"},
};

static struct setting {
    const char *path;
    char text[TEXT_BYTES];
} settings[] = {
    {.path = "/proc/sys/vm/swappiness"},
    {.path = "/proc/sys/vm/page-cluster"},
    {.path = "/proc/sys/vm/dirty_ratio"},
    {.path = "/proc/sys/vm/dirty_expire_centisecs"},
    {.path = "/proc/sys/vm/max_map_count"},
    {.path = "/proc/sys/vm/mmap_min_addr"},
    {.path = "/proc/sys/vm/lowmem_reserve_ratio"},
    {.path = "/proc/sys/kernel/shmall"},
    {.path = "/proc/sys/kernel/shmmax"},
};

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static bool is_known(int pid)
{
    for (unsigned i = 0; i < known_count; i++)
        if (known[i] == pid)
            return true;
    return false;
}

static void remember(int pid)
{
    if (known_count == PROCESSES)
        ktap_bail("more than %u processes", PROCESSES);
    known[known_count++] = pid;
}

// each_process - of all there are. Return: how often @visit said true.
static unsigned each_process(bool (*visit)(int pid))
{
    DIR *directory = opendir("/proc");
    const struct dirent *entry;
    unsigned count = 0;

    if (directory == NULL)
        ktap_bail("/proc cannot be read");
    while ((entry = readdir(directory)) != NULL)
        if (isdigit((unsigned char)entry->d_name[0]))
            count += visit(atoi(entry->d_name));
    closedir(directory);
    return count;
}

static bool note_process(int pid)
{
    remember(pid);
    return true;
}

static bool end_process(int pid)
{
    if (is_known(pid) || pid == spared_one)
        return false;
    kill(pid, SIGKILL);
    kill(pid, SIGCONT);
    return true;
}

static void pause_a_moment(void)
{
    struct timespec moment = {0, ROUND_NS};

    nanosleep(&moment, NULL);
}

static bool end_all(void)
{
    for (unsigned i = 0; i < ROUNDS; i++) {
        while (waitpid(-1, NULL, WNOHANG) > 0)
            continue;
        if (each_process(end_process) == 0)
            return true;
        pause_a_moment();
    }
    return false;
}

static void set_clock(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    now.tv_sec += offset.tv_sec;
    clock_settime(CLOCK_REALTIME, &now);
}

static void put_back_settings(void)
{
    for (unsigned i = 0; i < COUNT(settings); i++) {
        size_t bytes = strlen(settings[i].text);
        int fd = open(settings[i].path, O_WRONLY);

        if (fd >= 0 && bytes > 0 && write(fd, settings[i].text, bytes) < 0)
            ktap_note("%s cannot be put back", settings[i].path);
        if (fd >= 0)
            close(fd);
    }
    sethostname(host_name, strlen(host_name));
    for (unsigned i = 0; i < COUNT(devices); i++) {
        const struct stat *was = &devices[i].as_found;

        // Only root could change them, and only root can put them back.
        if (chown(devices[i].path, was->st_uid, was->st_gid) == 0)
            chmod(devices[i].path, was->st_mode & 07777);
    }
    set_clock();
}

void fuzz_remember(void)
{
    struct timespec now;

    each_process(note_process);
    fuzz_note_mounts();
    gethostname(host_name, sizeof(host_name) - 1);
    clock_gettime(CLOCK_REALTIME, &offset);
    clock_gettime(CLOCK_MONOTONIC, &now);
    offset.tv_sec -= now.tv_sec;
    for (unsigned i = 0; i < COUNT(settings); i++) {
        int fd = open(settings[i].path, O_RDONLY);

        if (fd >= 0 &&
            read(fd, settings[i].text, sizeof(settings[i].text) - 1) < 0)
            settings[i].text[0] = '\0';
        close(fd);
    }
    for (unsigned i = 0; i < COUNT(devices); i++)
        if (stat(devices[i].path, &devices[i].as_found))
            ktap_bail("%s: %s", devices[i].path, strerror(errno));
}

static int remove_one(const char *path, const struct stat *info, int kind,
                      struct FTW *place)
{
    (void)info;
    (void)kind;
    (void)place;
    remove(path);
    return 0;
}

bool fuzz_clean(const char *folder, pid_t spared)
{
    bool ended;

    spared_one = spared;
    ended = end_all();
    if (!ended)
        ktap_note("processes could not be killed");
    fuzz_take_away(folder);
    put_back_settings();
    remove(FUZZ_OUTSIDE);
    nftw(folder, remove_one, DEPTH, FTW_DEPTH | FTW_PHYS | FTW_MOUNT);
    return ended;
}
