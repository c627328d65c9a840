// userland/tests/oom.c - what is said of who would be killed for memory; hogs
// SPDX-License-Identifier: MIT
//
//     oom                  KTAP: oom_score, oom_score_adj, oom_adj, nice
//     oom hog              take memory until killed
//     oom bomb SECONDS     fork for so long, as often as it can be done; the
//                          children sleep, and die with it

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "ktap.h"

enum {
    HOG_STEP = 1 << 20,
    PAGE_BYTES = 4096,
    SOMEBODY = 1000,
    NPROC = 8,
    HOGS = 8,
    NAPS = 20,
    LATE_MS = 100,
};

#define ADJ "/proc/self/oom_score_adj"
#define OLD "/proc/self/oom_adj"

// put - Return: 0; the errno of open or write.
static int put(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY), error = 0;

    if (fd < 0)
        return errno;
    if (write(fd, text, strlen(text)) < 0)
        error = errno;
    close(fd);
    return error;
}

static int get(const char *path)
{
    char text[32] = "";
    int fd = open(path, O_RDONLY);

    if (fd < 0 || read(fd, text, sizeof(text) - 1) <= 0)
        ktap_bail("%s: %s", path, strerror(errno));
    close(fd);
    return atoi(text);
}

// What is written, what that gives, and what both files say afterwards.
static const struct {
    const char *path, *text;
    int error, adj, old;
} rows[] = {
    {ADJ, "0", 0, 0, 0},
    {ADJ, "1000\n", 0, 1000, 15},
    {ADJ, " 300 \n", 0, 300, 5},
    {ADJ, "-1000", 0, -1000, -17},
    {ADJ, "1001", EINVAL, -1000, -17},
    {ADJ, "-1001", EINVAL, -1000, -17},
    {ADJ, "x", EINVAL, -1000, -17},
    {ADJ, "5x", EINVAL, -1000, -17},
    {ADJ, "", EINVAL, -1000, -17},
    {OLD, "15", 0, 1000, 15},
    {OLD, "-17", 0, -1000, -17},
    {OLD, "8", 0, 470, 7},
    {OLD, "16", EINVAL, 470, 7},
    {OLD, "-18", EINVAL, 470, 7},
    {ADJ, "0", 0, 0, 0},
};

static void test_files(void)
{
    ktap_enter("written and read", sizeof(rows) / sizeof(rows[0]));
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        int error = put(rows[i].path, rows[i].text);

        ktap_result(error == rows[i].error && get(ADJ) == rows[i].adj &&
                        get(OLD) == rows[i].old,
                    "row %zu: error %d, adj %d, old %d", i, error, get(ADJ),
                    get(OLD));
    }
    ktap_leave();
}

// in_child - what the child's function returns, as an exit status.
static int in_child(int (*run)(void))
{
    int status;
    pid_t pid = fork();

    if (pid == 0)
        _exit(run());
    if (pid < 0 || waitpid(pid, &status, 0) != pid || !WIFEXITED(status))
        ktap_bail("child: %s", strerror(errno));
    return WEXITSTATUS(status);
}

static int score_of_large(void)
{
    size_t bytes = 16u << 20;
    char *at = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
                    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    int before = get("/proc/self/oom_score");

    if (at == MAP_FAILED)
        return 1;
    memset(at, 1, bytes);
    return get("/proc/self/oom_score") > before ? 0 : 2;
}

static int score_of_never(void)
{
    return put(ADJ, "-1000") || get("/proc/self/oom_score") != 0;
}

static int score_of_first(void)
{
    return put(ADJ, "1000") || get("/proc/self/oom_score") < 1300;
}

// Root sets it to -500 and becomes somebody: that is the least from then on.
static int without_right(void)
{
    if (put(ADJ, "-500") || setuid(SOMEBODY))
        return 1;
    // The files of a task that changed its user are root's, as on Linux,
    // until it is dumpable again.
    prctl(PR_SET_DUMPABLE, 1);
    if (put(ADJ, "-501") != EACCES)
        return 2;
    if (put(ADJ, "100") || put(ADJ, "-500"))
        return 3;
    return get(ADJ) != -500;
}

static int inherited(void)
{
    pid_t pid;
    int status;

    if (put(ADJ, "123"))
        return 1;
    pid = fork();
    if (pid == 0)
        _exit(get(ADJ) != 123);
    return waitpid(pid, &status, 0) != pid || status;
}

static int is_init_protected(void)
{
    return get("/proc/1/oom_score") < 0;
}

// ---- processes -------------------------------------------------------------

