// kernel/panic.c - the end: panic, oops, failed assertions
// SPDX-License-Identifier: MIT
//
// From the first line on output is polled. A panic inside a panic prints its
// text only; one inside that stops. The machine then leaves QEMU (command-line
// word debug_exit), resets (panic=SECONDS), or stops.

#include <kernel/panic.h>

#include <arch/cpu.h>
#include <arch/init.h>
#include <arch/io.h>
#include <arch/trap.h>
#include <base/assert.h>
#include <kernel/cmdline.h>
#include <kernel/irq.h>
#include <kernel/process.h>
#include <kernel/task.h>
#include <kernel/time.h>
#include <lib/fmt.h>
#include <lib/string.h>
#include <linux/signal.h>

#include "report.h"

#define LOG_NAME "panic"
#include <kernel/log.h>

#define DEBUG_EXIT_PORT   0xf4u // QEMU's isa-debug-exit ...
#define DEBUG_EXIT_PANIC  0x31u // ... makes it exit with 2 * this + 1 = 99
#define RESET_SECONDS_MAX 3600u

static u32 panic_depth;

__noreturn static void leave(void)
{
    char word[16];
    u64 seconds;

    if (cmdline_has("debug_exit"))
        outb(DEBUG_EXIT_PORT, DEBUG_EXIT_PANIC);
    if (cmdline_get("panic", word, sizeof(word)) &&
        str_to_u64(word, 10, &seconds, NULL) == 0 && seconds > 0 &&
        seconds <= RESET_SECONDS_MAX) {
        log_err("reset in %u seconds", (u32)seconds);
        for (u32 ms = 0; ms < (u32)seconds * 1000; ms++)
            time_delay_us(1000);
        arch_reset();
    }
    cpu_stop();
}

// begin - Return: whether there is to be a full report.
static bool begin(void)
{
    irq_disable();
    panic_depth++;
    if (panic_depth > 2)
        leave();
    log_sync_begin();
    return panic_depth == 1;
}

static void say(const char *format, va_list args)
{
    char text[256];

    fmt_vprint(text, sizeof(text), format, args);
    log_write(LOG_EMERG, LOG_NAME, "kernel panic: %s", text);
}

// The registers of whoever called panic, as far as they are known: @ebp is
// panic's own, eip becomes the last byte of the call, which is in the caller's
// code even when nothing follows the call.
static struct trap_frame caller_registers(u32 ebp, u32 return_address)
{
    return (struct trap_frame){
        .ebp = *(u32 *)(uintptr_t)ebp,
        .eip = return_address - 1,
        .cs = KERNEL_CS,
        .eflags = cpu_flags(),
        .trap = REPORT_NO_TRAP,
    };
}

__noreturn static void end(struct trap_frame *regs, const char *format,
                           va_list args)
{
    bool full = begin();

    say(format, args);
    if (full)
        report_state(regs);
    leave();
}

void panic(const char *format, ...)
{
    struct trap_frame regs =
        caller_registers((u32)(uintptr_t)__builtin_frame_address(0),
                         (u32)(uintptr_t)__builtin_return_address(0));
    va_list args;

    va_start(args, format);
    end(&regs, format, args);
}

void panic_regs(struct trap_frame *regs, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    end(regs, format, args);
}

void assert_failed(const char *expr, const char *file, int line,
                   const char *func)
{
    panic("BUG: assertion failed: %s at %s:%d in %s", expr, file, line, func);
}

// can_kill - whether the system can go on without the current task: it holds
// nothing that others wait for.
static bool can_kill(const struct trap_frame *regs)
{
    return !irq_context() && (regs->eflags & EFLAGS_IF) &&
           !(current->flags & (TF_KTHREAD | TF_EXITING)) &&
           current != init_task && !current->held && current->kmap_depth == 0;
}

void oops(struct trap_frame *regs, const char *what, u32 fault_address)
{
    if (panic_depth) // a fault in the report itself
        panic("%s at %08x while reporting", what, regs->eip);
    log_sync_begin();
    log_write(LOG_EMERG, "oops", "BUG: %s", what);
    report_exception(regs, fault_address);
    if (!can_kill(regs))
        panic_regs(regs, "%s", what);
    report_state(regs);
    log_sync_end();
    current->faults_disabled = 0;
    task_exit(wait_status_signal(SIGSEGV));
}
