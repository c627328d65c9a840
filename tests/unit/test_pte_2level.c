// tests/unit/test_pte_2level.c - include/arch/pte.h with entries of 32 bits
// sources:
// SPDX-License-Identifier: MIT

#undef FAULTLINE_PAE
#define FAULTLINE_PAE 0
#define FRAMES_END    (1u << 20)

#include "pte_tests.h"

TEST(bits_of_the_processor)
{
    CHECK_EQ(pte_make_user(pfn(0x12345), READ).v, 0x12345005u);
    CHECK_EQ(pte_make_user(pfn(0xfffff), READ | WRITE).v, 0xfffff007u);
    CHECK_EQ(pte_make_user(pfn(1), 0).v, 0x1084u);
    CHECK_EQ(pte_make_swap(swap_entry(31, 0xffffff)).v, 0xffffff3eu);
}
