// userland/tests/vsyscall_areas.c - vsyscall.c: the two areas as memory
// SPDX-License-Identifier: MIT
//
// Each in a child of its own, which may spoil them.

#include "vsyscall.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static uintptr_t vdso, vdso_end, vvar, vvar_end;

static volatile sig_atomic_t handled;

static void note(int signal)
{
    handled = signal;
}

static void note_info(int signal, siginfo_t *info, void *context)
{
    (void)info;
    (void)context;
    handled = signal;
}

// Without the C library, which may be using what is being spoiled.
static long call3(long number, long a, long b, long c)
{
    long result;

    __asm__ volatile("int $0x80"
                     : "=a"(result)
                     : "a"(number), "b"(a), "c"(b), "d"(c)
                     : "memory");
    return result;
}

static bool refuses(long result, int error)
{
    if (result == -error)
        return true;
    ktap_note("%ld, expected %d", result, -error);
    return false;
}

static bool data_is_read_only(void)
{
    return mprotect((void *)vvar, vvar_end - vvar, PROT_READ | PROT_WRITE) ==
               -1 &&
           errno == EACCES &&
           mprotect((void *)vvar, vvar_end - vvar, PROT_READ | PROT_EXEC) ==
               -1 &&
           errno == EACCES &&
           mprotect((void *)vvar, vvar_end - vvar, PROT_NONE) == 0;
}

static bool does_not_grow(void)
{
    unsigned long bytes = vdso_end - vdso;

    return mremap((void *)vdso, bytes, bytes + PAGE_BYTES, MREMAP_MAYMOVE) ==
               MAP_FAILED &&
           errno == EFAULT &&
           mremap((void *)vvar, vvar_end - vvar, vvar_end - vvar + PAGE_BYTES,
                  MREMAP_MAYMOVE) == MAP_FAILED &&
           errno == EFAULT;
}

static bool locking_passes_over_it(void)
{
    return mlock((void *)vvar, vdso_end - vvar) == 0 &&
           munlock((void *)vvar, vdso_end - vvar) == 0;
}

static bool advice(void)
{
    unsigned long bytes = vdso_end - vdso, data_bytes = vvar_end - vvar;

    return refuses(
               call3(SYS_madvise, (long)vvar, (long)data_bytes, MADV_DONTNEED),
               EINVAL) &&
           refuses(
               call3(SYS_madvise, (long)vvar, (long)data_bytes, MADV_DOFORK),
               EINVAL) &&
           refuses(call3(SYS_madvise, (long)vdso, (long)bytes, MADV_DODUMP),
                   EINVAL) &&
           refuses(call3(SYS_madvise, (long)vdso, (long)bytes, MADV_FREE),
                   EINVAL) &&
           call3(SYS_madvise, (long)vdso, (long)bytes, MADV_DONTNEED) == 0 &&
           vsyscall(vsyscall_entry(), SYS_getpid, 0, 0, 0, 0, 0, 0) ==
               call3(SYS_getpid, 0, 0, 0);
}

// A breakpoint in the code is a program's own.
static bool writes_to_a_copy(void)
{
    volatile uint8_t *at =
        (uint8_t *)vdso_symbol(vdso_image(), "__kernel_sigreturn", "LINUX_2.5");
    int status = -1;

    if (mprotect((void *)vdso, vdso_end - vdso,
                 PROT_READ | PROT_WRITE | PROT_EXEC) != 0)
        return false;
    pid_t child = fork();
    if (child == 0) {
        at[0] = 0xcc;
        _exit(at[0] == 0xcc && at[1] == 0xb8 &&
                      vsyscall(vsyscall_entry(), SYS_getpid, 0, 0, 0, 0, 0,
                               0) == getpid()
                  ? 0
                  : 1);
    }
    bool ok =
        waitpid(child, &status, 0) == child && status == 0 && at[0] == 0x58;
    at[0] = 0x90;
    return ok && at[0] == 0x90 && at[1] == 0xb8 &&
           madvise((void *)vdso, vdso_end - vdso, MADV_DONTNEED) == 0 &&
           at[0] == 0x58;
}

