// fs/procfs/trace.c - /proc/faultline/trace: what is traced, and for whom
// SPDX-License-Identifier: MIT
//
// Written: words, see include/kernel/trace_choice.h. Read:
//   on GROUP,GROUP
//   off GROUP,GROUP
//   filters FILTER FILTER
//   written N             records, to the ring
//   filtered N            that a filter has left out; no loss
//   dropped_by_stream N   that were overwritten before ktrace came to send them

#include "procfs.h"

#include <kernel/trace.h>

static void choice_show(const char *name, char *buf, size_t size)
{
    (void)name;
    trace_show(buf, size);
}

static int choice_store(const char *name, const char *text)
{
    (void)name;
    return trace_choose(text);
}

const struct proc_setting proc_trace_setting = {
    .show = choice_show,
    .store = choice_store,
};
