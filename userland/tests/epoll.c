// userland/tests/epoll.c - epoll(7): sets of files that are waited for
// SPDX-License-Identifier: MIT
//
// Prints KTAP; everything is to be the same on Linux.

#include "epoll.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

enum {
    MANY = 300,
};

int pair[2];
int set;

void add(int epfd, int fd, uint32_t events)
{
    struct epoll_event event = {.events = events, .data.fd = fd};

    if (epoll_ctl(epfd, EPOLL_CTL_ADD, fd, &event))
        ktap_bail("epoll_ctl: %s", strerror(errno));
}

int change(int epfd, int op, int fd, uint32_t events)
{
    struct epoll_event event = {.events = events, .data.fd = fd};

    return epoll_ctl(epfd, op, fd, &event) ? errno : 0;
}

uint32_t look(int epfd, int fd)
{
    struct epoll_event events[EVENTS];
    int count = epoll_wait(epfd, events, EVENTS, 0);

    if (count == 0)
        return 0;
    if (count != 1 || events[0].data.fd != fd)
        return ~0u;
    return events[0].events;
}

void put(void)
{
    if (write(pair[1], "x", 1) != 1)
        ktap_bail("write: %s", strerror(errno));
}

void take(void)
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

static const struct ktap_test tests[] = {
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
