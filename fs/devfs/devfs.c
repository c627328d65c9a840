// fs/devfs/devfs.c - /dev: a node for each device
// SPDX-License-Identifier: MIT
//
// Nothing is stored: names are looked up in the registries of character and
// block devices (which only grow), and in a short table of links and empty
// directories to mount on. Owners and modes are kept with the device, and in
// its inode while there is one.
//
// Beside them, sockets and FIFOs can be made and removed (/dev/log): a list,
// changed with super->names held.
//
// Inode numbers: a kind in the upper bits, the device number, the table's index
// or a count below.

#include <drivers/block.h>
#include <fs/types.h>
#include <fs/vfs.h>
#include <kernel/chardev.h>
#include <lib/string.h>
#include <linux/magic.h>
#include <mm/page_alloc.h>
#include <mm/slab.h>

enum devfs_kind {
    DEVFS_FIXED = 0, // the root is number 1, the table begins at 2
    DEVFS_CHAR = 1u << 30,
    DEVFS_BLOCK = 2u << 30,
    DEVFS_MADE = 3u << 30,
};
#define DEVFS_ROOT_INO  1u
#define DEVFS_FIRST_INO 2u

struct fixed_node {
    const char *name;
    const char *target; // NULL: a directory
};

static const struct fixed_node fixed_nodes[] = {
    {"fd", "/proc/self/fd"},
    {"stdin", "/proc/self/fd/0"},
    {"stdout", "/proc/self/fd/1"},
    {"stderr", "/proc/self/fd/2"},
    {"shm", NULL},
    {"pts", NULL},
};

// One that a program made.
struct made_node {
    struct list_head link;
    struct inode *inode; // held
    u32 length;
    char name[];
};

static LIST_HEAD(made_nodes);
static u32 made_count; // ever

// What there is at a place of the directory, in order.
struct devfs_node {
    struct name name;
    u32 ino;
    u32 mode;
    u32 rdev;
    u32 uid, gid;
};

static void name_set(struct devfs_node *out, const char *name)
{
    out->name = (struct name){name, (u32)strlen(name)};
}

static void rights_set(struct devfs_node *out, u32 type,
                       const struct dev_node *node)
{
    out->mode = type | node->mode;
    out->uid = node->uid;
    out->gid = node->gid;
}

// The @n-th node. Return: false: there are fewer.
static bool node_at(u32 n, struct devfs_node *out)
{
    struct chardev *character = NULL;
    struct block_device *block = NULL;
    struct made_node *made;

    if (n < ARRAY_SIZE(fixed_nodes)) {
        name_set(out, fixed_nodes[n].name);
        out->ino = DEVFS_FIRST_INO + n;
        out->mode = fixed_nodes[n].target ? S_IFLNK | 0777 : S_IFDIR | 0755;
        out->rdev = out->uid = out->gid = 0;
        return true;
    }
    n -= ARRAY_SIZE(fixed_nodes);
    while ((character = chardev_next(character))) {
        if (character->place != CHARDEV_DEV || n--)
            continue;
        name_set(out, character->name);
        out->rdev = device_number(character->major, character->minor);
        out->ino = DEVFS_CHAR | out->rdev;
        rights_set(out, S_IFCHR, &character->node);
        return true;
    }
    while ((block = block_next(block))) {
        if (n--)
            continue;
        name_set(out, block->name);
        out->rdev = block->number;
        out->ino = DEVFS_BLOCK | out->rdev;
        rights_set(out, S_IFBLK, &block->node);
        return true;
    }
    list_for_each_entry (made, &made_nodes, link) {
        if (n--)
            continue;
        out->name = (struct name){made->name, made->length};
        out->ino = made->inode->ino;
        out->mode = made->inode->mode;
        return true;
    }
    return false;
}

static int devfs_readlink(struct inode *inode, char *buf, u32 size)
{
    const char *target = fixed_nodes[inode->ino - DEVFS_FIRST_INO].target;
    u32 length = min(size, (u32)strlen(target));

    memcpy(buf, target, length);
    return (int)length;
}

static int devfs_empty_lookup(struct inode *dir, const struct name *name,
                              struct inode **out)
{
    (void)dir;
    (void)name;
    (void)out;
    return -ENOENT;
}

static int devfs_empty_readdir(struct file *file, struct dir_sink *sink)
{
    return min(dir_emit_dots(file, sink), 0);
}

static int devfs_may_set_attributes(struct inode *inode)
{
    return S_ISCHR(inode->mode) || S_ISBLK(inode->mode) ? 0 : -EPERM;
}

static const struct inode_ops devfs_node_ops = {
    .may_set_attributes = devfs_may_set_attributes,
    .readlink = devfs_readlink,
};

static const struct inode_ops devfs_empty_ops = {
    .lookup = devfs_empty_lookup,
};

static const struct file_ops devfs_empty_file_ops = {
    .readdir = devfs_empty_readdir,
    .llseek = dir_llseek,
};

