// kernel/exec_strings.c - what a program is told at its start
// SPDX-License-Identifier: MIT
//
// Source: System V ABI i386, 3-29 (process stack); linux/auxvec.h.

#include "exec_internal.h"

#include <arch/cpu.h>
#include <base/errno.h>
#include <kernel/cred.h>
#include <kernel/random.h>
#include <kernel/signal.h>
#include <kernel/vdso.h>
#include <lib/string.h>
#include <linux/auxvec.h>
#include <linux/elf.h>
#include <mm/mm.h>

#define CLOCK_TICK_HZ 100u
#define RANDOM_BYTES  16u
#define AUXV_WORDS    42u // at most

static const char platform[] = "i686";

static int push_string(struct exec *x, const char *s)
{
    return exec_args_push(&x->args, s, (u32)strlen(s) + 1);
}

static int push_argument(struct exec *x, const char *s)
{
    x->args.argc++;
    return push_string(x, s);
}

// push_script_arguments - what stands before a script's own arguments: for each
// one, innermost last, its interpreter, the argument in its first line, its own
// path (which is the interpreter's path of the one outside).
static int push_script_arguments(struct exec *x)
{
    int error = push_argument(x, x->path);

    for (u32 i = 0; !error && i < x->script_count; i++) {
        if (x->lines[i]->argument[0])
            error = push_argument(x, x->lines[i]->argument);
        if (!error)
            error = push_argument(x, x->lines[i]->interpreter);
    }
    return error;
}

int exec_push_strings(struct exec *x)
{
    struct exec_args *args = &x->args;
    u8 random[RANDOM_BYTES];
    int error = push_string(x, x->path);

    x->exec_path = args->sp;
    if (!error)
        error = exec_args_push_vector(args, x->envp, 0, &args->envc);
    if (!error)
        error = exec_args_push_vector(args, x->argv, x->script_count ? 1 : 0,
                                      &args->argc);
    if (!error && x->script_count)
        error = push_script_arguments(x);
    // POSIX leaves it open; programs crash without argv[0].
    if (!error && !args->argc)
        error = push_argument(x, "");
    x->strings = args->sp;
    if (!error)
        error = exec_args_push(args, platform, sizeof(platform));
    x->platform = args->sp;
    random_bytes(random, sizeof(random));
    if (!error)
        error = exec_args_push(args, random, sizeof(random));
    x->random = args->sp;
    return error ? error : exec_args_flush(args);
}

int exec_make_table(struct exec *x)
{
    u32 phdr = x->image.phdr ? x->base + x->image.phdr : 0;
    bool vdso = x->mm->vdso.v;
    const u32 auxv[AUXV_WORDS] = {
        AT_SYSINFO,      vdso_entry(x->mm),
        AT_SYSINFO_EHDR, x->mm->vdso.v,
        AT_MINSIGSTKSZ,  signal_frame_bytes_max(),
        AT_HWCAP,        cpu_hwcap(),
        AT_PAGESZ,       PAGE_SIZE,
        AT_CLKTCK,       CLOCK_TICK_HZ,
        AT_PHDR,         phdr,
        AT_PHENT,        sizeof(Elf32_Phdr),
        AT_PHNUM,        x->image.phnum,
        AT_BASE,         x->interpreter_base,
        AT_FLAGS,        0,
        AT_ENTRY,        x->entry,
        AT_UID,          x->cred->uid,
        AT_EUID,         x->cred->euid,
        AT_GID,          x->cred->gid,
        AT_EGID,         x->cred->egid,
        AT_SECURE,       x->is_secure,
        AT_RANDOM,       x->random,
        AT_EXECFN,       x->exec_path,
        AT_PLATFORM,     x->platform,
        AT_NULL,         0,
    };

    u32 skip = vdso ? 0 : 4; // the first two

    return exec_args_table(&x->args, x->strings, auxv + skip,
                           AUXV_WORDS - skip);
}
