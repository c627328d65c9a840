// userland/tests/fuzz_arena.c - memory that pointers point to
// SPDX-License-Identifier: MIT
//
//   | writable ...              | hole | writable | read-only | none | writable
//   |
//
// and a page of a file behind the file's end. An output is filled with a
// pattern before the call; what differs afterwards the kernel has written.
//
// Addresses of the kernel, and DEBUG=1's contents of memory, are looked for in
// outputs only: the table has as outputs what the kernel makes up itself. What
// a program can put in and have back (limits, times of files, siginfo of
// sigqueue, segments, what is in files) is not looked at.

#include "fuzz.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

enum {
    OPEN_PAGES = 16,
    HOLE = OPEN_PAGES,
    MIDDLE = HOLE + 1,
    MIDDLE_PAGES = 4,
    FIXED = MIDDLE + MIDDLE_PAGES,
    NONE = FIXED + 1,
    LAST = NONE + 1,
    ARENA_PAGES = LAST + 4,
    PAGE_WORDS = PAGE_BYTES / 4,

    OUTPUTS = FUZZ_ARGUMENTS,
    OUTPUT_WORDS = 256,
    UNWRITTEN = 0x33333333,

    MAPPED_PAGES = 4,
};

// Where the kernel is: memory as it lies, and what it maps (docs/memory.md).
#define KERNEL_START 0xc0000000u
#define KERNEL_END   0xff000000u

static uint8_t *arena, *beyond;
static uint32_t *outputs[OUTPUTS];
static unsigned output_count;
static bool is_shared;
static int scan_pipe[2];

bool fuzz_arena_make(void)
{
    int fd;

    arena = mmap(NULL, ARENA_PAGES * PAGE_BYTES, PROT_READ | PROT_WRITE,
                 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (arena == MAP_FAILED || pipe2(scan_pipe, O_NONBLOCK | O_CLOEXEC) != 0)
        return false;
    for (uint32_t i = 0; i < ARENA_PAGES * PAGE_WORDS; i += 8)
        ((uint32_t *)(void *)arena)[i] = fuzz_word();
    fd = open("short", O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    beyond =
        mmap(NULL, 2 * PAGE_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    close(fd);
    return fd >= 0 && beyond != MAP_FAILED &&
           munmap(arena + HOLE * PAGE_BYTES, PAGE_BYTES) == 0 &&
           mprotect(arena + FIXED * PAGE_BYTES, PAGE_BYTES, PROT_READ) == 0 &&
           mprotect(arena + NONE * PAGE_BYTES, PAGE_BYTES, PROT_NONE) == 0;
}

static uint32_t at(const void *pointer)
{
    return (uint32_t)(uintptr_t)pointer;
}

uint32_t *fuzz_buffer(uint32_t bytes)
{
    uint32_t room = OPEN_PAGES * PAGE_BYTES - bytes;

    return (uint32_t *)(void *)(arena + (fuzz_below(room) & ~3u));
}

uint32_t fuzz_pointer(void)
{
    static const uint32_t wild[] = {
        0,          1,          0x1000,     0x08048000, 0xbfffffff, 0xbffffffc,
        0xc0000000, 0xc0100000, 0xfffff000, 0xffffffff, 0xfffffffc, 0xf8800000};
    uint32_t page = PAGE_BYTES;

    switch (fuzz_below(16)) {
    case 0: return at(arena + HOLE * page) - fuzz_below(64);
    case 1: return at(arena + FIXED * page) + fuzz_below(page);
    case 2: return at(arena + FIXED * page) - fuzz_below(64);
    case 3: return at(arena + NONE * page) - fuzz_below(64);
    case 4: return at(beyond) + fuzz_below(2 * page);
    case 5: return at(arena) + fuzz_below(OPEN_PAGES * page);
    case 6: return wild[fuzz_below(sizeof(wild) / sizeof(wild[0]))];
    case 7: return fuzz_one_in(2) ? fuzz_random() : 0;
    default: return at(fuzz_buffer(page));
    }
}

uint32_t *fuzz_output(void)
{
    uint32_t *words = fuzz_buffer(OUTPUT_WORDS * 4);

    if (output_count == OUTPUTS)
        output_count = 0;
    outputs[output_count++] = words;
    for (uint32_t i = 0; i < OUTPUT_WORDS; i++)
        words[i] = UNWRITTEN;
    return words;
}

static void found(struct fuzz_slot *slot, const struct fuzz_call *call,
                  enum fuzz_finding what, uint32_t word, uint32_t place)
{
    if (slot->finding != FUZZ_CLEAN)
        return;
    slot->finding = what;
    slot->found = word;
    slot->at = place;
    slot->found_call = *call;
}

static bool is_poison(uint32_t word)
{
    return word == 0x5a5a5a5a || word == 0x6b6b6b6b || word == 0xcccccccc ||
           word == 0xbbbbbbbb;
}

void fuzz_look_away(bool ever)
{
    output_count = 0;
    is_shared |= ever;
}

void fuzz_look(struct fuzz_slot *slot, const struct fuzz_call *call)
{
    for (unsigned k = 0; k < output_count && !is_shared; k++)
        for (uint32_t i = 0; i < OUTPUT_WORDS; i++) {
            uint32_t word = outputs[k][i];

            if (word >= KERNEL_START && word < KERNEL_END && !is_poison(word))
                found(slot, call, FUZZ_ADDRESS, word, i * 4);
            if (is_poison(word))
                found(slot, call, FUZZ_POISON, word, i * 4);
        }
    output_count = 0;
}

// By way of a pipe: what is there may have gone, and is the kernel's to find
// out.
static void look_at(struct fuzz_slot *slot, const struct fuzz_call *call,
                    uint32_t address)
{
    static uint32_t copy[PAGE_WORDS];
    const uint32_t *secret;
    long bytes;

    if (syscall(SYS_write, scan_pipe[1], address, PAGE_BYTES) <= 0)
        return;
    bytes = syscall(SYS_read, scan_pipe[0], copy, PAGE_BYTES);
    if (bytes <= 0)
        return;
    secret = fuzz_secret_in(copy, (uint32_t)bytes / 4);
    if (secret)
        found(slot, call, FUZZ_SECRET, *secret,
              address + (uint32_t)(secret - copy) * 4);
}

void fuzz_look_mapped(struct fuzz_slot *slot, const struct fuzz_call *call,
                      uint32_t address)
{
    for (uint32_t i = 0; i < MAPPED_PAGES; i++)
        look_at(slot, call, address + i * PAGE_BYTES);
}

void fuzz_look_all(struct fuzz_slot *slot, const struct fuzz_call *call)
{
    for (uint32_t i = 0; i < ARENA_PAGES; i++)
        if (i != HOLE && i != NONE)
            look_at(slot, call, at(arena) + i * PAGE_BYTES);
}
