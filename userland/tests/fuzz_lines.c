// userland/tests/fuzz_lines.c - mounts, swap areas and segments that are left
// SPDX-License-Identifier: MIT
//
// The kernel tells of each by a line of a file.

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/shm.h>
#include <sys/swap.h>

#include "fuzz.h"
#include "ktap.h"

#define MOUNTS_FILE "/proc/self/mountinfo"

enum {
    MOUNTS = 64,
};

// each_line - of a file; @visit, which may change the line, says whether the
// file has changed since and is to be read from its beginning.
static void each_line(const char *path, const char *folder,
                      bool (*visit)(char *line, const char *folder))
{
    FILE *file = fopen(path, "r");
    char *line = NULL;
    size_t size = 0;

    while (file != NULL && getline(&line, &size, file) >= 0)
        if (visit(line, folder))
            rewind(file);
    free(line);
    if (file != NULL)
        fclose(file);
}

static bool is_below(const char *path, const char *folder)
{
    return strncmp(path, folder, strlen(folder)) == 0;
}

// Of a line of /proc/self/mountinfo, the fifth field; NULL: none. What is
// written as octal in it is put back.
static char *point_of(char *line)
{
    char *point = line, *to;

    for (unsigned i = 0; i < 4 && point != NULL; i++) {
        point = strchr(point, ' ');
        point += point != NULL;
    }
    if (point == NULL)
        return NULL;
    point[strcspn(point, " \n")] = '\0';
    to = point;
    for (const char *from = point; *from; to++) {
        unsigned byte = 0;
        int used = 0;

        if (sscanf(from, "\\%3o%n", &byte, &used) == 1)
            *to = (char)byte;
        else
            *to = *from;
        from += used > 0 ? used : 1;
    }
    *to = '\0';
    return point;
}

// Mounts that were there before, by their number.
static unsigned mounts_known[MOUNTS];
static unsigned mount_count;

static bool note_mount(char *line, const char *folder)
{
    (void)folder;
    if (mount_count == MOUNTS)
        ktap_bail("more than %u mounts", MOUNTS);
    mounts_known[mount_count++] = (unsigned)strtoul(line, NULL, 10);
    return false;
}

// The point of one that was not; NULL: it was.
static const char *new_mount(char *line)
{
    unsigned number = (unsigned)strtoul(line, NULL, 10);

    for (unsigned i = 0; i < mount_count; i++)
        if (mounts_known[i] == number)
            return NULL;
    return point_of(line);
}

// Wherever it is: a name may have been any that was in memory.
static bool unmount(char *line, const char *folder)
{
    const char *point = new_mount(line);

    (void)folder;
    return point != NULL && umount2(point, MNT_DETACH) == 0;
}

static bool stop_swapping(char *line, const char *folder)
{
    line[strcspn(line, " ")] = '\0';
    return is_below(line, folder) && swapoff(line) == 0;
}

// It goes when nobody has it attached any more.
static bool remove_segment(char *line, const char *folder)
{
    struct shmid_ds info;
    int id;

    (void)folder;
    return sscanf(line, "%*d %d", &id) == 1 &&
           shmctl(id, IPC_RMID, NULL) == 0 && shmctl(id, IPC_STAT, &info) != 0;
}

static bool remains;

static bool is_mount_there(char *line, const char *folder)
{
    const char *point = new_mount(line);

    (void)folder;
    if (point != NULL) {
        ktap_note("mounted: %s", point);
        remains = true;
    }
    return false;
}

void fuzz_note_mounts(void)
{
    each_line(MOUNTS_FILE, NULL, note_mount);
}

void fuzz_take_away(const char *folder)
{
    each_line("/proc/swaps", folder, stop_swapping);
    each_line(MOUNTS_FILE, folder, unmount);
    remains = false;
    each_line(MOUNTS_FILE, folder, is_mount_there);
    if (remains)
        ktap_bail("a mount is still there");
    each_line("/proc/sysvipc/shm", folder, remove_segment);
}
