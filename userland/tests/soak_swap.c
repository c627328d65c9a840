// userland/tests/soak_swap.c - soak: swap areas that come and go, and a hog
// SPDX-License-Identifier: MIT

#include "soak.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/swap.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    AREA_PAGES = 2048, // of the swap file
    HEADER_WORD = 1024 / 4,
    MAGIC_AT = PAGE_BYTES - 10,
    PARTITION_EVERY = 6, // how often it is the first area's turn
    AREA_PATH_BYTES = 64,
    HOG_CHUNK_PAGES = 4096,
    HOG_SCORE = 1000,
    HOG_FULL = 3, // exit status: no addresses left
};

// ---- areas ------------------------------------------------------------------

// The area that was there before ours; false: none.
static bool first_area(char *path)
{
    char line[256];
    FILE *file = fopen("/proc/swaps", "r");
    bool found = false;

    if (file == NULL)
        return false;
    if (fgets(line, sizeof(line), file) != NULL &&
        fgets(line, sizeof(line), file) != NULL)
        found = sscanf(line, "%63s", path) == 1;
    fclose(file);
    return found;
}

static void write_all(int fd, const void *page)
{
    if (write(fd, page, PAGE_BYTES) != PAGE_BYTES)
        soak_fail("swap file: %s", strerror(errno));
}

// As mkswap makes it: no holes, version 1, no bad pages.
static void make_area(const char *path)
{
    uint32_t page[PAGE_WORDS] = {0};
    int fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

    if (fd < 0)
        soak_fail("%s: %s", path, strerror(errno));
    page[HEADER_WORD] = 1;
    page[HEADER_WORD + 1] = AREA_PAGES - 1;
    memcpy((char *)page + MAGIC_AT, "SWAPSPACE2", 10);
    write_all(fd, page);
    memset(page, 0, sizeof(page));
    for (unsigned i = 1; i < AREA_PAGES; i++)
        write_all(fd, page);
    if (fsync(fd) != 0)
        soak_fail("fsync of the swap file: %s", strerror(errno));
    close(fd);
}

static void area_on(const char *path)
{
    while (swapon(path, 0) != 0) {
        if (errno != ENOMEM)
            soak_fail("swapon %s: %s", path, strerror(errno));
        soak_sleep_ms(100);
    }
}

// In a child: Linux kills who empties an area before anybody else.
// Return: whether it is off.
static bool area_off(const char *path)
{
    pid_t pid = soak_fork();
    int status;

    if (pid == 0)
        _exit(swapoff(path) == 0 ? 0 : errno);
    if (waitpid(pid, &status, 0) != pid)
        soak_fail("waitpid: %s", strerror(errno));
    if (status == 0)
        return true;
    if ((WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL) ||
        (WIFEXITED(status) &&
         (WEXITSTATUS(status) == ENOMEM || WEXITSTATUS(status) == EINTR)))
        return false;
    soak_fail("swapoff %s: status %#x", path, (unsigned)status);
}

static void cycle(const char *path)
{
    if (!area_off(path))
        return;
    soak_sleep_ms(soak_random() % 500);
    area_on(path);
}

void soak_swap(void)
{
    char first[AREA_PATH_BYTES];
    char *second = soak_path("swap");

    if (!first_area(first))
        _exit(SKIPPED);
    make_area(second);
    area_on(second);
    do {
        soak_sleep_ms(500 + soak_random() % 2000);
        cycle(soak_random() % PARTITION_EVERY == 0 ? first : second);
        soak_round();
    } while (!soak_over());
    while (!area_off(second))
        soak_sleep_ms(100);
    unlink(second);
}

// ---- the hog ----------------------------------------------------------------

// Take memory until there is none.
_Noreturn static void eat(void)
{
    FILE *score = fopen("/proc/self/oom_score_adj", "w");

    if (score == NULL || fprintf(score, "%d", HOG_SCORE) < 0 ||
        fclose(score) != 0)
        soak_fail("oom_score_adj: %s", strerror(errno));
    for (uint32_t chunk = 0;; chunk++) {
        uint32_t *words = mmap(
            NULL, (size_t)HOG_CHUNK_PAGES * PAGE_BYTES, PROT_READ | PROT_WRITE,
            MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

        if (words == MAP_FAILED)
            _exit(HOG_FULL);
        for (uint32_t page = 0; page < HOG_CHUNK_PAGES; page++)
            words[(size_t)page * PAGE_WORDS] = chunk;
    }
}

// Until it is killed by the kernel, or the time is up.
static void feed(void)
{
    pid_t pid = soak_fork();
    int status;

    if (pid == 0)
        eat();
    for (;;) {
        pid_t got = waitpid(pid, &status, WNOHANG);

        if (got < 0)
            soak_fail("waitpid: %s", strerror(errno));
        if (got == pid)
            break;
        if (soak_over())
            kill(pid, SIGKILL);
        soak_sleep_ms(50);
    }
    if (WIFEXITED(status) && WEXITSTATUS(status) == HOG_FULL)
        return;
    if (!WIFSIGNALED(status) || WTERMSIG(status) != SIGKILL)
        soak_fail("the hog: status %#x", (unsigned)status);
}

void soak_hog(void)
{
    do {
        soak_sleep_ms(1000 + soak_random() % 4000);
        feed();
        soak_round();
    } while (!soak_over());
}
