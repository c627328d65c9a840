// userland/tests/perms_exec.c - who a program runs as
// SPDX-License-Identifier: MIT
//
// A child becomes somebody and runs a copy of this program, which says who it
// is (show_identity).

#include "perms.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    TEXT_BYTES = 128,
    BIG_STACK = 64 * 1024 * 1024,
};

// Of a set of capabilities: all, none or some.
static char amount(uint32_t low, uint32_t high)
{
    if (!low && !high)
        return '-';
    return low == 0xffffffff ? 'A' : 's';
}

int show_identity(void)
{
    struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
    struct __user_cap_data_struct caps[2];
    uid_t uid[3];
    gid_t gid[3];
    struct rlimit stack;
    int signal = 0;

    getresuid(&uid[0], &uid[1], &uid[2]);
    getresgid(&gid[0], &gid[1], &gid[2]);
    getrlimit(RLIMIT_STACK, &stack);
    prctl(PR_GET_PDEATHSIG, &signal);
    if (syscall(SYS_capget, &header, caps) != 0)
        return 1;
    printf("%u,%u,%u %u,%u,%u %c%c secure=%d dumpable=%d signal=%d big=%d",
           uid[0], uid[1], uid[2], gid[0], gid[1], gid[2],
           amount(caps[0].permitted, caps[1].permitted),
           amount(caps[0].effective, caps[1].effective),
           getauxval(AT_SECURE) != 0, prctl(PR_GET_DUMPABLE, 0, 0, 0, 0),
           signal, stack.rlim_cur > BIG_STACK / 2);
    // The C library and the vector agree.
    return getauxval(AT_UID) == uid[0] && getauxval(AT_EUID) == uid[1] &&
                   getauxval(AT_GID) == gid[0] && getauxval(AT_EGID) == gid[1]
               ? fflush(stdout)
               : 1;
}

// ---- who runs it -----------------------------------------------------------

static bool as_root(void)
{
    return true;
}

static bool as_user(void)
{
    return become(USER, USER, NULL, 0);
}

static bool as_user_with_signal(void)
{
    const struct rlimit limit = {BIG_STACK, BIG_STACK};

    return setrlimit(RLIMIT_STACK, &limit) == 0 && as_user() &&
           prctl(PR_SET_PDEATHSIG, SIGUSR1) == 0;
}

static bool as_user_without_new(void)
{
    return as_user() && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0;
}

static bool as_real_user(void)
{
    return setresgid(USER, USER, USER) == 0 && setresuid(USER, 0, 0) == 0;
}

static bool as_real_root(void)
{
    return setresuid(0, USER, USER) == 0;
}

static bool as_root_without_root(void)
{
    return prctl(PR_SET_SECUREBITS, 1 << 0 /* SECBIT_NOROOT */) == 0;
}

static bool as_root_without_bounding(void)
{
    for (int i = 1; i <= CAP_LAST_CAP; i++)
        if (prctl(PR_CAPBSET_DROP, i, 0, 0, 0) != 0 && errno != EINVAL)
            return false;
    return true;
}

static bool keep_caps(void)
{
    return prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) == 0 && as_user();
}

static bool with_ambient(void)
{
    struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
    struct __user_cap_data_struct caps[2] = {{0}};

    caps[0].permitted = caps[0].inheritable = 1 << CAP_NET_ADMIN;
    return keep_caps() && syscall(SYS_capset, &header, caps) == 0 &&
           prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_NET_ADMIN, 0, 0) ==
               0;
}

// ---- programs --------------------------------------------------------------

struct check {
    const char *name;
    bool (*become)(void);
    const char *program;
    const char *want;
    unsigned long clone_flags;
};

