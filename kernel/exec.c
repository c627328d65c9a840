// kernel/exec.c - running a program
// SPDX-License-Identifier: MIT
//
// The whole new address space is built beside the old one: stack, strings,
// mappings, the table for the program's start. Only when nothing can fail any
// more is it exchanged for the old one, so a failed exec returns its error to a
// program that has lost nothing.
//
//   find      open the file; a script's interpreter instead of it, and so on
//   build     credentials, mm, stack, strings, loads, the ELF interpreter, auxv
//   threads   all others end (exec_threads.c): no way back from here
//   commit    let go of the old mm; credentials, handlers, files, registers

#include <base/errno.h>
#include <fs/context.h>
#include <fs/file.h>
#include <fs/files.h>
#include <fs/vfs.h>
#include <kernel/cred.h>
#include <kernel/signal_handlers.h>
#include <kernel/strace.h>
#include <kernel/sys_proc.h>
#include <kernel/trace.h>
#include <kernel/uaccess.h>
#include <kernel/vdso.h>
#include <lib/string.h>
#include <linux/elf.h>
#include <linux/limits.h>
#include <linux/personality.h>
#include <linux/resource.h>
#include <linux/signal.h>
#include <mm/limits.h>
#include <mm/mm.h>
#include <mm/page_alloc.h>
#include <mm/slab.h>

#include "exec_internal.h"
#include "task_internal.h"

// load_interpreter - the dynamic linker that the program names.
static int load_interpreter(struct exec *x)
{
    struct elf_image *image = NULL;
    struct file *file = NULL;
    char *path = kmalloc(PATH_MAX, GFP_KERNEL);
    ssize_t bytes = -ENOMEM;
    int error = -ENOMEM;

    image = kmalloc(sizeof(*image), GFP_KERNEL);
    if (!path || !image)
        goto out;
    error = -ENOEXEC;
    if (x->image.interp_bytes < 2 || x->image.interp_bytes > PATH_MAX)
        goto out;
    bytes = file_read_kernel(x->file, path, x->image.interp_bytes,
                             x->image.interp_offset);
    if (bytes != (ssize_t)x->image.interp_bytes ||
        path[x->image.interp_bytes - 1] != '\0')
        goto out;
    error = file_open_exec(path, &file);
    if (error)
        goto out;
    exec_note_readable(x, file);
    // The program's head is not needed any more.
    bytes = file_read_kernel(file, x->head, ELF_HEAD_BYTES, 0);
    error = bytes < 0 ? (int)bytes
                      : elf_parse(x->head, (u32)bytes, file_size(file), image);
    if (error == -ENOEXEC)
        error = -ELIBBAD;
    if (!error)
        error = exec_choose_base(x->mm, image, true, &x->interpreter_base);
    if (!error)
        error = exec_map_image(x->mm, file, image, x->interpreter_base);
    if (!error)
        x->start = x->interpreter_base + image->entry;
out:
    if (file)
        file_put(file);
    kfree(image);
    kfree(path);
    return error;
}

// Source of what counts as what: Linux 6.1. All that is executable is code;
// what begins last is data, up to the end of the last bytes of the file.
static void set_layout(struct exec *x)
{
    struct mm *mm = x->mm;

    mm->code_start = user_addr(TASK_SIZE);
    mm->brk_start = mm->brk = user_addr(x->base + x->image.end);
    for (u32 i = 0; i < x->image.load_count; i++) {
        const struct elf_load *load = &x->image.loads[i];
        user_addr_t start = user_addr(x->base + load->vaddr);
        user_addr_t end = user_add(start, load->filesz);

        mm->data_start.v = max(mm->data_start.v, start.v);
        mm->data_end.v = max(mm->data_end.v, end.v);
        if (!(load->flags & PF_X))
            continue;
        mm->code_start.v = min(mm->code_start.v, start.v);
        mm->code_end.v = max(mm->code_end.v, end.v);
    }
    if (!mm->code_end.v) // nothing is
        mm->code_start = user_addr(0);
    mm->exe = x->file;
    mm->exe_put = file_put;
    file_get(x->file);
}

