// mm/memmap.c - the table of physical ranges [P]
// SPDX-License-Identifier: MIT
//
// How it works. Every change is a splice: the ranges that touch or overlap
// [start, end) give way to at most three, what is left of the first, the new
// one, and what is left of the last, merged where they are of one type.
// memmap_set is one splice. memmap_add splices each stretch of [start, end)
// between ranges of higher type; such stretches are apart, so that their
// splices do not influence each other.
//
// Nothing is changed before it is known that the result fits. memmap_add
// applies the splices that make the table shorter before the others, so that
// it is never longer in between than before or after.
//
// Ends are exclusive u64: the last byte of the 64-bit space is beyond it.
// Firmware maps have some hundred entries; finding is a binary search, and
// inserting moves the rest.

#include <mm/memmap.h>

#include <base/assert.h>
#include <base/bits.h>
#include <base/errno.h>
#include <lib/string.h>
#include <mm/addr.h>

void memmap_init(struct memmap *map, struct memmap_range *storage, u32 capacity)
{
    map->ranges = storage;
    map->count = 0;
    map->capacity = capacity;
}

// The first range that ends at or above @address; map->count: none.
static u32 find_ending(const struct memmap *map, u64 address)
{
    u32 low = 0, high = map->count;

    while (low < high) {
        u32 middle = low + (high - low) / 2;

        if (map->ranges[middle].end < address)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

// The first range that ends above @address; map->count: none.
static u32 find_above(const struct memmap *map, u64 address)
{
    u32 i = find_ending(map, address);

    return i < map->count && map->ranges[i].end == address ? i + 1 : i;
}

// `removed` ranges from `first` on give way to `added` ones.
struct splice {
    u32 first;
    u32 removed;
    u32 added;
    struct memmap_range with[3];
};

static void splice_push(struct splice *splice, u64 start, u64 end, u32 type)
{
    struct memmap_range *last = &splice->with[splice->added];

    if (start >= end || type == BOOT_RANGE_NONE)
        return;
    if (splice->added && last[-1].end == start && last[-1].type == type) {
        last[-1].end = end;
        return;
    }
    *last = (struct memmap_range){start, end, type};
    splice->added++;
}

// [start, end), not empty, is to be @type.
static void splice_plan(const struct memmap *map, u64 start, u64 end, u32 type,
                        struct splice *out)
{
    const struct memmap_range *ranges = map->ranges;
    u32 first = find_ending(map, start), behind = first;

    while (behind < map->count && ranges[behind].start <= end)
        behind++;
    out->first = first;
    out->removed = behind - first;
    out->added = 0;
    if (first < behind)
        splice_push(out, ranges[first].start, min(ranges[first].end, start),
                    ranges[first].type);
    splice_push(out, start, end, type);
    if (first < behind)
        splice_push(out, max(ranges[behind - 1].start, end),
                    ranges[behind - 1].end, ranges[behind - 1].type);
}

static void splice_apply(struct memmap *map, const struct splice *splice)
{
    struct memmap_range *at = map->ranges + splice->first;
    u32 behind = map->count - splice->first - splice->removed;

    memmove(at + splice->added, at + splice->removed, behind * sizeof(*at));
    memcpy(at, splice->with, splice->added * sizeof(*at));
    map->count = map->count - splice->removed + splice->added;
}

static int check_arguments(u64 start, u64 length, u32 type)
{
    if (type >= BOOT_RANGE_TYPES || start + length < start)
        return -EINVAL;
    return 0;
}

int memmap_set(struct memmap *map, u64 start, u64 length, u32 type)
{
    struct splice splice;
    int rc = check_arguments(start, length, type);

    if (rc || !length)
        return rc;
    splice_plan(map, start, start + length, type, &splice);
    if (map->count - splice.removed + splice.added > map->capacity)
        return -ENOSPC;
    splice_apply(map, &splice);
    return 0;
}

// The next stretch of [*start, end) that no range of a type above @type
// covers. Return: false when there is none.
static bool next_stretch(const struct memmap *map, u64 *start, u64 end,
                         u32 type, u64 *out_end)
{
    u32 i = find_above(map, *start);

    for (; i < map->count && map->ranges[i].start <= *start; i++) {
        if (map->ranges[i].type <= type)
            break;
        *start = map->ranges[i].end;
    }
    if (*start >= end)
        return false;
    while (i < map->count && map->ranges[i].type <= type)
        i++;
    *out_end = i < map->count ? min(map->ranges[i].start, end) : end;
    return true;
}

enum add_pass {
    ADD_COUNT,
    ADD_SHRINKING,
    ADD_GROWING
};

// Return: by how much the splices of this pass make the table longer.
static s32 add_stretches(struct memmap *map, u64 start, u64 end, u32 type,
                         enum add_pass pass)
{
    struct splice splice;
    u64 stretch_end;
    s32 sum = 0;

    for (; next_stretch(map, &start, end, type, &stretch_end);
         start = stretch_end) {
        s32 growth;

        splice_plan(map, start, stretch_end, type, &splice);
        growth = (s32)splice.added - (s32)splice.removed;
        sum += growth;
        if (pass == ADD_GROWING ? growth > 0
                                : pass == ADD_SHRINKING && growth <= 0)
            splice_apply(map, &splice);
    }
    return sum;
}

int memmap_add(struct memmap *map, u64 start, u64 length, u32 type)
{
    int rc = check_arguments(start, length, type);
    u64 end = start + length;
    s32 growth;

    if (rc || !length || type == BOOT_RANGE_NONE)
        return rc;
    growth = add_stretches(map, start, end, type, ADD_COUNT);
    if ((s32)map->count + growth > (s32)map->capacity)
        return -ENOSPC;
    add_stretches(map, start, end, type, ADD_SHRINKING);
    add_stretches(map, start, end, type, ADD_GROWING);
    return 0;
}

u32 memmap_type_at(const struct memmap *map, u64 address)
{
    u32 i = find_above(map, address);

    if (i == map->count || map->ranges[i].start > address)
        return BOOT_RANGE_NONE;
    return map->ranges[i].type;
}

static bool is_usable(u32 type, bool boot)
{
    return type == BOOT_RANGE_FREE || (boot && type == BOOT_RANGE_BOOT);
}

bool memmap_next_usable(const struct memmap *map, u32 from, u32 limit,
                        bool boot, u32 *first, u32 *end)
{
    const struct memmap_range *ranges = map->ranges;
    u64 low = (u64)from << PAGE_SHIFT, high = (u64)limit << PAGE_SHIFT;
    u32 i = find_above(map, low);

    while (i < map->count && ranges[i].start < high) {
        u64 run_start = ranges[i].start, run_end = run_start;

        for (; i < map->count && ranges[i].start == run_end &&
               is_usable(ranges[i].type, boot);
             i++)
            run_end = ranges[i].end;
        if (run_end == run_start) {
            i++;
            continue;
        }
        run_start = ALIGN_UP(max(run_start, low), PAGE_SIZE);
        run_end = ALIGN_DOWN(min(run_end, high), PAGE_SIZE);
        if (run_start < run_end) {
            *first = (u32)(run_start >> PAGE_SHIFT);
            *end = (u32)(run_end >> PAGE_SHIFT);
            return true;
        }
    }
    return false;
}

int memmap_alloc(struct memmap *map, u64 bytes, u64 align, u64 low, u64 high,
                 u32 type, u64 *out)
{
    u64 size = ALIGN_UP(bytes, PAGE_SIZE);

    ASSERT(align >= PAGE_SIZE && (align & (align - 1)) == 0);
    if (size == 0) // nothing is asked for, or more than there can be
        return -ENOMEM;
    for (u32 i = map->count; i-- > 0;) {
        const struct memmap_range *range = &map->ranges[i];
        u64 start = max(range->start, low), end = min(range->end, high);
        u64 at;
        int rc;

        if (range->type != BOOT_RANGE_FREE || start >= end ||
            end - start < size)
            continue;
        at = ALIGN_DOWN(end - size, align);
        if (at < start)
            continue;
        rc = memmap_set(map, at, size, type);
        if (rc == 0)
            *out = at;
        return rc;
    }
    return -ENOMEM;
}

const char *memmap_type_name(u32 type)
{
    static const char *const names[] = {
        [BOOT_RANGE_NONE] = "nobody's",
        [BOOT_RANGE_FREE] = "free",
        [BOOT_RANGE_BOOT] = "boot services",
        [BOOT_RANGE_BOOT_INFO] = "boot info",
        [BOOT_RANGE_INITRAMFS] = "initramfs",
        [BOOT_RANGE_KERNEL] = "kernel",
        [BOOT_RANGE_ACPI] = "ACPI tables",
        [BOOT_RANGE_ACPI_NVS] = "ACPI NVS",
        [BOOT_RANGE_RUNTIME] = "firmware runtime",
        [BOOT_RANGE_RESERVED] = "reserved",
        [BOOT_RANGE_PERSISTENT] = "persistent memory",
        [BOOT_RANGE_MMIO] = "device registers",
        [BOOT_RANGE_FRAMEBUFFER] = "framebuffer",
    };
    static_assert(ARRAY_SIZE(names) == BOOT_RANGE_TYPES, "one for each type");

    return type < BOOT_RANGE_TYPES ? names[type] : "unknown";
}

bool memmap_check(const struct memmap *map)
{
    if (map->count > map->capacity)
        return false;
    for (u32 i = 0; i < map->count; i++) {
        const struct memmap_range *range = &map->ranges[i];

        if (range->start >= range->end || range->type == BOOT_RANGE_NONE ||
            range->type >= BOOT_RANGE_TYPES)
            return false;
        if (i && range[-1].end > range->start)
            return false;
        if (i && range[-1].end == range->start && range[-1].type == range->type)
            return false;
    }
    return true;
}
