// arch/x86/asm.h - numbers and macros that C and assembly share
// SPDX-License-Identifier: MIT
//
// trap.c asserts that they agree with include/arch/trap.h.
#pragma once

#define ASM_PAGE_OFFSET  0xc0000000
#define ASM_KERNEL_CS    0x60
#define ASM_KERNEL_DS    0x68
#define ASM_ESPFIX_SS    0xd0 // GDT entry 26
#define ASM_USER_CS      0x73
#define ASM_USER_DS      0x7b
#define ASM_FRAME_ECX    4 // offsets in struct trap_frame
#define ASM_FRAME_EBP    20
#define ASM_FRAME_EAX    24
#define ASM_FRAME_DS     28
#define ASM_FRAME_TRAP   44
#define ASM_FRAME_CS     56
#define ASM_TSS_ESP0     4 // in struct tss
#define ASM_SELECTOR_LDT 4 // of a selector: the table is the LDT
#define ASM_SYSCALL      0x80
#define ASM_STUBS        0x60 // vectors that have a stub in trap_stubs[]
#define ASM_BAD_RETURN   31   // TRAP_BAD_RETURN

#define ASM_EFLAGS_FIXED   0x2
#define ASM_EFLAGS_IF      0x200
#define ASM_EFLAGS_UNCLEAN 0x44500 // AC, NT, DF, TF: sysenter_entry
#define ASM_EFAULT         14
#define ASM_RESTART_FIRST  512 // TRAP_RESTART_FIRST and _LAST
#define ASM_RESTART_LAST   516

#define ASM_ENTRY_STACK_BYTES 256

#ifdef __ASSEMBLY__
// clang-format off
// When the instruction at \from faults, go on at \to (trap_fixup).
    .macro fixup from, to
    .pushsection .fixup, "a"
    .long \from, \to
    .popsection
    .endm

// Between these two the kernel reaches user pages although it must not
// (CR4.SMAP): they set and clear EFLAGS.AC. Every entry from user mode clears
// it too. The bytes here do nothing, `lea 0(%esi), %esi`; where the CPU has
// SMAP, boot.c replaces them by STAC and CLAC.
    .macro access_site opcode
.Laccess_\@:
    .byte   0x8d, 0x76, 0x00
    .pushsection .access_sites, "a"
    .long   .Laccess_\@, \opcode
    .popsection
    .endm
    .macro user_access_begin
    access_site 0xcb
    .endm
    .macro user_access_end
    access_site 0xca
    .endm
// clang-format on
#endif
