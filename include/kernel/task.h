// include/kernel/task.h - tasks
// SPDX-License-Identifier: MIT
//
// One task is one thread of control: of a program (mm set) or of the kernel (mm
// NULL, uses kernel_pmap). What belongs to all threads of a process together is
// in their struct process; what clone may share between processes, too, is in
// counted objects of their own: mm, files, fs, signal handlers.
#pragma once

#include <arch/cpu.h>
#include <arch/thread.h>
#include <base/list.h>
#include <kernel/interval_timer.h>
#include <kernel/irq.h>
#include <kernel/time.h>
#include <kernel/wait.h>
#include <mm/addr.h>

struct cred;       // include/kernel/cred.h
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
    TASK_ZOMBIE,   // dead
};

enum task_flag {
    TF_KTHREAD = 1u << 0,
    TF_MEMALLOC = 1u << 1, // may use the page reserve: it frees memory
    TF_EXITING = 1u << 2,
    TF_OOM_VICTIM = 1u << 3,   // may use the reserve to get out
    TF_NOIO = 1u << 4,         // reclaim on its behalf starts no I/O
    TF_FUTEXES_LEFT = 1u << 5, // it has gone through futex_leave for good
    TF_NOFS = 1u << 6,         // reclaim on its behalf enters no file system
    TF_NO_OOM = 1u << 7,       // nobody is killed for its sake (swapoff)
    TF_OOM_SKIP = 1u << 8,     // a victim that cannot leave: it was passed over
    TF_STRACE = 1u << 10,      // its system calls are logged: kernel/strace.c
    TF_TOO_MANY = 1u << 9,     // of its user; exec looks again (RLIMIT_NPROC)
    TF_TRACED = 1u << 11,      // the filter pid= of the trace names it ...
    TF_TRACED_TREE = 1u << 12, // ... and its children: kernel/trace_groups.c
};

#define TASK_NAME_BYTES     16u
#define SIGNALS             64u
#define TASK_LIMITS         16u // RLIM_NLIMITS
#define TASK_LIMIT_INFINITY 0xffffffffu

// One of getrlimit's, by its RLIMIT_ number.
struct task_limit {
    u32 soft, hard;
};

// What it has read and written, for /proc/PID/io.
struct task_io {
    u64 read_chars, written_chars; // by read(2), write(2) and kin ...
    u64 reads, writes;             // ... in so many calls
    u64 disk_read_bytes;           // asked of a disk for its sake
    u64 disk_written_bytes;        // of pages that it made dirty
};

// What was used of the CPU and of memory, read and written.
struct task_usage {
    u64 user_ns, system_ns;
    u32 min_flt, maj_flt;
    u32 switches, preemptions; // voluntary, and not
    struct task_io io;
};

// How a system call that returned -ERESTART_RESTARTBLOCK goes on after a stop:
// kernel/sys_sleep.c.
struct task_restart {
    enum {
        RESTART_NOTHING,
        RESTART_SLEEP,
        RESTART_FUTEX
    } kind;
    u64 deadline_ns;        // of time_ns(); 0: none
    u32 format;             // of the time left; of a futex: its flags
    u32 remain;             // user address of the time left; 0: none
    const u32 __user *word; // of a futex:
    u32 value, bitset;
};

// What a task has to do before it returns to user mode; one load tells whether
// there is anything (trap.S). Bytes, so that interrupt handlers may set one
// while the task writes another.
union task_work {
    struct {
        bool resched;         // another task is to have the CPU
        bool signal;          // signal_due_set() may not be empty: never false
                              // when it is not, kept by signal_note()
        bool restore_sigmask; // from sig_saved
    };
    u32 any;
};

// Signals that were sent and not taken yet: kernel/signal_queue.c.
struct pending_signals {
    u64 set;               // bit n-1: signal n
    struct list_head info; // what is known of them
};

// A process: one task or several, that have one number (the leader's), and get
// signals, stop, go on and end together. Each task has one, kernel threads,
// too.
//
// It is there as long as a task points to it. The leader stays among the
// threads until the process is waited for; who follows it leaves when it ends.
struct process {
    u32 refs;
    struct task *leader;
    struct list_head threads;  // of thread_link, the leader first
    u32 thread_count;          // of them, zombies left out
    struct list_head all_link; // process_list

