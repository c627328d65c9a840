// kernel/rwf_abi.h - Linux's flags of preadv2 and pwritev2, as plain numbers
// SPDX-License-Identifier: MIT
//
// There they are of a type of their own, into which they are cast where they
// are used; a system call brings a number.
#pragma once

#include <base/types.h>
#include <linux/fs.h>

#define __kernel_rwf_t u32
