// fs/tmpfs/dir.c - directories of tmpfs
// SPDX-License-Identifier: MIT
//
// An entry is in a tree by name (to be found) and in a list in order of
// creation (to be read): its position there is a number that is never given
// again, so that a reader neither misses nor repeats what stays.
//
// Locking: super->names. All memory is taken before anything is changed.

#include <kernel/time.h>
#include <lib/string.h>
#include <mm/slab.h>

#include "tmpfs.h"

#define FIRST_POSITION 2u // 0 and 1: "." and ".."

struct tmpfs_entry {
    struct rb_node node;   // tmpfs_node.names
    struct list_head link; // tmpfs_node.entries
    struct inode *inode;   // held
    u64 position;
    u32 length;
    char name[];
};

static int compare(const struct name *name, const struct tmpfs_entry *entry)
{
    int order =
        memcmp(name->text, entry->name, min(name->length, entry->length));

    return order ? order : (int)name->length - (int)entry->length;
}

static struct tmpfs_entry *find(struct inode *dir, const struct name *name)
{
    struct rb_node *at = tmpfs_node_of(dir)->names.node;

    while (at) {
        struct tmpfs_entry *entry = container_of(at, struct tmpfs_entry, node);
        int order = compare(name, entry);

        if (order == 0)
            return entry;
        at = order < 0 ? at->left : at->right;
    }
    return NULL;
}

static struct tmpfs_entry *entry_alloc(const struct name *name)
{
    struct tmpfs_entry *entry =
        kmalloc(sizeof(*entry) + name->length, GFP_KERNEL);

    if (!entry)
        return NULL;
    entry->length = name->length;
    memcpy(entry->name, name->text, name->length);
    return entry;
}

// Takes over the reference of @inode. The name is not there.
static void entry_insert(struct inode *dir, struct tmpfs_entry *entry,
                         struct inode *inode)
{
    struct tmpfs_node *node = tmpfs_node_of(dir);
    struct rb_node **link = &node->names.node, *parent = NULL;
    struct name name = {entry->name, entry->length};

    while (*link) {
        parent = *link;
        link =
            compare(&name, container_of(parent, struct tmpfs_entry, node)) < 0
                ? &parent->left
                : &parent->right;
    }
    rb_insert(&node->names, &entry->node, parent, link, NULL);
    list_add_tail(&entry->link, &node->entries);
    entry->inode = inode;
    entry->position = FIRST_POSITION + node->next_position++;
    dir->mapping.size_bytes += sizeof(*entry); // so that ls shows something
    inode_touch(dir);
}

// Frees the entry; its reference becomes the caller's.
static struct inode *entry_remove(struct inode *dir, struct tmpfs_entry *entry)
{
    struct tmpfs_node *node = tmpfs_node_of(dir);
    struct inode *inode = entry->inode;

    rb_erase(&node->names, &entry->node, NULL);
    list_del(&entry->link);
    kfree(entry);
    dir->mapping.size_bytes -= sizeof(*entry);
    inode_touch(dir);
    return inode;
}

void tmpfs_dir_clear(struct inode *dir)
{
    struct tmpfs_node *node = tmpfs_node_of(dir);

    while (!list_empty(&node->entries))
        inode_put(entry_remove(
            dir, list_first_entry(&node->entries, struct tmpfs_entry, link)));
}

static int tmpfs_lookup(struct inode *dir, const struct name *name,
                        struct inode **out)
{
    struct tmpfs_entry *entry = find(dir, name);

    if (!entry)
        return -ENOENT;
    *out = inode_get(entry->inode);
    return 0;
}

static int set_target(struct inode *inode, const char *target)
{
    struct tmpfs_node *node = tmpfs_node_of(inode);
    size_t length = strlen(target);

    node->target = kmalloc(length + 1, GFP_KERNEL);
    if (!node->target)
        return -ENOMEM;
    memcpy(node->target, target, length + 1);
    inode->mapping.size_bytes = length;
    return 0;
}

static int tmpfs_create(struct inode *dir, const struct name *name,
                        const struct inode_seed *seed, struct inode **out)
{
    struct tmpfs_entry *entry = entry_alloc(name);
    struct inode *inode;
    int rc;

    if (!entry)
        return -ENOMEM;
    rc = tmpfs_inode_create(dir->super, seed, &inode);
    if (rc)
        goto err_entry;
    if (S_ISLNK(seed->mode)) {
        rc = set_target(inode, seed->target);
        if (rc)
            goto err_inode;
    }
    if (S_ISDIR(seed->mode))
        dir->nlink++;
    entry_insert(dir, entry, inode_get(inode));
    *out = inode;
    return 0;

err_inode:
    inode_put(inode);
err_entry:
    kfree(entry);
    return rc;
}

