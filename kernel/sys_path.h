// kernel/sys_path.h - paths given by system calls
// SPDX-License-Identifier: MIT
#pragma once

#include <fs/vfs.h>
#include <mm/slab.h>

// user_path_resolve - @at_flags: AT_SYMLINK_NOFOLLOW, AT_EMPTY_PATH as in the
// call. A null @path with AT_EMPTY_PATH is an empty one. Return: as
// path_string and path_resolve.
__must_check int user_path_resolve(s32 dirfd, const char __user *path,
                                   u32 at_flags, struct path *out);

// Calls of one path: copy it in, do it, free it.
#define WITH_USER_PATH(user, name, call)                                       \
    ({                                                                         \
        char *name = NULL;                                                     \
        int with_rc_ = path_string((user), &name);                             \
        if (!with_rc_) {                                                       \
            with_rc_ = (call);                                                 \
            kfree(name);                                                       \
        }                                                                      \
        with_rc_;                                                              \
    })
