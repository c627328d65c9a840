// userland/tests/fuzz_struct.c - structures that are nearly right
// SPDX-License-Identifier: MIT

#include <asm/ldt.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "fuzz.h"

enum {
    FUTEXES = 4,
    VECTOR_BYTES = 6000,
    STACK_BYTES = 4096,
};

static void iovecs(uint32_t *words, uint32_t count)
{
    for (uint32_t i = 0; i + 1 < count; i += 2) {
        words[i] = fuzz_one_in(3)
                       ? fuzz_pointer()
                       : (uint32_t)(uintptr_t)fuzz_buffer(VECTOR_BYTES);
        words[i + 1] = fuzz_one_in(12) ? fuzz_word() : fuzz_below(VECTOR_BYTES);
    }
}

static void pollfds(uint32_t *words, uint32_t count)
{
    for (uint32_t i = 0; i + 1 < count; i += 2) {
        words[i] = fuzz_descriptor('f');
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

// Number 6 to 8 or any free one are of the thread, others of the table.
static void segment(uint32_t *words)
{
    words[0] = fuzz_one_in(3) ? ~0u : fuzz_below(20);
    if (fuzz_one_in(6))
        words[0] = fuzz_word();
    words[1] = fuzz_one_in(2) ? fuzz_word() : fuzz_pointer();
    words[2] = fuzz_word();
    words[3] = fuzz_one_in(2) ? 0x51 : fuzz_below(256);
}

// Some of the descriptors that there are.
static void descriptors(uint32_t *words, uint32_t count)
{
    memset(words, 0, count * 4);
    for (uint32_t n = fuzz_below(5); n; n--) {
        uint32_t fd = fuzz_descriptor('f') % (count * 32);

        words[fd / 32] |= 1u << fd % 32;
    }
    if (fuzz_one_in(12))
        words[fuzz_below(count)] = fuzz_word();
}

static void capability_header(uint32_t *words)
{
    static const uint32_t versions[] = {0x19980330, 0x20071026, 0x20080522};

    words[0] = fuzz_one_in(12) ? fuzz_word() : versions[fuzz_below(3)];
    words[1] = fuzz_one_in(2) ? 0 : fuzz_pid();
}

// Of 32 and of 64 bits alike: locks of a few bytes near the file's beginning.
static void lock(uint32_t *words)
{
    uint16_t *head = (uint16_t *)(void *)words;

    memset(words, 0, sizeof(struct flock));
    head[0] = (uint16_t)(fuzz_one_in(12) ? fuzz_word() : fuzz_below(3));
    head[1] = (uint16_t)(fuzz_one_in(12) ? fuzz_word() : fuzz_below(3));
    words[1] = fuzz_one_in(6) ? fuzz_word() : fuzz_below(8);
    words[2] = fuzz_one_in(2) ? 0 : fuzz_below(8);
    words[3] = fuzz_one_in(6) ? fuzz_word() : fuzz_below(8);
    words[4] = fuzz_one_in(6) ? fuzz_word() : 0;
    words[5] = fuzz_one_in(12) ? fuzz_word() : 0;
}

// Signals that are handled, more often than not.
static void event(uint32_t *words)
{
    static const uint8_t harmless[] = {SIGUSR1, SIGUSR2, SIGURG, SIGIO, 40};

    words[1] =
        fuzz_one_in(12) ? fuzz_word() : harmless[fuzz_below(sizeof(harmless))];
    words[2] = fuzz_one_in(12) ? fuzz_word() : fuzz_below(5);
    words[3] = fuzz_one_in(2) ? (uint32_t)gettid() : fuzz_pid();
}

// As struct clone_args, of 64 bits each.
static void clone_arguments(uint32_t *words, uint32_t count)
{
    struct clone_args *args = (struct clone_args *)(void *)words;

    if (fuzz_one_in(12))
        return; // random ones
    memset(words, 0, count * 4);
    args->flags = fuzz_clone_flags();
    if (fuzz_one_in(12))
        args->flags |= (uint64_t)fuzz_random() << 32;
    args->pidfd = fuzz_pointer();
    args->child_tid = fuzz_pointer();
    args->parent_tid = fuzz_pointer();
    args->exit_signal = args->flags & CLONE_THREAD ? 0 : SIGCHLD;
    if (fuzz_one_in(2)) {
        args->stack = (uint32_t)(uintptr_t)fuzz_buffer(STACK_BYTES);
        args->stack_size = STACK_BYTES;
    }
    args->tls = fuzz_one_in(2) ? 0 : fuzz_pointer();
    if (fuzz_one_in(12))
        words[fuzz_below(count)] = fuzz_word();
}

// One of few, that a worker and all its children have: what waits is met.
uint32_t fuzz_futex_word(void)
{
    static uint32_t *futexes;
    uint32_t *word;

    if (futexes == NULL) {
        void *shared = mmap(NULL, PAGE_BYTES, PROT_READ | PROT_WRITE,
                            MAP_SHARED | MAP_ANONYMOUS, -1, 0);

        if (shared == MAP_FAILED)
            return 0;
        futexes = shared;
    }
    if (fuzz_one_in(8))
        return fuzz_pointer();
    word = futexes + fuzz_below(FUTEXES);
    return (uint32_t)(uintptr_t)word;
}

// The six arguments of the old mmap.
static void mapping(uint32_t *words)
{
    words[0] = 0;
    words[1] = fuzz_below(20) * PAGE_BYTES;
    words[2] = fuzz_below(8);
    fuzz_choice('m', &words[3]);
    words[4] = fuzz_descriptor('#');
    words[5] = fuzz_one_in(4) ? fuzz_word() : fuzz_below(4) * PAGE_BYTES;
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
    case 'O': words[0] = fuzz_random() & fuzz_random(); return;
    case 'Y': lock(words); return;
    case 'B': event(words); return;
    case 'J': clone_arguments(words, count); return;
    case 'U': fuzz_address(words); return;
    case 'Q': fuzz_message(words); return;
    case 'W': fuzz_messages(words); return;
    case 'E': fuzz_socketcall(words); return;
    case 'F': descriptors(words, count); return;
    case '/': capability_header(words); return;
    case '{': mapping(words); return;
    default: return;
    }
}
