// arch/x86/usercopy.S - touching user memory, with a way out
// SPDX-License-Identifier: MIT
//
// include/arch/usercopy.h. Each instruction that may fault has an entry in the
// fixup table. Words first, then bytes; a fault among the words goes on byte by
// byte, so that all that can be copied is, and the count is exact.
//
// Every way through passes user_access_begin and user_access_end. A fault in
// between runs its handler, which may sleep, with AC clear, and comes back with
// the AC that was. Arguments come in eax, edx and ecx (-mregparm).
#include "asm.h"

#define EFAULT 14

    .text

// u32 arch_copy_from_user(void *dst, const void __user *src, u32 bytes)
// u32 arch_copy_to_user(void __user *dst, const void *src, u32 bytes)
    .globl arch_copy_from_user, arch_copy_to_user
    .balign 16
arch_copy_from_user:
arch_copy_to_user:
    pushl   %ebp
    movl    %esp, %ebp
    pushl   %esi
    pushl   %edi
    movl    %eax, %edi
    movl    %edx, %esi
    movl    %ecx, %edx
    shrl    $2, %ecx
    andl    $3, %edx
    user_access_begin
1:  rep movsl
    movl    %edx, %ecx
2:  rep movsb
3:  user_access_end
    movl    %ecx, %eax
    popl    %edi
    popl    %esi
    popl    %ebp
    ret
4:  leal    (%edx,%ecx,4), %ecx
    jmp     2b
    fixup   1b, 4b
    fixup   2b, 3b

// u32 arch_clear_user(void __user *dst, u32 bytes)
    .globl arch_clear_user
    .balign 16
arch_clear_user:
    pushl   %ebp
    movl    %esp, %ebp
    pushl   %edi
    movl    %eax, %edi
    movl    %edx, %ecx
    shrl    $2, %ecx
    andl    $3, %edx
    xorl    %eax, %eax
    user_access_begin
1:  rep stosl
    movl    %edx, %ecx
2:  rep stosb
3:  user_access_end
    movl    %ecx, %eax
    popl    %edi
    popl    %ebp
    ret
4:  leal    (%edx,%ecx,4), %ecx
    jmp     2b
    fixup   1b, 4b
    fixup   2b, 3b

// s32 arch_string_from_user(char *dst, const char __user *src, u32 max)
    .globl arch_string_from_user
    .balign 16
arch_string_from_user:
    pushl   %ebp
    movl    %esp, %ebp
    pushl   %esi
    pushl   %edi
    movl    %eax, %edi
    movl    %edx, %esi
    xorl    %eax, %eax
    user_access_begin
1:  cmpl    %ecx, %eax
    je      3f
2:  movb    (%esi,%eax), %dl
    movb    %dl, (%edi,%eax)
    testb   %dl, %dl
    jz      3f
    incl    %eax
    jmp     1b
3:  user_access_end
    popl    %edi
    popl    %esi
    popl    %ebp
    ret
4:  movl    $-EFAULT, %eax
    jmp     3b
    fixup   2b, 4b

    .section .note.GNU-stack, "", @progbits
