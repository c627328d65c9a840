// fs/tmpfs/super.c - file systems in memory
// SPDX-License-Identifier: MIT
//
// There is no store beneath: file content is in memory or swap (mm/shmem.c), a
// directory is a tree of entries that hold their inodes. A file system keeps
// one reference on its root itself, so that all of it lives until it is
// unmounted.
//
// Options: size=N[kmg%] (default: half of memory), nr_inodes=N[kmg], mode=,
// uid=, gid=. Others are refused.

#include <fs/options.h>
#include <fs/types.h>
#include <kernel/task.h>
#include <lib/fmt.h>
#include <lib/string.h>
#include <linux/magic.h>
#include <mm/slab.h>
#include <mm/stat.h>

#include "tmpfs.h"

#define TMPFS_MODE_DEFAULT 01777u
#define TMPFS_NAME_MAX     255u

static struct tmpfs default_limits(void)
{
    struct vm_numbers memory;

    vm_numbers(&memory);
    return (struct tmpfs){
        .pool.limit_pages = memory.total / 2,
        .limit_inodes = (memory.total - memory.high_total) / 2,
        .root_mode = TMPFS_MODE_DEFAULT,
    };
}

static void tmpfs_evict(struct inode *inode)
{
    struct tmpfs_node *node = tmpfs_node_of(inode);
    struct tmpfs *fs = tmpfs_of(inode);

    ASSERT(list_empty(&node->entries));
    list_del(&node->link);
    fs->inodes--;
    kfree(node->target);
    kfree(node);
}

static void tmpfs_statfs(struct super *super, struct fs_numbers *out)
{
    const struct tmpfs *fs = super->private;
    const struct shmem_pool *pool = &fs->pool;

    out->block_bytes = PAGE_SIZE;
    if (pool->limit_pages != SHMEM_NO_LIMIT) { // else 0, as Linux has it
        out->blocks = pool->limit_pages;
        out->blocks_free =
            pool->limit_pages - min(pool->limit_pages, pool->used_pages);
    }
    out->blocks_available = out->blocks_free;
    out->inodes = fs->limit_inodes;
    out->inodes_free = fs->limit_inodes - min(fs->limit_inodes, fs->inodes);
    out->name_max = TMPFS_NAME_MAX;
}

// Every inode is held while the entries go, so that a directory is only freed
// when it is empty, however deep the tree is.
static void tmpfs_destroy(struct super *super)
{
    struct tmpfs *fs = super->private;
    struct tmpfs_node *node;

    list_for_each_entry (node, &fs->nodes, link)
        inode_get(node->inode);
    list_for_each_entry (node, &fs->nodes, link)
        tmpfs_dir_clear(node->inode);
    inode_put(list_first_entry(&fs->nodes, struct tmpfs_node, link)->inode);
    while (!list_empty(&fs->nodes)) {
        node = list_first_entry(&fs->nodes, struct tmpfs_node, link);
        ASSERT(node->inode->refcount == 1);
        inode_put(node->inode);
    }
    kfree(fs);
}

static int set_option(void *arg, const char *option);

// What is not named stays. The files that are there have to fit.
static int tmpfs_remount(struct super *super, bool readonly,
                         const char *options)
{
    struct tmpfs *fs = super->private, wanted = *fs;
    int rc = mount_options_each(options, set_option, &wanted);

    (void)readonly;
    if (rc)
        return rc;
    if (wanted.limit_inodes < fs->inodes ||
        (wanted.pool.limit_pages != SHMEM_NO_LIMIT &&
         wanted.pool.limit_pages < fs->pool.used_pages))
        return -EINVAL;
    fs->pool.limit_pages = wanted.pool.limit_pages;
    fs->limit_inodes = wanted.limit_inodes;
    return 0;
}

static void tmpfs_show_options(const struct super *super, char *buf,
                               size_t size)
{
    const struct tmpfs *fs = super->private, defaults = default_limits();
    char *at = buf, *end = buf + size;

    *at = '\0';
    if (fs->pool.limit_pages != defaults.pool.limit_pages)
        at += fmt_print(at, (size_t)(end - at), ",size=%lluk",
                        fs->pool.limit_pages * (PAGE_SIZE / KIB));
    if (fs->limit_inodes != defaults.limit_inodes)
        at += fmt_print(at, (size_t)(end - at), ",nr_inodes=%u",
                        fs->limit_inodes);
    if (fs->root_mode != defaults.root_mode)
        at += fmt_print(at, (size_t)(end - at), ",mode=%03o", fs->root_mode);
    if (fs->root_uid)
        at += fmt_print(at, (size_t)(end - at), ",uid=%u", fs->root_uid);
    if (fs->root_gid)
        at += fmt_print(at, (size_t)(end - at), ",gid=%u", fs->root_gid);
}

