// userland/tests/vsyscall.h - the suites of the program `vsyscall`
// SPDX-License-Identifier: MIT
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <ucontext.h>

#include "ktap.h"

enum {
    PAGE_BYTES = 4096
};

// The suites, each a KTAP test with sub-tests.
void suite_image(void);
void suite_enter(void);
void suite_interrupted(void);
void suite_areas(void);
void suite_time(void);

// ktap_run_suite, with each row in a process of its own.
void run_rows_in_children(const char *suite, const struct ktap_test *rows,
                          unsigned count);

// vdso_symbol - the address of @name with @version; NULL: it has none. By
// what the image itself says of its base, which is @image.
const void *vdso_symbol(const void *image, const char *name,
                        const char *version);
const uint8_t *vdso_image(void);  // AT_SYSINFO_EHDR
const uint8_t *sysenter_at(void); // the instruction; NULL: none is used
const uint8_t *landing_pad(void); // where it goes on

// find_area - an area by its name in /proc/self/maps.
bool find_area(const char *name, uintptr_t *start, uintptr_t *end);

// vsyscall - a system call by @entry, which is __kernel_vsyscall or a copy.
long vsyscall(const void *entry, long number, long a, long b, long c, long d,
              long e, long f);
const void *vsyscall_entry(void); // AT_SYSINFO

// Handlers as the kernel takes them, without the C library's restorer.
struct kernel_action {
    void *handler;
    unsigned long flags;
    void *restorer;
    unsigned long mask[2];
};
int set_action(int signal, void *handler, unsigned long flags);
