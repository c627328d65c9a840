// tests/unit/test_pte_pae.c - include/arch/pte.h with entries of 64 bits
// sources:
// SPDX-License-Identifier: MIT

#undef FAULTLINE_PAE
#define FAULTLINE_PAE 1
#define FRAMES_END    (1u << 24)

#include "pte_tests.h"

pte_word_t pte_nx_bit;

TEST(bits_of_the_processor)
{
    pte_nx_bit = 0;
    CHECK_EQ(pte_make_user(pfn(0xabcdef), READ).v, 0xabcdef005ull);
    pte_nx_bit = PTE_NX;
    CHECK_EQ(pte_make_user(pfn(0xabcdef), READ).v, 0x8000000abcdef005ull);
    CHECK_EQ(pte_make_user(pfn(0xabcdef), READ | EXEC).v, 0xabcdef005ull);
    CHECK_EQ(pte_make_user(pfn(0xabcdef), WRITE | EXEC).v, 0xabcdef007ull);
    CHECK_EQ(pte_make_user(pfn(1), 0).v, 0x8000000000001084ull);
    CHECK_EQ(pte_make_swap(swap_entry(31, 0xffffff)).v, 0x1fffffffull << 32);
}

// mprotect takes execution away and gives it.
TEST(modify_sets_nx)
{
    pte_t p;

    pte_nx_bit = PTE_NX;
    p = pte_make_user(pfn(0x100000), READ | EXEC);
    p = pte_modify(p, READ);
    CHECK(p.v & PTE_NX);
    CHECK_EQ(pte_pfn(p).v, 0x100000);
    p = pte_modify(p, READ | EXEC);
    CHECK(!(p.v & PTE_NX));
}