static const struct super_ops tmpfs_super_ops = {
    .evict = tmpfs_evict,
    .remount = tmpfs_remount,
    .show_options = tmpfs_show_options,
    .statfs = tmpfs_statfs,
    .destroy = tmpfs_destroy,
};

int tmpfs_inode_create(struct super *super, const struct inode_seed *seed,
                       struct inode **out)
{
    struct tmpfs *fs = super->private;
    struct tmpfs_node *node;
    struct inode *inode;

    if (fs->inodes >= fs->limit_inodes)
        return -ENOSPC;
    node = kzalloc(sizeof(*node), GFP_KERNEL);
    if (!node)
        return -ENOMEM;
    inode = inode_create(super, super->next_ino, seed->mode);
    if (!inode) {
        kfree(node);
        return -ENOMEM;
    }
    super->next_ino++;
    node->inode = inode;
    list_init(&node->entries);
    list_add_tail(&node->link, &fs->nodes);
    fs->inodes++;
    inode->private = node;
    inode->rdev = seed->rdev;
    inode->ops = &tmpfs_file_inode_ops;
    if (S_ISDIR(seed->mode)) {
        inode->ops = &tmpfs_dir_inode_ops;
        inode->file_ops = &tmpfs_dir_file_ops;
        inode->nlink = 2;
    } else if (S_ISREG(seed->mode)) {
        inode->file_ops = &tmpfs_file_ops;
        inode->mapping.ops = &tmpfs_mapping_ops;
        shmem_init(&node->shmem, &inode->mapping, &fs->pool);
        node->seals = F_SEAL_SEAL;
    }
    *out = inode;
    return 0;
}

// ---- options ---------------------------------------------------------------

// A number with k, m, g or (of memory) %. Return: 0; -EINVAL.
static int parse_size(const char *text, u64 *out_bytes)
{
    struct vm_numbers memory;
    const char *end;
    u64 number;

    if (str_to_u64(text, 0, &number, &end))
        return -EINVAL;
    switch (*end) {
    case '%':
        vm_numbers(&memory);
        if (number > 100)
            return -EINVAL;
        number = (u64)(memory.total / 100) * (u32)number << PAGE_SHIFT;
        end++;
        break;
    case 'g':
    case 'G': number <<= 10; // fall through
    case 'm':
    case 'M': number <<= 10; // fall through
    case 'k':
    case 'K':
        number <<= 10;
        end++;
        break;
    default: break;
    }
    *out_bytes = number;
    return *end ? -EINVAL : 0;
}

static int set_option(void *arg, const char *option)
{
    struct tmpfs *fs = arg;
    const char *value;
    u64 number = 0;
    int rc;

    value = str_starts(option, "size=");
    if (value) {
        rc = parse_size(value, &number);
        fs->pool.limit_pages = (number + PAGE_SIZE - 1) >> PAGE_SHIFT;
        if (number == 0) // as Linux has it
            fs->pool.limit_pages = SHMEM_NO_LIMIT;
        return rc;
    }
    value = str_starts(option, "nr_inodes=");
    if (value) {
        rc = parse_size(value, &number);
        fs->limit_inodes = (u32)min(number, (u64)0xffffffffu);
        return rc;
    }
    if (mount_option_number(option, "mode", 8, &fs->root_mode)) {
        fs->root_mode &= 07777;
        return 0;
    }
    return mount_option_number(option, "uid", 10, &fs->root_uid) ||
                   mount_option_number(option, "gid", 10, &fs->root_gid)
               ? 0
               : -EINVAL;
}

static int tmpfs_mount(struct super *super, struct block_device *block,
                       const char *options, struct inode **out_root)
{
    struct tmpfs *fs = kzalloc(sizeof(*fs), GFP_KERNEL);
    struct inode_seed seed = {0};
    int rc;

    (void)block;
    if (!fs)
        return -ENOMEM;
    *fs = default_limits();
    list_init(&fs->nodes);
    rc = mount_options_each(options, set_option, fs);
    if (rc)
        goto err_free;
    super->ops = &tmpfs_super_ops;
    super->magic = TMPFS_MAGIC;
    super->private = fs;
    seed.mode = S_IFDIR | fs->root_mode;
    rc = tmpfs_inode_create(super, &seed, out_root);
    if (rc)
        goto err_free;
    (*out_root)->uid = fs->root_uid;
    (*out_root)->gid = fs->root_gid;
    inode_get(*out_root); // the file system's own
    return 0;

err_free:
    kfree(fs);
    return rc;
}

struct fs_type tmpfs_type = {
    .name = "tmpfs",
    .mount = tmpfs_mount,
};
