// kernel/syscall.c - `int $0x80`: the table, and the call
// SPDX-License-Identifier: MIT
//
// Handlers take their arguments as u32 or pointers, at most six; all six
// registers are passed to each, which the C calling convention allows (the
// caller removes them).
//
// The command-line word strace=1 logs every call: for finding out what a
// program wants, not for use.

#include <arch/trap.h>
#include <asm/unistd.h>
#include <base/errno.h>
#include <kernel/cmdline.h>
#include <kernel/dispatch.h>
#include <kernel/signal_handlers.h>
#include <kernel/sys_fs.h>
#include <kernel/sys_proc.h>
#include <kernel/syscall.h>
#include <kernel/task.h>

#define LOG_NAME "syscall"
#include <kernel/log.h>

typedef s32 (*syscall_fn)(u32, u32, u32, u32, u32, u32);

#define SYSCALL(n) [__NR_##n] = {(syscall_fn)(void *)sys_##n, #n}

// clang-format off
const struct syscall syscall_table[] = {
    SYSCALL(restart_syscall),
    SYSCALL(exit),
    SYSCALL(fork),
    SYSCALL(read),
    SYSCALL(write),
    SYSCALL(open),
    SYSCALL(close),
    SYSCALL(waitpid),
    SYSCALL(creat),
    SYSCALL(link),
    SYSCALL(unlink),
    SYSCALL(execve),
    SYSCALL(chdir),
    SYSCALL(time),
    SYSCALL(mknod),
    SYSCALL(chmod),
    SYSCALL(lchown),
    SYSCALL(lseek),
    SYSCALL(getpid),
    SYSCALL(mount),
    SYSCALL(umount),
    SYSCALL(setuid),
    SYSCALL(getuid),
    SYSCALL(stime),
    SYSCALL(alarm),
    SYSCALL(pause),
    SYSCALL(utime),
    SYSCALL(access),
    SYSCALL(nice),
    SYSCALL(sync),
    SYSCALL(kill),
    SYSCALL(rename),
    SYSCALL(mkdir),
    SYSCALL(rmdir),
    SYSCALL(dup),
    SYSCALL(pipe),
    SYSCALL(times),
    SYSCALL(brk),
    SYSCALL(getgid),
    SYSCALL(setgid),
    SYSCALL(signal),
    SYSCALL(geteuid),
    SYSCALL(getegid),
    SYSCALL(umount2),
    SYSCALL(ioctl),
    SYSCALL(fcntl),
    SYSCALL(setpgid),
    SYSCALL(umask),
    SYSCALL(chroot),
    SYSCALL(dup2),
    SYSCALL(getppid),
    SYSCALL(getpgrp),
    SYSCALL(setsid),
    SYSCALL(sigaction),
    SYSCALL(setreuid),
    SYSCALL(setregid),
    SYSCALL(sigsuspend),
    SYSCALL(sigpending),
    SYSCALL(sethostname),
    SYSCALL(setrlimit),
    SYSCALL(getrlimit),
    SYSCALL(getrusage),
    SYSCALL(gettimeofday),
    SYSCALL(settimeofday),
    SYSCALL(getgroups),
    SYSCALL(setgroups),
    SYSCALL(select),
    SYSCALL(symlink),
    SYSCALL(readlink),
    SYSCALL(swapon),
    SYSCALL(reboot),
    SYSCALL(mmap),
    SYSCALL(munmap),
    SYSCALL(truncate),
    SYSCALL(ftruncate),
    SYSCALL(fchmod),
    SYSCALL(fchown),
    SYSCALL(getpriority),
    SYSCALL(setpriority),
    SYSCALL(statfs),
    SYSCALL(fstatfs),
    SYSCALL(syslog),
    SYSCALL(setitimer),
    SYSCALL(getitimer),
    SYSCALL(stat),
    SYSCALL(lstat),
    SYSCALL(fstat),
    SYSCALL(wait4),
    SYSCALL(swapoff),
    SYSCALL(sysinfo),
    SYSCALL(ipc),
    SYSCALL(fsync),
    SYSCALL(sigreturn),
    SYSCALL(clone),
    SYSCALL(clone3),
    SYSCALL(setdomainname),
    SYSCALL(uname),
    SYSCALL(modify_ldt),
    SYSCALL(mprotect),
    SYSCALL(sigprocmask),
    SYSCALL(getpgid),
    SYSCALL(fchdir),
    SYSCALL(personality),
    SYSCALL(setfsuid),
    SYSCALL(setfsgid),
    SYSCALL(_llseek),
    SYSCALL(getdents),
    SYSCALL(_newselect),
    SYSCALL(flock),
    SYSCALL(msync),
    SYSCALL(mlock),
    SYSCALL(munlock),
    SYSCALL(mlockall),
    SYSCALL(munlockall),
    SYSCALL(readv),
    SYSCALL(writev),
    SYSCALL(getsid),
    SYSCALL(fdatasync),
    SYSCALL(sched_setparam),
    SYSCALL(sched_getparam),
    SYSCALL(sched_setscheduler),
    SYSCALL(sched_getscheduler),
    SYSCALL(sched_yield),
    SYSCALL(sched_get_priority_max),
    SYSCALL(sched_get_priority_min),
    SYSCALL(nanosleep),
    SYSCALL(mremap),
    SYSCALL(setresuid),
    SYSCALL(getresuid),
    SYSCALL(poll),
    SYSCALL(setresgid),
    SYSCALL(getresgid),
    SYSCALL(prctl),
    SYSCALL(rt_sigreturn),
    SYSCALL(rt_sigaction),
    SYSCALL(rt_sigprocmask),
    SYSCALL(rt_sigpending),
    SYSCALL(rt_sigtimedwait),
    SYSCALL(rt_sigqueueinfo),
    SYSCALL(rt_tgsigqueueinfo),
    SYSCALL(rt_sigsuspend),
    SYSCALL(pread64),
    SYSCALL(pwrite64),
    SYSCALL(chown),
    SYSCALL(getcwd),
    SYSCALL(capget),
    SYSCALL(capset),
    SYSCALL(sigaltstack),
    SYSCALL(sendfile),
    SYSCALL(vfork),
    SYSCALL(ugetrlimit),
    SYSCALL(mmap2),
    SYSCALL(truncate64),
    SYSCALL(ftruncate64),
    SYSCALL(stat64),
    SYSCALL(lstat64),
    SYSCALL(fstat64),
    SYSCALL(lchown32),
    SYSCALL(getuid32),
    SYSCALL(getgid32),
    SYSCALL(geteuid32),
    SYSCALL(getegid32),
    SYSCALL(setreuid32),
    SYSCALL(setregid32),
    SYSCALL(getgroups32),
    SYSCALL(setgroups32),
    SYSCALL(fchown32),
    SYSCALL(setresuid32),
    SYSCALL(getresuid32),
    SYSCALL(setresgid32),
    SYSCALL(getresgid32),
    SYSCALL(chown32),
    SYSCALL(setuid32),
    SYSCALL(setgid32),
    SYSCALL(setfsuid32),
    SYSCALL(setfsgid32),
    SYSCALL(mincore),
    SYSCALL(madvise),
    SYSCALL(getdents64),
    SYSCALL(fcntl64),
    SYSCALL(gettid),
    SYSCALL(setxattr),
    SYSCALL(lsetxattr),
    SYSCALL(fsetxattr),
    SYSCALL(getxattr),
    SYSCALL(lgetxattr),
    SYSCALL(fgetxattr),
    SYSCALL(listxattr),
    SYSCALL(llistxattr),
    SYSCALL(flistxattr),
    SYSCALL(removexattr),
    SYSCALL(lremovexattr),
    SYSCALL(fremovexattr),
    SYSCALL(tkill),
    SYSCALL(sendfile64),
    SYSCALL(futex),
    SYSCALL(set_robust_list),
    SYSCALL(get_robust_list),
    SYSCALL(membarrier),
    SYSCALL(sched_setaffinity),
    SYSCALL(sched_getaffinity),
    SYSCALL(set_thread_area),
    SYSCALL(get_thread_area),
    SYSCALL(fadvise64),
    SYSCALL(exit_group),
    SYSCALL(epoll_create),
    SYSCALL(epoll_ctl),
    SYSCALL(epoll_wait),
    SYSCALL(remap_file_pages),
    SYSCALL(set_tid_address),
    SYSCALL(clock_settime),
    SYSCALL(clock_gettime),
    SYSCALL(clock_getres),
    SYSCALL(clock_nanosleep),
    SYSCALL(statfs64),
    SYSCALL(fstatfs64),
    SYSCALL(tgkill),
    SYSCALL(utimes),
    SYSCALL(fadvise64_64),
    SYSCALL(waitid),
    SYSCALL(openat),
    SYSCALL(mkdirat),
    SYSCALL(mknodat),
    SYSCALL(fchownat),
    SYSCALL(futimesat),
    SYSCALL(fstatat64),
    SYSCALL(unlinkat),
    SYSCALL(renameat),
    SYSCALL(linkat),
    SYSCALL(symlinkat),
    SYSCALL(readlinkat),
    SYSCALL(fchmodat),
    SYSCALL(faccessat),
    SYSCALL(pselect6),
    SYSCALL(ppoll),
    SYSCALL(getcpu),
    SYSCALL(epoll_pwait),
    SYSCALL(utimensat),
    SYSCALL(signalfd),
    SYSCALL(timerfd_create),
    SYSCALL(eventfd),
    SYSCALL(fallocate),
    SYSCALL(timerfd_settime),
    SYSCALL(timerfd_gettime),
    SYSCALL(signalfd4),
    SYSCALL(eventfd2),
    SYSCALL(epoll_create1),
    SYSCALL(dup3),
    SYSCALL(pipe2),
    SYSCALL(preadv),
    SYSCALL(pwritev),
    SYSCALL(prlimit64),
    SYSCALL(splice),
    SYSCALL(sync_file_range),
    SYSCALL(tee),
    SYSCALL(vmsplice),
    SYSCALL(syncfs),
    SYSCALL(renameat2),
    SYSCALL(getrandom),
    SYSCALL(memfd_create),
    SYSCALL(mlock2),
    SYSCALL(copy_file_range),
    SYSCALL(preadv2),
    SYSCALL(pwritev2),
    SYSCALL(statx),
    SYSCALL(shmget),
    SYSCALL(shmctl),
    SYSCALL(shmat),
    SYSCALL(shmdt),
    SYSCALL(clock_gettime64),
    SYSCALL(clock_settime64),
    SYSCALL(clock_getres_time64),
    SYSCALL(clock_nanosleep_time64),
    SYSCALL(timerfd_gettime64),
    SYSCALL(timerfd_settime64),
    SYSCALL(utimensat_time64),
    SYSCALL(pselect6_time64),
    SYSCALL(ppoll_time64),
    SYSCALL(rt_sigtimedwait_time64),
    SYSCALL(futex_time64),
    SYSCALL(close_range),
    SYSCALL(faccessat2),
    SYSCALL(epoll_pwait2),
};
// clang-format on

