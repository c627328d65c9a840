// mm/slab_layout.c - where things are in a slab [P]
// SPDX-License-Identifier: MIT
//
// Rejected: a red zone before the object, too. It would cost the alignment of
// each object once more; what runs off the front of one is found behind the
// one before it.
// Source of the patterns: Linux, include/linux/poison.h (SLUB_RED_*, POISON_*).

#include <mm/slab_layout.h>

#include <base/assert.h>
#include <base/bits.h>
#include <base/errno.h>
#include <lib/string.h>

#define FRAME_BYTES   4096u
#define ALIGN_DEFAULT 8u
#define LINK_BYTES    4u
#define RED_BYTES_MIN 4u

const char *const slab_fault_names[SLAB_FAULTS] = {
    [SLAB_FINE] = "nothing",
    [SLAB_NOT_AN_OBJECT] = "not an object of this cache",
    [SLAB_FREED_TWICE] = "freed twice",
    [SLAB_OVERRUN] = "written beyond its end",
    [SLAB_USED_WHEN_FREE] = "written after it was freed",
};

// The least order at which no more than an eighth is left over.
static u32 choose_order(u32 space)
{
    u32 order = 0;

    while (order < SLAB_ORDER_MAX) {
        u32 bytes = FRAME_BYTES << order;

        if (bytes >= space && bytes % space <= bytes / 8)
            break;
        order++;
    }
    return order;
}

int slab_layout_make(u32 size, u32 align, bool checked, struct slab_layout *out)
{
    u32 used = size;

    ASSERT(size > 0 && (align == 0 || is_power_of_2(align)));
    if (size > FRAME_BYTES << SLAB_ORDER_MAX)
        return -EINVAL;
    *out = (struct slab_layout){.size = size};
    if (checked) {
        // The link of a free object may be longer than a small object.
        used = max(size, LINK_BYTES);
        out->red_end = ALIGN_UP(used + RED_BYTES_MIN, (u32)sizeof(u32));
        used = out->red_end + (u32)sizeof(u32);
    }
    out->space = ALIGN_UP(used, max(align, ALIGN_DEFAULT));
    out->order = choose_order(out->space);
    out->per_slab = (FRAME_BYTES << out->order) / out->space;
    return out->per_slab ? 0 : -EINVAL;
}

u32 slab_place(const struct slab_layout *layout, u32 offset)
{
    u32 place = offset / layout->space;

    return place * layout->space == offset ? min(place, layout->per_slab)
                                           : layout->per_slab;
}

static u32 *caller_of(const struct slab_layout *layout, const void *object)
{
    return (u32 *)(uintptr_t)((const u8 *)object + layout->red_end);
}

static u32 red_start(const struct slab_layout *layout)
{
    return max(layout->size, LINK_BYTES);
}

static void fill(const struct slab_layout *layout, void *object,
                 enum slab_byte inside, enum slab_byte red)
{
    u32 start = red_start(layout);

    memset(object, inside, start);
    memset((u8 *)object + start, red, layout->red_end - start);
}

static bool is_all(const void *from, u32 bytes, u8 byte)
{
    const u8 *at = from;

    while (bytes--)
        if (*at++ != byte)
            return false;
    return true;
}

static bool red_is(const struct slab_layout *layout, const void *object,
                   enum slab_byte red)
{
    u32 start = red_start(layout);

    return is_all((const u8 *)object + start, layout->red_end - start, red);
}

void slab_link_all(const struct slab_layout *layout, void *base)
{
    u8 *object = base;

    for (u32 i = 0; i < layout->per_slab; i++, object += layout->space) {
        u32 next = (u32)(uintptr_t)(object + layout->space);

        if (layout->red_end) {
            fill(layout, object, SLAB_FREED, SLAB_RED_FREE);
            *caller_of(layout, object) = 0;
        }
        *(u32 *)(void *)object = i + 1 < layout->per_slab ? next : 0;
    }
}

enum slab_fault slab_take(const struct slab_layout *layout, void *object,
                          u32 caller)
{
    if (!red_is(layout, object, SLAB_RED_FREE))
        return SLAB_OVERRUN;
    if (!is_all((u8 *)object + LINK_BYTES, red_start(layout) - LINK_BYTES,
                SLAB_FREED))
        return SLAB_USED_WHEN_FREE;
    fill(layout, object, SLAB_FRESH, SLAB_RED_USED);
    *caller_of(layout, object) = caller;
    return SLAB_FINE;
}

enum slab_fault slab_give(const struct slab_layout *layout, void *object)
{
    if (red_is(layout, object, SLAB_RED_FREE))
        return SLAB_FREED_TWICE;
    if (!red_is(layout, object, SLAB_RED_USED))
        return SLAB_OVERRUN;
    fill(layout, object, SLAB_FREED, SLAB_RED_FREE);
    return SLAB_FINE;
}

u32 slab_caller(const struct slab_layout *layout, const void *object)
{
    return *caller_of(layout, object);
}
