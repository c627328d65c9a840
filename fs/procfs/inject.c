// fs/procfs/inject.c - /proc/faultline/inject: allocations that are to fail
// SPDX-License-Identifier: MIT
//
// Written: a rule, see include/mm/inject_rule.h. Read: the rule, then
//   seen N hits M
//   last CLASS gfp=0xG pid=P from=SYMBOL+0xOFFSET     (when M > 0)

#include "procfs.h"

#include <kernel/symbols.h>
#include <lib/fmt.h>
#include <lib/string.h>
#include <mm/inject.h>

static void show_last(const struct inject_state *state, char *buf, size_t size)
{
    struct inject_rule classes = {.classes = state->last_class};
    u32 offset = 0;
    const char *name = symbol_find(state->last_caller, &offset);
    char words[32];

    inject_print(&classes, words, sizeof(words));
    fmt_print(buf, size, "last %s gfp=%#x pid=%d from=%s+%#x\n", words,
              state->last_gfp, state->last_pid, name ? name : "?", offset);
}

static void inject_show(const char *name, char *buf, size_t size)
{
    struct inject_state state;
    size_t used;

    (void)name;
    inject_get_state(&state);
    inject_print(&state.rule, buf, size);
    used = strlen(buf);
    fmt_print(buf + used, size - used, "\nseen %u hits %u\n", state.rule.seen,
              state.rule.hits);
    used = strlen(buf);
    if (state.rule.hits)
        show_last(&state, buf + used, size - used);
}

static int inject_store(const char *name, const char *text)
{
    (void)name;
    return inject_set(text);
}

const struct proc_setting proc_inject_setting = {
    .show = inject_show,
    .store = inject_store,
};
