// userland/tests/epoll.c - epoll(7): sets of files that are waited for
// SPDX-License-Identifier: MIT
//
// Prints KTAP; everything is to be the same on Linux.

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "ktap.h"

enum {
    EVENTS = 8,
    SETS = 8,
    MANY = 300,
};

static int pair[2]; // a pipe, made anew for each test
static int set;

static void add(int epfd, int fd, uint32_t events)
{
    struct epoll_event event = {.events = events, .data.fd = fd};

    if (epoll_ctl(epfd, EPOLL_CTL_ADD, fd, &event))
        ktap_bail("epoll_ctl: %s", strerror(errno));
}

static int change(int epfd, int op, int fd, uint32_t events)
{
    struct epoll_event event = {.events = events, .data.fd = fd};

    return epoll_ctl(epfd, op, fd, &event) ? errno : 0;
}

// What one look at @epfd finds of @fd; 0: nothing; ~0: of another, or failed.
static uint32_t look(int epfd, int fd)
{
    struct epoll_event events[EVENTS];
    int count = epoll_wait(epfd, events, EVENTS, 0);

    if (count == 0)
        return 0;
    if (count != 1 || events[0].data.fd != fd)
        return ~0u;
    return events[0].events;
}

static void put(void)
{
    if (write(pair[1], "x", 1) != 1)
        ktap_bail("write: %s", strerror(errno));
}

static void take(void)
{
    char byte;

    if (read(pair[0], &byte, 1) != 1)
        ktap_bail("read: %s", strerror(errno));
}

// ---- how it reports --------------------------------------------------------

static bool levels(void)
{
    add(set, pair[0], EPOLLIN);
    bool ok = look(set, pair[0]) == 0;
    put();
    ok = ok && look(set, pair[0]) == EPOLLIN && look(set, pair[0]) == EPOLLIN;
    take();
    ok = ok && look(set, pair[0]) == 0;
    close(pair[1]);
    return ok && look(set, pair[0]) == EPOLLHUP;
}

static bool edges(void)
{
    add(set, pair[0], EPOLLIN | EPOLLET);
    put();
    bool ok = look(set, pair[0]) == EPOLLIN && look(set, pair[0]) == 0;
    put();
    ok = ok && look(set, pair[0]) == EPOLLIN && look(set, pair[0]) == 0;
    take(); // less is no news
    ok = ok && look(set, pair[0]) == 0;
    return ok && change(set, EPOLL_CTL_MOD, pair[0], EPOLLIN | EPOLLET) == 0 &&
           look(set, pair[0]) == EPOLLIN && look(set, pair[0]) == 0;
}

static bool edge_of_room(void)
{
    char bytes[4096] = "";
    int flags = fcntl(pair[1], F_GETFL);

    fcntl(pair[1], F_SETFL, flags | O_NONBLOCK);
    add(set, pair[1], EPOLLOUT | EPOLLET);
    bool ok = look(set, pair[1]) == EPOLLOUT && look(set, pair[1]) == 0;
    while (write(pair[1], bytes, sizeof(bytes)) > 0)
        ;
    ok = ok && look(set, pair[1]) == 0;
    if (read(pair[0], bytes, sizeof(bytes)) != sizeof(bytes))
        return false;
    return ok && look(set, pair[1]) == EPOLLOUT && look(set, pair[1]) == 0;
}

static bool once(void)
{
    add(set, pair[0], EPOLLIN | EPOLLONESHOT);
    put();
    bool ok = look(set, pair[0]) == EPOLLIN && look(set, pair[0]) == 0;
    put();
    ok = ok && look(set, pair[0]) == 0;
    return ok &&
           change(set, EPOLL_CTL_MOD, pair[0], EPOLLIN | EPOLLONESHOT) == 0 &&
           look(set, pair[0]) == EPOLLIN && look(set, pair[0]) == 0;
}

static bool modified(void)
{
    put();
    add(set, pair[0], 0);
    bool ok = look(set, pair[0]) == 0;
    ok = ok && change(set, EPOLL_CTL_MOD, pair[0], EPOLLIN) == 0 &&
         look(set, pair[0]) == EPOLLIN;
    return ok && change(set, EPOLL_CTL_DEL, pair[0], 0) == 0 &&
           look(set, pair[0]) == 0;
}

