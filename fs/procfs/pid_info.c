// fs/procfs/pid_info.c - /proc/PID/limits, io, auxv, syscall, wchan and kin
// SPDX-License-Identifier: MIT
//
// The formats are Linux's (proc(5)).

#include "procfs.h"

#include <kernel/cred.h>
#include <kernel/process.h>
#include <kernel/sched.h>
#include <kernel/symbols.h>
#include <kernel/task.h>
#include <kernel/task_calls.h>
#include <lib/fmt.h>
#include <lib/string.h>
#include <linux/resource.h>
#include <mm/mm.h>

#include "pid_mem.h"

// ---- limits ----------------------------------------------------------------

static void put_limit(struct proc_text *text, u32 value)
{
    if (value == TASK_LIMIT_INFINITY)
        proc_print(text, "%-20s ", "unlimited");
    else
        proc_print(text, "%-20u ", value);
}

int proc_show_limits(struct proc_text *text, const struct proc_ref *ref)
{
    static const struct {
        u32 number;
        const char *name, *unit;
    } limits[] = {
        {RLIMIT_CPU, "Max cpu time", "seconds"},
        {RLIMIT_FSIZE, "Max file size", "bytes"},
        {RLIMIT_DATA, "Max data size", "bytes"},
        {RLIMIT_STACK, "Max stack size", "bytes"},
        {RLIMIT_CORE, "Max core file size", "bytes"},
        {RLIMIT_RSS, "Max resident set", "bytes"},
        {RLIMIT_NPROC, "Max processes", "processes"},
        {RLIMIT_NOFILE, "Max open files", "files"},
        {RLIMIT_MEMLOCK, "Max locked memory", "bytes"},
        {RLIMIT_AS, "Max address space", "bytes"},
        {RLIMIT_LOCKS, "Max file locks", "locks"},
        {RLIMIT_SIGPENDING, "Max pending signals", "signals"},
        {RLIMIT_MSGQUEUE, "Max msgqueue size", "bytes"},
        {RLIMIT_NICE, "Max nice priority", ""},
        {RLIMIT_RTPRIO, "Max realtime priority", ""},
        {RLIMIT_RTTIME, "Max realtime timeout", "us"},
    };
    const struct task *task = proc_task(ref);

    static_assert(ARRAY_SIZE(limits) == RLIM_NLIMITS, "asm/resource.h");
    if (!task)
        return -ESRCH;
    proc_print(text, "%-25s %-20s %-20s %-10s\n", "Limit", "Soft Limit",
               "Hard Limit", "Units");
    for (u32 i = 0; i < ARRAY_SIZE(limits); i++) {
        proc_print(text, "%-25s ", limits[i].name);
        put_limit(text, task->process->limits[limits[i].number].soft);
        put_limit(text, task->process->limits[limits[i].number].hard);
        proc_print(text, "%-10s\n", limits[i].unit);
    }
    return 0;
}

// ---- io --------------------------------------------------------------------

int proc_show_io(struct proc_text *text, const struct proc_ref *ref)
{
    int rc = proc_may_look(ref);
    struct task_usage usage;
    const struct task *task;
    const struct task_io *io = &usage.io;

    if (rc)
        return rc;
    task = proc_task(ref);
    usage = task->usage;
    if (!ref->is_thread) { // those it has waited for are included, as on Linux
        process_usage(task->process, &usage);
        usage_add(&usage, &task->process->children_usage);
    }
    proc_print(text,
               "rchar: %llu\nwchar: %llu\nsyscr: %llu\nsyscw: %llu\n"
               "read_bytes: %llu\nwrite_bytes: %llu\n"
               "cancelled_write_bytes: 0\n",
               io->read_chars, io->written_chars, io->reads, io->writes,
               io->disk_read_bytes, io->disk_written_bytes);
    return 0;
}

// ---- where it is -----------------------------------------------------------

int proc_show_wchan(struct proc_text *text, const struct proc_ref *ref)
{
    int rc = proc_may_look(ref);
    const char *name = NULL;

    if (rc == -ESRCH)
        return rc;
    if (!rc)
        name = task_waits_in(proc_task(ref));
    proc_print(text, "%s", name ? name : "0");
    return 0;
}

static void put_call(u32 address, void *arg)
{
    u32 offset = 0;
    const char *name = symbol_find(address, &offset);

    proc_print(arg, "[<0>] %s+0x%x\n", name ? name : "?", offset);
}

int proc_show_stack(struct proc_text *text, const struct proc_ref *ref)
{
    const struct task *task = proc_task(ref);

    if (!task)
        return -ESRCH;
    if (!capable(CAP_SYS_ADMIN))
        return -EACCES;
    task_calls(task, put_call, text);
    return 0;
}

// The call that it is in, with arguments, stack and instruction pointer.
int proc_show_syscall(struct proc_text *text, const struct proc_ref *ref)
{
    int rc = proc_may_look(ref);
    const struct trap_frame *regs;
    const struct task *task;

    if (rc)
        return rc;
    task = proc_task(ref);
    if (task->state == TASK_RUNNING && task != current) {
        proc_print(text, "running\n");
        return 0;
    }
    if (!task->mm) { // a kernel thread, or a zombie
        proc_print(text, "0 0x0 0x0 0x0 0x0 0x0 0x0 0x0 0x0\n");
        return 0;
    }
    regs = thread_user_frame(&task->thread);
    if (regs->trap == SYSCALL_VECTOR)
        proc_print(text, "%d 0x%x 0x%x 0x%x 0x%x 0x%x 0x%x", regs->error,
                   regs->ebx, regs->ecx, regs->edx, regs->esi, regs->edi,
                   regs->ebp);
    else
        proc_print(text, "-1");
    proc_print(text, " 0x%x 0x%x\n", regs->esp, regs->eip);
    return 0;
}

// ---- small ones ------------------------------------------------------------

int proc_show_personality(struct proc_text *text, const struct proc_ref *ref)
{
    int rc = proc_may_look(ref);

    if (!rc)
        proc_print(text, "%08x\n", proc_task(ref)->personality);
    return rc;
}

// Time it ran and time it waited for the CPU, in ns, and how often it ran. The
// second is not measured.
int proc_show_schedstat(struct proc_text *text, const struct proc_ref *ref)
{
    const struct task *task = proc_task(ref);

    if (!task)
        return -ESRCH;
    proc_print(text, "%llu 0 %u\n", task->usage.user_ns + task->usage.system_ns,
               task->usage.switches + task->usage.preemptions);
    return 0;
}

// loginuid and sessionid: nobody keeps such books, so neither is set.
int proc_show_unset(struct proc_text *text, const struct proc_ref *ref)
{
    if (!proc_task(ref))
        return -ESRCH;
    proc_print(text, "%u", ~0u);
    return 0;
}
