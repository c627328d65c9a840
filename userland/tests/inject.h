// userland/tests/inject.h - between inject.c and the operations
// SPDX-License-Identifier: MIT
#pragma once

#include <stddef.h>
#include <sys/types.h>

#define INJECT_PATH "/bin/inject" // `inject exit` does nothing

enum {
    WRONG = 200, // what an operation says that failed and left damage
    NO_RULE,     // exit code: the rule could not be set
    NOT_HERE,    // what an operation says that this machine has not
};

struct operation {
    const char *name;
    // In a process of its own. 0; an errno; WRONG; NOT_HERE.
    int (*run)(void);
    // What it may say besides ENOMEM, as Linux does there; 0: nothing.
    int also;
    // By the parent, when set: before each run; after each, dead or not; and
    // once, when caches are warm, before what the kernel holds is noted.
    void (*prepare)(void);
    void (*clean)(void);
    void (*arrange)(void);
};

struct operation_set {
    const struct operation *operations;
    unsigned count;
};

extern const struct operation_set memory_operations;  // inject_ops.c
extern const struct operation_set program_operations; // inject_exec.c
extern const struct operation_set file_operations;    // inject_files.c
extern const struct operation_set user_operations;    // inject_users.c
extern const struct operation_set socket_operations;  // inject_sockets.c
extern const struct operation_set swap_operations;    // inject_swap.c

// inject_await - the end of a child that fork or vfork gave (or did not).
// inject_fork - one that ends at once. As operations say (inject_ops.c).
int inject_await(pid_t pid);
int inject_fork(void);

// inject_off - no more failures, for cleaning up.
void inject_off(void);
