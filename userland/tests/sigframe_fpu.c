// userland/tests/sigframe_fpu.c - sigframe.c: FPU registers of handlers
// SPDX-License-Identifier: MIT

#include "sigframe.h"

#include <string.h>
#include <sys/auxv.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ktap.h"

enum {
    HWCAP_FXSR = 1 << 24,
    HWCAP_SSE = 1 << 25,
    FX = 112, // of the FXSAVE image in struct _fpstate
    FX_MXCSR = FX + 24,
    FX_XMM0 = FX + 160,
    FX_SOFTWARE = FX + 464,
    STATUS_MAGIC = 108,
    CONTROL = 0x27f, // double precision
    CONTROL_FRESH = 0x37f,
    MXCSR_FRESH = 0x1f80,
    MXCSR_UP = 0x5f80, // rounding up
    SPINS = 30 * 1000 * 1000,
};

// The compiler is told to leave the FPU alone, comparisons too.
static bool same(const void *a, const void *b, size_t bytes)
{
    return memcmp(a, b, bytes) == 0;
}

static bool has_sse(void)
{
    return getauxval(AT_HWCAP) & HWCAP_SSE;
}

static uint16_t control_in_handler;
static uint32_t mxcsr_in_handler;
static uint16_t tags_in_handler;
static void (*change)(uint8_t *state, ucontext_t *context);

static uint8_t *state_of(void *context)
{
    return (uint8_t *)((ucontext_t *)context)->uc_mcontext.fpregs;
}

static void look(int signal, siginfo_t *info, void *context)
{
    uint32_t image[27];

    (void)signal;
    (void)info;
    __asm__ volatile("fnstcw %0" : "=m"(control_in_handler));
    __asm__ volatile("fnsave %0; frstor %0" : "+m"(image));
    tags_in_handler = (uint16_t)image[2];
    if (has_sse())
        __asm__ volatile("stmxcsr %0" : "=m"(mxcsr_in_handler));
    seen_signal = signal;
    if (change)
        change(state_of(context), context);
}

struct registers {
    uint16_t control;
    uint32_t mxcsr;
    double st0;
    uint32_t xmm0[4];
};

// The registers as @r, a signal, and what is in them then.
static void raise_with(struct registers *r)
{
    int pid = getpid();
    long result;

    handle_with(SIGUSR1, 0, look);
    __asm__ volatile("fninit; fldcw %0; fldl %1"
                     :
                     : "m"(r->control), "m"(r->st0));
    if (has_sse())
        __asm__ volatile("ldmxcsr %0; movups %1, %%xmm0"
                         :
                         : "m"(r->mxcsr), "m"(r->xmm0));
    __asm__ volatile("int $0x80"
                     : "=a"(result)
                     : "0"(37), "b"(pid), "c"(SIGUSR1)
                     : "memory");
    __asm__ volatile("fnstcw %0; fstpl %1; fninit"
                     : "=m"(r->control), "=m"(r->st0));
    if (has_sse())
        __asm__ volatile("stmxcsr %0; movups %%xmm0, %1"
                         : "=m"(r->mxcsr), "=m"(r->xmm0));
}

static struct registers some(void)
{
    return (struct registers){.control = CONTROL,
                              .mxcsr = MXCSR_UP,
                              .st0 = 1.25,
                              .xmm0 = {1, 2, 3, 4}};
}

static bool handler_has_fresh_ones(void)
{
    struct registers r = some();

    change = NULL;
    raise_with(&r);
    return control_in_handler == CONTROL_FRESH && tags_in_handler == 0xffff &&
           (!has_sse() || mxcsr_in_handler == MXCSR_FRESH);
}

static bool come_back(void)
{
    struct registers r = some(), before = r;

    change = NULL;
    raise_with(&r);
    return r.control == before.control && same(&r.st0, &before.st0, 8) &&
           (!has_sse() ||
            (r.mxcsr == before.mxcsr && memcmp(r.xmm0, before.xmm0, 16) == 0));
}

static bool frame_is_right;

static void check_frame(uint8_t *state, ucontext_t *context)
{
    uint16_t control, magic, fx_control;
    uint32_t mxcsr, xmm[4];
    const long double expected = 1.25L;

    (void)context;
    memcpy(&control, state, 2);
    memcpy(&magic, state + STATUS_MAGIC + 2, 2);
    frame_is_right = control == CONTROL && same(state + 28, &expected, 10);
    if (!(getauxval(AT_HWCAP) & HWCAP_FXSR)) {
        frame_is_right = frame_is_right && magic == 0xffff;
        return;
    }
    memcpy(&fx_control, state + FX, 2);
    memcpy(&mxcsr, state + FX_MXCSR, 4);
    memcpy(xmm, state + FX_XMM0, 16);
    frame_is_right = frame_is_right && magic == 0 && fx_control == CONTROL &&
                     (!has_sse() || (mxcsr == MXCSR_UP && xmm[2] == 3));
}

