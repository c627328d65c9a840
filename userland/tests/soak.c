// userland/tests/soak.c - everything at once, for as long as is asked for
// SPDX-License-Identifier: MIT
//
// soak [SECONDS [SEED [MIB [DIR [WORKER...]]]]]: ten workers, each a process
// with children of its own, that together touch MIB (twice the RAM when not
// given) for so many seconds. Files are made in DIR. Each worker checks all
// that it reads. To look for a fault, name only some of them (the table below).
//
// Which order things happen in depends on the machine, so a seed does not
// repeat a run exactly; it repeats what each worker does by itself.
//
// At the end: every worker has found nothing wrong and has gone, with all of
// its children. Prints KTAP; runs on Linux too.

#include "soak.h"

#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/statvfs.h>
#include <sys/sysinfo.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "ktap.h"

enum {
    SECONDS = 5,        // when not given
    GRACE_SECONDS = 90, // for the last round of each
    POLL_MS = 50,
    RAM_TIMES = 2,
    MIB_MAX = 2048,
    NAMES_AT = 5,  // in argv
    DISK_PART = 4, // what one worker may take of what is free
};

static struct worker {
    const char *name;
    void (*run)(void);
    bool unwanted;
    pid_t pid;
    int status;
} workers[] = {
    {.name = "copy-on-write", .run = soak_cow},
    {.name = "mlock", .run = soak_mlock},
    {.name = "shared memory", .run = soak_shm},
    {.name = "mapped file", .run = soak_filemap},
    {.name = "truncate", .run = soak_truncate},
    {.name = "page cache", .run = soak_churn},
    {.name = "swap areas", .run = soak_swap},
    {.name = "hog", .run = soak_hog},
    {.name = "pipes", .run = soak_pipe},
    {.name = "programs", .run = soak_exec},
};

enum {
    WORKERS = sizeof(workers) / sizeof(workers[0]),
};

struct soak soak;

static uint64_t end_ms;
static uint32_t random_state = 1;

// In memory that all share; each worker has its own place.
static volatile uint32_t *rounds;
static unsigned my_number;

static uint64_t now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

bool soak_over(void)
{
    return now_ms() >= end_ms || getppid() == 1; // or main has died
}

void soak_round(void)
{
    rounds[my_number]++;
}

uint32_t mix(uint32_t x)
{
    x = (x ^ (x >> 16)) * 0x85ebca6bu;
    x = (x ^ (x >> 13)) * 0xc2b2ae35u;
    return x ^ (x >> 16);
}

void soak_seed(uint32_t seed)
{
    random_state = seed;
}

uint32_t soak_random(void)
{
    return mix(random_state += 0x9e3779b9u);
}

void soak_fail(const char *format, ...)
{
    char text[256];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    ktap_note("%s, process %d: %s", workers[my_number].name, getpid(), text);
    _exit(EXIT_FAILURE);
}

void page_fill(uint32_t *words, uint32_t id, uint32_t version)
{
    uint32_t base = mix(id ^ mix(version));

    if (version == 0) {
        memset(words, 0, PAGE_BYTES);
        return;
    }
    for (uint32_t i = 0; i < PAGE_WORDS; i++)
        words[i] = base + i * 0x9e3779b1u;
}

void page_check(const char *what, const uint32_t *words, uint32_t id,
                uint32_t version)
{
    uint32_t base = mix(id ^ mix(version)), step = 0x9e3779b1u;

    if (version == 0)
        base = step = 0;
    for (uint32_t i = 0; i < PAGE_WORDS; i++) {
        uint32_t found = words[i];

        if (found != base + i * step)
            soak_fail("%s: page %u version %u word %u at %p: found %08x, "
                      "expected %08x",
                      what, id, version, i, (const void *)&words[i], found,
                      base + i * step);
    }
}

pid_t soak_fork(void)
{
    pid_t pid;

    while ((pid = fork()) < 0) {
        if (errno != EAGAIN && errno != ENOMEM)
            soak_fail("fork: %s", strerror(errno));
        soak_sleep_ms(POLL_MS);
    }
    return pid;
}

void soak_join(pid_t pid)
{
    int status;

    if (waitpid(pid, &status, 0) != pid)
        soak_fail("waitpid: %s", strerror(errno));
    if (status != 0)
        soak_fail("child %d: status %#x", pid, (unsigned)status);
}

void soak_sleep_ms(unsigned ms)
{
    struct timespec time = {(time_t)(ms / 1000), (long)(ms % 1000) * 1000000};

    nanosleep(&time, NULL);
}

uint32_t *soak_map(uint32_t pages, int flags, int fd)
{
    void *words = mmap(NULL, (size_t)pages * PAGE_BYTES, PROT_READ | PROT_WRITE,
                       flags, fd, 0);

    if (words == MAP_FAILED)
        soak_fail("mmap of %u pages: %s", pages, strerror(errno));
    return words;
}

uint32_t soak_file_pages(unsigned share)
{
    uint32_t wanted = soak.mib * PAGES_PER_MIB / share;
    uint32_t room = soak.dir_pages / DISK_PART;

    return wanted < room ? wanted : room;
}

char *soak_path(const char *name)
{
    char *path;

    if (asprintf(&path, "%s/soak.%s", soak.dir, name) < 0)
        soak_fail("no memory for a path");
    return path;
}

