// fs/devpts/devpts.c - /dev/pts: a node for each pseudo terminal
// SPDX-License-Identifier: MIT
//
// Names are the numbers of what the registry of character devices has for
// CHARDEV_PTS, and ptmx, another name of /dev/ptmx. Whoever opened the master
// owns the node; group and mode are what the options say until somebody changes
// them: then the registry keeps them, and the inode can go.
//
// A number is used again, so an inode may be older than the terminal that now
// has its number: it keeps the terminal's serial number, and is given the new
// owner when they differ.
//
// Options: uid=, gid=, mode=, ptmxmode= (octal); max= and newinstance are
// accepted and mean nothing: there is one set of terminals.
//
// Source: the options are those of mount(8).

#include <base/bits.h>
#include <fs/options.h>
#include <fs/types.h>
#include <fs/vfs.h>
#include <kernel/chardev.h>
#include <lib/fmt.h>
#include <lib/string.h>
#include <linux/magic.h>
#include <linux/major.h>
#include <mm/slab.h>

#define DEVPTS_ROOT_INO  1u
#define DEVPTS_PTMX_INO  2u
#define DEVPTS_FIRST_INO 3u // of number 0

#define PTMX_MINOR 2u
#define SLAVE_MODE 0600u

#define ID_NONE 0xffffffffu

struct devpts {
    u32 uid, gid; // ID_NONE: of who opened the master
    u32 mode, ptmx_mode;
};

static struct chardev *device_of(const struct inode *inode)
{
    struct chardev *device = NULL;

    if (inode->ino >= DEVPTS_FIRST_INO)
        device =
            chardev_find(UNIX98_PTY_SLAVE_MAJOR, inode->ino - DEVPTS_FIRST_INO);
    return device && device->serial == (u32)(uintptr_t)inode->private ? device
                                                                      : NULL;
}

static bool devpts_revalidate(struct inode *inode)
{
    return inode->ino < DEVPTS_FIRST_INO || device_of(inode);
}

static int devpts_may_set_attributes(struct inode *inode)
{
    return device_of(inode) ? 0 : -EPERM;
}

static const struct inode_ops devpts_node_ops = {
    .revalidate = devpts_revalidate,
    .may_set_attributes = devpts_may_set_attributes,
};

// The owner and mode are kept by the registry. A terminal that has gone needs
// none.
static int devpts_write_inode(struct inode *inode)
{
    struct chardev *device = device_of(inode);

    if (device) {
        device->node.uid = inode->uid;
        device->node.gid = inode->gid;
        device->node.mode = inode->mode;
    }
    return 0;
}

static void set_owner(struct inode *inode, const struct chardev *device)
{
    const struct devpts *fs = inode->super->private;

    inode->private = (void *)(uintptr_t)device->serial;
    inode->uid = device->node.uid;
    inode->gid = device->node.gid;
    inode->mode = device->node.mode;
    if (device->node.mode)
        return;
    inode->mode = S_IFCHR | fs->mode;
    if (fs->uid != ID_NONE)
        inode->uid = fs->uid;
    if (fs->gid != ID_NONE)
        inode->gid = fs->gid;
}

// ---- names -----------------------------------------------------------------

static int node_inode(struct super *super, u32 ino, u32 rdev,
                      struct inode **out)
{
    struct inode *inode = inode_find(super, ino);

    if (!inode) {
        inode = inode_create(super, ino, S_IFCHR | SLAVE_MODE);
        if (!inode)
            return -ENOMEM;
        inode->rdev = rdev;
        inode->ops = &devpts_node_ops;
    }
    *out = inode;
    return 0;
}

static int ptmx_inode(struct super *super, struct inode **out)
{
    const struct devpts *fs = super->private;
    int rc = node_inode(super, DEVPTS_PTMX_INO,
                        device_number(TTYAUX_MAJOR, PTMX_MINOR), out);

    if (!rc)
        (*out)->mode = S_IFCHR | fs->ptmx_mode;
    return rc;
}

static int slave_inode(struct super *super, u32 number, struct inode **out)
{
    u32 rdev = device_number(UNIX98_PTY_SLAVE_MAJOR, number);
    struct chardev *device;
    int rc = node_inode(super, DEVPTS_FIRST_INO + number, rdev, out);

    if (rc)
        return rc;
    // Behind what may have slept: it can have gone, and come again.
    device = chardev_find(UNIX98_PTY_SLAVE_MAJOR, number);
    if (!device) {
        inode_put(*out);
        return -ENOENT;
    }
    if (!device_of(*out))
        set_owner(*out, device);
    return 0;
}

