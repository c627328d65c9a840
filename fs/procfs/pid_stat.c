// fs/procfs/pid_stat.c - /proc/PID/stat, statm and status
// SPDX-License-Identifier: MIT
//
// The formats are Linux's, field for field (proc(5)); what this kernel does not
// have is 0. Nothing here sleeps, so that a process found stays.

#include "procfs.h"

#include <drivers/tty.h>
#include <fs/context.h>
#include <fs/fd.h>
#include <kernel/cred.h>
#include <kernel/process.h>
#include <kernel/signal_handlers.h>
#include <kernel/task.h>
#include <kernel/time.h>
#include <lib/div64.h>
#include <linux/resource.h>
#include <mm/mm.h>

#define USER_HZ_NS 10000000u // programs' clock ticks: 100 a second

static u32 ticks(u64 ns)
{
    u64_div(&ns, USER_HZ_NS);
    return (u32)ns;
}

static char state_letter(const struct task *task)
{
    switch (task->state) {
    case TASK_RUNNING: return 'R';
    case TASK_SLEEPING:
        return task->wait_kind == WAIT_INTERRUPTIBLE ? 'S' : 'D';
    case TASK_STOPPED: return 'T';
    case TASK_ZOMBIE: return 'Z';
    }
    return '?';
}

static const char *state_name(const struct task *task)
{
    switch (state_letter(task)) {
    case 'R': return "R (running)";
    case 'S': return "S (sleeping)";
    case 'D': return "D (disk sleep)";
    case 'T': return "T (stopped)";
    default: return "Z (zombie)";
    }
}

static u32 count_threads(const struct task *task)
{
    const struct task *other;
    u32 count = 0;

    for_each_thread (other, task->process)
        count++;
    return count;
}

// As Linux numbers them (its PF_ flags), those that programs know.
static u32 linux_flags(const struct task *task)
{
    static const struct {
        enum task_flag flag;
        u32 bit;
    } flags[] = {
        {TF_EXITING, 0x4},  {TF_MEMALLOC, 0x800},   {TF_NOIO, 0x80000},
        {TF_NOFS, 0x40000}, {TF_KTHREAD, 0x200000},
    };
    u32 bits = task->process->did_exec ? 0 : 0x40; // forked, no exec

    for (u32 i = 0; i < ARRAY_SIZE(flags); i++)
        if (task->flags & flags[i].flag)
            bits |= flags[i].bit;
    return bits;
}

static s32 parent_of(const struct task *task)
{
    const struct task *parent = task->process->parent;

    return parent ? parent->tgid : 0;
}

// Fields 1 to 24.
static void put_process(struct proc_text *text, const struct task *task,
                        bool is_thread)
{
    const struct process *process = task->process;
    const struct task_usage *waited = &process->children_usage;
    const struct mm *mm = task->mm;
    struct task_usage usage;

    if (is_thread)
        usage = task->usage;
    else
        process_usage(process, &usage);
    proc_print(text, "%d (%s) %c %d %d %d %u %d %u ", task->pid, task->name,
               state_letter(task), parent_of(task), process->pgid, process->sid,
               tty_device(task), tty_foreground(task), linux_flags(task));
    proc_print(text, "%u %u %u %u ", usage.min_flt, waited->min_flt,
               usage.maj_flt, waited->maj_flt);
    proc_print(text, "%u %u %u %u ", ticks(usage.user_ns),
               ticks(usage.system_ns), ticks(waited->user_ns),
               ticks(waited->system_ns));
    proc_print(text, "%d %d %u 0 %u ", 20 + task->nice, task->nice,
               count_threads(task), ticks(task->start_ns));
    proc_print(text, "%llu %u ", mm ? (u64)mm->total_pages << PAGE_SHIFT : 0ull,
               mm ? mm_rss(mm) : 0);
}

// Fields 25 to 52.
static void put_memory(struct proc_text *text, const struct task *task)
{
    static const struct mm none;
    const struct mm *mm = task->mm ? task->mm : &none;
    bool may = task_may_look(task);

    proc_print(text, "%u ", task->process->limits[RLIMIT_RSS].soft);
    if (may)
        proc_print(text, "%u %u %u 0 0 ", mm->code_start.v, mm->code_end.v,
                   mm->stack_start.v);
    else
        proc_print(text, "0 0 0 0 0 ");
    proc_print(text, "%u %u %u %u ", (u32)task->pending.set & 0x7fffffff,
               (u32)task->sig_blocked & 0x7fffffff,
               (u32)signal_ignored_set(task) & 0x7fffffff,
               (u32)signal_caught_set(task) & 0x7fffffff);
    proc_print(text, "%u 0 0 %u 0 0 0 0 0 0 ", task->state != TASK_RUNNING,
               task->process->exit_signal);
    if (may)
        proc_print(text, "%u %u %u %u %u %u %u %u\n", mm->data_start.v,
                   mm->data_end.v, mm->brk_start.v, mm->arg_start.v,
                   mm->arg_end.v, mm->env_start.v, mm->env_end.v,
                   task->process->exit_code);
    else
        proc_print(text, "0 0 0 0 0 0 0 0\n");
}

int proc_show_stat(struct proc_text *text, const struct proc_ref *ref)
{
    const struct task *task = proc_task(ref);

    if (!task)
        return -ESRCH;
    put_process(text, task, ref->is_thread);
    put_memory(text, task);
    return 0;
}