static bool closed_reader(void)
{
    add(set, pair[1], EPOLLOUT);
    close(pair[0]);
    return look(set, pair[1]) == (EPOLLOUT | EPOLLERR);
}

// One of two takes all of the room in turns.
static bool fair(void)
{
    struct epoll_event event;
    int other[2], seen[2];

    if (pipe(other))
        return false;
    add(set, pair[0], EPOLLIN);
    add(set, other[0], EPOLLIN);
    put();
    if (write(other[1], "x", 1) != 1)
        return false;
    for (int i = 0; i < 2; i++) {
        if (epoll_wait(set, &event, 1, 0) != 1)
            return false;
        seen[i] = event.data.fd;
    }
    close(other[0]);
    close(other[1]);
    return seen[0] != seen[1];
}

// ---- what goes with files --------------------------------------------------

static bool last_close(void)
{
    int copy = dup(pair[0]);

    add(set, pair[0], EPOLLIN);
    put();
    close(pair[0]);
    bool ok = look(set, pair[0]) == EPOLLIN; // it is open as another
    ok = ok && change(set, EPOLL_CTL_DEL, copy, 0) == ENOENT;
    close(copy);
    return ok && look(set, pair[0]) == 0;
}

static bool two_descriptors(void)
{
    struct epoll_event events[EVENTS];
    int copy = dup(pair[0]);

    add(set, pair[0], EPOLLIN);
    add(set, copy, EPOLLIN);
    put();
    bool ok = epoll_wait(set, events, EVENTS, 0) == 2;
    close(copy);
    return ok && epoll_wait(set, events, EVENTS, 0) == 2;
}

static bool set_goes_first(void)
{
    add(set, pair[0], EPOLLIN);
    close(set);
    put();
    take();
    set = epoll_create1(EPOLL_CLOEXEC);
    return fcntl(set, F_GETFD) == FD_CLOEXEC;
}

static bool many(void)
{
    static int fds[MANY][2];
    bool ok = true;

    for (int i = 0; i < MANY; i++) {
        if (pipe(fds[i]))
            return false;
        add(set, fds[i][0], EPOLLIN);
    }
    for (int i = 0; i < MANY; i += 7)
        ok = ok && write(fds[i][1], "x", 1) == 1 &&
             look(set, fds[i][0]) == EPOLLIN &&
             read(fds[i][0], &(char){0}, 1) == 1;
    for (int i = 0; i < MANY; i++) {
        close(fds[i][0]);
        close(fds[i][1]);
    }
    return ok && look(set, -1) == 0;
}

// ---- errors ----------------------------------------------------------------

static bool errors(void)
{
    struct epoll_event event = {.events = EPOLLIN};
    int file = open("/bin/epoll", O_RDONLY), dir = open("/", O_RDONLY);
    int null = open("/dev/null", O_RDONLY);

    add(set, pair[0], EPOLLIN);
    bool ok = change(set, EPOLL_CTL_ADD, pair[0], EPOLLIN) == EEXIST &&
              change(set, EPOLL_CTL_MOD, pair[1], EPOLLIN) == ENOENT &&
              change(set, EPOLL_CTL_DEL, pair[1], EPOLLIN) == ENOENT &&
              change(set, EPOLL_CTL_ADD, file, EPOLLIN) == EPERM &&
              change(set, EPOLL_CTL_ADD, dir, EPOLLIN) == EPERM &&
              change(set, EPOLL_CTL_ADD, null, EPOLLIN) == EPERM &&
              change(set, EPOLL_CTL_ADD, set, EPOLLIN) == EINVAL &&
              change(pair[0], EPOLL_CTL_ADD, set, EPOLLIN) == EINVAL &&
              change(set, 9, pair[0], EPOLLIN) == EINVAL &&
              change(set, EPOLL_CTL_ADD, 999, EPOLLIN) == EBADF &&
              change(999, EPOLL_CTL_ADD, pair[1], EPOLLIN) == EBADF;
    ok = ok && epoll_ctl(set, EPOLL_CTL_ADD, pair[1], NULL) == -1 &&
         errno == EFAULT;
    ok = ok && epoll_wait(set, &event, 0, 0) == -1 && errno == EINVAL;
    ok = ok && epoll_wait(set, &event, -1, 0) == -1 && errno == EINVAL;
    ok = ok && epoll_wait(pair[0], &event, 1, 0) == -1 && errno == EINVAL;
    ok = ok && epoll_wait(999, &event, 1, 0) == -1 && errno == EBADF;
    ok = ok && syscall(SYS_epoll_create, 0) == -1 && errno == EINVAL;
    ok = ok && epoll_create1(1) == -1 && errno == EINVAL;
    ok = ok && read(set, &event, 1) == -1 && errno == EINVAL;
    close(file);
    close(dir);
    close(null);
    return ok;
}

