// userland/tests/sigframe_exceptions.c - sigframe.c: what each exception tells
// SPDX-License-Identifier: MIT

#include "sigframe.h"

#include <setjmp.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "ktap.h"

enum {
    PAGE_BYTES = 4096,
    NO_ADDRESS = -1, // none is told, or it is not looked at
    AT_EIP = -2,
};

static sigjmp_buf escape;

static void note_and_escape(int signal, siginfo_t *info, void *context)
{
    seen_signal = signal;
    seen_info = *info;
    seen_context = *(ucontext_t *)context;
    siglongjmp(escape, 1);
}

static uint8_t *unmapped, *read_only, *past_the_end;

static void read_at(const volatile uint8_t *at)
{
    (void)*at;
}
static void read_unmapped(void)
{
    read_at(unmapped + 5);
}
static void write_unmapped(void)
{
    *(volatile uint8_t *)(unmapped + 6) = 1;
}
static void write_read_only(void)
{
    *(volatile uint8_t *)(read_only + 7) = 1;
}
static void read_kernel(void)
{
    read_at((const uint8_t *)0xc0100000);
}
static void read_past_the_end(void)
{
    read_at(past_the_end + 8);
}
static void divide_by_zero(void)
{
    __asm__ volatile("divl %2" : : "a"(1), "d"(0), "r"(0) : "cc");
}
static void divide_too_much(void)
{
    __asm__ volatile("idivl %2" : : "a"(0x80000000), "d"(-1), "r"(-1) : "cc");
}
static void undefined(void)
{
    __asm__ volatile("ud2");
}
static void breakpoint(void)
{
    __asm__ volatile("int3");
}
static void overflow(void)
{
    __asm__ volatile("movb $127, %%al; addb $1, %%al; into" : : : "eax", "cc");
}
static void bounds(void)
{
    static const int32_t limits[2] = {1, 5};

    __asm__ volatile("bound %0, %1" : : "r"(9), "m"(limits));
}
static void other_gate(void)
{
    __asm__ volatile("int $0x21");
}
static void halt(void)
{
    __asm__ volatile("hlt");
}
static void single_step(void)
{
    __asm__ volatile("pushfl; orl $0x100, (%esp); popfl; nop; nop");
}

static void x87(uint16_t control, double a, double b)
{
    double result;

    __asm__ volatile("fninit\n"
                     "    fldcw %1\n"
                     "    fldl %2\n"
                     "    fdivl %3\n"
                     "    fwait\n"
                     "    fstpl %0\n"
                     "    fwait"
                     : "=m"(result)
                     : "m"(control), "m"(a), "m"(b));
}
static void x87_zero(void)
{
    x87(0x37b, 1, 0);
}
static void x87_invalid(void)
{
    x87(0x37e, 0, 0);
}
static void x87_inexact(void)
{
    x87(0x35f, 1, 3);
}
static void x87_overflow(void)
{
    x87(0x277, 1e308, 1e-308);
}

static const struct exception {
    const char *name;
    void (*run)(void);
    int signal, code, trap, error;
    int address; // or one of those above; else an offset
    uint8_t **base;
} exceptions[] = {
    {"read-unmapped", read_unmapped, SIGSEGV, SEGV_MAPERR, 14, 4, 5, &unmapped},
    {"write-unmapped", write_unmapped, SIGSEGV, SEGV_MAPERR, 14, 6, 6,
     &unmapped},
    {"write-read-only", write_read_only, SIGSEGV, SEGV_ACCERR, 14, 7, 7,
     &read_only},
    {"read-kernel", read_kernel, SIGSEGV, SEGV_MAPERR, 14, 5, NO_ADDRESS, NULL},
    {"past-the-end", read_past_the_end, SIGBUS, BUS_ADRERR, 14, 4, 8,
     &past_the_end},
    {"divide-by-zero", divide_by_zero, SIGFPE, FPE_INTDIV, 0, 0, AT_EIP, NULL},
    {"divide-too-much", divide_too_much, SIGFPE, FPE_INTDIV, 0, 0, AT_EIP,
     NULL},
    {"undefined", undefined, SIGILL, ILL_ILLOPN, 6, 0, AT_EIP, NULL},
    {"breakpoint", breakpoint, SIGTRAP, SI_KERNEL, 3, 0, NO_ADDRESS, NULL},
    {"overflow", overflow, SIGSEGV, SI_KERNEL, 4, 0, NO_ADDRESS, NULL},
    {"bounds", bounds, SIGSEGV, SI_KERNEL, 5, 0, NO_ADDRESS, NULL},
    {"other-gate", other_gate, SIGSEGV, SI_KERNEL, 13, 0x21 * 8 + 2, NO_ADDRESS,
     NULL},
    {"halt", halt, SIGSEGV, SI_KERNEL, 13, 0, NO_ADDRESS, NULL},
    {"single-step", single_step, SIGTRAP, TRAP_TRACE, 1, 0, AT_EIP, NULL},
    {"x87-zero", x87_zero, SIGFPE, FPE_FLTDIV, 16, 0, AT_EIP, NULL},
    {"x87-invalid", x87_invalid, SIGFPE, FPE_FLTINV, 16, 0, AT_EIP, NULL},
    {"x87-inexact", x87_inexact, SIGFPE, FPE_FLTRES, 16, 0, AT_EIP, NULL},
    {"x87-overflow", x87_overflow, SIGFPE, FPE_FLTOVF, 16, 0, AT_EIP, NULL},
};

enum {
    EXCEPTIONS = sizeof(exceptions) / sizeof(exceptions[0])
};

static uintptr_t address_of(const struct exception *e)
{
    if (e->address == AT_EIP)
        return (uintptr_t)REGISTER(&seen_context, REG_EIP);
    return e->base ? (uintptr_t)*e->base + (uintptr_t)e->address : 0;
}

static bool tells(const struct exception *e)
{
    seen_signal = 0;
    handle_with(e->signal, SA_NODEFER, note_and_escape);
    if (sigsetjmp(escape, 1) == 0)
        e->run();
    signal(e->signal, SIG_DFL);
    __asm__ volatile("fninit");
    int trap = REGISTER(&seen_context, REG_TRAPNO);
    int error = REGISTER(&seen_context, REG_ERR);
    uintptr_t address = (uintptr_t)seen_info.si_addr;

    if (seen_signal == e->signal && seen_info.si_code == e->code &&
        trap == e->trap && error == e->error &&
        (e->address == NO_ADDRESS || address == address_of(e)) &&
        (!e->base || seen_context.uc_mcontext.cr2 == address))
        return true;
    ktap_note("signal %d code %d trap %d error %#x address %#lx eip %#x",
              seen_signal, seen_info.si_code, trap, (unsigned)error,
              (unsigned long)address,
              (unsigned)REGISTER(&seen_context, REG_EIP));
    return false;
}

void suite_exceptions(void)
{
    int fd = (int)syscall(SYS_memfd_create, "short", 0);

    unmapped =
        mmap(NULL, PAGE_BYTES, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    read_only =
        mmap(NULL, PAGE_BYTES, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    read_at(read_only);
    past_the_end = mmap(NULL, PAGE_BYTES, PROT_READ, MAP_SHARED, fd, 0);
    close(fd);
    munmap(unmapped, PAGE_BYTES);
    ktap_enter("exceptions", EXCEPTIONS);
    for (int i = 0; i < EXCEPTIONS; i++)
        ktap_result(tells(&exceptions[i]), "%s", exceptions[i].name);
    ktap_leave();
    munmap(read_only, PAGE_BYTES);
    munmap(past_the_end, PAGE_BYTES);
}
