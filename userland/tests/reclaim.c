// userland/tests/reclaim.c - what stays in memory when not all of it can
// SPDX-License-Identifier: MIT
//
//     reclaim
//
// Reads of a device, a swap partition that is only looked at, stand for those
// of files: what is used again and again has to survive what is read once, and
// a set that is larger than the inactive list has to be found worth keeping by
// its refaults. How much was not cached is what pgpgin grows by. And the
// numbers of /proc/vmstat are sums of each other.

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ktap.h"

enum {
    MIB = 1 << 20,
    HOT_MIB = 8,
    CHUNK_BYTES = 64 * 1024,
    ROUNDS = 12,
    TEXT_BYTES = 32 * 1024,
};

static int device = -1;
static size_t device_mib;

// read_text - a file of /proc as a string.
static char *read_text(const char *path)
{
    static char text[TEXT_BYTES];
    int fd = open(path, O_RDONLY);
    size_t used = 0;
    ssize_t n = 0;

    if (fd < 0)
        ktap_bail("%s: %s", path, strerror(errno));
    while (used < sizeof(text) - 1 &&
           (n = read(fd, text + used, sizeof(text) - 1 - used)) > 0)
        used += (size_t)n;
    close(fd);
    text[used] = '\0';
    return text;
}

// number_of - the number behind a name at the beginning of a line; -1: none.
static long long number_of(const char *path, const char *name)
{
    size_t length = strlen(name);

    for (const char *at = read_text(path); at; at = strchr(at, '\n')) {
        at += *at == '\n';
        if (strncmp(at, name, length) == 0 &&
            (at[length] == ' ' || at[length] == ':'))
            return strtoll(at + length + 1, NULL, 10);
    }
    return -1;
}

static long long vmstat(const char *name)
{
    return number_of("/proc/vmstat", name);
}

// open_device - the first swap area. False: there is none.
static bool open_device(void)
{
    char name[64];
    const char *line = strchr(read_text("/proc/swaps"), '\n');
    off_t bytes;

    if (!line || sscanf(line, "\n%63s", name) != 1)
        return false;
    device = open(name, O_RDONLY);
    bytes = device < 0 ? 0 : lseek(device, 0, SEEK_END);
    device_mib = (size_t)(bytes / MIB);
    return device_mib > 0;
}

static void read_range(size_t first_mib, size_t mib)
{
    static char buffer[CHUNK_BYTES];

    for (size_t at = 0; at < mib * MIB; at += CHUNK_BYTES)
        if (pread(device, buffer, sizeof(buffer),
                  (off_t)(first_mib * MIB + at)) != CHUNK_BYTES)
            ktap_bail("read at %zu MiB: %s", first_mib, strerror(errno));
}

// missing_percent - read it, and tell how much of it had to come from the disk.
static unsigned missing_percent(size_t first_mib, size_t mib)
{
    long long before = vmstat("pgpgin"); // KiB

    read_range(first_mib, mib);
    return (unsigned)((vmstat("pgpgin") - before) * 100 / 1024 /
                      (long long)mib);
}

// What was read three times is worth more than all that is read once.
static void test_hot_set(void)
{
    unsigned missing;

    for (int i = 0; i < 3; i++)
        read_range(0, HOT_MIB);
    read_range(HOT_MIB, device_mib - HOT_MIB);
    missing = missing_percent(0, HOT_MIB);
    ktap_result(missing <= 10,
                "a hot set survives one pass over a device: %u %% gone",
                missing);
}

