// fs/procfs/procfs.h - what the parts of /proc share
// SPDX-License-Identifier: MIT
//
// Files are tables of nodes: a name, a mode, and a function that writes the
// text. See procfs.c for how they become inodes.
#pragma once

#include <fs/vfs.h>

struct mm;
struct task;

// Text under way. It may grow beyond the buffer: then it is made again in a
// larger one, so functions that write text are called more than once.
struct proc_text {
    char *buf;
    u32 size;
    u32 used; // as if there were room
};

__printf(2, 3) void proc_print(struct proc_text *text, const char *format, ...);
void proc_put(struct proc_text *text, const void *bytes, u32 count);
extern const struct file_ops proc_text_file_ops; // of nodes with show

// What the functions of a node are asked about. Processes are found by number,
// anew after each sleep.
struct proc_ref {
    const struct proc_node *node;
    s32 pid;        // 0: none
    s32 fd;         // of PID/fd/N; else -1
    bool is_thread; // below PID/task: of that thread only
    u64 start_ns;   // of the process: numbers are used again
};

// A file that is one short text: setting.c. Both are told the node's name.
struct proc_setting {
    void (*show)(const char *name, char *buf, size_t size); // NULL: empty
    // store - the text written, with its newline if any. Return: 0; -errno.
    int (*store)(const char *name, const char *text); // NULL: -EINVAL
};

// proc_read_short - what read(2) gives of a short text. proc_write_short - the
// whole of a write(2), with a NUL, into @text of @size bytes; -EINVAL: it does
// not fit. Return: bytes; -EFAULT.
ssize_t proc_read_short(const char *text, struct io_iter *it, u64 *pos);
ssize_t proc_write_short(char *text, u32 size, struct io_iter *it);

struct proc_node {
    const char *name;
    u32 mode;
    // Regular files: the text. Return: 0; -errno.
    int (*show)(struct proc_text *text, const struct proc_ref *ref);
    // Symbolic links: the target as text, or as a held path, or both.
    int (*readlink)(const struct proc_ref *ref, char *buf, u32 size);
    int (*jump)(const struct proc_ref *ref, struct path *out);
    // Directories.
    const struct proc_dir *dir;
    // Only who may look into the process may open it (reading asks again).
    bool is_inside;
    // Special files.
    const struct file_ops *file_ops;
    const struct proc_setting *setting; // with &proc_setting_file_ops
};

struct proc_dir {
    u32 first_ino; // of its nodes, see procfs.c
    u32 count;
    const struct proc_node *nodes;
    // Names beside the table: the process numbers, the descriptors. NULL: none.
    // lookup - Return: 0 and *out set; -ENOENT.
    int (*lookup)(const struct proc_ref *dir, const struct name *name,
                  struct proc_ref *out);
    // next - the first with a number >= *@number, which is set to it, for
    // readdir. Return: false: no more.
    bool (*next)(const struct proc_ref *dir, u32 *number, u32 *out_ino,
                 u32 *out_type);
};

// proc_task - the process of @ref. NULL: it has ended. Good until the caller
// sleeps.
struct task *proc_task(const struct proc_ref *ref);

// proc_number - a name that is a decimal number. Return: false: it is not.
bool proc_number(const struct name *name, u32 *out);

// proc_may_look - whether the current task may look into that process.
// Return: 0; -EACCES; -ESRCH.
__must_check int proc_may_look(const struct proc_ref *ref);

#define PROC_DIR_OF(table) .count = ARRAY_SIZE(table), .nodes = (table)

extern const struct proc_dir proc_root_dir;
extern const struct proc_dir proc_pid_dir, proc_tid_dir;
extern const struct proc_node proc_pid_node; // the directory PID itself
extern const struct proc_dir proc_fd_dir;
extern const struct proc_dir proc_task_dir;
extern const struct proc_dir proc_fdinfo_dir;

// Inode numbers: below PROC_PID_SPAN for nodes without a process; those of
// process n begin at n * PROC_PID_SPAN, those of thread n higher up.
#define PROC_THREADS       0x80000000u
#define PROC_PID_SPAN      4096u
#define PROC_ROOT_INO      1u
#define PROC_ROOT_FIRST    2u
#define PROC_KERNEL_FIRST  128u
#define PROC_VM_FIRST      192u
#define PROC_SYS_FIRST     256u
#define PROC_OURS_FIRST    320u
#define PROC_IPC_FIRST     384u
#define PROC_SYS_FS_FIRST  448u
#define PROC_RANDOM_FIRST  512u
#define PROC_TTY_FIRST     576u
#define PROC_PTY_FIRST     640u
#define PROC_NET_FIRST     704u
#define PROC_INOTIFY_FIRST 768u
#define PROC_PID_INO       0u
#define PROC_PID_FIRST     1u
#define PROC_FD_FIRST      2048u
#define PROC_FDINFO_FIRST  (PROC_FD_FIRST + 1024u) // FILES_MAX

