// kernel/cred_internal.h - what the files that make credentials share
// SPDX-License-Identifier: MIT
#pragma once

#include <kernel/cred.h>

// groups.c
void group_list_put(struct group_list *list); // NULL allowed
bool group_list_has(const struct group_list *list, u32 gid);

// sys_caps.c

// caps_follow_users - what @new, whose user numbers have just been changed from
// those of @old, keeps of its capabilities; caps_follow_file_user - the same
// for fsuid alone.
void caps_follow_users(struct cred *new, const struct cred *old);
void caps_follow_file_user(struct cred *new, const struct cred *old);

// prctl(2): the options that are about credentials. Return: as prctl;
// -ENOSYS: it is none of them.
s32 caps_prctl(u32 option, u32 a, u32 b, u32 c, u32 d);
