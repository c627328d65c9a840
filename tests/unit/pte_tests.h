// tests/unit/pte_tests.h - what holds in either format of page tables
// SPDX-License-Identifier: MIT
//
// Included by test_pte_2level.c and test_pte_pae.c, which say FAULTLINE_PAE and
// FRAMES_END, the first frame that an entry cannot name.

#include "harness.h"

#include <arch/pte.h>

enum {
    READ = 1,
    WRITE = 2,
    EXEC = 4,
};

static pfn_t random_frame(void)
{
    return pfn(1 + test_random_below(FRAMES_END - 1));
}

TEST(kinds_are_distinct)
{
    for (u32 i = 0; i < TEST_ROUNDS; i++) {
        pfn_t frame = random_frame();
        swap_entry_t swap =
            swap_entry(test_random_below(SWAP_AREAS_MAX),
                       1 + test_random_below(SWAP_SLOTS_MAX - 1));
        pte_t present = pte_make_user(frame, READ);
        pte_t none = pte_make_user(frame, 0);
        pte_t out = pte_make_swap(swap);

        CHECK(pte_is_present(present) && pte_is_accessible(present));
        CHECK(!pte_is_swap(present) && !pte_is_none(present));
        CHECK(pte_is_present(none) && !pte_is_accessible(none));
        CHECK(!pte_is_swap(none) && !pte_is_none(none));
        CHECK(pte_is_swap(out) && !pte_is_present(out) && !pte_is_none(out));
        CHECK(!pte_is_accessible(out));
        CHECK(swap_entry_eq(pte_swap_entry(out), swap));
        CHECK(pfn_eq(pte_pfn(present), frame));
        CHECK(pfn_eq(pte_pfn(none), frame));
    }
    CHECK(pte_is_none(PTE_NONE) && !pte_is_present(PTE_NONE));
}

TEST(bits_leave_the_frame_alone)
{
    for (u32 i = 0; i < TEST_ROUNDS; i++) {
        pfn_t frame = random_frame();
        pte_t p = pte_make_user(frame, READ | WRITE);

        CHECK(pte_is_writable(p) && !pte_is_dirty(p) && !pte_is_young(p));
        p = pte_mkyoung(pte_mkdirty(pte_wrprotect(p)));
        CHECK(!pte_is_writable(p) && pte_is_dirty(p) && pte_is_young(p));
        CHECK(pfn_eq(pte_pfn(p), frame));
        p = pte_mkwrite(pte_mkold(pte_mkclean(p)));
        CHECK(pte_is_writable(p) && !pte_is_dirty(p) && !pte_is_young(p));
        CHECK(pfn_eq(pte_pfn(p), frame));
        CHECK(pte_eq(p, pte_make_user(frame, READ | WRITE)));
    }
}

// Two look at the accessed bit, and each learns of every use, whatever the
// other has done meanwhile.
TEST(reclaim_and_the_sampler_take_nothing_from_each_other)
{
    pte_t p = pte_make_user(random_frame(), READ | WRITE);
    bool young = false, unsampled = false;

    for (u32 i = 0; i < TEST_ROUNDS; i++) {
        switch (test_random_below(4)) {
        case 0:
            p.v |= PTE_A; // the CPU
            young = unsampled = true;
            break;
        case 1:
            p = pte_age(p);
            young = false;
            break;
        case 2:
            p = pte_sample(p);
            unsampled = false;
            break;
        case 3: p = pte_modify(p, READ | WRITE); break;
        }
        CHECK_EQ(pte_is_young(p), young);
        CHECK_EQ(pte_is_unsampled(p), unsampled);
        CHECK(pte_is_present(p) && pte_is_writable(p) && !pte_is_dirty(p));
    }
    p = pte_mkold(p);
    CHECK(!pte_is_young(p) && !pte_is_unsampled(p));
}

TEST(modify_keeps_accessed_and_dirty)
{
    for (u32 bits = 0; bits < 4; bits++) {
        for (u32 prot = 0; prot < 8; prot++) {
            pfn_t frame = random_frame();
            pte_t p = pte_make_user(frame, READ | WRITE);

            if (bits & 1)
                p = pte_mkdirty(p);
            if (bits & 2)
                p = pte_mkyoung(p);
            p = pte_modify(p, prot);
            CHECK_EQ(pte_is_dirty(p), bits & 1);
            CHECK_EQ(pte_is_young(p), bits >> 1);
            CHECK_EQ(pte_is_writable(p), (prot & WRITE) != 0);
            CHECK_EQ(pte_is_accessible(p), prot != 0);
            CHECK(pfn_eq(pte_pfn(p), frame));
        }
    }
}

TEST(write_and_exchange)
{
    pte_t slot = PTE_NONE, was = PTE_NONE;

    for (u32 i = 0; i < TEST_ROUNDS; i++) {
        pte_t next = test_random_one_in(3)
                         ? pte_make_swap(swap_entry(1, 1 + i))
                         : pte_make_user(random_frame(), test_random_below(8));

        if (test_random_one_in(4))
            next = PTE_NONE;
        if (test_random_one_in(2))
            pte_write(&slot, next);
        else
            CHECK(pte_eq(pte_exchange(&slot, next), was));
        CHECK(pte_eq(pte_read(&slot), next));
        was = next;
    }
}
