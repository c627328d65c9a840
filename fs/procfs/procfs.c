// fs/procfs/procfs.c - the file system /proc
// SPDX-License-Identifier: MIT
//
// How it works: directories are tables (tree.c) and, where names come and go,
// two functions. An inode is made when its name is looked up and goes when
// nobody uses it; it keeps a proc_ref: which node, of which process. text.c
// makes the content of regular files.
//
// A process is never held: it is found by its number each time. If it is gone
// the names under it are no longer valid (revalidate), and reading gives ESRCH.

#include "procfs.h"

#include <fs/fd.h>
#include <fs/types.h>
#include <kernel/cred.h>
#include <kernel/task.h>
#include <lib/fmt.h>
#include <lib/string.h>
#include <linux/magic.h>
#include <mm/mm.h>
#include <mm/slab.h>

static const struct proc_ref *ref_of(const struct inode *inode)
{
    return inode->private;
}

// ---- processes -------------------------------------------------------------

struct task *proc_task(const struct proc_ref *ref)
{
    struct task *task = task_find(ref->pid);

    return task && task->start_ns == ref->start_ns ? task : NULL;
}

int proc_may_look(const struct proc_ref *ref)
{
    const struct task *task = proc_task(ref);

    if (!task)
        return -ESRCH;
    return task_may_look(task) ? 0 : -EACCES;
}

bool proc_number(const struct name *name, u32 *out)
{
    u32 number = 0, i;

    if (!name->length || name->length > 9 ||
        (name->text[0] == '0' && name->length > 1))
        return false;
    for (i = 0; i < name->length; i++) {
        if (name->text[i] < '0' || name->text[i] > '9')
            return false;
        number = number * 10 + (u32)(name->text[i] - '0');
    }
    *out = number;
    return true;
}

// ---- inodes ----------------------------------------------------------------

// PID/fd/N: there, with the rights that the descriptor has.
static bool revalidate_fd(struct inode *inode, const struct task *task)
{
    s32 fd = ref_of(inode)->fd;
    struct file *file = task->files ? files_peek(task->files, fd) : NULL;

    if (!file)
        return false;
    inode->mode = S_IFLNK | (file_is_readable(file) ? 0500 : 0) |
                  (file_is_writable(file) ? 0300 : 0);
    return true;
}

// Of the process, or of root when even its equals may not look into it. The
// directory PID says who it is in any case.
static void set_owner(struct inode *inode, const struct task *task)
{
    bool always = ref_of(inode)->node->mode == (S_IFDIR | 0555);
    bool shown = always || (task->mm && task->mm->is_dumpable);

    inode->uid = shown ? task->cred->euid : 0;
    inode->gid = shown ? task->cred->egid : 0;
}

// A process may enter its own directories, whoever it is by now: what it gave
// its rights up for often is /dev/stdout, in PID/fd.
static bool proc_permits(const struct inode *inode)
{
    const struct proc_ref *ref = ref_of(inode);

    return ref->pid && ref->pid == current->tgid;
}

static bool proc_revalidate(struct inode *inode)
{
    const struct proc_ref *ref = ref_of(inode);
    const struct task *task;

    if (!ref->pid)
        return true;
    task = proc_task(ref);
    if (!task)
        return false;
    set_owner(inode, task);
    if (ref->fd < 0)
        return true;
    if (S_ISLNK(ref->node->mode))
        return revalidate_fd(inode, task);
    return task->files && files_peek(task->files, ref->fd);
}

static int proc_inode_readlink(struct inode *inode, char *buf, u32 size)
{
    const struct proc_ref *ref = ref_of(inode);

    return ref->node->readlink(ref, buf, size);
}

static int proc_inode_jump(struct inode *inode, struct path *out)
{
    const struct proc_ref *ref = ref_of(inode);

    return ref->node->jump(ref, out);
}

static int proc_lookup(struct inode *dir, const struct name *name,
                       struct inode **out);

// Opening for writing in a shell truncates. There is nothing to be truncated.
static int proc_truncate(struct inode *inode, u64 size)
{
    (void)inode;
    (void)size;
    return 0;
}

static const struct inode_ops proc_file_ops = {
    .revalidate = proc_revalidate,
    .truncate = proc_truncate,
};
static const struct inode_ops proc_link_ops = {
    .revalidate = proc_revalidate,
    .readlink = proc_inode_readlink,
};
static const struct inode_ops proc_jump_ops = {
    .revalidate = proc_revalidate,
    .readlink = proc_inode_readlink,
    .jump = proc_inode_jump,
};
static const struct inode_ops proc_dir_ops = {
    .revalidate = proc_revalidate,
    .permits = proc_permits,
    .lookup = proc_lookup,
};

static int proc_readdir(struct file *file, struct dir_sink *sink);

static const struct file_ops proc_dir_file_ops = {
    .readdir = proc_readdir,
    .llseek = dir_llseek,
};

