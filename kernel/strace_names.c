// kernel/strace_names.c - calls, errors and signals by name
// SPDX-License-Identifier: MIT
//
// The tables are made from uapi's headers when the kernel is built.

#include <asm/errno.h>
#include <asm/signal.h>
#include <asm/unistd.h>
#include <base/bits.h>

#include "strace_internal.h"

static const char *const call_names[] = {
#include <generated/call_names.h>
};
static const char *const error_names[] = {
#include <generated/error_names.h>
};
static const char *const signal_names[] = {
#include <generated/signal_names.h>
};

const char *strace_call_name(u32 number)
{
    return number < ARRAY_SIZE(call_names) && call_names[number]
               ? call_names[number]
               : "?";
}

const char *strace_error_name(u32 number)
{
    return number < ARRAY_SIZE(error_names) ? error_names[number] : NULL;
}

void strace_put_signal(struct strace_call *trace, u32 signal)
{
    if (signal < ARRAY_SIZE(signal_names) && signal_names[signal])
        strace_put(trace, "%s", signal_names[signal]);
    else
        strace_put(trace, "%u", signal);
}
