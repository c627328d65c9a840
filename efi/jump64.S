// efi/jump64.S - from 64-bit firmware to the trampoline's 32-bit code
// SPDX-License-Identifier: MIT
//
// The firmware's page tables may forbid to run or write where the trampoline
// is, so our own go in first; they also map this code and its stack where
// these are. PCIDE, PGE and CET would forbid what comes next (CR3 with a plain
// value, clearing PG and WP); FRED is for 64-bit code alone.
//
// Source: Intel SDM 3A 2.5 (control registers), 10.8.5; 346446 (FRED): CR4[32].

#include "jump.h"

    .text
    .code64
    .globl jump_enter
    .hidden jump_enter

// edi = the page, esi = page_root
jump_enter:
    cli
    movq    %cr4, %rax
    andq    $~(JUMP_CR4_PCIDE | JUMP_CR4_PGE | JUMP_CR4_CET), %rax
    btrq    $JUMP_CR4_FRED_BIT, %rax
    movq    %rax, %cr4
    movl    %esi, %esi
    movq    %rsi, %cr3

    movl    %edi, %ebx // the upper half becomes 0
    lgdt    JUMP_GDTR(%rbx)
    leaq    JUMP_CODE(%rbx), %rax
    pushq   $JUMP_CODE_SELECTOR
    pushq   %rax
    lretq

    .section .note.GNU-stack, "", @progbits
