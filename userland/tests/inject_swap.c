// userland/tests/inject_swap.c - inject.c's operations on what is swapped out
// SPDX-License-Identifier: MIT
//
// A region of the parent's is pushed out by a child that writes to more and
// more memory. Each run takes pages of it that no run had before: a page that
// was read in stays in the swap cache, the parent's entry still naming the
// slot. Slots are read one by one meanwhile (page-cluster 0), or the neighbours
// would come along.

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/swap.h>
#include <sys/wait.h>
#include <unistd.h>

#include "inject.h"
#include "ktap.h"

#define CLUSTER_FILE "/proc/sys/vm/page-cluster"

enum {
    PAGE_BYTES = 4096,
    REGION_PAGES = 512,
    PAGES_OF_A_RUN = 2,
    PUSH_BYTES = 1 << 20,
    PUSHES = 4096,
};

static unsigned char *region;
static unsigned next_page; // of the next run

static char device[64]; // that is swapped to; "": none

static bool find_device(void)
{
    FILE *swaps;

    if (device[0])
        return true;
    swaps = fopen("/proc/swaps", "r");
    if (!swaps)
        return false;
    if (fscanf(swaps, "%*[^\n]\n%63s", device) != 1)
        device[0] = '\0';
    fclose(swaps);
    return device[0];
}

// ---- pushing out -----------------------------------------------------------

static unsigned swapped_kib(pid_t pid)
{
    char path[64], line[128];
    unsigned kib = 0;
    FILE *status;

    snprintf(path, sizeof(path), "/proc/%d/status", pid);
    status = fopen(path, "r");
    if (!status)
        return 0;
    while (fgets(line, sizeof(line), status))
        if (sscanf(line, "VmSwap: %u", &kib) == 1)
            break;
    fclose(status);
    return kib;
}

static bool is_out(pid_t pid)
{
    return swapped_kib(pid) >= REGION_PAGES * PAGE_BYTES / 1024;
}

// Takes memory until the parent's region is out.
static int push(void)
{
    for (int i = 0; i < PUSHES && !is_out(getppid()); i++) {
        char *at = mmap(NULL, PUSH_BYTES, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

        if (at == MAP_FAILED)
            return 1;
        for (int byte = 0; byte < PUSH_BYTES; byte += PAGE_BYTES)
            memset(at + byte, 0x77, PAGE_BYTES);
    }
    return is_out(getppid()) ? 0 : 1;
}

static void set_cluster(void)
{
    int fd = open(CLUSTER_FILE, O_WRONLY);

    if (fd < 0 || write(fd, "0", 1) != 1)
        ktap_bail("%s: %s", CLUSTER_FILE, strerror(errno));
    close(fd);
}

static unsigned char pattern(unsigned page)
{
    return (unsigned char)(page * 7 + 1);
}

static void fill_region(void)
{
    region = mmap(NULL, REGION_PAGES * PAGE_BYTES, PROT_READ | PROT_WRITE,
                  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (region == MAP_FAILED)
        ktap_bail("mmap: %s", strerror(errno));
    set_cluster();
}

static void push_region(void)
{
    int status;
    pid_t pid;

    if (!find_device())
        return;
    if (!region)
        fill_region();
    // Written anew: not a slot is left of the last time.
    for (unsigned i = 0; i < REGION_PAGES; i++)
        memset(region + i * PAGE_BYTES, pattern(i), PAGE_BYTES);
    next_page = 0;
    pid = fork();
    if (pid == 0)
        _exit(push());
    if (pid < 0 || waitpid(pid, &status, 0) != pid || status)
        ktap_bail("the region does not go out");
}

// ---- operations ------------------------------------------------------------

static void choose_pages(void)
{
    next_page = (next_page + PAGES_OF_A_RUN) % REGION_PAGES;
}

static int touch_region(bool write)
{
    if (!find_device())
        return NOT_HERE;
    if (!region)
        return 0; // warming up: nothing is out yet
    for (unsigned i = next_page; i < next_page + PAGES_OF_A_RUN; i++) {
        volatile unsigned char *at = region + i * PAGE_BYTES;

        if (*at != pattern(i))
            return WRONG;
        if (write)
            at[1] = 1;
        if (write && *at != pattern(i))
            return WRONG;
    }
    return 0;
}

static int do_read(void)
{
    return touch_region(false);
}

static int do_write(void)
{
    return touch_region(true);
}

// The kernel reads it on behalf of a system call: what it cannot have is a bad
// address, as on Linux.
static int do_copy(void)
{
    int fds[2];

    if (!find_device())
        return NOT_HERE;
    if (pipe(fds))
        return errno;
    if (write(fds[1], region ? (char *)region + next_page * PAGE_BYTES : "xx",
              2) != 2)
        return errno;
    return 0;
}

static int do_fork(void)
{
    return find_device() ? inject_fork() : NOT_HERE;
}

static int do_swapoff(void)
{
    if (!find_device())
        return NOT_HERE;
    if (swapoff(device))
        return errno;
    return swapon(device, 0) ? errno : 0;
}

static void switch_on(void)
{
    if (find_device())
        swapon(device, 0); // EBUSY: it is
}

static const struct operation operations[] = {
    {.name = "swap-in, reading",
     .run = do_read,
     .prepare = choose_pages,
     .arrange = push_region},
    {.name = "swap-in, writing",
     .run = do_write,
     .prepare = choose_pages,
     .arrange = push_region},
    {.name = "swap-in by the kernel",
     .run = do_copy,
     .also = EFAULT,
     .prepare = choose_pages,
     .arrange = push_region},
    {.name = "fork of what is out",
     .run = do_fork,
     .also = EAGAIN,
     .arrange = push_region},
    {.name = "swapoff and swapon",
     .run = do_swapoff,
     .clean = switch_on,
     .arrange = push_region},
};

const struct operation_set swap_operations = {
    operations, sizeof(operations) / sizeof(operations[0])};
