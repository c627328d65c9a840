// userland/tests/perms_caps.c - capabilities, and other rights of a process
// SPDX-License-Identifier: MIT

#include "perms.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/securebits.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "fails.h"

bool get_caps(struct caps *out)
{
    struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
    struct __user_cap_data_struct in[2];

    if (syscall(SYS_capget, &header, in) != 0)
        return false;
    out->effective = in[0].effective | (uint64_t)in[1].effective << 32;
    out->permitted = in[0].permitted | (uint64_t)in[1].permitted << 32;
    out->inheritable = in[0].inheritable | (uint64_t)in[1].inheritable << 32;
    return true;
}

static int set_caps(const struct caps *caps)
{
    struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
    const struct __user_cap_data_struct out[2] = {
        {(uint32_t)caps->effective, (uint32_t)caps->permitted,
         (uint32_t)caps->inheritable},
        {(uint32_t)(caps->effective >> 32), (uint32_t)(caps->permitted >> 32),
         (uint32_t)(caps->inheritable >> 32)},
    };

    return result_of(syscall(SYS_capset, &header, out));
}

bool has_caps(uint64_t effective, uint64_t permitted)
{
    struct caps caps;

    return get_caps(&caps) && caps.effective == effective &&
           caps.permitted == permitted;
}

long resuid(int real, int effective, int saved)
{
    return syscall(SYS_setresuid32, real, effective, saved);
}

// ---- capabilities ----------------------------------------------------------

static bool capset_rules(void)
{
    const uint64_t two = BIT(CAP_KILL) | BIT(CAP_CHOWN);
    const struct caps some = {BIT(CAP_KILL), two, 0};
    const struct caps more = {BIT(CAP_KILL), two | BIT(CAP_FOWNER), 0};
    const struct caps beyond = {two, BIT(CAP_KILL), 0};
    const struct caps inherit = {0, two, BIT(CAP_FOWNER)};
    const struct caps inherit_own = {0, two, two};
    const struct caps none = {0, 0, two};

    return set_caps(&some) == 0 && has_caps(BIT(CAP_KILL), two) &&
           set_caps(&more) == EPERM && set_caps(&beyond) == EPERM &&
           set_caps(&inherit) == EPERM && set_caps(&inherit_own) == 0 &&
           set_caps(&none) == 0 && has_caps(0, 0) && set_caps(&some) == EPERM;
}

static bool capget_versions(void)
{
    struct __user_cap_header_struct header = {0x12345678, 0};
    struct __user_cap_data_struct data[2];

    if (!fails(syscall(SYS_capget, &header, data), EINVAL) ||
        header.version != _LINUX_CAPABILITY_VERSION_3)
        return false;
    header.version = 1;
    if (syscall(SYS_capget, &header, NULL) != 0)
        return false;
    header.pid = -1;
    if (!fails(syscall(SYS_capget, &header, data), EINVAL))
        return false;
    if (syscall(SYS_capget, &header, NULL) != 0) // the version alone
        return false;
    header.pid = 99999;
    if (!fails(syscall(SYS_capget, &header, data), ESRCH))
        return false;
    header.pid = 1;
    if (syscall(SYS_capget, &header, data) != 0 ||
        data[0].permitted != 0xffffffff ||
        !fails(syscall(SYS_capset, &header, data), EPERM))
        return false;
    header = (struct __user_cap_header_struct){_LINUX_CAPABILITY_VERSION_1, 0};
    return syscall(SYS_capget, &header, data) == 0 &&
           data[0].effective == 0xffffffff;
}

static bool bounding_set(void)
{
    return prctl(PR_CAPBSET_READ, CAP_KILL, 0, 0, 0) == 1 &&
           prctl(PR_CAPBSET_DROP, CAP_KILL, 0, 0, 0) == 0 &&
           prctl(PR_CAPBSET_READ, CAP_KILL, 0, 0, 0) == 0 &&
           fails(prctl(PR_CAPBSET_READ, 63, 0, 0, 0), EINVAL) &&
           fails(prctl(PR_CAPBSET_DROP, 63, 0, 0, 0), EINVAL);
}

