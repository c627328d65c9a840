// arch/x86/switch.S - from one kernel stack to another
// SPDX-License-Identifier: MIT
//
// What a stack that is not running holds at its esp, upwards: edi, esi, ebx,
// ebp, the address to go on at (struct switch_frame in thread.c). All other
// registers are saved by the caller (i386 psABI 2.2), flags are not needed.
// Arguments come in eax and edx (-mregparm).

    .text

// void switch_stack(u32 *save_esp, u32 esp)
    .globl switch_stack
switch_stack:
    pushl   %ebp
    pushl   %ebx
    pushl   %esi
    pushl   %edi
    movl    %esp, (%eax)
    movl    %edx, %esp
    popl    %edi
    popl    %esi
    popl    %ebx
    popl    %ebp
    ret

// The first thing a kernel thread does: ebx = fn, esi = its argument.
    .globl thread_start
thread_start:
    sti
    movl    %esi, %eax
    call    *%ebx
    ud2

// void switch_to_frame(struct trap_frame *frame): the stack above is dropped.
    .globl switch_to_frame
switch_to_frame:
    movl    %eax, %esp
    jmp     trap_return

    .section .note.GNU-stack, "", @progbits
