// fs/socket/options.c - getsockopt and setsockopt: those of SOL_SOCKET
// SPDX-License-Identifier: MIT
//
// Sockets of AF_UNIX have no options of a level of their own. Plain ones can be
// set and asked for, and mean nothing here, as on Linux.

#include "socket_private.h"

#include <asm/socket.h>
#include <kernel/cred.h>
#include <kernel/uaccess.h>
#include <lib/div64.h>
#include <lib/string.h>

#define BUFFER_MOST SOCKET_BUFFER_BYTES // net.core.wmem_max, rmem_max

#define S32_MAX             0x7fffffffu
#define TIMEOUT_SECONDS_MAX 0x7fffffff // longer ones: forever

static const u32 plain_options[] = {
    SO_DEBUG,     SO_REUSEADDR, SO_DONTROUTE, SO_BROADCAST,
    SO_KEEPALIVE, SO_OOBINLINE, SO_PASSSEC,
};

// Return: its bit; 0: it is another.
static u32 plain_bit(u32 option)
{
    u32 i;

    for (i = 0; i < ARRAY_SIZE(plain_options); i++)
        if (plain_options[i] == option)
            return 1u << i;
    return 0;
}

// What is asked for, doubled: the overhead counts, too.
static u32 buffer_limit(s32 value, u32 least)
{
    return max(min((u32)value, BUFFER_MOST) * 2, least);
}

// ---- timeouts --------------------------------------------------------------

struct timeval64 {
    s64 seconds, microseconds;
};

struct timeval32 {
    s32 seconds, microseconds;
};

static bool is_wide(u32 option)
{
    return option == SO_RCVTIMEO_NEW || option == SO_SNDTIMEO_NEW;
}

// The field that a timeout option is about. NULL: it is another option.
static u64 *timeout_of(struct socket *s, u32 option)
{
    switch (option) {
    case SO_RCVTIMEO_OLD:
    case SO_RCVTIMEO_NEW: return &s->receive_wait_ns;
    case SO_SNDTIMEO_OLD:
    case SO_SNDTIMEO_NEW: return &s->send_wait_ns;
    default: return NULL;
    }
}

static int read_timeval(struct timeval64 *out, const void __user *value,
                        u32 bytes, bool wide)
{
    struct timeval32 narrow;

    if (bytes < (wide ? sizeof(*out) : sizeof(narrow)))
        return -EINVAL;
    if (wide)
        return copy_from_user(out, value, sizeof(*out));
    if (copy_from_user(&narrow, value, sizeof(narrow)))
        return -EFAULT;
    *out = (struct timeval64){narrow.seconds, narrow.microseconds};
    return 0;
}

static int set_timeout(u64 *wait_ns, const void __user *value, u32 bytes,
                       bool wide)
{
    struct timeval64 tv;
    int rc = read_timeval(&tv, value, bytes, wide);

    if (rc)
        return rc;
    if (tv.microseconds < 0 || tv.microseconds >= NSEC_PER_SEC / NSEC_PER_USEC)
        return -EDOM;
    if (tv.seconds < 0)
        *wait_ns = 1; // does not wait
    else if (tv.seconds >= TIMEOUT_SECONDS_MAX)
        *wait_ns = 0;
    else
        *wait_ns = (u64)tv.seconds * NSEC_PER_SEC +
                   (u32)tv.microseconds * NSEC_PER_USEC;
    return 0;
}

// ---- setting ---------------------------------------------------------------

static int set_number(struct socket *s, u32 option, s32 value)
{
    u32 bit = plain_bit(option);

    switch (option) {
    case SO_SNDBUF:
        s->send_limit = buffer_limit(value, SOCKET_SEND_MIN_BYTES);
        wake_up(&s->queue);
        return 0;
    case SO_RCVBUF:
        s->receive_limit = buffer_limit(value, SOCKET_RECEIVE_MIN_BYTES);
        return 0;
    case SO_PASSCRED: s->pass_cred = value; return 0;
    case SO_RCVLOWAT:
        s->low_water = value < 0 ? S32_MAX : max((u32)value, 1u);
        return 0;
    default: break;
    }
    if (!bit)
        return -ENOPROTOOPT;
    if (option == SO_DEBUG && value && !capable(CAP_NET_ADMIN))
        return -EACCES;
    s->plain_options = value ? s->plain_options | bit : s->plain_options & ~bit;
    return 0;
}