// ---- the workers and their end ----------------------------------------------

enum {
    ENDED_LATE = -1, // a status
};

static void start(unsigned number)
{
    struct worker *worker = &workers[number];

    if (worker->unwanted)
        return;
    worker->pid = soak_fork();
    if (worker->pid > 0)
        return;
    setpgid(0, 0); // with its children, to be found at the end
    my_number = number;
    soak_seed(mix(soak.seed + number));
    worker->run();
    _exit(EXIT_SUCCESS);
}

// Return: whether it has ended by itself, within its time.
static bool wait_for(struct worker *worker)
{
    uint64_t latest = end_ms + GRACE_SECONDS * 1000;

    while (waitpid(worker->pid, &worker->status, WNOHANG) == 0) {
        if (now_ms() > latest)
            return false;
        soak_sleep_ms(POLL_MS);
    }
    return true;
}

// Children of a worker are of its group, which has to be empty afterwards.
static bool wait_for_all(void)
{
    bool empty = true;

    for (unsigned i = 0; i < WORKERS; i++) {
        struct worker *worker = &workers[i];

        if (worker->unwanted)
            continue;
        if (!wait_for(worker)) {
            kill(-worker->pid, SIGKILL);
            waitpid(worker->pid, &worker->status, 0);
            worker->status = ENDED_LATE;
        } else if (kill(-worker->pid, 0) == 0 || errno != ESRCH) {
            ktap_note("%s: left children behind", worker->name);
            kill(-worker->pid, SIGKILL);
            empty = false;
        }
    }
    return empty;
}

static void report(const struct worker *worker, unsigned number)
{
    int status = worker->status;

    if (worker->unwanted) {
        ktap_skip(worker->name, "not asked for");
    } else if (status == ENDED_LATE) {
        ktap_result(false, "%s: did not end", worker->name);
    } else if (WIFEXITED(status) && WEXITSTATUS(status) == SKIPPED) {
        ktap_skip(worker->name, "not here");
    } else {
        ktap_result(status == 0, "%s: %u rounds, status %#x", worker->name,
                    rounds[number], (unsigned)status);
    }
}

static void note_memory(void)
{
    static const char *const names[] = {"pswpin ", "pswpout ", "oom_kill "};
    char line[128];
    FILE *file = fopen("/proc/vmstat", "r");

    while (file != NULL && fgets(line, sizeof(line), file) != NULL) {
        line[strcspn(line, "\n")] = '\0';
        for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
            if (strncmp(line, names[i], strlen(names[i])) == 0)
                ktap_note("vmstat %s", line);
    }
    if (file != NULL)
        fclose(file);
}

static unsigned default_mib(void)
{
    struct sysinfo info;
    uint64_t mib;

    if (sysinfo(&info) != 0)
        ktap_bail("sysinfo: %s", strerror(errno));
    mib = ((uint64_t)info.totalram * info.mem_unit >> 20) * RAM_TIMES;
    return mib < MIB_MAX ? (unsigned)mib : MIB_MAX;
}

static uint32_t free_pages(const char *dir)
{
    struct statvfs info;

    if (statvfs(dir, &info) != 0)
        ktap_bail("%s: %s", dir, strerror(errno));
    return (uint32_t)((uint64_t)info.f_bavail * info.f_frsize / PAGE_BYTES);
}

static unsigned argument(int argc, char **argv, int n, unsigned otherwise)
{
    return n < argc ? (unsigned)strtoul(argv[n], NULL, 0) : otherwise;
}

static void choose(int argc, char **argv)
{
    for (unsigned i = 0; i < WORKERS; i++) {
        workers[i].unwanted = argc > NAMES_AT;
        for (int k = NAMES_AT; k < argc; k++)
            if (strcmp(argv[k], workers[i].name) == 0)
                workers[i].unwanted = false;
    }
}

static void arrange(int argc, char **argv)
{
    soak.seed = argument(argc, argv, 2, (unsigned)time(NULL));
    soak.mib = argument(argc, argv, 3, default_mib());
    soak.dir = argc > 4 ? argv[4] : "/root";
    soak.dir_pages = free_pages(soak.dir);
    choose(argc, argv);
    rounds = mmap(NULL, PAGE_BYTES, PROT_READ | PROT_WRITE,
                  MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (rounds == MAP_FAILED)
        ktap_bail("mmap: %s", strerror(errno));
}

int main(int argc, char **argv)
{
    unsigned seconds;
    bool empty;

    if (argc == 3 && strcmp(argv[1], "echo") == 0)
        return soak_echo((uint32_t)strtoul(argv[2], NULL, 0));
    seconds = argument(argc, argv, 1, SECONDS);
    arrange(argc, argv);
    ktap_plan(WORKERS + 1);
    ktap_note("soak: seconds %u seed %u MiB %u in %s", seconds, soak.seed,
              soak.mib, soak.dir);
    end_ms = now_ms() + (uint64_t)seconds * 1000;
    for (unsigned i = 0; i < WORKERS; i++)
        start(i);
    empty = wait_for_all();
    for (unsigned i = 0; i < WORKERS; i++)
        report(&workers[i], i);
    ktap_result(empty, "all children have ended");
    note_memory();
    return ktap_finish();
}
