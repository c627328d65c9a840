// fs/files.c - descriptor tables
// SPDX-License-Identifier: MIT
//
// An array that doubles when it is full, up to FILES_MAX (select's limit, and
// Linux's default). Threads share a table; a call under way holds the file
// itself, so that another thread may close the descriptor meanwhile.
//
// Locking: for tasks only; the array is touched without sleeping, and looked at
// anew after an allocation.

#include <fs/fd.h>

#include <fs/file.h>
#include <fs/locks.h>
#include <kernel/task.h>
#include <lib/string.h>
#include <linux/resource.h>
#include <mm/page_alloc.h>
#include <mm/slab.h>

#define FILES_FIRST 32u

struct fd_entry {
    struct file *file; // held; NULL: free
    bool cloexec;
};

struct files {
    s32 users;
    u32 size; // of entries
    struct fd_entry *entries;
};

static struct files *files_alloc(u32 size)
{
    struct files *files = kzalloc(sizeof(*files), GFP_KERNEL);

    if (!files)
        return NULL;
    files->entries = kzalloc(size * sizeof(*files->entries), GFP_KERNEL);
    if (!files->entries) {
        kfree(files);
        return NULL;
    }
    files->users = 1;
    files->size = size;
    return files;
}

struct files *files_create(void)
{
    return files_alloc(FILES_FIRST);
}

struct files *files_get(struct files *files)
{
    ASSERT(files->users > 0);
    files->users++;
    return files;
}

struct files *files_fork(struct files *files)
{
    struct files *copy = files_alloc(files->size);
    u32 i;

    // A thread that shares the table may have made it grow while we slept.
    while (copy && copy->size != files->size) {
        files_put(copy);
        copy = files_alloc(files->size);
    }
    if (!copy)
        return NULL;
    for (i = 0; i < copy->size; i++) {
        copy->entries[i] = files->entries[i];
        if (copy->entries[i].file)
            file_get(copy->entries[i].file);
    }
    return copy;
}

// @file, which has left the table. May sleep.
static void let_go(struct files *files, struct file *file)
{
    locks_table_closed(file, files);
    file_put(file);
}

void files_put(struct files *files)
{
    u32 i;

    ASSERT(files->users > 0);
    if (--files->users)
        return;
    for (i = 0; i < files->size; i++)
        if (files->entries[i].file)
            let_go(files, files->entries[i].file);
    kfree(files->entries);
    kfree(files);
}

static struct fd_entry *entry_of(struct files *files, s32 fd)
{
    if (!files || fd < 0 || (u32)fd >= files->size)
        return NULL;
    return &files->entries[fd];
}

// Empties a place. Return: the file, whose reference is the caller's.
static struct file *take(struct files *files, s32 fd)
{
    struct fd_entry *entry = entry_of(files, fd);
    struct file *file;

    if (!entry || !entry->file)
        return NULL;
    file = entry->file;
    *entry = (struct fd_entry){NULL, false};
    return file;
}

bool files_are_shared(const struct files *files)
{
    return files->users > 1;
}

void files_exec(struct files *files)
{
    u32 i;

    for (i = 0; i < files->size; i++)
        if (files->entries[i].file && files->entries[i].cloexec)
            let_go(files, take(files, (s32)i));
}

struct file *file_from_fd(int fd)
{
    return files_get_file(current->files, fd);
}

struct file *files_get_file(struct files *files, s32 fd)
{
    struct fd_entry *entry = entry_of(files, fd);

    if (!entry || !entry->file)
        return NULL;
    file_get(entry->file);
    return entry->file;
}

s32 files_next_fd(struct files *files, s32 from)
{
    for (; (u32)from < files->size; from++)
        if (files->entries[from].file)
            return from;
    return -1;
}

// Room for descriptor @fd. Return: 0; -EMFILE; -ENOMEM. May sleep.
static int grow(struct files *files, u32 fd)
{
    struct fd_entry *bigger;
    u32 size;

    if (fd >= FILES_MAX || fd >= current->process->limits[RLIMIT_NOFILE].soft)
        return -EMFILE;
    while (fd >= files->size) {
        size = files->size * 2;
        while (size <= fd)
            size *= 2;
        bigger = kzalloc(size * sizeof(*bigger), GFP_KERNEL);
        if (!bigger)
            return -ENOMEM;
        if (size <= files->size) { // somebody else was faster
            kfree(bigger);
            continue;
        }
        memcpy(bigger, files->entries, files->size * sizeof(*bigger));
        kfree(files->entries);
        files->entries = bigger;
        files->size = size;
    }
    return 0;
}

// The lowest free one >= @min. Return: fd; -EMFILE; -ENOMEM.
static s32 find_free(u32 fd)
{
    int rc;

    for (;; fd++) {
        rc = grow(current->files, fd);
        if (rc)
            return rc;
        if (!current->files->entries[fd].file)
            return (s32)fd;
    }
}

int files_has_room(void)
{
    return min(find_free(0), 0);
}

int files_install(struct file *file, int min, bool cloexec)
{
    s32 fd = find_free((u32)min);

    if (fd >= 0)
        current->files->entries[fd] = (struct fd_entry){file, cloexec};
    return fd;
}

int files_install_at(struct file *file, s32 fd, bool cloexec)
{
    struct files *files = current->files;
    struct file *old;
    int rc;

    if (fd < 0 || (u32)fd >= FILES_MAX)
        return -EBADF;
    rc = grow(files, (u32)fd);
    if (rc)
        return rc == -EMFILE ? -EBADF : rc; // as dup2 says it
    old = take(files, fd);
    files->entries[fd] = (struct fd_entry){file, cloexec};
    if (old)
        let_go(files, old);
    return fd;
}

int files_close(s32 fd)
{
    struct file *file = take(current->files, fd);

    if (!file)
        return -EBADF;
    let_go(current->files, file);
    return 0;
}

bool files_is_cloexec(const struct files *files, s32 fd)
{
    return files_peek(files, fd) && files->entries[fd].cloexec;
}

int files_cloexec(s32 fd)
{
    struct fd_entry *entry = entry_of(current->files, fd);

    return entry && entry->file ? entry->cloexec : -EBADF;
}

int files_set_cloexec(s32 fd, bool cloexec)
{
    struct fd_entry *entry = entry_of(current->files, fd);

    if (!entry || !entry->file)
        return -EBADF;
    entry->cloexec = cloexec;
    return 0;
}

struct file *files_peek(const struct files *files, s32 fd)
{
    return fd >= 0 && (u32)fd < files->size ? files->entries[fd].file : NULL;
}

u32 files_table_size(const struct files *files)
{
    return files->size;
}
