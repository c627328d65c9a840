// userland/bench/entry.S - a kernel that tells when it was entered
// SPDX-License-Identifier: MIT
//
// No program of the guest: tools/bench has QEMU load it as it loads kernels,
// by its PVH entry. It writes the time stamp, 8 bytes, to the port of QEMU's
// -debugcon, and halts. That much the machine and its firmware take before any
// kernel has run.

#define DEBUGCON         0xe9
#define PHYS32_ENTRY     18 // XEN_ELFNOTE_PHYS32_ENTRY
#define NOTE_NAME_BYTES  4
#define NOTE_VALUE_BYTES 4

    .section .note.pvh, "a", @note
    .long   NOTE_NAME_BYTES, NOTE_VALUE_BYTES, PHYS32_ENTRY
    .asciz  "Xen"
    .long   _start

    .text
    .globl _start
_start:
    rdtsc
    movl    $8, %ecx
2:  outb    %al, $DEBUGCON
    shrdl   $8, %edx, %eax
    shrl    $8, %edx
    loop    2b
1:  cli
    hlt
    jmp     1b

    .section .note.GNU-stack, "", @progbits
