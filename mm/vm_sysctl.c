// mm/vm_sysctl.c - what can be set in /proc/sys/vm
// SPDX-License-Identifier: MIT
//
// Meanings and formats are Linux's (admin-guide/sysctl/vm.rst); a file holds
// one number, or several. What this kernel does not do cannot be set:
// overcommit_memory 2 (never promise more than there is) is EINVAL, since
// promises are not counted.

#include <mm/vm_sysctl.h>

#include <base/errno.h>
#include <lib/fmt.h>
#include <lib/string.h>
#include <mm/reclaim.h>
#include <mm/shrinker.h>
#include <mm/zone.h>

#define VALUES_MAX     3u
#define SWAPPINESS_MAX 200u
#define OVERCOMMIT_MAX 1u
#define DROP_PAGES     1u
#define DROP_OBJECTS   2u
#define DROP_QUIETLY   4u // Linux: says nothing in the log. Nor do we.

u32 vm_swappiness = 60;
u32 vm_overcommit = 0;
u32 vm_page_cluster = 3;

struct vm_sysctl {
    const char *name;
    u32 count; // of values
    u32 least, most;
    u32 *value; // or:
    void (*get)(u32 *values);
    int (*set)(const u32 *values); // 0; -EINVAL
};

static void get_min_free(u32 *values)
{
    *values = zone_min_free();
}

static int set_min_free(const u32 *values)
{
    return zone_set_min_free(*values);
}

static int set_reserve_ratio(const u32 *values)
{
    zone_set_reserve_ratio(values);
    return 0;
}

static int drop_caches(const u32 *values)
{
    // Names and inodes first: the pages of files go with these.
    if (*values & DROP_OBJECTS)
        shrink_all();
    if (*values & DROP_PAGES)
        reclaim_drop_clean();
    return 0;
}

static const struct vm_sysctl table[] = {
    {.name = "drop_caches",
     .count = 1,
     .least = 1,
     .most = DROP_PAGES | DROP_OBJECTS | DROP_QUIETLY,
     .set = drop_caches},
    {.name = "lowmem_reserve_ratio",
     .count = ZONES,
     .least = 0,
     .most = ~0u,
     .get = zone_reserve_ratio,
     .set = set_reserve_ratio},
    {.name = "min_free_kbytes",
     .count = 1,
     .least = 0,
     .most = ~0u,
     .get = get_min_free,
     .set = set_min_free},
    {.name = "overcommit_memory",
     .count = 1,
     .most = OVERCOMMIT_MAX,
     .value = &vm_overcommit},
    {.name = "page-cluster",
     .count = 1,
     .most = PAGE_CLUSTER_MAX,
     .value = &vm_page_cluster},
    {.name = "swappiness",
     .count = 1,
     .most = SWAPPINESS_MAX,
     .value = &vm_swappiness},
};

static const struct vm_sysctl *find(const char *name)
{
    for (u32 i = 0; i < ARRAY_SIZE(table); i++)
        if (strcmp(table[i].name, name) == 0)
            return &table[i];
    return NULL;
}

void vm_sysctl_show(const char *name, char *buf, size_t size)
{
    const struct vm_sysctl *entry = find(name);
    u32 values[VALUES_MAX] = {0};

    static_assert(ZONES <= VALUES_MAX, "one ratio each");
    ASSERT(entry);
    if (entry->value)
        values[0] = *entry->value;
    else if (entry->get)
        entry->get(values);
    buf[0] = '\0';
    for (u32 i = 0; i < entry->count; i++) {
        size_t used = strlen(buf);

        fmt_print(buf + used, size - used, "%u%s", values[i],
                  i + 1 < entry->count ? "\t" : "\n");
    }
}

static const char *skip_blanks(const char *text)
{
    while (*text == ' ' || *text == '\t' || *text == '\n')
        text++;
    return text;
}

int vm_sysctl_store(const char *name, const char *text)
{
    const struct vm_sysctl *entry = find(name);
    u32 values[VALUES_MAX];

    ASSERT(entry);
    for (u32 i = 0; i < entry->count; i++) {
        u64 number;

        if (str_to_u64(skip_blanks(text), 10, &number, &text) ||
            number < entry->least || number > entry->most)
            return -EINVAL;
        values[i] = (u32)number;
    }
    if (*skip_blanks(text))
        return -EINVAL;
    if (!entry->value)
        return entry->set(values);
    *entry->value = values[0];
    return 0;
}
