// fs/socket/name.c - addresses of sockets
// SPDX-License-Identifier: MIT
//
// A name in the tree is an inode that leads to its socket (inode->socket) as
// long as that is open; the node stays when it is closed. An abstract name
// begins with a NUL, counts with all its bytes, is found among all sockets, and
// is another name for each type. A connection has its listener's name, too, but
// is not found by it.
//
// A name is counted, since connections share it, and never changes.

#include "socket_private.h"

#include <fs/context.h>
#include <fs/permission.h>
#include <kernel/cred.h>
#include <kernel/random.h>
#include <kernel/task.h>
#include <lib/fmt.h>
#include <lib/string.h>
#include <mm/page_alloc.h>
#include <mm/slab.h>

#define PATH_OFFSET ((u32)offsetof(struct sockaddr_un, sun_path))
#define AUTO_NAMES  0x100000u // five hexadecimal digits
#define AUTO_BYTES  (PATH_OFFSET + 6u)

struct socket_bound_name *socket_name_get(struct socket_bound_name *name)
{
    if (name)
        name->refs++;
    return name;
}

void socket_name_put(struct socket_bound_name *name)
{
    if (name && --name->refs == 0)
        kfree(name);
}

static struct socket_bound_name *name_create(const struct sockaddr_un *un,
                                             u32 bytes)
{
    struct socket_bound_name *name = kzalloc(sizeof(*name), GFP_KERNEL);

    if (!name)
        return NULL;
    name->refs = 1;
    name->bytes = bytes;
    memcpy(&name->un, un, bytes);
    return name;
}

int socket_check_address(const struct socket_address *address)
{
    if (address->bytes <= PATH_OFFSET ||
        address->bytes > sizeof(struct sockaddr_un) ||
        address->un.sun_family != AF_UNIX)
        return -EINVAL;
    return 0;
}

void socket_copy_address(const struct socket *s, struct socket_address *out)
{
    out->bytes = s->name ? s->name->bytes : 0;
    if (s->name)
        memcpy(&out->un, &s->name->un, s->name->bytes);
}

// What getsockname and getpeername give of one without a name.
static void copy_or_unnamed(const struct socket *s, struct socket_address *out)
{
    socket_copy_address(s, out);
    if (out->bytes)
        return;
    out->bytes = PATH_OFFSET;
    out->un.sun_family = AF_UNIX;
}

void socket_name(const struct file *file, struct socket_address *out)
{
    copy_or_unnamed(socket_of(file), out);
}

int socket_peer_name(const struct file *file, struct socket_address *out)
{
    const struct socket *s = socket_of(file);

    if (!s->peer)
        return -ENOTCONN;
    copy_or_unnamed(s->peer, out);
    return 0;
}

// ---- finding ---------------------------------------------------------------

// The path of an address, which may be as long as its field: terminated.
struct path_text {
    char text[sizeof(((struct sockaddr_un *)NULL)->sun_path) + 1];
};

static void path_of(const struct socket_address *address, struct path_text *out)
{
    u32 bytes = address->bytes - PATH_OFFSET;

    memcpy(out->text, address->un.sun_path, bytes);
    out->text[bytes] = '\0';
}

static struct socket *find_abstract(const struct sockaddr_un *un, u32 bytes,
                                    enum socket_type type)
{
    struct socket *s;

    list_for_each_entry (s, &sockets, all_link) {
        if (s->is_found && s->type == type && s->name->bytes == bytes &&
            memcmp(&s->name->un, un, bytes) == 0)
            return s;
    }
    return NULL;
}

static int find_in_tree(const struct socket_address *address,
                        enum socket_type type, struct socket **out)
{
    struct path_text text;
    struct path path;
    struct socket *s;
    int rc;

    path_of(address, &text);
    rc = path_resolve(AT_FDCWD, text.text, WALK_FOLLOW, &path);
    if (rc)
        return rc;
    rc = inode_permission(path.dentry->inode, MAY_WRITE, current->cred);
    s = path.dentry->inode->socket;
    if (!rc && !s)
        rc = -ECONNREFUSED;
    if (!rc && s->type != type)
        rc = -EPROTOTYPE;
    if (!rc)
        *out = socket_get(s);
    path_put(&path);
    return rc;
}

