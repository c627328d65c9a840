// userland/tests/asleep.c - wait until another process waits
// SPDX-License-Identifier: MIT

#include "asleep.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define POLL_MS 2
#define POLLS   10000

char state_of(pid_t pid)
{
    char path[64], text[256] = "", *end;
    int fd;

    snprintf(path, sizeof(path), "/proc/%d/stat", pid);
    fd = open(path, O_RDONLY);
    if (fd < 0)
        return '?';
    if (read(fd, text, sizeof(text) - 1) < 0)
        text[0] = '\0'; // it has gone since
    close(fd);
    end = strrchr(text, ')'); // of its name
    return end ? end[2] : '?';
}

static bool comes_to_one_of(pid_t pid, const char *states)
{
    const struct timespec pause = {0, POLL_MS * 1000000};

    for (int i = 0; i < POLLS; i++) {
        if (strchr(states, state_of(pid)))
            return true;
        nanosleep(&pause, NULL);
    }
    return false;
}

bool comes_to(pid_t pid, char state)
{
    const char states[] = {state, '\0'};

    return comes_to_one_of(pid, states);
}

bool falls_asleep(pid_t pid)
{
    return comes_to(pid, 'S');
}

bool comes_to_rest(pid_t pid)
{
    return comes_to_one_of(pid, "SDZ?");
}