u32 syscall_direct_count; // 0 while calls are logged
static u32 reported[16];  // a bit for each missing call that was logged
static bool trace;

void syscall_init(void)
{
    trace = cmdline_has("strace");
    if (!trace)
        syscall_direct_count = ARRAY_SIZE(syscall_table);
}

static s32 missing(u32 number)
{
    u32 word = number / 32;
    u32 bit = 1u << (number % 32);

    if (word < ARRAY_SIZE(reported) && !(reported[word] & bit)) {
        reported[word] |= bit;
        log_info("not implemented: number=%u pid=%d name=%s", number,
                 current->pid, current->name);
    }
    return -ENOSYS;
}

static s32 call(const struct trap_frame *regs)
{
    u32 number = regs->eax;

    if (number >= ARRAY_SIZE(syscall_table) || !syscall_table[number].call)
        return missing(number);
    return syscall_table[number].call(regs->ebx, regs->ecx, regs->edx,
                                      regs->esi, regs->edi, regs->ebp);
}

// The registers are printed as they were before the call, which may be execve.
static __noinline void call_and_log(struct trap_frame *regs)
{
    struct trap_frame before = *regs;
    u32 number = before.eax;
    s32 result = call(regs);
    bool known =
        number < ARRAY_SIZE(syscall_table) && syscall_table[number].name;

    regs->eax = (u32)result;
    log_info("pid=%d %s(%u): %x %x %x %x %x %x = %d", current->pid,
             known ? syscall_table[number].name : "?", number, before.ebx,
             before.ecx, before.edx, before.esi, before.edi, before.ebp,
             result);
}

__stack_args void syscall_dispatch(struct trap_frame *regs)
{
    regs->error = regs->eax; // for restarts
    if (unlikely(trace))
        call_and_log(regs);
    else
        regs->eax = (u32)call(regs);
    syscall_exit(regs);
}

__stack_args void syscall_exit(struct trap_frame *regs)
{
    s32 result = (s32)regs->eax;

    if (unlikely(result <= -TRAP_RESTART_FIRST && result >= -TRAP_RESTART_LAST))
        signal_deliver(regs);
    dispatch_return_to_user(regs);
}
