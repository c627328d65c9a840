// fs/procfs/tree.c - the tables of /proc: which files there are
// SPDX-License-Identifier: MIT

#include "procfs.h"

#include <fs/fd.h>
#include <fs/inotify.h>
#include <fs/vfs.h>
#include <kernel/process.h>
#include <kernel/task.h>
#include <lib/fmt.h>
#include <lib/string.h>

#define TEXT      (S_IFREG | 0444)
#define SECRET    (S_IFREG | 0400)
#define DIRECTORY (S_IFDIR | 0555)
#define LINK      (S_IFLNK | 0777)

// ---- sys -------------------------------------------------------------------

// Of open files: those there are, those free to be used again, the most.
static int show_file_nr(struct proc_text *text, const struct proc_ref *ref)
{
    (void)ref;
    proc_print(text, "%u\t0\t%u\n", files_open, tasks_max * FILES_MAX);
    return 0;
}

static int show_file_max(struct proc_text *text, const struct proc_ref *ref)
{
    (void)ref;
    proc_print(text, "%u\n", tasks_max * FILES_MAX);
    return 0;
}

static int show_nr_open(struct proc_text *text, const struct proc_ref *ref)
{
    (void)ref;
    proc_print(text, "%u\n", FILES_MAX);
    return 0;
}

static const struct proc_setting inotify_setting = {
    .show = inotify_limit_show,
    .store = inotify_limit_store,
};

#define INOTIFY_LIMIT(word)                                                    \
    {                                                                          \
        .name = (word), .mode = S_IFREG | 0644, .setting = &inotify_setting,   \
        .file_ops = &proc_setting_file_ops                                     \
    }

static const struct proc_node inotify_nodes[] = {
    INOTIFY_LIMIT("max_queued_events"),
    INOTIFY_LIMIT("max_user_instances"),
    INOTIFY_LIMIT("max_user_watches"),
};
static const struct proc_dir inotify_dir = {
    .first_ino = PROC_INOTIFY_FIRST,
    PROC_DIR_OF(inotify_nodes),
};

static const struct proc_node sys_fs_nodes[] = {
    {.name = "file-max", .mode = TEXT, .show = show_file_max},
    {.name = "file-nr", .mode = TEXT, .show = show_file_nr},
    {.name = "inotify", .mode = DIRECTORY, .dir = &inotify_dir},
    {.name = "nr_open", .mode = TEXT, .show = show_nr_open},
};

static const struct proc_dir sys_fs_dir = {
    .first_ino = PROC_SYS_FS_FIRST,
    PROC_DIR_OF(sys_fs_nodes),
};

static const struct proc_node sys_nodes[] = {
    {.name = "fs", .mode = DIRECTORY, .dir = &sys_fs_dir},
    {.name = "kernel", .mode = DIRECTORY, .dir = &proc_kernel_dir},
    {.name = "vm", .mode = DIRECTORY, .dir = &proc_vm_dir},
};
static const struct proc_dir sys_dir = {
    .first_ino = PROC_SYS_FIRST,
    PROC_DIR_OF(sys_nodes),
};

// ---- processes -------------------------------------------------------------

