// include/fs/path.h - from a path name to what it names
// SPDX-License-Identifier: MIT
#pragma once

#include <fs/dentry.h>

struct cred;

#define PATH_LINKS_MAX 40u // symbolic links followed in one walk

enum walk_flag {
    WALK_FOLLOW = 1u << 0,    // the last component, too, if a symbolic link
    WALK_EMPTY = 1u << 1,     // "" names the starting point (AT_EMPTY_PATH)
    WALK_DIRECTORY = 1u << 2, // the result must be a directory
};

enum walk_last {
    LAST_NAME,
    LAST_DOT,
    LAST_DOTDOT,
    LAST_NONE, // "/", or an empty path
};

// A walk under way. For open, mkdir, rename and the like, which stop at the
// directory and deal with the last component themselves; others use
// path_resolve.
struct walk {
    struct path at; // held: how far it got
    struct path root;
    char *buffer;     // a link's target and the rest; NULL: none was followed
    const char *rest; // of that, or of the caller's path
    u32 links;
    const struct cred *cred; // whose rights count: the caller's
    u32 flags;               // enum walk_flag
    struct name name;
    enum walk_last last;
    bool slash; // a slash follows the last component
};

// walk_begin - @dirfd: AT_FDCWD or a descriptor, for relative paths; @path is
// not copied. Return: 0; -ENOENT: empty; -EBADF; -ENOTDIR; -ENAMETOOLONG. On
// failure there is nothing to end.
__must_check int walk_begin(struct walk *walk, s32 dirfd, const char *path,
                            u32 flags);
void walk_end(struct walk *walk);

// walk_to_parent - all but the last component, which is then in name, last and
// slash. Return: 0; -ENOENT; -ENOTDIR; -EACCES; -ELOOP; -ENAMETOOLONG; -EIO.
__must_check int walk_to_parent(struct walk *walk);

// walk_follow - @link, the last component, is a symbolic link: go on to what
// it names. After it walk_to_parent again, unless *@out_done: at is the end.
__must_check int walk_follow(struct walk *walk, struct dentry *link,
                             bool *out_done);

// walk_last - the last component. Then at is the result.
__must_check int walk_last(struct walk *walk);

// path_resolve - all of it. @out is held. Return: as the steps above.
__must_check int path_resolve(s32 dirfd, const char *path, u32 flags,
                              struct path *out);
// path_resolve_as - with the rights of @cred, for access(2).
__must_check int path_resolve_as(s32 dirfd, const char *path, u32 flags,
                                 const struct cred *cred, struct path *out);
// path_from_fd - of an open file. Return: 0; -EBADF.
__must_check int path_from_fd(s32 fd, struct path *out);

// path_string - a path from user memory in a buffer of PATH_MAX bytes, to be
// given back by kfree. Return: 0; -EFAULT; -ENAMETOOLONG; -ENOMEM.
__must_check int path_string(const char __user *user, char **out);
