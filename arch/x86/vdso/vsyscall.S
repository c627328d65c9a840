// arch/x86/vdso/vsyscall.S - into the kernel, and back from a signal handler
// SPDX-License-Identifier: MIT
//
// __kernel_vsyscall takes what `int $0x80` takes, and keeps all registers but
// eax. SYSENTER saves neither the return address nor esp: the kernel returns to
// vdso_landing_pad, with esp as ebp says, and finds the sixth argument there.
// ecx and edx, which SYSEXIT needs for itself, are back when it returns.
//
// The image has `int $0x80` alone. Where SYSENTER is to be used, the kernel
// writes `movl %esp, %ebp; sysenter` over vdso_enter (arch/x86/sysenter.c).
// `int $0x80` before the landing pad stays: a system call that is done again
// begins there, with the registers it had.
//
// What unwinders need is said by hand for the two sigreturns: the frame of a
// signal is no call, each register is in the sigcontext. Where a handler
// returns to belongs to the table's entry only if that begins a byte earlier,
// since unwinders look up the call before a return address.
//
// Source: DWARF 4, 6.4 and 7.23; kernel/signal_frame.h.

    .text
    .balign 16
    .globl __kernel_vsyscall
    .type __kernel_vsyscall, @function
__kernel_vsyscall:
    .cfi_startproc
    pushl   %ecx
    .cfi_adjust_cfa_offset 4
    .cfi_rel_offset ecx, 0
    pushl   %edx
    .cfi_adjust_cfa_offset 4
    .cfi_rel_offset edx, 0
    pushl   %ebp
    .cfi_adjust_cfa_offset 4
    .cfi_rel_offset ebp, 0
vdso_enter:
    .byte   0x8d, 0x74, 0x26, 0x00 // lea 0(%esi), %esi: nothing
    int     $0x80
vdso_landing_pad:
    popl    %ebp
    .cfi_adjust_cfa_offset -4
    .cfi_restore ebp
    popl    %edx
    .cfi_adjust_cfa_offset -4
    .cfi_restore edx
    popl    %ecx
    .cfi_adjust_cfa_offset -4
    .cfi_restore ecx
    ret
    .cfi_endproc
    .size __kernel_vsyscall, . - __kernel_vsyscall

    .set DW_CFA_DEF_CFA_EXPRESSION, 0x0f
    .set DW_CFA_EXPRESSION, 0x10
    .set DW_OP_DEREF, 0x06
    .set DW_OP_BREG_ESP, 0x74

// The word at esp + \offset, which is given in two bytes whatever it is.
    .macro saved register, offset
    .cfi_escape DW_CFA_EXPRESSION, \register, 3, DW_OP_BREG_ESP, \
        (\offset & 0x7f) | 0x80, \offset >> 7
    .endm

// A sigcontext at esp + \at: esp is its word 7, eip its word 14.
    .macro sigcontext at
    .cfi_escape DW_CFA_DEF_CFA_EXPRESSION, 4, DW_OP_BREG_ESP, \
        ((\at + 28) & 0x7f) | 0x80, (\at + 28) >> 7, DW_OP_DEREF
    saved   0, (\at + 44) // eax
    saved   1, (\at + 40) // ecx
    saved   2, (\at + 36) // edx
    saved   3, (\at + 32) // ebx
    saved   5, (\at + 24) // ebp
    saved   6, (\at + 20) // esi
    saved   7, (\at + 16) // edi
    saved   8, (\at + 56) // eip
    .endm

    .balign 16
    .cfi_startproc simple
    .cfi_signal_frame
    sigcontext 4
    nop
    .globl __kernel_sigreturn
    .type __kernel_sigreturn, @function
__kernel_sigreturn:
    popl    %eax // the signal's number
    sigcontext 0
    movl    $119, %eax // __NR_sigreturn
    int     $0x80
    .cfi_endproc
    .size __kernel_sigreturn, . - __kernel_sigreturn

    .balign 16
    .cfi_startproc simple
    .cfi_signal_frame
    sigcontext 160
    nop
    .globl __kernel_rt_sigreturn
    .type __kernel_rt_sigreturn, @function
__kernel_rt_sigreturn:
    movl    $173, %eax // __NR_rt_sigreturn
    int     $0x80
    .cfi_endproc
    .size __kernel_rt_sigreturn, . - __kernel_rt_sigreturn

// The time stamp counter, to edx:eax. RDTSC may be executed before what stands
// in front of it, so that a second call might see less than the first. Where
// there is LFENCE the kernel writes it over vdso_fence; older CPUs have no
// better means that user mode may use and that is cheap.
    .balign 16
    .globl vdso_time_stamp
    .hidden vdso_time_stamp
vdso_time_stamp:
    .cfi_startproc
vdso_fence:
    .byte   0x8d, 0x76, 0x00 // lea 0(%esi), %esi: nothing
    rdtsc
    ret
    .cfi_endproc

    .section .note.GNU-stack, "", @progbits
