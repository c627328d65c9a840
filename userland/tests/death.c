// userland/tests/death.c - bad accesses, and the signal that ends each
// SPDX-License-Identifier: MIT
//
// Each is done in a forked child; the parent looks at the wait status. The
// table is the documentation.

#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>

#include "faults.h"
#include "ktap.h"

enum {
    PAGE_BYTES = 4096,
    FRAME_BYTES = 1024, // of the endless recursion
};

static const char read_only_data[] = "rodata";

static uint8_t read_at(uintptr_t address)
{
    return *(volatile uint8_t *)address;
}

static void write_at(uintptr_t address)
{
    *(volatile uint8_t *)address = 1;
}

static void jump_to(uintptr_t address)
{
    // As far as the compiler knows this may be any function.
    __asm__ volatile("call *%0" : : "r"(address) : "memory", "cc");
}

static void null_read(void)
{
    read_at(0);
}

static void null_write(void)
{
    write_at(0);
}

static void null_jump(void)
{
    jump_to(0);
}

static void low_read(void)
{
    read_at(PAGE_BYTES); // below mmap_min_addr
}

static void text_write(void)
{
    write_at((uintptr_t)&text_write);
}

static void rodata_write(void)
{
    write_at((uintptr_t)read_only_data);
}

static void kernel_read(void)
{
    read_at(KERNEL_ADDRESS);
}

static void kernel_write(void)
{
    write_at(KERNEL_ADDRESS);
}

static void kernel_jump(void)
{
    jump_to(KERNEL_ADDRESS);
}

static void top_read(void)
{
    read_at(UINTPTR_MAX);
}

// The multiplication after the call keeps it from becoming a loop. It would
// end, after 4 TiB of stack. NOLINTNEXTLINE(misc-no-recursion)
__attribute__((noinline)) static unsigned recurse(unsigned depth)
{
    volatile uint8_t frame[FRAME_BYTES];

    if (depth == UINT32_MAX)
        return 0;
    frame[0] = (uint8_t)depth;
    frame[FRAME_BYTES - 1] = 1;
    return recurse(depth + 1) * 3 + frame[0];
}

static void stack_overflow(void)
{
    recurse(0);
}

static void lost_stack(void)
{
    __asm__ volatile("mov $64, %%esp; push %%eax" : : : "memory");
}

static void unmapped_read(void)
{
    uint8_t *page = mmap(NULL, PAGE_BYTES, PROT_READ | PROT_WRITE,
                         MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    *page = 1;
    if (munmap(page, PAGE_BYTES) == 0)
        read_at((uintptr_t)page);
}

static void divide_by_zero(void)
{
    __asm__ volatile("divl %%ecx" : : "a"(1), "d"(0), "c"(0) : "cc");
}

static void undefined_instruction(void)
{
    __asm__ volatile("ud2");
}

static void breakpoint(void)
{
    __asm__ volatile("int3");
}

static void overflow_trap(void)
{
    // 0x7fffffff + 1 sets OF, and into raises the exception.
    __asm__ volatile("addl $1, %0; into" : : "r"(0x7fffffff) : "cc");
}

static void privileged_halt(void)
{
    __asm__ volatile("hlt");
}

static void privileged_port(void)
{
    __asm__ volatile("outb %%al, $0x80" : : "a"(0));
}

static void kernel_interrupt(void)
{
    // The page fault's vector, which is not for programs to call.
    __asm__ volatile("int $14");
}

static void bad_selector(void)
{
    __asm__ volatile("mov %0, %%fs" : : "r"((uint16_t)0x1234));
}

static const struct death {
    const char *name;
    int signal;
    void (*die)(void);
} deaths[] = {
    {"null-read", SIGSEGV, null_read},
    {"null-write", SIGSEGV, null_write},
    {"null-jump", SIGSEGV, null_jump},
    {"low-read", SIGSEGV, low_read},
    {"text-write", SIGSEGV, text_write},
    {"rodata-write", SIGSEGV, rodata_write},
    {"kernel-read", SIGSEGV, kernel_read},
    {"kernel-write", SIGSEGV, kernel_write},
    {"kernel-jump", SIGSEGV, kernel_jump},
    {"top-read", SIGSEGV, top_read},
    {"stack-overflow", SIGSEGV, stack_overflow},
    {"lost-stack", SIGSEGV, lost_stack},
    {"unmapped-read", SIGSEGV, unmapped_read},
    {"privileged-halt", SIGSEGV, privileged_halt},
    {"privileged-port", SIGSEGV, privileged_port},
    {"kernel-interrupt", SIGSEGV, kernel_interrupt},
    {"bad-selector", SIGSEGV, bad_selector},
    {"overflow-trap", SIGSEGV, overflow_trap},
    {"divide-by-zero", SIGFPE, divide_by_zero},
    {"undefined-instruction", SIGILL, undefined_instruction},
    {"breakpoint", SIGTRAP, breakpoint},
};

enum {
    DEATHS = sizeof(deaths) / sizeof(deaths[0])
};

static int die_in_child(void *argument)
{
    const struct death *death = argument;
    struct rlimit none = {0, 0};

    setrlimit(RLIMIT_CORE, &none); // only spares the disk; may fail
    death->die();
    return 0;
}

void death_by_name(const char *name)
{
    for (int i = 0; i < DEATHS; i++)
        if (strcmp(deaths[i].name, name) == 0)
            deaths[i].die();
}

void suite_death(void)
{
    ktap_enter("death", DEATHS);
    for (int i = 0; i < DEATHS; i++) {
        int status = run_in_child(die_in_child, (void *)&deaths[i]);

        if (!ktap_result(killed_by(status, deaths[i].signal), "%s",
                         deaths[i].name))
            ktap_note("wait status 0x%x, expected signal %d", (unsigned)status,
                      deaths[i].signal);
    }
    ktap_leave();
}
