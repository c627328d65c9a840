// userland/tests/ldt_load.c - ldt.c: which selectors may be loaded
// SPDX-License-Identifier: MIT

#include "ldt.h"

#include <signal.h>
#include <unistd.h>

#include "ktap.h"

enum {
    ENTRY = 7,
    ENTRY_UNUSED = 4321,

    USER_CS = 0x73,
    USER_DS = 0x7b,
    KERNEL_CS = 0x60,
    KERNEL_DS = 0x68,

    TRAP_NOT_PRESENT = 11,
    TRAP_STACK = 12,
    TRAP_PROTECTION = 13,
};

static void load_fs(void *selector)
{
    fs_load((unsigned)(uintptr_t)selector);
}

static void load_ss(void *selector)
{
    __asm__ volatile("mov %w0, %%ss\n"
                     "mov %w1, %%ss"
                     :
                     : "r"(selector), "r"(USER_DS)
                     : "memory");
}

// A push above the limit of the stack.
static void push_ss(void *selector)
{
    __asm__ volatile("mov %w0, %%ss\n"
                     "push %%eax\n"
                     "mov %w1, %%ss\n"
                     "pop %%eax"
                     :
                     : "r"(selector), "r"(USER_DS)
                     : "memory");
}

// Code at offset 0 of a segment, which leaves it by the far pointer at edx.
// Not called: a QEMU whose CPU has SMAP (7.2) pushes for far calls with the
// kernel's rights, which SMAP refuses, for ever.
__asm__(".pushsection .text\n"
        "code_32: movl $42, %eax\n"
        "         ljmp *(%edx)\n"
        "code_32_end:\n"
        ".code16\n"
        "code_16: movl $20, %eax\n" // getpid
        "         int $0x80\n"
        "         ljmpl *(%edx)\n"
        "code_16_end:\n"
        ".code32\n"
        ".popsection\n");
extern const uint8_t code_32[], code_32_end[], code_16[], code_16_end[];

static unsigned result;

struct far_pointer {
    unsigned offset;
    uint16_t selector;
};

static void load_cs(void *selector)
{
    struct far_pointer to = {0, (uint16_t)(uintptr_t)selector}, back;

    __asm__ volatile("movl $1f, (%2)\n"
                     "movw %%cs, 4(%2)\n"
                     "ljmp *%1\n"
                     "1:"
                     : "=a"(result)
                     : "m"(to), "d"(&back)
                     : "memory", "cc", "ecx");
}

static const struct load {
    const char *name;
    void (*load)(void *);
    struct user_desc desc;
    unsigned selector; // 0: of the entry
    int signal, trap;
    bool no_selector; // in the error code
} loads[] = {
    {"no such entry",
     load_fs,
     {0},
     ENTRY_UNUSED << 3 | SELECTOR_FLAGS,
     SIGSEGV,
     TRAP_PROTECTION,
     false},
    {"an empty entry",
     load_fs,
     {.read_exec_only = 1, .seg_not_present = 1},
     0,
     SIGSEGV,
     TRAP_PROTECTION,
     false},
    {"not present",
     load_fs,
     {.limit = 9, .seg_not_present = 1},
     0,
     SIGBUS,
     TRAP_NOT_PRESENT,
     false},
    {"code that cannot be read",
     load_fs,
     {.limit = 9, .contents = 2, .read_exec_only = 1},
     0,
     SIGSEGV,
     TRAP_PROTECTION,
     false},
    {"the kernel's data",
     load_fs,
     {.limit = 9},
     KERNEL_DS,
     SIGSEGV,
     TRAP_PROTECTION,
     false},
    {"the task state",
     load_fs,
     {.limit = 9},
     0x80,
     SIGSEGV,
     TRAP_PROTECTION,
     false},
    {"the table itself",
     load_fs,
     {.limit = 9},
     0x88,
     SIGSEGV,
     TRAP_PROTECTION,
     false},
    {"the kernel's other stack",
     load_ss,
     {.limit = 9},
     0xd3,
     SIGSEGV,
     TRAP_PROTECTION,
     false},
    {"behind the global table",
     load_fs,
     {.limit = 9},
     0xfffb,
     SIGSEGV,
     TRAP_PROTECTION,
     false},
    {"a stack",
     load_ss,
     {.limit = 0xfffff, .limit_in_pages = 1},
     0,
     0,
     0,
     false},
    {"a read-only stack",
     load_ss,
     {.limit = 9, .read_exec_only = 1},
     0,
     SIGSEGV,
     TRAP_PROTECTION,
     false},
    {"a stack of code",
     load_ss,
     {.limit = 9, .contents = 2},
     0,
     SIGSEGV,
     TRAP_PROTECTION,
     false},
    {"a stack that is not present",
     load_ss,
     {.limit = 9, .seg_not_present = 1},
     0,
     SIGBUS,
     TRAP_STACK,
     false},
    {"a stack that ends below",
     push_ss,
     {.limit = 99, .seg_32bit = 1},
     0,
     SIGBUS,
     TRAP_STACK,
     true},
    {"jumping to data",
     load_cs,
     {.limit = 9},
     0,
     SIGSEGV,
     TRAP_PROTECTION,
     false},
    {"jumping to what is not present",
     load_cs,
     {.limit = 9, .contents = 2, .seg_not_present = 1},
     0,
     SIGBUS,
     TRAP_NOT_PRESENT,
     false},
    {"jumping to conforming code",
     load_cs,
     {.limit = 9, .contents = 3, .seg_not_present = 1},
     0,
     SIGBUS,
     TRAP_NOT_PRESENT,
     false},
    {"jumping to the kernel",
     load_cs,
     {.limit = 9},
     KERNEL_CS,
     SIGSEGV,
     TRAP_PROTECTION,
     false},
};

