// include/kernel/sys_proc.h - the system calls on processes, time and memory
// SPDX-License-Identifier: MIT
//
// One handler for each __NR_<name>; arguments as the registers bring them.
// Return: 0 or positive, or -errno as the manual page of the call lists them
// (or an in-kernel restart value). Context: the calling task; may sleep.
#pragma once

#include <base/compiler.h>
#include <base/types.h>

struct __user_cap_data_struct;
struct __user_cap_header_struct;
struct new_utsname;
struct rlimit;
struct rlimit64;
struct rusage;
struct sysinfo;
struct tms;
struct user_desc;

// fork.c
s32 sys_fork(void);
s32 sys_vfork(void);
s32 sys_clone3(const void __user *args, u32 bytes);
s32 sys_clone(u32 flags, u32 stack, s32 __user *parent_tid,
              struct user_desc __user *tls, u32 __user *child_tid);

// exit.c, wait4.c
s32 sys_exit(u32 code);
s32 sys_exit_group(u32 code);
s32 sys_waitpid(s32 pid, s32 __user *status, u32 options);
s32 sys_wait4(s32 pid, s32 __user *status, u32 options,
              struct rusage __user *usage);
s32 sys_waitid(u32 which, s32 pid, void __user *info, u32 options,
               struct rusage __user *usage);

// pidfd.c, sys_kill.c
s32 sys_pidfd_open(s32 pid, u32 flags);
s32 sys_pidfd_send_signal(s32 fd, s32 signal, const void __user *info,
                          u32 flags);

// sys_shm.c
s32 sys_shmget(s32 key, u32 bytes, u32 flags);
s32 sys_shmat(s32 id, u32 addr, u32 flags);
s32 sys_shmdt(u32 addr);
s32 sys_shmctl(s32 id, u32 command, void __user *user);
s32 sys_ipc(u32 call, s32 first, u32 second, u32 third, u32 pointer);

// sys_memfd.c
s32 sys_memfd_create(const char __user *name, u32 flags);

// exec.c
s32 sys_execve(const char __user *path, const u32 __user *argv,
               const u32 __user *envp);

// signal_return.c, signal_altstack.c, sys_signal.c
s32 sys_sigreturn(void);
s32 sys_rt_sigreturn(void);
s32 sys_rt_sigaction(s32 signal, const void __user *action, void __user *old,
                     u32 set_bytes);
s32 sys_sigaction(s32 signal, const u32 __user *action, u32 __user *old);
s32 sys_signal(s32 signal, u32 handler);
s32 sys_rt_sigprocmask(u32 how, const u64 __user *set, u64 __user *old,
                       u32 set_bytes);
s32 sys_sigprocmask(u32 how, const u32 __user *set, u32 __user *old);
s32 sys_rt_sigpending(u64 __user *set, u32 set_bytes);
s32 sys_sigpending(u32 __user *set);
s32 sys_rt_sigsuspend(const u64 __user *set, u32 set_bytes);
s32 sys_sigsuspend(u32 unused1, u32 unused2, u32 set);
s32 sys_pause(void);
s32 sys_rt_sigtimedwait(const u64 __user *set, void __user *info,
                        const void __user *timeout, u32 set_bytes);
s32 sys_rt_sigtimedwait_time64(const u64 __user *set, void __user *info,
                               const void __user *timeout, u32 set_bytes);
s32 sys_sigaltstack(const u32 __user *stack, u32 __user *old);

// sys_kill.c
s32 sys_kill(s32 pid, s32 signal);
s32 sys_tkill(s32 tid, s32 signal);
s32 sys_tgkill(s32 tgid, s32 tid, s32 signal);
s32 sys_rt_sigqueueinfo(s32 pid, s32 signal, const void __user *info);
s32 sys_rt_tgsigqueueinfo(s32 tgid, s32 tid, s32 signal,
                          const void __user *info);

// sys_ids.c
s32 sys_getpid(void);
s32 sys_gettid(void);
s32 sys_getppid(void);
s32 sys_getpgrp(void);
s32 sys_getpgid(s32 pid);
s32 sys_setpgid(s32 pid, s32 pgid);
s32 sys_getsid(s32 pid);
s32 sys_setsid(void);
s32 sys_set_tid_address(u32 __user *tid);

