// kernel/sysrq.c - keys for a machine that answers to nothing else
// SPDX-License-Identifier: MIT
//
// Keys, their names in the help line and the bits of kernel.sysrq are Linux's.
// Those for what is not here are left out: there are no real-time tasks to make
// nice, no frozen file systems, no raw keyboard.
//
// Most is done at once, in the interrupt that brought the key: that works as
// long as interrupts do. Sync, remount, the OOM killer and the restart by
// Ctrl+Alt+Del sleep, and are for ksysrqd, which exists from boot on since
// there may be no memory for it later. Output goes the log's usual way; only
// the panic of `c` is polled.
//
// Locking: `due` is changed with interrupts off.

#include <kernel/sysrq.h>

#include <arch/trap.h>
#include <base/bits.h>
#include <base/errno.h>
#include <fs/inode.h>
#include <fs/sync.h>
#include <kernel/dispatch.h>
#include <kernel/irq.h>
#include <kernel/panic.h>
#include <kernel/process.h>
#include <kernel/signal.h>
#include <kernel/system.h>
#include <kernel/wait.h>
#include <lib/fmt.h>
#include <lib/string.h>
#include <linux/signal.h>
#include <mm/oom.h>

#include "report.h"
#include "signal_internal.h"

#define LOG_NAME "sysrq"
#include <kernel/log.h>

// What a bit of kernel.sysrq allows: admin-guide/sysrq.rst.
enum sysrq_kind {
    SYSRQ_ALWAYS = 1,
    SYSRQ_LOG = 2,
    SYSRQ_DUMP = 8,
    SYSRQ_SYNC = 16,
    SYSRQ_REMOUNT = 32,
    SYSRQ_SIGNAL = 64,
    SYSRQ_BOOT = 128,
};

enum sysrq_work { // ksysrqd's
    WORK_SYNC = 1,
    WORK_REMOUNT = 2,
    WORK_OOM = 4,
    WORK_RESTART = 8,
};

static u32 allowed = SYSRQ_ALWAYS;
static u32 due; // enum sysrq_work
static WAIT_QUEUE(due_queue);

// ---- what sleeps -----------------------------------------------------------

static void ask_thread(enum sysrq_work work)
{
    u32 flags = irq_save();

    due |= (u32)work;
    irq_restore(flags);
    wake_up(&due_queue);
}

static u32 take_due(void)
{
    u32 flags = irq_save();
    u32 work = due;

    due = 0;
    irq_restore(flags);
    return work;
}

static void ksysrqd(void *unused)
{
    (void)unused;
    for (;;) {
        u32 work;

        // Interruptible, so that its sleep is nobody's load.
        (void)wait_event_interruptible(&due_queue, READ_ONCE(due) != 0);
        work = take_due();
        if (work & WORK_OOM)
            oom_kill_by_hand();
        if (work & WORK_SYNC) {
            fs_sync_all();
            log_info("Emergency Sync complete");
        }
        if (work & WORK_REMOUNT) {
            super_shutdown_all();
            log_info("Emergency Remount complete");
        }
        if (work & WORK_RESTART)
            system_restart();
    }
}

void sysrq_restart(void)
{
    ask_thread(WORK_RESTART);
}

void sysrq_init(void)
{
    if (!kthread_start(ksysrqd, NULL, "ksysrqd"))
        panic("no memory for ksysrqd");
}

static void do_sync(u8 key __unused)
{
    ask_thread(WORK_SYNC);
}

static void do_remount(u8 key __unused)
{
    ask_thread(WORK_REMOUNT);
}

static void do_oom(u8 key __unused)
{
    ask_thread(WORK_OOM);
}

// ---- what does not ---------------------------------------------------------

static void do_reboot(u8 key __unused)
{
    system_reset();
}

static void do_power_off(u8 key __unused)
{
    system_power_off();
}

static void do_crash(u8 key __unused)
{
    panic("sysrq triggered crash");
}

static void do_level(u8 key)
{
    u32 level = key - '0'; // Linux's: the first that is not shown

    log_set_console_level(level ? level - 1 : 0);
}

// To all programs but process 1. A fork that is under way has its child get it
// too.
static void signal_all(int signal)
{
    u32 flags = irq_save();
    struct process *process;

    for_each_process (process) {
        if ((process->leader->flags & TF_KTHREAD) ||
            process == init_task->process)
            continue;
        signal_send_process_simple(process, signal);
        signal_fork_note(process, signal);
    }
    irq_restore(flags);
}

static void do_terminate(u8 key __unused)
{
    signal_all(SIGTERM);
}

static void do_kill(u8 key __unused)
{
    signal_all(SIGKILL);
}

static void do_memory(u8 key __unused)
{
    oom_report_memory();
}

// Of what was interrupted; a program that asks itself: the way here.
static __noinline void do_registers(u8 key __unused)
{
    if (irq_context()) {
        report_state(irq_interrupted());
        return;
    }
    log_err("task: pid=%d name=%s", current->pid, current->name);
    report_calls((u32)(uintptr_t)__builtin_return_address(0),
                 *(u32 *)__builtin_frame_address(0));
}

