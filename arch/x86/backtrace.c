// arch/x86/backtrace.c - who called whom
// SPDX-License-Identifier: MIT
//
// By frame pointers: [ebp] is the caller's ebp, [ebp + 4] the return address.
// Anything may be wrong when this is asked for, so a frame is looked at only
// if it is on a stack that is mapped, above the one before, and not further
// from the first than a stack is long.
#include <arch/init.h>

#include <mm/layout.h>
#include <mm/pmap.h>

#include "arch_private.h"

#define FRAMES_MAX 64u

struct frame {
    u32 ebp, eip;
};

static bool on_static_stack(u32 addr, const u8 *stack, u32 bytes)
{
    return addr - (u32)(uintptr_t)stack <= bytes - sizeof(struct frame);
}

static bool is_mapped(u32 addr)
{
    return pte_is_accessible(
        pte_read(pmap_kernel_slot((const void *)(uintptr_t)addr)));
}

static bool on_kernel_stack(u32 addr)
{
    if (addr % sizeof(u32))
        return false;
    if (on_static_stack(addr, boot_stack, KERNEL_STACK_BYTES) ||
        on_static_stack(addr, double_fault_stack, DOUBLE_FAULT_STACK_BYTES))
        return true;
    return addr >= VMALLOC_START &&
           addr <= VMALLOC_END - sizeof(struct frame) && is_mapped(addr) &&
           is_mapped(addr + sizeof(u32));
}

void arch_backtrace(u32 ebp, void (*fn)(u32 eip, void *arg), void *arg)
{
    u32 first = ebp;

    for (u32 i = 0; i < FRAMES_MAX && on_kernel_stack(ebp); i++) {
        const struct frame *frame = (const struct frame *)(uintptr_t)ebp;

        if (!frame->eip)
            break;
        fn(frame->eip, arg);
        if (frame->ebp <= ebp || frame->ebp - first >= KERNEL_STACK_BYTES)
            break;
        ebp = frame->ebp;
    }
}
