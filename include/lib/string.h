// include/lib/string.h - memory and strings [P]
// SPDX-License-Identifier: MIT
//
// The standard functions with their standard meaning, and few of our own.
// Host tests link the C library's, and ours under other names.
#pragma once

#include <base/compiler.h>
#include <base/types.h>

void *memcpy(void *restrict dst, const void *restrict src, size_t bytes);
void *memmove(void *dst, const void *src, size_t bytes);
void *memset(void *dst, int byte, size_t bytes);
int memcmp(const void *a, const void *b, size_t bytes);
size_t strlen(const char *s);
size_t strnlen(const char *s, size_t max);
int strcmp(const char *a, const char *b);
int strncmp(const char *a, const char *b, size_t max);
char *strchr(const char *s, int c);
char *strrchr(const char *s, int c);

// str_copy - copy with truncation, always terminated (@size > 0).
// Return: true when all of @src fitted.
bool str_copy(char *dst, const char *src, size_t size);

// str_starts - the rest of @s behind @prefix; NULL: @s does not start with it.
const char *str_starts(const char *s, const char *prefix);

// str_to_u64 - a number at the start of @s: decimal, 0x hexadecimal, or 0
// octal with @base 0. *@end (may be NULL) is set behind the last digit.
// Return: 0; -EINVAL: no digit; -ERANGE: more than 64 bits.
__must_check int str_to_u64(const char *s, u32 base, u64 *out,
                            const char **end);