static bool exclusive(void)
{
    uint32_t both = EPOLLIN | EPOLLEXCLUSIVE;
    int other = epoll_create1(0);
    bool ok =
        change(set, EPOLL_CTL_ADD, pair[0], both) == 0 &&
        change(set, EPOLL_CTL_MOD, pair[0], EPOLLIN) == EINVAL &&
        change(set, EPOLL_CTL_MOD, pair[0], both) == EINVAL &&
        change(set, EPOLL_CTL_ADD, other, both) == EINVAL &&
        change(set, EPOLL_CTL_ADD, pair[1], both | EPOLLONESHOT) == EINVAL;
    put();
    close(other);
    return ok && look(set, pair[0]) == EPOLLIN;
}

// An event that could not be told is not lost.
static bool bad_address(void)
{
    add(set, pair[0], EPOLLIN | EPOLLET);
    put();
    bool ok = epoll_wait(set, (void *)4096, 1, 0) == -1 && errno == EFAULT;
    void *fresh = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    struct epoll_event *event = fresh;
    ok = ok && epoll_wait(set, event, 1, 0) == 1 && event->events == EPOLLIN;
    munmap(fresh, 4096);
    return ok;
}

// ---- sets in sets ----------------------------------------------------------

static bool nested(void)
{
    int outer = epoll_create1(0);

    add(set, pair[0], EPOLLIN);
    add(outer, set, EPOLLIN);
    bool ok = look(outer, set) == 0;
    put();
    ok = ok && look(outer, set) == EPOLLIN && look(outer, set) == EPOLLIN &&
         look(set, pair[0]) == EPOLLIN;
    take();
    ok = ok && look(outer, set) == 0;
    close(outer);
    return ok;
}

static bool rings(void)
{
    int other = epoll_create1(0), third = epoll_create1(0);

    add(set, other, EPOLLIN);
    add(other, third, EPOLLIN);
    bool ok = change(other, EPOLL_CTL_ADD, set, EPOLLIN) == ELOOP &&
              change(third, EPOLL_CTL_ADD, set, EPOLLIN) == ELOOP &&
              change(set, EPOLL_CTL_ADD, third, EPOLLIN) == 0;
    close(other);
    close(third);
    return ok;
}

// Builds a chain from below, of five sets and then the rest. Gives what each
// step says.
static void chain(bool leaf, char *said)
{
    int sets[SETS];

    for (int i = 0; i < SETS; i++)
        sets[i] = epoll_create1(0);
    if (leaf)
        add(sets[0], pair[0], EPOLLIN);
    for (int i = 1; i < SETS; i++)
        said += sprintf(said, " %d",
                        change(sets[i], EPOLL_CTL_ADD, sets[i - 1], EPOLLIN));
    for (int i = 0; i < SETS; i++)
        close(sets[i]);
}

// Builds a chain from above.
static void chain_down(char *said)
{
    int sets[SETS];

    for (int i = 0; i < SETS; i++)
        sets[i] = epoll_create1(0);
    for (int i = 1; i < SETS; i++)
        said += sprintf(said, " %d",
                        change(sets[i - 1], EPOLL_CTL_ADD, sets[i], EPOLLIN));
    for (int i = 0; i < SETS; i++)
        said += sprintf(said, " %d",
                        change(sets[i], EPOLL_CTL_ADD, pair[0], EPOLLIN));
    for (int i = 0; i < SETS; i++)
        close(sets[i]);
}

static bool deep(void)
{
    char said[3][128];

    chain(false, said[0]);
    chain(true, said[1]);
    chain_down(said[2]);
    for (int i = 0; i < 3; i++)
        ktap_note("chain:%s", said[i]);
    return strcmp(said[0], " 0 0 0 0 40 0 0") == 0 &&
           strcmp(said[1], said[0]) == 0 &&
           strcmp(said[2], " 0 0 0 0 40 0 0 0 0 0 0 0 0 0 0") == 0;
}

