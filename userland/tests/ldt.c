// userland/tests/ldt.c - segments of a program's own: modify_ldt(2)
// SPDX-License-Identifier: MIT
//
// What the call refuses, what is read back, and in the other files what the
// segments are worth.
//
//   ldt           all tests
//   ldt exec      by ldt_process.c: status 0 if there is no table

#include "ldt.h"

#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

#include "ktap.h"

enum {
    PAGE_BYTES = 4096,
    TABLE_BYTES = LDT_ENTRIES * LDT_ENTRY_SIZE,
    DEFAULT_BYTES = 40,
    WRONG_BYTE = 0xee,
};

static sigjmp_buf after_trap;
static struct trap last;

long ldt_call(int function, void *at, unsigned long bytes)
{
    return syscall(SYS_modify_ldt, function, at, bytes);
}

void ldt_set(struct user_desc desc)
{
    if (ldt_call(FUNCTION_WRITE, &desc, sizeof(desc)) != 0)
        ktap_bail("modify_ldt, entry %u: %s", desc.entry_number,
                  strerror(errno));
}

void ldt_clear(unsigned entry)
{
    ldt_set((struct user_desc){
        .entry_number = entry, .read_exec_only = 1, .seg_not_present = 1});
}

struct user_desc ldt_data(unsigned entry, const void *base, unsigned limit)
{
    return (struct user_desc){.entry_number = entry,
                              .base_addr = (unsigned)(uintptr_t)base,
                              .limit = limit,
                              .seg_32bit = 1};
}

static void on_trap(int number, siginfo_t *info, void *context)
{
    const ucontext_t *user = context;

    last = (struct trap){
        .signal = number,
        .code = info->si_code,
        .number = user->uc_mcontext.gregs[REG_TRAPNO],
        .error = (unsigned)user->uc_mcontext.gregs[REG_ERR],
    };
    siglongjmp(after_trap, 1);
}

struct trap ldt_try(void (*run)(void *), void *argument)
{
    struct sigaction action = {.sa_sigaction = on_trap, .sa_flags = SA_SIGINFO};

    sigaction(SIGSEGV, &action, NULL);
    sigaction(SIGBUS, &action, NULL);
    sigaction(SIGILL, &action, NULL);
    last = (struct trap){0};
    if (sigsetjmp(after_trap, 1) == 0)
        run(argument);
    action = (struct sigaction){.sa_handler = SIG_DFL};
    sigaction(SIGSEGV, &action, NULL);
    sigaction(SIGBUS, &action, NULL);
    sigaction(SIGILL, &action, NULL);
    return last;
}

static void read_behind_limit(void *unused)
{
    static uint8_t byte;

    (void)unused;
    ldt_set(ldt_data(0, &byte, 0));
    fs_load(selector_of(0));
    fs_read(1);
}

// QEMU's own CPU does not look, a real one (or KVM) does.
bool ldt_skips(const char *name)
{
    bool is_checked = ldt_try(read_behind_limit, NULL).signal != 0;

    fs_load(0);
    if (!is_checked)
        ktap_skip(name, "this CPU does not look at limits and types");
    return !is_checked;
}

// ---- what is refused -------------------------------------------------------

static struct user_desc good = {.entry_number = 1, .limit = 99, .seg_32bit = 1};
static struct user_desc behind = {.entry_number = LDT_ENTRIES, .limit = 99};
static struct user_desc any = {.entry_number = ~0u, .limit = 99};
static struct user_desc conforming = {
    .entry_number = 1, .limit = 99, .contents = 3};
static struct user_desc absent = {
    .entry_number = 1, .limit = 99, .contents = 3, .seg_not_present = 1};

