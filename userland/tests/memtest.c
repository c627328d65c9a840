// userland/tests/memtest.c - what the tests of memory calls share
// SPDX-License-Identifier: MIT

#include "memtest.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ktap.h"

enum {
    USER = 1000,
    LINE_BYTES = 512,
    OUT_TRIES = 200,
    OUT_WAIT_US = 20000,
};

uint8_t *map_pages(size_t pages)
{
    uint8_t *at = mmap(NULL, pages * PAGE, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (at == MAP_FAILED)
        ktap_bail("mmap of %zu pages: %s", pages, strerror(errno));
    return at;
}

int file_of_pages(const char *folder, size_t pages)
{
    char path[64];
    uint8_t page[PAGE];

    snprintf(path, sizeof(path), "%s/memtest-%d", folder, (int)getpid());
    int fd = open(path, O_RDWR | O_CREAT | O_EXCL, 0600);

    if (fd < 0)
        ktap_bail("%s: %s", path, strerror(errno));
    unlink(path);
    for (size_t i = 0; i < pages; i++) {
        memset(page, (int)i + 1, PAGE);
        if (write(fd, page, PAGE) != PAGE)
            ktap_bail("write: %s", strerror(errno));
    }
    return fd;
}

int in_child(int (*run)(void *), void *argument)
{
    int status;
    pid_t pid = fork();

    if (pid == 0)
        _exit(run(argument));
    if (pid < 0 || waitpid(pid, &status, 0) != pid)
        ktap_bail("fork: %s", strerror(errno));
    return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
}

struct user_run {
    int (*run)(void *);
    void *argument;
};

static int drop_rights(void *argument)
{
    const struct user_run *user = argument;

    if (setgid(USER) || setuid(USER))
        return 99;
    return user->run(user->argument);
}

int as_user(int (*run)(void *), void *argument)
{
    struct user_run user = {run, argument};

    return in_child(drop_rights, &user);
}

// number_after - of a line "name:  123 kB".
static bool number_after(const char *line, const char *name, long *out)
{
    size_t length = strlen(name);

    if (strncmp(line, name, length) != 0 || line[length] != ':')
        return false;
    *out = strtol(line + length + 1, NULL, 10);
    return true;
}

long proc_kib(const char *path, const char *name)
{
    FILE *file = fopen(path, "r");
    char line[LINE_BYTES];
    long number = -1;

    if (!file)
        return -1;
    while (fgets(line, sizeof(line), file))
        if (number_after(line, name, &number))
            break;
    fclose(file);
    return number;
}

long vmstat(const char *name)
{
    FILE *file = fopen("/proc/vmstat", "r");
    char found[64];
    long number, result = -1;

    while (file && result < 0 && fscanf(file, "%63s %ld", found, &number) == 2)
        if (strcmp(found, name) == 0)
            result = number;
    if (file)
        fclose(file);
    return result;
}

long status_kib(const char *name)
{
    return proc_kib("/proc/self/status", name);
}

long meminfo_kib(const char *name)
{
    return proc_kib("/proc/meminfo", name);
}

// area_line - the line "name: ..." of the area at @at in smaps.
static bool area_line(const void *at, const char *name, char *line)
{
    FILE *file = fopen("/proc/self/smaps", "r");
    bool found = false, here = false;
    unsigned long start, end;
    size_t length = strlen(name);

    if (!file)
        return false;
    while (!found && fgets(line, LINE_BYTES, file)) {
        if (sscanf(line, "%lx-%lx ", &start, &end) == 2)
            here = start == (unsigned long)at;
        else
            found =
                here && strncmp(line, name, length) == 0 && line[length] == ':';
    }
    fclose(file);
    return found;
}

long area_kib(const void *at, const char *name)
{
    char line[LINE_BYTES];
    long number = -1;

    return area_line(at, name, line) && number_after(line, name, &number)
               ? number
               : -1;
}

bool area_has_flag(const void *at, const char *flag)
{
    char line[LINE_BYTES], word[8];

    snprintf(word, sizeof(word), " %s ", flag);
    return area_line(at, "VmFlags", line) && strstr(line, word);
}

int area_count(const void *at, size_t pages)
{
    unsigned long low = (unsigned long)at, start, end;
    FILE *file = fopen("/proc/self/maps", "r");
    char line[LINE_BYTES];
    int count = 0;

    if (!file)
        return -1;
    while (fgets(line, sizeof(line), file))
        if (sscanf(line, "%lx-%lx ", &start, &end) == 2)
            count += start < low + pages * PAGE && end > low;
    fclose(file);
    return count;
}

static uint64_t entry_of(const char *path, uint64_t index)
{
    int fd = open(path, O_RDONLY);
    uint64_t entry = 0;

    if (fd < 0 ||
        pread(fd, &entry, sizeof(entry), (off_t)(index * sizeof(entry))) !=
            (ssize_t)sizeof(entry))
        ktap_bail("%s: %s", path, strerror(errno));
    close(fd);
    return entry;
}

uint64_t pagemap(const void *at)
{
    return entry_of("/proc/self/pagemap", (uintptr_t)at / PAGE);
}

uint64_t frame_number(const char *path, uint64_t frame)
{
    return entry_of(path, frame);
}

bool page_there(const void *at)
{
    unsigned char there = 0;

    if (mincore((void *)(uintptr_t)at, PAGE, &there) != 0)
        ktap_bail("mincore: %s", strerror(errno));
    return there & 1;
}

static bool some_are_there(const uint8_t *at, size_t pages)
{
    for (size_t i = 0; i < pages; i++)
        if (page_there(at + i * PAGE))
            return true;
    return false;
}

static void read_pages(const volatile uint8_t *at, size_t pages)
{
    for (size_t i = 0; i < pages; i++)
        (void)at[i * PAGE];
}

// Linux keeps a page in its swap cache while it is written, and then until it
// is looked at again; so do we, where nobody wants its memory. So it is read
// back from there, and, clean now, leaves.
bool put_out(uint8_t *at, size_t pages)
{
    for (int tries = 0; tries < OUT_TRIES; tries++) {
        if (madvise(at, pages * PAGE, MADV_PAGEOUT) != 0)
            ktap_bail("MADV_PAGEOUT: %s", strerror(errno));
        if (!some_are_there(at, pages))
            return true;
        usleep(OUT_WAIT_US); // the disk's
        read_pages(at, pages);
    }
    return false;
}

bool set_text(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY);
    bool ok = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);
    int error = errno;

    if (fd >= 0)
        close(fd);
    errno = error;
    return ok;
}
