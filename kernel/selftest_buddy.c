// kernel/selftest_buddy.c - selftest=buddy: the live zones under random load
// SPDX-License-Identifier: MIT
//
// Blocks of all orders, types and zones are taken and given back at random; the
// first and last frame of each bear its number while it is held. In the end the
// lists of every zone are checked as a whole.

#include "selftest_private.h"

#include <arch/cpu.h>
#include <mm/highmem.h>
#include <mm/slab.h>
#include <mm/zone.h>

#define LOG_NAME "selftest"
#include <kernel/log.h>

#define OPERATIONS 20000u
#define HELD_MAX   256u

struct held {
    struct page *page;
    u32 order;
};

// A linear congruence; its upper bits are good enough for a choice.
static u32 next_random(u32 limit)
{
    static u32 state = 1;

    state = state * 1664525u + 1013904223u;
    return (state >> 16) % limit;
}

static void sign(const struct held *held)
{
    for (u32 end = 0; end < 2; end++) {
        struct page *page = &held->page[end ? (1u << held->order) - 1 : 0];
        u32 value = page_to_pfn(page).v ^ held->order << 24;

        page_write_bytes(page, 0, &value, sizeof(value));
    }
}

static bool is_signed(const struct held *held)
{
    for (u32 end = 0; end < 2; end++) {
        struct page *page = &held->page[end ? (1u << held->order) - 1 : 0];
        u32 value;

        page_read(&value, page, 0, sizeof(value));
        if (value != (page_to_pfn(page).v ^ held->order << 24))
            return false;
    }
    return true;
}

// Nothing that sleeps: no page of another is to be reclaimed for this.
static u32 random_gfp(void)
{
    static const u32 zone_bits[] = {0, GFP_ZONE_HIGHMEM, GFP_ZONE_DMA};
    static const u32 type_bits[] = {0, GFP_MOVABLE, GFP_RECLAIMABLE};

    return zone_bits[next_random(3)] | type_bits[next_random(3)] | GFP_NOWARN;
}

static u32 random_order(void)
{
    return next_random(2) ? 0 : next_random(BUDDY_ORDERS);
}

static bool zones_are_sound(void)
{
    bool sound = true;

    zone_for_each (zone) {
        u32 flags = irq_save();

        sound &= buddy_check(&zone->buddy);
        irq_restore(flags);
    }
    return sound;
}

static enum selftest_result random_run(struct held *held)
{
    u32 count = 0, taken = 0, refused = 0;

    for (u32 i = 0; i < OPERATIONS; i++) {
        if (next_random(2) && count < HELD_MAX) {
            u32 order = random_order();
            struct page *page = page_alloc_order(random_gfp(), order);

            if (!page) {
                refused++;
                continue;
            }
            held[count] = (struct held){page, order};
            sign(&held[count++]);
            taken++;
        } else if (count) {
            u32 victim = next_random(count);

            EXPECT(is_signed(&held[victim]));
            page_free_order(held[victim].page, held[victim].order);
            held[victim] = held[--count];
        }
    }
    while (count--) {
        EXPECT(is_signed(&held[count]));
        page_free_order(held[count].page, held[count].order);
    }
    EXPECT(zones_are_sound());
    log_info("buddy taken=%u refused=%u", taken, refused);
    return SELFTEST_OK;
}

enum selftest_result selftest_buddy(void)
{
    struct held *held = kmalloc(HELD_MAX * sizeof(*held), GFP_KERNEL);
    enum selftest_result result;

    EXPECT(held);
    result = random_run(held);
    kfree(held);
    return result;
}
