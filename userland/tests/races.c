// userland/tests/races.c - one is held up in the middle, another goes on
// SPDX-License-Identifier: MIT
//
// A process sleeps in an allocation in the midst of a fault or a fork
// (/proc/faultline/inject, pause=); meanwhile another takes away, or uses, what
// the first one is about. Where there is no such file they do it in any order,
// and what comes out has to be the same.

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/swap.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "ktap.h"
#include "memtest.h"

#define RULE_FILE "/proc/faultline/inject"

enum {
    PAGEOUT = 21,
    PUNCH_HOLE = 3, // and keep the size
    PAGES = 8,
    PAUSE_MS = 200,
    POLL_NS = 5 * 1000 * 1000,
    POLLS = 200,
    SWAPS_READ = 512,
    FORK_STEPS = 12,
    WATCH_STEPS = 4,
    FORK_FIRST_STEPS = 6,
};

static int go[2]; // a pipe: the other one is through

// ---- the hold ---------------------------------------------------------------

static void hold_me(const char *what, unsigned nth)
{
    char rule[64];

    snprintf(rule, sizeof(rule), "%s nth=%u pid=%d pause=%d", what, nth,
             getpid(), PAUSE_MS);
    (void)set_text(RULE_FILE, rule); // not on Linux
}

// Of its own rule: what the one before it counted is still to be read.
static bool is_held(pid_t pid)
{
    char text[SWAPS_READ] = "", whose[32];
    int fd = open(RULE_FILE, O_RDONLY);

    if (fd < 0)
        return true;
    if (read(fd, text, sizeof(text) - 1) < 0)
        ktap_bail("%s: %s", RULE_FILE, strerror(errno));
    close(fd);
    snprintf(whose, sizeof(whose), " pid=%d ", pid);
    return strstr(text, whose) && strstr(text, "hits 1");
}

// Whether @pid, or a child of it, is in the middle; or was, and has ended.
static void wait_until_held(pid_t pid)
{
    const struct timespec pause = {.tv_nsec = POLL_NS};
    siginfo_t info = {.si_pid = 0};

    for (int i = 0; i < POLLS && !is_held(pid) && !info.si_pid; i++) {
        nanosleep(&pause, NULL);
        waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG | WNOWAIT);
    }
}

// In the held process, when it is through: so is the other one.
static void wait_for_other(void)
{
    char byte;

    while (read(go[0], &byte, 1) != 1)
        ;
}

// @held in a child, which is held in the midst of it, and @other here.
// -> what @held returned; -signal.
static int race(int (*held)(void *), bool (*other)(void *), void *argument)
{
    int status;
    pid_t pid;
    bool ok;

    if (pipe(go) || (pid = fork()) < 0)
        ktap_bail("pipe, fork: %s", strerror(errno));
    if (pid == 0)
        _exit(held(argument));
    wait_until_held(pid);
    ok = other(argument) && write(go[1], "", 1) == 1;
    waitpid(pid, &status, 0);
    (void)set_text(RULE_FILE, "off");
    close(go[0]);
    close(go[1]);
    if (!ok)
        return 100;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

// ---- truncation, holes ------------------------------------------------------

struct mapped_file {
    int fd;
    uint8_t *at;
};

static int copies_a_page(void *argument)
{
    struct mapped_file *file = argument;

    hold_me("user", 1);
    file->at[PAGE] = 77;
    wait_for_other();
    return file->at[PAGE] == 77 ? 1 : 2;
}

static bool truncates(void *argument)
{
    struct mapped_file *file = argument;

    return ftruncate(file->fd, PAGE) == 0;
}

// A private copy does not outlive its page of the file, even when the page goes
// while it is being copied.
static bool copy_and_truncation(void)
{
    struct mapped_file file = {.fd = file_of_pages("/tmp", 2)};
    bool ok;

    file.at =
        mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE, file.fd, 0);
    *(volatile uint8_t *)file.at; // the page table
    ok = race(copies_a_page, truncates, &file) == -SIGBUS;
    close(file.fd);
    return munmap(file.at, 2 * PAGE) == 0 && ok;
}

static int reads_shared(void *argument)
{
    struct mapped_file *file = argument;
    uint8_t first;

    hold_me("user", 1);
    first = *(volatile uint8_t *)(file->at + PAGE);
    wait_for_other();
    return (first == 2 || first == 0) &&
                   *(volatile uint8_t *)(file->at + PAGE) == 0
               ? 0
               : 1;
}

static bool punches(void *argument)
{
    struct mapped_file *file = argument;

    return fallocate(file->fd, PUNCH_HOLE, PAGE, PAGE) == 0;
}

