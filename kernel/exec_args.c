// kernel/exec_args.c - arguments and environment of a new program
// SPDX-License-Identifier: MIT
//
//   STACK_TOP  4 zero bytes
//              path of the program (AT_EXECFN)
//              environment strings, argument strings      args->sp ... upwards
//              platform name, random bytes
//              auxiliary vector, envp[], argv[], argc      the program's esp
//
// While strings are pushed the old address space is the current one, since they
// are in it. What is pushed collects in one page of kernel memory; when the
// next page begins it is copied to the new space through its user address, so
// that these are ordinary pages: faulted in, swappable, counted.
//
// A string is read twice, for its length and its bytes. A thread that changes
// it meanwhile spoils its own arguments, no more: every copy is checked.

#include "exec_internal.h"

#include <base/bits.h>
#include <base/errno.h>
#include <kernel/uaccess.h>
#include <lib/string.h>
#include <mm/mm.h>
#include <mm/owner.h>

#define STRING_BYTES_MAX (32u * PAGE_SIZE) // MAX_ARG_STRLEN
#define ARGS_BYTES_MAX   (6u * MIB)
#define STACK_SHARE      4u // of the stack limit, for strings and pointers

// A page for the time of an execve, in the owner's book.
static void *get_page(void)
{
    void *page = page_alloc_lowmem(GFP_KERNEL | GFP_OWNER(OWNER_EXEC), 0);

    if (page)
        owner_take(OWNER_EXEC, 1);
    return page;
}

static void put_page(void *page)
{
    if (!page)
        return;
    owner_give(OWNER_EXEC, 1);
    page_free_lowmem(page, 0);
}

int exec_args_begin(struct exec_args *args, struct mm *mm)
{
    u32 room = min(mm->stack_limit_bytes / STACK_SHARE, ARGS_BYTES_MAX);

    *args = (struct exec_args){
        .mm = mm,
        .sp = STACK_TOP - 4,
        // At least what the smallest program needs, whatever the limit.
        .bottom = STACK_TOP - max(room, STRING_BYTES_MAX),
        .page = get_page(),
        .scratch = get_page(),
    };
    if (args->page && args->scratch)
        return 0;
    exec_args_end(args);
    return -ENOMEM;
}

void exec_args_end(struct exec_args *args)
{
    put_page(args->page);
    put_page(args->scratch);
    args->page = NULL;
    args->scratch = NULL;
}

int exec_args_flush(struct exec_args *args)
{
    struct mm *own;
    int error;

    if (!args->page_at)
        return 0;
    own = task_use_mm(args->mm);
    error = copy_to_user((void __user *)(uintptr_t)args->page_at, args->page,
                         PAGE_SIZE);
    task_use_mm(own);
    args->page_at = 0;
    if (task_fatal_pending(current))
        return -EINTR;
    // The place is there, so what failed was memory.
    return error ? -ENOMEM : 0;
}

static int open_page(struct exec_args *args, u32 at)
{
    int error;

    if (args->page_at == at)
        return 0;
    error = exec_args_flush(args);
    if (error)
        return error;
    memset(args->page, 0, PAGE_SIZE);
    args->page_at = at;
    return 0;
}

static int read_source(void *to, enum io_space space, u32 address, u32 bytes)
{
    if (space == IO_USER)
        return copy_from_user(to, (const void __user *)(uintptr_t)address,
                              bytes);
    memcpy(to, (const void *)(uintptr_t)address, bytes);
    return 0;
}

// push - @count bytes at @address of @space, from their end to their start.
static int push(struct exec_args *args, enum io_space space, u32 address,
                u32 count)
{
    u32 end = args->sp;

    if (count > args->sp - args->bottom)
        return -E2BIG;
    args->sp -= count;
    while (end > args->sp) {
        u32 page = ALIGN_DOWN(end - 1, PAGE_SIZE);
        u32 start = max(page, args->sp);
        int error = open_page(args, page);

        if (!error)
            error = read_source(args->page + (start - page), space,
                                address + (start - args->sp), end - start);
        if (error)
            return error;
        end = start;
    }
    return 0;
}

int exec_args_push(struct exec_args *args, const void *bytes, u32 count)
{
    return push(args, IO_KERNEL, (u32)(uintptr_t)bytes, count);
}

