// kernel/crash.c - crash=... and /proc/faultline/crash: each kind of end, on
// purpose
// SPDX-License-Identifier: MIT
//
// For tests of the reports. All happen in a kernel thread, so each ends in a
// panic; but for the one that never wakes, with which the boot goes on, and the
// reset, of which there is no report. The
// functions' names are what the backtrace has to show.

#include <kernel/crash.h>

#include <arch/cpu.h>
#include <arch/init.h>
#include <base/assert.h>
#include <base/bits.h>
#include <base/errno.h>
#include <kernel/cmdline.h>
#include <kernel/mutex.h>
#include <kernel/panic.h>
#include <kernel/task.h>
#include <kernel/wait.h>
#include <lib/string.h>
#include <mm/page_alloc.h>
#include <mm/slab.h>

#define LOG_NAME "crash"
#include <kernel/log.h>

#define STACK_BYTES_PER_CALL 256

// As far as the compiler knows, this may change.
static volatile u32 zero;

static __noinline void crash_null_read(void)
{
    u32 value = *(volatile u32 *)(uintptr_t)zero;

    log_err("read %u from address 0", value);
}

static __noinline void crash_panic(void)
{
    panic("crash=panic was asked for");
}

// The addition after the call keeps it from becoming a loop.
static __noinline u32 crash_stack_overflow(u32 depth)
{
    volatile u8 local[STACK_BYTES_PER_CALL];

    local[0] = (u8)depth;
    if (zero)
        return depth;
    return crash_stack_overflow(depth + 1) + local[0];
}

static __noinline void crash_assertion(void)
{
    ASSERT(zero == 1);
}

static __noinline void crash_text_write(void)
{
    u8 *code = (u8 *)(uintptr_t)crash_panic;

    WRITE_ONCE(*code, 0xcc);
    log_err("wrote to code");
}

// Where pages cannot be kept from being executed, it comes back.
static __noinline void crash_data_call(void)
{
    static u8 ret[] = {0xc3};

    ((void (*)(void))(uintptr_t)ret)();
    log_err("executed data");
}

// Keeps a function in the backtrace whose last call would be a jump.
static inline void stay(void)
{
    __asm__ volatile("");
}

static __noinline void crash_double_free(void)
{
    void *first = kmalloc(64, GFP_KERNEL), *second = kmalloc(64, GFP_KERNEL);

    kfree(first);
    // The one freed last is always noticed, any other one with DEBUG=1.
    if (FAULTLINE_DEBUG)
        kfree(second);
    kfree(first);
    stay();
}

static __noinline void crash_wrong_free(void)
{
    kfree((char *)kmalloc(64, GFP_KERNEL) + 4);
    stay();
}

// Only a DEBUG=1 kernel notices.
static __noinline void crash_overrun(void)
{
    volatile char *object = kmalloc(60, GFP_KERNEL); // from the cache of 64

    if (object)
        object[60 + zero] = 0;
    kfree((void *)(uintptr_t)object);
    stay();
}

static __noinline void crash_hang(void)
{
    static WAIT_QUEUE(nobody_wakes_it);

    wait_event(&nobody_wakes_it, zero == 1);
}

// What may sleep, where nothing must. The mutex is free: it would not.
static __noinline void crash_sleep(void)
{
    struct mutex mutex;
    u32 flags;

    mutex_init(&mutex, MUTEX_RANK_MM);
    flags = irq_save();
    mutex_lock(&mutex);
    mutex_unlock(&mutex);
    irq_restore(flags);
}

// As the button does it: nobody is told.
static __noinline void crash_reset(void)
{
    arch_reset(ARCH_RESET_PCI, false);
    arch_reset(ARCH_RESET_TRIPLE, false);
}

static __noinline void crash_stack(void)
{
    log_err("survived: %u", crash_stack_overflow(0));
}

static const struct {
    const char *kind;
    void (*provoke)(void);
} crashes[] = {
    {"bug", crash_assertion},
    {"data", crash_data_call},
    {"double-free", crash_double_free},
    {"hang", crash_hang},
    {"null", crash_null_read},
    {"overrun", crash_overrun},
    {"panic", crash_panic},
    {"reset", crash_reset},
    {"sleep", crash_sleep},
    {"stack", crash_stack},
    {"text", crash_text_write},
    {"wrong-free", crash_wrong_free},
};

static void crash_thread(void *arg)
{
    u32 i = (u32)(uintptr_t)arg;

    log_info("provoking: kind=%s", crashes[i].kind);
    crashes[i].provoke();
}

int crash_provoke(const char *kind)
{
    size_t length = strlen(kind);

    if (length && kind[length - 1] == '\n')
        length--;
    for (u32 i = 0; i < ARRAY_SIZE(crashes); i++) {
        if (strlen(crashes[i].kind) != length ||
            memcmp(kind, crashes[i].kind, length) != 0)
            continue;
        if (!kthread_start(crash_thread, (void *)(uintptr_t)i, "crash"))
            return -ENOMEM;
        return 0;
    }
    return -EINVAL;
}

void crash_if_asked(void)
{
    char kind[16];
    int error;

    if (!cmdline_get("crash", kind, sizeof(kind)))
        return;
    error = crash_provoke(kind);
    if (error == -EINVAL)
        log_err("unknown: kind=%s", kind);
    else if (error)
        panic("crash: no memory for the thread");
    cond_resched(); // it goes first
}