// sys_owners16.c: numbers that do not fit read as 65534
s32 sys_getuid(void);
s32 sys_geteuid(void);
s32 sys_getgid(void);
s32 sys_getegid(void);
s32 sys_setuid(u32 uid);
s32 sys_setgid(u32 gid);
s32 sys_setreuid(u32 ruid, u32 euid);
s32 sys_setregid(u32 rgid, u32 egid);
s32 sys_setresuid(u32 ruid, u32 euid, u32 suid);
s32 sys_setresgid(u32 rgid, u32 egid, u32 sgid);
s32 sys_getresuid(u16 __user *ruid, u16 __user *euid, u16 __user *suid);
s32 sys_getresgid(u16 __user *rgid, u16 __user *egid, u16 __user *sgid);
s32 sys_setfsuid(u32 uid);
s32 sys_setfsgid(u32 gid);

// sys_owners.c
s32 sys_getuid32(void);
s32 sys_geteuid32(void);
s32 sys_getgid32(void);
s32 sys_getegid32(void);
s32 sys_setuid32(u32 uid);
s32 sys_setgid32(u32 gid);
s32 sys_setreuid32(u32 ruid, u32 euid);
s32 sys_setregid32(u32 rgid, u32 egid);
s32 sys_setresuid32(u32 ruid, u32 euid, u32 suid);
s32 sys_setresgid32(u32 rgid, u32 egid, u32 sgid);
s32 sys_getresuid32(u32 __user *ruid, u32 __user *euid, u32 __user *suid);
s32 sys_getresgid32(u32 __user *rgid, u32 __user *egid, u32 __user *sgid);
s32 sys_setfsuid32(u32 uid);
s32 sys_setfsgid32(u32 gid);

// groups.c
s32 sys_getgroups(s32 room, u16 __user *groups);
s32 sys_setgroups(s32 count, const u16 __user *groups);
s32 sys_getgroups32(s32 room, u32 __user *groups);
s32 sys_setgroups32(s32 count, const u32 __user *groups);

// sys_caps.c
s32 sys_capget(struct __user_cap_header_struct __user *header,
               struct __user_cap_data_struct __user *data);
s32 sys_capset(struct __user_cap_header_struct __user *header,
               const struct __user_cap_data_struct __user *data);

// sys_process.c
s32 sys_prctl(u32 option, u32 a, u32 b, u32 c, u32 d);
s32 sys_personality(u32 persona);
s32 sys_set_thread_area(struct user_desc __user *desc);
s32 sys_get_thread_area(struct user_desc __user *desc);
s32 sys_getpriority(s32 which, s32 who);
s32 sys_setpriority(s32 which, s32 who, s32 nice);
s32 sys_nice(s32 increment);
s32 sys_sched_yield(void);
s32 sys_sched_getaffinity(s32 pid, u32 bytes, u32 __user *mask);
s32 sys_sched_setaffinity(s32 pid, u32 bytes, const u32 __user *mask);
s32 sys_sched_getscheduler(s32 pid);
s32 sys_sched_setscheduler(s32 pid, s32 policy, const s32 __user *param);
s32 sys_sched_getparam(s32 pid, s32 __user *param);
s32 sys_sched_setparam(s32 pid, const s32 __user *param);
s32 sys_sched_get_priority_max(s32 policy);
s32 sys_sched_get_priority_min(s32 policy);

// sys_limits.c
s32 sys_getrlimit(u32 resource, struct rlimit __user *out); // 31-bit form
s32 sys_ugetrlimit(u32 resource, struct rlimit __user *out);
s32 sys_setrlimit(u32 resource, const struct rlimit __user *in);
s32 sys_prlimit64(s32 pid, u32 resource, const struct rlimit64 __user *in,
                  struct rlimit64 __user *out);
s32 sys_getrusage(s32 who, struct rusage __user *out);
s32 sys_times(struct tms __user *out);

