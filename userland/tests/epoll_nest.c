// userland/tests/epoll_nest.c - epoll.c: sets in sets
// SPDX-License-Identifier: MIT

#include "epoll.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum {
    SETS = 8,
};

bool nested(void)
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

bool rings(void)
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

bool deep(void)
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
