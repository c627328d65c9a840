// userland/tests/pty.c - pseudo terminals: pairs, the line discipline between
// SPDX-License-Identifier: MIT
//
// What the two sides see is compared as text. On Linux the slave's input goes
// through a work queue, so that whoever reads waits for what is to come, with a
// limit.

#include "pty.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include "ktap.h"

void pair_open(struct pair *pair)
{
    int unlocked = 0;
    unsigned number = 0;

    pair->master = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (pair->master < 0)
        ktap_bail("/dev/ptmx: %s", strerror(errno));
    if (ioctl(pair->master, TIOCGPTN, &number) != 0 ||
        ioctl(pair->master, TIOCSPTLCK, &unlocked) != 0)
        ktap_bail("ioctl of /dev/ptmx: %s", strerror(errno));
    snprintf(pair->name, sizeof(pair->name), "/dev/pts/%u", number);
    pair->slave = open(pair->name, O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (pair->slave < 0)
        ktap_bail("%s: %s", pair->name, strerror(errno));
}

void pair_close(struct pair *pair)
{
    close(pair->slave);
    close(pair->master);
}

// read_some - what comes within some time, until @wanted bytes are there.
static size_t read_some(int fd, char *buf, size_t wanted)
{
    struct pollfd ready = {.fd = fd, .events = POLLIN};
    size_t done = 0;

    while (done < wanted && poll(&ready, 1, PATIENCE_MS) == 1) {
        ssize_t count = read(fd, buf + done, wanted - done);

        if (count <= 0)
            break;
        done += (size_t)count;
    }
    return done;
}

bool comes(int fd, const char *text)
{
    char buf[256];
    size_t length = strlen(text);
    size_t got = read_some(fd, buf, length);

    if (got == length && memcmp(buf, text, length) == 0)
        return true;
    ktap_note("wanted %zu bytes '%s', got %zu '%.*s'", length, text, got,
              (int)got, buf);
    return false;
}

bool type(const struct pair *pair, const char *text)
{
    return write(pair->master, text, strlen(text)) == (ssize_t)strlen(text);
}

void set_local_modes(const struct pair *pair, tcflag_t on, tcflag_t off)
{
    struct termios modes;

    tcgetattr(pair->slave, &modes);
    modes.c_lflag = (modes.c_lflag | on) & ~off;
    tcsetattr(pair->slave, TCSANOW, &modes);
}

static int poll_now(int fd, short events)
{
    struct pollfd ready = {.fd = fd, .events = events};

    return poll(&ready, 1, 0) == 1 ? ready.revents : 0;
}

// ---- names and locks -------------------------------------------------------

static void test_names(void)
{
    unsigned first, second;
    int unlocked = 0, locked = -1;
    struct stat info;
    char name[32];
    int master = open("/dev/ptmx", O_RDWR | O_NOCTTY);
    int other = open("/dev/ptmx", O_RDWR | O_NOCTTY);

    ktap_enter("names", 12);
    ktap_result(ioctl(master, TIOCGPTN, &first) == 0, "a number");
    ktap_result(ioctl(other, TIOCGPTN, &second) == 0 && second != first,
                "another for another pair");
    snprintf(name, sizeof(name), "/dev/pts/%u", first);
    ktap_result(stat(name, &info) == 0 && S_ISCHR(info.st_mode) &&
                    info.st_rdev == makedev(136, first),
                "the slave's node");
    ktap_result((info.st_mode & 07777) == 0620 && info.st_gid == 5 &&
                    info.st_uid == getuid(),
                "its owner, group and mode");
    ktap_result(chmod(name, 0600) == 0 && chown(name, 7, 8) == 0 &&
                    stat(name, &info) == 0 && info.st_uid == 7 &&
                    info.st_gid == 8 && (info.st_mode & 07777) == 0600,
                "they can be changed");
    ktap_result(open(name, O_RDWR | O_NOCTTY) < 0 && errno == EIO,
                "it is locked at first");
    ktap_result(ioctl(master, TIOCGPTLCK, &locked) == 0 && locked == 1,
                "and says so");
    ktap_result(ioctl(master, TIOCSPTLCK, &unlocked) == 0 &&
                    (locked = open(name, O_RDWR | O_NOCTTY)) >= 0,
                "it can be unlocked");
    ktap_result(ioctl(locked, TIOCGPTN, &first) < 0 && errno == ENOTTY,
                "the slave has no number");
    close(locked);
    close(master);
    ktap_result(stat(name, &info) < 0 && errno == ENOENT,
                "the name goes with the master");
    master = open("/dev/ptmx", O_RDWR | O_NOCTTY);
    ktap_result(ioctl(master, TIOCGPTN, &second) == 0 && second == first,
                "the number is used again");
    ktap_result(stat(name, &info) == 0 && info.st_uid == getuid() &&
                    (info.st_mode & 07777) == 0620,
                "with an owner of its own");
    close(master);
    close(other);
    ktap_leave();
}

// ---- bytes -----------------------------------------------------------------

static void test_bytes(void)
{
    struct pair pair;
    int count = -1;

    pair_open(&pair);
    ktap_enter("bytes", 15);
    ktap_result(write(pair.slave, "a\nb", 3) == 3 &&
                    comes(pair.master, "a\r\nb"),
                "output is processed");
    ktap_result(type(&pair, "hello\r") && comes(pair.master, "hello\r\n"),
                "typing is echoed");
    ktap_result(comes(pair.slave, "hello\n"), "a line is read");
    ktap_result(type(&pair, "abx\177c\r") && comes(pair.slave, "abc\n"),
                "the line can be edited");
    ktap_result(comes(pair.master, "abx\b \bc\r\n"), "and shows that");
    ktap_result(type(&pair, "half") && comes(pair.master, "half") &&
                    poll_now(pair.slave, POLLIN) == 0,
                "half a line is not read");
    ktap_result(ioctl(pair.slave, FIONREAD, &count) == 0 && count == 0,
                "and not counted");
    ktap_result(type(&pair, "\4") && comes(pair.slave, "half"),
                "but with an end of file");
    ktap_result(type(&pair, "\4") && read(pair.slave, &count, 1) == 0,
                "which alone reads as one");
    ktap_result(ioctl(pair.slave, TIOCSTI, "s") == 0 && type(&pair, "\r") &&
                    comes(pair.slave, "s\n"),
                "TIOCSTI types, too");
    tcflush(pair.master, TCIFLUSH);
    set_local_modes(&pair, 0, ICANON | ECHO);
    ktap_result(type(&pair, "q") && comes(pair.slave, "q"),
                "without ICANON each byte");
    ktap_result(poll_now(pair.master, POLLIN) == 0, "without ECHO no echo");
    ktap_result(write(pair.slave, "12345", 5) == 5 &&
                    ioctl(pair.master, FIONREAD, &count) == 0 && count == 5,
                "FIONREAD of the master");
    ktap_result(tcflush(pair.master, TCIFLUSH) == 0 &&
                    poll_now(pair.master, POLLIN) == 0,
                "flushing what the slave wrote");
    ktap_result(tcdrain(pair.slave) == 0 && tcdrain(pair.master) == 0,
                "nothing is to be waited for");
    ktap_leave();
    pair_close(&pair);
}

// ---- modes and sizes -------------------------------------------------------

static void test_modes(void)
{
    struct termios modes = {0}, seen = {0};
    struct winsize size = {.ws_row = 50, .ws_col = 132}, back;
    struct pair pair;

    pair_open(&pair);
    ktap_enter("modes", 7);
    ktap_result(tcgetattr(pair.slave, &modes) == 0 &&
                    cfgetospeed(&modes) == B38400 &&
                    (modes.c_cflag & (CSIZE | CREAD | PARENB)) == (CS8 | CREAD),
                "what they are at first");
    ktap_result(tcgetattr(pair.master, &seen) == 0 &&
                    memcmp(&modes, &seen, sizeof(modes)) == 0,
                "the master sees the slave's");
    modes.c_lflag &= ~(tcflag_t)ECHO;
    ktap_result(tcsetattr(pair.master, TCSANOW, &modes) == 0 &&
                    tcgetattr(pair.slave, &seen) == 0 && !(seen.c_lflag & ECHO),
                "and sets them");
    modes.c_cflag = (modes.c_cflag & ~(tcflag_t)CSIZE) | CS7 | PARENB;
    ktap_result(tcsetattr(pair.slave, TCSANOW, &modes) == 0 &&
                    tcgetattr(pair.slave, &seen) == 0 &&
                    (seen.c_cflag & (CSIZE | PARENB)) == CS8,
                "eight bits, no parity");
    ktap_result(ioctl(pair.slave, TIOCGWINSZ, &back) == 0 && back.ws_row == 0,
                "no size at first");
    ktap_result(ioctl(pair.master, TIOCSWINSZ, &size) == 0 &&
                    ioctl(pair.slave, TIOCGWINSZ, &back) == 0 &&
                    back.ws_row == 50 && back.ws_col == 132,
                "a size is set for both");
    ktap_result(isatty(pair.master) == 1 && isatty(pair.slave) == 1,
                "both are terminals");
    ktap_leave();
    pair_close(&pair);
}

// ---- ends ------------------------------------------------------------------

static void test_ends(void)
{
    struct pair pair;
    char byte;

    pair_open(&pair);
    ktap_enter("ends", 14);
    fcntl(pair.master, F_SETFL, O_NONBLOCK);
    ktap_result(read(pair.master, &byte, 1) < 0 && errno == EAGAIN,
                "nothing to read");
    write(pair.slave, "z", 1);
    close(pair.slave);
    ktap_result(comes(pair.master, "z"), "what was left is read");
    ktap_result(read(pair.master, &byte, 1) < 0 && errno == EIO,
                "then EIO: nobody has the slave open");
    ktap_result(poll_now(pair.master, POLLIN) == POLLHUP, "a hang-up in poll");
    ktap_result(type(&pair, "x\n") && comes(pair.master, "x\r\n"),
                "what is typed waits, and is echoed");
    pair.slave = open(pair.name, O_RDWR | O_NOCTTY);
    ktap_result(pair.slave >= 0 && poll_now(pair.master, POLLIN) == 0,
                "it can be opened again");
    ktap_result(comes(pair.slave, "x\n"), "and read");
    ktap_result(read(pair.master, &byte, 1) < 0 && errno == EAGAIN,
                "and the master waits again");
    close(pair.master);
    ktap_result(read(pair.slave, &byte, 1) == 0,
                "without a master: end of file");
    ktap_result(write(pair.slave, "x", 1) < 0 && errno == EIO,
                "and EIO for who writes");
    ktap_result((poll_now(pair.slave, POLLIN | POLLOUT) &
                 (POLLIN | POLLOUT | POLLHUP | POLLERR)) ==
                    (POLLIN | POLLOUT | POLLHUP | POLLERR),
                "all at once in poll");
    ktap_result(tcdrain(pair.slave) < 0 && errno == EIO, "ioctls: EIO");
    close(pair.slave);
    pair.master = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_NONBLOCK);
    ktap_result(read(pair.master, &byte, 1) < 0 && errno == EAGAIN &&
                    poll_now(pair.master, POLLIN) == 0,
                "never opened: no end yet");
    ktap_result(write(pair.master, "x", 1) == 1, "it can be written");
    close(pair.master);
    ktap_leave();
}

int main(void)
{
    ktap_plan(7);
    test_names();
    test_bytes();
    test_modes();
    test_ends();
    test_jobs();
    test_writers();
    test_load();
    return ktap_finish();
}
