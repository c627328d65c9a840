// arch/x86/start.S - from the loader's jump to kernel_main
// SPDX-License-Identifier: MIT
//
// One entry for both ways in: boot_info.h (eax BOOT_INFO_MAGIC) and Multiboot
// 1 (eax 0x2badb002); boot_prepare() in boot.c tells them apart. State in both:
// protected mode, flat segments, paging and interrupts off.
//
// The kernel is linked 3 GiB above where it lies. To run C before paging, this
// uses segments with the base -PAGE_OFFSET: a linked address then reaches the
// physical place, and phys_to_virt() any byte below 4 GiB. When paging is on,
// the same linked addresses are reached through flat segments.
//
// Source: Intel SDM 3A 9.9 (mode switching); Multiboot 0.6.96, 3.1, 3.2.
#include "asm.h"
#include "cpu_regs.h"

#define MULTIBOOT_HEADER_MAGIC 0x1badb002
#define MULTIBOOT_PAGE_ALIGN   (1 << 0)
#define MULTIBOOT_MEMORY_INFO  (1 << 1)
#define MULTIBOOT_FLAGS        (MULTIBOOT_PAGE_ALIGN | MULTIBOOT_MEMORY_INFO)

#define BOOT_CS 0x08 // base -PAGE_OFFSET
#define BOOT_DS 0x10

#define STACK_BYTES 8192 // KERNEL_STACK_BYTES

    .section .boot, "ax"
    .balign 4
    .long   MULTIBOOT_HEADER_MAGIC
    .long   MULTIBOOT_FLAGS
    .long   -(MULTIBOOT_HEADER_MAGIC + MULTIBOOT_FLAGS)

    .globl boot_entry
boot_entry:
    cli
    cld
    movl    %eax, %edx
    // Nothing of ours is in .bss yet, and loaders do not all clear it.
    movl    $kernel_bss_start - ASM_PAGE_OFFSET, %edi
    movl    $kernel_bss_end - ASM_PAGE_OFFSET, %ecx
    subl    %edi, %ecx
    shrl    $2, %ecx
    xorl    %eax, %eax
    rep stosl

    lgdt    boot_gdtr_physical - ASM_PAGE_OFFSET
    ljmp    $BOOT_CS, $1f
1:
    movl    $BOOT_DS, %eax
    movl    %eax, %ds
    movl    %eax, %es
    movl    %eax, %fs
    movl    %eax, %gs
    movl    %eax, %ss
    movl    $boot_stack_top, %esp
    xorl    %ebp, %ebp
    pushl   %ebx
    pushl   %edx
    call    boot_prepare

    // The identity mapping carries us from here to the far jump.
    movl    $kernel_root - ASM_PAGE_OFFSET, %eax
    movl    %eax, %cr3
    movl    $CR0_KERNEL, %eax
    movl    %eax, %cr0
    ljmp    $ASM_KERNEL_CS, $2f
2:
    movl    $ASM_KERNEL_DS, %eax
    movl    %eax, %ds
    movl    %eax, %es
    movl    %eax, %ss
    xorl    %eax, %eax
    movl    %eax, %fs
    movl    %eax, %gs
    lgdt    boot_gdtr
    movl    %eax, kernel_root // the identity mapping goes
    movl    %cr3, %eax
    movl    %eax, %cr3

    movl    $boot_stack_top, %esp
    call    kernel_main
    ud2

    // Types with the accessed bit set: the CPU must not want to write here.
    .balign 8
boot_gdt:
    .quad   0
    .quad   0x40cf9b000000ffff // BOOT_CS
    .quad   0x40cf93000000ffff // BOOT_DS
    .fill   (ASM_KERNEL_CS / 8) - 3, 8, 0
    .quad   0x00cf9b000000ffff // KERNEL_CS
    .quad   0x00cf93000000ffff // KERNEL_DS
boot_gdt_end:

    .balign 4
    .word   0
boot_gdtr_physical:
    .word   boot_gdt_end - boot_gdt - 1
    .long   boot_gdt - ASM_PAGE_OFFSET
    .word   0
boot_gdtr:
    .word   boot_gdt_end - boot_gdt - 1
    .long   boot_gdt

    // The boot stack, the idle task's later; its guard page is never mapped.
    .section .bss.page, "aw", @nobits
    .balign 4096
    .globl boot_stack_guard, boot_stack, boot_stack_top
boot_stack_guard:
    .skip   4096
boot_stack:
    .skip   STACK_BYTES
boot_stack_top:

    .section .note.GNU-stack, "", @progbits
