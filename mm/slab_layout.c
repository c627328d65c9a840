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

// What is kept behind the red zone.
struct notes {
    u32 caller; // who took it last; 0: nobody yet
    u32 asked;  // bytes of it that are the owner's
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
        used = out->red_end + (u32)sizeof(struct notes);
    }
    out->space = ALIGN_UP(used, max(align, ALIGN_DEFAULT));
    out->order = choose_order(out->space);
    out->per_slab = (FRAME_BYTES << out->order) / out->space;
    return out->per_slab ? 0 : -EINVAL;
}

static struct notes *notes_of(const struct slab_layout *layout,
                              const void *object)
{
    return (struct notes *)(uintptr_t)((const u8 *)object + layout->red_end);
}

// Of a free object.
static u32 red_start(const struct slab_layout *layout)
{
    return max(layout->size, LINK_BYTES);
}

// The first @bytes are @inside, what follows is @red.
static void fill(const struct slab_layout *layout, void *object, u32 bytes,
                 enum slab_byte inside, enum slab_byte red)
{
    memset(object, inside, bytes);
    memset((u8 *)object + bytes, red, layout->red_end - bytes);
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
                   u32 start, enum slab_byte red)
{
    return is_all((const u8 *)object + start, layout->red_end - start, red);
}

void slab_link_all(const struct slab_layout *layout, void *base)
{
    u8 *object = base;

    for (u32 i = 0; i < layout->per_slab; i++, object += layout->space) {
        u32 next = (u32)(uintptr_t)(object + layout->space);

        if (layout->red_end) {
            fill(layout, object, red_start(layout), SLAB_FREED, SLAB_RED_FREE);
            *notes_of(layout, object) = (struct notes){.caller = 0};
        }
        *(u32 *)(void *)object = i + 1 < layout->per_slab ? next : 0;
    }
}

enum slab_fault slab_take(const struct slab_layout *layout, void *object,
                          u32 asked, u32 caller)
{
    u32 start = red_start(layout);

    ASSERT(asked <= layout->size);
    if (!red_is(layout, object, start, SLAB_RED_FREE))
        return SLAB_OVERRUN;
    if (!is_all((u8 *)object + LINK_BYTES, start - LINK_BYTES, SLAB_FREED))
        return SLAB_USED_WHEN_FREE;
    fill(layout, object, asked, SLAB_FRESH, SLAB_RED_USED);
    *notes_of(layout, object) = (struct notes){caller, asked};
    return SLAB_FINE;
}

enum slab_fault slab_give(const struct slab_layout *layout, void *object)
{
    u32 start = red_start(layout), asked = notes_of(layout, object)->asked;

    if (red_is(layout, object, start, SLAB_RED_FREE))
        return SLAB_FREED_TWICE;
    // Who ran on over the red zone may have changed the notes, too.
    if (asked > layout->size || !red_is(layout, object, asked, SLAB_RED_USED))
        return SLAB_OVERRUN;
    fill(layout, object, start, SLAB_FREED, SLAB_RED_FREE);
    return SLAB_FINE;
}

u32 slab_caller(const struct slab_layout *layout, const void *object)
{
    return notes_of(layout, object)->caller;
}
