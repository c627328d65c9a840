// userland/tests/vsyscall_enter.c - vsyscall.c: the way in, used and misused
// SPDX-License-Identifier: MIT

#include "vsyscall.h"

#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

enum {
    FLAG_TRAP = 0x100,
    FLAG_DIRECTION = 0x400,
    FLAG_NESTED = 0x4000,
    FLAG_ID = 0x200000,
    STEPS_MAX = 64,
    SLOT = 64, // bytes below the end of a page, for a made-up stack
};

const void *enter_entry;      // for the assembly below
const uint8_t *enter_instead; // SYSENTER
unsigned long enter_esp;

long registers_kept(void);
unsigned long flags_after(unsigned long set);
long stepped(void);
long enter_with(unsigned long ebp);
extern const char enter_returned[];

__asm__(
    // registers_kept - 1 if getpid changes none but eax.
    "registers_kept:\n"
    "    pushl %ebx; pushl %esi; pushl %edi; pushl %ebp\n"
    "    movl $0x1b, %ebx; movl $0x1c, %ecx; movl $0x1d, %edx\n"
    "    movl $0x15, %esi; movl $0x1e, %edi; movl $0x1f, %ebp\n"
    "    movl $20, %eax\n"
    "    call *enter_entry\n"
    "    subl $0x1b, %ebx; subl $0x1c, %ecx; subl $0x1d, %edx\n"
    "    subl $0x15, %esi; subl $0x1e, %edi; subl $0x1f, %ebp\n"
    "    orl %ecx, %ebx; orl %edx, %ebx; orl %esi, %ebx\n"
    "    orl %edi, %ebx; orl %ebp, %ebx\n"
    "    xorl %eax, %eax; testl %ebx, %ebx; sete %al\n"
    "    popl %ebp; popl %edi; popl %esi; popl %ebx\n"
    "    ret\n"
    // flags_after - of getpid with these and the arithmetic ones set.
    "flags_after:\n"
    "    movl 4(%esp), %ecx\n"
    "    pushfl\n"
    "    movl (%esp), %edx\n"
    "    orl $0x8d5, %edx; orl %ecx, %edx\n"
    "    pushl %edx\n"
    "    popfl\n"
    "    movl $20, %eax\n"
    "    call *enter_entry\n"
    "    pushfl\n"
    "    popl %eax\n"
    "    popfl\n"
    "    ret\n"
    // stepped - getpid with the trap flag set.
    "stepped:\n"
    "    movl $20, %eax\n"
    "    pushfl\n"
    "    orl $0x100, (%esp)\n"
    "    popfl\n"
    "    call *enter_entry\n"
    "    pushfl\n"
    "    andl $~0x100, (%esp)\n"
    "    popfl\n"
    "    ret\n"
    // enter_with - SYSENTER for getpid with this ebp. Its stack, if it is one,
    // brings it to enter_returned.
    "enter_with:\n"
    "    movl 4(%esp), %eax\n"
    "    pushl %ebx; pushl %esi; pushl %edi; pushl %ebp\n"
    "    movl %esp, enter_esp\n"
    "    movl %eax, %ebp\n"
    "    movl $20, %eax\n"
    "    jmp *enter_instead\n"
    "enter_returned:\n"
    "    movl enter_esp, %esp\n"
    "    popl %ebp; popl %edi; popl %esi; popl %ebx\n"
    "    ret\n");

static bool same_as_int80(void)
{
    return vsyscall(enter_entry, SYS_getpid, 0, 0, 0, 0, 0, 0) == getpid() &&
           vsyscall(enter_entry, SYS_close, 12345, 0, 0, 0, 0, 0) == -EBADF;
}

static bool keeps_registers(void)
{
    return registers_kept() == 1;
}

