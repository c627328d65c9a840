// include/fs/socket_abi.h - what socket(2) and its kin take and give
// SPDX-License-Identifier: MIT
//
// The uapi headers have the options (<asm/socket.h>), struct sockaddr_un
// (<linux/un.h>) and socketcall's numbers (<linux/net.h>); the rest is the C
// library's to define, and here ours.
#pragma once

#include <base/compiler.h>
#include <base/types.h>

enum {
    AF_UNSPEC = 0,
    AF_UNIX = 1,
    AF_FAMILIES = 46, // there are no numbers from here on
};

enum socket_type {
    SOCK_STREAM = 1,
    SOCK_DGRAM = 2,
    SOCK_RAW = 3, // of AF_UNIX: as SOCK_DGRAM
    SOCK_SEQPACKET = 5,
    SOCK_TYPES = 11,
    SOCK_TYPE_MASK = 0xf,
};

enum {
    SHUT_RD = 0,
    SHUT_WR = 1,
    SHUT_RDWR = 2,
};

enum {
    MSG_OOB = 0x1,
    MSG_PEEK = 0x2,
    MSG_CTRUNC = 0x8,
    MSG_TRUNC = 0x20,
    MSG_DONTWAIT = 0x40,
    MSG_WAITALL = 0x100,
    MSG_ERRQUEUE = 0x2000,
    MSG_NOSIGNAL = 0x4000,
    MSG_WAITFORONE = 0x10000,
    MSG_CMSG_CLOEXEC = 0x40000000,
};

enum { // of cmsg_type
    SCM_RIGHTS = 1,
    SCM_CREDENTIALS = 2,
};

#define SCM_FILES_MAX 253u // descriptors of one message

struct ucred {
    s32 pid;
    u32 uid, gid;
};

struct cmsghdr {
    u32 cmsg_len; // of all, but for the padding after it
    s32 cmsg_level, cmsg_type;
};

// From one header to the next.
#define CMSG_STRIDE(bytes) (((bytes) + 3u) & ~3u)

struct user_msghdr {
    u32 name; // user addresses
    s32 name_bytes;
    u32 segments;
    u32 segment_count;
    u32 control;
    u32 control_bytes;
    u32 flags;
};

struct user_mmsghdr {
    struct user_msghdr header;
    u32 bytes;
};

static_assert(sizeof(struct user_mmsghdr) == 32, "as i386 has it");
