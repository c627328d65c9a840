// fs/socket/scm.c - descriptors and credentials that are sent along
// SPDX-License-Identifier: MIT
//
// Descriptors are held files while they are on their way. Files of messages
// that nobody reads are put by bury(): the last reference to a socket makes it
// purge messages of its own, with files of their own, and so on: one who buries
// goes through a list, and who comes to it meanwhile only adds to that. So the
// stack does not grow with the depth to which a program nests them.

#include "socket_private.h"

#include <asm/socket.h>
#include <fs/files.h>
#include <kernel/cred.h>
#include <kernel/process.h>
#include <kernel/task.h>
#include <kernel/uaccess.h>
#include <lib/string.h>
#include <linux/resource.h>
#include <mm/page_alloc.h>
#include <mm/slab.h>

static LIST_HEAD(graves);
static bool is_burying;

static void put_files(struct scm_files *files)
{
    u32 i;

    for (i = 0; i < files->count; i++)
        file_put(files->files[i]);
    kfree(files);
}

static void bury(struct scm_files *files)
{
    list_add_tail(&files->link, &graves);
    if (is_burying)
        return;
    is_burying = true;
    while (!list_empty(&graves)) {
        files = list_first_entry(&graves, struct scm_files, link);
        list_del(&files->link);
        put_files(files);
    }
    is_burying = false;
}

void scm_drop(struct scm *scm)
{
    struct scm_files *files = scm->files;

    scm->files = NULL;
    if (files)
        bury(files);
}

static struct scm_files *files_alloc(u32 most)
{
    struct scm_files *files =
        kzalloc(sizeof(*files) + most * sizeof(files->files[0]), GFP_KERNEL);

    if (!files)
        return NULL;
    list_init(&files->link);
    files->uid = current->cred->uid;
    return files;
}

int scm_copy_files(struct scm *scm, const struct scm_files *from)
{
    u32 i;

    scm->files = files_alloc(SCM_FILES_MAX);
    if (!scm->files)
        return -ENOMEM;
    for (i = 0; i < from->count; i++) {
        file_get(from->files[i]);
        scm->files->files[i] = from->files[i];
    }
    scm->files->count = from->count;
    return 0;
}

// ---- sending ---------------------------------------------------------------

static void set_cred(struct scm *scm)
{
    scm->has_cred = true;
    scm->cred =
        (struct ucred){current->tgid, current->cred->uid, current->cred->gid};
}

void scm_add_cred(struct scm *scm, const struct socket *s,
                  const struct socket *other)
{
    // One that is not accepted yet may ask for them when it is.
    if (!scm->has_cred && (s->pass_cred || other->pass_cred || !other->file))
        set_cred(scm);
}

static bool is_one_of(u32 id, u32 a, u32 b, u32 c)
{
    return id == a || id == b || id == c;
}

// What a program says of itself has to be true, unless it has the right.
static bool may_say(const struct ucred *said)
{
    const struct cred *cred = current->cred;

    return (said->pid == current->tgid || capable(CAP_SYS_ADMIN)) &&
           (is_one_of(said->uid, cred->uid, cred->euid, cred->suid) ||
            capable(CAP_SETUID)) &&
           (is_one_of(said->gid, cred->gid, cred->egid, cred->sgid) ||
            capable(CAP_SETGID));
}

static int take_cred(struct scm *scm, const u8 *data, u32 bytes)
{
    struct ucred cred;

    if (bytes != sizeof(cred))
        return -EINVAL;
    memcpy(&cred, data, sizeof(cred));
    if (!may_say(&cred))
        return -EPERM;
    if (!process_find(cred.pid))
        return -ESRCH;
    if (cred.uid == ~0u || cred.gid == ~0u)
        return -EINVAL;
    scm->has_cred = true;
    scm->cred = cred;
    return 0;
}

static int take_files(struct scm *scm, const u8 *data, u32 bytes)
{
    u32 count = bytes / sizeof(s32), i;
    s32 fd;

    if (!count)
        return 0;
    if (count > SCM_FILES_MAX)
        return -EINVAL;
    if (!scm->files)
        scm->files = files_alloc(SCM_FILES_MAX);
    if (!scm->files)
        return -ENOMEM;
    if (scm->files->count + count > SCM_FILES_MAX)
        return -EINVAL;
    for (i = 0; i < count; i++) {
        struct file *file;

        memcpy(&fd, data + i * sizeof(fd), sizeof(fd));
        file = file_from_fd(fd);
        if (!file)
            return -EBADF;
        scm->files->files[scm->files->count++] = file;
    }
    return 0;
}

