// kernel/syscall.c - `int $0x80`: the table, and the call
// SPDX-License-Identifier: MIT
//
// Handlers take their arguments as u32 or pointers, at most six; all six
// registers are passed to each, which the C calling convention allows (the
// caller removes them).
//
// A row is a call's name, and what its arguments are, for those who follow a
// task (kernel/strace.c): letters of kernel/strace_args.c. Names of calls that
// are not here are taken from uapi when the kernel is built.

#include <arch/trap.h>
#include <asm/unistd.h>
#include <base/errno.h>
#include <kernel/dispatch.h>
#include <kernel/signal_handlers.h>
#include <kernel/strace.h>
#include <kernel/sys_fs.h>
#include <kernel/sys_net.h>
#include <kernel/sys_proc.h>
#include <kernel/syscall.h>
#include <kernel/task.h>
#include <kernel/trace.h>

#define LOG_NAME "syscall"
#include <kernel/log.h>

typedef s32 (*syscall_fn)(u32, u32, u32, u32, u32, u32);

#define SYSCALL(n, ...)                                                        \
    [__NR_##n] = {(syscall_fn)(void *)sys_##n, "" __VA_ARGS__}

// clang-format off
const struct syscall syscall_table[] = {
    SYSCALL(restart_syscall),
    SYSCALL(exit, "d"),
    SYSCALL(fork),
    SYSCALL(read, "frd"),
    SYSCALL(write, "fwd"),
    SYSCALL(open, "pxo"),
    SYSCALL(close, "f"),
    SYSCALL(waitpid, "dix"),
    SYSCALL(creat, "po"),
    SYSCALL(link, "pp"),
    SYSCALL(unlink, "p"),
    SYSCALL(execve, "paa"),
    SYSCALL(chdir, "p"),
    SYSCALL(time, "P"),
    SYSCALL(mknod, "pox"),
    SYSCALL(chmod, "po"),
    SYSCALL(lchown, "pdd"),
    SYSCALL(lseek, "fdd"),
    SYSCALL(getpid),
    SYSCALL(mount, "pppxP"),
    SYSCALL(umount, "p"),
    SYSCALL(setuid, "d"),
    SYSCALL(getuid),
    SYSCALL(stime, "P"),
    SYSCALL(alarm, "d"),
    SYSCALL(pause),
    SYSCALL(utime, "pP"),
    SYSCALL(access, "po"),
    SYSCALL(nice, "d"),
    SYSCALL(sync),
    SYSCALL(kill, "ds"),
    SYSCALL(rename, "pp"),
    SYSCALL(mkdir, "po"),
    SYSCALL(rmdir, "p"),
    SYSCALL(dup, "f"),
    SYSCALL(pipe, "2"),
    SYSCALL(times, "P"),
    SYSCALL(brk, "P"),
    SYSCALL(getgid),
    SYSCALL(setgid, "d"),
    SYSCALL(signal, "sP"),
    SYSCALL(geteuid),
    SYSCALL(getegid),
    SYSCALL(umount2, "px"),
    SYSCALL(ioctl, "fxP"),
    SYSCALL(fcntl, "fdx"),
    SYSCALL(setpgid, "dd"),
    SYSCALL(umask, "o"),
    SYSCALL(chroot, "p"),
    SYSCALL(dup2, "ff"),
    SYSCALL(getppid),
    SYSCALL(getpgrp),
    SYSCALL(setsid),
    SYSCALL(sigaction, "sPP"),
    SYSCALL(setreuid, "dd"),
    SYSCALL(setregid, "dd"),
    SYSCALL(sigsuspend, "ddx"),
    SYSCALL(sigpending, "P"),
    SYSCALL(sethostname, "wd"),
    SYSCALL(setrlimit, "dP"),
    SYSCALL(getrlimit, "dP"),
    SYSCALL(getrusage, "dP"),
    SYSCALL(gettimeofday, "PP"),
    SYSCALL(settimeofday, "PP"),
    SYSCALL(getgroups, "dP"),
    SYSCALL(setgroups, "dP"),
    SYSCALL(select, "P"),
    SYSCALL(symlink, "pp"),
    SYSCALL(readlink, "prd"),
    SYSCALL(swapon, "px"),
    SYSCALL(reboot),
    SYSCALL(mmap, "P"),
    SYSCALL(munmap, "Px"),
    SYSCALL(truncate, "pd"),
    SYSCALL(ftruncate, "fd"),
    SYSCALL(fchmod, "fo"),
    SYSCALL(fchown, "fdd"),
    SYSCALL(getpriority, "dd"),
    SYSCALL(setpriority, "ddd"),
    SYSCALL(statfs, "pP"),
    SYSCALL(fstatfs, "fP"),
    SYSCALL(syslog, "drd"),
    SYSCALL(setitimer, "dPP"),
    SYSCALL(getitimer, "dP"),
    SYSCALL(stat, "pP"),
    SYSCALL(lstat, "pP"),
    SYSCALL(fstat, "fP"),
    SYSCALL(wait4, "dixP"),
    SYSCALL(swapoff, "p"),
    SYSCALL(sysinfo, "P"),
    SYSCALL(ipc, "ddxdPd"),
    SYSCALL(fsync, "f"),
    SYSCALL(sigreturn),
    SYSCALL(clone, "x"),
    SYSCALL(clone3, "Pd"),
    SYSCALL(setdomainname, "wd"),
    SYSCALL(uname, "P"),
    SYSCALL(modify_ldt, "dPd"),
    SYSCALL(mprotect, "Pxx"),
    SYSCALL(sigprocmask, "dPP"),
    SYSCALL(getpgid, "d"),
    SYSCALL(fchdir, "f"),
    SYSCALL(personality, "x"),
    SYSCALL(setfsuid, "d"),
    SYSCALL(setfsgid, "d"),
    SYSCALL(_llseek, "fddPd"),
    SYSCALL(getdents, "fPd"),
    SYSCALL(_newselect, "dPPPP"),
    SYSCALL(flock, "fx"),
    SYSCALL(msync, "Pxx"),
    SYSCALL(mlock, "Px"),
    SYSCALL(munlock, "Px"),
    SYSCALL(mlockall, "d"),
    SYSCALL(munlockall),
    SYSCALL(readv, "fPd"),
    SYSCALL(writev, "fPd"),
    SYSCALL(getsid, "d"),
    SYSCALL(fdatasync, "f"),
    SYSCALL(sched_setparam, "dP"),
    SYSCALL(sched_getparam, "dP"),
    SYSCALL(sched_setscheduler, "ddP"),
    SYSCALL(sched_getscheduler, "d"),
    SYSCALL(sched_yield),
    SYSCALL(sched_get_priority_max, "d"),
    SYSCALL(sched_get_priority_min, "d"),
    SYSCALL(nanosleep, "tP"),
    SYSCALL(mremap, "PxxxP"),
    SYSCALL(setresuid, "ddd"),
    SYSCALL(getresuid, "PPP"),
    SYSCALL(poll, "Pdd"),
    SYSCALL(setresgid, "ddd"),
    SYSCALL(getresgid, "PPP"),
    SYSCALL(prctl, "dxxxx"),
    SYSCALL(rt_sigreturn),
    SYSCALL(rt_sigaction, "sPPd"),
    SYSCALL(rt_sigprocmask, "dmPd"),
    SYSCALL(rt_sigpending, "mP"),
    SYSCALL(rt_sigtimedwait, "mPtd"),
    SYSCALL(rt_sigqueueinfo, "dsP"),
    SYSCALL(rt_tgsigqueueinfo, "ddsP"),
    SYSCALL(rt_sigsuspend, "md"),
    SYSCALL(pread64, "frdd"),
    SYSCALL(pwrite64, "fwdd"),
    SYSCALL(chown, "pdd"),
    SYSCALL(getcwd, "rd"),
    SYSCALL(capget, "PP"),
    SYSCALL(capset, "PP"),
    SYSCALL(sigaltstack, "PP"),
    SYSCALL(sendfile, "ffPd"),
    SYSCALL(vfork),
    SYSCALL(ugetrlimit, "dP"),
    SYSCALL(mmap2, "Pxxxfd"),
    SYSCALL(truncate64, "pxdd"),
    SYSCALL(ftruncate64, "fxdd"),
    SYSCALL(stat64, "pP"),
    SYSCALL(lstat64, "pP"),
    SYSCALL(fstat64, "fP"),
    SYSCALL(lchown32, "pdd"),
    SYSCALL(getuid32),
    SYSCALL(getgid32),
    SYSCALL(geteuid32),
    SYSCALL(getegid32),
    SYSCALL(setreuid32, "dd"),
    SYSCALL(setregid32, "dd"),
    SYSCALL(getgroups32, "dP"),
    SYSCALL(setgroups32, "dP"),
    SYSCALL(fchown32, "fdd"),
    SYSCALL(setresuid32, "ddd"),
    SYSCALL(getresuid32, "PPP"),
    SYSCALL(setresgid32, "ddd"),
    SYSCALL(getresgid32, "PPP"),
    SYSCALL(chown32, "pdd"),
    SYSCALL(setuid32, "d"),
    SYSCALL(setgid32, "d"),
    SYSCALL(setfsuid32, "d"),
    SYSCALL(setfsgid32, "d"),
    SYSCALL(mincore, "PxP"),
    SYSCALL(madvise, "Pxd"),
    SYSCALL(getdents64, "fPd"),
    SYSCALL(fcntl64, "fdx"),
    SYSCALL(gettid),
    SYSCALL(setxattr, "ppPdx"),
    SYSCALL(lsetxattr, "ppPdx"),
    SYSCALL(fsetxattr, "fpPdx"),
    SYSCALL(getxattr, "ppPd"),
    SYSCALL(lgetxattr, "ppPd"),
    SYSCALL(fgetxattr, "fpPd"),
    SYSCALL(listxattr, "pPd"),
    SYSCALL(llistxattr, "pPd"),
    SYSCALL(flistxattr, "fPd"),
    SYSCALL(removexattr, "pp"),
    SYSCALL(lremovexattr, "pp"),
    SYSCALL(fremovexattr, "fp"),
    SYSCALL(tkill, "ds"),
    SYSCALL(sendfile64, "ffPd"),
    SYSCALL(futex, "PxdtPd"),
    SYSCALL(set_robust_list, "Pd"),
    SYSCALL(get_robust_list, "dPP"),
    SYSCALL(membarrier, "xx"),
    SYSCALL(sched_setaffinity, "ddP"),
    SYSCALL(sched_getaffinity, "ddP"),
    SYSCALL(set_thread_area, "P"),
    SYSCALL(get_thread_area, "P"),
    SYSCALL(fadvise64, "fddxd"),
    SYSCALL(exit_group, "d"),
    SYSCALL(epoll_create, "d"),
    SYSCALL(epoll_ctl, "fdfP"),
    SYSCALL(epoll_wait, "fPdd"),
    SYSCALL(remap_file_pages, "Pxddx"),
    SYSCALL(set_tid_address, "P"),
    SYSCALL(timer_create, "dPP"),
    SYSCALL(timer_settime, "dxPP"),
    SYSCALL(timer_gettime, "dP"),
    SYSCALL(timer_getoverrun, "d"),
    SYSCALL(timer_delete, "d"),
    SYSCALL(clock_settime, "dt"),
    SYSCALL(clock_gettime, "dP"),
    SYSCALL(clock_getres, "dP"),
    SYSCALL(clock_nanosleep, "dxtP"),
    SYSCALL(statfs64, "pdP"),
    SYSCALL(fstatfs64, "fdP"),
    SYSCALL(tgkill, "dds"),
    SYSCALL(utimes, "pP"),
    SYSCALL(fadvise64_64, "fddddd"),
    SYSCALL(waitid, "ddPxP"),
    SYSCALL(inotify_init),
    SYSCALL(inotify_add_watch, "fpx"),
    SYSCALL(inotify_rm_watch, "fd"),
    SYSCALL(openat, "fpxo"),
    SYSCALL(mkdirat, "fpo"),
    SYSCALL(mknodat, "fpox"),
    SYSCALL(fchownat, "fpddx"),
    SYSCALL(futimesat, "fpP"),
    SYSCALL(fstatat64, "fpPx"),
    SYSCALL(unlinkat, "fpx"),
    SYSCALL(renameat, "fpfp"),
    SYSCALL(linkat, "fpfpx"),
    SYSCALL(symlinkat, "pfp"),
    SYSCALL(readlinkat, "fprd"),
    SYSCALL(fchmodat, "fpo"),
    SYSCALL(faccessat, "fpo"),
    SYSCALL(pselect6, "dPPPtP"),
    SYSCALL(ppoll, "Pdtmd"),
    SYSCALL(getcpu, "PPP"),
    SYSCALL(epoll_pwait, "fPddmd"),
    SYSCALL(utimensat, "fpPx"),
    SYSCALL(signalfd, "fmd"),
    SYSCALL(timerfd_create, "dx"),
    SYSCALL(eventfd, "d"),
    SYSCALL(fallocate, "fxxdxdd"),
    SYSCALL(timerfd_settime, "fxPP"),
    SYSCALL(timerfd_gettime, "fP"),
    SYSCALL(signalfd4, "fmdx"),
    SYSCALL(eventfd2, "dx"),
    SYSCALL(epoll_create1, "x"),
    SYSCALL(dup3, "ffx"),
    SYSCALL(pipe2, "2x"),
    SYSCALL(inotify_init1, "x"),
    SYSCALL(preadv, "fPddd"),
    SYSCALL(pwritev, "fPddd"),
    SYSCALL(prlimit64, "ddPP"),
    SYSCALL(splice, "fPfPdx"),
    SYSCALL(sync_file_range, "fddddx"),
    SYSCALL(tee, "ffdx"),
    SYSCALL(vmsplice, "fPdx"),
    SYSCALL(syncfs, "f"),
    SYSCALL(renameat2, "fpfpd"),
    SYSCALL(getrandom, "rdx"),
    SYSCALL(memfd_create, "px"),
    SYSCALL(mlock2, "Pxd"),
    SYSCALL(copy_file_range, "fPfPdx"),
    SYSCALL(preadv2, "fPdddx"),
    SYSCALL(pwritev2, "fPdddx"),
    SYSCALL(statx, "fpxxP"),
    SYSCALL(shmget, "dxx"),
    SYSCALL(shmctl, "ddP"),
    SYSCALL(shmat, "dPx"),
    SYSCALL(shmdt, "P"),
    SYSCALL(clock_gettime64, "dP"),
    SYSCALL(clock_settime64, "dj"),
    SYSCALL(clock_getres_time64, "dP"),
    SYSCALL(clock_nanosleep_time64, "ddjP"),
    SYSCALL(timer_gettime64, "dP"),
    SYSCALL(timer_settime64, "dxPP"),
    SYSCALL(timerfd_gettime64, "fP"),
    SYSCALL(timerfd_settime64, "fxPP"),
    SYSCALL(utimensat_time64, "fpPx"),
    SYSCALL(pselect6_time64, "dPPPjP"),
    SYSCALL(ppoll_time64, "Pdjmd"),
    SYSCALL(rt_sigtimedwait_time64, "mPjd"),
    SYSCALL(futex_time64, "PxdjPd"),
    SYSCALL(pidfd_send_signal, "fsPx"),
    SYSCALL(pidfd_open, "dx"),
    SYSCALL(close_range, "ffx"),
    SYSCALL(faccessat2, "fpox"),
    SYSCALL(epoll_pwait2, "fPdtmd"),
    SYSCALL(socketcall, "dP"),
    SYSCALL(socket, "dxd"),
    SYSCALL(socketpair, "dxd2"),
    SYSCALL(bind, "fPd"),
    SYSCALL(listen, "fd"),
    SYSCALL(connect, "fPd"),
    SYSCALL(accept4, "fPPx"),
    SYSCALL(getsockname, "fPP"),
    SYSCALL(getpeername, "fPP"),
    SYSCALL(shutdown, "fd"),
    SYSCALL(setsockopt, "fddPd"),
    SYSCALL(getsockopt, "fddPP"),
    SYSCALL(sendto, "fwdxPd"),
    SYSCALL(recvfrom, "frdxPP"),
    SYSCALL(sendmsg, "fPx"),
    SYSCALL(recvmsg, "fPx"),
    SYSCALL(sendmmsg, "fPdx"),
    SYSCALL(recvmmsg, "fPdxt"),
    SYSCALL(recvmmsg_time64, "fPdxt"),
};
// clang-format on

u32 syscall_direct_count = ARRAY_SIZE(syscall_table);
static u32 reported[16]; // a bit for each missing call that was logged

void syscall_watch(enum syscall_watcher who, bool on)
{
    static u32 watchers;

    watchers = on ? watchers | who : watchers & ~(u32)who;
    syscall_direct_count = watchers ? 0 : ARRAY_SIZE(syscall_table);
}

static s32 missing(u32 number)
{
    u32 word = number / 32;
    u32 bit = 1u << (number % 32);

    // glibc asks for rseq in every program, and does without.
    enum log_level level = number == __NR_rseq ? LOG_DEBUG : LOG_INFO;

    if (word < ARRAY_SIZE(reported) && !(reported[word] & bit)) {
        reported[word] |= bit;
        log_write(
            level, LOG_NAME, "not implemented: %s number=%u pid=%d name=%s",
            strace_call_name(number), number, current->pid, current->name);
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

static s32 call_followed(const struct trap_frame *regs)
{
    u32 number = regs->eax;
    bool is_known =
        number < ARRAY_SIZE(syscall_table) && syscall_table[number].call;
    struct strace_call trace;
    s32 result;

    strace_enter(&trace, regs,
                 is_known ? syscall_table[number].kinds : "xxxxxx");
    result = call(regs);
    strace_leave(&trace, result);
    return result;
}

// What exit and the like do not come back from has no record.
static __noinline s32 call_watched(const struct trap_frame *regs)
{
    u64 start = trace_start(syscall);
    u32 number = regs->eax;
    s32 result = current->flags & TF_STRACE ? call_followed(regs) : call(regs);

    if (trace_on(syscall) && start)
        trace_write(TRACE_SYSCALL, number, (u32)result, time_since(start), 0,
                    0);
    return result;
}

__stack_args void syscall_dispatch(struct trap_frame *regs)
{
    regs->error = regs->eax; // for restarts
    if (unlikely(!syscall_direct_count))
        regs->eax = (u32)call_watched(regs);
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