static void set_operations(struct inode *inode, const struct proc_node *node)
{
    inode->ops = &proc_file_ops;
    inode->file_ops = node->file_ops ? node->file_ops : &proc_text_file_ops;
    if (node->dir) {
        inode->ops = &proc_dir_ops;
        inode->file_ops = &proc_dir_file_ops;
        inode->nlink = 2;
    } else if (S_ISLNK(node->mode)) {
        inode->ops = node->jump ? &proc_jump_ops : &proc_link_ops;
    }
}

static int ref_inode(struct super *super, u32 ino, const struct proc_ref *ref,
                     struct inode **out)
{
    struct inode *inode = inode_find(super, ino);
    struct proc_ref *copy;

    // An old one of a process number that is used again is left to itself.
    if (inode && ref_of(inode)->start_ns == ref->start_ns) {
        *out = inode;
        return 0;
    }
    inode_put(inode);
    copy = kmalloc(sizeof(*copy), GFP_KERNEL);
    if (!copy)
        return -ENOMEM;
    inode = inode_create(super, ino, ref->node->mode);
    if (!inode) {
        kfree(copy);
        return -ENOMEM;
    }
    *copy = *ref;
    inode->private = copy;
    set_operations(inode, ref->node);
    if (!proc_revalidate(inode)) { // ended while we slept
        inode_put(inode);
        return -ENOENT;
    }
    *out = inode;
    return 0;
}

static u32 ino_of(const struct proc_ref *ref, u32 number)
{
    return (ref->is_thread ? PROC_THREADS : 0) + (u32)ref->pid * PROC_PID_SPAN +
           number;
}

// Of what is not in a table.
static u32 number_of(const struct proc_ref *ref)
{
    if (ref->fd < 0)
        return PROC_PID_INO;
    return (u32)ref->fd +
           (S_ISLNK(ref->node->mode) ? PROC_FD_FIRST : PROC_FDINFO_FIRST);
}

static int proc_lookup(struct inode *dir, const struct name *name,
                       struct inode **out)
{
    const struct proc_ref *from = ref_of(dir);
    const struct proc_dir *table = from->node->dir;
    struct proc_ref ref = *from;
    u32 i;
    int rc;

    for (i = 0; i < table->count; i++) {
        ref.node = &table->nodes[i];
        if (strlen(ref.node->name) == name->length &&
            memcmp(ref.node->name, name->text, name->length) == 0)
            return ref_inode(dir->super, ino_of(from, table->first_ino + i),
                             &ref, out);
    }
    if (!table->lookup)
        return -ENOENT;
    rc = table->lookup(from, name, &ref);
    if (rc)
        return rc;
    return ref_inode(dir->super, ino_of(&ref, number_of(&ref)), &ref, out);
}

// Positions: 0 and 1 the dots, then the table, then the numbered names.
static int proc_readdir(struct file *file, struct dir_sink *sink)
{
    const struct proc_ref *ref = ref_of(file->inode);
    const struct proc_dir *table = ref->node->dir;
    u32 first_number = 2 + table->count, number, ino, type;
    struct name name;
    char digits[12];
    int rc = dir_emit_dots(file, sink);

    if (rc <= 0)
        return rc;
    for (; file->pos < first_number; file->pos++) {
        u32 i = (u32)file->pos - 2;

        name.text = table->nodes[i].name;
        name.length = (u32)strlen(name.text);
        if (!sink->add(sink, &name, ino_of(ref, table->first_ino + i),
                       table->nodes[i].mode >> 12, file->pos + 1))
            return 0;
    }
    number = (u32)file->pos - first_number;
    while (table->next && table->next(ref, &number, &ino, &type)) {
        name.text = digits;
        name.length = (u32)fmt_print(digits, sizeof(digits), "%u", number);
        if (!sink->add(sink, &name, ino, type, first_number + number + 1))
            return 0;
        file->pos = first_number + ++number;
    }
    return 0;
}

// ---- the file system -------------------------------------------------------

static void proc_evict(struct inode *inode)
{
    kfree(inode->private);
}

static const struct super_ops proc_super_ops = {
    .evict = proc_evict,
};

static const struct proc_node root_node = {
    .name = "/",
    .mode = S_IFDIR | 0555,
    .dir = &proc_root_dir,
};

static int proc_mount(struct super *super, struct block_device *block,
                      const char *options, struct inode **out_root)
{
    static const struct proc_ref root = {.node = &root_node, .fd = -1};

    (void)block;
    (void)options; // hidepid= and gid= are not there
    super->ops = &proc_super_ops;
    super->magic = PROC_SUPER_MAGIC;
    super->flags = SUPER_UNCACHED;
    return ref_inode(super, PROC_ROOT_INO, &root, out_root);
}

struct fs_type procfs_type = {
    .name = "proc",
    .single = true,
    .mount = proc_mount,
};