static void do_tasks(u8 key __unused)
{
    const struct task *task;

    list_for_each_entry (task, &task_list, all_link)
        report_task(task);
    log_info("end of tasks");
}

static void do_blocked(u8 key __unused)
{
    const struct task *task;

    list_for_each_entry (task, &task_list, all_link)
        if (task->state == TASK_SLEEPING &&
            task->wait_kind == WAIT_UNINTERRUPTIBLE)
            report_task(task);
}

// ---- keys ------------------------------------------------------------------

static void do_help(u8 key);

// clang-format off
static const struct sysrq_op {
    char first, last; // keys
    enum sysrq_kind kind;
    const char *help; // NULL: not listed
    const char *action;
    void (*run)(u8 key);
} ops[] = {
    {'0', '9', SYSRQ_LOG, "loglevel(0-9)", "Changing Loglevel", do_level},
    {'b', 'b', SYSRQ_BOOT, "reboot(b)", "Resetting", do_reboot},
    {'c', 'c', SYSRQ_DUMP, "crash(c)", "Trigger a crash", do_crash},
    {'e', 'e', SYSRQ_SIGNAL, "terminate-all-tasks(e)", "Terminate All Tasks",
     do_terminate},
    {'f', 'f', SYSRQ_SIGNAL, "memory-full-oom-kill(f)",
     "Manual OOM execution", do_oom},
    {'h', 'h', SYSRQ_ALWAYS, NULL, NULL, do_help},
    {'i', 'i', SYSRQ_SIGNAL, "kill-all-tasks(i)", "Kill All Tasks", do_kill},
    {'l', 'l', SYSRQ_DUMP, "show-backtrace-all-active-cpus(l)",
     "Show backtrace of all active CPUs", do_registers},
    {'m', 'm', SYSRQ_DUMP, "show-memory-usage(m)", "Show Memory", do_memory},
    {'o', 'o', SYSRQ_BOOT, "poweroff(o)", "Power Off", do_power_off},
    {'p', 'p', SYSRQ_DUMP, "show-registers(p)", "Show Regs", do_registers},
    {'s', 's', SYSRQ_SYNC, "sync(s)", "Emergency Sync", do_sync},
    {'t', 't', SYSRQ_DUMP, "show-task-states(t)", "Show State", do_tasks},
    {'u', 'u', SYSRQ_REMOUNT, "unmount(u)", "Emergency Remount R/O",
     do_remount},
    {'w', 'w', SYSRQ_DUMP, "show-blocked-tasks(w)", "Show Blocked State",
     do_blocked},
};
// clang-format on

static void do_help(u8 key __unused)
{
    char text[400];
    int used = 0;

    text[0] = '\0';
    for (u32 i = 0; i < ARRAY_SIZE(ops); i++)
        if (ops[i].help && (size_t)used < sizeof(text))
            used += fmt_print(text + used, sizeof(text) - (size_t)used, " %s",
                              ops[i].help);
    log_info("HELP :%s", text);
}

static const struct sysrq_op *find_op(u8 key)
{
    for (u32 i = 0; i < ARRAY_SIZE(ops); i++)
        if (key >= (u8)ops[i].first && key <= (u8)ops[i].last)
            return &ops[i];
    return NULL;
}

static bool is_allowed(const struct sysrq_op *op)
{
    return allowed == SYSRQ_ALWAYS || op->kind == SYSRQ_ALWAYS ||
           (allowed & (u32)op->kind);
}

// Whoever pressed the key sees that it came, whatever the console's level.
static void run(u8 key, bool may_all)
{
    const struct sysrq_op *op = find_op(key);
    u32 level = log_console_level();

    log_set_console_level(LOG_DEBUG);
    if (!op)
        do_help(key);
    else if (!may_all && !is_allowed(op))
        log_info("This sysrq operation is disabled.");
    else if (op->action)
        log_info("%s", op->action);
    log_set_console_level(level);
    if (op && (may_all || is_allowed(op)))
        op->run(key);
}

void sysrq_key(u8 key)
{
    if (allowed)
        run(key, false);
}

void sysrq_trigger(u8 key)
{
    run(key, true);
}

// ---- /proc -----------------------------------------------------------------

void sysrq_setting_show(const char *name __unused, char *buf, size_t size)
{
    fmt_print(buf, size, "%u\n", allowed);
}

int sysrq_setting_store(const char *name __unused, const char *text)
{
    u64 value;

    if (str_to_u64(text, 10, &value, &text) || (*text && *text != '\n') ||
        value > 0x7fffffffu)
        return -EINVAL;
    allowed = (u32)value;
    return 0;
}

int sysrq_trigger_store(const char *name __unused, const char *text)
{
    if (*text)
        sysrq_trigger((u8)*text);
    return 0;
}
