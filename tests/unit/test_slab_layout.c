// tests/unit/test_slab_layout.c - mm/slab_layout.c
// sources: mm/slab_layout.c lib/string.c
// SPDX-License-Identifier: MIT
//
// The random run plays a cache of one slab: objects are taken from and given to
// a list of ours, some for less than their size, filled with bytes that say
// whose they are, and now and then something is written where it must not be;
// each such thing has to be found.

#include "harness.h"

#include <errno.h>
#include <string.h>

#include <mm/slab_layout.h>

#define FRAME_BYTES 4096u
#define SLAB_BYTES  (FRAME_BYTES << SLAB_ORDER_MAX)

#define OPERATIONS (10 * TEST_ROUNDS)

static u8 slab[SLAB_BYTES] __aligned(64);

TEST(plain_layouts)
{
    struct slab_layout a;

    CHECK_EQ(slab_layout_make(1, 0, false, &a), 0);
    CHECK(a.space == 8 && a.order == 0 && a.per_slab == 512 && !a.red_end);
    CHECK_EQ(slab_layout_make(4096, 0, false, &a), 0);
    CHECK(a.space == 4096 && a.order == 0 && a.per_slab == 1);
    CHECK_EQ(slab_layout_make(100, 64, false, &a), 0);
    CHECK(a.space == 128 && a.per_slab == 32);
    CHECK_EQ(slab_layout_make(3000, 0, false, &a), 0);
    CHECK(a.order == 2 && a.per_slab == 5); // too much waste below
    CHECK_EQ(slab_layout_make(SLAB_BYTES, 0, false, &a), 0);
    CHECK(a.order == 3 && a.per_slab == 1);
    CHECK_EQ(slab_layout_make(SLAB_BYTES + 1, 0, false, &a), -EINVAL);
    CHECK_EQ(slab_layout_make(SLAB_BYTES, 0, true, &a), -EINVAL);
    CHECK_EQ(slab_layout_make(0xffffffffu, 0, false, &a), -EINVAL);
    CHECK_ASSERTS(CHECK(slab_layout_make(0, 0, false, &a)));
    CHECK_ASSERTS(CHECK(slab_layout_make(8, 12, false, &a)));
}

// Whatever is asked for: everything has room, aligned, and is not wasted.
TEST(every_layout)
{
    for (u32 i = 0; i < OPERATIONS; i++) {
        u32 size = 1 + test_random_below(test_random_one_in(2) ? 300 : 16000);
        u32 align = test_random_one_in(3) ? 0 : 1u << test_random_below(8);
        bool checked = test_random_one_in(2);
        struct slab_layout a;
        u32 bytes;

        CHECK_EQ(slab_layout_make(size, align, checked, &a), 0);
        bytes = FRAME_BYTES << a.order;
        CHECK(a.size == size && a.space >= size && a.per_slab > 0);
        CHECK(a.order <= SLAB_ORDER_MAX && a.per_slab * a.space <= bytes);
        CHECK_EQ(a.space % (align > 8 ? align : 8), 0);
        CHECK(a.order == SLAB_ORDER_MAX || bytes % a.space <= bytes / 8);
        CHECK_EQ(a.red_end != 0, checked);
        if (checked)
            CHECK(a.red_end >= size + 4 && a.red_end % 4 == 0 &&
                  a.red_end + 8 <= a.space);
    }
}

TEST(places)
{
    struct slab_layout a;

    CHECK_EQ(slab_layout_make(96, 0, false, &a), 0);
    for (u32 offset = 0; offset < FRAME_BYTES << a.order; offset++) {
        bool begins = offset % a.space == 0 && offset / a.space < a.per_slab;

        CHECK_EQ(slab_place(&a, offset),
                 begins ? offset / a.space : a.per_slab);
    }
}

TEST(links)
{
    struct slab_layout a;
    u8 *at = slab;
    u32 link, count = 1;

    CHECK_EQ(slab_layout_make(48, 0, false, &a), 0);
    slab_link_all(&a, slab);
    for (; memcpy(&link, at, sizeof(link)), link; count++) {
        at += a.space;
        CHECK_EQ(link, (u32)(uintptr_t)at);
    }
    CHECK_EQ(count, a.per_slab);
}

TEST(checked_life)
{
    struct slab_layout a;
    u8 *object = slab;

    CHECK_EQ(slab_layout_make(10, 0, true, &a), 0);
    slab_link_all(&a, slab);
    CHECK_EQ(slab_caller(&a, object), 0);
    CHECK_EQ(slab_take(&a, object, 10, 0x1234), SLAB_FINE);
    CHECK_EQ(slab_caller(&a, object), 0x1234);
    CHECK(object[0] == SLAB_FRESH && object[9] == SLAB_FRESH);
    CHECK_EQ(slab_give(&a, object), SLAB_FINE);
    CHECK(object[0] == SLAB_FREED && object[9] == SLAB_FREED);
    CHECK_EQ(slab_caller(&a, object), 0x1234);
    CHECK_EQ(slab_give(&a, object), SLAB_FREED_TWICE);
    object[4] = 0;
    CHECK_EQ(slab_take(&a, object, 10, 1), SLAB_USED_WHEN_FREE);
}

