// userland/tests/ldt_use.c - ldt.c: reaching memory through a segment
// SPDX-License-Identifier: MIT

#include "ldt.h"

#include <signal.h>
#include <stddef.h>
#include <sys/mman.h>

#include "ktap.h"

enum {
    ENTRY = 7,
    BUFFER_BYTES = 0x12000,

    TRAP_PROTECTION = 13,
};

static uint8_t *buffer;

static uint8_t pattern(unsigned offset)
{
    return (uint8_t)(offset * 7 + 1);
}

static uint8_t other_pattern(unsigned offset)
{
    return pattern(offset) ^ 0xff;
}

// ---- one byte through %fs --------------------------------------------------

static const struct access {
    const char *name;
    struct user_desc desc;
    unsigned offset;
    bool writes;
    bool faults;
} accesses[] = {
    {"first byte", {.limit = 99, .seg_32bit = 1}, 0, false, false},
    {"last byte", {.limit = 99, .seg_32bit = 1}, 99, true, false},
    {"behind the limit", {.limit = 99, .seg_32bit = 1}, 100, false, true},
    {"far behind", {.limit = 99, .seg_32bit = 1}, ~0u, true, true},
    {"limit above 64 KiB",
     {.limit = 0x1000f, .seg_32bit = 1},
     0x1000f,
     false,
     false},
    {"behind it", {.limit = 0x1000f, .seg_32bit = 1}, 0x10010, false, true},
    {"limit in pages",
     {.limit = 1, .limit_in_pages = 1, .seg_32bit = 1},
     0x1fff,
     true,
     false},
    {"behind the pages",
     {.limit = 1, .limit_in_pages = 1, .seg_32bit = 1},
     0x2000,
     true,
     true},
    {"16-bit", {.limit = 0xffff}, 0xffff, true, false},
    {"16-bit, behind the limit", {.limit = 0xfff}, 0x1000, false, true},
    {"read-only", {.limit = 99, .read_exec_only = 1}, 50, false, false},
    {"writing to read-only",
     {.limit = 99, .read_exec_only = 1},
     50,
     true,
     true},
    {"expand-down",
     {.limit = 99, .contents = 1, .seg_32bit = 1},
     100,
     true,
     false},
    {"expand-down, its limit",
     {.limit = 99, .contents = 1, .seg_32bit = 1},
     99,
     false,
     true},
    {"expand-down above 64 KiB",
     {.limit = 99, .contents = 1, .seg_32bit = 1},
     0x10010,
     false,
     false},
    {"expand-down, 16-bit", {.limit = 99, .contents = 1}, 0xffff, true, false},
    {"expand-down, 16-bit, above 64 KiB",
     {.limit = 99, .contents = 1},
     0x10000,
     false,
     true},
    {"code", {.limit = 99, .contents = 2, .seg_32bit = 1}, 50, false, false},
    {"writing to code",
     {.limit = 99, .contents = 2, .seg_32bit = 1},
     50,
     true,
     true},
    {"the CPU's own bit", {.limit = 99, .useable = 1}, 50, true, false},
};

enum {
    ACCESSES = sizeof(accesses) / sizeof(accesses[0])
};

static uint8_t seen;

static void do_access(void *argument)
{
    const struct access *access = argument;

    fs_load(selector_of(ENTRY));
    if (access->writes)
        fs_write(access->offset, other_pattern(access->offset));
    else
        seen = fs_read(access->offset);
}

static bool is_right(const struct access *access, const struct trap *trap)
{
    if (access->faults)
        return trap->signal == SIGSEGV && trap->code == SI_KERNEL &&
               trap->number == TRAP_PROTECTION && trap->error == 0;
    if (trap->signal)
        return false;
    if (!access->writes)
        return seen == pattern(access->offset);
    return buffer[access->offset] == other_pattern(access->offset);
}

static void try_access(const struct access *access)
{
    struct user_desc desc = access->desc;
    struct trap trap;

    if (access->faults && ldt_skips(access->name))
        return;
    desc.entry_number = ENTRY;
    desc.base_addr = (unsigned)(uintptr_t)buffer;
    ldt_set(desc);
    for (unsigned i = 0; i < BUFFER_BYTES; i++)
        buffer[i] = pattern(i);
    trap = ldt_try(do_access, (void *)access);
    fs_load(0);
    if (!ktap_result(is_right(access, &trap), "%s", access->name))
        ktap_note("signal %d code %d trap %d error %x", trap.signal, trap.code,
                  trap.number, trap.error);
}

void suite_use(void)
{
    buffer = mmap(NULL, BUFFER_BYTES, PROT_READ | PROT_WRITE,
                  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (buffer == MAP_FAILED)
        ktap_bail("no memory");
    ktap_enter("use", ACCESSES);
    for (int i = 0; i < ACCESSES; i++)
        try_access(&accesses[i]);
    ktap_leave();
}