// clang-format off
static const struct check checks[] = {
    {"root runs a plain program", as_root, "plain", "0,0,0 0,0,0 AA secure=0 dumpable=1 signal=0 big=0", 0},
    {"user runs a plain program", as_user_with_signal, "plain", "1000,1000,1000 1000,1000,1000 -- secure=0 dumpable=1 signal=10 big=1", 0},
    {"user runs a program of root's", as_user_with_signal, "suid_root", "1000,0,0 1000,1000,1000 AA secure=1 dumpable=0 signal=0 big=0", 0},
    {"user runs a program of another's", as_user, "suid_team", "1000,2000,2000 1000,1000,1000 -- secure=1 dumpable=0 signal=0 big=0", 0},
    {"user runs its own with the bit", as_user, "suid_user", "1000,1000,1000 1000,1000,1000 -- secure=0 dumpable=1 signal=0 big=0", 0},
    {"user runs a program of a group", as_user, "sgid_team", "1000,1000,1000 1000,2000,2000 -- secure=1 dumpable=0 signal=0 big=0", 0},
    {"S_ISGID without the group's x", as_user, "sgid_no_x", "1000,1000,1000 1000,1000,1000 -- secure=0 dumpable=1 signal=0 big=0", 0},
    {"root runs a program of another's", as_root, "suid_team", "0,2000,2000 0,0,0 A- secure=1 dumpable=0 signal=0 big=0", 0},
    {"a script with the bit", as_user, "script", "1000,1000,1000 1000,1000,1000 -- secure=0 dumpable=1 signal=0 big=0", 0},
    {"a script of a program with the bit", as_user, "script_suid", "1000,0,0 1000,1000,1000 AA secure=1 dumpable=0 signal=0 big=0", 0},
    {"on a nosuid mount", as_user, "nosuid/suid_root", "1000,1000,1000 1000,1000,1000 -- secure=0 dumpable=1 signal=0 big=0", 0},
    {"on a noexec mount", as_root, "noexec/plain", "errno 13", 0},
    {"with no_new_privs", as_user_without_new, "suid_root", "1000,1000,1000 1000,1000,1000 -- secure=0 dumpable=1 signal=0 big=0", 0},
    {"with places that others share", as_user, "suid_root", "1000,1000,1000 1000,1000,1000 -- secure=1 dumpable=1 signal=0 big=0", CLONE_FS},
    {"a program that it cannot read", as_user, "unreadable", "1000,1000,1000 1000,1000,1000 -- secure=0 dumpable=0 signal=0 big=0", 0},
    {"real user, effective root", as_real_user, "plain", "1000,0,0 1000,1000,1000 AA secure=1 dumpable=0 signal=0 big=0", 0},
    {"real root, effective user", as_real_root, "plain", "0,1000,1000 0,0,0 A- secure=1 dumpable=0 signal=0 big=0", 0},
    {"SECBIT_NOROOT", as_root_without_root, "plain", "0,0,0 0,0,0 -- secure=0 dumpable=1 signal=0 big=0", 0},
    {"SECBIT_NOROOT, a program of root's", as_root_without_root, "suid_root", "0,0,0 0,0,0 -- secure=0 dumpable=1 signal=0 big=0", 0},
    {"without a bounding set", as_root_without_bounding, "plain", "0,0,0 0,0,0 ss secure=0 dumpable=1 signal=0 big=0", 0},
    {"PR_SET_KEEPCAPS", keep_caps, "plain", "1000,1000,1000 1000,1000,1000 -- secure=0 dumpable=1 signal=0 big=0", 0},
    {"ambient capabilities", with_ambient, "plain", "1000,1000,1000 1000,1000,1000 ss secure=0 dumpable=1 signal=0 big=0", 0},
    {"ambient, a program of another's", with_ambient, "suid_team", "1000,2000,2000 1000,1000,1000 -- secure=1 dumpable=0 signal=0 big=0", 0},
};
// clang-format on

unsigned exec_checks_count(void)
{
    return sizeof(checks) / sizeof(checks[0]) + 1; // and nodev
}

