// mm/vm_sysctl.c - what can be set in /proc/sys/vm
// SPDX-License-Identifier: MIT
//
// Meanings and formats are Linux's (admin-guide/sysctl/vm.rst); a file holds
// one number, or several.

#include <mm/vm_sysctl.h>

#include <base/errno.h>
#include <lib/fmt.h>
#include <lib/string.h>
#include <mm/commit.h>
#include <mm/limits.h>
#include <mm/reclaim.h>
#include <mm/shrinker.h>
#include <mm/stat.h>
#include <mm/writeback.h>
#include <mm/zone.h>

#define VALUES_MAX       3u
#define PANIC_ON_OOM_MAX 2u
#define DROP_PAGES       1u
#define DROP_OBJECTS     2u
#define DROP_QUIETLY     4u // Linux: says nothing in the log. Nor do we.

u32 vm_swappiness = 60;
u32 vm_panic_on_oom = 0;
u32 vm_oom_kill_allocating_task = 0;
u32 vm_oom_dump_tasks = 1;
u32 vm_page_cluster = 3;

struct vm_sysctl {
    const char *name;
    u32 count; // of values
    u32 least, most;
    u32 *value;    // or:
    bool is_dirty; // dirty_setting()'s `dirty`; or:
    enum dirty_setting dirty;
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
    if (*values & DROP_OBJECTS) {
        shrink_all();
        vm_count(VM_DROP_SLAB);
    }
    if (*values & DROP_PAGES) {
        reclaim_drop_clean();
        vm_count(VM_DROP_PAGECACHE);
    }
    return 0;
}

// Which values they take: mm/dirty_limits.c.
#define DIRTY_ENTRY(word, which)                                               \
    {                                                                          \
        .name = (word), .count = 1, .most = ~0u, .is_dirty = true,             \
        .dirty = (which)                                                       \
    }

// Of ratio and kbytes the one that was set last counts.
static void get_ratio(u32 *values)
{
    *values = vm_overcommit_ratio;
}

static int set_ratio(const u32 *values)
{
    vm_overcommit_ratio = *values;
    vm_overcommit_kbytes = 0;
    return 0;
}

static void get_kbytes(u32 *values)
{
    *values = vm_overcommit_kbytes;
}

static int set_kbytes(const u32 *values)
{
    vm_overcommit_kbytes = *values;
    if (*values)
        vm_overcommit_ratio = 0;
    return 0;
}

static const struct vm_sysctl table[] = {
    {.name = "admin_reserve_kbytes",
     .count = 1,
     .most = ~0u,
     .value = &vm_admin_reserve_kbytes},
    {.name = "drop_caches",
     .count = 1,
     .least = 1,
     .most = DROP_QUIETLY, // Linux: no sums with it
     .set = drop_caches},
    DIRTY_ENTRY("dirty_background_bytes", DIRTY_BACKGROUND_BYTES),
    DIRTY_ENTRY("dirty_background_ratio", DIRTY_BACKGROUND_RATIO),
    DIRTY_ENTRY("dirty_bytes", DIRTY_BYTES),
    DIRTY_ENTRY("dirty_expire_centisecs", DIRTY_EXPIRE_CENTISECS),
    DIRTY_ENTRY("dirty_ratio", DIRTY_RATIO),
    DIRTY_ENTRY("dirty_writeback_centisecs", DIRTY_WRITEBACK_CENTISECS),
    DIRTY_ENTRY("highmem_is_dirtyable", DIRTY_HIGHMEM),
    {.name = "legacy_va_layout",
     .count = 1,
     .most = ~0u,
     .value = &vm_legacy_va_layout},
    {.name = "lowmem_reserve_ratio",
     .count = ZONES,
     .least = 0,
     .most = ~0u,
     .get = zone_reserve_ratio,
     .set = set_reserve_ratio},
    {.name = "max_map_count",
     .count = 1,
     .most = 0x7fffffffu,
     .value = &vm_max_map_count},
    {.name = "min_free_kbytes",
     .count = 1,
     .least = 0,
     .most = ~0u,
     .get = get_min_free,
     .set = set_min_free},
    {.name = "mmap_min_addr",
     .count = 1,
     .most = ~0u,
     .value = &vm_mmap_min_addr},
    {.name = "overcommit_kbytes",
     .count = 1,
     .most = ~0u,
     .get = get_kbytes,
     .set = set_kbytes},
    {.name = "oom_dump_tasks",
     .count = 1,
     .most = ~0u,
     .value = &vm_oom_dump_tasks},
    {.name = "oom_kill_allocating_task",
     .count = 1,
     .most = ~0u,
     .value = &vm_oom_kill_allocating_task},
    {.name = "overcommit_memory",
     .count = 1,
     .most = COMMIT_NEVER,
     .value = &vm_overcommit},
    {.name = "overcommit_ratio",
     .count = 1,
     .most = ~0u,
     .get = get_ratio,
     .set = set_ratio},
    {.name = "page-cluster",
     .count = 1,
     .most = PAGE_CLUSTER_MAX,
     .value = &vm_page_cluster},
    {.name = "panic_on_oom",
     .count = 1,
     .most = PANIC_ON_OOM_MAX,
     .value = &vm_panic_on_oom},
    {.name = "swappiness",
     .count = 1,
     .most = SWAPPINESS_MAX,
     .value = &vm_swappiness},
    {.name = "user_reserve_kbytes",
     .count = 1,
     .most = ~0u,
     .value = &vm_user_reserve_kbytes},
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
    else if (entry->is_dirty)
        values[0] = dirty_setting(entry->dirty);
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
    if (entry->is_dirty)
        return dirty_setting_set(entry->dirty, values[0]);
    if (!entry->value)
        return entry->set(values);
    *entry->value = values[0];
    return 0;
}
