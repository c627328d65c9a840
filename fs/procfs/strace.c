// fs/procfs/strace.c - /proc/faultline/strace: whose system calls are logged
// SPDX-License-Identifier: MIT
//
// Written and read: a rule, see include/kernel/strace.h.

#include "procfs.h"

#include <kernel/strace.h>

static void rule_show(const char *name, char *buf, size_t size)
{
    (void)name;
    strace_show(buf, size);
}

static int rule_store(const char *name, const char *text)
{
    (void)name;
    return strace_set(text);
}

const struct proc_setting proc_strace_setting = {
    .show = rule_show,
    .store = rule_store,
};
