// efi/trampoline.S - 32-bit code that puts the kernel in place and enters it
// SPDX-License-Identifier: MIT
//
// Runs from a low page of its own (jump.h), with flat segments, interrupts
// off. On entry: ebx = the page; paging may still be on, identity-mapped, in
// whatever mode the firmware had. Position-independent: all data by ebp.
//
// Order: paging off (which also ends long mode), only then EFER and CR4, whose
// PAE and LA57 bits must not change before; then the copy over whatever the
// firmware had in the kernel's range; then the kernel.
//
// Source: Intel SDM 3A 10.8.5 and AMD APM 2 14.6 (leaving long mode).

#include "jump.h"

#define CR0_PE (1 << 0)
#define CR0_ET (1 << 4)
#define CR0_PG (1 << 31)

#define MSR_EFER 0xc0000080
#define EFER_SCE (1 << 0)
#define EFER_LME (1 << 8)
#define EFER_NXE (1 << 11)

// CPUID 80000001h, edx: any of these says that EFER exists.
#define CPUID_EXTENDED         0x80000000
#define CPUID_EXTENDED_FEATURE 0x80000001
#define CPUID_SYSCALL          (1 << 11)
#define CPUID_NX               (1 << 20)
#define CPUID_LM               (1 << 29)

    .text
    .code32
    .globl trampoline_code
    .hidden trampoline_code

trampoline_code:
    movl    %ebx, %ebp
    movl    $JUMP_DATA_SELECTOR, %eax
    movl    %eax, %ds
    movl    %eax, %es
    movl    %eax, %fs
    movl    %eax, %gs
    movl    %eax, %ss
    leal    JUMP_BYTES(%ebp), %esp
    lidt    JUMP_IDTR(%ebp)

    movl    %cr0, %eax
    andl    $~CR0_PG, %eax
    movl    %eax, %cr0
    jmp     1f
1:
    movl    $CPUID_EXTENDED, %eax
    cpuid
    cmpl    $CPUID_EXTENDED_FEATURE, %eax
    jb      2f
    movl    $CPUID_EXTENDED_FEATURE, %eax
    cpuid
    testl   $(CPUID_LM | CPUID_NX | CPUID_SYSCALL), %edx
    jz      2f
    movl    $MSR_EFER, %ecx
    rdmsr
    andl    $~(EFER_SCE | EFER_LME | EFER_NXE), %eax
    wrmsr
2:
    xorl    %eax, %eax
    movl    %eax, %cr4
    movl    %eax, %cr3
    lldt    %ax
    // No write protection, no FPU emulation or trap; caches on, which some
    // 32-bit firmware leaves off.
    movl    $(CR0_PE | CR0_ET), %eax
    movl    %eax, %cr0

    cld
    leal    JUMP_SEGMENTS(%ebp), %ebx
    movl    JUMP_COUNT(%ebp), %edx
    xorl    %eax, %eax
3:
    movl    JUMP_SEGMENT_FROM(%ebx), %esi
    movl    JUMP_SEGMENT_TO(%ebx), %edi
    movl    JUMP_SEGMENT_COPY(%ebx), %ecx
    rep movsb
    movl    JUMP_SEGMENT_CLEAR(%ebx), %ecx
    rep stosb
    addl    $JUMP_SEGMENT_BYTES, %ebx
    decl    %edx
    jnz     3b

    movl    JUMP_MAGIC(%ebp), %eax
    movl    JUMP_INFO(%ebp), %ebx
    movl    JUMP_ENTRY(%ebp), %ecx
    jmp     *%ecx

    // Fails to assemble when the code above is longer than its place.
    .org    trampoline_code + JUMP_CODE_BYTES

    .section .note.GNU-stack, "", @progbits