int socket_find(const struct socket_address *address, enum socket_type type,
                struct socket **out)
{
    if (address->un.sun_path[0])
        return find_in_tree(address, type, out);
    *out = find_abstract(&address->un, address->bytes, type);
    if (!*out)
        return -ECONNREFUSED;
    socket_get(*out);
    return 0;
}

// ---- binding ---------------------------------------------------------------

static int bind_abstract(struct socket *s, const struct sockaddr_un *un,
                         u32 bytes)
{
    struct socket_bound_name *name = name_create(un, bytes);
    int rc = 0;

    if (!name)
        return -ENOMEM;
    if (s->name || s->is_naming)
        rc = -EINVAL;
    else if (find_abstract(un, bytes, s->type))
        rc = -EADDRINUSE;
    if (rc) {
        socket_name_put(name);
        return rc;
    }
    s->name = name;
    s->is_found = true;
    return 0;
}

int socket_autobind(struct socket *s)
{
    struct sockaddr_un un = {.sun_family = AF_UNIX};
    u32 number, i;
    int rc;

    if (s->name)
        return 0;
    random_bytes(&number, sizeof(number));
    for (i = 0; i < AUTO_NAMES; i++) {
        fmt_print(un.sun_path + 1, sizeof(un.sun_path) - 1, "%05x",
                  ++number % AUTO_NAMES);
        rc = bind_abstract(s, &un, AUTO_BYTES);
        if (rc != -EADDRINUSE)
            return rc == -EINVAL ? 0 : rc; // another thread was faster
    }
    return -ENOSPC;
}

// One that has a name: what is wrong, in Linux's order.
static int refuse_second(const char *text)
{
    struct path path;
    int rc = path_resolve(AT_FDCWD, text, 0, &path);

    if (rc)
        return rc == -ENOENT ? -EINVAL : rc;
    path_put(&path);
    return -EADDRINUSE;
}

static int make_node(struct socket *s, const char *text)
{
    struct inode_seed seed = {.mode = s->file->inode->mode & ~(u32)fs_umask()};
    int rc = vfs_make_path(AT_FDCWD, text, &seed, &s->path);

    if (rc)
        return rc == -EEXIST ? -EADDRINUSE : rc;
    s->owns_inode = true;
    s->path.dentry->inode->socket = s;
    return 0;
}

static int bind_in_tree(struct socket *s, const struct socket_address *address)
{
    struct socket_bound_name *name;
    struct path_text text;
    int rc;

    path_of(address, &text);
    if (s->name || s->is_naming)
        return refuse_second(text.text);
    s->is_naming = true; // making a node may sleep
    name = name_create(&address->un, PATH_OFFSET);
    rc = name ? make_node(s, text.text) : -ENOMEM;
    if (rc) {
        socket_name_put(name);
    } else {
        name->bytes += strlen(text.text) + 1;
        memcpy(name->un.sun_path, text.text,
               min(name->bytes - PATH_OFFSET, sizeof(name->un.sun_path)));
        s->name = name;
    }
    s->is_naming = false;
    return rc;
}

int socket_bind(struct file *file, const struct socket_address *address)
{
    struct socket *s = socket_of(file);
    int rc;

    if (address->bytes == PATH_OFFSET && address->un.sun_family == AF_UNIX)
        return socket_autobind(s);
    rc = socket_check_address(address);
    if (rc)
        return rc;
    if (address->un.sun_path[0])
        return bind_in_tree(s, address);
    return bind_abstract(s, &address->un, address->bytes);
}

void socket_forget_name(struct socket *s)
{
    s->is_found = false;
    if (s->owns_inode)
        s->path.dentry->inode->socket = NULL;
    s->owns_inode = false;
    path_put(&s->path);
}
