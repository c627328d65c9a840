// kernel/sys_message.c - system calls: messages of sockets
// SPDX-License-Identifier: MIT
//
// send and recv are sendto and recvfrom without an address (socketcall). All
// become a struct socket_message.

#include <kernel/sys_net.h>

#include <fs/files.h>
#include <fs/socket.h>
#include <fs/vfs.h>
#include <kernel/time_user.h>
#include <kernel/uaccess.h>
#include <mm/page_alloc.h>
#include <mm/slab.h>

#include "io_vector.h"
#include "poll_internal.h"
#include "socket_user.h"

#define CONTROL_MAX 20480u // net.core.optmem_max

static void __user *pointer(u32 address)
{
    return (void __user *)(uintptr_t)address;
}

// ---- without a header ------------------------------------------------------

// One segment of the program's memory, to or from a socket that is held.
struct plain_call {
    struct file *file;
    struct iovec segment;
    struct io_iter it;
    struct socket_message m;
};

static s32 plain_begin(struct plain_call *call, s32 fd, const void __user *buf,
                       u32 bytes, u32 flags)
{
    s32 rc = io_segment_get(buf, bytes, &call->segment, &call->it);

    if (rc)
        return rc;
    call->m = (struct socket_message){.it = &call->it, .flags = flags};
    return socket_from_fd(fd, &call->file);
}

s32 sys_sendto(s32 fd, const void __user *buf, u32 bytes, u32 flags,
               const void __user *address, s32 address_bytes)
{
    struct plain_call call;
    s32 rc = plain_begin(&call, fd, buf, bytes, flags);

    if (rc)
        return rc;
    if (address)
        rc = socket_address_get(&call.m.address, address, address_bytes);
    if (!rc)
        rc = socket_send(call.file, &call.m);
    file_put(call.file);
    return rc;
}

s32 sys_recvfrom(s32 fd, void __user *buf, u32 bytes, u32 flags,
                 void __user *address, s32 __user *address_bytes)
{
    struct plain_call call;
    s32 rc = plain_begin(&call, fd, buf, bytes, flags);

    if (rc)
        return rc;
    rc = socket_receive(call.file, &call.m);
    file_put(call.file);
    if (rc >= 0 && address &&
        socket_address_put(&call.m.address, address, address_bytes))
        return -EFAULT;
    return rc;
}

// ---- with a header ---------------------------------------------------------

static int read_header(struct user_msghdr *out,
                       const struct user_msghdr __user *user)
{
    if (copy_from_user(out, user, sizeof(*out)))
        return -EFAULT;
    if (!out->name)
        out->name_bytes = 0;
    if (out->name_bytes < 0)
        return -EINVAL;
    out->name_bytes = min(out->name_bytes, (s32)SOCKET_ADDRESS_BYTES);
    return out->segment_count > UIO_MAXIOV ? -EMSGSIZE : 0;
}

// Return: 0, *@out to be freed; -ENOBUFS; -EFAULT.
static int copy_control(const struct user_msghdr *header, u8 **out)
{
    u32 bytes = header->control_bytes;
    int rc;

    *out = NULL;
    if (!bytes)
        return 0;
    if (bytes > CONTROL_MAX)
        return -ENOBUFS;
    *out = kmalloc(bytes, GFP_KERNEL);
    if (!*out)
        return -ENOBUFS;
    rc = copy_from_user(*out, pointer(header->control), bytes);
    if (rc)
        kfree(*out);
    return rc;
}

static s32 send_vector(struct file *file, const struct user_msghdr *header,
                       struct io_vector *vector, u32 flags)
{
    struct socket_message m = {.it = &vector->it,
                               .flags = flags,
                               .control_bytes = header->control_bytes};
    u8 *control;
    s32 rc = 0;

    if (header->name_bytes)
        rc = socket_address_get(&m.address, pointer(header->name),
                                header->name_bytes);
    if (!rc)
        rc = copy_control(header, &control);
    if (rc)
        return rc;
    m.control = control;
    rc = socket_send(file, &m);
    kfree(control);
    return rc;
}

static s32 send_one(struct file *file, const struct user_msghdr __user *user,
                    u32 flags)
{
    struct user_msghdr header;
    struct io_vector vector;
    s32 rc = read_header(&header, user);

    if (!rc)
        rc = io_vector_get(pointer(header.segments), header.segment_count,
                           &vector);
    if (rc)
        return rc;
    rc = send_vector(file, &header, &vector, flags);
    io_vector_put(&vector);
    return rc;
}