// ---- waiting ---------------------------------------------------------------

static pid_t child_that_writes(int times)
{
    pid_t child = fork();

    if (child == 0) {
        const struct timespec nap = {0, 3000000};

        for (int i = 0; i < times; i++) {
            nanosleep(&nap, NULL);
            put();
        }
        _exit(0);
    }
    return child;
}

static bool wakes(void)
{
    struct epoll_event event;
    int got = 0;

    add(set, pair[0], EPOLLIN | EPOLLET);
    pid_t child = child_that_writes(5);
    for (int bytes = 0; bytes < 5;) {
        if (epoll_wait(set, &event, 1, -1) != 1)
            return false;
        char buf[8];
        bytes += (int)read(pair[0], buf, sizeof(buf));
        got++;
    }
    waitpid(child, NULL, 0);
    return got >= 1 && got <= 5 && look(set, pair[0]) == 0;
}

static bool wakes_nested(void)
{
    struct epoll_event event;
    int outer = epoll_create1(0);

    add(set, pair[0], EPOLLIN);
    add(outer, set, EPOLLIN);
    pid_t child = child_that_writes(1);
    bool ok = epoll_wait(outer, &event, 1, -1) == 1 && event.data.fd == set;
    waitpid(child, NULL, 0);
    close(outer);
    return ok;
}

static bool times_out(void)
{
    struct epoll_event event;
    struct timespec before, after;

    add(set, pair[0], EPOLLIN);
    clock_gettime(CLOCK_MONOTONIC, &before);
    bool ok = epoll_wait(set, &event, 1, 30) == 0;
    clock_gettime(CLOCK_MONOTONIC, &after);
    long ms = (long)(after.tv_sec - before.tv_sec) * 1000 +
              (after.tv_nsec - before.tv_nsec) / 1000000;
    struct {
        int64_t seconds, ns;
    } time = {0, 20000000};
    return ok && ms >= 29 &&
           syscall(SYS_epoll_pwait2, set, &event, 1, &time, NULL, 8) == 0;
}

static volatile sig_atomic_t signals;

static void on_signal(int signal)
{
    (void)signal;
    signals++;
}

// SIGUSR1 is pending and blocked, but not for the call.
static bool interrupted(void)
{
    struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_RESTART};
    struct epoll_event event;
    sigset_t blocked, none;

    sigaction(SIGUSR1, &action, NULL);
    sigemptyset(&none);
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGUSR1);
    sigprocmask(SIG_BLOCK, &blocked, NULL);
    raise(SIGUSR1);
    add(set, pair[0], EPOLLIN);
    bool ok = epoll_wait(set, &event, 1, 0) == 0 && signals == 0;
    ok = ok && epoll_pwait(set, &event, 1, 1000, &none) == -1 &&
         errno == EINTR && signals == 1;
    raise(SIGUSR1); // blocked again
    ok = ok && signals == 1;
    put();
    ok = ok && epoll_pwait(set, &event, 1, 1000, &none) == 1;
    sigprocmask(SIG_UNBLOCK, &blocked, NULL);
    return ok && signals == 2;
}

static const struct {
    const char *name;
    bool (*run)(void);
} tests[] = {
    {"levels", levels},
    {"edges", edges},
    {"edge of room", edge_of_room},
    {"one shot", once},
    {"modify and delete", modified},
    {"reader closed", closed_reader},
    {"room for one event", fair},
    {"last close of a file", last_close},
    {"a file by two descriptors", two_descriptors},
    {"the set goes first", set_goes_first},
    {"many files", many},
    {"errors", errors},
    {"exclusive", exclusive},
    {"bad address", bad_address},
    {"set in a set", nested},
    {"rings", rings},
    {"deep chains", deep},
    {"wakes", wakes},
    {"wakes through a set", wakes_nested},
    {"times out", times_out},
    {"signals", interrupted},
};

int main(void)
{
    ktap_plan(sizeof(tests) / sizeof(tests[0]));
    for (size_t i = 0; i < sizeof(tests) / sizeof(tests[0]); i++) {
        set = epoll_create1(0);
        if (set < 0 || pipe(pair))
            ktap_bail("epoll_create1: %s", strerror(errno));
        ktap_result(tests[i].run(), "%s", tests[i].name);
        close(pair[0]);
        close(pair[1]);
        close(set);
    }
    return ktap_finish();
}
