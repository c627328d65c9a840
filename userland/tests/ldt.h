// userland/tests/ldt.h - between the parts of ldt.c
// SPDX-License-Identifier: MIT
#pragma once

#include <asm/ldt.h>
#include <stdbool.h>
#include <stdint.h>

enum {
    FUNCTION_READ = 0,
    FUNCTION_WRITE_OLD = 1,
    FUNCTION_READ_DEFAULT = 2,
    FUNCTION_WRITE = 0x11,

    SELECTOR_LDT = 4,
    SELECTOR_USER = 3,
    SELECTOR_FLAGS = 7,
};

// The selector of an entry, as user mode loads it.
static inline unsigned selector_of(unsigned entry)
{
    return entry << 3 | SELECTOR_LDT | SELECTOR_USER;
}

// ldt_call - modify_ldt(2), without its C library function. -1 and errno.
long ldt_call(int function, void *at, unsigned long bytes);

// ldt_set - FUNCTION_WRITE, which must succeed. ldt_clear - no entry.
void ldt_set(struct user_desc desc);
void ldt_clear(unsigned entry);

// ldt_data - a 32-bit data segment at @base, up to the byte @limit.
struct user_desc ldt_data(unsigned entry, const void *base, unsigned limit);

// What an exception told its handler. All 0: there was none.
struct trap {
    int signal;
    int code;
    int number;
    unsigned error;
};

// ldt_try - what run(argument) gets.
struct trap ldt_try(void (*run)(void *), void *argument);

// ldt_skips - whether the test of this name would need a CPU that looks at
// limits and at what may be written, and has none: then it is skipped.
bool ldt_skips(const char *name);

// %fs, which the C library leaves alone.
static inline void fs_load(unsigned selector)
{
    __asm__ volatile("mov %w0, %%fs" : : "r"(selector) : "memory");
}
static inline unsigned fs_selector(void)
{
    unsigned selector = 0;

    __asm__ volatile("mov %%fs, %w0" : "+r"(selector));
    return selector;
}
static inline uint8_t fs_read(unsigned offset)
{
    uint8_t byte;

    __asm__ volatile("movb %%fs:(%1), %0"
                     : "=q"(byte)
                     : "r"(offset)
                     : "memory");
    return byte;
}
static inline void fs_write(unsigned offset, uint8_t byte)
{
    __asm__ volatile("movb %0, %%fs:(%1)"
                     :
                     : "q"(byte), "r"(offset)
                     : "memory");
}

// The parts: each a test of its own.
void suite_use(void);       // ldt_use.c
void suite_load(void);      // ldt_load.c
void suite_return(void);    // ldt_return.c
void suite_processes(void); // ldt_process.c
