// fs/context.c - root, current directory and umask of a process
// SPDX-License-Identifier: MIT

#include <fs/context.h>

#include <fs/dentry.h>
#include <kernel/task.h>
#include <mm/slab.h>

#define UMASK_DEFAULT 022u

struct fs_context {
    s32 users;
    u32 execs; // under way, of those who use it
    u32 umask;
    struct path root, cwd; // held
};

struct fs_context *fs_context_create(void)
{
    struct fs_context *context = kzalloc(sizeof(*context), GFP_KERNEL);

    if (!context)
        return NULL;
    context->users = 1;
    context->umask = UMASK_DEFAULT;
    mount_root_path(&context->root);
    mount_root_path(&context->cwd);
    return context;
}

struct fs_context *fs_context_get(struct fs_context *context)
{
    ASSERT(context->users > 0);
    context->users++;
    return context;
}

u32 fs_context_users(const struct fs_context *context)
{
    return (u32)context->users;
}

void fs_context_exec_begin(struct fs_context *context)
{
    context->execs++;
}

void fs_context_exec_end(struct fs_context *context)
{
    ASSERT(context->execs > 0);
    context->execs--;
}

bool fs_context_in_exec(const struct fs_context *context)
{
    return context->execs > 0;
}

struct fs_context *fs_context_fork(struct fs_context *context)
{
    struct fs_context *copy = kmalloc(sizeof(*copy), GFP_KERNEL);

    if (!copy)
        return NULL;
    *copy = *context;
    copy->users = 1;
    copy->execs = 0;
    path_get(&copy->root);
    path_get(&copy->cwd);
    return copy;
}

void fs_context_put(struct fs_context *context)
{
    ASSERT(context->users > 0);
    if (--context->users)
        return;
    path_put(&context->root);
    path_put(&context->cwd);
    kfree(context);
}

void fs_context_root(const struct fs_context *context, struct path *out)
{
    if (!context) {
        mount_root_path(out);
        return;
    }
    *out = context->root;
    path_get(out);
}

void fs_context_cwd(const struct fs_context *context, struct path *out)
{
    if (!context) {
        mount_root_path(out);
        return;
    }
    *out = context->cwd;
    path_get(out);
}

static void replace(struct path *at, const struct path *path)
{
    struct path old = *at;

    path_get(path);
    *at = *path;
    path_put(&old);
}

void fs_set_root(const struct path *path)
{
    replace(&current->fs->root, path);
}

void fs_set_cwd(const struct path *path)
{
    replace(&current->fs->cwd, path);
}

u32 fs_context_umask(const struct fs_context *context)
{
    return context ? context->umask : UMASK_DEFAULT;
}

u32 fs_umask(void)
{
    return fs_context_umask(current->fs);
}

u32 fs_set_umask(u32 umask)
{
    u32 old = current->fs->umask;

    current->fs->umask = umask & 0777;
    return old;
}
