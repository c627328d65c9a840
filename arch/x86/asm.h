// arch/x86/asm.h - numbers and macros that C and assembly share
// SPDX-License-Identifier: MIT
//
// trap.c asserts that they agree with include/arch/trap.h.
#pragma once

#define ASM_PAGE_OFFSET 0xc0000000
#define ASM_KERNEL_CS   0x60
#define ASM_KERNEL_DS   0x68
#define ASM_FRAME_CS    56 // offset in struct trap_frame
#define ASM_SYSCALL     0x80
#define ASM_STUBS       0x60 // vectors that have a stub in trap_stubs[]
#define ASM_PROTECTION  13   // TRAP_PROTECTION

#ifdef __ASSEMBLY__
// clang-format off
// When the instruction at \from faults, go on at \to (trap_fixup).
    .macro fixup from, to
    .pushsection .fixup, "a"
    .long \from, \to
    .popsection
    .endm
// clang-format on
#endif