// user_string_bytes - with its NUL. Return: bytes; -E2BIG; -EFAULT.
static s32 user_string_bytes(struct exec_args *args, u32 address)
{
    u32 total = 0;

    while (total < STRING_BYTES_MAX) {
        u32 at = address + total;
        u32 part = PAGE_SIZE - (at & ~PAGE_MASK);
        const char __user *from = (const char __user *)(uintptr_t)at;
        s32 length;

        if (!user_range_ok(from, part))
            return -EFAULT;
        length = arch_string_from_user((char *)args->scratch, from, part);
        if (length < 0)
            return length;
        total += (u32)length;
        if ((u32)length < part)
            return (s32)total + 1;
    }
    return -E2BIG;
}

// vector_entry - address of the @n-th string; 0: the end.
static int vector_entry(const struct exec_vector *vector, u32 n, u32 *out)
{
    *out = 0;
    if (vector->space == IO_KERNEL) {
        *out = (u32)(uintptr_t)vector->kernel[n];
        return 0;
    }
    return vector->user ? get_user(*out, vector->user + n) : 0;
}

// Bounded by the room that the pointers alone will need.
static int vector_count(const struct exec_args *args,
                        const struct exec_vector *vector, u32 *out)
{
    u32 most = (args->sp - args->bottom) / sizeof(u32);
    u32 entry;

    for (*out = 0; *out < most; (*out)++) {
        int error = vector_entry(vector, *out, &entry);

        if (error)
            return error;
        if (!entry)
            return 0;
        if (task_fatal_pending(current))
            return -EINTR;
    }
    return -E2BIG;
}

static int push_entry(struct exec_args *args, const struct exec_vector *vector,
                      u32 n)
{
    u32 address;
    s32 bytes;
    int error = vector_entry(vector, n, &address);

    if (error)
        return error;
    if (!address)
        return -EFAULT; // it was there when it was counted
    bytes = vector->space == IO_KERNEL
                ? (s32)strlen((const char *)(uintptr_t)address) + 1
                : user_string_bytes(args, address);
    if (bytes < 0)
        return bytes;
    if (args->sp - args->bottom < sizeof(u32))
        return -E2BIG;
    args->bottom += sizeof(u32); // of its pointer
    return push(args, vector->space, address, (u32)bytes);
}

int exec_args_push_vector(struct exec_args *args,
                          const struct exec_vector *vector, u32 skip,
                          u32 *count)
{
    u32 n;
    int error = vector_count(args, vector, &n);

    while (!error && n > skip) {
        error = push_entry(args, vector, --n);
        (*count)++;
        cond_resched();
    }
    return error;
}

// put_pointers - the addresses of @n strings from *@string on, and a NULL, to
// *@at.
static int put_pointers(struct exec_args *args, u32 *at, u32 n, u32 *string)
{
    for (u32 i = 0; i < n; i++, *at += sizeof(u32)) {
        s32 bytes = user_string_bytes(args, *string);

        if (bytes < 0)
            return bytes;
        if (put_user(*string, (u32 __user *)(uintptr_t)*at))
            return -EFAULT;
        *string += (u32)bytes;
    }
    if (put_user(0u, (u32 __user *)(uintptr_t)*at))
        return -EFAULT;
    *at += sizeof(u32);
    return 0;
}

int exec_args_table(struct exec_args *args, u32 strings, const u32 *auxv,
                    u32 auxv_words)
{
    u32 bytes =
        (1 + args->argc + 1 + args->envc + 1 + auxv_words) * sizeof(u32);
    struct mm *mm = args->mm;
    u32 sp = ALIGN_DOWN(args->sp - bytes, 16u);
    u32 at = sp;
    int error;

    args->sp = sp;
    mm->stack_start = user_addr(sp);
    if (put_user(args->argc, (u32 __user *)(uintptr_t)at))
        return -EFAULT;
    at += sizeof(u32);
    mm->arg_start = user_addr(strings);
    error = put_pointers(args, &at, args->argc, &strings);
    mm->arg_end = mm->env_start = user_addr(strings);
    if (!error)
        error = put_pointers(args, &at, args->envc, &strings);
    mm->env_end = user_addr(strings);
    if (error)
        return error;
    mm->auxv_start = user_addr(at);
    mm->auxv_end = user_addr(at + auxv_words * sizeof(u32));
    return copy_to_user((void __user *)(uintptr_t)at, auxv,
                        auxv_words * sizeof(u32));
}
