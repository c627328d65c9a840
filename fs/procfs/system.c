// fs/procfs/system.c - what else is known of the system
// SPDX-License-Identifier: MIT

#include "procfs.h"

#include <arch/cpu.h>
#include <kernel/cmdline.h>
#include <kernel/cpuinfo.h>
#include <kernel/irq.h>
#include <kernel/sched.h>
#include <kernel/system.h>
#include <kernel/time.h>
#include <lib/div64.h>
#include <linux/utsname.h>

#define USER_HZ_NS 10000000u

static u32 ticks(u64 ns)
{
    u64_div(&ns, USER_HZ_NS);
    return (u32)ns;
}

static void put_seconds(struct proc_text *text, u64 ns, const char *end)
{
    u32 rest = u64_div(&ns, NSEC_PER_SEC);

    proc_print(text, "%llu.%02u%s", ns, rest / USER_HZ_NS, end);
}

int proc_show_uptime(struct proc_text *text, const struct proc_ref *ref)
{
    struct cpu_times times;

    (void)ref;
    sched_cpu_times(&times);
    put_seconds(text, time_ns(), " ");
    put_seconds(text, times.idle_ns, "\n");
    return 0;
}

static u32 count_tasks(void)
{
    const struct task *task;
    u32 count = 0;

    list_for_each_entry (task, &task_list, all_link)
        count++;
    return count;
}

int proc_show_loadavg(struct proc_text *text, const struct proc_ref *ref)
{
    u32 load[3], i;

    (void)ref;
    sched_load(load);
    for (i = 0; i < 3; i++)
        proc_print(text, "%u.%02u ", load[i] >> 16,
                   ((load[i] & 0xffff) * 100) >> 16);
    proc_print(text, "%u/%u %d\n", sched_runnable(), count_tasks(),
               task_last_pid);
    return 0;
}

// ---- stat and interrupts ---------------------------------------------------

#define NAMES_BYTES 128u

// All, then each by its number.
static void put_irq_counts(struct proc_text *text)
{
    char names[NAMES_BYTES];
    u32 count;
    u64 sum = 0;

    for (u32 irq = 0; irq < irq_lines(); irq++)
        if (irq_info(irq, &count, names, sizeof(names)))
            sum += count;
    proc_print(text, "intr %llu", sum);
    for (u32 irq = 0; irq < irq_lines(); irq++) {
        if (!irq_info(irq, &count, names, sizeof(names)))
            count = 0;
        proc_print(text, " %u", count);
    }
    proc_print(text, "\n");
}

int proc_show_interrupts(struct proc_text *text, const struct proc_ref *ref)
{
    char names[NAMES_BYTES];
    u32 count;

    (void)ref;
    proc_print(text, "           CPU0       \n");
    for (u32 irq = 0; irq < irq_lines(); irq++)
        if (irq_info(irq, &count, names, sizeof(names)))
            proc_print(text, "%3u: %10u   %7s      %s\n", irq, count,
                       irq_controller(irq), names);
    proc_print(text, "ERR: %10u\n", irq_spurious());
    return 0;
}

int proc_show_system_stat(struct proc_text *text, const struct proc_ref *ref)
{
    static const char *const names[] = {"cpu ", "cpu0"};
    struct cpu_times times;
    u64 now = time_ns(), boot = time_wall_ns() - now;
    u32 i;

    (void)ref;
    sched_cpu_times(&times);
    for (i = 0; i < ARRAY_SIZE(names); i++)
        proc_print(text, "%s %u %u %u %u %u 0 0 0 0 0\n", names[i],
                   ticks(times.user_ns), ticks(times.nice_ns),
                   ticks(times.system_ns), ticks(times.idle_ns),
                   ticks(times.iowait_ns));
    put_irq_counts(text);
    u64_div(&boot, NSEC_PER_SEC);
    proc_print(text, "ctxt %llu\nbtime %llu\n", times.switches, boot);
    proc_print(text, "processes %u\nprocs_running %u\nprocs_blocked %u\n",
               tasks_made, sched_runnable(), tasks_in_io);
    proc_print(text, "softirq 0 0 0 0 0 0 0 0 0 0 0\n"); // there are none
    return 0;
}

int proc_show_version(struct proc_text *text, const struct proc_ref *ref)
{
    const struct new_utsname *name = system_name();

    (void)ref;
    proc_print(text, "%s version %s %s\n", name->sysname, name->release,
               name->version);
    return 0;
}

int proc_show_kernel_cmdline(struct proc_text *text, const struct proc_ref *ref)
{
    (void)ref;
    proc_print(text, "%s\n", cmdline_text());
    return 0;
}

// ---- cpuinfo ---------------------------------------------------------------

int proc_show_cpuinfo(struct proc_text *text, const struct proc_ref *ref)
{
    static const struct {
        enum cpu_feature feature;
        const char *name;
    } flags[] = {
        {CPU_FPU, "fpu"},   {CPU_PSE, "pse"},   {CPU_TSC, "tsc"},
        {CPU_MSR, "msr"},   {CPU_PAE, "pae"},   {CPU_APIC, "apic"},
        {CPU_PGE, "pge"},   {CPU_PAT, "pat"},   {CPU_CMOV, "cmov"},
        {CPU_FXSR, "fxsr"}, {CPU_SSE, "sse"},   {CPU_SSE2, "sse2"},
        {CPU_NX, "nx"},     {CPU_SMEP, "smep"}, {CPU_SMAP, "smap"},
        {CPU_UMIP, "umip"},
    };
    struct cpu_description cpu;
    u32 i;

    (void)ref;
    proc_print(text, "processor\t: 0\n");
    if (cpu_describe(&cpu))
        proc_print(text,
                   "vendor_id\t: %s\ncpu family\t: %u\nmodel\t\t: %u\n"
                   "model name\t: %s\nstepping\t: %u\n",
                   cpu.vendor, cpu.family, cpu.model, cpu.name, cpu.stepping);
    proc_print(text,
               "fpu\t\t: %s\nflags\t\t:", cpu_has(CPU_FPU) ? "yes" : "no");
    for (i = 0; i < ARRAY_SIZE(flags); i++)
        if (cpu_has(flags[i].feature))
            proc_print(text, " %s", flags[i].name);
    proc_print(text, "\n\n");
    return 0;
}