static int node_inode(struct super *super, const struct devfs_node *node,
                      struct inode **out)
{
    struct inode *inode = inode_find(super, node->ino);

    if (!inode) {
        inode = inode_create(super, node->ino, node->mode);
        if (!inode)
            return -ENOMEM;
        inode->rdev = node->rdev;
        inode->uid = node->uid;
        inode->gid = node->gid;
        inode->ops = &devfs_node_ops;
        if (S_ISDIR(node->mode)) {
            inode->ops = &devfs_empty_ops;
            inode->file_ops = &devfs_empty_file_ops;
            inode->nlink = 2;
        }
        if (S_ISLNK(node->mode))
            inode->mapping.size_bytes =
                strlen(fixed_nodes[node->ino - DEVFS_FIRST_INO].target);
    }
    *out = inode;
    return 0;
}

static int devfs_lookup(struct inode *dir, const struct name *name,
                        struct inode **out)
{
    struct devfs_node node;
    u32 n;

    for (n = 0; node_at(n, &node); n++)
        if (node.name.length == name->length &&
            memcmp(node.name.text, name->text, name->length) == 0)
            return node_inode(dir->super, &node, out);
    return -ENOENT;
}

static int devfs_readdir(struct file *file, struct dir_sink *sink)
{
    struct devfs_node node;
    int rc = dir_emit_dots(file, sink);

    if (rc <= 0)
        return rc;
    while (node_at((u32)file->pos - 2, &node)) {
        if (!sink->add(sink, &node.name, node.ino, node.mode >> 12,
                       file->pos + 1))
            return 0;
        file->pos++;
    }
    return 0;
}

// ---- what is made ----------------------------------------------------------

static int may_set_attributes(struct inode *inode)
{
    (void)inode;
    return 0;
}

static const struct inode_ops made_node_ops = {
    .may_set_attributes = may_set_attributes,
};

static int devfs_create(struct inode *dir, const struct name *name,
                        const struct inode_seed *seed, struct inode **out)
{
    struct made_node *made;

    if (!S_ISSOCK(seed->mode) && !S_ISFIFO(seed->mode))
        return -EPERM;
    made = kzalloc(sizeof(*made) + name->length, GFP_KERNEL);
    if (!made)
        return -ENOMEM;
    made->inode =
        inode_create(dir->super, DEVFS_MADE | ++made_count, seed->mode);
    if (!made->inode) {
        kfree(made);
        return -ENOMEM;
    }
    made->inode->ops = &made_node_ops;
    made->inode->nlink = 1;
    made->length = name->length;
    memcpy(made->name, name->text, name->length);
    list_add_tail(&made->link, &made_nodes);
    *out = inode_get(made->inode);
    return 0;
}

static int devfs_remove(struct inode *dir, const struct name *name,
                        struct inode *inode)
{
    struct made_node *made;

    (void)dir;
    (void)name;
    list_for_each_entry (made, &made_nodes, link) {
        if (made->inode != inode)
            continue;
        list_del(&made->link);
        kfree(made);
        inode->nlink = 0;
        inode_put(inode);
        return 0;
    }
    return -EPERM; // a device's
}

static const struct inode_ops devfs_root_ops = {
    .lookup = devfs_lookup,
    .create = devfs_create,
    .remove = devfs_remove,
};

static const struct file_ops devfs_root_file_ops = {
    .readdir = devfs_readdir,
    .llseek = dir_llseek,
};

// What chmod and chown did stays with the device.
static void devfs_evict(struct inode *inode)
{
    struct block_device *block = NULL;
    struct chardev *character = NULL;
    struct dev_node *node = NULL;

    if (S_ISCHR(inode->mode))
        character =
            chardev_find(device_major(inode->rdev), device_minor(inode->rdev));
    if (S_ISBLK(inode->mode))
        block = block_find_number(inode->rdev);
    if (character)
        node = &character->node;
    if (block)
        node = &block->node;
    if (node)
        *node = (struct dev_node){inode->mode & 07777, inode->uid, inode->gid};
}

static const struct super_ops devfs_super_ops = {
    .evict = devfs_evict,
};

static int devfs_mount(struct super *super, struct block_device *block,
                       const char *options, struct inode **out_root)
{
    struct inode *root;

    (void)block;
    (void)options;
    super->ops = &devfs_super_ops;
    super->magic = TMPFS_MAGIC; // what Linux's devtmpfs says
    super->flags = SUPER_UNCACHED;
    root = inode_create(super, DEVFS_ROOT_INO, S_IFDIR | 0755);
    if (!root)
        return -ENOMEM;
    root->ops = &devfs_root_ops;
    root->file_ops = &devfs_root_file_ops;
    root->nlink = 2;
    *out_root = root;
    return 0;
}

struct fs_type devfs_type = {
    .name = "devtmpfs",
    .single = true,
    .mount = devfs_mount,
};
