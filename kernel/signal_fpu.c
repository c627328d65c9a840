// kernel/signal_fpu.c - FPU state in signal frames
// SPDX-License-Identifier: MIT
//
// struct _fpstate is the 108 bytes of FNSAVE, a status word, a magic number,
// and, on CPUs with FXSR, the 512 bytes of FXSAVE behind them. There the x87
// registers stand twice; as on Linux the first copy is the one that counts on
// the way back, and only MXCSR and XMM are taken from the second.
//
// Source: SDM vol. 1, 8.1.10 (FNSAVE image), 10.5.1 (FXSAVE), table 10-2;
// asm/sigcontext.h.

#include "signal_fpu.h"

#include <arch/cpu.h>
#include <asm/sigcontext.h>
#include <base/bits.h>
#include <base/errno.h>
#include <kernel/uaccess.h>
#include <lib/string.h>

#define FNSAVE_BYTES    108u
#define FXSAVE_BYTES    512u
#define MAGIC_FNSAVE    0xffffu // FNSAVE image only
#define MAGIC_FXSAVE    0x0000u
#define TAG_EMPTY       3u
#define SOFTWARE_OFFSET 464u // of FXSAVE: the CPU leaves these alone

// A register of the x87. Copied by assignment, which is a few moves.
struct x87 {
    u8 bytes[10];
};

struct fnsave {
    u32 cw, sw, tag, ip, cs_op, data, data_seg;
    struct x87 st[8];
    u16 status, magic; // not FNSAVE's: struct _fpstate's
};
static_assert(sizeof(struct fnsave) == FNSAVE_BYTES + 4, "asm/sigcontext.h");

struct fxsave {
    u16 cw, sw;
    u8 tag, reserved;
    u16 op;
    u32 ip;
    u16 cs, reserved2;
    u32 data;
    u16 data_seg, reserved3;
    u32 mxcsr, mxcsr_mask;
    struct {
        struct x87 value;
        u8 unused[6];
    } st[8];
    u8 xmm[8][16];
    u8 rest[224];
};
static_assert(sizeof(struct fxsave) == FXSAVE_BYTES, "SDM table 10-2");

u32 signal_fpu_bytes(void)
{
    if (!cpu_has(CPU_FPU))
        return 0;
    return sizeof(struct fnsave) + (cpu_has(CPU_FXSR) ? FXSAVE_BYTES : 0);
}

// The two bits of a register that is not empty, by its 10 bytes: 0 valid,
// 1 zero, 2 special.
static u32 tag_of(const u8 *st)
{
    u32 exponent = (st[8] | (u32)st[9] << 8) & 0x7fffu;
    bool zero = true;

    for (u32 i = 0; i < 8; i++)
        zero = zero && st[i] == 0;
    if (exponent == 0x7fff)
        return 2;
    if (exponent == 0)
        return zero ? 1 : 2;
    return st[7] & 0x80 ? 0 : 2;
}

// FXSAVE has one bit a register (1: not empty), FNSAVE two; both count
// physical registers, while the contents are in order from the top of stack.
static u32 tags_from_fx(const struct fxsave *fx)
{
    u32 top = fx->sw >> 11 & 7u;
    u32 tags = 0;

    for (u32 i = 0; i < 8; i++) {
        u32 tag = fx->tag & (1u << i)
                      ? tag_of(fx->st[(i - top) & 7u].value.bytes)
                      : TAG_EMPTY;

        tags |= tag << (2 * i);
    }
    return tags;
}

static u8 tags_to_fx(u32 tags)
{
    u8 result = 0;

    for (u32 i = 0; i < 8; i++)
        if ((tags >> (2 * i) & 3u) != TAG_EMPTY)
            result |= (u8)(1u << i);
    return result;
}

