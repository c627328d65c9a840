// include/fs/eventfd.h - a counter as a file: eventfd(2)
// SPDX-License-Identifier: MIT
#pragma once

#include <base/compiler.h>
#include <base/types.h>

enum eventfd_kind {
    EVENTFD_ALL, // a read takes the whole count
    EVENTFD_ONE, // as a semaphore
};

// eventfd_create - @flags: O_CLOEXEC, O_NONBLOCK. Return: fd; -ENOMEM; -EMFILE.
// May sleep.
__must_check s32 eventfd_create(u32 count, enum eventfd_kind kind, u32 flags);
