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
        (\vector == 1) || (\vector >= 10 && \vector <= 13)
    jmp     trap_entry_any_stack
    .elseif \vector == 14
    jmp     page_fault_entry
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

// What is below `trap` in the frame; then the kernel's segments, by way of ecx.
    .macro push_registers
    pushl   %gs
    pushl   %fs
    pushl   %es
    pushl   %ds
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
    .endm

    .macro save_registers
    push_registers
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

// The program's ds to gs; one that cannot be loaded becomes 0.
    .macro pop_selector register
.Lpop_\@:
    popl    %\register
    .subsection 1
.Lzero_\@:
    movl    $0, (%esp)
    jmp     .Lpop_\@
    .previous
    fixup   .Lpop_\@, .Lzero_\@
    .endm

    .macro pop_segments
    pop_selector ds
    pop_selector es
    pop_selector fs
    pop_selector gs
    .endm

// Where %ss may be the segment for 16-bit stacks: go back to the flat one. The
// load of %ss holds everything off until esp is loaded, too.
    .balign 16
trap_entry_any_stack:
    save_registers
    movw    %ss, %cx
    cmpw    $ASM_ESPFIX_SS, %cx
    jne     1f
    movb    gdt + ASM_ESPFIX_SS + 4, %cl // bits 16 to 31 of the base
    movb    gdt + ASM_ESPFIX_SS + 7, %ch
    shll    $16, %ecx
    addl    %esp, %ecx
    movl    $ASM_KERNEL_DS, %eax
    movl    %eax, %ss
    movl    %ecx, %esp
    jmp     dispatch

// Or on the stack that SYSENTER comes with, which has room for this frame only:
// the program's kernel stack is empty then.
1:  movl    %esp, %eax
    subl    $sysenter_stack, %eax
    cmpl    $ASM_ENTRY_STACK_BYTES, %eax
    ja      dispatch
    movl    %esp, %ebx
    movl    kernel_tss + ASM_TSS_ESP0, %esp
    movl    %ebx, %eax
    call    trap_dispatch
    movl    %ebx, %esp
    jmp     trap_return

    .balign 16
trap_entry:
    save_registers
dispatch:
    movl    %esp, %eax
    call    trap_dispatch
    jmp     trap_return

// A program's page fault, most of all exceptions, by a way of its own; those of
// the kernel as any trap. CR2 is read before interrupts can come, whose handlers
// may fault as well. A program runs with interrupts on.
    .balign 16
page_fault_entry:
    save_registers
    testb   $3, ASM_FRAME_CS(%esp)
    jz      dispatch
    movl    %cr2, %edx
    movl    %esp, %eax
    sti
    call    user_fault_dispatch
    jmp     return_to_user

    .globl syscall_entry
    .balign 16
syscall_entry:
    pushl   %eax // orig_eax
    pushl   $ASM_SYSCALL
    save_registers
    sti
syscall_call:
    pushl   %esp
    call    syscall_dispatch
    addl    $4, %esp

    jmp     trap_return

// The rest of SYSENTER's frame, and from the program's stack its ebp, into ebp
// as well.
    .macro sysenter_frame
    push_registers
    orl     $ASM_EFLAGS_IF, ASM_FRAME_CS + 4(%esp)
    sti
    cmpl    $ASM_PAGE_OFFSET - 4, %ebp
    ja      sysenter_no_stack
    user_access_begin
.Lload_\@:
    movl    (%ebp), %ebp
    fixup   .Lload_\@, sysenter_no_stack_access
    user_access_end
    movl    %ebp, ASM_FRAME_EBP(%esp)
    .endm

// SYSENTER, from __kernel_vsyscall (arch/x86/vdso/). Interrupts are off, esp is
// sysenter_stack_top, all else the program's: ebp points to its stack, where its
// own ebp is on top, the sixth argument. Of its flags those that do harm here
// are cleared first. The trap flag, if set, traps at each instruction up to
// there; trap_dispatch lets that pass.
    .globl sysenter_entry
    .balign 16
sysenter_entry:
    movl    %ss:kernel_tss + ASM_TSS_ESP0, %esp
    pushl   $ASM_USER_DS
    pushl   %ebp
    pushfl
    pushl   $ASM_USER_CS
    pushl   %ss:sysenter_return
    pushl   %eax // orig_eax
    pushl   $ASM_SYSCALL
    testl   $ASM_EFLAGS_UNCLEAN, 16(%esp)
    jnz     sysenter_unclean
    sysenter_frame
    cmpl    syscall_direct_count, %eax
    jae     syscall_call
    movl    syscall_table(, %eax, 8), %eax
    testl   %eax, %eax
    jz      syscall_call
    // The first three go in eax, edx and ecx (-mregparm=3).
    pushl   %ebp
    pushl   %edi
    pushl   %esi
    movl    %eax, %ebp
    movl    %edx, %ecx
    movl    ASM_FRAME_ECX + 12(%esp), %edx
    movl    %ebx, %eax
    call    *%ebp
    addl    $12, %esp
    movl    %eax, ASM_FRAME_EAX(%esp)
    addl    $ASM_RESTART_LAST, %eax
    cmpl    $ASM_RESTART_LAST - ASM_RESTART_FIRST, %eax
    jbe     sysenter_work
    cli
    movl    current_task, %eax
    cmpl    $0, (%eax) // its work
    jne     sysenter_work
    cmpl    $ASM_SYSCALL, ASM_FRAME_TRAP(%esp)
    jne     trap_return // sigreturn, execve

// SYSEXIT goes to edx with esp = ecx, which both get their values back in the
// vDSO, as does ebp. ebx, esi and edi are what they were: the function called
// has kept them.
    movl    ASM_FRAME_EAX(%esp), %eax
    addl    $ASM_FRAME_DS, %esp
    pop_segments
    addl    $8, %esp
    popl    %edx
    addl    $4, %esp
    andl    $~ASM_EFLAGS_IF, (%esp)
    popfl
    popl    %ecx
    sti // from behind SYSEXIT on
    sysexit

// Flags that IRET has to restore.
sysenter_unclean:
    pushl   $ASM_EFLAGS_FIXED
    popfl
    .globl sysenter_entry_end
sysenter_entry_end:
    sysenter_frame
    jmp     syscall_call

// No call is done: what is no stack is no argument. As on Linux, the program
// sees its mistake in the landing pad, where it pops from there.
sysenter_no_stack_access:
    user_access_end
sysenter_no_stack:
    movl    $-ASM_EFAULT, ASM_FRAME_EAX(%esp)
sysenter_work:
    pushl   %esp
    call    syscall_exit
    addl    $4, %esp

// esp = the frame
    .globl trap_return
trap_return:
    cli
    testb   $3, ASM_FRAME_CS(%esp)
    jz      7f
return_to_user: // interrupts are off
    restore_registers
    pop_segments
    addl    $8, %esp
    testb   $ASM_SELECTOR_LDT, 16(%esp) // the program's ss
    jnz     8f
5:  iretl
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

    .bss
    .balign 4
sysenter_stack:
    .skip   ASM_ENTRY_STACK_BYTES
    .globl sysenter_stack_top
sysenter_stack_top:

    .data
    .globl sysenter_return
sysenter_return: // arch/vdso.h
    .long   0
espfix_pointer:
    .long   0
    .word   ASM_ESPFIX_SS

    .section .note.GNU-stack, "", @progbits
