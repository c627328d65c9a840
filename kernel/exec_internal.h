// kernel/exec_internal.h - the steps of exec
// SPDX-License-Identifier: MIT
#pragma once

#include <base/compiler.h>
#include <fs/io.h>
#include <kernel/elf.h>
#include <kernel/process.h>
#include <mm/addr.h>

#include "script.h"

struct cred;
struct file;
struct files;
struct mm;
struct signal_handlers;

// Above it the vDSO, with its data (kernel/vdso.c); and the top page, which
// stays unmapped: nothing runs off into the kernel's half.
#define STACK_TOP (TASK_SIZE - 3 * PAGE_SIZE)

// A NULL-terminated vector of strings: a program's, or the kernel's own.
struct exec_vector {
    enum io_space space;
    const u32 __user *user; // of user addresses; NULL: an empty one
    const char *const *kernel;
};

// exec_args.c: the strings at the top of the new stack. They are pushed from
// the top down, and reach the new mm a page at a time.
struct exec_args {
    struct mm *mm;
    u32 sp;      // where the last string begins
    u32 bottom;  // sp may not go below: E2BIG
    u8 *page;    // the page of the stack that is being filled ...
    u32 page_at; // ... and its address; 0: none
    u8 *scratch; // a page
    u32 argc, envc;
};

// exec_args_begin - @mm has its stack. Return: 0; -ENOMEM.
__must_check int exec_args_begin(struct exec_args *args, struct mm *mm);
void exec_args_end(struct exec_args *args);

// exec_args_push - one kernel string, or any bytes.
// exec_args_push_vector - a vector, but for its first @skip strings; counted in
// *@count. The current mm is the one that the strings are in.
// Return: 0; -E2BIG; -EFAULT; -ENOMEM; -EINTR: killed meanwhile.
__must_check int exec_args_push(struct exec_args *args, const void *bytes,
                                u32 count);
__must_check int exec_args_push_vector(struct exec_args *args,
                                       const struct exec_vector *vector,
                                       u32 skip, u32 *count);

// exec_args_flush - all that was pushed is in the mm afterwards.
__must_check int exec_args_flush(struct exec_args *args);

// exec_args_table - argc, argv, envp and @auxv (pairs, the last AT_NULL) below
// args->sp, for strings that begin at @strings. The current mm is the new one.
// args->sp becomes the program's stack pointer; mm->arg_start ... are set.
// Return: 0; -E2BIG; -EFAULT.
__must_check int exec_args_table(struct exec_args *args, u32 strings,
                                 const u32 *auxv, u32 auxv_words);

// exec.c: one exec under way.
#define EXEC_SCRIPTS_MAX 4u // scripts that run one another

struct exec {
    const char *path; // as it was called
    const struct exec_vector *argv;
    const struct exec_vector *envp;
    struct file *file; // the program, or the last interpreter of scripts
    u8 *head;          // its first bytes
    u32 head_bytes;
    struct elf_image image;
    // Scripts, outermost first: scripts[i] is run by what lines[i] names.
    u32 script_count;
    struct script_line *lines[EXEC_SCRIPTS_MAX];
    struct mm *mm;
    struct exec_args args;
    u32 strings; // where they begin
    u32 exec_path, random, platform;
    u32 base, interpreter_base;
    u32 entry; // of the program
    u32 start; // where to begin: the same, or in the interpreter
    struct signal_handlers *handlers; // the new ones
    struct cred *cred;                // the new ones
    u32 personality;
    bool is_secure;      // AT_SECURE: it has rights that its caller has not
    bool is_unreadable;  // by who runs it: nobody is to read its memory then
    struct files *files; // a copy, if others share them
    bool holds_places;   // fs_context_exec_begin
};

// exec_find.c

// exec_find_program - open what is to be run; scripts are followed to their
// interpreters. Return: 0: file, head and image are those of an ELF program;
// -ELOOP: too many scripts; -ENOEXEC; -ENOMEM; what opening and reading
// returns.
__must_check int exec_find_program(struct exec *x);

// exec_cred.c

// exec_prepare_cred - who runs x->file, and with what rights, in x->cred.
// Return: 0; -ENOMEM.
__must_check int exec_prepare_cred(struct exec *x);

// exec_note_readable - of @file, too, the content will be in memory.
void exec_note_readable(struct exec *x, const struct file *file);

// exec_is_dumpable - may the caller's equals look into the new program?
bool exec_is_dumpable(const struct exec *x);

// exec_strings.c

// exec_push_strings - all that stands above the table. The old address space is
// the current one. Return: as exec_args_push_vector.
__must_check int exec_push_strings(struct exec *x);

// exec_make_table - as exec_args_table, with the auxiliary vector.
__must_check int exec_make_table(struct exec *x);

// exec_threads.c

// exec_end_threads - the current task is the only thread of its process, and
// its leader, from here on. May sleep. Return: 0; -EAGAIN, -EINTR: it is being
// killed itself.
__must_check int exec_end_threads(void);

// exec_load.c

// exec_map_stack - an empty stack at the top of @mm. Return: 0; -ENOMEM.
__must_check int exec_map_stack(struct mm *mm, enum elf_stack kind);

// exec_choose_base - where an ELF_MOVEABLE image goes: the program at the usual
// place, an interpreter wherever there is room. 0 for an ELF_FIXED one.
// Return: 0; -ENOMEM.
__must_check int exec_choose_base(struct mm *mm, const struct elf_image *image,
                                  bool interpreter, u32 *out_base);

// exec_map_image - all loads of @file at @base. The current mm is @mm.
// Return: 0; -ENOMEM; -EINVAL; -EEXIST; -EFAULT; -ENODEV.
__must_check int exec_map_image(struct mm *mm, struct file *file,
                                const struct elf_image *image, u32 base);
