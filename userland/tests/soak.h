// userland/tests/soak.h - between soak.c and the workers of the mixed load
// SPDX-License-Identifier: MIT
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

enum {
    PAGE_BYTES = 4096,
    PAGE_WORDS = PAGE_BYTES / 4,
    PAGES_PER_MIB = (1 << 20) / PAGE_BYTES,
    SKIPPED = 77, // exit status of a worker that this machine has no use for
};

// What all know. Set by main before the first worker starts.
extern struct soak {
    uint32_t seed;
    unsigned mib;       // of all workers together
    const char *dir;    // for files on a disk
    uint32_t dir_pages; // free there, at the beginning
} soak;

// soak_over - the time is up: end what was begun, check it, and leave.
bool soak_over(void);

// soak_round - count a round of this worker.
void soak_round(void);

// soak_seed - the random numbers of this process from now on. soak_random is
// another at each call.
void soak_seed(uint32_t seed);
uint32_t soak_random(void);

// mix - a bijection of 32-bit words that leaves no pattern.
uint32_t mix(uint32_t x);

// soak_fail - say what went wrong, and end this process.
_Noreturn void soak_fail(const char *format, ...)
    __attribute__((format(printf, 1, 2)));

// page_fill, page_check - all words of a page that is known by @id, in its
// version; version 0 is zeros. page_check ends the process if one is wrong;
// @what is for the report.
void page_fill(uint32_t *words, uint32_t id, uint32_t version);
void page_check(const char *what, const uint32_t *words, uint32_t id,
                uint32_t version);

// soak_fork - as fork, but patient while there is no memory; never -1.
pid_t soak_fork(void);

// soak_join - wait for a child, which has to exit with 0.
void soak_join(pid_t pid);

void soak_sleep_ms(unsigned ms);

// soak_map - mmap of that many pages, readable and writable.
uint32_t *soak_map(uint32_t pages, int flags, int fd);

// soak_file_pages - the size for a file that is to be a @share-th of all memory
// that is used: less if the disk is small.
uint32_t soak_file_pages(unsigned share);

// soak_path - the path of a file of this name below soak.dir, allocated.
char *soak_path(const char *name);

// The workers: each in a process of its own, until soak_over().
void soak_cow(void);      // soak_memory.c
void soak_mlock(void);    // soak_memory.c
void soak_shm(void);      // soak_shm.c
void soak_filemap(void);  // soak_files.c
void soak_truncate(void); // soak_files.c
void soak_churn(void);    // soak_files.c
void soak_swap(void);     // soak_swap.c
void soak_hog(void);      // soak_swap.c
void soak_pipe(void);     // soak_tasks.c
void soak_exec(void);     // soak_tasks.c

// soak_echo - `soak echo N`, which soak_exec runs: the exit status for N.
int soak_echo(uint32_t number);