// Who asks for less than there is in an object may not write to the rest.
TEST(red_zone_begins_behind_what_was_asked_for)
{
    struct slab_layout a;
    u8 *object = slab;

    CHECK_EQ(slab_layout_make(64, 0, true, &a), 0);
    slab_link_all(&a, slab);
    CHECK_ASSERTS(CHECK(slab_take(&a, object, 65, 1)));
    for (u32 asked = 0; asked <= 64; asked++) {
        CHECK_EQ(slab_take(&a, object, asked, 1), SLAB_FINE);
        memset(object, 0, asked);
        for (u32 at = asked; at < a.red_end; at++) {
            u8 was = object[at];

            object[at] ^= 1;
            CHECK_EQ(slab_give(&a, object), SLAB_OVERRUN);
            object[at] = was;
        }
        CHECK_EQ(slab_give(&a, object), SLAB_FINE);
        memset(object, 0, 4); // the link
    }
    CHECK_EQ(slab_take(&a, object, 64, 1), SLAB_FINE);
    memset(object + 64, 0, a.space - 64); // the notes, too
    CHECK_EQ(slab_give(&a, object), SLAB_OVERRUN);
    CHECK_EQ(slab_layout_make(64, 0, true, &a), 0);
    slab_link_all(&a, slab);
    CHECK_EQ(slab_take(&a, object, 64, 1), SLAB_FINE);
    memset(object, 0xff, a.space);
    CHECK_EQ(slab_give(&a, object), SLAB_OVERRUN);
}

enum harm {
    HARM_NONE,
    HARM_OVERRUN,
    HARM_AFTER_FREE,
    HARM_TWICE,
    HARMS
};

struct model {
    struct slab_layout layout;
    bool used[SLAB_BYTES / 8];
    u8 tag[SLAB_BYTES / 8];
    u16 asked[SLAB_BYTES / 8];
};

static u8 *object_of(const struct model *m, u32 i)
{
    return slab + i * m->layout.space;
}

// Write where it must not be, see it found, and repair.
static void do_harm(struct model *m, u32 i, enum harm harm)
{
    const struct slab_layout *a = &m->layout;
    u32 red = m->used[i] ? m->asked[i] : a->size < 4 ? 4 : a->size;
    u8 *object = object_of(m, i), *at = object, was;

    if (harm == HARM_OVERRUN)
        at += red + test_random_below(a->red_end - red);
    else if (harm == HARM_AFTER_FREE && !m->used[i] && red > 4)
        at += 4 + test_random_below(red - 4);
    else if (harm == HARM_TWICE && !m->used[i]) {
        CHECK_EQ(slab_give(a, object), SLAB_FREED_TWICE);
        return;
    } else
        return;
    was = *at;
    *at ^= (u8)(1 + test_random_below(255));
    if (m->used[i])
        CHECK_EQ(slab_give(a, object), SLAB_OVERRUN);
    else
        CHECK_EQ(slab_take(a, object, a->size, 1),
                 harm == HARM_OVERRUN ? SLAB_OVERRUN : SLAB_USED_WHEN_FREE);
    *at = was;
}

static void exchange(struct model *m, u32 i)
{
    const struct slab_layout *a = &m->layout;
    u8 *object = object_of(m, i);

    if (m->used[i]) {
        for (u32 b = 0; b < m->asked[i]; b++)
            CHECK(object[b] == m->tag[i]);
        CHECK_EQ(slab_caller(a, object), 1000 + i);
        CHECK_EQ(slab_give(a, object), SLAB_FINE);
        memset(object, 0xee, 4); // the link
    } else {
        m->asked[i] =
            (u16)(test_random_one_in(2) ? a->size
                                        : test_random_below(a->size + 1));
        CHECK_EQ(slab_take(a, object, m->asked[i], 1000 + i), SLAB_FINE);
        m->tag[i] = (u8)test_random();
        memset(object, m->tag[i], m->asked[i]);
    }
    m->used[i] = !m->used[i];
}

#define ROUNDS 500u // of one layout each

TEST(random_life_and_harm)
{
    static struct model m;

    for (u32 round = 0; round < ROUNDS; round++) {
        memset(&m, 0, sizeof(m));
        CHECK_EQ(slab_layout_make(1 + test_random_below(100),
                                  1u << test_random_below(7), true, &m.layout),
                 0);
        slab_link_all(&m.layout, slab);
        for (u32 i = 0; i < OPERATIONS / ROUNDS; i++) {
            u32 place = test_random_below(m.layout.per_slab);

            do_harm(&m, place, (enum harm)test_random_below(HARMS));
            exchange(&m, place);
        }
    }
}
