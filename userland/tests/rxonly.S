// userland/tests/rxonly.S - an ELF whose one segment is readable and executable
// SPDX-License-Identifier: MIT
//
// No data, no bss, nothing writable but the stack that the kernel makes: there
// is no segment to start the heap behind but the text. Uses the stack, asks for
// the heap's end (brk 0: must not be null), and exits 0; else 1.

#include <asm/unistd_32.h>

    .text
    .globl _start
_start:
    mov     (%esp), %eax            // argc
    test    %eax, %eax
    jz      fail
    push    $0x12345678
    pop     %eax
    cmp     $0x12345678, %eax
    jne     fail

    mov     $__NR_brk, %eax
    xor     %ebx, %ebx
    int     $0x80
    test    %eax, %eax
    jz      fail

    xor     %ebx, %ebx
    jmp     leave
fail:
    mov     $1, %ebx
leave:
    mov     $__NR_exit, %eax
    int     $0x80

    .section .note.GNU-stack, "", @progbits