static int tmpfs_make_unnamed(struct inode *dir, const struct inode_seed *seed,
                              struct inode **out)
{
    int rc = tmpfs_inode_create(dir->super, seed, out);

    if (!rc)
        (*out)->nlink = 0;
    return rc;
}

static int tmpfs_link(struct inode *dir, const struct name *name,
                      struct inode *inode)
{
    struct tmpfs *fs = tmpfs_of(dir);
    struct tmpfs_entry *entry;

    if (inode->nlink && fs->inodes >= fs->limit_inodes)
        return -ENOSPC;
    entry = entry_alloc(name);
    if (!entry)
        return -ENOMEM;
    if (inode->nlink)
        fs->inodes++;
    inode->nlink++;
    inode->ctime_ns = time_wall_ns_coarse();
    entry_insert(dir, entry, inode_get(inode));
    return 0;
}

// The inode has lost a name in @dir.
static void unname(struct inode *dir, struct inode *inode)
{
    if (S_ISDIR(inode->mode)) {
        inode->nlink = 0;
        dir->nlink--;
    } else {
        if (inode->nlink > 1)
            tmpfs_of(inode)->inodes--;
        inode->nlink--;
    }
    inode->ctime_ns = time_wall_ns_coarse();
}

static int tmpfs_remove(struct inode *dir, const struct name *name,
                        struct inode *inode)
{
    struct tmpfs_entry *entry = find(dir, name);

    ASSERT(entry && entry->inode == inode);
    if (!list_empty(&tmpfs_node_of(inode)->entries))
        return -ENOTEMPTY;
    unname(dir, inode);
    inode_put(entry_remove(dir, entry));
    return 0;
}

static int tmpfs_rename(struct inode *from, const struct name *old_name,
                        struct inode *to, const struct name *new_name,
                        struct inode *inode, struct inode *replaced)
{
    struct tmpfs_entry *old = find(from, old_name), *target, *entry;

    ASSERT(old && old->inode == inode);
    if (replaced && !list_empty(&tmpfs_node_of(replaced)->entries))
        return -ENOTEMPTY;
    entry = entry_alloc(new_name);
    if (!entry)
        return -ENOMEM;
    if (S_ISDIR(inode->mode)) {
        from->nlink--;
        to->nlink++;
    }
    entry_remove(from, old); // its reference goes to the new entry
    if (replaced) {
        target = find(to, new_name);
        ASSERT(target && target->inode == replaced);
        unname(to, replaced);
        entry_remove(to, target);
    }
    entry_insert(to, entry, inode);
    inode->ctime_ns = time_wall_ns_coarse();
    inode_put(replaced); // the dentry still has it: nothing sleeps above
    return 0;
}

static int tmpfs_dir_may_set(struct inode *inode)
{
    (void)inode;
    return 0;
}

const struct inode_ops tmpfs_dir_inode_ops = {
    .lookup = tmpfs_lookup,
    .create = tmpfs_create,
    .link = tmpfs_link,
    .make_unnamed = tmpfs_make_unnamed,
    .remove = tmpfs_remove,
    .rename = tmpfs_rename,
    .may_set_attributes = tmpfs_dir_may_set,
};

static int tmpfs_readdir(struct file *file, struct dir_sink *sink)
{
    struct tmpfs_entry *entry;
    int rc = dir_emit_dots(file, sink);

    if (rc <= 0)
        return rc;
    // The lock is held, so the list stays as it is while the sink sleeps.
    list_for_each_entry (entry, &tmpfs_node_of(file->inode)->entries, link) {
        struct name name = {entry->name, entry->length};

        if (entry->position < file->pos)
            continue;
        if (!sink->add(sink, &name, entry->inode->ino, entry->inode->mode >> 12,
                       entry->position + 1))
            return 0;
        file->pos = entry->position + 1;
    }
    return 0;
}

const struct file_ops tmpfs_dir_file_ops = {
    .readdir = tmpfs_readdir,
    .llseek = dir_llseek,
};
