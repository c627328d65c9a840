// include/kernel/task.h - tasks
// SPDX-License-Identifier: MIT
//
// One task is one thread of control: a user process (mm set) or a kernel
// thread (mm NULL, uses kernel_pmap). Threads of one process will be tasks
// that share mm, files, fs and signal handlers; all four are counted objects.
#pragma once

#include <arch/cpu.h>
#include <arch/thread.h>
#include <base/list.h>
#include <kernel/irq.h>
#include <kernel/time.h>
#include <kernel/wait.h>
#include <mm/addr.h>

struct files;      // include/fs/files.h
struct fs_context; // include/fs/context.h
struct mm;
struct mutex;
struct signal_handlers; // include/kernel/signal.h
struct tty;

typedef s32 pid_t_; // (uapi's pid_t is for user structures)

enum task_state {
    TASK_RUNNING,  // running or on the run queue
    TASK_SLEEPING, // until woken
    TASK_STOPPED,  // by a signal, until SIGCONT
    TASK_ZOMBIE,   // dead, waiting to be reaped
};

enum task_flag {
    TF_KTHREAD = 1u << 0,
    TF_MEMALLOC = 1u << 1, // may use the page reserve: it frees memory
    TF_EXITING = 1u << 2,
    TF_OOM_VICTIM = 1u << 3, // may use the reserve to get out
    TF_NOIO = 1u << 4,       // reclaim on its behalf starts no I/O
    TF_SIGSUSPEND = 1u << 5, // restore saved_sigmask on the way out
    TF_FORKED_NOEXEC = 1u << 6,
    TF_NOFS = 1u << 7,     // reclaim on its behalf enters no file system
    TF_NO_OOM = 1u << 8,   // nobody is killed for its sake (swapoff)
    TF_OOM_SKIP = 1u << 9, // a victim that cannot leave: it was passed over
};

#define TASK_NAME_BYTES     16u
#define SIGNALS             64u
#define TASK_GROUPS_MAX     32u // supplementary groups
#define TASK_LIMITS         16u // RLIM_NLIMITS
#define TASK_LIMIT_INFINITY 0xffffffffu

// One of getrlimit's, by its RLIMIT_ number.
struct task_limit {
    u32 soft, hard;
};

// How a system call that returned -ERESTART_RESTARTBLOCK goes on after a stop:
// kernel/sys_time.c.
struct task_restart {
    u64 deadline_ns; // of time_ns()
    u32 remain;      // user address of the time left; 0: none
    u32 format;      // of what is there
};

struct task {
    struct arch_thread thread;
    enum task_state state;
    enum wait_kind wait_kind; // while TASK_SLEEPING
    u32 flags;                // enum task_flag
    bool need_resched;
    u32 slice_ticks;           // left of the time slice
    s32 nice;                  // -20 to 19
    u64 charged;               // time it has had, weighted: kernel/sched.c
    struct list_head run_link; // run queue
    struct list_head all_link; // task_list

    s32 pid, tgid, pgid, sid;
    struct task *parent;
    struct list_head children; // of child_link
    struct list_head child_link;
    struct wait_queue child_wait;  // wait4 sleeps here
    u32 exit_code;                 // as wait4 reports it
    u32 exit_signal;               // to the parent, SIGCHLD usually
    struct wait_queue *vfork_done; // wake it when mm is let go
    u32 __user *clear_tid;

    char name[TASK_NAME_BYTES];
    void *stack; // lowest byte of the kernel stack

    struct mm *mm;
    struct files *files;
    struct fs_context *fs;
    struct tty *tty; // controlling terminal of the session, or NULL

    u32 uid, euid, suid, gid, egid, sgid;

    struct signal_handlers *handlers;
    u64 sig_pending; // bit n-1: signal n
    u64 sig_blocked;
    u64 sig_saved;              // with TF_SIGSUSPEND
    struct list_head sig_queue; // siginfo of pending ones ...
    u32 sig_queue_length;       // ... how many
    u32 altstack_start, altstack_bytes, altstack_flags;

    u32 faults_disabled; // user accesses go to their fixup at once
    struct mutex *held;  // stack of held mutexes
    u32 kmap_depth;      // kmap_atomic windows it holds

    u32 min_flt, maj_flt, child_min_flt, child_maj_flt;
    u32 max_rss, child_max_rss; // pages; of mms that are gone
    u64 user_ns, system_ns, child_user_ns, child_system_ns;
    u64 start_ns;
    u32 oom_score_adj_plus_1000;
    s32 oom_score_adj_least; // as low as it may go without the right to
    u32 oom_faults;          // in a row that found no memory

    u32 group_count, groups[TASK_GROUPS_MAX];
    struct task_limit limits[TASK_LIMITS];
    struct task_restart restart;
    struct timer itimer; // ITIMER_REAL
    u64 itimer_interval_ns;
    u32 fault_address; // of its last fault in user mode, for signal frames
    s32 job_event;     // not yet waited for: a stop signal, SIGCONT, or 0
    u32 personality;
    u32 switches, preemptions; // voluntary, and not

    u64 still_since_ns; // of kernel/hung_task.c: since when it has not run,
    u32 switches_seen;  // by these, both kinds together
    bool reported_hung;
};

extern struct task *current_task;
#define current current_task

extern struct list_head task_list; // all tasks, by all_link, oldest first

struct task *task_find(s32 pid);

// kthread_start - a kernel thread running fn(arg), runnable at once.
// Return: NULL when there was no memory. Context: task or boot; may sleep.
struct task *kthread_start(void (*fn)(void *), void *arg, const char *name);

// schedule - give the CPU to the next task. Context: task, no kmap_atomic held.
void schedule(void);

// task_wake - make a sleeping task runnable. Any context. Harmless otherwise.
void task_wake(struct task *task);

// sched_yield_if_due - in long loops: let others run when the slice is over.
void cond_resched(void);

// might_sleep - assert that this may sleep: no interrupt context, no atomic
// mapping held, interrupts on.
// Inline for the good case: it is on the way of every allocation.
void might_sleep_check(void);
static inline void might_sleep(void)
{
    if (unlikely(irq_context() || current->kmap_depth || !irq_enabled()))
        might_sleep_check();
}

// task_fatal_pending - a signal that will kill it is pending: loops that wait
// for memory or I/O should give up.
bool task_fatal_pending(const struct task *task);
