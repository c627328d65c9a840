// include/kernel/sys_fs.h - the system calls on files
// SPDX-License-Identifier: MIT
//
// One handler for each __NR_<name>; arguments as the registers bring them, so
// that a 64-bit one is two words, the low one first (except _llseek). Return:
// 0 or positive, or -errno as the manual page of the call lists them (or
// -ERESTARTSYS, kernel/signal.h). Context: the calling task; all may sleep.
// Structures are those of the i386 uapi headers.
#pragma once

#include <base/compiler.h>
#include <base/types.h>

struct __kernel_old_timespec;
struct __kernel_old_timeval;
struct __kernel_timespec;
struct epoll_event;
struct iovec;
struct linux_dirent64;
struct pollfd;
struct stat;
struct stat64;
struct statfs;
struct statfs64;
struct statx;

// sys_open.c
s32 sys_open(const char __user *path, u32 flags, u32 mode);
s32 sys_openat(s32 dirfd, const char __user *path, u32 flags, u32 mode);
s32 sys_creat(const char __user *path, u32 mode);
s32 sys_close(s32 fd);
s32 sys_close_range(u32 first, u32 last, u32 flags);
s32 sys_access(const char __user *path, u32 mode);
s32 sys_faccessat(s32 dirfd, const char __user *path, u32 mode);
s32 sys_faccessat2(s32 dirfd, const char __user *path, u32 mode, u32 flags);
s32 sys_chdir(const char __user *path);
s32 sys_fchdir(s32 fd);
s32 sys_chroot(const char __user *path);
s32 sys_getcwd(char __user *buf, u32 size);
s32 sys_umask(u32 mask);

// sys_rw.c, sys_file.c
s32 sys_read(s32 fd, void __user *buf, u32 bytes);
s32 sys_write(s32 fd, const void __user *buf, u32 bytes);
s32 sys_readv(s32 fd, const struct iovec __user *vec, u32 count);
s32 sys_writev(s32 fd, const struct iovec __user *vec, u32 count);
s32 sys_pread64(s32 fd, void __user *buf, u32 bytes, u32 pos_low, u32 pos_high);
s32 sys_pwrite64(s32 fd, const void __user *buf, u32 bytes, u32 pos_low,
                 u32 pos_high);
s32 sys_preadv(s32 fd, const struct iovec __user *vec, u32 count, u32 pos_low,
               u32 pos_high);
s32 sys_pwritev(s32 fd, const struct iovec __user *vec, u32 count, u32 pos_low,
                u32 pos_high);
s32 sys_lseek(s32 fd, s32 offset, u32 whence);
s32 sys__llseek(s32 fd, u32 offset_high, u32 offset_low, u64 __user *result,
                u32 whence);
s32 sys_sendfile(s32 out_fd, s32 in_fd, s32 __user *offset, u32 bytes);
s32 sys_sendfile64(s32 out_fd, s32 in_fd, s64 __user *offset, u32 bytes);
s32 sys_sync(void);
s32 sys_syncfs(s32 fd);
s32 sys_fsync(s32 fd);
s32 sys_fdatasync(s32 fd);
s32 sys_sync_file_range(s32 fd, u32 pos_low, u32 pos_high, u32 bytes_low,
                        u32 bytes_high, u32 flags);
s32 sys_fadvise64(s32 fd, u32 pos_low, u32 pos_high, u32 bytes, u32 advice);
s32 sys_fadvise64_64(s32 fd, u32 pos_low, u32 pos_high, u32 bytes_low,
                     u32 bytes_high, u32 advice);
s32 sys_fallocate(s32 fd, u32 mode, u32 pos_low, u32 pos_high, u32 bytes_low,
                  u32 bytes_high);
s32 sys_truncate(const char __user *path, s32 size);
s32 sys_ftruncate(s32 fd, s32 size);
s32 sys_truncate64(const char __user *path, u32 low, u32 high);
s32 sys_ftruncate64(s32 fd, u32 low, u32 high);

// sys_stat.c, sys_statfs.c
s32 sys_stat(const char __user *path, struct stat __user *out);
s32 sys_lstat(const char __user *path, struct stat __user *out);
s32 sys_fstat(s32 fd, struct stat __user *out);
s32 sys_stat64(const char __user *path, struct stat64 __user *out);
s32 sys_lstat64(const char __user *path, struct stat64 __user *out);
s32 sys_fstat64(s32 fd, struct stat64 __user *out);
s32 sys_fstatat64(s32 dirfd, const char __user *path, struct stat64 __user *out,
                  u32 flags);
s32 sys_statx(s32 dirfd, const char __user *path, u32 flags, u32 mask,
              struct statx __user *out);
