// arch/x86/vdso/time.c - what time it is, without asking the kernel
// SPDX-License-Identifier: MIT
//
// Runs in user mode, wherever it was mapped: no data of its own, no relocation.
// The kernel's page of data lies below the code (vdso.ld). Clocks that are not
// known here, and machines without time stamps, are left to the system call. A
// bad pointer is the program's own fault: SIGSEGV, not EFAULT, as on Linux.
//
// vdso_time_stamp is in vsyscall.S: one place for the kernel to write to.

#include <asm/unistd.h>
#include <base/compiler.h>
#include <kernel/vdso_data.h>
#include <linux/time.h>

#define HIDDEN     __attribute__((visibility("hidden")))
#define NS_PER_SEC 1000000000u
#define NS_PER_US  1000u
#define TICK_NS    10000000 // resolution of the _COARSE clocks

struct time32 { // timespec and timeval of 32-bit programs
    s32 seconds, fraction;
};

struct time64 { // struct __kernel_timespec
    u32 seconds, seconds_high;
    u32 nanoseconds, padding;
};

extern const volatile struct vdso_data vdso_data HIDDEN;

int __vdso_clock_gettime(u32 clock, struct time32 *out);
int __vdso_clock_gettime64(u32 clock, struct time64 *out);
int __vdso_clock_getres(u32 clock, struct time32 *out);
int __vdso_gettimeofday(struct time32 *out, struct timezone *zone);
s32 __vdso_time(s32 *out);

static inline const volatile struct vdso_data *data(void)
{
    const volatile struct vdso_data *at;

    __asm__("call 1f\n"
            "1:  popl %0\n"
            "    addl $(vdso_data - 1b), %0"
            : "=r"(at));
    return at;
}

static int system_call(u32 number, u32 first, const void *second)
{
    int result;

    __asm__ volatile("int $0x80"
                     : "=a"(result)
                     : "a"(number), "b"(first), "c"(second)
                     : "memory");
    return result;
}

// Cycles since @d's base. Return: false: too many.
static __always_inline bool cycles_since(const volatile struct vdso_data *d,
                                         u32 *out)
{
    u32 low, high;

    __asm__ volatile("call vdso_time_stamp"
                     : "=a"(low), "=d"(high)
                     :
                     : "memory", "cc");
    __asm__("subl %2, %0\n"
            "    sbbl %3, %1"
            : "+r"(low), "+r"(high)
            : "m"(d->base_tsc), "m"(d->base_tsc_high)
            : "cc");
    *out = low;
    return likely(!high && low < d->cycles_max);
}

// Clocks by their numbers: which are told from the time stamp, and which of
// vdso_data's two each one is.
#define BIT(clock) (1u << (clock))
#define FINE                                                                   \
    (BIT(CLOCK_REALTIME) | BIT(CLOCK_MONOTONIC) | BIT(CLOCK_MONOTONIC_RAW) |   \
     BIT(CLOCK_BOOTTIME) | BIT(CLOCK_TAI))
#define COARSE (BIT(CLOCK_REALTIME_COARSE) | BIT(CLOCK_MONOTONIC_COARSE))
#define REAL   (BIT(CLOCK_REALTIME) | BIT(CLOCK_TAI) | BIT(CLOCK_REALTIME_COARSE))

// read_clock - Return: false: ask the kernel. Reads until no tick has come
// between.
static __always_inline bool read_clock(u32 clock, struct vdso_time *out)
{
    const volatile struct vdso_data *d = data();
    const volatile struct vdso_time *from = &d->clocks[VDSO_MONOTONIC];
    u32 generation, cycles;

    if (unlikely(clock > CLOCK_TAI || !(BIT(clock) & (FINE | COARSE))))
        return false;
    if (BIT(clock) & REAL)
        from = &d->clocks[VDSO_REALTIME];
    do {
        generation = d->generation;
        if (unlikely(!d->mult))
            return false;
        out->nanoseconds = from->nanoseconds;
        if (likely(BIT(clock) & FINE)) {
            if (unlikely(!cycles_since(d, &cycles)))
                return false;
            out->nanoseconds += vdso_cycles_ns(cycles, d->mult, d->shift);
        }
        out->seconds = from->seconds;
        out->seconds_high = from->seconds_high;
    } while (unlikely(generation != d->generation));
    if (out->nanoseconds >= NS_PER_SEC) {
        out->nanoseconds -= NS_PER_SEC;
        if (unlikely(++out->seconds == 0))
            out->seconds_high++;
    }
    return true;
}

// What does not fit into 32 bits is the kernel's to say.
static __always_inline bool read_clock32(u32 clock, struct vdso_time *out)
{
    return read_clock(clock, out) &&
           likely(!out->seconds_high && (s32)out->seconds >= 0);
}

int __vdso_clock_gettime(u32 clock, struct time32 *out)
{
    struct vdso_time t;

    if (unlikely(!read_clock32(clock, &t)))
        return system_call(__NR_clock_gettime, clock, out);
    out->seconds = (s32)t.seconds;
    out->fraction = (s32)t.nanoseconds;
    return 0;
}

int __vdso_clock_gettime64(u32 clock, struct time64 *out)
{
    struct vdso_time t;

    if (unlikely(!read_clock(clock, &t)))
        return system_call(__NR_clock_gettime64, clock, out);
    out->seconds = t.seconds;
    out->seconds_high = t.seconds_high;
    out->nanoseconds = t.nanoseconds;
    out->padding = 0;
    return 0;
}

int __vdso_gettimeofday(struct time32 *out, struct timezone *zone)
{
    struct vdso_time t;

    if (unlikely(zone || !out || !read_clock32(CLOCK_REALTIME, &t)))
        return system_call(__NR_gettimeofday, (u32)(uintptr_t)out, zone);
    out->seconds = (s32)t.seconds;
    out->fraction = (s32)(t.nanoseconds / NS_PER_US);
    return 0;
}

s32 __vdso_time(s32 *out)
{
    struct vdso_time t;

    if (unlikely(!read_clock(CLOCK_REALTIME_COARSE, &t)))
        return system_call(__NR_time, (u32)(uintptr_t)out, NULL);
    if (out)
        *out = (s32)t.seconds;
    return (s32)t.seconds;
}

int __vdso_clock_getres(u32 clock, struct time32 *out)
{
    if (clock > CLOCK_TAI || !(BIT(clock) & (FINE | COARSE)))
        return system_call(__NR_clock_getres, clock, out);
    if (out) {
        out->seconds = 0;
        out->fraction = BIT(clock) & FINE ? 1 : TICK_NS;
    }
    return 0;
}
