// include/kernel/random.h - unpredictable bytes
// SPDX-License-Identifier: MIT
#pragma once

#include <base/compiler.h>
#include <base/types.h>

// random_init - the first key. Context: boot, once the clock counts.
void random_init(void);

// random_bytes - fill @buf. Context: task; does not sleep.
void random_bytes(void *buf, u32 bytes);

// random_mix - make what comes from here on depend on @data, too. Never makes
// it worse. Context: task; does not sleep.
void random_mix(const void *data, u32 bytes);

// random_to_user - Return: bytes; -EFAULT if none. Context: task, may sleep.
ssize_t random_to_user(void __user *buf, u32 bytes);
