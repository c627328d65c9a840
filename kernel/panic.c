// kernel/panic.c - the end: panic, oops, failed assertions
// SPDX-License-Identifier: MIT
//
// From the first line on output is polled. A panic inside a panic prints its
// text only, one inside that nothing. The machine then leaves QEMU
// (command-line word debug_exit), resets (panic=SECONDS, kernel.panic: as on
// Linux 0 is never and less than 0 at once), or stops; if that panics, too, by
// a triple fault. Behind the report the trace's last records are sent and kept
// (kernel/trace_stream.c). The report survives a reset (kernel/crash_log.c),
// which is how a machine without a serial line tells.

#include <kernel/panic.h>

#include <arch/cpu.h>
#include <arch/init.h>
#include <arch/io.h>
#include <arch/trap.h>
#include <base/assert.h>
#include <base/errno.h>
#include <kernel/cmdline.h>
#include <kernel/crash_log.h>
#include <kernel/irq.h>
#include <kernel/process.h>
#include <kernel/reset.h>
#include <kernel/task.h>
#include <kernel/time.h>
#include <kernel/trace_sink.h>
#include <lib/fmt.h>
#include <lib/string.h>
#include <linux/signal.h>

#include "report.h"

#define LOG_NAME "panic"
#include <kernel/log.h>

#define DEBUG_EXIT_PORT   0xf4u // QEMU's isa-debug-exit ...
#define DEBUG_EXIT_PANIC  0x31u // ... makes it exit with 2 * this + 1 = 99
#define COUNTDOWN_SECONDS 10u   // from one message to the next

static u32 panic_depth;

// When to reset; as kernel.panic, if that has been written.
static s32 timeout_s;
static bool timeout_set;

// Return: 0; -EINVAL.
static int parse_timeout(const char *text, s32 *out)
{
    bool negative = *text == '-';
    u64 value;

    if (str_to_u64(text + negative, 10, &value, &text) ||
        (*text && *text != '\n') || value > 0x7fffffff)
        return -EINVAL;
    *out = negative ? -(s32)value : (s32)value;
    return 0;
}

static s32 timeout(void)
{
    char word[16];

    // What the command line says wrongly is as if it said nothing.
    if (!timeout_set && cmdline_get("panic", word, sizeof(word)) &&
        parse_timeout(word, &timeout_s))
        timeout_s = 0;
    timeout_set = true;
    return timeout_s;
}

void panic_timeout_show(const char *name, char *buf, size_t size)
{
    (void)name;
    fmt_print(buf, size, "%d\n", timeout());
}

int panic_timeout_store(const char *name, const char *text)
{
    s32 seconds;

    (void)name;
    if (parse_timeout(text, &seconds))
        return -EINVAL;
    timeout_s = seconds;
    timeout_set = true;
    return 0;
}

// Polled: there are no interrupts any more. By the clock, as delays get longer
// on a virtual machine whose CPU is taken away; and by counting them, should
// the clock have stopped.
static void count_down(u32 seconds)
{
    u64 end = time_ns();

    for (u32 left = seconds; left > 0; left--) {
        end += NSEC_PER_SEC;
        if (left == seconds || left % COUNTDOWN_SECONDS == 0)
            log_err("reset in %u seconds", left);
        for (u32 ms = 0; ms < 1000 && time_ns() < end; ms++)
            time_delay_us(1000);
    }
}

__noreturn static void leave(void)
{
    s32 seconds = timeout();

    // Whoever presses the reset button need not wait for the end of this.
    crash_log_flush();
    if (cmdline_has("debug_exit"))
        outb(DEBUG_EXIT_PORT, DEBUG_EXIT_PANIC);
    if (!seconds) {
        log_err("stopped: reset it by hand");
        cpu_stop();
    }
    if (seconds > 0)
        count_down((u32)seconds);
    machine_reset();
}

// begin - Return: whether there is to be a full report.
static bool begin(void)
{
    irq_disable();
    panic_depth++;
    if (panic_depth > 3) {
        // Leaving panics as well: nothing that could, any more.
        if (timeout())
            arch_reset(ARCH_RESET_TRIPLE, false);
        cpu_stop();
    }
    if (panic_depth > 2)
        leave();
    crash_log_end(CRASH_LOG_PANIC);
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
    if (full) {
        report_state(regs);
        trace_end(TRACE_END_PANIC);
    }
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