static bool numbers_that_are_none(void)
{
    static const long numbers[] = {-1, 511, 5000, 0x7fffffff, -4096};

    for (unsigned i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
        if (vsyscall(enter_entry, numbers[i], 0, 0, 0, 0, 0, 0) != -ENOSYS)
            return false;
    return true;
}

// The sixth is the page of the file.
static bool six_arguments(void)
{
    int fd = (int)syscall(SYS_memfd_create, "six", 0);
    char byte = 's';

    if (fd < 0 || pwrite(fd, &byte, 1, 5 * PAGE_BYTES + 7) != 1)
        return false;
    long at = vsyscall(enter_entry, SYS_mmap2, 0, PAGE_BYTES, PROT_READ,
                       MAP_SHARED, fd, 5);
    close(fd);
    return (unsigned long)at < -4095ul && ((char *)at)[7] == 's' &&
           munmap((void *)at, PAGE_BYTES) == 0;
}

static bool keeps_flag(unsigned long flag)
{
    unsigned long after = flags_after(flag);

    if ((after & (flag | 0x8d5)) == (flag | 0x8d5))
        return true;
    ktap_note("flags %#lx", after);
    return false;
}

static bool keeps_arithmetic_flags(void)
{
    return keeps_flag(0);
}

static bool keeps_direction(void)
{
    return keeps_flag(FLAG_DIRECTION);
}

static bool keeps_nested_task(void)
{
    return keeps_flag(FLAG_NESTED);
}

static bool keeps_id(void)
{
    return keeps_flag(FLAG_ID);
}

// ---- single steps -----------------------------------------------------------

static unsigned long steps[STEPS_MAX];
static volatile unsigned step_count;
static volatile int step_code;

static void note_step(int signal, siginfo_t *info, void *context)
{
    ucontext_t *at = context;

    (void)signal;
    if (step_count < STEPS_MAX)
        steps[step_count] = (unsigned long)at->uc_mcontext.gregs[REG_EIP];
    step_count++;
    step_code = info->si_code;
}

static bool was_at(const uint8_t *where)
{
    for (unsigned i = 0; i < step_count && i < STEPS_MAX; i++)
        if (steps[i] == (unsigned long)where)
            return true;
    ktap_note("no step to %p", (const void *)where);
    return false;
}

// Each instruction before the kernel is a step, and each behind the landing
// pad's first, which runs before the trap flag counts again.
static bool steps_through(void)
{
    const uint8_t *entry = enter_entry, *landing = landing_pad();
    struct sigaction action = {.sa_sigaction = note_step,
                               .sa_flags = SA_SIGINFO};

    step_count = 0;
    sigaction(SIGTRAP, &action, NULL);
    long pid = stepped();
    signal(SIGTRAP, SIG_DFL);
    return pid == getpid() && step_code == TRAP_TRACE && was_at(entry) &&
           was_at(entry + 3) && was_at(landing + 1) && was_at(landing + 3) &&
           step_count <= 14;
}

// ---- stacks that are none
// -----------------------------------------------------

static sigjmp_buf escape;
static volatile unsigned long fault_eip, fault_eax, fault_esp;
static volatile int fault_signal;

static void note_fault(int signal, siginfo_t *info, void *context)
{
    const greg_t *registers = ((ucontext_t *)context)->uc_mcontext.gregs;

    (void)info;
    fault_signal = signal;
    fault_eip = (unsigned long)registers[REG_EIP];
    fault_eax = (unsigned long)registers[REG_EAX];
    fault_esp = (unsigned long)registers[REG_ESP];
    siglongjmp(escape, 1);
}

static bool faults_in_the_landing_pad(unsigned long ebp)
{
    fault_signal = 0;
    if (sigsetjmp(escape, 1) == 0)
        enter_with(ebp);
    if (fault_signal == SIGSEGV && fault_eip == (unsigned long)landing_pad() &&
        fault_eax == (unsigned long)-EFAULT && fault_esp == ebp)
        return true;
    ktap_note("ebp %#lx: signal %d eip %#lx eax %#lx esp %#lx", ebp,
              fault_signal, fault_eip, fault_eax, fault_esp);
    return false;
}

static bool stacks_that_are_none(void)
{
    static const unsigned long bad[] = {0,          8,          0xfffffffc,
                                        0xffffffff, 0xc0000000, 0xc0100000};
    static uint8_t stack[16384];
    stack_t alternate = {.ss_sp = stack, .ss_size = sizeof(stack)};
    struct sigaction action = {.sa_sigaction = note_fault,
                               .sa_flags = SA_SIGINFO | SA_ONSTACK};
    uint8_t *none =
        mmap(NULL, PAGE_BYTES, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (!enter_instead)
        return true; // nothing to misuse
    sigaltstack(&alternate, NULL);
    sigaction(SIGSEGV, &action, NULL);
    bool ok = faults_in_the_landing_pad((unsigned long)none + 16);
    for (unsigned i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        ok = faults_in_the_landing_pad(bad[i]) && ok;
    signal(SIGSEGV, SIG_DFL);
    alternate.ss_flags = SS_DISABLE;
    sigaltstack(&alternate, NULL);
    return munmap(none, PAGE_BYTES) == 0 && ok;
}

// The kernel's read of the sixth argument is what brings the page in.
static bool stack_that_is_not_there_yet(void)
{
    const unsigned long frame[4] = {1, 2, 3, (unsigned long)enter_returned};
    int fd = (int)syscall(SYS_memfd_create, "stack", 0);
    off_t place = PAGE_BYTES - SLOT;

    if (!enter_instead)
        return true;
    if (pwrite(fd, frame, sizeof(frame), place) != sizeof(frame))
        return false;
    uint8_t *at = mmap(NULL, PAGE_BYTES, PROT_READ, MAP_PRIVATE, fd, 0);
    bool ok = at != MAP_FAILED &&
              enter_with((unsigned long)at + (unsigned long)place) == getpid();
    close(fd);
    return munmap(at, PAGE_BYTES) == 0 && ok;
}

void suite_enter(void)
{
    static const struct ktap_test rows[] = {
        {"same-as-int80", same_as_int80},
        {"keeps-registers", keeps_registers},
        {"numbers-that-are-none", numbers_that_are_none},
        {"six-arguments", six_arguments},
        {"keeps-arithmetic-flags", keeps_arithmetic_flags},
        {"keeps-direction", keeps_direction},
        {"keeps-nested-task", keeps_nested_task},
        {"keeps-id", keeps_id},
        {"steps-through", steps_through},
        {"stacks-that-are-none", stacks_that_are_none},
        {"stack-that-is-not-there-yet", stack_that_is_not_there_yet},
    };

    enter_entry = vsyscall_entry();
    enter_instead = sysenter_at();
    ktap_run_suite("enter", rows, sizeof(rows) / sizeof(rows[0]));
}