// "0", "17": no sign, no leading zero.
static bool parse_number(const struct name *name, u32 *out)
{
    char text[12], again[12];
    const char *end;
    u64 number;

    if (!name->length || name->length >= sizeof(text))
        return false;
    memcpy(text, name->text, name->length);
    text[name->length] = '\0';
    if (str_to_u64(text, 10, &number, &end) || *end || number > 0xfffff)
        return false;
    fmt_print(again, sizeof(again), "%u", (u32)number);
    *out = (u32)number;
    return strcmp(text, again) == 0;
}

static int devpts_lookup(struct inode *dir, const struct name *name,
                         struct inode **out)
{
    u32 number;

    if (name->length == 4 && memcmp(name->text, "ptmx", 4) == 0)
        return ptmx_inode(dir->super, out);
    if (!parse_number(name, &number) ||
        !chardev_find(UNIX98_PTY_SLAVE_MAJOR, number))
        return -ENOENT;
    return slave_inode(dir->super, number, out);
}

// The terminal with the lowest number from @number on.
static struct chardev *next_from(u32 number)
{
    struct chardev *device = NULL, *found = NULL;

    while ((device = chardev_next(device)))
        if (device->place == CHARDEV_PTS && device->minor >= number &&
            (!found || device->minor < found->minor))
            found = device;
    return found;
}

// Positions: 2 is ptmx, 3 + N is number N.
static int devpts_readdir(struct file *file, struct dir_sink *sink)
{
    struct name name = {"ptmx", 4};
    struct chardev *device;
    char text[12];
    int rc = dir_emit_dots(file, sink);

    if (rc <= 0)
        return rc;
    if (file->pos == 2) {
        if (!sink->add(sink, &name, DEVPTS_PTMX_INO, S_IFCHR >> 12, 3))
            return 0;
        file->pos = 3;
    }
    while ((device = next_from((u32)file->pos - 3))) {
        u32 number = device->minor;

        fmt_print(text, sizeof(text), "%u", number);
        name = (struct name){text, (u32)strlen(text)};
        if (!sink->add(sink, &name, DEVPTS_FIRST_INO + number, S_IFCHR >> 12,
                       (u64)number + 4))
            return 0;
        file->pos = (u64)number + 4;
    }
    return 0;
}

static const struct inode_ops devpts_root_ops = {
    .lookup = devpts_lookup,
};

static const struct file_ops devpts_root_file_ops = {
    .readdir = devpts_readdir,
    .llseek = dir_llseek,
};

// ---- mounting --------------------------------------------------------------

static void devpts_destroy(struct super *super)
{
    kfree(super->private);
}

static const struct super_ops devpts_super_ops = {
    .write_inode = devpts_write_inode,
    .destroy = devpts_destroy,
};

static int set_option(void *arg, const char *option)
{
    struct devpts *fs = arg;
    u32 ignored;

    if (mount_option_number(option, "uid", 10, &fs->uid) ||
        mount_option_number(option, "gid", 10, &fs->gid) ||
        mount_option_number(option, "mode", 8, &fs->mode) ||
        mount_option_number(option, "ptmxmode", 8, &fs->ptmx_mode) ||
        mount_option_number(option, "max", 10, &ignored) ||
        strcmp(option, "newinstance") == 0) {
        fs->mode &= 07777;
        fs->ptmx_mode &= 07777;
        return 0;
    }
    return -EINVAL;
}

static int devpts_mount(struct super *super, struct block_device *block,
                        const char *options, struct inode **out_root)
{
    struct devpts *fs = kmalloc(sizeof(*fs), GFP_KERNEL);
    struct inode *root;
    int rc;

    (void)block;
    if (!fs)
        return -ENOMEM;
    *fs = (struct devpts){.uid = ID_NONE, .gid = ID_NONE, .mode = SLAVE_MODE};
    rc = mount_options_each(options, set_option, fs);
    if (rc)
        goto err_free;
    super->ops = &devpts_super_ops;
    super->magic = DEVPTS_SUPER_MAGIC;
    super->flags = SUPER_UNCACHED;
    super->private = fs;
    root = inode_create(super, DEVPTS_ROOT_INO, S_IFDIR | 0755);
    if (!root) {
        rc = -ENOMEM;
        goto err_free;
    }
    root->ops = &devpts_root_ops;
    root->file_ops = &devpts_root_file_ops;
    root->nlink = 2;
    *out_root = root;
    return 0;

err_free:
    kfree(fs);
    return rc;
}

struct fs_type devpts_type = {
    .name = "devpts",
    .single = true,
    .mount = devpts_mount,
};
