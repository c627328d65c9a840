// userland/tests/causes_tools.c - what the suites of `causes` share
// SPDX-License-Identifier: MIT

#include "causes.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/statfs.h>
#include <unistd.h>

enum {
    BYTE_WRITTEN = 0xa5,
};

// ---- accesses ---------------------------------------------------------------

static sigjmp_buf after_signal;
static volatile siginfo_t told;

static void note(int signal, siginfo_t *info, void *context)
{
    (void)context;
    told = *info;
    siglongjmp(after_signal, signal);
}

static void catch (int signal, bool on)
{
    struct sigaction action = {.sa_flags = SA_SIGINFO | SA_NODEFER};

    if (on)
        action.sa_sigaction = note;
    else
        action.sa_handler = SIG_DFL;
    if (sigaction(signal, &action, NULL) != 0)
        ktap_bail("sigaction: %s", strerror(errno));
}

static void make_access(const void *at, enum access access)
{
    volatile uint8_t *byte = (volatile uint8_t *)(uintptr_t)at;

    switch (access) {
    case READING: (void)*byte; break;
    case WRITING: *byte = BYTE_WRITTEN; break;
    case CALLING: ((void (*)(void))(uintptr_t)at)(); break;
    }
}

// The signal that an access ends with; 0: none.
static int signal_of(const void *at, enum access access)
{
    catch (SIGSEGV, true);
    catch (SIGBUS, true);
    int signal = sigsetjmp(after_signal, 1);

    if (signal == 0)
        make_access(at, access);
    catch (SIGSEGV, false);
    catch (SIGBUS, false);
    return signal;
}

bool access_gives(const void *at, enum access access, int signal, int code)
{
    int got = signal_of(at, access);

    if (got == signal && told.si_code == code && told.si_addr == at)
        return true;
    ktap_note("at %p: signal %d code %d address %p, not %d %d", at, got,
              told.si_code, told.si_addr, signal, code);
    return false;
}

bool access_works(const void *at, enum access access)
{
    int got = signal_of(at, access);

    if (got != 0)
        ktap_note("at %p: signal %d code %d address %p, not none", at, got,
                  told.si_code, told.si_addr);
    return got == 0;
}

void touch_pages(const void *at, size_t pages, enum access access)
{
    for (size_t i = 0; i < pages; i++)
        make_access((const uint8_t *)at + i * PAGE, access);
}

// ---- what is said of it -----------------------------------------------------

static struct flt flt_read(void)
{
    struct rusage usage;

    if (getrusage(RUSAGE_SELF, &usage) != 0)
        ktap_bail("getrusage: %s", strerror(errno));
    return (struct flt){usage.ru_minflt, usage.ru_majflt};
}

// Twice: after a fork the first call has faults of its own, on the stack.
struct flt flt_now(void)
{
    flt_read();
    return flt_read();
}

struct flt flt_since(struct flt before)
{
    struct flt now = flt_read();

    return (struct flt){now.minor - before.minor, now.major - before.major};
}

bool is_filled(const uint8_t *at, size_t bytes, uint8_t value)
{
    for (size_t i = 0; i < bytes; i++)
        if (at[i] != value)
            return false;
    return true;
}

// ---- files and swap ---------------------------------------------------------

uint8_t *map_file(int fd, size_t pages, int protection, int flags)
{
    void *at = mmap(NULL, pages * PAGE, protection, flags, fd, 0);

    if (at == MAP_FAILED)
        ktap_bail("mmap of a file: %s", strerror(errno));
    return at;
}

bool folder_is_on_disk(void)
{
    struct statfs fs;

    return access(DISK_FOLDER, W_OK) == 0 && statfs(DISK_FOLDER, &fs) == 0 &&
           fs.f_type != TMPFS_MAGIC && fs.f_type != RAMFS_MAGIC;
}

const char *cause_folder(void)
{
    return access(DISK_FOLDER, W_OK) == 0 ? DISK_FOLDER : "/tmp";
}

// A program that nobody runs meanwhile.
int cold_file(void)
{
    int fd = open("/bin/soak", O_RDONLY);
    uint8_t *at = map_file(fd, COLD_PAGES, PROT_READ, MAP_SHARED);
    bool is_cold = posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED) == 0;

    for (size_t i = 0; i < COLD_PAGES; i++)
        is_cold = is_cold && !page_there(at + i * PAGE);
    munmap(at, COLD_PAGES * PAGE);
    if (is_cold)
        return fd;
    close(fd);
    return -1;
}

const char *no_swap(void)
{
    return meminfo_kib("SwapTotal") > 0 ? NULL : "no swap";
}

static bool is_out(const uint8_t *at, size_t pages)
{
    for (size_t i = 0; i < pages; i++)
        if (!(pagemap(at + i * PAGE) & PM_SWAP) || page_there(at + i * PAGE))
            return false;
    return true;
}

bool put_to_swap(uint8_t *at, size_t pages)
{
    return put_out(at, pages) && is_out(at, pages);
}
