// include/kernel/sys_net.h - the system calls on sockets
// SPDX-License-Identifier: MIT
//
// As sys_fs.h has it. socketcall(2) does them all by number.
#pragma once

#include <base/compiler.h>
#include <base/types.h>

struct __kernel_old_timespec;
struct __kernel_timespec;
struct user_mmsghdr;
struct user_msghdr;

// sys_socket.c
s32 sys_socketcall(u32 call, const u32 __user *arguments);
s32 sys_socket(s32 family, u32 type, u32 protocol);
s32 sys_socketpair(s32 family, u32 type, u32 protocol, s32 __user *fds);
s32 sys_bind(s32 fd, const void __user *address, s32 bytes);
s32 sys_listen(s32 fd, s32 backlog);
s32 sys_connect(s32 fd, const void __user *address, s32 bytes);
s32 sys_accept4(s32 fd, void __user *address, s32 __user *bytes, u32 flags);
s32 sys_getsockname(s32 fd, void __user *address, s32 __user *bytes);
s32 sys_getpeername(s32 fd, void __user *address, s32 __user *bytes);
s32 sys_shutdown(s32 fd, u32 how);
s32 sys_setsockopt(s32 fd, s32 level, s32 option, const void __user *value,
                   s32 bytes);
s32 sys_getsockopt(s32 fd, s32 level, s32 option, void __user *value,
                   s32 __user *bytes);

// sys_message.c
s32 sys_sendto(s32 fd, const void __user *buf, u32 bytes, u32 flags,
               const void __user *address, s32 address_bytes);
s32 sys_recvfrom(s32 fd, void __user *buf, u32 bytes, u32 flags,
                 void __user *address, s32 __user *address_bytes);
s32 sys_sendmsg(s32 fd, const struct user_msghdr __user *header, u32 flags);
s32 sys_recvmsg(s32 fd, struct user_msghdr __user *header, u32 flags);
s32 sys_sendmmsg(s32 fd, struct user_mmsghdr __user *headers, u32 count,
                 u32 flags);
s32 sys_recvmmsg(s32 fd, struct user_mmsghdr __user *headers, u32 count,
                 u32 flags, struct __kernel_old_timespec __user *timeout);
s32 sys_recvmmsg_time64(s32 fd, struct user_mmsghdr __user *headers, u32 count,
                        u32 flags, struct __kernel_timespec __user *timeout);
