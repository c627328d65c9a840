// kernel/strace_internal.h - between the parts of strace
// SPDX-License-Identifier: MIT
#pragma once

#include <kernel/strace.h>

// strace_put - append to the line; what does not fit is cut.
__printf(2, 3) void strace_put(struct strace_call *trace, const char *format,
                               ...);

// strace_put_arguments - up to the first that the call writes; all when @result
// is what it returned.
void strace_put_arguments(struct strace_call *trace, const s32 *result);

// strace_put_signal - SIGHUP, or its number.
void strace_put_signal(struct strace_call *trace, u32 signal);

// strace_error_name - of a positive errno; NULL.
const char *strace_error_name(u32 number);