static const struct refusal {
    const char *name;
    int function;
    void *at;
    unsigned long bytes;
    int error; // 0: it is done
} refusals[] = {
    {"function 3", 3, &good, sizeof(good), ENOSYS},
    {"function 0x10", 0x10, &good, sizeof(good), ENOSYS},
    {"function -1", -1, &good, sizeof(good), ENOSYS},
    {"a byte too few", FUNCTION_WRITE, &good, sizeof(good) - 1, EINVAL},
    {"a byte too many", FUNCTION_WRITE, &good, sizeof(good) + 1, EINVAL},
    {"no byte, old", FUNCTION_WRITE_OLD, &good, 0, EINVAL},
    {"no pointer", FUNCTION_WRITE, NULL, sizeof(good), EFAULT},
    {"no pointer, old", FUNCTION_WRITE_OLD, NULL, sizeof(good), EFAULT},
    {"no pointer and no byte", FUNCTION_WRITE, NULL, 0, EINVAL},
    {"entry 8192", FUNCTION_WRITE, &behind, sizeof(behind), EINVAL},
    {"entry 8192, old", FUNCTION_WRITE_OLD, &behind, sizeof(behind), EINVAL},
    {"entry -1", FUNCTION_WRITE, &any, sizeof(any), EINVAL},
    {"conforming code", FUNCTION_WRITE, &conforming, sizeof(conforming),
     EINVAL},
    {"conforming code, old", FUNCTION_WRITE_OLD, &conforming,
     sizeof(conforming), EINVAL},
    {"conforming code that is absent, old", FUNCTION_WRITE_OLD, &absent,
     sizeof(absent), EINVAL},
    {"reading without a pointer", FUNCTION_READ, NULL, TABLE_BYTES, 0},
    {"the default without a pointer", FUNCTION_READ_DEFAULT, NULL, 8, EFAULT},
    {"conforming code that is absent", FUNCTION_WRITE, &absent, sizeof(absent),
     0},
    {"reading a table without a pointer", FUNCTION_READ, NULL, 8, EFAULT},
};

enum {
    REFUSALS = sizeof(refusals) / sizeof(refusals[0])
};

// Before there is a table; the last row but one makes it.
static void suite_refusals(void)
{
    ktap_enter("refusals", REFUSALS);
    for (int i = 0; i < REFUSALS; i++) {
        const struct refusal *r = &refusals[i];
        long result;

        errno = 0;
        result = ldt_call(r->function, r->at, r->bytes);
        if (!ktap_result(result == (r->error ? -1 : 0) && errno == r->error,
                         "%s", r->name))
            ktap_note("result %ld, %s", result, strerror(errno));
    }
    ktap_leave();
}

// ---- what is read back -----------------------------------------------------

static const struct image {
    const char *name;
    int function;
    struct user_desc desc;
    uint64_t expected;
} images[] = {
    {"data",
     FUNCTION_WRITE,
     {.base_addr = 0x12345678, .limit = 0xabcde, .seg_32bit = 1},
     0x124af3345678bcde},
    {"read-only data in pages",
     FUNCTION_WRITE,
     {.limit = 0xfffff, .read_exec_only = 1, .limit_in_pages = 1},
     0x008ff1000000ffff},
    {"expand-down",
     FUNCTION_WRITE,
     {.limit = 1, .contents = 1, .seg_32bit = 1},
     0x0040f70000000001},
    {"code, absent, useable",
     FUNCTION_WRITE,
     {.contents = 2, .seg_not_present = 1, .useable = 1, .seg_32bit = 1},
     0x00507b0000000000},
    {"useable, old",
     FUNCTION_WRITE_OLD,
     {.limit = 5, .contents = 2, .useable = 1, .seg_32bit = 1},
     0x0040fb0000000005},
    {"bits of the limit that there are not",
     FUNCTION_WRITE,
     {.limit = 0xfff00001},
     0x0000f30000000001},
    {"empty", FUNCTION_WRITE, {.read_exec_only = 1, .seg_not_present = 1}, 0},
    {"zero is a segment of one byte",
     FUNCTION_WRITE,
     {.limit = 0},
     0x0000f30000000000},
    {"no base and no limit, old",
     FUNCTION_WRITE_OLD,
     {.seg_32bit = 1, .useable = 1, .contents = 2},
     0},
};

