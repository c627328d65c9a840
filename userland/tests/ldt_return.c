// userland/tests/ldt_return.c - ldt.c: what comes back from the kernel
// SPDX-License-Identifier: MIT
//
// Selectors whose segment has changed or gone when the kernel returns to the
// program, be it from the call that did so or from a signal handler that wrote
// another selector into its frame; and stacks of 16 bits.

#include "ldt.h"

#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

#include "ktap.h"

enum {
    GOOD = 20, // entries: a flat data segment,
    EMPTY,     // none,
    ABSENT,    // one that is not present,
    READ_ONLY,
    CODE,
    CHANGED, // one that changes
    STACK_16,

    USER_CS = 0x73,
    USER_DS = 0x7b,
    KERNEL_CS = 0x60,
    KERNEL_DS = 0x68,
    TASK_STATE = 0x80,

    PAGE_BYTES = 4096,
    SPINS = 20 * 1000 * 1000, // some ticks
};

static uint8_t bytes[] = {10, 11, 12, 13, 14, 15};

static void set_entries(void)
{
    struct user_desc desc = {
        .entry_number = GOOD,
        .limit = 0xfffff,
        .limit_in_pages = 1,
        .seg_32bit = 1,
    };

    ldt_set(desc);
    ldt_clear(EMPTY);
    desc.entry_number = ABSENT;
    desc.seg_not_present = 1;
    ldt_set(desc);
    desc.seg_not_present = 0;
    desc.entry_number = READ_ONLY;
    desc.read_exec_only = 1;
    ldt_set(desc);
    desc.entry_number = CODE;
    desc.contents = 2;
    ldt_set(desc);
    ldt_set((struct user_desc){.entry_number = STACK_16, .limit = 0xffff});
}

// ---- a segment that changes while it is in use -----------------------------

static const struct change {
    const char *name;
    struct user_desc to;
    bool stays;
} changes[] = {
    {"another base", {.limit = 1, .seg_32bit = 1}, true},
    {"code that can be read", {.limit = 1, .contents = 2}, true},
    {"cleared", {.read_exec_only = 1, .seg_not_present = 1}, false},
    {"not present any more", {.limit = 1, .seg_not_present = 1}, false},
    {"code that cannot be read",
     {.limit = 1, .contents = 2, .read_exec_only = 1},
     false},
};

enum {
    CHANGES = sizeof(changes) / sizeof(changes[0])
};

static void try_change(const struct change *change)
{
    struct user_desc to = change->to;
    bool ok;

    to.entry_number = CHANGED;
    if (change->stays)
        to.base_addr = (unsigned)(uintptr_t)&bytes[2];
    ldt_set(ldt_data(CHANGED, bytes, 1));
    fs_load(selector_of(CHANGED));
    ok = fs_read(1) == bytes[1];
    ldt_set(to);
    if (change->stays)
        ok = ok && fs_selector() == selector_of(CHANGED) &&
             fs_read(1) == bytes[3];
    else
        ok = ok && fs_selector() == 0;
    fs_load(0);
    ktap_result(ok, "%s", change->name);
}

// ---- selectors in a signal frame -------------------------------------------

static struct {
    int place; // of gregs
    int value;
    unsigned fs_in_handler;
    uint8_t byte_in_handler;
} handler;

static void on_signal(int number, siginfo_t *info, void *context)
{
    ucontext_t *user = context;

    (void)number;
    (void)info;
    handler.fs_in_handler = fs_selector();
    if (handler.fs_in_handler)
        handler.byte_in_handler = fs_read(0);
    user->uc_mcontext.gregs[handler.place] = handler.value;
}

enum seen {
    SEEN_DS,
    SEEN_ES,
    SEEN_FS,
    SEEN_GS,
    SEEN_SS,
    SEEN
};
static unsigned seen[SEEN];

