// userland/tests/perms.h - between the parts of perms
// SPDX-License-Identifier: MIT
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "ktap.h"

enum {
    USER = 1000, // the user that asks, and its group
    TEAM = 2000, // another user, and a group that members are in
};

// As whom each row is run.
enum identity {
    AS_ROOT,
    AS_USER,   // USER, with its own group only
    AS_MEMBER, // USER, and in the group TEAM
    AS_SETUID, // USER, in a program with the set-user-id bit of root
    AS_BARE,   // user 0 without any capability
    IDENTITIES,
};

// A row: a call, on what, and the errno it gives each identity (0: none).
// Some give what they left behind instead: SEEN of a mode.
struct row {
    const char *name;
    int (*call)(const char *path);
    const char *path; // in the tree of make_tree(), which is current
    int want[IDENTITIES];
};

#define SEEN(mode) (0x10000 | (mode))

struct row_table {
    const struct row *rows;
    unsigned count;
};

extern const struct row_table file_rows;   // perms_files.c
extern const struct row_table place_rows;  // perms_places.c
extern const struct row_table task_rows;   // perms_tasks.c
extern const struct row_table system_rows; // perms_system.c

// What rows of these two work on; made anew for each identity, by root.
struct subjects {
    pid_t of_root, of_user; // tasks that sleep
    int shm_of_root, shm_public;
};
extern struct subjects subjects;
bool subjects_make(void);
void subjects_end(void);
// subject - the task that @what is about, which begins with "root" or "user".
pid_t subject(const char *what);

// result_of - of a system call: 0, or errno.
int result_of(long result);

// open_with - open and close. Return: 0, or errno.
int open_with(const char *path, int flags);

// make_tree - the files that rows are about, in the current directory
// (perms_tree.c).
void make_tree(void);
void remove_tree(void);

// copy_self - this program, to @path.
bool copy_self(const char *path);

// become - with these numbers from here on, root's rights included if @uid is
// 0. False: it did not work.
bool become(uid_t uid, gid_t gid, const gid_t *groups, size_t count);

// run_child - @run in a child of its own. Return: what it returned (0 to 255);
// -1: it died.
int run_child(int (*run)(void *), void *argument);

// Tests that are no rows: each in a child that begins as root with everything.
extern const struct ktap_suite id_checks;   // perms_ids.c
extern const struct ktap_suite caps_checks; // perms_caps.c

struct caps {
    uint64_t effective, permitted, inheritable;
};
#define BIT(capability) (1ull << (capability))
// get_caps - of this process. has_caps - whether they are these.
bool get_caps(struct caps *out);
bool has_caps(uint64_t effective, uint64_t permitted);
// resuid - the system call: -1 leaves a number as it is.
long resuid(int real, int effective, int saved);

// Programs of other users, with their own results: perms_exec.c.
// Return: how many there are.
unsigned exec_checks_count(void);
void exec_checks(void);

// The program as it is run by exec_checks: prints who it is.
int show_identity(void);
