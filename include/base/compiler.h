// include/base/compiler.h - what we ask of the compiler and of sparse
// SPDX-License-Identifier: MIT
#pragma once

#define __must_check   __attribute__((warn_unused_result))
#define __packed       __attribute__((packed))
#define __aligned(n)   __attribute__((aligned(n)))
#define __printf(a, b) __attribute__((format(printf, a, b)))
#define __section(s)   __attribute__((section(s)))
#define __unused       __attribute__((unused))
#define __used         __attribute__((used))
#define __noinline     __attribute__((noinline))
// For functions that assembly calls with its arguments on the stack. All others
// take their first three in eax, edx and ecx (-mregparm).
#if defined(__i386__)
#define __stack_args __attribute__((regparm(0)))
#else
#define __stack_args
#endif
#undef __always_inline // uapi headers have one
#define __always_inline inline __attribute__((always_inline))

// Glibc's headers, seen by host tests, have their own __noreturn-like words;
// ours is spelt so that it collides with none of them.
#define __noreturn __attribute__((noreturn))

#ifdef __CHECKER__ // sparse: address spaces that must not be mixed
#define __user    __attribute__((noderef, address_space(1)))
#define __iomem   __attribute__((noderef, address_space(2)))
#define __force   __attribute__((force))
#define __bitwise __attribute__((bitwise))
#else
#define __user
#define __iomem
#define __force
#define __bitwise
#endif

#define likely(x)   __builtin_expect(!!(x), 1)
#define unlikely(x) __builtin_expect(!!(x), 0)

#define static_assert _Static_assert

// The compiler may not move memory accesses across this.
#define barrier() __asm__ __volatile__("" ::: "memory")

// Read or write exactly once: for what an interrupt handler also touches.
#define READ_ONCE(x)     (*(const volatile __typeof__(x) *)&(x))
#define WRITE_ONCE(x, v) (*(volatile __typeof__(x) *)&(x) = (v))

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

#define container_of(ptr, type, member)                                        \
    ((type *)(void *)((char *)(1 ? (ptr) : &((type *)0)->member) -             \
                      offsetof(type, member)))