// Raises the signal. What is in the registers afterwards may be unfit for C.
static void raise_and_look(void *unused)
{
    unsigned gs = 0;

    (void)unused;
    memset(seen, 0, sizeof(seen));
    __asm__("mov %%gs, %w0" : "+r"(gs));
    __asm__ volatile("int $0x80\n"
                     "mov %%ds, %%ss:0(%1)\n"
                     "mov %%es, %%ss:4(%1)\n"
                     "mov %%fs, %%ss:8(%1)\n"
                     "mov %%gs, %%ss:12(%1)\n"
                     "mov %%ss, %%ss:16(%1)\n"
                     "mov %w2, %%ds\n"
                     "mov %w2, %%es\n"
                     "mov %w2, %%ss\n"
                     "mov %w3, %%gs\n"
                     :
                     : "a"(SYS_kill), "d"(seen), "S"(USER_DS), "D"(gs),
                       "b"(getpid()), "c"(SIGUSR1)
                     : "memory", "cc");
}

#define LDT(entry) ((entry) << 3 | SELECTOR_FLAGS)

static const struct frame_row {
    const char *name;
    int place, value;
    enum seen at;
    unsigned expected; // in that register; SEEN: the return fails
} frame_rows[] = {
    {"fs", REG_FS, LDT(GOOD), SEEN_FS, LDT(GOOD)},
    {"fs, upper half", REG_FS, 0x55550000 | LDT(GOOD), SEEN_FS, LDT(GOOD)},
    {"fs, flat", REG_FS, USER_DS, SEEN_FS, USER_DS},
    {"fs, empty", REG_FS, LDT(EMPTY), SEEN_FS, 0},
    {"fs, absent", REG_FS, LDT(ABSENT), SEEN_FS, 0},
    {"fs, the kernel's", REG_FS, KERNEL_DS, SEEN_FS, 0},
    {"gs, empty", REG_GS, LDT(EMPTY), SEEN_GS, 0},
    {"gs", REG_GS, LDT(READ_ONLY), SEEN_GS, LDT(READ_ONLY)},
    {"ds, empty", REG_DS, LDT(EMPTY), SEEN_DS, 0},
    {"ds, null", REG_DS, 0, SEEN_DS, 0},
    {"ds, the kernel's", REG_DS, KERNEL_DS, SEEN_DS, 0},
    {"ds", REG_DS, LDT(CODE), SEEN_DS, 0}, // it cannot be read
    {"es, task state", REG_ES, TASK_STATE, SEEN_ES, 0},
    {"es, absent", REG_ES, LDT(ABSENT), SEEN_ES, 0},
    {"es", REG_ES, LDT(GOOD), SEEN_ES, LDT(GOOD)},
    {"ss", REG_SS, LDT(GOOD), SEEN_SS, LDT(GOOD)},
    {"ss, privilege", REG_SS, LDT(GOOD) & ~3, SEEN_SS, LDT(GOOD)},
    {"cs, privilege", REG_CS, USER_CS & ~3, SEEN_SS, USER_DS},
    {"cs", REG_CS, LDT(CODE), SEEN_SS, USER_DS},
    {"ss, null", REG_SS, 0, SEEN, 0},
    {"ss, empty", REG_SS, LDT(EMPTY), SEEN, 0},
    {"ss, absent", REG_SS, LDT(ABSENT), SEEN, 0},
    {"ss, read-only", REG_SS, LDT(READ_ONLY), SEEN, 0},
    {"ss, code", REG_SS, LDT(CODE), SEEN, 0},
    {"ss, the kernel's", REG_SS, KERNEL_DS, SEEN, 0},
    {"ss, no such entry", REG_SS, 0xfffb, SEEN, 0},
    {"cs, null", REG_CS, 0, SEEN, 0},
    {"cs, empty", REG_CS, LDT(EMPTY), SEEN, 0},
    {"cs, absent", REG_CS, LDT(ABSENT), SEEN, 0},
    {"cs, data", REG_CS, LDT(GOOD), SEEN, 0},
    {"cs, the kernel's", REG_CS, KERNEL_CS, SEEN, 0},
    {"cs, task state", REG_CS, TASK_STATE, SEEN, 0},
};

enum {
    FRAME_ROWS = sizeof(frame_rows) / sizeof(frame_rows[0])
};