static int limited(void)
{
    struct rlimit limit = {NPROC, NPROC};
    int forked = 0;
    pid_t pid;

    if (setrlimit(RLIMIT_NPROC, &limit) || setuid(SOMEBODY))
        return 100;
    while ((pid = fork()) > 0)
        forked++;
    if (pid == 0) {
        pause();
        _exit(0);
    }
    if (errno != EAGAIN)
        return 101;
    signal(SIGTERM, SIG_IGN);
    kill(0, SIGTERM);
    return forked;
}

static int limited_alone(void)
{
    setpgid(0, 0);
    return limited();
}

// Root's processes are not counted against it.
static int unlimited(void)
{
    struct rlimit limit = {1, 1};

    if (setrlimit(RLIMIT_NPROC, &limit))
        return 1;
    return in_child(is_init_protected);
}

static int default_limit(void)
{
    struct rlimit limit;

    return getrlimit(RLIMIT_NPROC, &limit) || limit.rlim_cur < 64 ||
           limit.rlim_cur != limit.rlim_max || limit.rlim_cur > 1u << 20;
}

static uint64_t now_ms(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

// Two loops for a second, one of them at nice 19: which share it gets, percent.
static unsigned share_of_nice(void)
{
    volatile uint32_t *count = mmap(NULL, PAGE_BYTES, PROT_READ | PROT_WRITE,
                                    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    uint64_t end = now_ms() + 1500;
    pid_t pids[2];

    for (int i = 0; i < 2; i++) {
        pids[i] = fork();
        if (pids[i] == 0) {
            if (i)
                setpriority(PRIO_PROCESS, 0, 19);
            while (now_ms() < end)
                count[i]++;
            _exit(0);
        }
    }
    for (int i = 0; i < 2; i++)
        waitpid(pids[i], NULL, 0);
    return (unsigned)((uint64_t)count[1] * 100 /
                      ((uint64_t)count[0] + count[1] + 1));
}

static void test_nice(void)
{
    unsigned share = share_of_nice();

    ktap_result(share < 20, "nice 19 leaves the processor to others: %u %%",
                share);
}

// With hogs around: how many of the short sleeps end late.
static unsigned late_sleeps(void)
{
    const struct timespec nap = {0, 5000000};
    unsigned late = 0;
    pid_t pids[HOGS];

    for (int i = 0; i < HOGS; i++) {
        pids[i] = fork();
        if (pids[i] == 0)
            for (volatile unsigned n = 0;; n++)
                continue;
    }
    for (int i = 0; i < NAPS; i++) {
        uint64_t before = now_ms();

        nanosleep(&nap, NULL);
        late += now_ms() - before > LATE_MS;
    }
    for (int i = 0; i < HOGS; i++) {
        kill(pids[i], SIGKILL);
        waitpid(pids[i], NULL, 0);
    }
    return late;
}

static void test_hogs(void)
{
    unsigned late = late_sleeps();

    ktap_result(late < NAPS / 2,
                "who mostly sleeps does not wait for hogs: %u of %u late", late,
                (unsigned)NAPS);
}

// ---- loads -----------------------------------------------------------------

static int hog(void)
{
    for (;;) {
        char *at = mmap(NULL, HOG_STEP, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

        if (at == MAP_FAILED)
            return 3;
        for (size_t i = 0; i < HOG_STEP; i += PAGE_BYTES)
            at[i] = 1;
    }
}

static int bomb(unsigned seconds)
{
    uint64_t end = now_ms() + seconds * 1000ull;
    unsigned forked = 0, refused = 0;

    setpgid(0, 0);
    while (now_ms() < end) {
        pid_t pid = fork();

        if (pid == 0) {
            pause();
            _exit(0);
        }
        if (pid > 0)
            forked++;
        else
            refused++;
    }
    printf("forked %u refused %u\n", forked, refused);
    fflush(stdout);
    kill(0, SIGKILL);
    return 0;
}

int main(int argc, char **argv)
{
    if (argc == 2 && strcmp(argv[1], "hog") == 0)
        return hog();
    if (argc == 3 && strcmp(argv[1], "bomb") == 0)
        return bomb((unsigned)atoi(argv[2]));
    ktap_plan(11);
    test_files();
    ktap_result(in_child(score_of_large) == 0, "the score grows with memory");
    ktap_result(in_child(score_of_never) == 0, "at -1000 the score is 0");
    ktap_result(in_child(score_of_first) == 0, "at 1000 it is 1300 and more");
    ktap_result(in_child(without_right) == 0, "lower only with the right");
    ktap_result(in_child(inherited) == 0, "a child has its parent's");
    ktap_result(in_child(limited_alone) == NPROC - 1, "RLIMIT_NPROC is kept");
    ktap_result(in_child(unlimited) == 0, "but not for root");
    ktap_result(in_child(default_limit) == 0, "the limit there is at first");
    test_nice();
    test_hogs();
    return ktap_finish();
}