    s32 pgid, sid;
    struct tty *tty;           // controlling terminal of the session, or NULL
    struct task *parent;       // the thread that made it, or who adopted it
    struct list_head children; // of child_link
    struct list_head child_link;
    struct wait_queue child_wait; // wait4 sleeps here
    struct wait_queue end_wait;   // woken with is_zombie: kernel/pidfd.c
    u32 exit_signal;              // to the parent, SIGCHLD usually
    u32 exit_code;                // as wait4 reports it
    bool is_ending;               // all its threads are to end: with exit_code
    bool is_zombie;               // they have
    bool did_exec;                // not only forked
    u32 programs;                 // it has run, and its parent had, when it
    u32 parent_programs;          // was made: signal_notify_parent
    bool is_subreaper;            // adopts its descendants' orphans
    u32 membarriers;              // registrations: kernel/membarrier.c
    struct task *exec_task;       // waits for all others to end
    s32 stop_signal;              // it stops or has stopped by that; 0
    bool is_stopped;              // all threads have
    bool stop_taken;              // a thread has taken a stop signal, and no
                                  // SIGCONT or SIGKILL came since
    s32 job_event; // not yet waited for: a stop signal, SIGCONT, or 0

    struct signal_handlers *handlers; // NULL: takes no signals any more
    struct pending_signals pending;   // for whichever thread
    u32 signals_queued;               // the threads' own, too
    struct list_head forks;           // under way: kernel/signal_fork.c
    struct interval_timer itimers[3]; // by ITIMER_ number
    struct list_head cpu_timers;      // of cpu_link: kernel/interval_timer.c
    struct list_head posix_timers;    // kernel/posix_timer.c
    s32 next_timer_id;

    struct task_limit limits[TASK_LIMITS];
    u32 oom_score_adj_plus_1000;
    s32 oom_score_adj_least; // as low as it may go without the right to

    struct task_usage dead;           // of threads that have ended
    struct task_usage children_usage; // of children that were waited for
    u32 max_rss;                      // pages; of mms that are gone
    u32 children_max_rss;
};

struct task {
    union task_work work; // first, for trap.S
    struct arch_thread thread;
    enum task_state state;
    enum wait_kind wait_kind;  // while TASK_SLEEPING
    u32 flags;                 // enum task_flag
    u32 slice_ticks;           // left of the time slice
    s32 nice;                  // -20 to 19
    u64 charged;               // time it has had, weighted: kernel/sched.c
    struct list_head run_link; // run queue
    struct list_head all_link; // task_list

    s32 pid, tgid; // as Linux has them: of the thread, of the process
    struct process *process;
    struct list_head thread_link;
    struct wait_queue *vfork_done; // wake it when mm is let go
    u32 __user *clear_tid;
    u32 robust_list; // user address, 0: none: kernel/futex_robust.c

    char name[TASK_NAME_BYTES];
    void *stack; // lowest byte of the kernel stack

    struct mm *mm;
    struct files *files;
    struct fs_context *fs;

    const struct cred *cred; // who it is: kernel/cred.h

    struct pending_signals pending; // for this thread only
    u64 sig_blocked;
    u64 sig_saved;   // with work.restore_sigmask
    u64 sig_awaited; // by sigtimedwait, which unblocks them meanwhile
    u32 altstack_start, altstack_bytes, altstack_flags;

    u32 faults_disabled; // user accesses go to their fixup at once
    struct mutex *held;  // stack of held mutexes
    u32 kmap_depth;      // kmap_atomic windows it holds

    struct task_usage usage;
    u64 start_ns;
    u32 oom_faults; // in a row that found no memory

    s32 parent_death_signal; // to it, when the thread that made it ends
    bool no_new_privs;       // exec gives it no rights; inherited

    struct task_restart restart;
    // Its last exception in user mode that was a signal, for signal frames:
    // CR2, vector, error code.
    u32 fault_address, fault_trap, fault_error;
    u32 personality;

    u64 still_since_ns; // of kernel/hung_task.c: since when it has not run,
    u32 switches_seen;  // by these, both kinds together
    bool reported_hung;
};

extern struct task *current_task;
#define current current_task

extern struct list_head task_list;    // all tasks, by all_link, oldest first
extern struct list_head process_list; // all processes, the same way

extern u32 tasks_made;    // since boot
extern s32 task_last_pid; // the number that was given last

#define for_each_process(p) list_for_each_entry (p, &process_list, all_link)
#define for_each_thread(t, process)                                            \
    list_for_each_entry (t, &(process)->threads, thread_link)

// task_find - the thread with that number. process_find - the process.
// Return: NULL: there is none. No sleep.
struct task *task_find(s32 pid);
struct process *process_find(s32 pid);

// process_mm - the address space of a process: of a thread that has not let go
// of it yet. NULL: none has. No sleep.
struct mm *process_mm(const struct process *process);

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
// for memory or I/O should give up. Never so while it ends.
bool task_fatal_pending(const struct task *task);