// The active list is full of what was used before. The new set does not fit
// beside it, and can get in only because its pages are missed soon after they
// have gone.
static void test_converges(void)
{
    size_t available =
        (size_t)number_of("/proc/meminfo", "MemAvailable") / 1024;
    size_t old = available * 40 / 100, set = available * 62 / 100;
    unsigned missing = 100;
    int round;

    if (old + set > device_mib) {
        ktap_skip("a larger set takes the place of an old one",
                  "the device is too small");
        return;
    }
    for (int i = 0; i < 3; i++)
        read_range(0, old);
    for (round = 0; round < ROUNDS && missing > 10; round++) {
        missing = missing_percent(old, set);
        ktap_note("round %d: %u %% of %zu MiB read", round, missing, set);
    }
    ktap_result(missing <= 10, "a larger set takes the place of an old one");
}

// What both kernels have to tell.
static const char *const names[] = {
    "nr_free_pages",
    "nr_zone_inactive_anon",
    "nr_zone_active_anon",
    "nr_zone_inactive_file",
    "nr_zone_active_file",
    "nr_zone_unevictable",
    "nr_mlock",
    "nr_inactive_anon",
    "nr_active_anon",
    "nr_inactive_file",
    "nr_active_file",
    "nr_unevictable",
    "nr_slab_reclaimable",
    "nr_slab_unreclaimable",
    "nr_isolated_anon",
    "nr_isolated_file",
    "workingset_nodes",
    "workingset_refault_anon",
    "workingset_refault_file",
    "workingset_activate_anon",
    "workingset_activate_file",
    "workingset_restore_anon",
    "workingset_restore_file",
    "workingset_nodereclaim",
    "nr_anon_pages",
    "nr_mapped",
    "nr_file_pages",
    "nr_dirty",
    "nr_writeback",
    "nr_shmem",
    "nr_vmscan_write",
    "nr_vmscan_immediate_reclaim",
    "nr_dirtied",
    "nr_written",
    "nr_kernel_stack",
    "nr_page_table_pages",
    "nr_swapcached",
    "nr_dirty_threshold",
    "nr_dirty_background_threshold",
    "pgpgin",
    "pgpgout",
    "pswpin",
    "pswpout",
    "pgalloc_dma",
    "pgalloc_normal",
    "allocstall_dma",
    "allocstall_normal",
    "pgfree",
    "pgactivate",
    "pgdeactivate",
    "pglazyfree",
    "pgfault",
    "pgmajfault",
    "pglazyfreed",
    "pgrefill",
    "pgreuse",
    "pgsteal_kswapd",
    "pgsteal_direct",
    "pgscan_kswapd",
    "pgscan_direct",
    "pgscan_anon",
    "pgscan_file",
    "pgsteal_anon",
    "pgsteal_file",
    "slabs_scanned",
    "kswapd_low_wmark_hit_quickly",
    "kswapd_high_wmark_hit_quickly",
    "pageoutrun",
    "pgrotated",
    "drop_pagecache",
    "drop_slab",
    "oom_kill",
    "unevictable_pgs_culled",
    "unevictable_pgs_scanned",
    "unevictable_pgs_rescued",
    "unevictable_pgs_mlocked",
    "unevictable_pgs_munlocked",
    "swap_ra",
    "swap_ra_hit",
};

static void test_sums(void)
{
    unsigned missing = 0;

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (vmstat(names[i]) < 0) {
            ktap_note("no %s", names[i]);
            missing++;
        }
    }
    ktap_result(missing == 0, "names of vmstat");
    ktap_result(vmstat("pgscan_kswapd") + vmstat("pgscan_direct") ==
                    vmstat("pgscan_anon") + vmstat("pgscan_file"),
                "pages scanned, by whom and by kind");
    ktap_result(vmstat("pgsteal_kswapd") + vmstat("pgsteal_direct") ==
                    vmstat("pgsteal_anon") + vmstat("pgsteal_file"),
                "pages taken, by whom and by kind");
}

int main(void)
{
    ktap_plan(5);
    if (open_device()) {
        test_hot_set();
        test_converges();
    } else {
        ktap_skip("a hot set survives one pass over a device", "no swap");
        ktap_skip("a larger set takes the place of an old one", "no swap");
    }
    test_sums();
    return ktap_finish();
}
