// include/base/types.h - integer types of the whole kernel
// SPDX-License-Identifier: MIT
//
// Physical addresses, frame numbers, user addresses and swap entries have
// types of their own (mm/addr.h); these are for plain numbers.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long long u64;
typedef signed char s8;
typedef short s16;
typedef int s32;
typedef long long s64;

#if __STDC_HOSTED__
#include <sys/types.h> // ssize_t, in the host's unit tests
#else
typedef s32 ssize_t;
#endif
