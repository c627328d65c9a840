// userland/tests/vmstat.c - numbers of the kernel, beside a test's results
// SPDX-License-Identifier: MIT

#include "vmstat.h"

#include <stdio.h>
#include <string.h>

#include "ktap.h"

void vmstat_note_swap(const char *when)
{
    char line[128];
    FILE *file = fopen("/proc/vmstat", "r");

    if (file == NULL)
        return;
    while (fgets(line, sizeof(line), file) != NULL) {
        line[strcspn(line, "\n")] = '\0';
        if (strncmp(line, "pswpin ", 7) == 0 ||
            strncmp(line, "pswpout ", 8) == 0)
            ktap_note("vmstat %s %s", when, line);
    }
    fclose(file);
}
