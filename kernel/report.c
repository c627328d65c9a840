// kernel/report.c - the state of the machine in words, for panic and oops
// SPDX-License-Identifier: MIT
//
// Everything is read with the fault-safe copy of user memory, which gives up
// at a page that is not there: a report must not fault, whatever is broken.

#include "report.h"

#include <arch/init.h>
#include <arch/trap.h>
#include <arch/usercopy.h>
#include <base/bits.h>
#include <kernel/symbols.h>
#include <kernel/task.h>
#include <kernel/uaccess.h>
#include <lib/fmt.h>
#include <lib/string.h>
#include <mm/layout.h>
#include <mm/mm.h>

#define LOG_NAME "report"
#include <kernel/log.h>

#define CODE_BEFORE 24u // bytes shown before eip
#define CODE_BYTES  48u
#define STACK_WORDS 32u
#define FRAMES_MAX  32u

static char text[256];

// read_safely - of any address. False: not mapped, nothing was read.
static bool read_safely(void *out, u32 address, u32 bytes)
{
    u32 left;

    if (!address || address + bytes < address)
        return false;
    pagefault_disable();
    left = arch_copy_from_user(out, (const void __user *)(uintptr_t)address,
                               bytes);
    pagefault_enable();
    return left == 0;
}

static bool is_kernel_address(u32 address)
{
    return address >= PAGE_OFFSET;
}

// describe_place - @back: 1 for a return address, which after a call that does
// not return may already lie in the next function; else 0.
static void describe_place(char *buf, size_t size, u32 address, u32 back)
{
    u32 offset = 0;
    const char *name = is_kernel_address(address)
                           ? symbol_find(address - back, &offset)
                           : NULL;

    if (name)
        fmt_print(buf, size, "%08x %s+0x%x", address, name, offset + back);
    else
        fmt_print(buf, size, "%08x", address);
}

static void report_page_fault(const struct trap_frame *regs, u32 address)
{
    u32 e = regs->error;

    log_err("page fault: %s %s in %s mode at %08x (%s%s), error=%x",
            e & PF_ERROR_WRITE   ? "write to"
            : e & PF_ERROR_FETCH ? "execution of"
                                 : "read of",
            e & PF_ERROR_PRESENT ? "a protected page" : "an unmapped page",
            e & PF_ERROR_USER ? "user" : "kernel", address,
            address < PAGE_SIZE           ? "NULL pointer"
            : !is_kernel_address(address) ? "user address"
            : address < DIRECT_MAP_END    ? "direct map"
                                          : "kernel mapping",
            e & PF_ERROR_RESERVED ? ", reserved bit set" : "", e);
    pmap_describe(address, text, sizeof(text));
    log_err("table entry: %s", text);
    if (current->mm && !is_kernel_address(address)) {
        mm_describe_address(current->mm, user_addr(address), text,
                            sizeof(text));
        log_err("area: %s", text);
    }
}

void report_exception(const struct trap_frame *regs, u32 fault_address)
{
    if (regs->trap == TRAP_PAGE_FAULT)
        report_page_fault(regs, fault_address);
    else
        log_err("exception %u (%s), error=%x", regs->trap,
                trap_name(regs->trap), regs->error);
}

// Within the kernel the CPU pushes no stack pointer: it is where the frame
// ends. A double fault has a stack of its own, and arch fills the field in.
static u32 stack_pointer(const struct trap_frame *regs)
{
    if (trap_from_user(regs) || regs->trap == TRAP_DOUBLE_FAULT)
        return regs->esp;
    return (u32)(uintptr_t)&regs->esp;
}

static void report_registers(const struct trap_frame *regs)
{
    u32 esp = stack_pointer(regs);

    if (regs->trap == REPORT_NO_TRAP) {
        log_err("ebp=%08x esp=%08x eflags=%08x", regs->ebp, esp, regs->eflags);
        return;
    }
    log_err("eax=%08x ebx=%08x ecx=%08x edx=%08x", regs->eax, regs->ebx,
            regs->ecx, regs->edx);
    log_err("esi=%08x edi=%08x ebp=%08x esp=%08x", regs->esi, regs->edi,
            regs->ebp, esp);
    log_err("cs=%04x ss=%04x ds=%04x es=%04x fs=%04x gs=%04x eflags=%08x",
            regs->cs & 0xffff,
            (trap_from_user(regs) ? regs->ss : KERNEL_DS) & 0xffff,
            regs->ds & 0xffff, regs->es & 0xffff, regs->fs & 0xffff,
            regs->gs & 0xffff, regs->eflags);
}

static void report_control_registers(void)
{
    struct control_registers cr;

    arch_control_registers(&cr);
    log_err("cr0=%08x cr2=%08x cr3=%08x cr4=%08x", cr.cr0, cr.cr2, cr.cr3,
            cr.cr4);
}

// The byte at eip stands in <>.
static void report_code(const struct trap_frame *regs)
{
    u32 start = regs->eip - min(regs->eip, CODE_BEFORE);
    u8 byte;
    int used = 0;

    text[0] = '\0';
    for (u32 at = start; at - start < CODE_BYTES; at++) {
        bool here = at == regs->eip;

        if (!read_safely(&byte, at, 1)) {
            if (here)
                used += fmt_print(text + used, sizeof(text) - (size_t)used,
                                  "<unreadable>");
            continue;
        }
        used += fmt_print(text + used, sizeof(text) - (size_t)used,
                          here ? "<%02x> " : "%02x ", byte);
    }
    log_err("code: %s", text);
}

static void report_stack(const struct trap_frame *regs)
{
    u32 esp = stack_pointer(regs) & ~3u;
    u32 words[8];

    if (!read_safely(words, esp, sizeof(words)))
        esp = ALIGN_UP(esp, PAGE_SIZE); // in the guard page
    for (u32 i = 0; i < STACK_WORDS; i += 8, esp += sizeof(words)) {
        if (!read_safely(words, esp, sizeof(words)))
            return;
        log_err("stack %08x: %08x %08x %08x %08x %08x %08x %08x %08x", esp,
                words[0], words[1], words[2], words[3], words[4], words[5],
                words[6], words[7]);
    }
}

struct trace {
    u32 count;
};

static void report_frame(u32 eip, void *arg)
{
    struct trace *trace = arg;

    if (trace->count++ >= FRAMES_MAX)
        return;
    describe_place(text, sizeof(text), eip, 1);
    log_err("  %s", text);
}

void report_calls(u32 eip, u32 ebp)
{
    struct trace trace = {0};

    describe_place(text, sizeof(text), eip, 0);
    log_err("  %s", text);
    arch_backtrace(ebp, report_frame, &trace);
}

static void report_backtrace(const struct trap_frame *regs)
{
    log_err("backtrace:");
    if (!trap_from_user(regs)) {
        report_calls(regs->eip, regs->ebp);
        return;
    }
    describe_place(text, sizeof(text), regs->eip, 0);
    log_err("  user %s", text);
}

void report_state(const struct trap_frame *regs)
{
    describe_place(text, sizeof(text), regs->eip, 0);
    log_err("eip: %s", text);
    log_err("task: pid=%d name=%s%s", current->pid, current->name,
            current->flags & TF_KTHREAD ? " (kernel thread)" : "");
    report_registers(regs);
    report_control_registers();
    report_code(regs);
    report_stack(regs);
    report_backtrace(regs);
}