// load_program - the new address space is the current one.
static int load_program(struct exec *x)
{
    int error = exec_choose_base(x->mm, &x->image, false, &x->base);

    if (!error)
        error = exec_map_image(x->mm, x->file, &x->image, x->base);
    if (error)
        return error;
    x->entry = x->start = x->base + x->image.entry;
    set_layout(x);
    return x->image.interp_bytes ? load_interpreter(x) : 0;
}

// For programs of SVr4 that read through NULL. As on Linux, one that may not
// have it (vm.mmap_min_addr) runs without. Return: 0; -ENOMEM.
static int map_page_zero(struct mm *mm)
{
    const struct mmap_request request = {
        .bytes = PAGE_SIZE,
        .vm_flags = VM_READ | VM_EXEC | VM_MAYREAD | VM_MAYWRITE | VM_MAYEXEC,
        .how = MMAP_FIXED,
    };
    user_addr_t at;
    int error = mm_map(mm, &request, &at);

    return error == -EPERM ? 0 : error;
}

// A program with rights of its own is not to be laid out by its caller.
static u32 stack_limit(const struct exec *x)
{
    u32 limit = current->process->limits[RLIMIT_STACK].soft;

    return x->is_secure ? min(limit, (u32)_STK_LIM) : limit;
}

// copy_shared - what others share stays theirs. Return: 0; -ENOMEM.
static int copy_shared(struct exec *x)
{
    const struct signal_handlers *old = current->process->handlers;

    x->handlers = old ? signal_handlers_fork(old) : signal_handlers_create();
    if (!x->handlers)
        return -ENOMEM;
    if (!current->files || !files_are_shared(current->files))
        return 0;
    x->files = files_fork(current->files);
    return x->files ? 0 : -ENOMEM;
}

// take_files - the copy, unless those who shared them were threads of this
// process, which have ended.
static void take_files(struct exec *x)
{
    struct files *old = current->files;

    if (x->files && files_are_shared(old)) {
        current->files = x->files;
        x->files = old;
    }
    files_exec(current->files);
}

// build - everything that can fail.
static int build(struct exec *x)
{
    struct mm *own;
    int error = copy_shared(x);

    x->mm = mm_create();
    if (error || !x->mm)
        return -ENOMEM;
    x->mm->is_building = true;
    x->mm->stack_start = user_addr(STACK_TOP); // until it is filled
    error = exec_prepare_cred(x);
    if (error)
        return error;
    exec_note_readable(x, x->file);
    x->mm->stack_limit_bytes = stack_limit(x);
    x->mm->legacy_layout =
        (x->personality & ADDR_COMPAT_LAYOUT) || vm_legacy_va_layout;
    error = exec_map_stack(x->mm, x->image.stack);
    if (!error)
        error = exec_args_begin(&x->args, x->mm);
    if (!error)
        error = exec_push_strings(x);
    if (error)
        return error;
    own = task_use_mm(x->mm);
    error = load_program(x);
    if (!error && (x->personality & MMAP_PAGE_ZERO))
        error = map_page_zero(x->mm);
    if (!error)
        error = vdso_map(x->mm);
    if (!error)
        error = exec_make_table(x);
    task_use_mm(own);
    if (!error && task_fatal_pending(current))
        error = -EINTR;
    return error;
}

static void set_name(const char *path)
{
    const char *slash = strrchr(path, '/');

    // What does not fit is cut: that is what the name is for.
    if (!str_copy(current->name, slash ? slash + 1 : path,
                  sizeof(current->name)))
        current->name[sizeof(current->name) - 1] = '\0';
}