// pid_stat.c, pid_mem.c, pid_smaps.c, pid_pagemap.c, pid_link.c
int proc_show_stat(struct proc_text *text, const struct proc_ref *ref);
int proc_show_statm(struct proc_text *text, const struct proc_ref *ref);
int proc_show_status(struct proc_text *text, const struct proc_ref *ref);
int proc_show_maps(struct proc_text *text, const struct proc_ref *ref);
int proc_show_smaps(struct proc_text *text, const struct proc_ref *ref);
int proc_show_smaps_rollup(struct proc_text *text, const struct proc_ref *ref);
extern const struct file_ops proc_pagemap_file_ops;
extern const struct file_ops proc_clear_refs_file_ops;
int proc_show_cmdline(struct proc_text *text, const struct proc_ref *ref);
int proc_show_environ(struct proc_text *text, const struct proc_ref *ref);
int proc_read_link(const struct proc_ref *ref, char *buf, u32 size);
int proc_jump_exe(const struct proc_ref *ref, struct path *out);
int proc_jump_cwd(const struct proc_ref *ref, struct path *out);
int proc_jump_root(const struct proc_ref *ref, struct path *out);

// pid_comm.c
extern const struct file_ops proc_comm_file_ops;

// pid_task.c
int proc_thread_self(const struct proc_ref *ref, char *buf, u32 size);

// pid_info.c
int proc_show_auxv(struct proc_text *text, const struct proc_ref *ref);
int proc_show_limits(struct proc_text *text, const struct proc_ref *ref);
int proc_show_io(struct proc_text *text, const struct proc_ref *ref);
int proc_show_wchan(struct proc_text *text, const struct proc_ref *ref);
int proc_show_stack(struct proc_text *text, const struct proc_ref *ref);
int proc_show_syscall(struct proc_text *text, const struct proc_ref *ref);
int proc_show_personality(struct proc_text *text, const struct proc_ref *ref);
int proc_show_schedstat(struct proc_text *text, const struct proc_ref *ref);
int proc_show_unset(struct proc_text *text, const struct proc_ref *ref);

// pid_oom.c
int proc_show_oom_score(struct proc_text *text, const struct proc_ref *ref);
extern const struct file_ops proc_oom_adj_file_ops; // and oom_score_adj

// memory.c
int proc_show_meminfo(struct proc_text *text, const struct proc_ref *ref);
int proc_show_vmstat(struct proc_text *text, const struct proc_ref *ref);
int proc_show_faults(struct proc_text *text, const struct proc_ref *ref);
int proc_show_latency(struct proc_text *text, const struct proc_ref *ref);
int proc_show_swaps(struct proc_text *text, const struct proc_ref *ref);

// locks.c
int proc_show_locks(struct proc_text *text, const struct proc_ref *ref);

// zones.c, books.c, frames.c
int proc_show_buddyinfo(struct proc_text *text, const struct proc_ref *ref);
int proc_show_pagetypeinfo(struct proc_text *text, const struct proc_ref *ref);
int proc_show_zoneinfo(struct proc_text *text, const struct proc_ref *ref);
int proc_show_slabinfo(struct proc_text *text, const struct proc_ref *ref);
int proc_show_vmallocinfo(struct proc_text *text, const struct proc_ref *ref);
int proc_show_census(struct proc_text *text, const struct proc_ref *ref);
extern const struct file_ops proc_kpagecount_file_ops;
extern const struct file_ops proc_kpageflags_file_ops;

// system.c, lists.c
int proc_show_uptime(struct proc_text *text, const struct proc_ref *ref);
int proc_show_loadavg(struct proc_text *text, const struct proc_ref *ref);
int proc_show_system_stat(struct proc_text *text, const struct proc_ref *ref);
int proc_show_version(struct proc_text *text, const struct proc_ref *ref);
int proc_show_cpuinfo(struct proc_text *text, const struct proc_ref *ref);
int proc_show_devices(struct proc_text *text, const struct proc_ref *ref);
int proc_show_filesystems(struct proc_text *text, const struct proc_ref *ref);
int proc_show_kernel_cmdline(struct proc_text *text,
                             const struct proc_ref *ref);
int proc_show_interrupts(struct proc_text *text, const struct proc_ref *ref);

// mounts.c, disks.c, tty.c, kernel.c
int proc_show_mounts(struct proc_text *text, const struct proc_ref *ref);
int proc_show_mountinfo(struct proc_text *text, const struct proc_ref *ref);
int proc_show_mountstats(struct proc_text *text, const struct proc_ref *ref);
int proc_show_partitions(struct proc_text *text, const struct proc_ref *ref);
int proc_show_diskstats(struct proc_text *text, const struct proc_ref *ref);
int proc_show_tty_drivers(struct proc_text *text, const struct proc_ref *ref);
int proc_show_consoles(struct proc_text *text, const struct proc_ref *ref);
int proc_show_kallsyms(struct proc_text *text, const struct proc_ref *ref);
int proc_show_nothing(struct proc_text *text, const struct proc_ref *ref);
extern const struct proc_dir proc_kernel_dir;

// kmsg.c
extern const struct file_ops proc_kmsg_file_ops;

// crash.c
extern const struct file_ops proc_last_file_ops;
extern const struct proc_setting proc_crash_setting;

// net.c
int proc_show_unix(struct proc_text *text, const struct proc_ref *ref);

// sysvipc.c
int proc_show_shm(struct proc_text *text, const struct proc_ref *ref);

// setting.c, sysctl.c, inject.c
extern const struct file_ops proc_setting_file_ops;
extern const struct proc_dir proc_vm_dir;
extern const struct proc_setting proc_inject_setting;
extern const struct proc_setting proc_strace_setting;
extern const struct proc_setting proc_trace_setting;
extern const struct file_ops proc_trace_ring_file_ops;
extern const struct proc_setting proc_sysrq_trigger_setting; // kernel.c
