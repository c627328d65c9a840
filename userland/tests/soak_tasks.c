// userland/tests/soak_tasks.c - soak: pipes, and programs
// SPDX-License-Identifier: MIT

#include "soak.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    STREAM_WORDS = 1 << 18,
    CHUNK_WORDS = 1 << 13,
    PROGRAMS = 16, // of a round
    LONG_BYTES = 100000,
};

// ---- pipes ------------------------------------------------------------------

static void write_bytes(int fd, const char *from, size_t bytes)
{
    while (bytes > 0) {
        ssize_t done = write(fd, from, bytes);

        if (done <= 0)
            soak_fail("write to a pipe: %s", strerror(errno));
        from += done;
        bytes -= (size_t)done;
    }
}

_Noreturn static void send(int fd, uint32_t seed)
{
    static uint32_t words[CHUNK_WORDS];
    uint32_t at = 0;

    while (at < STREAM_WORDS) {
        uint32_t count = 1 + soak_random() % CHUNK_WORDS;

        if (count > STREAM_WORDS - at)
            count = STREAM_WORDS - at;
        for (uint32_t i = 0; i < count; i++)
            words[i] = mix(seed + at + i);
        write_bytes(fd, (const char *)words, count * sizeof(*words));
        at += count;
    }
    _exit(EXIT_SUCCESS);
}

// The stream may be cut anywhere, in the middle of a word too.
static void receive(int fd, uint32_t seed)
{
    static unsigned char bytes[CHUNK_WORDS * 4];
    uint32_t at = 0;
    ssize_t got;

    while ((got = read(fd, bytes, 1 + soak_random() % sizeof(bytes))) > 0) {
        for (ssize_t i = 0; i < got; i++, at++) {
            uint32_t word = mix(seed + at / 4);

            if (bytes[i] != (unsigned char)(word >> at % 4 * 8))
                soak_fail("byte %u of a pipe: %02x of %08x", at, bytes[i],
                          word);
        }
    }
    if (got < 0 || at != STREAM_WORDS * 4)
        soak_fail("a pipe ended after %u bytes: %s", at, strerror(errno));
}

void soak_pipe(void)
{
    do {
        uint32_t seed = soak_random();
        int ends[2];
        pid_t pid;

        if (pipe(ends) != 0)
            soak_fail("pipe: %s", strerror(errno));
        pid = soak_fork();
        if (pid == 0) {
            close(ends[0]);
            send(ends[1], seed);
        }
        close(ends[1]);
        receive(ends[0], seed);
        close(ends[0]);
        soak_join(pid);
        soak_round();
    } while (!soak_over());
}

// ---- programs ---------------------------------------------------------------

int soak_echo(uint32_t number)
{
    return (int)(mix(number) % 100);
}

_Noreturn static void run(uint32_t number)
{
    static char text[16], filler[LONG_BYTES];
    char *arguments[] = {"soak", "echo", text, NULL};
    char *environment[] = {filler, NULL};

    snprintf(text, sizeof(text), "%u", number);
    memset(filler, 'x', soak_random() % (LONG_BYTES - 1));
    execve("/proc/self/exe", arguments, environment);
    soak_fail("execve: %s", strerror(errno));
}

static void run_some(void)
{
    pid_t pids[PROGRAMS];
    uint32_t numbers[PROGRAMS];

    for (unsigned i = 0; i < PROGRAMS; i++) {
        numbers[i] = soak_random();
        pids[i] = soak_fork();
        if (pids[i] == 0)
            run(numbers[i]);
    }
    for (unsigned i = 0; i < PROGRAMS; i++) {
        int status;

        if (waitpid(pids[i], &status, 0) != pids[i])
            soak_fail("waitpid: %s", strerror(errno));
        if (!WIFEXITED(status) || WEXITSTATUS(status) != soak_echo(numbers[i]))
            soak_fail("program %u: status %#x", numbers[i], (unsigned)status);
    }
}

void soak_exec(void)
{
    do {
        run_some();
        soak_round();
    } while (!soak_over());
}
