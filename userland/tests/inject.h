// userland/tests/inject.h - between inject.c and inject_ops.c
// SPDX-License-Identifier: MIT
#pragma once

#define INJECT_PATH "/bin/inject" // `inject exit` does nothing

enum {
    WRONG = 200, // what an operation says that failed and left damage
    NO_RULE,     // exit code: the rule could not be set
};

struct operation {
    const char *name;
    int (*run)(void); // 0; an errno; WRONG
};

extern const struct operation operations[];
extern const unsigned operation_count;

// inject_off - no more failures, for cleaning up.
void inject_off(void);
