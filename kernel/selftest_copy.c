// kernel/selftest_copy.c - selftest=copy: ways to clear and to copy a page
// SPDX-License-Identifier: MIT
//
// What lib/string.c uses against its rivals among integer instructions, in time
// stamps for 4096 bytes of low memory. docs/performance.md says what they mean:
// under -icount each repetition of a string instruction counts as one.

#include "selftest_private.h"

#include <arch/cpu.h>
#include <base/bits.h>
#include <mm/addr.h>
#include <mm/page_alloc.h>

#define LOG_NAME "selftest"
#include <kernel/log.h>

#define RUNS       64u
#define PAGE_WORDS (PAGE_SIZE / 4)

static void clear_stosl(u32 *to, u32 *from)
{
    u32 words = PAGE_WORDS;

    (void)from;
    __asm__ volatile("rep stosl" : "+D"(to), "+c"(words) : "a"(0) : "memory");
}

static void clear_stosb(u32 *to, u32 *from)
{
    u32 bytes = PAGE_SIZE;

    (void)from;
    __asm__ volatile("rep stosb" : "+D"(to), "+c"(bytes) : "a"(0) : "memory");
}

// Eight words at a time.
static void clear_mov(u32 *to, u32 *from)
{
    volatile u32 *at = to;

    (void)from;
    for (u32 i = 0; i < PAGE_WORDS; i += 8, at += 8) {
        at[0] = 0, at[1] = 0, at[2] = 0, at[3] = 0;
        at[4] = 0, at[5] = 0, at[6] = 0, at[7] = 0;
    }
}

static void copy_movsl(u32 *to, u32 *from)
{
    u32 words = PAGE_WORDS;

    __asm__ volatile("rep movsl"
                     : "+D"(to), "+S"(from), "+c"(words)
                     :
                     : "memory");
}

static void copy_movsb(u32 *to, u32 *from)
{
    u32 bytes = PAGE_SIZE;

    __asm__ volatile("rep movsb"
                     : "+D"(to), "+S"(from), "+c"(bytes)
                     :
                     : "memory");
}

static void copy_mov(u32 *to, u32 *from)
{
    volatile u32 *at = to;
    const volatile u32 *source = from;

    for (u32 i = 0; i < PAGE_WORDS; i += 4, at += 4, source += 4) {
        at[0] = source[0], at[1] = source[1];
        at[2] = source[2], at[3] = source[3];
    }
}

static u32 measure(void (*fn)(u32 *to, u32 *from), u32 *to, u32 *from)
{
    u32 least = ~0u;

    for (u32 i = 0; i < RUNS; i++) {
        u32 flags = irq_save();
        u64 start = cpu_tsc();

        fn(to, from);
        least = min(least, (u32)(cpu_tsc() - start));
        irq_restore(flags);
    }
    return least;
}

enum selftest_result selftest_copy(void)
{
    static const struct {
        const char *name;
        void (*fn)(u32 *to, u32 *from);
    } ways[] = {
        {"clear_stosl", clear_stosl}, {"clear_stosb", clear_stosb},
        {"clear_mov", clear_mov},     {"copy_movsl", copy_movsl},
        {"copy_movsb", copy_movsb},   {"copy_mov", copy_mov},
    };
    u32 *to = page_alloc_lowmem(GFP_KERNEL, 0);
    u32 *from = page_alloc_lowmem(GFP_KERNEL, 0);

    EXPECT(to && from);
    for (u32 i = 0; i < ARRAY_SIZE(ways); i++)
        log_info("%s=%u", ways[i].name, measure(ways[i].fn, to, from));
    page_free_lowmem(to, 0);
    page_free_lowmem(from, 0);
    return SELFTEST_OK;
}