static const struct proc_node pid_nodes[] = {
    {.name = "auxv", .mode = SECRET, .show = proc_show_auxv},
    {.name = "cgroup", .mode = TEXT, .show = proc_show_nothing},
    {.name = "clear_refs",
     .mode = S_IFREG | 0200,
     .file_ops = &proc_clear_refs_file_ops},
    {.name = "cmdline", .mode = TEXT, .show = proc_show_cmdline},
    {.name = "comm", .mode = S_IFREG | 0644, .file_ops = &proc_comm_file_ops},
    {.name = "cwd",
     .mode = LINK,
     .readlink = proc_read_link,
     .jump = proc_jump_cwd},
    {.name = "environ",
     .mode = SECRET,
     .show = proc_show_environ,
     .is_inside = true},
    {.name = "exe",
     .mode = LINK,
     .readlink = proc_read_link,
     .jump = proc_jump_exe},
    {.name = "fd", .mode = S_IFDIR | 0500, .dir = &proc_fd_dir},
    {.name = "fdinfo", .mode = S_IFDIR | 0500, .dir = &proc_fdinfo_dir},
    {.name = "io", .mode = SECRET, .show = proc_show_io},
    {.name = "limits", .mode = TEXT, .show = proc_show_limits},
    {.name = "loginuid", .mode = TEXT, .show = proc_show_unset},
    {.name = "maps", .mode = TEXT, .show = proc_show_maps, .is_inside = true},
    {.name = "mountinfo", .mode = TEXT, .show = proc_show_mountinfo},
    {.name = "mounts", .mode = TEXT, .show = proc_show_mounts},
    {.name = "mountstats",
     .mode = S_IFREG | 0400,
     .show = proc_show_mountstats},
    {.name = "oom_adj",
     .mode = S_IFREG | 0644,
     .file_ops = &proc_oom_adj_file_ops},
    {.name = "oom_score", .mode = TEXT, .show = proc_show_oom_score},
    {.name = "oom_score_adj",
     .mode = S_IFREG | 0644,
     .file_ops = &proc_oom_adj_file_ops},
    {.name = "pagemap", .mode = SECRET, .file_ops = &proc_pagemap_file_ops},
    {.name = "personality", .mode = SECRET, .show = proc_show_personality},
    {.name = "root",
     .mode = LINK,
     .readlink = proc_read_link,
     .jump = proc_jump_root},
    {.name = "schedstat", .mode = TEXT, .show = proc_show_schedstat},
    {.name = "sessionid", .mode = TEXT, .show = proc_show_unset},
    {.name = "smaps", .mode = TEXT, .show = proc_show_smaps, .is_inside = true},
    {.name = "smaps_rollup",
     .mode = TEXT,
     .show = proc_show_smaps_rollup,
     .is_inside = true},
    {.name = "stack", .mode = SECRET, .show = proc_show_stack},
    {.name = "stat", .mode = TEXT, .show = proc_show_stat},
    {.name = "statm", .mode = TEXT, .show = proc_show_statm},
    {.name = "status", .mode = TEXT, .show = proc_show_status},
    {.name = "syscall", .mode = SECRET, .show = proc_show_syscall},
    {.name = "wchan", .mode = TEXT, .show = proc_show_wchan},
    {.name = "task", .mode = DIRECTORY, .dir = &proc_task_dir}, // the last
};
const struct proc_dir proc_pid_dir = {
    .first_ino = PROC_PID_FIRST,
    PROC_DIR_OF(pid_nodes),
};
// The same of a thread, but for the threads.
const struct proc_dir proc_tid_dir = {
    .first_ino = PROC_PID_FIRST,
    .count = ARRAY_SIZE(pid_nodes) - 1,
    .nodes = pid_nodes,
};
static const struct proc_node pid_node = {
    .name = "PID",
    .mode = DIRECTORY,
    .dir = &proc_pid_dir,
};

static int lookup_pid(const struct proc_ref *dir, const struct name *name,
                      struct proc_ref *out)
{
    const struct task *task;
    u32 pid;

    (void)dir;
    if (!proc_number(name, &pid) || pid == 0)
        return -ENOENT;
    task = task_find((s32)pid);
    if (!task)
        return -ENOENT;
    *out = (struct proc_ref){.node = &pid_node,
                             .pid = (s32)pid,
                             .fd = -1,
                             .start_ns = task->start_ns};
    return 0;
}

static bool next_pid(const struct proc_ref *dir, u32 *number, u32 *out_ino,
                     u32 *out_type)
{
    const struct task *task;
    u32 best = 0;

    (void)dir;
    list_for_each_entry (task, &task_list, all_link) {
        u32 pid = (u32)task->pid;

        // Threads are not listed, but can be looked up, as on Linux.
        if (pid == 0 || pid < *number || task->tgid != task->pid)
            continue;
        if (!best || pid < best)
            best = pid;
    }
    *number = best;
    *out_ino = best * PROC_PID_SPAN;
    *out_type = S_IFDIR >> 12;
    return best != 0;
}

static int self_readlink(const struct proc_ref *ref, char *buf, u32 size)
{
    char digits[12];
    int length = fmt_print(digits, sizeof(digits), "%d", current->tgid);

    (void)ref;
    length = min(length, (int)size);
    memcpy(buf, digits, (u32)length);
    return length;
}

static int mounts_readlink(const struct proc_ref *ref, char *buf, u32 size)
{
    static const char target[] = "self/mounts";
    u32 length = min(size, (u32)sizeof(target) - 1);

    (void)ref;
    memcpy(buf, target, length);
    return (int)length;
}

// ---- faultline -------------------------------------------------------------

static const struct proc_node ours_nodes[] = {
    {.name = "census", .mode = SECRET, .show = proc_show_census},
    {.name = "crash",
     .mode = S_IFREG | 0200,
     .setting = &proc_crash_setting,
     .file_ops = &proc_setting_file_ops},
    {.name = "faults", .mode = TEXT, .show = proc_show_faults},
    {.name = "inject",
     .mode = S_IFREG | 0600,
     .setting = &proc_inject_setting,
     .file_ops = &proc_setting_file_ops},
    {.name = "last", .mode = SECRET, .file_ops = &proc_last_file_ops},
    {.name = "latency", .mode = TEXT, .show = proc_show_latency},
    {.name = "strace",
     .mode = S_IFREG | 0600,
     .setting = &proc_strace_setting,
     .file_ops = &proc_setting_file_ops},
    {.name = "trace",
     .mode = S_IFREG | 0600,
     .setting = &proc_trace_setting,
     .file_ops = &proc_setting_file_ops},
    {.name = "trace_ring",
     .mode = SECRET,
     .file_ops = &proc_trace_ring_file_ops},
};
static const struct proc_dir ours_dir = {
    .first_ino = PROC_OURS_FIRST,
    PROC_DIR_OF(ours_nodes),
};

