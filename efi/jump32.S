// efi/jump32.S - from 32-bit firmware to the trampoline
// SPDX-License-Identifier: MIT
//
// 32-bit firmware may run with paging (PAE) or without. Its pages may be
// marked not executable, so paging goes off here, in the stub's own code,
// which is identity-mapped as all of UEFI is.
//
// Source: Intel SDM 3A 2.5 (control registers); UEFI 2.10, 2.3.2.

#include "jump.h"

#define CR0_PG (1 << 31)

    .text
    .globl jump_enter
    .hidden jump_enter

// 4(%esp) = the page
jump_enter:
    cli
    movl    4(%esp), %ebx
    movl    %cr4, %eax
    andl    $~(JUMP_CR4_PGE | JUMP_CR4_CET), %eax
    movl    %eax, %cr4
    movl    %cr0, %eax
    andl    $~CR0_PG, %eax
    movl    %eax, %cr0
    jmp     1f
1:
    lgdt    JUMP_GDTR(%ebx)
    leal    JUMP_CODE(%ebx), %eax
    pushl   $JUMP_CODE_SELECTOR
    pushl   %eax
    lret

    .section .note.GNU-stack, "", @progbits
