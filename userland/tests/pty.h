// userland/tests/pty.h - shared by pty.c and its parts
// SPDX-License-Identifier: MIT
#pragma once

#include <stdbool.h>
#include <sys/sysmacros.h>
#include <termios.h>

enum {
    PATIENCE_MS = 10000, // for what is to come
};

struct pair {
    int master, slave;
    char name[32]; // of the slave
};

void pair_open(struct pair *pair);
void pair_close(struct pair *pair);

// comes - whether these bytes can be read now, or within some time.
bool comes(int fd, const char *text);

// type - write to the master.
bool type(const struct pair *pair, const char *text);

void set_local_modes(const struct pair *pair, tcflag_t on, tcflag_t off);

void test_jobs(void);    // pty_jobs.c
void test_writers(void); // pty_jobs.c
void test_load(void);    // pty_load.c
