// arch/x86/trap.S - into the kernel and out again
// SPDX-License-Identifier: MIT
//
// Every way in builds the same struct trap_frame (include/arch/trap.h) on the
// kernel stack and calls one C function; every way out is trap_return.
//
// %fs and %gs are the user's all the time: the kernel does not use them, so
// they are saved on every entry but loaded only on the way to user mode. %ds
// and %es are restored on every return, since a fault or an NMI may come in
// the middle of trap_return, when they are the user's already.
//
// On the way to user mode a selector may have become invalid (its descriptor
// was changed, or a signal handler wrote nonsense). A bad %ds...%gs becomes 0,
// as on Linux; a bad frame for IRET is reported as a fault of the user's
// instruction. Both by the fixup table, from trap_dispatch.
//
// IRET to a 16-bit stack leaves the upper half of esp as it was: part of a
// kernel address. Stacks in the local descriptor table may be such. For them
// the kernel's stack is named anew before IRET, by a segment whose base makes
// up for an esp that has the program's upper half. An exception in between, of
// the IRET or one that cannot be held off, finds that segment in %ss.
#include "asm.h"

    .text

// The stubs: push a zero where the CPU pushes no error code, and the vector.
    .macro stub vector
    .balign 8
.Lstub_\vector:
    .if (\vector != 8) && (\vector < 10 || \vector > 14) && \
        (\vector != 17) && (\vector != 21) && (\vector != 29) && \
        (\vector != 30)
    pushl   $0
    .endif
    pushl   $\vector
    .if (\vector == 2) || (\vector == 18) || \
        (\vector >= 10 && \vector <= 13)
    jmp     trap_entry_any_stack
    .else
    jmp     trap_entry
    .endif
    .pushsection .rodata
    .long   .Lstub_\vector
    .popsection
    .endm

    .pushsection .rodata
    .balign 4
    .globl trap_stubs
trap_stubs:
    .popsection

    .altmacro
    .set stub_count, 0
    .rept ASM_STUBS
    stub %stub_count
    .set stub_count, stub_count + 1
    .endr
    .noaltmacro

// A selector, zero-extended on every CPU.
    .macro push_selector register
    pushl   $0
    movw    %\register, (%esp)
    .endm

// What is below `trap` in the frame; then the kernel's segments.
    .macro save_registers
    push_selector gs
    push_selector fs
    push_selector es
    push_selector ds
    pushl   %eax
    pushl   %ebp
    pushl   %edi
    pushl   %esi
    pushl   %edx
    pushl   %ecx
    pushl   %ebx
    movl    $ASM_KERNEL_DS, %ecx
    movl    %ecx, %ds
    movl    %ecx, %es
    cld
    user_access_end // the program's AC, or that of an interrupted user copy
    .endm

    .macro restore_registers
    popl    %ebx
    popl    %ecx
    popl    %edx
    popl    %esi
    popl    %edi
    popl    %ebp
    popl    %eax
    .endm

// Where %ss may be the segment for 16-bit stacks: go back to the flat one. The
// load of %ss holds everything off until esp is loaded, too.
    .balign 16
trap_entry_any_stack:
    save_registers
    movw    %ss, %cx
    cmpw    $ASM_ESPFIX_SS, %cx
    jne     dispatch
    movb    gdt + ASM_ESPFIX_SS + 4, %cl // bits 16 to 31 of the base
    movb    gdt + ASM_ESPFIX_SS + 7, %ch
    shll    $16, %ecx
    addl    %esp, %ecx
    movl    $ASM_KERNEL_DS, %eax
    movl    %eax, %ss
    movl    %ecx, %esp
    jmp     dispatch

    .balign 16
trap_entry:
    save_registers
dispatch:
    pushl   %esp
    call    trap_dispatch
    addl    $4, %esp
    jmp     trap_return

    .globl syscall_entry
    .balign 16
syscall_entry:
    pushl   %eax // orig_eax
    pushl   $ASM_SYSCALL
    save_registers
    sti
    pushl   %esp
    call    syscall_dispatch
    addl    $4, %esp

// esp = the frame
    .globl trap_return
trap_return:
    cli
    testb   $3, ASM_FRAME_CS(%esp)
    jz      7f
    restore_registers
1:  popl    %ds
2:  popl    %es
3:  popl    %fs
4:  popl    %gs
    addl    $8, %esp
    testb   $ASM_SELECTOR_LDT, 16(%esp) // the program's ss
    jnz     8f
5:  iretl
6:
    movl    $0, (%esp)
    jmp     1b
    fixup   1b, 6b
6:
    movl    $0, (%esp)
    jmp     2b
    fixup   2b, 6b
6:
    movl    $0, (%esp)
    jmp     3b
    fixup   3b, 6b
6:
    movl    $0, (%esp)
    jmp     4b
    fixup   4b, 6b
6:
    // The user's registers are loaded, its frame for IRET is on the stack: as
    // if the user's next instruction had faulted.
    pushl   $0
    pushl   $ASM_BAD_RETURN
    jmp     trap_entry
    fixup   5b, 6b
    fixup   9f, 6b

// The program's segments are loaded: the kernel's data by %ss.
8:  pushl   %eax
    pushl   %ecx
    movl    20(%esp), %eax // the program's esp
    leal    8(%esp), %ecx
    movw    %cx, %ax // its upper half, the kernel's lower
    subl    %eax, %ecx
    movl    %eax, %ss:espfix_pointer
    shrl    $16, %ecx
    movb    %cl, %ss:gdt + ASM_ESPFIX_SS + 4
    movb    %ch, %ss:gdt + ASM_ESPFIX_SS + 7
    popl    %ecx
    popl    %eax
    lssl    %ss:espfix_pointer, %esp
9:  iretl

7:  restore_registers
    popl    %ds
    popl    %es
    addl    $16, %esp
    iretl

// Not acknowledged, not counted: the local APIC had nothing in the end.
    .globl apic_spurious_entry
apic_spurious_entry:
    iretl

    .data
espfix_pointer:
    .long   0
    .word   ASM_ESPFIX_SS

    .section .note.GNU-stack, "", @progbits
