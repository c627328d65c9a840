// include/base/assert.h - assertions of our own invariants, always compiled in
// SPDX-License-Identifier: MIT
//
// For what can be false only by a mistake in the kernel. What comes from a
// user, a disk, a device or the firmware is checked and answered with -errno.
// The expression has no side effects.
#pragma once

#include <base/compiler.h>

// Provided by kernel/panic.c, and by the harness of the host tests.
__noreturn void assert_failed(const char *expr, const char *file, int line,
                              const char *func);

#define ASSERT(expr)                                                           \
    do {                                                                       \
        if (unlikely(!(expr)))                                                 \
            assert_failed(#expr, __FILE__, __LINE__, __func__);                \
    } while (0)