// What follows is done without the C library, which goes on calling the vDSO
// where it was.
static int set_raw(int signal, void *handler, unsigned long flags)
{
    struct kernel_action action = {.handler = handler, .flags = flags};
    int result;

    __asm__ volatile("int $0x80"
                     : "=a"(result)
                     : "a"(SYS_rt_sigaction), "b"(signal), "c"(&action), "d"(0),
                       "S"(8)
                     : "memory");
    return result;
}

__attribute__((noreturn)) static void leave(bool ok)
{
    for (;;)
        call3(SYS_exit_group, ok, 0, 0);
}

// Handlers that bring no restorer, and calls, find the new place.
static bool works_at(const uint8_t *image)
{
    const void *entry = vdso_symbol(image, "__kernel_vsyscall", "LINUX_2.5");
    long pid = call3(SYS_getpid, 0, 0, 0);

    for (int i = 0; i < 3; i++)
        if (vsyscall(entry, SYS_getpid, 0, 0, 0, 0, 0, 0) != pid)
            return false;
    handled = 0;
    if (set_raw(SIGUSR1, (void *)note, 0) != 0 ||
        call3(SYS_kill, pid, SIGUSR1, 0) != 0 || handled != SIGUSR1)
        return false;
    return set_raw(SIGUSR2, (void *)note_info, SA_SIGINFO) == 0 &&
           call3(SYS_kill, pid, SIGUSR2, 0) == 0 && handled == SIGUSR2;
}

static uint8_t *place(void)
{
    return mmap(NULL, vdso_end - vdso, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS,
                -1, 0);
}

static bool move_to(uint8_t *to)
{
    long bytes = (long)(vdso_end - vdso), result;

    __asm__ volatile("int $0x80"
                     : "=a"(result)
                     : "a"(SYS_mremap), "b"(vdso), "c"(bytes), "d"(bytes),
                       "S"(MREMAP_MAYMOVE | MREMAP_FIXED), "D"(to)
                     : "memory");
    return result == (long)to;
}

static bool moves(void)
{
    uint8_t *to = place();

    leave(move_to(to) && works_at(to));
}

// The call that moves it is made by it.
static bool moves_under_its_own_feet(void)
{
    long bytes = (long)(vdso_end - vdso);
    uint8_t *to = place();

    leave(vsyscall(vsyscall_entry(), SYS_mremap, (long)vdso, bytes, bytes,
                   MREMAP_MAYMOVE | MREMAP_FIXED, (long)to, 0) == (long)to &&
          works_at(to));
}

static bool execve_begins_anew(void)
{
    static char *arguments[] = {"vsyscall", "again", NULL};
    static char *environment[] = {NULL};

    if (move_to(place()))
        call3(SYS_execve, (long)"/proc/self/exe", (long)arguments,
              (long)environment);
    leave(false);
}

static bool can_be_unmapped(void)
{
    long bytes = (long)(vdso_end - vvar);

    leave(call3(SYS_munmap, (long)vvar, bytes, 0) == 0 &&
          call3(SYS_getpid, 0, 0, 0) > 0 &&
          call3(SYS_mprotect, (long)vvar, bytes, PROT_READ) == -ENOMEM);
}

void suite_areas(void)
{
    static const struct ktap_test rows[] = {
        {"data-is-read-only", data_is_read_only},
        {"does-not-grow", does_not_grow},
        {"locking-passes-over-it", locking_passes_over_it},
        {"advice", advice},
        {"writes-to-a-copy", writes_to_a_copy},
        {"moves", moves},
        {"moves-under-its-own-feet", moves_under_its_own_feet},
        {"execve-begins-anew", execve_begins_anew},
        {"can-be-unmapped", can_be_unmapped},
    };

    if (!find_area("[vdso]", &vdso, &vdso_end) ||
        !find_area("[vvar]", &vvar, &vvar_end))
        ktap_bail("no areas");
    run_rows_in_children("areas", rows, sizeof(rows) / sizeof(rows[0]));
}
