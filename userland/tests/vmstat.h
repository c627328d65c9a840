// userland/tests/vmstat.h - numbers of the kernel, beside a test's results
// SPDX-License-Identifier: MIT
#pragma once

// vmstat_note_swap - notes the swap lines of /proc/vmstat, if there is one.
// @when: "before", "after".
void vmstat_note_swap(const char *when);
