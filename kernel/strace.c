// kernel/strace.c - the system calls of chosen tasks, in the log
// SPDX-License-Identifier: MIT
//
// A task that is followed has TF_STRACE, which syscall.c looks at; while there
// is none, SYSENTER does not come by there. Arguments are printed before the
// call (of execve they are gone afterwards, of exit there is no afterwards),
// from the first on that the call is to write, after it.
//
// Reading a program's memory for this may bring pages in, and so may change
// what the call itself would have found.

#include <kernel/strace.h>

#include <arch/trap.h>
#include <asm/unistd.h>
#include <base/errno.h>
#include <kernel/cmdline.h>
#include <kernel/process.h>
#include <kernel/signal.h>
#include <kernel/syscall.h>
#include <kernel/task.h>
#include <kernel/time.h>
#include <lib/div64.h>
#include <lib/fmt.h>
#include <lib/string.h>

#include "strace_internal.h"

#define LOG_NAME "strace"
#include <kernel/log.h>

#define ERROR_LAST    4095u
#define POINTER_FIRST 0x1000000u // results from here on look like addresses
#define SIG_DEFAULT   0u
#define RULE_OFF      "off"
#define RULE_ALL      "all"

static char rule[TASK_NAME_BYTES] = RULE_OFF;

void strace_put(struct strace_call *trace, const char *format, ...)
{
    u32 room = STRACE_TEXT_BYTES - trace->used;
    va_list args;
    int length;

    va_start(args, format);
    length = fmt_vprint(trace->text + trace->used, room, format, args);
    va_end(args);
    trace->used += min((u32)max(length, 0), room - 1);
}

// ---- who is followed --------------------------------------------------------

static bool is_chosen(const struct task *task)
{
    return strcmp(rule, RULE_ALL) == 0 || strcmp(rule, task->name) == 0;
}

void strace_exec(void)
{
    if (strcmp(rule, RULE_OFF) != 0 && is_chosen(current))
        current->flags |= TF_STRACE;
}

// Return: how many threads there are.
static u32 follow_process(s32 pid)
{
    struct task *task;
    u32 count = 0;

    list_for_each_entry (task, &task_list, all_link) {
        if (task->tgid != pid || (task->flags & TF_KTHREAD))
            continue;
        task->flags |= TF_STRACE;
        count++;
    }
    if (count)
        syscall_watch(SYSCALL_STRACE, true);
    return count;
}

static void follow_chosen(void)
{
    bool off = strcmp(rule, RULE_OFF) == 0;
    struct task *task;

    syscall_watch(SYSCALL_STRACE, !off);
    list_for_each_entry (task, &task_list, all_link) {
        if (off)
            task->flags &= ~(u32)TF_STRACE;
        else if (!(task->flags & TF_KTHREAD) && is_chosen(task))
            task->flags |= TF_STRACE;
    }
}

int strace_set(const char *text)
{
    u32 length = 0;
    const char *end;
    u64 pid;

    while (text[length] && text[length] != '\n')
        length++;
    if (length == 0 || length >= sizeof(rule))
        return -EINVAL;
    if (str_to_u64(text, 10, &pid, &end) == 0 && (*end == '\0' || *end == '\n'))
        return pid <= 0x7fffffff && follow_process((s32)pid) ? 0 : -ESRCH;
    memcpy(rule, text, length);
    rule[length] = '\0';
    follow_chosen();
    return 0;
}

void strace_show(char *buf, size_t size)
{
    fmt_print(buf, size, "%s\n", rule);
}

void strace_init(void)
{
    char word[sizeof(rule)];

    if (!cmdline_get("strace", word, sizeof(word)))
        return;
    if (strace_set(strcmp(word, "1") == 0 ? RULE_ALL : word))
        log_warn("strace=%s: no such rule", word);
}

// ---- what is said of them ---------------------------------------------------

void strace_enter(struct strace_call *trace, const struct trap_frame *regs,
                  const char *kinds)
{
    trace->number = regs->eax;
    trace->kinds = kinds;
    trace->next = trace->used = 0;
    trace->args[0] = regs->ebx;
    trace->args[1] = regs->ecx;
    trace->args[2] = regs->edx;
    trace->args[3] = regs->esi;
    trace->args[4] = regs->edi;
    trace->args[5] = regs->ebp;
    strace_put(trace, "%s(", strace_call_name(trace->number));
    if (strcmp(strace_call_name(trace->number), "?") == 0)
        strace_put(trace, "%u: ", trace->number);
    strace_put_arguments(trace, NULL);
    if (trace->number == __NR_exit || trace->number == __NR_exit_group)
        log_info("pid=%d %s)", current->pid, trace->text);
    trace->began_ns = time_ns();
}

static void put_result(struct strace_call *trace, s32 result)
{
    const char *error = strace_error_name((u32)-result);

    if ((u32)result < 0u - ERROR_LAST)
        strace_put(trace, (u32)result >= POINTER_FIRST ? ") = %#x" : ") = %d",
                   (u32)result);
    else if (result <= -TRAP_RESTART_FIRST && result >= -TRAP_RESTART_LAST)
        strace_put(trace, ") = ? a signal first");
    else if (error)
        strace_put(trace, ") = -1 %s", error);
    else
        strace_put(trace, ") = -1 error %d", -result);
}

void strace_leave(struct strace_call *trace, s32 result)
{
    u64 micros = time_ns() - trace->began_ns;

    u64_div(&micros, NSEC_PER_USEC);
    strace_put_arguments(trace, &result);
    put_result(trace, result);
    log_info("pid=%d %s %u us", current->pid, trace->text, (u32)micros);
}

void strace_signal(const struct signal_info *info, u32 handler)
{
    struct strace_call trace = {.used = 0};

    strace_put_signal(&trace, (u32)info->signal);
    if (handler == SIG_DEFAULT)
        strace_put(&trace, " default");
    else
        strace_put(&trace, " handler=%#x", handler);
    log_info("pid=%d signal %s code=%d pid=%d address=%#x", current->pid,
             trace.text, info->code, info->pid, info->addr);
}