static bool frame_shows_them(void)
{
    struct registers r = some();

    change = check_frame;
    raise_with(&r);
    return frame_is_right;
}

static uint32_t software[5];

static void take_software(uint8_t *state, ucontext_t *context)
{
    (void)context;
    memcpy(software, state + FX_SOFTWARE, sizeof(software));
}

// Words for who looks for XSAVE state: the first magic one, sizes, features.
static bool frame_says_its_size(void)
{
    struct registers r = some();

    if (!(getauxval(AT_HWCAP) & HWCAP_FXSR))
        return true;
    change = take_software;
    raise_with(&r);
    ktap_note("magic %#x extended %u features %#x:%#x size %u", software[0],
              software[1], software[3], software[2], software[4]);
    return software[0] == 0x46505853 && software[1] >= 624 &&
           software[4] >= 512;
}

static void change_all(uint8_t *state, ucontext_t *context)
{
    const uint16_t control = CONTROL_FRESH;
    const uint32_t mxcsr = 0x3f80, xmm[4] = {9, 8, 7, 6};
    const long double st0 = 2.5L;

    (void)context;
    memcpy(state, &control, 2);
    memcpy(state + 28, &st0, 10);
    if (has_sse()) {
        memcpy(state + FX_MXCSR, &mxcsr, 4);
        memcpy(state + FX_XMM0, xmm, 16);
    }
}

static bool handler_may_change_them(void)
{
    struct registers r = some();
    const double changed = 2.5;

    change = change_all;
    raise_with(&r);
    return r.control == CONTROL_FRESH && same(&r.st0, &changed, 8) &&
           (!has_sse() || (r.mxcsr == 0x3f80 && r.xmm0[0] == 9));
}

static void drop_state(uint8_t *state, ucontext_t *context)
{
    (void)state;
    context->uc_mcontext.fpregs = NULL;
}

// No state in the frame: a fresh one.
static bool none_is_fresh(void)
{
    struct registers r = some();

    change = drop_state;
    raise_with(&r);
    return r.control == CONTROL_FRESH && (!has_sse() || r.mxcsr == MXCSR_FRESH);
}

static void spoil_mxcsr(uint8_t *state, ucontext_t *context)
{
    (void)context;
    memset(state + FX_MXCSR, 0xff, 4);
}

static void bad_pointer(uint8_t *state, ucontext_t *context)
{
    (void)state;
    context->uc_mcontext.fpregs = (void *)16;
}

static void kernel_pointer(uint8_t *state, ucontext_t *context)
{
    (void)state;
    context->uc_mcontext.fpregs = (void *)0xc0100000;
}

static void raise_some(void)
{
    struct registers r = some();

    raise_with(&r);
}

// Bits that the CPU does not have do no harm: they are dropped.
static bool reserved_bits_are_dropped(void)
{
    struct registers r = some();

    if (!has_sse())
        return true;
    change = spoil_mxcsr;
    raise_with(&r);
    return (r.mxcsr & 0xffffffbf) == 0xffbf;
}

static bool bad_pointers_kill(void)
{
    change = bad_pointer;
    if (!dies_of(SIGSEGV, raise_some))
        return false;
    change = kernel_pointer;
    return dies_of(SIGSEGV, raise_some);
}

// Two tasks that both use them, for some time slices.
static bool each_task_has_its_own(void)
{
    pid_t child = fork();
    double value = child ? 1.0 : 2.0, back;
    uint32_t bits[4] = {child ? 1 : 2, 5, 6, 7}, bits_back[4] = {0};
    int status = -1;

    __asm__ volatile("fninit; fldl %0" : : "m"(value));
    if (has_sse())
        __asm__ volatile("movups %0, %%xmm5" : : "m"(bits));
    for (volatile int i = 0; i < SPINS; i++)
        ;
    if (has_sse())
        __asm__ volatile("movups %%xmm5, %0" : "=m"(bits_back));
    __asm__ volatile("fstpl %0; fninit" : "=m"(back));
    bool ok = same(&back, &value, 8) &&
              (!has_sse() || memcmp(bits, bits_back, sizeof(bits)) == 0);
    if (child == 0)
        _exit(ok ? 0 : 1);
    return waitpid(child, &status, 0) == child && status == 0 && ok;
}

void suite_fpu(void)
{
    static const struct row rows[] = {
        {"handler-has-fresh-ones", handler_has_fresh_ones, true},
        {"come-back", come_back, true},
        {"frame-shows-them", frame_shows_them, true},
        {"frame-says-its-size", frame_says_its_size, true},
        {"handler-may-change-them", handler_may_change_them, true},
        {"none-is-fresh", none_is_fresh, true},
        {"reserved-bits-are-dropped", reserved_bits_are_dropped, true},
        {"bad-pointers-kill", bad_pointers_kill, false},
        {"each-task-has-its-own", each_task_has_its_own, true},
    };

    run_rows("fpu", rows, sizeof(rows) / sizeof(rows[0]));
}
