// userland/tests/races_swap.c - races.c: pages that are in swap
// SPDX-License-Identifier: MIT

#include "races.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/swap.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ktap.h"
#include "memtest.h"

enum {
    PAGES = 8,
    FORK_STEPS = 12,
};

static char device[64]; // that is swapped to; "": none

bool is_swapping(void)
{
    FILE *swaps = fopen("/proc/swaps", "r");

    if (swaps && fscanf(swaps, "%*[^\n]\n%63s", device) != 1)
        device[0] = '\0';
    if (swaps)
        fclose(swaps);
    return device[0] != '\0';
}

static uint8_t *swapped_pages(void)
{
    uint8_t *at = map_pages(PAGES);

    for (int i = 0; i < PAGES; i++)
        memset(at + i * PAGE, i + 1, PAGE);
    if (is_swapping() && !put_out(at, PAGES))
        ktap_bail("pages stay in memory");
    return at;
}

static bool are_right(const uint8_t *at)
{
    for (int i = 0; i < PAGES * PAGE; i++)
        if (at[i] != i / PAGE + 1)
            return false;
    return true;
}

static int reads_held(void *at)
{
    hold_me("user", 1);
    return are_right(at) ? 0 : 1;
}

static bool reads_too(void *at)
{
    return are_right(at);
}

static bool goes_off(void *unused)
{
    (void)unused;
    return swapoff(device) == 0 && swapon(device, 0) == 0;
}

// Both have the slot; the one who comes second is the first to read it.
bool two_readers(void)
{
    uint8_t *at = swapped_pages();
    bool ok = race(reads_held, reads_too, at) == 0;

    return munmap(at, PAGES * PAGE) == 0 && ok;
}

bool reader_and_swapoff(void)
{
    uint8_t *at = swapped_pages();
    bool ok = race(reads_held, goes_off, at) == 0;

    return munmap(at, PAGES * PAGE) == 0 && ok;
}

static int forks_held(void *at)
{
    int status;
    pid_t pid;

    hold_me("slab", held_step);
    pid = fork();
    if (pid < 0)
        return 1;
    if (pid == 0) {
        wait_for_other();
        _exit(are_right(at) ? 0 : 2);
    }
    while (waitpid(pid, &status, 0) < 0)
        ;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 3;
}

// Entries that a child gets while the area is being emptied are found.
bool fork_and_swapoff(void)
{
    bool ok = true;

    for (held_step = 1; ok && held_step <= FORK_STEPS; held_step++) {
        uint8_t *at = swapped_pages();

        ok = race(forks_held, goes_off, at) == 0;
        if (!ok)
            ktap_note("held in allocation %u", held_step);
        munmap(at, PAGES * PAGE);
    }
    return ok;
}
