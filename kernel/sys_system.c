// kernel/sys_system.c - system calls: the system's name, state, log and end
// SPDX-License-Identifier: MIT

#include <kernel/cred.h>
#include <kernel/sys_proc.h>
#include <kernel/system.h>

#include <arch/cpu.h>
#include <base/bits.h>
#include <base/errno.h>
#include <fs/inode.h>
#include <kernel/cmdline.h>
#include <kernel/crash_log.h>
#include <kernel/drivers.h>
#include <kernel/process.h>
#include <kernel/reset.h>
#include <kernel/sched.h>
#include <kernel/signal.h>
#include <kernel/sysrq.h>
#include <kernel/trace_sink.h>
#include <kernel/uaccess.h>
#include <lib/div64.h>
#include <lib/string.h>
#include <linux/reboot.h>
#include <linux/signal.h>
#include <linux/sysinfo.h>
#include <linux/utsname.h>
#include <mm/census.h>
#include <mm/stat.h>

#define LOG_NAME "system"
#include <kernel/log.h>

static bool ctrl_alt_del_restarts = true; // until reboot(CAD_OFF)

// A release that glibc takes for a Linux it can run on.
static struct new_utsname uts = {
    .sysname = "Linux",
    .nodename = "faultline",
    .release = "6.1.0-faultline",
    .version = "#1 Faultline",
    .machine = "i686",
    .domainname = "(none)",
};

const struct new_utsname *system_name(void)
{
    return &uts;
}

s32 sys_uname(struct new_utsname __user *out)
{
    return copy_to_user(out, &uts, sizeof(uts));
}

static s32 set_name(char *field, const char __user *name, s32 bytes)
{
    char new[__NEW_UTS_LEN + 1] = {0};

    if (!capable(CAP_SYS_ADMIN))
        return -EPERM;
    if (bytes < 0 || bytes > __NEW_UTS_LEN)
        return -EINVAL;
    if (copy_from_user(new, name, (u32)bytes))
        return -EFAULT;
    memcpy(field, new, sizeof(new));
    return 0;
}

void system_set_hostname(const char *name)
{
    str_copy(uts.nodename, name, sizeof(uts.nodename));
}

s32 sys_sethostname(const char __user *name, s32 bytes)
{
    return set_name(uts.nodename, name, bytes);
}

s32 sys_setdomainname(const char __user *name, s32 bytes)
{
    return set_name(uts.domainname, name, bytes);
}

static u16 count_processes(void)
{
    struct task *task;
    u16 count = 0;

    list_for_each_entry (task, &task_list, all_link)
        count++;
    return count;
}

// In pages, so that no machine's memory overflows 32 bits.
s32 sys_sysinfo(struct sysinfo __user *out)
{
    struct vm_numbers n;
    struct sysinfo info;
    u64 seconds = time_ns();
    u32 load[3];

    vm_numbers(&n);
    sched_load(load);
    u64_div(&seconds, NSEC_PER_SEC);
    memset(&info, 0, sizeof(info));
    info.uptime = (s32)seconds;
    for (u32 i = 0; i < 3; i++)
        info.loads[i] = load[i];
    info.totalram = n.total;
    info.freeram = n.free;
    info.sharedram = n.shmem;
    info.totalswap = n.swap_total;
    info.freeswap = n.swap_free;
    info.procs = count_processes();
    info.totalhigh = n.high_total;
    info.freehigh = n.high_free;
    info.mem_unit = PAGE_SIZE;
    return copy_to_user(out, &info, sizeof(info));
}

s32 sys_getcpu(u32 __user *cpu, u32 __user *node)
{
    if (cpu && put_user(0u, cpu))
        return -EFAULT;
    return node ? put_user(0u, node) : 0;
}

void system_halt(void)
{
    log_info("halted");
    drivers_flush();
    trace_end(TRACE_END_ORDERLY);
    crash_log_end(CRASH_LOG_CLEAN);
    cpu_stop();
}

void system_reset(void)
{
    log_info("reset");
    drivers_flush();
    trace_end(TRACE_END_ORDERLY);
    crash_log_end(CRASH_LOG_CLEAN);
    machine_reset();
}

void system_power_off(void)
{
    log_info("power off");
    drivers_flush();
    trace_end(TRACE_END_ORDERLY);
    crash_log_end(CRASH_LOG_CLEAN);
    drivers_power_off();
    log_err("the machine does not switch itself off");
    system_halt();
}

static bool is_magic2(u32 magic)
{
    return magic == LINUX_REBOOT_MAGIC2 || magic == LINUX_REBOOT_MAGIC2A ||
           magic == LINUX_REBOOT_MAGIC2B || magic == LINUX_REBOOT_MAGIC2C;
}

static bool is_end(u32 command)
{
    return command == LINUX_REBOOT_CMD_RESTART ||
           command == LINUX_REBOOT_CMD_RESTART2 ||
           command == LINUX_REBOOT_CMD_HALT ||
           command == LINUX_REBOOT_CMD_POWER_OFF;
}

// What needs a task that can sleep. File systems are left clean whatever still
// runs; and with the word `census` on the command line there is a last one,
// whose result is in the log, which is all that there will be.
static void prepare_end(void)
{
    super_shutdown_all();
    if (cmdline_has("census"))
        (void)census_check();
}

void system_restart(void)
{
    prepare_end();
    system_reset();
}

void system_ctrl_alt_del(void)
{
    if (ctrl_alt_del_restarts)
        sysrq_restart();
    else
        signal_send_process_simple(init_task->process, SIGINT);
}

s32 sys_reboot(u32 magic1, u32 magic2, u32 command,
               const void __user *arg __unused)
{
    if (!capable(CAP_SYS_BOOT))
        return -EPERM;
    if (magic1 != LINUX_REBOOT_MAGIC1 || !is_magic2(magic2))
        return -EINVAL;
    if (is_end(command))
        prepare_end();
    switch (command) {
    case LINUX_REBOOT_CMD_RESTART:
    case LINUX_REBOOT_CMD_RESTART2: system_reset();
    case LINUX_REBOOT_CMD_HALT: system_halt();
    case LINUX_REBOOT_CMD_POWER_OFF: system_power_off();
    case LINUX_REBOOT_CMD_CAD_ON: ctrl_alt_del_restarts = true; return 0;
    case LINUX_REBOOT_CMD_CAD_OFF: ctrl_alt_del_restarts = false; return 0;
    default: return -EINVAL;
    }
}