static int take_item(struct scm *scm, const struct cmsghdr *header,
                     const u8 *data)
{
    u32 bytes = header->cmsg_len - sizeof(*header);

    if (header->cmsg_level != SOL_SOCKET)
        return 0;
    switch (header->cmsg_type) {
    case SCM_RIGHTS: return take_files(scm, data, bytes);
    case SCM_CREDENTIALS: return take_cred(scm, data, bytes);
    default: return -EINVAL;
    }
}

// As many as it may have open may be on their way.
static int check_in_flight(const struct scm *scm)
{
    if (!scm->files || capable(CAP_SYS_RESOURCE) || capable(CAP_SYS_ADMIN))
        return 0;
    return gc_files_of(current->cred->uid) >
                   current->process->limits[RLIMIT_NOFILE].soft
               ? -ETOOMANYREFS
               : 0;
}

int scm_from_control(struct scm *scm, const u8 *control, u32 bytes)
{
    struct cmsghdr header;
    u32 at = 0;
    int rc = 0;

    *scm = (struct scm){.files = NULL};
    while (!rc && at < bytes && bytes - at >= sizeof(header)) {
        memcpy(&header, control + at, sizeof(header));
        if (header.cmsg_len < sizeof(header) || header.cmsg_len > bytes - at)
            rc = -EINVAL;
        else
            rc = take_item(scm, &header, control + at + sizeof(header));
        at += CMSG_STRIDE(header.cmsg_len);
    }
    if (!rc)
        rc = check_in_flight(scm);
    if (rc)
        scm_drop(scm);
    return rc;
}

// ---- reading ---------------------------------------------------------------

// The header of an item of @bytes, and the room that it takes. What cannot be
// written is not reported, as on Linux: the message has been read.
static void put_header(struct socket_message *m, s32 type, u32 bytes)
{
    struct cmsghdr header = {sizeof(header) + bytes, SOL_SOCKET, type};
    u32 room = min(CMSG_STRIDE(header.cmsg_len), m->control_bytes);

    if (copy_to_user(m->control_room, &header, sizeof(header)))
        return;
    m->control_room += room;
    m->control_bytes -= room;
}

static void put_cred(const struct scm *scm, struct socket_message *m)
{
    // Of one that was sent before anybody asked: as of nobody.
    static const struct ucred nobody = {0, 65534, 65534};
    const struct ucred *cred = scm->has_cred ? &scm->cred : &nobody;
    u32 bytes = sizeof(*cred);

    if (m->control_bytes < sizeof(struct cmsghdr)) {
        m->out_flags |= MSG_CTRUNC;
        return;
    }
    if (m->control_bytes - sizeof(struct cmsghdr) < bytes) {
        m->out_flags |= MSG_CTRUNC;
        bytes = m->control_bytes - sizeof(struct cmsghdr);
    }
    if (copy_to_user(m->control_room + sizeof(struct cmsghdr), cred, bytes))
        return;
    put_header(m, SCM_CREDENTIALS, bytes);
}

// A descriptor for @file, written to @to. Return: whether there is one.
static bool put_file(struct file *file, u8 __user *to, bool cloexec)
{
    s32 fd;

    if (clear_user(to, sizeof(fd))) // before: it cannot be taken back
        return false;
    file_get(file);
    fd = files_install(file, 0, cloexec);
    if (fd < 0) {
        file_put(file);
        return false;
    }
    return copy_to_user(to, &fd, sizeof(fd)) == 0;
}

static void put_descriptors(const struct scm_files *files,
                            struct socket_message *m)
{
    bool cloexec = m->flags & MSG_CMSG_CLOEXEC;
    u32 room = 0, count = 0;

    if (m->control_bytes > sizeof(struct cmsghdr))
        room = (m->control_bytes - sizeof(struct cmsghdr)) / sizeof(s32);
    while (
        count < min(room, files->count) &&
        put_file(files->files[count],
                 m->control_room + sizeof(struct cmsghdr) + count * sizeof(s32),
                 cloexec))
        count++;
    if (count)
        put_header(m, SCM_RIGHTS, count * sizeof(s32));
    if (count < files->count)
        m->out_flags |= MSG_CTRUNC;
}

void scm_to_control(struct scm *scm, const struct socket *s,
                    struct socket_message *m)
{
    if (!m->control_room) {
        if (s->pass_cred || scm->files)
            m->out_flags |= MSG_CTRUNC;
    } else {
        if (s->pass_cred)
            put_cred(scm, m);
        if (scm->files)
            put_descriptors(scm->files, m);
    }
    scm_drop(scm);
}
