// include/mm/inject_rule.h - which allocations are to fail, or to take long [P]
// SPDX-License-Identifier: MIT
//
// A rule in words, as written to /proc/faultline/inject:
//
//   CLASS... [nth=N | every=K | permille=P [seed=S]] [times=T] [pid=P]
//   [atomic | pause=MS]
//
// CLASS is page (frames of any kind), user (those that may lie in HighMem:
// what programs and files get), table (page tables), slab (objects), or all
// (page and slab). nth: the Nth that matches; every: each Kth; permille: of
// 1000, so many, chosen by a generator that begins with the seed. Without one
// of these each one that matches. times: how many fail before the rule is
// used up; 1 with nth, without limit else. pid: of this task's only. atomic:
// also those that cannot wait. pause: they do not fail, but sleep that long
// first, as if memory were short: so that a test can do something meanwhile.
#pragma once

#include <base/compiler.h>
#include <base/types.h>

enum inject_class {
    INJECT_PAGE = 1u << 0,
    INJECT_USER = 1u << 1,
    INJECT_TABLE = 1u << 2,
    INJECT_SLAB = 1u << 3,
};

struct inject_rule {
    u32 classes; // enum inject_class; 0: no rule
    u32 nth, every, permille;
    u32 seed;
    u32 times; // 0: without limit
    s32 pid;   // 0: any
    bool atomic;
    u32 pause_ms; // 0: they fail
    // Progress.
    u32 random;
    u32 seen, hits;
};

// inject_parse - Return: 0; -EINVAL: not as above, *@rule is then undefined.
__must_check int inject_parse(const char *text, struct inject_rule *rule);

// inject_decide - one that matches in class, pid and kind: is it to fail?
// Counts it.
bool inject_decide(struct inject_rule *rule);

// inject_print - the rule in words that inject_parse takes; "off" for none.
void inject_print(const struct inject_rule *rule, char *buf, size_t size);