static int set_linger(struct socket *s, const void __user *value, u32 bytes)
{
    s32 linger[2]; // on, seconds

    if (bytes < sizeof(linger))
        return -EINVAL;
    if (copy_from_user(linger, value, sizeof(linger)))
        return -EFAULT;
    s->linger.on = linger[0] != 0;
    if (linger[0])
        s->linger.seconds = linger[1];
    return 0;
}

int socket_set_option(struct file *file, s32 level, s32 option,
                      const void __user *value, s32 bytes)
{
    struct socket *s = socket_of(file);
    u64 *timeout = timeout_of(s, (u32)option);
    s32 number;

    if (bytes < 0)
        return -EINVAL;
    if (level != SOL_SOCKET)
        return -EOPNOTSUPP;
    if ((u32)bytes < sizeof(number))
        return -EINVAL;
    if (get_user(number, (const s32 __user *)value))
        return -EFAULT;
    if (timeout)
        return set_timeout(timeout, value, (u32)bytes, is_wide((u32)option));
    if (option == SO_LINGER)
        return set_linger(s, value, (u32)bytes);
    return set_number(s, (u32)option, number);
}

// ---- asking ----------------------------------------------------------------

union answer {
    s32 number;
    struct timeval32 narrow;
    struct timeval64 wide;
    struct ucred cred;
    u8 linger[sizeof(((struct socket *)NULL)->linger)];
};

static u32 get_timeout(u64 wait_ns, bool wide, union answer *out)
{
    u64 seconds = wait_ns;
    u32 microseconds = u64_div(&seconds, NSEC_PER_SEC) / NSEC_PER_USEC;

    if (wide) {
        out->wide = (struct timeval64){(s64)seconds, microseconds};
        return sizeof(out->wide);
    }
    out->narrow = (struct timeval32){(s32)seconds, (s32)microseconds};
    return sizeof(out->narrow);
}

static int get_number(struct socket *s, u32 option, s32 *out)
{
    u32 bit = plain_bit(option);

    switch (option) {
    case SO_TYPE: *out = (s32)s->type; return 0;
    case SO_DOMAIN: *out = AF_UNIX; return 0;
    case SO_PROTOCOL: *out = 0; return 0;
    case SO_ERROR: *out = -socket_take_error(s); return 0;
    case SO_ACCEPTCONN: *out = s->state == SOCKET_LISTENING; return 0;
    case SO_SNDBUF: *out = (s32)s->send_limit; return 0;
    case SO_RCVBUF: *out = (s32)s->receive_limit; return 0;
    case SO_PASSCRED: *out = s->pass_cred; return 0;
    case SO_RCVLOWAT: *out = (s32)s->low_water; return 0;
    case SO_SNDLOWAT: *out = 1; return 0;
    default: break;
    }
    if (!bit)
        return -ENOPROTOOPT;
    *out = (s->plain_options & bit) != 0;
    return 0;
}

// Return: the answer's bytes; -ENOPROTOOPT.
static s32 get_answer(struct socket *s, u32 option, union answer *out)
{
    const u64 *timeout = timeout_of(s, option);
    int rc;

    if (timeout)
        return (s32)get_timeout(*timeout, is_wide(option), out);
    if (option == SO_PEERCRED) {
        out->cred = s->peer_cred;
        return sizeof(out->cred);
    }
    if (option == SO_LINGER) {
        memcpy(out->linger, &s->linger, sizeof(s->linger));
        return sizeof(s->linger);
    }
    rc = get_number(s, option, &out->number);
    return rc ? rc : (s32)sizeof(out->number);
}

int socket_get_option(struct file *file, s32 level, s32 option,
                      void __user *value, s32 __user *bytes)
{
    union answer answer;
    s32 room, length;

    if (level != SOL_SOCKET)
        return -EOPNOTSUPP;
    if (get_user(room, bytes))
        return -EFAULT;
    if (room < 0)
        return -EINVAL;
    length = get_answer(socket_of(file), (u32)option, &answer);
    if (length < 0)
        return length;
    length = min(length, room);
    if (copy_to_user(value, &answer, (u32)length))
        return -EFAULT;
    return put_user(length, bytes);
}