static void try_frame(const struct frame_row *row)
{
    struct trap trap;
    bool ok;

    handler.place = row->place;
    handler.value = row->value;
    trap = ldt_try(raise_and_look, NULL);
    fs_load(0);
    if (row->at == SEEN)
        ok = trap.signal == SIGILL && trap.code == ILL_BADSTK;
    else
        ok = trap.signal == 0 && seen[row->at] == row->expected;
    if (!ktap_result(ok, "frame: %s", row->name))
        ktap_note("%s: signal %d code %d, ds %x es %x fs %x gs %x ss %x",
                  row->name, trap.signal, trap.code, seen[SEEN_DS],
                  seen[SEEN_ES], seen[SEEN_FS], seen[SEEN_GS], seen[SEEN_SS]);
}

// A handler that changes nothing.
static void try_handler(void)
{
    ldt_set(ldt_data(CHANGED, bytes, 1));
    handler.place = REG_EAX;
    handler.value = 0;
    fs_load(selector_of(CHANGED));
    raise_and_look(NULL);
    ktap_result(handler.fs_in_handler == selector_of(CHANGED) &&
                    handler.byte_in_handler == bytes[0],
                "the handler has the segment");
    ktap_result(seen[SEEN_FS] == selector_of(CHANGED) && fs_read(1) == bytes[1],
                "after it, the program");
    fs_load(0);
}

// ---- stacks ----------------------------------------------------------------

// What is left of esp by the way into the kernel and out that @way takes.
static bool keeps_esp(int way)
{
    static const uint16_t flat = USER_DS; // not on the stack
    unsigned before, after, eax = SYS_getpid;
    uint8_t *page = mmap(NULL, PAGE_BYTES, PROT_READ | PROT_WRITE,
                         MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (page == MAP_FAILED)
        return false;
    __asm__ volatile("mov %%esp, %%esi\n"
                     "mov %w4, %%ss\n"
                     "cmp $1, %%ecx\n"
                     "ja 2f\n"
                     "je 1f\n"
                     "int $0x80\n"
                     "jmp 3f\n"
                     "1: movb $1, (%%edx)\n" // a page fault
                     "jmp 3f\n"
                     "2: dec %%ecx\n"
                     "jnz 2b\n"
                     "3: mov %%esp, %%edi\n"
                     "mov %w5, %%ss\n"
                     "mov %%esi, %%esp\n"
                     : "+a"(eax), "=&S"(before), "=&D"(after), "+c"(way)
                     : "r"(selector_of(STACK_16)), "m"(flat), "d"(page)
                     : "memory", "cc");
    munmap(page, PAGE_BYTES);
    return before == after;
}

// The stack in use is made to be none.
static void clear_stack(void *unused)
{
    static struct user_desc empty = {
        .entry_number = CHANGED, .read_exec_only = 1, .seg_not_present = 1};
    long result = SYS_modify_ldt;

    (void)unused;
    __asm__ volatile("mov %w1, %%ss\n"
                     "int $0x80\n"
                     "mov %w2, %%ss\n"
                     : "+a"(result)
                     : "S"(selector_of(CHANGED)), "D"(USER_DS),
                       "b"(FUNCTION_WRITE), "c"(&empty), "d"(sizeof(empty))
                     : "memory");
}

static void try_stacks(void)
{
    struct user_desc desc = {
        .entry_number = CHANGED, .limit = 0xfffff, .limit_in_pages = 1};
    struct trap trap;

    ktap_result(keeps_esp(0), "16-bit stack, system call");
    ktap_result(keeps_esp(1), "16-bit stack, page fault");
    ktap_result(keeps_esp(SPINS), "16-bit stack, interrupts");
    for (int is_32bit = 0; is_32bit < 2; is_32bit++) {
        desc.seg_32bit = (unsigned)is_32bit;
        ldt_set(desc);
        trap = ldt_try(clear_stack, NULL);
        ktap_result(trap.signal == SIGILL && trap.code == ILL_BADSTK,
                    "%d-bit stack, gone", is_32bit ? 32 : 16);
    }
}

void suite_return(void)
{
    struct sigaction action = {.sa_sigaction = on_signal,
                               .sa_flags = SA_SIGINFO};

    sigaction(SIGUSR1, &action, NULL);
    set_entries();
    ktap_enter("return", CHANGES + FRAME_ROWS + 2 + 5);
    for (int i = 0; i < CHANGES; i++)
        try_change(&changes[i]);
    for (int i = 0; i < FRAME_ROWS; i++)
        try_frame(&frame_rows[i]);
    try_handler();
    try_stacks();
    ktap_leave();
}