static void trace_exec(const struct exec *x)
{
    if (trace_on(process))
        trace_write(TRACE_PROCESS, TRACE_PROCESS_EXEC,
                    trace_file(&x->file->inode->mapping), 0, 0, 0);
    if (trace_on(map))
        mm_trace_areas(current->mm, current->pid, TRACE_MAP_MMAP);
}

// commit - the task is the new program from here on.
static void commit(struct exec *x)
{
    struct process *process = current->process;
    struct signal_handlers *old = process->handlers;

    task_leave_mm();
    posix_timers_delete_all();
    x->mm->is_dumpable = exec_is_dumpable(x);
    task_use_mm(x->mm);
    x->mm->is_building = false;
    x->mm = NULL;
    process->limits[RLIMIT_STACK].soft = stack_limit(x);
    if (x->is_secure)
        current->parent_death_signal = 0;
    cred_commit(x->cred);
    x->cred = NULL;
    signal_handlers_exec(x->handlers);
    process->handlers = x->handlers;
    x->handlers = NULL;
    signal_handlers_put(old);
    current->altstack_start = current->altstack_bytes = 0;
    current->altstack_flags = 0;
    current->personality = x->personality & ~(u32)PER_MASK;
    current->flags &= ~(u32)(TF_KTHREAD | TF_TOO_MANY);
    process->did_exec = true;
    process->programs++;
    process->membarriers = 0;
    process->exit_signal = SIGCHLD;
    take_files(x);
    set_name(x->path);
    strace_exec();
    trace_exec(x);
    thread_exec(&current->thread, x->start, x->args.sp);
}

static void release(struct exec *x)
{
    exec_args_end(&x->args);
    if (x->holds_places)
        fs_context_exec_end(current->fs);
    signal_handlers_put(x->handlers);
    cred_put(x->cred);
    if (x->files)
        files_put(x->files);
    if (x->mm)
        mm_put(x->mm);
    if (x->file)
        file_put(x->file);
    for (u32 i = 0; i < x->script_count; i++)
        kfree(x->lines[i]);
    kfree(x->head);
    kfree(x);
}

static int exec(const char *path, const struct exec_vector *argv,
                const struct exec_vector *envp)
{
    struct exec *x = kzalloc(sizeof(*x), GFP_KERNEL);
    int error = -ENOMEM;

    if (!x)
        return -ENOMEM;
    x->path = path;
    x->argv = argv;
    x->envp = envp;
    x->personality = current->personality;
    x->head = kmalloc(ELF_HEAD_BYTES, GFP_KERNEL);
    if (x->head)
        error = exec_find_program(x);
    if (!error)
        error = build(x);
    if (!error)
        error = exec_end_threads();
    if (!error)
        commit(x);
    release(x);
    return error;
}

// Since it became this user (kernel/sys_owners.c), and still now.
static bool has_too_many_tasks(void)
{
    return (current->flags & TF_TOO_MANY) &&
           user_task_count(current->cred->uid) >
               current->process->limits[RLIMIT_NPROC].soft;
}

s32 sys_execve(const char __user *user_path, const u32 __user *argv,
               const u32 __user *envp)
{
    struct exec_vector args = {.space = IO_USER, .user = argv};
    struct exec_vector environment = {.space = IO_USER, .user = envp};
    char *path;
    s32 result;

    if (has_too_many_tasks())
        return -EAGAIN;
    path = kmalloc(PATH_MAX, GFP_KERNEL);
    if (!path)
        return -ENOMEM;
    result = string_from_user(path, user_path, PATH_MAX);
    if (result >= 0)
        result = exec(path, &args, &environment);
    kfree(path);
    return result;
}

int exec_kernel(const char *path, const char *const *argv,
                const char *const *envp)
{
    struct exec_vector args = {.space = IO_KERNEL, .kernel = argv};
    struct exec_vector environment = {.space = IO_KERNEL, .kernel = envp};
    int error = exec(path, &args, &environment);

    if (error)
        return error;
    thread_enter_user(&current->thread);
}
