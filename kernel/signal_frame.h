// kernel/signal_frame.h - what lies on the user stack while a handler runs
// SPDX-License-Identifier: MIT
//
//   plain_frame (plain handlers)    rt_frame (SA_SIGINFO)
//   0    return address             0    return address
//   4    signal                     4    signal
//   8    sigcontext                 8    pointer to siginfo
//   96   room for an old _fpstate   12   pointer to ucontext
//   720  mask, second word          16   siginfo
//   724  code                       144  ucontext
//                                   260  code
//
// Above either lies the FPU state (signal_fpu.h).
//
// Source: asm/sigcontext.h, asm-generic/ucontext.h.
#pragma once

#include <asm/sigcontext.h>
#include <base/compiler.h>
#include <base/types.h>

#define EFLAGS_TF 0x100u
#define EFLAGS_DF 0x400u
#define EFLAGS_RF 0x10000u
#define EFLAGS_AC 0x40000u

#define OLD_FPSTATE_BYTES 624u
#define SIGINFO_BYTES     128u

struct altstack { // stack_t
    u32 start;
    u32 flags;
    u32 bytes;
};

struct ucontext_frame {
    u32 flags;
    u32 link;
    struct altstack stack;
    struct sigcontext_32 context;
    u64 mask;
};

struct plain_frame {
    u32 return_address;
    s32 signal;
    struct sigcontext_32 context;
    u8 old_fpstate[OLD_FPSTATE_BYTES];
    u32 mask_high;
    u8 code[8];
};

struct rt_frame {
    u32 return_address;
    s32 signal;
    u32 info_pointer;
    u32 ucontext_pointer;
    u8 info[SIGINFO_BYTES];
    struct ucontext_frame ucontext;
    u8 code[8];
};

static_assert(sizeof(struct sigcontext_32) == 88, "the ABI");
static_assert(offsetof(struct plain_frame, mask_high) == 720, "the ABI");
static_assert(offsetof(struct rt_frame, ucontext) == 144, "the ABI");
static_assert(offsetof(struct rt_frame, code) == 260, "the ABI");

// altstack_contains - whether a stack pointer is on the current task's
// alternate stack. Of one with SS_AUTODISARM it never is.
bool altstack_contains(u32 esp);

// altstack_set - give the current task, whose stack pointer is @esp, another
// one. Return: 0; -EPERM: it stands on the present one; -EINVAL: flags;
// -ENOMEM: too small.
__must_check int altstack_set(const struct altstack *new, u32 esp);
