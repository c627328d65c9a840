// userland/tests/epoll.h - between the parts of epoll
// SPDX-License-Identifier: MIT
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/epoll.h>

#include "ktap.h"

enum {
    EVENTS = 8, // that are asked for at a time
};

// Made anew for each test: a pipe, and a set.
extern int pair[2];
extern int set;

// add - @fd to set @epfd; bails out. change - Return: 0, or errno.
void add(int epfd, int fd, uint32_t events);
int change(int epfd, int op, int fd, uint32_t events);

// look - what one look at @epfd finds of @fd; 0: nothing; ~0: of another, or
// it failed.
uint32_t look(int epfd, int fd);

// A byte into the pipe; out of it.
void put(void);
void take(void);

// The tests: whether all is well.
// epoll_nest.c
bool nested(void);
bool rings(void);
bool deep(void);
// epoll_wait.c
bool wakes(void);
bool wakes_nested(void);
bool times_out(void);
bool interrupted(void);