static const struct program {
    const char *path;
    uid_t uid;
    gid_t gid;
    mode_t mode;
    const char *script;
} programs[] = {
    {"plain", 0, 0, 0755, NULL},
    {"suid_root", 0, 0, 04755, NULL},
    {"suid_team", TEAM, TEAM, 04755, NULL},
    {"suid_user", USER, USER, 04755, NULL},
    {"sgid_team", 0, TEAM, 02755, NULL},
    {"sgid_no_x", 0, TEAM, 02745, NULL},
    {"unreadable", 0, 0, 0711, NULL},
    {"script", 0, 0, 06755, "#!./plain show\n"},
    {"script_suid", 0, 0, 0755, "#!./suid_root show\n"},
    {"nosuid/suid_root", 0, 0, 04755, NULL},
    {"noexec/plain", 0, 0, 0755, NULL},
};

static bool make_script(const char *path, const char *text)
{
    int fd = open(path, O_CREAT | O_WRONLY, 0755);
    bool ok = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);

    close(fd);
    return ok;
}

static bool make_programs(void)
{
    if (mkdir("nosuid", 0755) != 0 || mkdir("noexec", 0755) != 0 ||
        mount("none", "nosuid", "tmpfs", MS_NOSUID, "mode=755") != 0 ||
        mount("none", "noexec", "tmpfs", MS_NOEXEC, "mode=755") != 0)
        return false;
    for (size_t i = 0; i < sizeof(programs) / sizeof(programs[0]); i++) {
        const struct program *p = &programs[i];

        if (!(p->script ? make_script(p->path, p->script)
                        : copy_self(p->path)) ||
            chown(p->path, p->uid, p->gid) != 0 || chmod(p->path, p->mode) != 0)
            return false;
    }
    return true;
}

static void remove_programs(void)
{
    for (size_t i = 0; i < sizeof(programs) / sizeof(programs[0]); i++)
        unlink(programs[i].path);
    umount("nosuid");
    umount("noexec");
    rmdir("nosuid");
    rmdir("noexec");
}

static void run(const struct check *check, int to)
{
    bool is_script = strncmp(check->program, "script", 6) == 0;

    dup2(to, STDOUT_FILENO);
    if (!check->become())
        dprintf(STDOUT_FILENO, "not that user: %d", errno);
    else if (execl(check->program, "perms", is_script ? NULL : "show", NULL))
        dprintf(STDOUT_FILENO, "errno %d", errno);
    _exit(1);
}

static void run_check(const struct check *check)
{
    char text[TEXT_BYTES] = "";
    size_t length = 0;
    ssize_t got;
    int ends[2];

    if (pipe(ends) != 0)
        ktap_bail("pipe: %d", errno);
    pid_t pid =
        (pid_t)syscall(SYS_clone, check->clone_flags | SIGCHLD, 0, 0, 0, 0);
    if (pid == 0)
        run(check, ends[1]);
    close(ends[1]);
    while (length < sizeof(text) - 1 &&
           (got = read(ends[0], text + length, sizeof(text) - 1 - length)) > 0)
        length += (size_t)got;
    close(ends[0]);
    waitpid(pid, NULL, 0);
    ktap_result(strcmp(text, check->want) == 0, "%s: %s", check->name, text);
}

// Devices are opened where they may be only.
static bool no_devices(void)
{
    const dev_t null = makedev(1, 3);
    int allowed, refused, error;

    if (mkdir("nodev", 0755) != 0 ||
        mount("none", "nodev", "tmpfs", MS_NODEV, "mode=755") != 0 ||
        mknod("nodev/null", S_IFCHR | 0666, null) != 0 ||
        mknod("nosuid/null", S_IFCHR | 0666, null) != 0)
        return false;
    refused = open("nodev/null", O_RDONLY);
    error = errno;
    allowed = open("nosuid/null", O_RDONLY);
    close(allowed);
    unlink("nosuid/null");
    return refused < 0 && error == EACCES && allowed >= 0 &&
           umount("nodev") == 0 && rmdir("nodev") == 0;
}

void exec_checks(void)
{
    if (!make_programs())
        ktap_bail("programs: %s", strerror(errno));
    for (size_t i = 0; i < sizeof(checks) / sizeof(checks[0]); i++)
        run_check(&checks[i]);
    ktap_result(no_devices(), "a device on a nodev mount");
    remove_programs();
}