enum {
    IMAGES = sizeof(images) / sizeof(images[0]),
    OTHER_READS = 6,
    LAST_ENTRY = LDT_ENTRIES - 1,
    IMAGE_ENTRY = 3,
};

static uint64_t table[LDT_ENTRIES + 1];

static void try_image(const struct image *image)
{
    struct user_desc desc = image->desc;

    desc.entry_number = IMAGE_ENTRY;
    if (ldt_call(image->function, &desc, sizeof(desc)) != 0)
        ktap_note("%s", strerror(errno));
    memset(table, WRONG_BYTE, sizeof(table));
    ldt_call(FUNCTION_READ, table, (IMAGE_ENTRY + 1) * LDT_ENTRY_SIZE);
    if (!ktap_result(table[IMAGE_ENTRY] == image->expected, "%s", image->name))
        ktap_note("%016llx", (unsigned long long)table[IMAGE_ENTRY]);
}

static bool is_filled(const void *bytes, size_t count, uint8_t value)
{
    const uint8_t *at = bytes;

    for (size_t i = 0; i < count; i++)
        if (at[i] != value)
            return false;
    return true;
}

// Four bytes of a page that nothing comes behind.
static bool reading_ends_at_a_hole(void)
{
    uint8_t *pages = mmap(NULL, 2 * PAGE_BYTES, PROT_READ | PROT_WRITE,
                          MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    uint8_t *at = pages + PAGE_BYTES - 4;
    bool ok;

    if (pages == MAP_FAILED || munmap(pages + PAGE_BYTES, PAGE_BYTES) != 0)
        return false;
    ok = ldt_call(FUNCTION_READ, at, 4) == 4 &&
         ldt_call(FUNCTION_READ, at, 8) == -1 && errno == EFAULT;
    munmap(pages, PAGE_BYTES);
    return ok;
}

static void suite_reads(void)
{
    const uint8_t *bytes = (const uint8_t *)table;

    ktap_enter("reads", IMAGES + OTHER_READS);
    for (int i = 0; i < IMAGES; i++)
        try_image(&images[i]);
    ldt_set(ldt_data(LAST_ENTRY, NULL, LAST_ENTRY));
    memset(table, WRONG_BYTE, sizeof(table));
    ktap_result(ldt_call(FUNCTION_READ, table, 12) == 12 &&
                    is_filled(bytes + 12, sizeof(table) - 12, WRONG_BYTE),
                "twelve bytes");
    ktap_result(ldt_call(FUNCTION_READ, table, ~0ul) == TABLE_BYTES &&
                    table[LDT_ENTRIES] != 0,
                "as much as there is");
    ktap_result(table[LAST_ENTRY] == 0x0040f30000001fff, "entry 8191");
    ktap_result(is_filled(&table[IMAGE_ENTRY + 1],
                          (LAST_ENTRY - IMAGE_ENTRY - 1) * LDT_ENTRY_SIZE, 0),
                "zeros between");
    ktap_result(reading_ends_at_a_hole(), "a buffer that ends");
    memset(table, WRONG_BYTE, sizeof(table));
    ktap_result(ldt_call(FUNCTION_READ_DEFAULT, table, sizeof(table)) ==
                        DEFAULT_BYTES &&
                    is_filled(bytes, DEFAULT_BYTES, 0) &&
                    bytes[DEFAULT_BYTES] == WRONG_BYTE,
                "the default");
    ktap_leave();
}

int main(int count, char **arguments)
{
    if (count > 1 && strcmp(arguments[1], "exec") == 0)
        return ldt_call(FUNCTION_READ, table, sizeof(table)) != 0;
    ktap_plan(6);
    suite_refusals();
    suite_reads();
    suite_use();
    suite_load();
    suite_return();
    suite_processes();
    return ktap_finish();
}
