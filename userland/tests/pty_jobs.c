// userland/tests/pty_jobs.c - pty.c: sessions and signals on a pseudo terminal
// SPDX-License-Identifier: MIT
//
// A child leads a session on the slave and reports over a pipe.

#include "pty.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ktap.h"

static int report; // the child's end
static volatile sig_atomic_t caught;

static void say(char c)
{
    if (write(report, &c, 1) != 1)
        _exit(99);
}

static void on_signal(int number)
{
    caught = number;
    say(number == SIGINT     ? 'I'
        : number == SIGQUIT  ? 'Q'
        : number == SIGWINCH ? 'W'
        : number == SIGHUP   ? 'H'
        : number == SIGTSTP  ? 'T'
                             : '?');
}

// The leader: takes the terminal by opening it, then waits for signals.
static void lead(const struct pair *pair)
{
    static const int signals[] = {SIGINT, SIGQUIT, SIGWINCH, SIGHUP, SIGTSTP};
    int fd, mine;

    close(pair->master);
    close(pair->slave);
    setsid();
    for (unsigned i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
        signal(signals[i], on_signal);
    fd = open(pair->name, O_RDWR);
    say(fd >= 0 && tcgetsid(fd) == getpid() ? 's' : '-');
    say(tcgetpgrp(fd) == getpid() ? 'f' : '-');
    mine = open("/dev/tty", O_RDWR | O_CLOEXEC);
    say(mine >= 0 ? 't' : '-');
    close(mine);
    while (caught != SIGHUP)
        pause();
    mine = open("/dev/tty", O_RDWR);
    say(mine < 0 && errno == ENXIO ? 'n' : '-');
    _exit(7);
}

void test_jobs(void)
{
    struct winsize size = {.ws_row = 3, .ws_col = 4};
    struct pair pair;
    int pipes[2], status, group = 0;
    pid_t child;

    if (pipe(pipes) != 0)
        ktap_bail("pipe: %s", strerror(errno));
    pair_open(&pair);
    child = fork();
    if (child == 0) {
        report = pipes[1];
        lead(&pair);
    }
    close(pipes[1]);
    ktap_enter("jobs", 14);
    ktap_result(comes(pipes[0], "s"), "the first to open it leads it");
    ktap_result(comes(pipes[0], "f"), "in the foreground");
    ktap_result(comes(pipes[0], "t"), "it is /dev/tty");
    ktap_result(ioctl(pair.master, TIOCGPGRP, &group) == 0 && group == child,
                "the master sees the foreground");
    ktap_result(ioctl(pair.master, TIOCGSID, &group) == 0 && group == child,
                "and the session");
    ktap_result(ioctl(pair.slave, TIOCGPGRP, &group) < 0 && errno == ENOTTY,
                "a stranger does not");
    ktap_result(type(&pair, "\3") && comes(pipes[0], "I"), "Ctrl-C");
    ktap_result(type(&pair, "\34") && comes(pipes[0], "Q"), "Ctrl-\\");
    ktap_result(type(&pair, "\32") && comes(pipes[0], "T"), "Ctrl-Z");
    ktap_result(ioctl(pair.master, TIOCSIG, (void *)SIGINT) == 0 &&
                    comes(pipes[0], "I"),
                "TIOCSIG");
    ktap_result(ioctl(pair.master, TIOCSIG, (void *)SIGKILL) < 0 &&
                    errno == EINVAL,
                "of some signals only");
    ktap_result(ioctl(pair.master, TIOCSWINSZ, &size) == 0 &&
                    comes(pipes[0], "W"),
                "a new size is told");
    close(pair.slave);
    close(pair.master);
    ktap_result(comes(pipes[0], "Hn"), "closing the master hangs up");
    ktap_result(waitpid(child, &status, 0) == child && WIFEXITED(status) &&
                    WEXITSTATUS(status) == 7,
                "and the leader lives on");
    close(pipes[0]);
    ktap_leave();
}

// To write to a terminal is no right to it.
void test_writers(void)
{
    struct pair pair;
    int pipes[2], fd, mine;
    pid_t child;

    if (pipe(pipes) != 0)
        ktap_bail("pipe: %s", strerror(errno));
    pair_open(&pair);
    child = fork();
    if (child == 0) {
        report = pipes[1];
        setsid();
        fd = open(pair.name, O_WRONLY);
        say(fd >= 0 && open("/dev/tty", O_RDWR) < 0 && errno == ENXIO ? 'n'
                                                                      : '-');
        if (seteuid(1000) != 0)
            say('?');
        say(ioctl(fd, TIOCSCTTY, 0) < 0 && errno == EPERM ? 'p' : '-');
        if (seteuid(0) != 0)
            say('?');
        mine = open(pair.name, O_RDONLY);
        say(mine >= 0 && tcgetsid(mine) == getpid() ? 'r' : '-');
        say(ioctl(fd, TIOCSCTTY, 0) == 0 ? 'm' : '-');
        _exit(0);
    }
    close(pipes[1]);
    ktap_enter("writers", 4);
    ktap_result(comes(pipes[0], "n"), "opened to write it stays nobody's");
    ktap_result(comes(pipes[0], "p"), "nor can a user take it so");
    ktap_result(comes(pipes[0], "r"), "opened to read it does not");
    ktap_result(comes(pipes[0], "m"), "what is taken may be taken again");
    waitpid(child, NULL, 0);
    close(pipes[0]);
    pair_close(&pair);
    ktap_leave();
}
