// userland/tests/fuzz_exec.c - programs that are nearly right
// SPDX-License-Identifier: MIT

#include <asm/unistd.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fuzz.h"

enum {
    ELF_BYTES = 4096,
    HEADER_BYTES = 0x34 + 4 * 0x20, // ELF and some program headers
    LIFE_US = 30000,
    CHANGES = 6,
};

static void short_life(void)
{
    struct itimerval life = {.it_value = {0, LIFE_US}};

    signal(SIGALRM, SIG_DFL);
    setitimer(ITIMER_REAL, &life, NULL);
}

static void end_of(pid_t pid)
{
    int status;

    // The alarm of this process ends a wait, too.
    for (unsigned i = 0; i < 3; i++)
        if (waitpid(pid, &status, 0) == pid)
            return;
    kill(pid, SIGKILL);
}

void fuzz_exec_call(const struct fuzz_call *call)
{
    pid_t pid = fork();

    if (pid == 0) {
        short_life();
        syscall((long)call->number, call->arguments[0], call->arguments[1],
                call->arguments[2], call->arguments[3], call->arguments[4]);
        _exit(0);
    }
    if (pid > 0)
        end_of(pid);
}

static bool make_elf(const char *name)
{
    static uint8_t image[ELF_BYTES];
    int from = open("/bin/rxonly", O_RDONLY);
    int to = open(name, O_RDWR | O_CREAT | O_TRUNC, 0777);
    ssize_t bytes = read(from, image, sizeof(image));
    bool ok = false;

    if (bytes > 0 && to >= 0) {
        for (uint32_t n = fuzz_below(CHANGES); n; n--) {
            uint32_t at = fuzz_below(HEADER_BYTES);

            if (fuzz_one_in(2))
                image[at] = (uint8_t)fuzz_random();
            else
                *(uint32_t *)(void *)(image + (at & ~3u)) = fuzz_word();
        }
        ok = write(to, image, (size_t)bytes) == bytes;
    }
    close(from);
    close(to);
    return ok;
}

static bool make_script(const char *name)
{
    static const char *const lines[] = {
        "#!script2\n",   "#!./script\n", "#!",
        "#! \n",         "#!./prog\n",   "#!./prog noop more of this",
        "#!/dev/null\n", "#!dir\n",      "#!/bin/sh -c",
    };
    const char *line = lines[fuzz_below(sizeof(lines) / sizeof(lines[0]))];
    int to = open(name, O_RDWR | O_CREAT | O_TRUNC, 0777);
    size_t length = 0;
    bool ok;

    while (line[length])
        length++;
    ok = write(to, line, length) == (ssize_t)length;
    close(to);
    return ok;
}

void fuzz_exec(void)
{
    static const char *const argv[] = {"elf", "noop", NULL};
    struct fuzz_call call = {.number = __NR_execve,
                             .arguments = {(uint32_t)(uintptr_t) "elf",
                                           (uint32_t)(uintptr_t)argv,
                                           (uint32_t)(uintptr_t)(argv + 2)}};

    unlink("elf");
    if (fuzz_one_in(4) ? make_script("elf") : make_elf("elf"))
        fuzz_exec_call(&call);
}