static bool keep_capabilities(void)
{
    struct caps all;

    return get_caps(&all) && prctl(PR_GET_KEEPCAPS, 0, 0, 0, 0) == 0 &&
           prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) == 0 &&
           prctl(PR_GET_KEEPCAPS, 0, 0, 0, 0) == 1 &&
           fails(prctl(PR_SET_KEEPCAPS, 2, 0, 0, 0), EINVAL) &&
           syscall(SYS_setuid32, USER) == 0 && has_caps(0, all.permitted) &&
           set_caps(&(struct caps){BIT(CAP_SETUID), BIT(CAP_SETUID), 0}) == 0 &&
           syscall(SYS_setuid32, 7) == 0;
}

static bool secure_bits(void)
{
    const unsigned bits =
        SECBIT_NO_SETUID_FIXUP | SECBIT_NO_SETUID_FIXUP_LOCKED;
    struct caps all;

    return get_caps(&all) && prctl(PR_GET_SECUREBITS) == 0 &&
           fails(prctl(PR_SET_SECUREBITS, 1 << 20), EPERM) &&
           prctl(PR_SET_SECUREBITS, bits) == 0 &&
           prctl(PR_GET_SECUREBITS) == (int)bits &&
           fails(prctl(PR_SET_SECUREBITS, 0), EPERM) &&
           syscall(SYS_setuid32, USER) == 0 &&
           has_caps(all.effective, all.permitted);
}

static bool ambient_set(void)
{
    const struct caps caps = {BIT(CAP_KILL), BIT(CAP_KILL) | BIT(CAP_CHOWN),
                              BIT(CAP_KILL)};

    return set_caps(&caps) == 0 &&
           fails(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_CHOWN, 0, 0),
                 EPERM) &&
           prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_KILL, 0, 0) == 0 &&
           prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET, CAP_KILL, 0, 0) == 1 &&
           fails(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, 63, 0, 0),
                 EINVAL) &&
           fails(prctl(PR_CAP_AMBIENT, 9, CAP_KILL, 0, 0), EINVAL) &&
           set_caps(&(struct caps){0, BIT(CAP_KILL), 0}) == 0 &&
           prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET, CAP_KILL, 0, 0) == 0;
}

// ---- other -----------------------------------------------------------------

static bool no_new_privs(void)
{
    return prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 0 &&
           fails(prctl(PR_SET_NO_NEW_PRIVS, 0, 0, 0, 0), EINVAL) &&
           fails(prctl(PR_SET_NO_NEW_PRIVS, 1, 1, 0, 0), EINVAL) &&
           prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
           prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1;
}

static bool dumpable(void)
{
    struct stat st;

    if (prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) != 1 ||
        !fails(prctl(PR_SET_DUMPABLE, 2, 0, 0, 0), EINVAL) ||
        resuid(USER, USER, USER) != 0 ||
        prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) != 0)
        return false;
    // Of root now, but for the directory; and may be entered all the same.
    if (stat("/proc/self/maps", &st) != 0 || st.st_uid != 0 ||
        stat("/proc/self/", &st) != 0 || st.st_uid != USER ||
        open("/proc/self/fd/0", O_PATH) < 0)
        return false;
    return prctl(PR_SET_DUMPABLE, 1, 0, 0, 0) == 0 &&
           stat("/proc/self/maps", &st) == 0 && st.st_uid == USER;
}

