// userland/tests/fuzz_entry.c - a system call, as no program would do it
// SPDX-License-Identifier: MIT
//
// Flags that user mode can set are set at times: direction, alignment check,
// nested task, single step. A child of clone gets a stack of its own before it
// touches any memory, whether it shares its parent's or not.

#include <asm/unistd.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/auxv.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "fuzz.h"

enum {
    CHILD_STACKS = 8,
    CHILD_STACK_BYTES = 8192,
    CHILD_CALLS = 6,

    EFLAGS_TF = 0x100,
    EFLAGS_DF = 0x400,
    EFLAGS_NT = 0x4000,
    EFLAGS_AC = 0x40000,
};

// Read and written by the assembly below.
uint32_t fuzz_entry_vector; // __kernel_vsyscall, or 0
uint32_t fuzz_child_top;    // of the stack for the next child
uint32_t fuzz_saved_esp, fuzz_saved_gs;
int32_t fuzz_entry_raw(const struct fuzz_call *call, uint32_t flags);
int32_t fuzz_entry_vsyscall(const struct fuzz_call *call, uint32_t flags);
void fuzz_entry_sigreturn(uint32_t number, uint32_t *words);
void fuzz_entry_landed(void);
_Noreturn void fuzz_child(void);

// `int $0x80` (raw) or the kernel's page, with these flags set on the way in.
// The instruction that follows the call tells parent and child apart.
__asm__(".macro FUZZ_CALL name, how\n"
        ".globl \\name\n"
        "\\name:\n"
        "    push %ebp\n"
        "    push %ebx\n"
        "    push %esi\n"
        "    push %edi\n"
        "    mov 20(%esp), %ecx\n" // call
        "    pushf\n"
        "    mov 28(%esp), %edx\n" // flags
        "    or %edx, (%esp)\n"
        "    mov (%ecx), %eax\n"
        "    mov 4(%ecx), %ebx\n"
        "    mov 12(%ecx), %edx\n"
        "    mov 16(%ecx), %esi\n"
        "    mov 20(%ecx), %edi\n"
        "    mov 24(%ecx), %ebp\n"
        "    mov 8(%ecx), %ecx\n"
        "    popf\n"
        "    \\how\n"
        "    pushf\n"
        "    andl $~0x44500, (%esp)\n"
        "    popf\n"
        "    mov 20(%esp), %ecx\n"
        "    pop %edi\n"
        "    pop %esi\n"
        "    pop %ebx\n"
        "    pop %ebp\n"
        "    ret\n"
        ".endm\n"
        "FUZZ_CALL fuzz_entry_raw, \"int $0x80\"\n"
        "FUZZ_CALL fuzz_entry_vsyscall, \"call *fuzz_entry_vector\"\n"

        ".globl fuzz_entry_clone\n" // (call)
        "fuzz_entry_clone:\n"
        "    push %ebp\n"
        "    push %ebx\n"
        "    push %esi\n"
        "    push %edi\n"
        "    mov 20(%esp), %ecx\n"
        "    mov (%ecx), %eax\n"
        "    mov 4(%ecx), %ebx\n"
        "    mov 12(%ecx), %edx\n"
        "    mov 16(%ecx), %esi\n"
        "    mov 20(%ecx), %edi\n"
        "    mov 24(%ecx), %ebp\n"
        "    mov 8(%ecx), %ecx\n"
        "    int $0x80\n"
        "    test %eax, %eax\n"
        "    jz 1f\n"
        "    pop %edi\n"
        "    pop %esi\n"
        "    pop %ebx\n"
        "    pop %ebp\n"
        "    ret\n"
        "1:  mov fuzz_child_top, %esp\n"
        "    xor %ebp, %ebp\n"
        "    call fuzz_child\n"

        ".globl fuzz_entry_sigreturn\n" // (number, words)
        "fuzz_entry_sigreturn:\n"
        "    push %ebp\n"
        "    push %ebx\n"
        "    push %esi\n"
        "    push %edi\n"
        "    mov 20(%esp), %eax\n"
        "    mov 24(%esp), %ecx\n"
        "    mov %esp, fuzz_saved_esp\n"
        "    mov %gs, %edx\n"
        "    mov %edx, fuzz_saved_gs\n"
        "    mov %ecx, %esp\n"
        "    int $0x80\n"
        ".globl fuzz_entry_landed\n"
        "fuzz_entry_landed:\n"
        "    mov %ss, %cx\n"
        "    mov %cx, %ds\n"
        "    mov %cx, %es\n"
        "    mov fuzz_saved_gs, %ecx\n"
        "    mov %ecx, %gs\n"
        "    mov fuzz_saved_esp, %esp\n"
        "    cld\n"
        "    pop %edi\n"
        "    pop %esi\n"
        "    pop %ebx\n"
        "    pop %ebp\n"
        "    ret\n");