// What is being read from swap for a place that becomes a hole does not come
// back in it.
static bool swap_in_and_hole(void)
{
    struct mapped_file file = {.fd = (int)syscall(SYS_memfd_create, "hole", 0)};
    bool ok;

    if (file.fd < 0 || ftruncate(file.fd, 2 * PAGE))
        ktap_bail("memfd: %s", strerror(errno));
    file.at =
        mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, file.fd, 0);
    file.at[PAGE] = 2;
    ok = syscall(SYS_madvise, file.at, 2 * PAGE, PAGEOUT) == 0 &&
         race(reads_shared, punches, &file) == 0;
    close(file.fd);
    return munmap(file.at, 2 * PAGE) == 0 && ok;
}

// ---- swap -------------------------------------------------------------------

static char device[64]; // that is swapped to; "": none

static void find_device(void)
{
    FILE *swaps = fopen("/proc/swaps", "r");

    if (swaps && fscanf(swaps, "%*[^\n]\n%63s", device) != 1)
        device[0] = '\0';
    if (swaps)
        fclose(swaps);
}

static uint8_t *swapped_pages(void)
{
    uint8_t *at = map_pages(PAGES);

    for (int i = 0; i < PAGES; i++)
        memset(at + i * PAGE, i + 1, PAGE);
    if (syscall(SYS_madvise, at, PAGES * PAGE, PAGEOUT))
        ktap_bail("madvise: %s", strerror(errno));
    return at;
}

static bool are_right(const uint8_t *at)
{
    for (int i = 0; i < PAGES * PAGE; i++)
        if (at[i] != i / PAGE + 1)
            return false;
    return true;
}

static int reads_held(void *at)
{
    hold_me("user", 1);
    return are_right(at) ? 0 : 1;
}

static bool reads_too(void *at)
{
    return are_right(at);
}

static bool goes_off(void *unused)
{
    (void)unused;
    return swapoff(device) == 0 && swapon(device, 0) == 0;
}

// Both have the slot; the one who comes second is the first to read it.
static bool two_readers(void)
{
    uint8_t *at = swapped_pages();
    bool ok = race(reads_held, reads_too, at) == 0;

    return munmap(at, PAGES * PAGE) == 0 && ok;
}

static bool reader_and_swapoff(void)
{
    uint8_t *at = swapped_pages();
    bool ok = race(reads_held, goes_off, at) == 0;

    return munmap(at, PAGES * PAGE) == 0 && ok;
}

static unsigned held_step;

static int forks_held(void *at)
{
    int status;
    pid_t pid;

    hold_me("slab", held_step);
    pid = fork();
    if (pid < 0)
        return 1;
    if (pid == 0) {
        wait_for_other();
        _exit(are_right(at) ? 0 : 2);
    }
    while (waitpid(pid, &status, 0) < 0)
        ;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 3;
}

// Entries that a child gets while the area is being emptied are found.
static bool fork_and_swapoff(void)
{
    bool ok = true;

    for (held_step = 1; ok && held_step <= FORK_STEPS; held_step++) {
        uint8_t *at = swapped_pages();

        ok = race(forks_held, goes_off, at) == 0;
        if (!ok)
            ktap_note("held in allocation %u", held_step);
        munmap(at, PAGES * PAGE);
    }
    return ok;
}

// ---- files of the kernel ----------------------------------------------------

static int watches_held(void *fd)
{
    hold_me("slab", held_step);
    return inotify_add_watch(*(int *)fd, "/tmp", IN_CREATE);
}

static int number; // of the other's watch

static bool watches_too(void *fd)
{
    number = inotify_add_watch(*(int *)fd, "/tmp", IN_DELETE);
    return number > 0;
}

// Two who watch a file by the same descriptor have one watch.
static bool one_watch(void)
{
    bool ok = true;

    for (held_step = 1; ok && held_step <= WATCH_STEPS; held_step++) {
        int fd = inotify_init1(0);

        ok = race(watches_held, watches_too, &fd) == number;
        if (!ok)
            ktap_note("held in allocation %u", held_step);
        close(fd);
    }
    return ok;
}

#define TEXT_FILE "/proc/filesystems"

struct text {
    int fd;
    char bytes[PAGE];
    ssize_t length;
};

// The buffer is held up at its first byte.
static int reads_text(void *argument)
{
    const struct text *text = argument;
    char *at = (char *)map_pages(1);

    hold_me("user", 1);
    return pread(text->fd, at, PAGE, 0) == text->length &&
                   memcmp(at, text->bytes, (size_t)text->length) == 0
               ? 0
               : 1;
}

// Has it made anew, and takes memory as large for other texts.
static bool reads_others(void *argument)
{
    static const char *const paths[] = {"/proc/version", "/proc/meminfo",
                                        "/proc/stat", "/proc/mounts"};
    const struct text *text = argument;
    int fds[4];
    char byte;
    bool ok = pread(text->fd, &byte, 1, 0) == 1;

    for (int i = 0; i < 4; i++) {
        fds[i] = open(paths[i], O_RDONLY);
        ok = ok && read(fds[i], &byte, 1) == 1;
    }
    for (int i = 0; i < 4; i++)
        close(fds[i]);
    return ok;
}