// setuid is let through, though the user has too many tasks; fork and exec are
// not.
static bool too_many_tasks(void)
{
    const struct rlimit none = {0, 0};
    bool ok = false;
    int ready[2];
    char byte;

    if (pipe(ready) != 0)
        return false;
    pid_t other = fork();
    if (other == 0) {
        if (become(USER, USER, NULL, 0) && write(ready[1], "", 1) == 1)
            pause();
        _exit(1);
    }
    if (read(ready[0], &byte, 1) == 1 && setrlimit(RLIMIT_NPROC, &none) == 0 &&
        become(USER, USER, NULL, 0) && fails(fork(), EAGAIN)) {
        execl("/bin/false", "false", NULL);
        ok = errno == EAGAIN;
    }
    kill(other, SIGKILL);
    return ok;
}

// A child that waits for the signal, and says whether it came.
static void wait_for_death(int ready, int result)
{
    const struct timespec timeout = {20, 0};
    siginfo_t info;
    sigset_t set;
    char came = 'n';

    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    sigprocmask(SIG_BLOCK, &set, NULL);
    prctl(PR_SET_PDEATHSIG, SIGUSR1);
    if (write(ready, "", 1) == 1 &&
        sigtimedwait(&set, &info, &timeout) == SIGUSR1)
        came = 'y';
    _exit(write(result, &came, 1) != 1);
}

static bool parent_death_signal(void)
{
    int ready[2], result[2];
    char byte = 0;

    if (pipe(ready) != 0 || pipe(result) != 0 ||
        !fails(prctl(PR_SET_PDEATHSIG, 65), EINVAL))
        return false;
    pid_t parent = fork();
    if (parent == 0) {
        if (fork() == 0)
            wait_for_death(ready[1], result[1]);
        _exit(read(ready[0], &byte, 1) != 1);
    }
    waitpid(parent, NULL, 0);
    return read(result[0], &byte, 1) == 1 && byte == 'y';
}

// A child of root's, whose parent ends as another user: looks once it has
// another parent. Of one that stays the same user it tells who sent it.
static int signal_of_death(bool other_user)
{
    const struct timespec poll = {0, 5000000}, none = {0, 0};
    siginfo_t info = {0};
    pid_t parent = getpid();
    int ready[2], result[2], got[2] = {0};
    sigset_t set;
    char byte;

    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    if (pipe(ready) || pipe(result) || (parent = fork()) < 0)
        return -1;
    if (parent == 0) {
        parent = getpid();
        if (fork() == 0) {
            sigprocmask(SIG_BLOCK, &set, NULL);
            prctl(PR_SET_PDEATHSIG, SIGUSR1);
            if (write(ready[1], "", 1) != 1)
                _exit(1);
            while (getppid() == parent)
                nanosleep(&poll, NULL);
            got[0] = sigtimedwait(&set, &info, &none) == SIGUSR1;
            got[1] = info.si_code == SI_USER && info.si_pid == parent;
            _exit(write(result[1], got, sizeof(got)) != sizeof(got));
        }
        if (read(ready[0], &byte, 1) != 1 ||
            (other_user && !become(USER, USER, NULL, 0)))
            _exit(1);
        _exit(0);
    }
    close(result[1]);
    waitpid(parent, NULL, 0);
    if (read(result[0], got, sizeof(got)) != sizeof(got))
        return -1;
    return got[0] + 2 * got[1];
}

static bool death_signal_of_user(void)
{
    return signal_of_death(false) == 3 && signal_of_death(true) == 0;
}

static const struct ktap_test tests[] = {
    {"capset", capset_rules},
    {"versions of capget", capget_versions},
    {"bounding set", bounding_set},
    {"PR_SET_KEEPCAPS", keep_capabilities},
    {"securebits", secure_bits},
    {"ambient set", ambient_set},
    {"no_new_privs", no_new_privs},
    {"dumpable", dumpable},
    {"RLIMIT_NPROC after setuid", too_many_tasks},
    {"PR_SET_PDEATHSIG", parent_death_signal},
    {"PR_SET_PDEATHSIG from a user", death_signal_of_user},
};

const struct ktap_suite caps_checks = KTAP_SUITE("capabilities", tests);
