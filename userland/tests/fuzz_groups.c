// userland/tests/fuzz_groups.c - calls that go together
// SPDX-License-Identifier: MIT
//
// What one of a list makes, the others use. Of some three hundred calls hardly
// two would meet in the life of a worker, so that it keeps to some lists.

#include <asm/unistd.h>

#include "fuzz.h"

static const uint16_t groups[][24] = {
    {__NR_socket,          __NR_socketpair,  __NR_bind,
     __NR_connect,         __NR_listen,      __NR_accept4,
     __NR_sendto,          __NR_recvfrom,    __NR_sendmsg,
     __NR_recvmsg,         __NR_sendmmsg,    __NR_recvmmsg,
     __NR_recvmmsg_time64, __NR_shutdown,    __NR_getsockopt,
     __NR_setsockopt,      __NR_getsockname, __NR_getpeername,
     __NR_socketcall,      __NR_close,       __NR_dup},
    {__NR_epoll_create1, __NR_epoll_ctl, __NR_epoll_ctl, __NR_epoll_wait,
     __NR_epoll_pwait, __NR_epoll_pwait2, __NR_eventfd2, __NR_signalfd4,
     __NR_timerfd_create, __NR_timerfd_settime, __NR_poll, __NR__newselect,
     __NR_write, __NR_read, __NR_close, __NR_dup2, __NR_ioctl},
    {__NR_timer_create, __NR_timer_settime, __NR_timer_settime64,
     __NR_timer_gettime, __NR_timer_gettime64, __NR_timer_getoverrun,
     __NR_timer_delete, __NR_setitimer, __NR_getitimer, __NR_clock_nanosleep,
     __NR_rt_sigtimedwait, __NR_sigaltstack, __NR_rt_sigaction},
    {__NR_timerfd_create, __NR_timerfd_settime, __NR_timerfd_settime64,
     __NR_timerfd_gettime, __NR_timerfd_gettime64, __NR_read, __NR_poll,
     __NR_clock_settime, __NR_close},
    {__NR_splice, __NR_tee, __NR_vmsplice, __NR_pipe2, __NR_sendfile,
     __NR_sendfile64, __NR_copy_file_range, __NR_readv, __NR_writev,
     __NR_fcntl64, __NR_munmap, __NR_mmap2, __NR_ftruncate},
    {__NR_futex, __NR_futex, __NR_futex_time64, __NR_set_robust_list,
     __NR_get_robust_list, __NR_clone, __NR_set_tid_address, __NR_fork},
    {__NR_clone3, __NR_clone, __NR_fork, __NR_vfork, __NR_waitid, __NR_wait4,
     __NR_pidfd_open, __NR_pidfd_send_signal, __NR_tgkill, __NR_tkill,
     __NR_setpgid, __NR_prctl, __NR_poll, __NR_getrusage, __NR_execve},
    {__NR_fcntl, __NR_fcntl64, __NR_fcntl64, __NR_flock, __NR_open, __NR_dup,
     __NR_close, __NR_ftruncate64, __NR_fork},
    {__NR_ioctl, __NR_ioctl, __NR_ioctl, __NR_read, __NR_write, __NR_poll,
     __NR_setsid, __NR_setpgid, __NR_openat, __NR_vhangup, __NR_fork},
    {__NR_inotify_init1, __NR_inotify_add_watch, __NR_inotify_rm_watch,
     __NR_read, __NR_unlink, __NR_rename, __NR_openat, __NR_mkdir, __NR_rmdir,
     __NR_fchmod, __NR_utimes, __NR_umount2, __NR_mount},
    {__NR_mount, __NR_mount, __NR_umount2, __NR_umount, __NR_mkdir, __NR_open,
     __NR_chdir, __NR_rename, __NR_mknod, __NR_symlink, __NR_statfs64,
     __NR_unlink, __NR_rmdir, __NR_fchdir, __NR_getcwd, __NR_chroot},
    {__NR_swapon, __NR_swapoff, __NR_mmap2, __NR_madvise, __NR_mincore,
     __NR_munmap, __NR_fork, __NR_truncate, __NR_unlink},
    {__NR_shmget, __NR_shmat, __NR_shmdt, __NR_shmctl, __NR_ipc, __NR_mprotect,
     __NR_mremap, __NR_fork, __NR_mlock, __NR_munmap},
    {__NR_mmap2, __NR_mmap2, __NR_munmap, __NR_mremap, __NR_mprotect,
     __NR_madvise, __NR_msync, __NR_mlock2, __NR_munlock, __NR_mlockall,
     __NR_munlockall, __NR_mincore, __NR_remap_file_pages, __NR_brk,
     __NR_ftruncate, __NR_fallocate, __NR_fork, __NR_memfd_create},
    {__NR_pread64, __NR_pwrite64, __NR_preadv2, __NR_pwritev2, __NR_fallocate,
     __NR_ftruncate64, __NR_truncate64, __NR_fsync, __NR_sync_file_range,
     __NR_fadvise64_64, __NR_link, __NR_linkat, __NR_rename, __NR_renameat2,
     __NR_unlinkat, __NR_open, __NR_getdents64, __NR_lseek},
    {__NR_set_thread_area, __NR_get_thread_area, __NR_modify_ldt, __NR_clone,
     __NR_fork, __NR_sigreturn, __NR_rt_sigreturn, __NR_sigaltstack,
     __NR_rt_sigaction, __NR_rt_sigqueueinfo, __NR_signalfd4},
};

const uint16_t *fuzz_group(void)
{
    return groups[fuzz_below(sizeof(groups) / sizeof(groups[0]))];
}
