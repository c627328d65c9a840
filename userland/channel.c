// userland/channel.c - the test channel, guest side
// SPDX-License-Identifier: MIT
//
// tools/vm and the system tests run commands through a serial port that carries
// nothing else (docs/testing.md has the protocol):
//
//   guest  FAULTLINE READY\n
//   host   RUN <token> <nbytes>\n<the bytes of the command>
//   guest  <output><token> EXIT <status>\n          and ready for the next RUN
//   host   OFF\n
//
// The command runs as /bin/sh -c, in a session of its own, standard input from
// /dev/null, output and errors on the port. What it leaves behind in its
// process group is killed before the status is sent, so that no late output is
// taken for the next command's.
//
// Rejected: framing the output. The token is random, so the output may hold any
// bytes; and a capture of the raw port stays readable. A newline before the
// token: the host could not hand on the end of a line before the next output.

#include "channel.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

enum {
    LINE_MAX_BYTES = 128,
    TOKEN_MAX_BYTES = 64,
    COMMAND_MAX_BYTES = 65536,
    STATUS_CANNOT_RUN = 126, // as a shell says it
    STATUS_SIGNAL_BASE = 128,
};

// write_all - write every byte. 0, or -1 with errno.
static int write_all(int fd, const char *bytes, size_t length)
{
    while (length > 0) {
        ssize_t done = write(fd, bytes, length);

        if (done < 0 && errno == EINTR)
            continue;
        if (done <= 0)
            return -1;
        bytes += done;
        length -= (size_t)done;
    }
    return 0;
}

// read_all - read exactly length bytes. 0, or -1 (errno 0: end of file).
static int read_all(int fd, char *bytes, size_t length)
{
    while (length > 0) {
        ssize_t done = read(fd, bytes, length);

        if (done < 0 && errno == EINTR)
            continue;
        if (done == 0)
            errno = 0;
        if (done <= 0)
            return -1;
        bytes += done;
        length -= (size_t)done;
    }
    return 0;
}

// read_line - read up to a newline, which is dropped. Byte by byte: what
// follows the newline belongs to the next reader. 0 or -1.
static int read_line(int fd, char line[LINE_MAX_BYTES])
{
    for (size_t used = 0; used < LINE_MAX_BYTES; used++) {
        if (read_all(fd, &line[used], 1) != 0)
            return -1;
        if (line[used] == '\n') {
            line[used] = '\0';
            return 0;
        }
    }
    errno = EMSGSIZE;
    return -1;
}

// open_raw - open the port, without becoming its controlling process, and make
// it pass every byte as it is. A descriptor, or -1.
static int open_raw(const char *tty)
{
    char path[64];
    struct termios modes;

    snprintf(path, sizeof(path), "/dev/%s", tty);
    int fd = open(path, O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (fd < 0)
        return -1;
    if (tcgetattr(fd, &modes) != 0)
        goto err_close;
    cfmakeraw(&modes);
    modes.c_cflag |= CLOCAL | CREAD;
    if (tcsetattr(fd, TCSANOW, &modes) != 0)
        goto err_close;
    return fd;

err_close:
    close(fd);
    return -1;
}

// run_child - the command's process: never returns.
static _Noreturn void run_child(int port, const char *command)
{
    int null = open("/dev/null", O_RDONLY);

    if (null < 0 || dup2(null, 0) < 0 || dup2(port, 1) < 0 || dup2(port, 2) < 0)
        _exit(STATUS_CANNOT_RUN);
    if (null > 2)
        close(null);
    if (setsid() < 0)
        dprintf(2, "channel: setsid: %s\n", strerror(errno));
    execl("/bin/sh", "sh", "-c", command, (char *)NULL);
    dprintf(2, "channel: /bin/sh: %s\n", strerror(errno));
    _exit(STATUS_CANNOT_RUN);
}

// run_command - run it to its end. The status as a shell gives it.
static int run_command(int port, const char *command)
{
    int status;
    pid_t child = fork();

    if (child < 0) {
        dprintf(port, "channel: fork: %s\n", strerror(errno));
        return STATUS_CANNOT_RUN;
    }
    if (child == 0)
        run_child(port, command);
    while (waitpid(child, &status, 0) < 0)
        if (errno != EINTR) {
            dprintf(port, "channel: waitpid: %s\n", strerror(errno));
            return STATUS_CANNOT_RUN;
        }
    // The child led a session, hence a group, of its own number. Mostly nobody
    // is left in it: ESRCH.
    if (kill(-child, SIGKILL) != 0 && errno != ESRCH)
        dprintf(port, "channel: kill: %s\n", strerror(errno));
    return WIFSIGNALED(status) ? STATUS_SIGNAL_BASE + WTERMSIG(status)
                               : WEXITSTATUS(status);
}

// serve_run - read the command that a RUN line announced, run it, answer.
// 0 or -1.
static int serve_run(int port, const char *token, size_t length)
{
    char answer[TOKEN_MAX_BYTES + 32];
    char *command = malloc(length + 1);
    int result = -1;

    if (command == NULL)
        return -1;
    if (read_all(port, command, length) != 0)
        goto out_free;
    command[length] = '\0';
    snprintf(answer, sizeof(answer), "%s EXIT %d\n", token,
             run_command(port, command));
    result = write_all(port, answer, strlen(answer));

out_free:
    free(command);
    return result;
}

// serve_line - do what one line of the host asks. 0, or -1 if the channel is of
// no more use.
static int serve_line(int port, const char *line)
{
    char token[TOKEN_MAX_BYTES];
    char rest;
    unsigned length;

    if (strcmp(line, "OFF") == 0) {
        if (kill(1, SIGUSR2) != 0)
            return -1;
        for (;;)
            pause();
    }
    if (sscanf(line, "RUN %63s %u%c", token, &length, &rest) != 2 ||
        length > COMMAND_MAX_BYTES) {
        errno = EPROTO;
        return -1;
    }
    return serve_run(port, token, length);
}

int channel_serve(const char *tty)
{
    static const char ready[] = "FAULTLINE READY\n";
    char line[LINE_MAX_BYTES];
    int port = open_raw(tty);

    if (port < 0) {
        dprintf(2, "init: test channel %s: %s\n", tty, strerror(errno));
        return EXIT_FAILURE;
    }
    if (write_all(port, ready, sizeof(ready) - 1) == 0)
        while (read_line(port, line) == 0 && serve_line(port, line) == 0)
            ;
    dprintf(2, "init: test channel %s: %s\n", tty,
            errno ? strerror(errno) : "end of file");
    close(port);
    return EXIT_FAILURE;
}