// ---- net -------------------------------------------------------------------

static const struct proc_node net_nodes[] = {
    {.name = "unix", .mode = TEXT, .show = proc_show_unix},
};
static const struct proc_dir net_dir = {
    .first_ino = PROC_NET_FIRST,
    PROC_DIR_OF(net_nodes),
};

// ---- sysvipc ---------------------------------------------------------------

static const struct proc_node sysvipc_nodes[] = {
    {.name = "shm", .mode = TEXT, .show = proc_show_shm},
};
static const struct proc_dir sysvipc_dir = {
    .first_ino = PROC_IPC_FIRST,
    PROC_DIR_OF(sysvipc_nodes),
};

// ---- tty -------------------------------------------------------------------

static const struct proc_node tty_nodes[] = {
    {.name = "drivers", .mode = TEXT, .show = proc_show_tty_drivers},
};
static const struct proc_dir tty_dir = {
    .first_ino = PROC_TTY_FIRST,
    PROC_DIR_OF(tty_nodes),
};

// ---- the root --------------------------------------------------------------

static const struct proc_node root_nodes[] = {
    {.name = "buddyinfo", .mode = TEXT, .show = proc_show_buddyinfo},
    {.name = "cmdline", .mode = TEXT, .show = proc_show_kernel_cmdline},
    {.name = "consoles", .mode = TEXT, .show = proc_show_consoles},
    {.name = "cpuinfo", .mode = TEXT, .show = proc_show_cpuinfo},
    {.name = "devices", .mode = TEXT, .show = proc_show_devices},
    {.name = "diskstats", .mode = TEXT, .show = proc_show_diskstats},
    {.name = "faultline", .mode = DIRECTORY, .dir = &ours_dir},
    {.name = "filesystems", .mode = TEXT, .show = proc_show_filesystems},
    {.name = "interrupts", .mode = TEXT, .show = proc_show_interrupts},
    {.name = "kallsyms", .mode = TEXT, .show = proc_show_kallsyms},
    {.name = "kmsg", .mode = SECRET, .file_ops = &proc_kmsg_file_ops},
    {.name = "kpagecount",
     .mode = SECRET,
     .file_ops = &proc_kpagecount_file_ops},
    {.name = "kpageflags",
     .mode = SECRET,
     .file_ops = &proc_kpageflags_file_ops},
    {.name = "loadavg", .mode = TEXT, .show = proc_show_loadavg},
    {.name = "meminfo", .mode = TEXT, .show = proc_show_meminfo},
    {.name = "misc", .mode = TEXT, .show = proc_show_nothing},
    {.name = "modules", .mode = TEXT, .show = proc_show_nothing},
    {.name = "mounts", .mode = LINK, .readlink = mounts_readlink},
    {.name = "net", .mode = DIRECTORY, .dir = &net_dir},
    {.name = "pagetypeinfo", .mode = SECRET, .show = proc_show_pagetypeinfo},
    {.name = "partitions", .mode = TEXT, .show = proc_show_partitions},
    {.name = "self", .mode = LINK, .readlink = self_readlink},
    {.name = "slabinfo", .mode = SECRET, .show = proc_show_slabinfo},
    {.name = "stat", .mode = TEXT, .show = proc_show_system_stat},
    {.name = "swaps", .mode = TEXT, .show = proc_show_swaps},
    {.name = "locks", .mode = TEXT, .show = proc_show_locks},
    {.name = "sys", .mode = DIRECTORY, .dir = &sys_dir},
    {.name = "sysrq-trigger",
     .mode = S_IFREG | 0200,
     .setting = &proc_sysrq_trigger_setting,
     .file_ops = &proc_setting_file_ops},
    {.name = "sysvipc", .mode = DIRECTORY, .dir = &sysvipc_dir},
    {.name = "thread-self", .mode = LINK, .readlink = proc_thread_self},
    {.name = "tty", .mode = DIRECTORY, .dir = &tty_dir},
    {.name = "uptime", .mode = TEXT, .show = proc_show_uptime},
    {.name = "version", .mode = TEXT, .show = proc_show_version},
    {.name = "vmallocinfo", .mode = SECRET, .show = proc_show_vmallocinfo},
    {.name = "vmstat", .mode = TEXT, .show = proc_show_vmstat},
    {.name = "zoneinfo", .mode = TEXT, .show = proc_show_zoneinfo},
};
const struct proc_dir proc_root_dir = {
    .first_ino = PROC_ROOT_FIRST,
    PROC_DIR_OF(root_nodes),
    .lookup = lookup_pid,
    .next = next_pid,
};
