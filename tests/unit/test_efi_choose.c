// tests/unit/test_efi_choose.c - efi/choose.c
// sources: efi/choose.c
// SPDX-License-Identifier: MIT

#include "harness.h"

#include "../../efi/choose.h"

TEST(words)
{
    static const struct {
        const char *line;
        enum kernel_wish wish;
    } cases[] = {
        {"", KERNEL_WISH_NONE},
        {"console=ttyS0 root=initramfs", KERNEL_WISH_NONE},
        {"kernel=pae", KERNEL_WISH_PAE},
        {"kernel=2level", KERNEL_WISH_2LEVEL},
        {"a kernel=pae b", KERNEL_WISH_PAE},
        {"kernel=pae kernel=2level", KERNEL_WISH_2LEVEL},
        {"kernel=2level x=kernel=pae", KERNEL_WISH_2LEVEL},
        {"subkernel=pae", KERNEL_WISH_NONE},
        {"kernel", KERNEL_WISH_NONE},
        {"kernel=", KERNEL_WISH_UNKNOWN},
        {"kernel=pa", KERNEL_WISH_UNKNOWN},
        {"kernel=pae2", KERNEL_WISH_UNKNOWN},
        {"kernel=pae kernel=none", KERNEL_WISH_UNKNOWN},
    };

    for (u32 i = 0; i < ARRAY_SIZE(cases); i++)
        CHECK_EQ(kernel_wish(cases[i].line), cases[i].wish);
}

// All machines, without a wish: pae, nx, high_memory as bits 0-2.
TEST(machines)
{
    for (u32 bits = 0; bits < 8; bits++) {
        struct machine_abilities machine = {
            .pae = bits & 1, .nx = bits & 2, .high_memory = bits & 4};
        bool pae = bits == 3 || bits == 5 || bits == 7;

        CHECK_EQ(kernel_choose(KERNEL_WISH_NONE, &machine),
                 pae ? KERNEL_PAE : KERNEL_2LEVEL);
        CHECK_EQ(kernel_choose(KERNEL_WISH_UNKNOWN, &machine),
                 pae ? KERNEL_PAE : KERNEL_2LEVEL);
        CHECK_EQ(kernel_choose(KERNEL_WISH_PAE, &machine), KERNEL_PAE);
        CHECK_EQ(kernel_choose(KERNEL_WISH_2LEVEL, &machine), KERNEL_2LEVEL);
    }
}