s32 sys_statfs(const char __user *path, struct statfs __user *out);
s32 sys_fstatfs(s32 fd, struct statfs __user *out);
s32 sys_statfs64(const char __user *path, u32 size,
                 struct statfs64 __user *out);
s32 sys_fstatfs64(s32 fd, u32 size, struct statfs64 __user *out);

// sys_dir.c
s32 sys_getdents(s32 fd, void __user *buf, u32 bytes);
s32 sys_getdents64(s32 fd, struct linux_dirent64 __user *buf, u32 bytes);
s32 sys_mkdir(const char __user *path, u32 mode);
s32 sys_mkdirat(s32 dirfd, const char __user *path, u32 mode);
s32 sys_rmdir(const char __user *path);
s32 sys_unlink(const char __user *path);
s32 sys_unlinkat(s32 dirfd, const char __user *path, u32 flags);
s32 sys_rename(const char __user *from, const char __user *to);
s32 sys_renameat(s32 from_fd, const char __user *from, s32 to_fd,
                 const char __user *to);
s32 sys_renameat2(s32 from_fd, const char __user *from, s32 to_fd,
                  const char __user *to, u32 flags);
s32 sys_link(const char __user *from, const char __user *to);
s32 sys_linkat(s32 from_fd, const char __user *from, s32 to_fd,
               const char __user *to, u32 flags);
s32 sys_symlink(const char __user *target, const char __user *path);
s32 sys_symlinkat(const char __user *target, s32 dirfd,
                  const char __user *path);
s32 sys_readlink(const char __user *path, char __user *buf, s32 size);
s32 sys_readlinkat(s32 dirfd, const char __user *path, char __user *buf,
                   s32 size);
s32 sys_mknod(const char __user *path, u32 mode, u32 number);
s32 sys_mknodat(s32 dirfd, const char __user *path, u32 mode, u32 number);

// sys_attr.c. Owners: 0xffffffff (0xffff in the 16-bit calls) leaves them.
s32 sys_chmod(const char __user *path, u32 mode);
s32 sys_fchmod(s32 fd, u32 mode);
s32 sys_fchmodat(s32 dirfd, const char __user *path, u32 mode);
s32 sys_chown(const char __user *path, u32 uid, u32 gid);
s32 sys_lchown(const char __user *path, u32 uid, u32 gid);
s32 sys_fchown(s32 fd, u32 uid, u32 gid);
s32 sys_chown32(const char __user *path, u32 uid, u32 gid);
s32 sys_lchown32(const char __user *path, u32 uid, u32 gid);
s32 sys_fchown32(s32 fd, u32 uid, u32 gid);
s32 sys_fchownat(s32 dirfd, const char __user *path, u32 uid, u32 gid,
                 u32 flags);
s32 sys_utime(const char __user *path, const s32 __user *times);
s32 sys_utimes(const char __user *path,
               const struct __kernel_old_timeval __user *times);
s32 sys_futimesat(s32 dirfd, const char __user *path,
                  const struct __kernel_old_timeval __user *times);
s32 sys_utimensat(s32 dirfd, const char __user *path,
                  const struct __kernel_old_timespec __user *times, u32 flags);
s32 sys_utimensat_time64(s32 dirfd, const char __user *path,
                         const struct __kernel_timespec __user *times,
                         u32 flags);

// sys_fd.c
s32 sys_dup(s32 fd);
s32 sys_dup2(s32 from, s32 to);
s32 sys_dup3(s32 from, s32 to, u32 flags);
s32 sys_fcntl(s32 fd, u32 command, u32 argument);
s32 sys_fcntl64(s32 fd, u32 command, u32 argument);
s32 sys_ioctl(s32 fd, u32 command, u32 argument);
s32 sys_pipe(s32 __user *fds);
s32 sys_pipe2(s32 __user *fds, u32 flags);

// sys_copy.c
s32 sys_copy_file_range(s32 in_fd, s64 __user *in_user, s32 out_fd,
                        s64 __user *out_user, u32 bytes, u32 flags);
s32 sys_splice(s32 in_fd, s64 __user *in_user, s32 out_fd, s64 __user *out_user,
               u32 bytes, u32 flags);
s32 sys_tee(s32 in_fd, s32 out_fd, u32 bytes, u32 flags);

// sys_rw.c
s32 sys_preadv2(s32 fd, const struct iovec __user *vec, u32 count, u32 pos_low,
                u32 pos_high, u32 flags);
s32 sys_pwritev2(s32 fd, const struct iovec __user *vec, u32 count, u32 pos_low,
                 u32 pos_high, u32 flags);