static void from_fx(struct fnsave *fn, const struct fxsave *fx)
{
    *fn = (struct fnsave){
        .cw = fx->cw | 0xffff0000u,
        .sw = fx->sw | 0xffff0000u,
        .tag = tags_from_fx(fx) | 0xffff0000u,
        .ip = fx->ip,
        .cs_op = fx->cs | (u32)fx->op << 16,
        .data = fx->data,
        .data_seg = fx->data_seg | 0xffff0000u,
        .status = fx->sw,
        .magic = MAGIC_FXSAVE,
    };
    for (u32 i = 0; i < 8; i++)
        fn->st[i] = fx->st[i].value;
}

static void to_fx(struct fxsave *fx, const struct fnsave *fn)
{
    fx->cw = (u16)fn->cw;
    fx->sw = (u16)fn->sw;
    fx->tag = tags_to_fx(fn->tag);
    fx->op = (u16)(fn->cs_op >> 16 & 0x7ffu);
    fx->ip = fn->ip;
    fx->cs = (u16)fn->cs_op;
    fx->data = fn->data;
    fx->data_seg = (u16)fn->data_seg;
    memset(fx->st, 0, sizeof(fx->st));
    for (u32 i = 0; i < 8; i++)
        fx->st[i].value = fn->st[i];
}

static void __user *user_pointer(u32 at)
{
    return (void __user *)(uintptr_t)at;
}

// For who looks for more than FXSAVE's: as Linux says it where there is no
// XSAVE, with room for a second magic number that is not written then.
static const struct _fpx_sw_bytes software = {
    .magic1 = FP_XSTATE_MAGIC1,
    .extended_size =
        sizeof(struct fnsave) + FXSAVE_BYTES + FP_XSTATE_MAGIC2_SIZE,
    .xstate_size = FXSAVE_BYTES,
};
static_assert(SOFTWARE_OFFSET + sizeof(software) == FXSAVE_BYTES,
              "asm/sigcontext.h");

int signal_fpu_push(u32 at)
{
    struct fpu_state *state = &current->thread.fpu;
    struct fnsave fn;

    fpu_store(&current->thread);
    if (cpu_has(CPU_FXSR)) {
        from_fx(&fn, (const struct fxsave *)(const void *)state->bytes);
        if (copy_to_user(user_pointer(at + sizeof(fn)), state->bytes,
                         SOFTWARE_OFFSET) ||
            copy_to_user(user_pointer(at + sizeof(fn) + SOFTWARE_OFFSET),
                         &software, sizeof(software)))
            return -EFAULT;
    } else {
        memcpy(&fn, state->bytes, FNSAVE_BYTES);
        fn.status = (u16)fn.sw;
        fn.magic = MAGIC_FNSAVE;
    }
    return copy_to_user(user_pointer(at), &fn, sizeof(fn));
}

// The copies come first: they may sleep, and a task that is switched away has
// its registers stored into thread.fpu.
int signal_fpu_pop(u32 at)
{
    struct fpu_state *state = &current->thread.fpu;
    struct fxsave fx;
    struct fnsave fn;
    int error;

    if (!cpu_has(CPU_FPU))
        return 0;
    if (!at) {
        fpu_reset(&current->thread);
        return 0;
    }
    error = copy_from_user(&fn, user_pointer(at), sizeof(fn));
    if (!error && cpu_has(CPU_FXSR))
        error = copy_from_user(&fx, user_pointer(at + sizeof(fn)), sizeof(fx));
    if (error)
        goto err_reset;
    if (cpu_has(CPU_FXSR)) {
        to_fx(&fx, &fn);
        memset((u8 *)&fx + SOFTWARE_OFFSET, 0, FXSAVE_BYTES - SOFTWARE_OFFSET);
        memcpy(state->bytes, &fx, FXSAVE_BYTES);
    } else {
        memcpy(state->bytes, &fn, FNSAVE_BYTES);
    }
    fpu_load(&current->thread);
    return 0;

err_reset: // the handler of SIGSEGV finds a clean one
    fpu_reset(&current->thread);
    return error;
}