// What came, besides bytes. Return: 0; -EFAULT; -EINVAL.
static int write_header(struct user_msghdr __user *user,
                        const struct user_msghdr *header,
                        const struct socket_message *m)
{
    u32 used = header->control_bytes - m->control_bytes;

    if (header->name && socket_address_put(&m->address, pointer(header->name),
                                           &user->name_bytes))
        return -EFAULT;
    if (put_user(m->out_flags, &user->flags))
        return -EFAULT;
    return put_user(used, &user->control_bytes);
}

static s32 receive_one(struct file *file, struct user_msghdr __user *user,
                       u32 flags)
{
    struct user_msghdr header;
    struct io_vector vector;
    struct socket_message m = {.it = &vector.it, .flags = flags};
    s32 rc = read_header(&header, user);
    int error;

    if (!rc)
        rc = io_vector_get(pointer(header.segments), header.segment_count,
                           &vector);
    if (rc)
        return rc;
    m.control_room = pointer(header.control);
    m.control_bytes = header.control_bytes;
    rc = socket_receive(file, &m);
    io_vector_put(&vector);
    if (rc < 0)
        return rc;
    error = write_header(user, &header, &m);
    return error ? error : rc;
}

s32 sys_sendmsg(s32 fd, const struct user_msghdr __user *header, u32 flags)
{
    struct file *file;
    s32 rc = socket_from_fd(fd, &file);

    if (rc)
        return rc;
    rc = send_one(file, header, flags);
    file_put(file);
    return rc;
}

s32 sys_recvmsg(s32 fd, struct user_msghdr __user *header, u32 flags)
{
    struct file *file;
    s32 rc = socket_from_fd(fd, &file);

    if (rc)
        return rc;
    rc = receive_one(file, header, flags);
    file_put(file);
    return rc;
}

// ---- several ---------------------------------------------------------------

// One of several was moved, @rc bytes. Return: 0: go on; -errno.
static s32 note_bytes(struct user_mmsghdr __user *header, s32 rc)
{
    return rc < 0 ? rc : put_user((u32)rc, &header->bytes);
}

s32 sys_sendmmsg(s32 fd, struct user_mmsghdr __user *headers, u32 count,
                 u32 flags)
{
    struct file *file;
    u32 sent = 0;
    s32 rc = socket_from_fd(fd, &file);

    if (rc)
        return rc;
    count = min(count, (u32)UIO_MAXIOV);
    while (sent < count) {
        rc = send_one(file, &headers[sent].header, flags);
        rc = note_bytes(&headers[sent], rc);
        if (rc)
            break;
        sent++;
        cond_resched();
    }
    file_put(file);
    return sent ? (s32)sent : rc;
}

static s32 receive_several(struct file *file,
                           struct user_mmsghdr __user *headers, u32 count,
                           u32 flags, u64 deadline)
{
    u32 received = 0;
    s32 rc = 0;

    while (received < count) {
        rc = receive_one(file, &headers[received].header,
                         flags & ~(u32)MSG_WAITFORONE);
        rc = note_bytes(&headers[received], rc);
        if (rc)
            break;
        received++;
        if (flags & MSG_WAITFORONE)
            flags |= MSG_DONTWAIT;
        // The time is looked at after each, and ends no wait: as on Linux.
        if (deadline != POLL_FOREVER && time_ns() >= deadline)
            break;
        cond_resched();
    }
    return received ? (s32)received : rc;
}

static s32 recvmmsg(s32 fd, struct user_mmsghdr __user *headers, u32 count,
                    u32 flags, void __user *timeout, enum time_format format)
{
    struct file *file;
    u64 deadline;
    s32 rc = poll_deadline_get(timeout, format, &deadline);

    if (!rc)
        rc = socket_from_fd(fd, &file);
    if (rc)
        return rc;
    rc = receive_several(file, headers, min(count, (u32)UIO_MAXIOV), flags,
                         deadline);
    file_put(file);
    if (rc > 0)
        poll_deadline_put(timeout, format, deadline);
    return rc;
}

s32 sys_recvmmsg(s32 fd, struct user_mmsghdr __user *headers, u32 count,
                 u32 flags, struct __kernel_old_timespec __user *timeout)
{
    return recvmmsg(fd, headers, count, flags, timeout, TIME_OLD_TIMESPEC);
}

s32 sys_recvmmsg_time64(s32 fd, struct user_mmsghdr __user *headers, u32 count,
                        u32 flags, struct __kernel_timespec __user *timeout)
{
    return recvmmsg(fd, headers, count, flags, timeout, TIME_TIMESPEC64);
}