// Two that read the same open file do not take the text from each other.
static bool readers_of_a_text(void)
{
    static struct text text;
    bool ok;

    text.fd = open(TEXT_FILE, O_RDONLY);
    text.length = read(text.fd, text.bytes, PAGE);
    ok = text.length > 0 && race(reads_text, reads_others, &text) == 0;
    close(text.fd);
    return ok;
}

// ---- fork -------------------------------------------------------------------

// What the one that is held says of itself.
struct forker {
    volatile pid_t group; // 0: not yet
};

static struct forker *forker;

// The child outlives its parent if no signal reaches it.
static int forks_in_group(void *unused)
{
    pid_t pid;

    (void)unused;
    setpgid(0, 0);
    hold_me("slab", held_step);
    forker->group = getpid();
    pid = fork();
    if (pid == 0) {
        wait_for_other();
        _exit(0);
    }
    for (;;)
        pause();
}

static void wait_for_group(void)
{
    const struct timespec pause = {.tv_nsec = POLL_NS};

    while (!forker->group)
        nanosleep(&pause, NULL);
}

static bool kills_group(void *unused)
{
    (void)unused;
    wait_for_group();
    return kill(-forker->group, SIGKILL) == 0;
}

// Nobody escapes: of those who are left here, none has ended in another way.
static bool all_are_killed(pid_t group)
{
    int status;
    pid_t pid;

    while ((pid = waitpid(-group, &status, 0)) > 0)
        if (!WIFSIGNALED(status) || WTERMSIG(status) != SIGKILL)
            return false;
    return errno == ECHILD;
}

static bool fork_and_group_kill(void)
{
    bool ok = true;

    prctl(PR_SET_CHILD_SUBREAPER, 1);
    for (held_step = 1; ok && held_step <= FORK_STEPS; held_step++) {
        forker->group = 0;
        ok = race(forks_in_group, kills_group, NULL) == -SIGKILL &&
             all_are_killed(forker->group);
        if (!ok)
            ktap_note("held in allocation %u", held_step);
    }
    prctl(PR_SET_CHILD_SUBREAPER, 0);
    return ok;
}

// Where nobody is held, the other one comes first.
static int forks_once(void *unused)
{
    // Before the hold: in the midst of a lookup there, the other could not see
    // that it holds.
    bool can_hold = access(RULE_FILE, F_OK) == 0;
    int status;
    pid_t pid;

    (void)unused;
    hold_me("slab", held_step);
    forker->group = getpid();
    if (!can_hold)
        wait_for_other();
    pid = fork();
    if (pid == 0)
        _exit(getpgrp() == getppid() ? 0 : 1);
    while (waitpid(pid, &status, 0) < 0)
        ;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 2;
}

static bool sets_group(void *unused)
{
    (void)unused;
    wait_for_group();
    return setpgid(forker->group, forker->group) == 0;
}

// A child is in the group that its parent is in when it begins.
static bool fork_and_setpgid(void)
{
    bool ok = true;

    for (held_step = 1; ok && held_step <= FORK_FIRST_STEPS; held_step++) {
        forker->group = 0;
        ok = race(forks_once, sets_group, NULL) == 0;
        if (!ok)
            ktap_note("held in allocation %u", held_step);
    }
    return ok;
}

int main(void)
{
    static const struct {
        const char *name;
        bool (*run)(void);
        bool swaps;
    } tests[] = {
        {"a private copy and truncation", copy_and_truncation, false},
        {"from swap into a hole", swap_in_and_hole, false},
        {"two readers of a slot", two_readers, false},
        {"a reader and swapoff", reader_and_swapoff, true},
        {"fork and swapoff", fork_and_swapoff, true},
        {"two readers of a text", readers_of_a_text, false},
        {"two who watch", one_watch, false},
        {"fork and SIGKILL to the group", fork_and_group_kill, false},
        {"fork and setpgid", fork_and_setpgid, false},
    };
    const unsigned count = sizeof(tests) / sizeof(*tests);

    find_device();
    forker = mmap(NULL, PAGE, PROT_READ | PROT_WRITE,
                  MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (forker == MAP_FAILED)
        ktap_bail("mmap: %s", strerror(errno));
    ktap_plan(count);
    for (unsigned i = 0; i < count; i++) {
        if (tests[i].swaps && !device[0])
            ktap_skip(tests[i].name, "no swap");
        else
            ktap_result(tests[i].run(), "%s", tests[i].name);
    }
    return ktap_finish();
}
