// userland/tests/perms_tasks.c - who may do what to tasks, and to itself
// SPDX-License-Identifier: MIT

#include "perms.h"

#include <errno.h>
#include <grp.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/shm.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

struct subjects subjects;

enum {
    LOCK_BYTES = 64 * 1024,
};

// A task of @uid that its equals may look into; it runs when this returns.
static pid_t sleeper(uid_t uid)
{
    int ready[2];
    char byte;

    if (pipe(ready) != 0)
        return -1;
    pid_t pid = fork();
    if (pid == 0) {
        if (!become(uid, uid, NULL, 0) ||
            prctl(PR_SET_DUMPABLE, 1, 0, 0, 0) != 0 ||
            write(ready[1], "", 1) != 1)
            _exit(1);
        for (;;)
            pause();
    }
    close(ready[1]);
    if (read(ready[0], &byte, 1) != 1)
        pid = -1;
    close(ready[0]);
    return pid;
}

bool subjects_make(void)
{
    subjects.of_root = sleeper(0);
    subjects.of_user = sleeper(USER);
    subjects.shm_of_root = shmget(IPC_PRIVATE, 4096, IPC_CREAT | 0600);
    subjects.shm_public = shmget(IPC_PRIVATE, 4096, IPC_CREAT | 0644);
    return subjects.of_root > 0 && subjects.of_user > 0 &&
           subjects.shm_of_root >= 0 && subjects.shm_public >= 0;
}

void subjects_end(void)
{
    kill(subjects.of_root, SIGKILL);
    kill(subjects.of_user, SIGKILL);
    waitpid(subjects.of_root, NULL, 0);
    waitpid(subjects.of_user, NULL, 0);
    shmctl(subjects.shm_of_root, IPC_RMID, NULL);
    shmctl(subjects.shm_public, IPC_RMID, NULL);
}

pid_t subject(const char *what)
{
    return what[0] == 'r' ? subjects.of_root : subjects.of_user;
}

// ---- signals, priorities, limits -------------------------------------------

static int signal_0(const char *what)
{
    return result_of(kill(subject(what), 0));
}

static int signal_window(const char *what)
{
    return result_of(kill(subject(what), SIGWINCH));
}

static int signal_continue(const char *what)
{
    return result_of(kill(subject(what), SIGCONT));
}

static int signal_continue_elsewhere(const char *what)
{
    int status = 0;
    pid_t pid = fork();

    if (pid == 0) {
        setsid();
        _exit(result_of(kill(subject(what), SIGCONT)));
    }
    waitpid(pid, &status, 0);
    return WEXITSTATUS(status);
}

static int slower(const char *what)
{
    return result_of(setpriority(PRIO_PROCESS, (id_t)subject(what), 5));
}

static int faster(const char *what)
{
    return result_of(setpriority(PRIO_PROCESS, (id_t)subject(what), -5));
}

static int faster_self(const char *what)
{
    (void)what;
    return result_of(setpriority(PRIO_PROCESS, 0, -1));
}

static int affinity(const char *what)
{
    unsigned long mask = 1;

    return result_of(
        syscall(SYS_sched_setaffinity, subject(what), sizeof(mask), &mask));
}

static int look_at_limit(const char *what)
{
    struct rlimit limit;

    return result_of(prlimit(subject(what), RLIMIT_CORE, NULL, &limit));
}

static int raise_limit(const char *what)
{
    struct rlimit limit;

    (void)what;
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_max++;
    return result_of(setrlimit(RLIMIT_NOFILE, &limit));
}

static int unlimited_files(const char *what)
{
    const struct rlimit limit = {RLIM_INFINITY, RLIM_INFINITY};

    (void)what;
    return result_of(setrlimit(RLIMIT_NOFILE, &limit));
}

static int signal_kernel(const char *what)
{
    (void)what;
    return result_of(kill(2, SIGTERM)); // the first of the kernel's own threads
}

static int lock_beyond_limit(const char *what)
{
    struct rlimit limit = {LOCK_BYTES / 2, LOCK_BYTES / 2};
    void *at = mmap(NULL, LOCK_BYTES, PROT_READ | PROT_WRITE,
                    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    int result;

    (void)what;
    setrlimit(RLIMIT_MEMLOCK, &limit);
    result = result_of(mlock(at, LOCK_BYTES));
    munmap(at, LOCK_BYTES);
    return result;
}

// ---- itself ----------------------------------------------------------------

static int set_groups(const char *what)
{
    (void)what;
    return result_of(setgroups(0, NULL));
}

static int become_root(const char *what)
{
    (void)what;
    return result_of(syscall(SYS_setresuid32, -1, 0, -1));
}

static int become_team(const char *what)
{
    (void)what;
    return result_of(syscall(SYS_setresgid32, TEAM, -1, -1));
}

static int drop_bounding(const char *what)
{
    (void)what;
    return result_of(prctl(PR_CAPBSET_DROP, 0, 0, 0, 0));
}

static int group_of_root(const char *what)
{
    return result_of(setpgid(subject(what), 0));
}

// clang-format off
static const struct row rows[] = {
    //                                      root user member setuid bare
    {"signal 0 to", signal_0, "root", {0, EPERM, EPERM, 0, 0}},
    {"signal 0 to", signal_0, "user", {0, 0, 0, 0, EPERM}},
    {"SIGWINCH to", signal_window, "root", {0, EPERM, EPERM, 0, 0}},
    {"SIGWINCH to", signal_window, "user", {0, 0, 0, 0, EPERM}},
    {"SIGCONT to", signal_continue, "root", {0, 0, 0, 0, 0}},
    {"SIGCONT from another session to", signal_continue_elsewhere, "root", {0, EPERM, EPERM, 0, 0}},
    {"slower", slower, "root", {0, EPERM, EPERM, 0, EPERM}},
    {"slower", slower, "user", {0, 0, 0, 0, EPERM}},
    {"faster", faster, "root", {0, EPERM, EPERM, 0, EACCES}},
    {"faster", faster, "user", {0, EACCES, EACCES, 0, EPERM}},
    {"faster", faster_self, "itself", {0, EACCES, EACCES, 0, EACCES}},
    {"affinity", affinity, "root", {0, EPERM, EPERM, 0, EPERM}},
    {"affinity", affinity, "user", {0, 0, 0, 0, EPERM}},
    {"limit of", look_at_limit, "root", {0, EPERM, EPERM, 0, 0}},
    {"limit of", look_at_limit, "user", {0, 0, 0, 0, EPERM}},
    {"raise limit", raise_limit, "", {0, EPERM, EPERM, 0, EPERM}},
    {"unlimited files", unlimited_files, "", {EPERM, EPERM, EPERM, EPERM, EPERM}},
    {"SIGTERM to", signal_kernel, "a kernel thread", {0, EPERM, EPERM, 0, 0}},
    {"lock beyond limit", lock_beyond_limit, "", {0, ENOMEM, ENOMEM, 0, ENOMEM}},
    {"setpgid", group_of_root, "root", {ESRCH, ESRCH, ESRCH, ESRCH, ESRCH}},

    {"setgroups", set_groups, "", {0, EPERM, EPERM, 0, EPERM}},
    {"setresgid", become_team, "", {0, EPERM, EPERM, 0, EPERM}},
    {"setresuid", become_root, "", {0, EPERM, EPERM, 0, 0}},
    {"PR_CAPBSET_DROP", drop_bounding, "", {0, EPERM, EPERM, 0, EPERM}},
};
// clang-format on

const struct row_table task_rows = {rows, sizeof(rows) / sizeof(rows[0])};
