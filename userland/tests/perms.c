// userland/tests/perms.c - who may do what
// SPDX-License-Identifier: MIT
//
//   perms [DIR]     everything, in a new directory in DIR (/tmp)
//
// Tables of calls (perms_files.c, perms_places.c, perms_tasks.c) are run as
// five identities, each on a new tree of files, and give the errno that the
// table says. perms_exec.c and perms_caps.c: what identities become by exec and
// by the calls on users and capabilities.
//
// True of Faultline and of Debian's Linux (with fs.protected_symlinks and
// protected_hardlinks, which it has set).

#include "perms.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    RESULTS_FD = 9,
    ROWS_MAX = 256,
};

static const char *const identity_names[IDENTITIES] = {
    "root", "user", "member", "setuid", "bare",
};

static const struct row_table *const tables[] = {&file_rows, &place_rows,
                                                 &task_rows, &system_rows};

int result_of(long result)
{
    return result == -1 ? errno : 0;
}

int open_with(const char *path, int flags)
{
    int fd = open(path, flags, 0644);

    if (fd < 0)
        return errno;
    close(fd);
    return 0;
}

bool become(uid_t uid, gid_t gid, const gid_t *groups, size_t count)
{
    return setgroups(count, groups) == 0 && setresgid(gid, gid, gid) == 0 &&
           setresuid(uid, uid, uid) == 0;
}

int run_child(int (*run)(void *), void *argument)
{
    int status;
    pid_t pid = fork();

    if (pid == 0)
        _exit(run(argument));
    if (pid < 0 || waitpid(pid, &status, 0) != pid || !WIFEXITED(status))
        return -1;
    return WEXITSTATUS(status);
}

static unsigned rows_count(void)
{
    unsigned count = 0;

    for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++)
        count += tables[i]->count;
    return count;
}

// Every row, as whom this process is; the results go to RESULTS_FD.
static int run_rows(void)
{
    int results[ROWS_MAX];
    unsigned count = 0;

    umask(022);
    for (size_t t = 0; t < sizeof(tables) / sizeof(tables[0]); t++) {
        for (unsigned i = 0; i < tables[t]->count; i++) {
            const struct row *row = &tables[t]->rows[i];

            errno = 0;
            results[count++] = row->call(row->path);
        }
    }
    return write(RESULTS_FD, results, count * sizeof(results[0])) ==
                   (ssize_t)(count * sizeof(results[0]))
               ? 0
               : 1;
}

static bool drop_capabilities(void)
{
    struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
    struct __user_cap_data_struct none[2] = {{0}};

    return syscall(SYS_capset, &header, none) == 0;
}

static int run_as(void *argument)
{
    static const gid_t team[] = {TEAM};
    enum identity who = *(enum identity *)argument;
    char text[128];

    switch (who) {
    case AS_ROOT: break;
    case AS_USER:
        if (!become(USER, USER, NULL, 0))
            return 1;
        break;
    case AS_MEMBER:
        if (!become(USER, USER, team, 1))
            return 1;
        break;
    case AS_BARE:
        if (!drop_capabilities())
            return 1;
        break;
    default:
        if (!become(USER, USER, NULL, 0))
            return 1;
        snprintf(text, sizeof(text), "%d %d %d %d", subjects.of_root,
                 subjects.of_user, subjects.shm_of_root, subjects.shm_public);
        execl("suid_root", "perms", "rows", text, NULL);
        return 1;
    }
    return run_rows();
}

// In the program that run_as() has started.
static int run_as_setuid(const char *text)
{
    if (sscanf(text, "%d %d %d %d", &subjects.of_root, &subjects.of_user,
               &subjects.shm_of_root, &subjects.shm_public) != 4)
        return 1;
    return run_rows();
}

// What run_as() has written. Return: whether it is all there.
static bool collect(enum identity who, int *results, size_t bytes)
{
    int ends[2], status = -1;

    if (pipe(ends) != 0)
        return false;
    pid_t pid = fork();
    if (pid == 0) {
        dup2(ends[1], RESULTS_FD);
        _exit(run_as(&who));
    }
    close(ends[1]);
    ssize_t got = read(ends[0], results, bytes);
    close(ends[0]);
    waitpid(pid, &status, 0);
    return status == 0 && got == (ssize_t)bytes;
}

static void report(enum identity who, const int *results)
{
    unsigned n = 0;

    for (size_t t = 0; t < sizeof(tables) / sizeof(tables[0]); t++) {
        for (unsigned i = 0; i < tables[t]->count; i++, n++) {
            const struct row *row = &tables[t]->rows[i];

            ktap_result(results[n] == row->want[who], "%s %s: %d, not %d",
                        row->name, row->path, results[n], row->want[who]);
        }
    }
}

static void run_identity(enum identity who)
{
    int results[ROWS_MAX] = {0};

    ktap_enter(identity_names[who], rows_count());
    make_tree();
    if (!subjects_make())
        ktap_bail("subjects: %s", strerror(errno));
    if (!collect(who, results, rows_count() * sizeof(results[0])))
        ktap_bail("as %s: no results", identity_names[who]);
    report(who, results);
    subjects_end();
    remove_tree();
    ktap_leave();
}

static int run_check(void *argument)
{
    return ((const struct ktap_test *)argument)->run() ? 0 : 1;
}

// With a file of root's, which each finds as it was.
static void run_checks(const struct ktap_suite *suite)
{
    ktap_enter(suite->name, suite->count);
    for (unsigned i = 0; i < suite->count; i++) {
        int fd = open("secret", O_CREAT | O_TRUNC | O_WRONLY, 0600);

        close(fd);
        ktap_result(run_child(run_check, (void *)&suite->tests[i]) == 0, "%s",
                    suite->tests[i].name);
        unlink("secret");
    }
    ktap_leave();
}

static int run_all(const char *where)
{
    char name[64];

    umask(0);
    snprintf(name, sizeof(name), "perms.%d", (int)getpid());
    if (chdir(where) != 0 || mkdir(name, 0755) != 0 || chdir(name) != 0)
        ktap_bail("%s in %s: %s", name, where, strerror(errno));
    ktap_plan(IDENTITIES + 3);
    for (enum identity who = 0; who < IDENTITIES; who++)
        run_identity(who);
    ktap_enter("exec", exec_checks_count());
    exec_checks();
    ktap_leave();
    run_checks(&id_checks);
    run_checks(&caps_checks);
    if (chdir("..") != 0 || rmdir(name) != 0)
        ktap_bail("%s is not empty: %s", name, strerror(errno));
    return ktap_finish();
}

int main(int argc, char **argv)
{
    if (argc == 3 && strcmp(argv[1], "rows") == 0)
        return run_as_setuid(argv[2]);
    if (argc >= 2 && strcmp(argv[1], "show") == 0)
        return show_identity();
    return run_all(argc > 1 ? argv[1] : "/tmp");
}
