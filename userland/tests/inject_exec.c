// userland/tests/inject_exec.c - inject.c's operations that run programs
// SPDX-License-Identifier: MIT
//
// The rule is still there when the new program runs, so it hits its page faults
// as well. A failed execve returns to a program that has lost nothing.

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "inject.h"

#define DYNAMIC_PATH "/bin/dynamic" // needs an ELF interpreter
#define SCRIPT_PATH  "/tmp/inject-script"
#define OUTER_PATH   "/tmp/inject-outer-script"

enum {
    LOADER_FAILED = 127, // exit status of the dynamic linker
};

static int run_program(char *path, char *argument)
{
    char *arguments[] = {path, argument, NULL};
    char *environment[] = {"A=1", NULL};

    execve(path, arguments, environment);
    return errno;
}

static int do_exec(void)
{
    return run_program(INJECT_PATH, "exit");
}

static int do_dynamic(void)
{
    int failed;

    close(STDERR_FILENO); // where the linker tells what it could not have
    failed = run_program(DYNAMIC_PATH, NULL);
    return failed == ENOENT ? NOT_HERE : failed;
}

static void write_script(const char *path, const char *line)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0700);

    // What fails here shows as a script that is not there.
    if (fd >= 0 && write(fd, line, strlen(line)) < 0)
        unlink(path);
    if (fd >= 0)
        close(fd);
}

static void make_scripts(void)
{
    write_script(SCRIPT_PATH, "#!" INJECT_PATH " exit\n");
    write_script(OUTER_PATH, "#! " SCRIPT_PATH "\n");
}

static void remove_scripts(void)
{
    unlink(SCRIPT_PATH);
    unlink(OUTER_PATH);
    access(SCRIPT_PATH, F_OK); // that they are not there is remembered
    access(OUTER_PATH, F_OK);
}

// A script whose interpreter is a script.
static int do_script(void)
{
    return run_program(OUTER_PATH, NULL);
}

static const struct operation operations[] = {
    {.name = "execve", .run = do_exec},
    {.name = "execve of a dynamic program",
     .run = do_dynamic,
     .also = LOADER_FAILED},
    {.name = "execve of a script",
     .run = do_script,
     .prepare = make_scripts,
     .clean = remove_scripts},
};

const struct operation_set program_operations = {
    operations, sizeof(operations) / sizeof(operations[0])};
