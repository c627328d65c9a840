// kernel/selftest.c - the word selftest=...: tests that need the live kernel
// SPDX-License-Identifier: MIT
//
// What is pure is tested on the host (tests/unit); what programs can see, by
// programs (userland/tests). Here is what needs the kernel's insides and real
// page tables. They run in process 1 before its first program, when nothing
// else is going on.

#include <kernel/selftest.h>

#include <base/bits.h>
#include <kernel/cmdline.h>
#include <lib/string.h>

#include "selftest_private.h"

#define LOG_NAME "selftest"
#include <kernel/log.h>

static const struct {
    const char *name;
    enum selftest_result (*run)(void);
} tests[] = {
    {"kmap", selftest_kmap},           {"buddy", selftest_buddy},
    {"census", selftest_census},       {"drift", selftest_drift},
    {"cost", selftest_cost},           {"copy", selftest_copy},
    {"bounce", selftest_bounce},       {"swapraw", selftest_swapraw},
    {"diskreset", selftest_diskreset}, {"reclaim", selftest_reclaim},
    {"reap", selftest_reap},           {"writeback", selftest_writeback},
    {"retry", selftest_retry},
};

static void run_test(const char *name)
{
    static const char *const words[] = {
        [SELFTEST_OK] = "ok",
        [SELFTEST_FAILED] = "failed",
        [SELFTEST_SKIPPED] = "skipped",
    };

    for (u32 i = 0; i < ARRAY_SIZE(tests); i++) {
        if (strcmp(tests[i].name, name) == 0) {
            log_info("%s %s", name, words[tests[i].run()]);
            return;
        }
    }
    log_err("unknown: %s", name);
}

void selftest_if_asked(void)
{
    char list[64];
    char *name = list;

    if (!cmdline_get("selftest", list, sizeof(list)))
        return;
    while (*name) {
        char *end = name;

        while (*end && *end != ',')
            end++;
        if (*end)
            *end++ = '\0';
        run_test(name);
        name = end;
    }
}
