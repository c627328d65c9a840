// userland/tests/fuzz_secret.c - memory that nobody else may ever see
// SPDX-License-Identifier: MIT
//
// The pattern is never in a worker's own memory: it is made of two numbers
// that are kept in another form.

#include "fuzz.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum {
    SECRET_PAGES = 64,
    PAGE_WORDS = PAGE_BYTES / 4,
    PAUSE_NS = 10000000,
};

static volatile uint32_t hidden_a = ~0x53e3c0deu, hidden_b = ~0x7ab1e5edu;

static void fill(uint32_t *words, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        words[i] = i % 2 ? ~hidden_b : ~hidden_a;
}

const uint32_t *fuzz_secret_in(const uint32_t *words, uint32_t count)
{
    uint32_t a = ~hidden_a, b = ~hidden_b;

    for (uint32_t i = 0; i + 1 < count; i++)
        if (words[i] == a && words[i + 1] == b)
            return words + i;
    return NULL;
}

static void in_file(const char *path, const void *from, size_t bytes)
{
    int fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);

    if (fd < 0)
        return;
    if (write(fd, from, bytes) < 0)
        ftruncate(fd, 0);
    close(fd);
}

static void in_pipe(const void *from)
{
    int ends[2];

    if (pipe2(ends, O_NONBLOCK) != 0)
        return;
    while (write(ends[1], from, PAGE_BYTES) > 0)
        continue;
    close(ends[0]);
    close(ends[1]);
}

static void in_sockets(const void *from)
{
    int ends[2];

    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0, ends) != 0)
        return;
    while (send(ends[1], from, PAGE_BYTES, 0) > 0)
        continue;
    close(ends[0]);
    close(ends[1]);
}

// Allocations of the kernel that hold a program's strings. None of them names
// anything.
static void in_kernel(char *text)
{
    for (uint32_t bytes = 16; bytes < PAGE_BYTES; bytes *= 2) {
        char last = text[bytes - 1];

        text[bytes - 1] = '\0';
        access(text, F_OK);
        unlink(text);
        text[bytes - 1] = last;
    }
}

void fuzz_secret(void)
{
    struct timespec pause = {0, PAUSE_NS};
    uint32_t *kept = malloc(SECRET_PAGES * PAGE_BYTES);

    if (kept == NULL)
        _exit(EXIT_FAILURE);
    fill(kept, SECRET_PAGES * PAGE_WORDS);
    in_file(FUZZ_KEPT, kept, SECRET_PAGES * PAGE_BYTES);
    for (;;) {
        void *given =
            mmap(NULL, SECRET_PAGES * PAGE_BYTES, PROT_READ | PROT_WRITE,
                 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

        if (given != MAP_FAILED) {
            fill(given, SECRET_PAGES * PAGE_WORDS);
            munmap(given, SECRET_PAGES * PAGE_BYTES);
        }
        in_file("/tmp/fuzz.secret", kept, SECRET_PAGES * PAGE_BYTES);
        unlink("/tmp/fuzz.secret");
        in_file(FUZZ_REWRITTEN, kept, SECRET_PAGES * PAGE_BYTES);
        in_pipe(kept);
        in_sockets(kept);
        in_kernel((char *)kept);
        fill(kept, PAGE_WORDS);
        nanosleep(&pause, NULL);
    }
}