s32 sys_vmsplice(s32 fd, const struct iovec __user *vec, u32 count, u32 flags);

// sys_xattr.c
s32 sys_setxattr(const char __user *path, const char __user *name,
                 const void __user *value, u32 bytes, u32 flags);
s32 sys_lsetxattr(const char __user *path, const char __user *name,
                  const void __user *value, u32 bytes, u32 flags);
s32 sys_fsetxattr(s32 fd, const char __user *name, const void __user *value,
                  u32 bytes, u32 flags);
s32 sys_getxattr(const char __user *path, const char __user *name,
                 void __user *value, u32 bytes);
s32 sys_lgetxattr(const char __user *path, const char __user *name,
                  void __user *value, u32 bytes);
s32 sys_fgetxattr(s32 fd, const char __user *name, void __user *value,
                  u32 bytes);
s32 sys_listxattr(const char __user *path, char __user *list, u32 bytes);
s32 sys_llistxattr(const char __user *path, char __user *list, u32 bytes);
s32 sys_flistxattr(s32 fd, char __user *list, u32 bytes);
s32 sys_removexattr(const char __user *path, const char __user *name);
s32 sys_lremovexattr(const char __user *path, const char __user *name);
s32 sys_fremovexattr(s32 fd, const char __user *name);

// sys_lock.c
s32 sys_flock(s32 fd, u32 operation);

// sys_epoll.c
s32 sys_epoll_create(s32 size);
s32 sys_epoll_create1(u32 flags);
s32 sys_epoll_ctl(s32 epfd, u32 op, s32 fd,
                  const struct epoll_event __user *user);
s32 sys_epoll_wait(s32 epfd, struct epoll_event __user *events, s32 max,
                   s32 timeout_ms);
s32 sys_epoll_pwait(s32 epfd, struct epoll_event __user *events, s32 max,
                    s32 timeout_ms, const u64 __user *mask, u32 mask_bytes);
s32 sys_epoll_pwait2(s32 epfd, struct epoll_event __user *events, s32 max,
                     const struct __kernel_timespec __user *timeout,
                     const u64 __user *mask, u32 mask_bytes);

// sys_inotify.c
s32 sys_inotify_init(void);
s32 sys_inotify_init1(u32 flags);
s32 sys_inotify_add_watch(s32 fd, const char __user *path, u32 mask);
s32 sys_inotify_rm_watch(s32 fd, s32 wd);

// sys_eventfd.c
s32 sys_eventfd(u32 count);
s32 sys_eventfd2(u32 count, u32 flags);
s32 sys_timerfd_create(u32 clock, u32 flags);
s32 sys_timerfd_settime(s32 fd, u32 flags, const void __user *in,
                        void __user *old);
s32 sys_timerfd_gettime(s32 fd, void __user *out);
s32 sys_timerfd_settime64(s32 fd, u32 flags, const void __user *in,
                          void __user *old);
s32 sys_timerfd_gettime64(s32 fd, void __user *out);

// signalfd.c
s32 sys_signalfd(s32 fd, const u64 __user *mask, u32 mask_bytes);
s32 sys_signalfd4(s32 fd, const u64 __user *mask, u32 mask_bytes, u32 flags);

// sys_poll.c
s32 sys_poll(struct pollfd __user *fds, u32 count, s32 timeout_ms);
s32 sys_ppoll(struct pollfd __user *fds, u32 count,
              struct __kernel_old_timespec __user *timeout,
              const u64 __user *sigmask, u32 sigmask_bytes);
s32 sys_ppoll_time64(struct pollfd __user *fds, u32 count,
                     struct __kernel_timespec __user *timeout,
                     const u64 __user *sigmask, u32 sigmask_bytes);
s32 sys_select(const u32 __user *arguments); // the five of _newselect
s32 sys__newselect(s32 count, u32 __user *in, u32 __user *out, u32 __user *ex,
                   struct __kernel_old_timeval __user *timeout);
s32 sys_pselect6(s32 count, u32 __user *in, u32 __user *out, u32 __user *ex,
                 struct __kernel_old_timespec __user *timeout,
                 const u32 __user *sigmask);
s32 sys_pselect6_time64(s32 count, u32 __user *in, u32 __user *out,
                        u32 __user *ex,
                        struct __kernel_timespec __user *timeout,
                        const u32 __user *sigmask);

// sys_mount.c
s32 sys_mount(const char __user *source, const char __user *target,
              const char __user *type, u32 flags, const void __user *data);
s32 sys_umount(const char __user *path); // oldumount: no flags
s32 sys_umount2(const char __user *path, u32 flags);

// random.c
s32 sys_getrandom(void __user *buf, u32 bytes, u32 flags);
