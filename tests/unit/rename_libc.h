// tests/unit/rename_libc.h - our string functions beside the C library's
// SPDX-License-Identifier: MIT
//
// Included on the command line before lib/string.c, so that the programs keep
// the C library's functions, which the sanitizers watch.
#pragma once

#define memcpy  our_memcpy
#define memmove our_memmove
#define memset  our_memset
#define memcmp  our_memcmp
#define strlen  our_strlen
#define strnlen our_strnlen
#define strcmp  our_strcmp
#define strncmp our_strncmp
#define strchr  our_strchr
#define strrchr our_strrchr
