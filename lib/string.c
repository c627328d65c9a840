// lib/string.c - memory and strings [P]
// SPDX-License-Identifier: MIT
//
// Copying and filling are what the kernel spends its time on (a page for each
// copy-on-write, a page of zeros for each new one): on i386 they are string
// instructions by words, elsewhere (the 64-bit host tests) plain C.
//
// Rejected: word loops in C (slower than rep movs on every CPU since the 486),
// MMX and SSE (the kernel does not touch the FPU's registers).
//
// The compiler may itself call memcpy, memmove, memset and memcmp. That it
// does not turn the loops here into such calls, to themselves, is the work of
// -fno-tree-loop-distribute-patterns.

#include <lib/string.h>

#include <base/errno.h>

#if defined(__i386__)

// Upwards; right also for overlapping areas with @dst below @src.
static void copy_up(void *dst, const void *src, size_t bytes)
{
    size_t words = bytes / 4, rest = bytes % 4;

    __asm__ volatile("rep movsl"
                     : "+D"(dst), "+S"(src), "+c"(words)
                     :
                     : "memory");
    __asm__ volatile("rep movsb"
                     : "+D"(dst), "+S"(src), "+c"(rest)
                     :
                     : "memory");
}

void *memset(void *dst, int byte, size_t bytes)
{
    void *to = dst;
    u32 pattern = (u8)byte * 0x01010101u;
    size_t words = bytes / 4, rest = bytes % 4;

    __asm__ volatile("rep stosl"
                     : "+D"(to), "+c"(words)
                     : "a"(pattern)
                     : "memory");
    __asm__ volatile("rep stosb"
                     : "+D"(to), "+c"(rest)
                     : "a"(pattern)
                     : "memory");
    return dst;
}

#else

static void copy_up(void *dst, const void *src, size_t bytes)
{
    u8 *to = dst;
    const u8 *from = src;

    while (bytes--)
        *to++ = *from++;
}

void *memset(void *dst, int byte, size_t bytes)
{
    u8 *to = dst;

    while (bytes--)
        *to++ = (u8)byte;
    return dst;
}

#endif

void *memcpy(void *restrict dst, const void *restrict src, size_t bytes)
{
    copy_up(dst, src, bytes);
    return dst;
}

void *memmove(void *dst, const void *src, size_t bytes)
{
    u8 *to = dst;
    const u8 *from = src;

    // One comparison for both harmless cases, @dst below @src or behind it.
    if ((uintptr_t)to - (uintptr_t)from >= bytes) {
        copy_up(dst, src, bytes);
        return dst;
    }
    while (bytes--)
        to[bytes] = from[bytes];
    return dst;
}

int memcmp(const void *a, const void *b, size_t bytes)
{
    const u8 *x = a, *y = b;

    for (; bytes; bytes--, x++, y++) {
        if (*x != *y)
            return *x - *y;
    }
    return 0;
}

size_t strlen(const char *s)
{
    const char *end = s;

    while (*end)
        end++;
    return (size_t)(end - s);
}

size_t strnlen(const char *s, size_t max)
{
    size_t length = 0;

    while (length < max && s[length])
        length++;
    return length;
}

int strcmp(const char *a, const char *b)
{
    while (*a && *a == *b) {
        a++;
        b++;
    }
    return (u8)*a - (u8)*b;
}

int strncmp(const char *a, const char *b, size_t max)
{
    for (; max; max--, a++, b++) {
        if (*a != *b || !*a)
            return (u8)*a - (u8)*b;
    }
    return 0;
}

char *strchr(const char *s, int c)
{
    for (;; s++) {
        if (*s == (char)c)
            return (char *)(uintptr_t)s;
        if (!*s)
            return NULL;
    }
}

char *strrchr(const char *s, int c)
{
    const char *found = NULL;

    for (;; s++) {
        if (*s == (char)c)
            found = s;
        if (!*s)
            return (char *)(uintptr_t)found;
    }
}

bool str_copy(char *dst, const char *src, size_t size)
{
    size_t length = strnlen(src, size);
    bool fits = length < size;

    if (!fits)
        length = size - 1;
    memcpy(dst, src, length);
    dst[length] = '\0';
    return fits;
}

const char *str_starts(const char *s, const char *prefix)
{
    while (*prefix) {
        if (*s++ != *prefix++)
            return NULL;
    }
    return s;
}

// The value of a digit; 36 or more: it is none.
static u32 digit_value(char c)
{
    if (c >= '0' && c <= '9')
        return (u32)(c - '0');
    if (c >= 'a' && c <= 'z')
        return (u32)(c - 'a') + 10;
    if (c >= 'A' && c <= 'Z')
        return (u32)(c - 'A') + 10;
    return 36;
}

// Steps over a prefix and returns the base that it announces.
static u32 number_base(const char **s, u32 base)
{
    const char *p = *s;
    bool hex =
        p[0] == '0' && (p[1] == 'x' || p[1] == 'X') && digit_value(p[2]) < 16;

    if (hex && (base == 0 || base == 16)) {
        *s += 2;
        return 16;
    }
    if (base)
        return base;
    return p[0] == '0' ? 8 : 10;
}

int str_to_u64(const char *s, u32 base, u64 *out, const char **end)
{
    u64 value = 0;
    bool overflow = false;

    base = number_base(&s, base);
    if (digit_value(*s) >= base)
        return -EINVAL;
    for (; digit_value(*s) < base; s++) {
        // By halves: the products fit, and no 64-bit division is needed.
        u64 low = (u64)(u32)value * base + digit_value(*s);
        u64 high = (value >> 32) * base + (low >> 32);

        overflow |= high >> 32 != 0;
        value = high << 32 | (u32)low;
    }
    if (end)
        *end = s;
    if (overflow)
        return -ERANGE;
    *out = value;
    return 0;
}