// The program's own text; at most what there is of executable areas.
static u32 text_pages(const struct mm *mm)
{
    u32 pages = (ALIGN_UP(mm->code_end.v, PAGE_SIZE) -
                 ALIGN_DOWN(mm->code_start.v, PAGE_SIZE)) >>
                PAGE_SHIFT;

    return min(pages, mm->exec_pages);
}

int proc_show_statm(struct proc_text *text, const struct proc_ref *ref)
{
    static const struct mm none;
    const struct task *task = proc_task(ref);
    const struct mm *mm;

    if (!task)
        return -ESRCH;
    mm = task->mm ? task->mm : &none;
    proc_print(text, "%u %u %u %u 0 %u 0\n", mm->total_pages, mm_rss(mm),
               mm->file_pages + mm->shmem_pages, text_pages(mm),
               mm->data_pages + mm->stack_pages);
    return 0;
}

static void put_vm(struct proc_text *text, const struct mm *mm)
{
    const struct {
        const char *name;
        u32 pages;
    } lines[] = {
        {"VmPeak", mm->peak_pages},
        {"VmSize", mm->total_pages},
        {"VmLck", mm->locked_pages},
        {"VmPin", 0},
        {"VmHWM", mm->peak_rss},
        {"VmRSS", mm_rss(mm)},
        {"RssAnon", mm->anon_pages},
        {"RssFile", mm->file_pages},
        {"RssShmem", mm->shmem_pages},
        {"VmData", mm->data_pages},
        {"VmStk", mm->stack_pages},
        {"VmExe", text_pages(mm)},
        {"VmLib", mm->exec_pages - text_pages(mm)},
        {"VmPTE", mm->pmap.table_pages},
        {"VmSwap", mm->swap_entries},
        {"HugetlbPages", 0},
    };

    for (u32 i = 0; i < ARRAY_SIZE(lines); i++)
        proc_print(text, "%s:\t%8u kB\n", lines[i].name,
                   lines[i].pages * (PAGE_SIZE / KIB));
}

static void put_ids(struct proc_text *text, const struct task *task)
{
    const struct cred *cred = task->cred;
    u32 count = cred->groups ? cred->groups->count : 0, i;

    proc_print(text, "Uid:\t%u\t%u\t%u\t%u\n", cred->uid, cred->euid,
               cred->suid, cred->fsuid);
    proc_print(text, "Gid:\t%u\t%u\t%u\t%u\n", cred->gid, cred->egid,
               cred->sgid, cred->fsgid);
    proc_print(text, "FDSize:\t%u\n",
               task->files ? files_table_size(task->files) : 0);
    proc_print(text, "Groups:\t");
    for (i = 0; i < count; i++)
        proc_print(text, "%u ", cred->groups->gids[i]);
    proc_print(text, count ? "\n" : " \n"); // as Linux writes it
}

static void put_rights(struct proc_text *text, const struct task *task)
{
    const struct cred *cred = task->cred;

    proc_print(text, "CapInh:\t%016llx\nCapPrm:\t%016llx\n", cred->inheritable,
               cred->permitted);
    proc_print(text, "CapEff:\t%016llx\nCapBnd:\t%016llx\n", cred->effective,
               cred->bounding);
    proc_print(text, "CapAmb:\t%016llx\nNoNewPrivs:\t%u\n", cred->ambient,
               task->no_new_privs);
}

// There is one CPU and one node of memory.
static void put_cpus(struct proc_text *text)
{
    proc_print(text, "Cpus_allowed:\t1\nCpus_allowed_list:\t0\n"
                     "Mems_allowed:\t1\nMems_allowed_list:\t0\n");
}

int proc_show_status(struct proc_text *text, const struct proc_ref *ref)
{
    const struct task *task = proc_task(ref);

    if (!task)
        return -ESRCH;
    proc_print(text, "Name:\t%s\nUmask:\t%04o\n", task->name,
               fs_context_umask(task->fs));
    proc_print(text, "State:\t%s\nTgid:\t%d\nNgid:\t0\nPid:\t%d\n",
               state_name(task), task->tgid, task->pid);
    proc_print(text, "PPid:\t%d\nTracerPid:\t0\n", parent_of(task));
    put_ids(text, task);
    proc_print(text, "NStgid:\t%d\nNSpid:\t%d\nNSpgid:\t%d\nNSsid:\t%d\n",
               task->tgid, task->pid, task->process->pgid, task->process->sid);
    if (task->mm)
        put_vm(text, task->mm);
    if (task->mm)
        proc_print(text, "CoreDumping:\t0\nTHP_enabled:\t0\n");
    proc_print(text, "Threads:\t%u\n", count_threads(task));
    proc_print(text, "SigQ:\t%u/%u\n", task->process->signals_queued,
               task->process->limits[RLIMIT_SIGPENDING].soft);
    proc_print(text, "SigPnd:\t%016llx\nShdPnd:\t%016llx\nSigBlk:\t%016llx\n",
               task->pending.set, task->process->pending.set,
               task->sig_blocked);
    proc_print(text, "SigIgn:\t%016llx\nSigCgt:\t%016llx\n",
               signal_ignored_set(task), signal_caught_set(task));
    put_rights(text, task);
    put_cpus(text);
    proc_print(text,
               "voluntary_ctxt_switches:\t%u\n"
               "nonvoluntary_ctxt_switches:\t%u\n",
               task->usage.switches, task->usage.preemptions);
    return 0;
}
