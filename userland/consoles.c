// userland/consoles.c - the terminals that are consoles
// SPDX-License-Identifier: MIT
//
// A line of /proc/consoles ends with the number of its terminal:
//
//     tty0                 -WU (EC p  )    4:1
//
// The name at its start is that of a driver (tty0 is the screen, whichever
// terminal is on it), so the terminal is looked for by its number. The one
// behind /dev/console comes first; it may be none that the log goes to.

#include "consoles.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/sysmacros.h>
#include <unistd.h>

static bool is_listed(char names[CONSOLES_MAX][TERMINAL_NAME_BYTES], int count,
                      const char *name)
{
    for (int i = 0; i < count; i++)
        if (strcmp(names[i], name) == 0)
            return true;
    return false;
}

int consoles_list(char names[CONSOLES_MAX][TERMINAL_NAME_BYTES])
{
    FILE *file = fopen("/proc/consoles", "re");
    char line[128];
    int count = 0;

    if (terminal_name(0, names[0]) == 0)
        count = 1;
    while (file && count < CONSOLES_MAX && fgets(line, sizeof(line), file)) {
        const char *numbers = strchr(line, ')');
        unsigned major, minor;

        if (!numbers || sscanf(numbers + 1, "%u:%u", &major, &minor) != 2)
            continue;
        if (terminal_find(makedev(major, minor), names[count]) == 0 &&
            !is_listed(names, count, names[count]))
            count++;
    }
    if (file)
        fclose(file);
    return count;
}