// sys_system.c
s32 sys_uname(struct new_utsname __user *out);
s32 sys_sethostname(const char __user *name, s32 bytes);
s32 sys_setdomainname(const char __user *name, s32 bytes);
s32 sys_sysinfo(struct sysinfo __user *out);
s32 sys_syslog(s32 action, char __user *buf, s32 bytes);
s32 sys_reboot(u32 magic1, u32 magic2, u32 command, const void __user *arg);
s32 sys_getcpu(u32 __user *cpu, u32 __user *node);

// sys_time.c, sys_sleep.c, sys_itimer.c, sys_timer.c. void: by name, of i386's
// old or the 64-bit form.
s32 sys_time(s32 __user *out);
s32 sys_stime(const s32 __user *in);
s32 sys_gettimeofday(void __user *tv, void __user *tz);
s32 sys_settimeofday(const void __user *tv, const void __user *tz);
s32 sys_clock_gettime(u32 clock, void __user *out);
s32 sys_clock_gettime64(u32 clock, void __user *out);
s32 sys_clock_settime(u32 clock, const void __user *in);
s32 sys_clock_settime64(u32 clock, const void __user *in);
s32 sys_clock_getres(u32 clock, void __user *out);
s32 sys_clock_getres_time64(u32 clock, void __user *out);
s32 sys_nanosleep(const void __user *request, void __user *remain);
s32 sys_clock_nanosleep(u32 clock, u32 flags, const void __user *request,
                        void __user *remain);
s32 sys_clock_nanosleep_time64(u32 clock, u32 flags, const void __user *request,
                               void __user *remain);
s32 sys_restart_syscall(void);
s32 sys_alarm(u32 seconds);
s32 sys_getitimer(u32 which, void __user *out);
s32 sys_setitimer(u32 which, const void __user *in, void __user *out);
s32 sys_timer_create(u32 clock, const void __user *event, s32 __user *out);
s32 sys_timer_settime(s32 id, u32 flags, const void __user *in,
                      void __user *old);
s32 sys_timer_settime64(s32 id, u32 flags, const void __user *in,
                        void __user *old);
s32 sys_timer_gettime(s32 id, void __user *out);
s32 sys_timer_gettime64(s32 id, void __user *out);
s32 sys_timer_getoverrun(s32 id);
s32 sys_timer_delete(s32 id);

// membarrier.c
s32 sys_membarrier(u32 command, u32 flags, s32 cpu);

// sys_futex.c
s32 sys_set_robust_list(u32 head, u32 bytes);
s32 sys_get_robust_list(s32 tid, u32 __user *head, u32 __user *bytes);
s32 sys_futex(u32 __user *word, u32 op, u32 value, u32 timeout_or_count,
              u32 __user *word2, u32 value3);
s32 sys_futex_time64(u32 __user *word, u32 op, u32 value, u32 timeout_or_count,
                     u32 __user *word2, u32 value3);

// sys_mm.c
s32 sys_brk(u32 address);
s32 sys_mmap(const u32 __user *arguments); // the six of mmap2, bytes of offset
s32 sys_mmap2(u32 address, u32 bytes, u32 prot, u32 flags, s32 fd, u32 page);
s32 sys_munmap(u32 address, u32 bytes);
s32 sys_mprotect(u32 address, u32 bytes, u32 prot);
s32 sys_mremap(u32 address, u32 old_bytes, u32 new_bytes, u32 flags,
               u32 new_address);
s32 sys_remap_file_pages(u32 address, u32 bytes, u32 prot, u32 page, u32 flags);

// sys_ldt.c
s32 sys_modify_ldt(s32 function, void __user *at, u32 bytes);

// sys_mlock.c
s32 sys_mlock(u32 address, u32 bytes);
s32 sys_mlock2(u32 address, u32 bytes, u32 flags);
s32 sys_munlock(u32 address, u32 bytes);
s32 sys_mlockall(u32 flags);
s32 sys_munlockall(void);

// sys_madvise.c
s32 sys_madvise(u32 address, u32 bytes, u32 number);
s32 sys_mincore(u32 address, u32 bytes, u8 __user *out);
s32 sys_msync(u32 address, u32 bytes, u32 flags);

// sys_swap.c
s32 sys_swapon(const char __user *path, u32 flags);
s32 sys_swapoff(const char __user *path);