int32_t fuzz_entry_clone(const struct fuzz_call *call);

static uint8_t child_stacks[CHILD_STACKS][CHILD_STACK_BYTES];

static uint32_t some_flags(void)
{
    static const uint32_t flags[] = {EFLAGS_DF, EFLAGS_NT, EFLAGS_AC, EFLAGS_TF,
                                     EFLAGS_NT | EFLAGS_DF};

    if (!fuzz_one_in(12))
        return 0;
    return flags[fuzz_below(sizeof(flags) / sizeof(flags[0]))];
}

// What a child does: a little, at the same time as its parent.
void fuzz_child(void)
{
    fuzz_alarm();
    for (unsigned i = 0; i < CHILD_CALLS; i++) {
        struct fuzz_call call = {.number = fuzz_below(FUZZ_LAST_CALL)};
        const char *kinds = fuzz_kinds(call.number);

        if (kinds == NULL || call.number == __NR_pause ||
            call.number == __NR_execve || call.number == __NR_sigreturn ||
            call.number == __NR_rt_sigreturn)
            continue;
        fuzz_arguments(&call, kinds);
        if (call.number == __NR_clone)
            call.arguments[0] = SIGCHLD;
        if (call.number != __NR_vfork && call.number != __NR_clone3)
            fuzz_entry_raw(&call, 0);
    }
    for (;;)
        syscall(SYS_exit, 0);
}

int32_t fuzz_enter(const struct fuzz_call *call)
{
    static unsigned next;
    static bool asked;
    int32_t result;

    if (!asked) {
        fuzz_entry_vector = (uint32_t)getauxval(AT_SYSINFO);
        asked = true;
    }
    if (call->number == __NR_clone || call->number == __NR_fork ||
        call->number == __NR_vfork || call->number == __NR_clone3) {
        next = (next + 1) % CHILD_STACKS;
        fuzz_child_top =
            (uint32_t)(uintptr_t)child_stacks[next] + CHILD_STACK_BYTES - 16;
        result = fuzz_entry_clone(call);
        fuzz_look_away(call->number != __NR_fork && call->number != __NR_vfork);
        return result;
    }
    if (fuzz_entry_vector != 0 && fuzz_one_in(2))
        return fuzz_entry_vsyscall(call, some_flags());
    return fuzz_entry_raw(call, some_flags());
}

void fuzz_sigreturn(uint32_t number, uint32_t *words, uint32_t count)
{
    static const uint16_t selectors[] = {0,    3,    7,    0xf,  0x23,  0x2b,
                                         0x33, 0x3b, 0x63, 0x73, 0x7b,  0x60,
                                         0x68, 0x10, 0x18, 0x8,  0xffff};
    enum { // struct sigcontext, of words
        GS,
        FS,
        ES,
        DS,
        EDI,
        ESI,
        EBP,
        ESP,
        EBX,
        EDX,
        ECX,
        EAX,
        TRAP,
        ERROR,
        EIP,
        CS,
        EFLAGS,
        USER_ESP,
        SS,
        FPSTATE,
        WORDS
    };
    uint16_t own_cs, own_ss;
    uint32_t *context;

    __asm__("mov %%cs, %0; mov %%ss, %1" : "=r"(own_cs), "=r"(own_ss));
    for (uint32_t i = 0; i < count; i++)
        words[i] = fuzz_word();
    // An rt frame has a siginfo and more before it.
    context = words + (number == __NR_sigreturn ? 0 : 3 + 32 + 5);
    if (number == __NR_rt_sigreturn)
        words[2] = (uint32_t)(uintptr_t)words;
    context[CS] = own_cs;
    context[DS] = context[ES] = context[SS] = own_ss;
    context[EIP] = (uint32_t)(uintptr_t)fuzz_entry_landed;
    context[FS] = context[GS] = 0;
    context[USER_ESP] = (uint32_t)(uintptr_t)words;
    if (fuzz_one_in(2))
        context[FPSTATE] = 0;
    else
        context[FPSTATE] = fuzz_pointer();
    for (unsigned i = 0; i < 3; i++) {
        static const uint8_t which[] = {GS, FS, ES, DS, CS, SS};

        if (fuzz_one_in(2))
            context[which[fuzz_below(sizeof(which))]] =
                selectors[fuzz_below(sizeof(selectors) / 2)];
    }
    if (fuzz_one_in(6))
        context[EIP] = fuzz_pointer();
    if (fuzz_one_in(6))
        context[USER_ESP] = fuzz_pointer();
    fuzz_entry_sigreturn(number, words);
}
