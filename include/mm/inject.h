// include/mm/inject.h - making allocations fail, for tests
// SPDX-License-Identifier: MIT
#pragma once

#include <mm/inject_rule.h>
#include <mm/page_alloc.h>

// The address that the function in which this stands returns to.
#define CALLER_ADDRESS ((u32)(uintptr_t)__builtin_return_address(0))

extern bool inject_enabled;

bool inject_check(u32 classes, u32 gfp, u32 caller);

// inject_fails - asked by each allocator first: is this one, of @classes (enum
// inject_class), to fail? One load and one branch while there is no rule.
// Any context.
static inline bool inject_fails(u32 classes, u32 gfp, u32 caller)
{
    return unlikely(inject_enabled) && inject_check(classes, gfp, caller);
}

// The classes of a page allocation.
static inline u32 inject_page_class(u32 gfp)
{
    return gfp & GFP_ZONE_HIGHMEM ? INJECT_PAGE | INJECT_USER : INJECT_PAGE;
}

struct inject_state {
    struct inject_rule rule;
    // The last one that failed, while rule.hits > 0.
    u32 last_class, last_gfp, last_caller;
    s32 last_pid;
};

// inject_set - replace the rule (and its counts) by the one in words.
// Return: 0; -EINVAL. Context: task.
__must_check int inject_set(const char *text);
void inject_get_state(struct inject_state *out);
