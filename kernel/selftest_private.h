// kernel/selftest_private.h - what the self-tests share
// SPDX-License-Identifier: MIT
#pragma once

#include <base/types.h>

enum selftest_result {
    SELFTEST_OK,
    SELFTEST_FAILED,
    SELFTEST_SKIPPED, // the machine has not what it takes
};

enum selftest_result selftest_kmap(void);
enum selftest_result selftest_buddy(void);
enum selftest_result selftest_cost(void);
enum selftest_result selftest_copy(void);
enum selftest_result selftest_reclaim(void);
enum selftest_result selftest_census(void);
enum selftest_result selftest_drift(void);
enum selftest_result selftest_bounce(void);
enum selftest_result selftest_swapraw(void);
enum selftest_result selftest_diskreset(void);
enum selftest_result selftest_reap(void);
enum selftest_result selftest_writeback(void);
enum selftest_result selftest_retry(void);

// In a function that returns enum selftest_result. What was taken until then
// is not given back: the machine is not to be trusted any more anyway.
#define EXPECT(expr)                                                           \
    do {                                                                       \
        if (!(expr)) {                                                         \
            log_err("%s:%d: %s", __FILE__, __LINE__, #expr);                   \
            return SELFTEST_FAILED;                                            \
        }                                                                      \
    } while (0)

// Sleep until @condition holds, a second at most. Value: whether it does.
#define COMES_TRUE(condition)                                                  \
    ({                                                                         \
        for (u32 tries_ = 0; !(condition) && tries_ < 100; tries_++)           \
            sleep_ms(10);                                                      \
        (condition);                                                           \
    })