enum {
    LOADS = sizeof(loads) / sizeof(loads[0]),
    CODES = 3
};

static void try_load(const struct load *load)
{
    struct user_desc desc = load->desc;
    unsigned selector = load->selector ? load->selector : selector_of(ENTRY);
    unsigned error = load->no_selector ? 0 : selector & ~3u;
    struct trap trap;
    bool ok;

    if (load->load == push_ss && ldt_skips(load->name))
        return;
    desc.entry_number = ENTRY;
    ldt_set(desc);
    trap = ldt_try(load->load, (void *)(uintptr_t)selector);
    fs_load(0);
    ok = trap.signal == load->signal && trap.number == load->trap;
    if (load->signal)
        ok = ok && trap.code == SI_KERNEL && trap.error == error;
    if (!ktap_result(ok, "%s", load->name))
        ktap_note("signal %d code %d trap %d error %x", trap.signal, trap.code,
                  trap.number, trap.error);
}

static void set_code(const uint8_t *start, unsigned bytes, bool is_32bit)
{
    struct user_desc desc = ldt_data(ENTRY, start, bytes - 1);

    desc.contents = 2;
    desc.seg_32bit = is_32bit;
    ldt_set(desc);
}

static void try_code(void)
{
    void *selector = (void *)(uintptr_t)selector_of(ENTRY);
    struct trap trap;

    set_code(code_32, (unsigned)(code_32_end - code_32), true);
    trap = ldt_try(load_cs, selector);
    ktap_result(trap.signal == 0 && result == 42, "jumping to 32-bit code");
    set_code(code_16, (unsigned)(code_16_end - code_16), false);
    trap = ldt_try(load_cs, selector);
    ktap_result(trap.signal == 0 && result == (unsigned)getpid(),
                "a system call from 16-bit code");
    if (ldt_skips("code behind the limit"))
        return;
    set_code(code_32, 2, true);
    trap = ldt_try(load_cs, selector);
    ktap_result(trap.signal == SIGSEGV && trap.number == TRAP_PROTECTION,
                "code behind the limit");
}

// ---- what the CPU says about a selector ------------------------------------

static const struct rights {
    const char *name;
    unsigned selector; // 0: of the entry
    struct user_desc desc;
    unsigned rights; // 0: none of ours
    unsigned limit;
} all_rights[] = {
    {"rights of the flat code", USER_CS, {0}, 0xc0fa00, ~0u},
    {"rights of the flat data", USER_DS, {0}, 0xc0f200, ~0u},
    {"rights of the kernel's code", KERNEL_CS, {0}, 0, 0},
    {"rights of data",
     0,
     {.limit = 0x12345, .seg_32bit = 1},
     0x40f200,
     0x12345},
    {"rights of what is not present",
     0,
     {.limit = 5, .limit_in_pages = 1, .seg_not_present = 1},
     0x807200,
     0x5fff},
    {"rights of an empty entry",
     0,
     {.read_exec_only = 1, .seg_not_present = 1},
     0,
     0},
};

enum {
    RIGHTS = sizeof(all_rights) / sizeof(all_rights[0]),
    RIGHTS_MASK = 0xf0fe00, // all but whether it was accessed
};

static void try_rights(const struct rights *r)
{
    unsigned selector = r->selector ? r->selector : selector_of(ENTRY);
    struct user_desc desc = r->desc;
    unsigned rights = 0, limit = 0;

    desc.entry_number = ENTRY;
    ldt_set(desc);
    // Without a right to it they leave the register as it is.
    __asm__ volatile("lar %1, %0" : "+r"(rights) : "r"(selector) : "cc");
    __asm__ volatile("lsl %1, %0" : "+r"(limit) : "r"(selector) : "cc");
    if (!ktap_result((rights & RIGHTS_MASK) == r->rights && limit == r->limit,
                     "%s", r->name))
        ktap_note("rights %x limit %x", rights, limit);
}

void suite_load(void)
{
    ktap_enter("load", LOADS + CODES + RIGHTS);
    for (int i = 0; i < LOADS; i++)
        try_load(&loads[i]);
    try_code();
    for (int i = 0; i < RIGHTS; i++)
        try_rights(&all_rights[i]);
    ktap_leave();
}
