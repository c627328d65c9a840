// userland/tests/fuzz_struct.c - structures that are nearly right
// SPDX-License-Identifier: MIT

#include <asm/ldt.h>
#include <signal.h>
#include <string.h>

#include "fuzz.h"

enum {
    DESCRIPTORS = 40,
};

static void iovecs(uint32_t *words, uint32_t count)
{
    for (uint32_t i = 0; i + 1 < count; i += 2) {
        words[i] = fuzz_pointer();
        words[i + 1] = fuzz_one_in(8) ? fuzz_word() : fuzz_below(6000);
    }
}

static void pollfds(uint32_t *words, uint32_t count)
{
    for (uint32_t i = 0; i + 1 < count; i += 2) {
        words[i] = fuzz_one_in(8) ? fuzz_word() : 3 + fuzz_below(DESCRIPTORS);
        words[i + 1] = fuzz_random();
    }
}

// Short times, of 32 and of 64 bits alike; seldom wrong ones.
static void times(uint32_t *words, uint32_t count)
{
    memset(words, 0, count * 4);
    for (uint32_t i = 0; i < 8; i += fuzz_one_in(2) ? 2 : 4) {
        words[i] = fuzz_one_in(6) ? fuzz_word() : 0;
        words[i + 1] = fuzz_one_in(6) ? fuzz_word() : fuzz_below(3000000);
        words[i + 2] = words[i + 1];
    }
}

// The alarm that ends blocking calls is left alone more often than not.
static void signals(uint32_t *words)
{
    words[0] = fuzz_word() & ~(fuzz_one_in(8) ? 0 : 1u << (SIGALRM - 1));
    words[1] = fuzz_word();
}

static void handler(int signal)
{
    (void)signal;
}

static void action(uint32_t *words)
{
    static const uint32_t flags[] = {SA_NOCLDSTOP, SA_NOCLDWAIT, SA_SIGINFO,
                                     SA_ONSTACK,   SA_RESTART,   SA_NODEFER,
                                     SA_RESETHAND, 0x04000000};

    words[0] = fuzz_below(2);
    if (fuzz_one_in(2))
        words[0] = (uint32_t)(uintptr_t)handler;
    else if (fuzz_one_in(8))
        words[0] = fuzz_pointer();
    words[1] = 0;
    for (unsigned i = 0; i < sizeof(flags) / sizeof(flags[0]); i++)
        if (fuzz_one_in(3))
            words[1] |= flags[i];
    words[2] = fuzz_one_in(2) ? 0 : fuzz_pointer(); // restorer
    words[3] = fuzz_word();
    words[4] = fuzz_word();
}

static void segment(uint32_t *words)
{
    words[0] = fuzz_one_in(4) ? fuzz_word() : fuzz_below(20);
    words[1] = fuzz_one_in(2) ? fuzz_word() : fuzz_pointer();
    words[2] = fuzz_word();
    words[3] = fuzz_below(256);
}

void fuzz_fill(char kind, uint32_t *words, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        words[i] = fuzz_one_in(2) ? 0 : fuzz_word();
    switch (kind) {
    case 'v': iovecs(words, count); return;
    case 'L': pollfds(words, count); return;
    case 't':
    case 'T': times(words, count); return;
    case 'S': signals(words); return;
    case 'A': action(words); return;
    case 'D': segment(words); return;
    default: return; // 'F', a set of bits
    }
}
