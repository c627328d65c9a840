// efi/choose.h - which of the two kernels
// SPDX-License-Identifier: MIT
#pragma once

#include <base/types.h>

enum kernel_format {
    KERNEL_2LEVEL, // kernel.elf: 32-bit page tables
    KERNEL_PAE,    // kernel-pae.elf: 64-bit page tables
};

// What the choice depends on.
struct machine_abilities {
    bool fpu; // without it no kernel runs
    bool pae, nx;
    bool high_memory; // RAM above 4 GiB
};

enum kernel_wish {
    KERNEL_WISH_NONE,
    KERNEL_WISH_2LEVEL,
    KERNEL_WISH_PAE,
    KERNEL_WISH_UNKNOWN, // a word kernel= that says something else
};

// kernel_wish - what the last word `kernel=pae` or `kernel=2level` of the
// command line asks for.
enum kernel_wish kernel_wish(const char *line);

/* kernel_choose - by what the machine can do, unless @wish says.
 * @wish: KERNEL_WISH_UNKNOWN counts as none.
 * A wish for PAE on a CPU without it is granted: the caller refuses to boot.
 */
enum kernel_format kernel_choose(enum kernel_wish wish,
                                 const struct machine_abilities *machine);
