// userland/tests/modem.c - a serial port's modem lines and RTS/CTS
// SPDX-License-Identifier: MIT
//
// modem [PORT]: of a UART that nothing else uses. What is driven is led back to
// what is seen, inside the UART (TIOCM_LOOP), so there need be nobody at the
// other end. Without PORT, or if it is not there, all is skipped.

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "ktap.h"

#ifndef CRTSCTS
#define CRTSCTS 020000000000
#endif

#define DRIVEN     (TIOCM_DTR | TIOCM_RTS)
#define SILENCE_MS 300 // nothing comes within that
#define WAIT_MS    20000

static int port;

static bool change(unsigned long command, int lines)
{
    return ioctl(port, command, &lines) == 0;
}

static bool has(int set, int clear)
{
    int lines = 0;

    if (ioctl(port, TIOCMGET, &lines))
        return false;
    if ((lines & set) == set && !(lines & clear))
        return true;
    ktap_note("lines=%#x", lines);
    return false;
}

static bool raw(bool flow)
{
    struct termios modes;

    if (tcgetattr(port, &modes))
        return false;
    cfmakeraw(&modes);
    modes.c_cflag |= CLOCAL | CREAD;
    modes.c_cflag &= ~(tcflag_t)CRTSCTS;
    if (flow)
        modes.c_cflag |= CRTSCTS;
    return tcsetattr(port, TCSANOW, &modes) == 0;
}

static bool comes(int ms)
{
    struct pollfd waiting = {.fd = port, .events = POLLIN};

    return poll(&waiting, 1, ms) == 1;
}

static bool up_after_open(void)
{
    return has(DRIVEN, 0);
}

static bool each_is_changed(void)
{
    return change(TIOCMBIC, TIOCM_DTR) && has(TIOCM_RTS, TIOCM_DTR) &&
           change(TIOCMBIC, TIOCM_RTS) && has(0, DRIVEN) &&
           change(TIOCMBIS, TIOCM_RTS) && has(TIOCM_RTS, TIOCM_DTR) &&
           change(TIOCMBIS, DRIVEN) && has(DRIVEN, 0);
}

static bool all_are_set(void)
{
    return change(TIOCMSET, TIOCM_DTR | TIOCM_OUT2) &&
           has(TIOCM_DTR, TIOCM_RTS) && change(TIOCMSET, TIOCM_OUT2) &&
           has(0, DRIVEN) && change(TIOCMSET, DRIVEN | TIOCM_OUT2) &&
           has(DRIVEN, 0);
}

// What is only seen cannot be set.
static bool inputs_are_not_driven(void)
{
    int before, after;

    return ioctl(port, TIOCMGET, &before) == 0 && change(TIOCMBIS, TIOCM_RNG) &&
           change(TIOCMBIC, TIOCM_CTS) && ioctl(port, TIOCMGET, &after) == 0 &&
           before == after;
}

static bool bad_pointer(void)
{
    static const unsigned long commands[] = {TIOCMGET, TIOCMSET, TIOCMBIS,
                                             TIOCMBIC};

    for (unsigned i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
        if (ioctl(port, commands[i], (void *)8) != -1 || errno != EFAULT)
            return false;
    return has(DRIVEN, 0);
}

static bool loop(void)
{
    return change(TIOCMBIS, TIOCM_LOOP) && has(TIOCM_CTS | TIOCM_DSR, 0) &&
           change(TIOCMBIC, TIOCM_RTS) && has(TIOCM_DSR, TIOCM_CTS) &&
           change(TIOCMBIC, TIOCM_DTR) && has(0, TIOCM_CTS | TIOCM_DSR) &&
           change(TIOCMBIS, DRIVEN) && has(TIOCM_CTS | TIOCM_DSR, 0) &&
           change(TIOCMBIC, TIOCM_LOOP);
}

static bool crtscts_is_kept(void)
{
    struct termios modes;

    return raw(true) && tcgetattr(port, &modes) == 0 &&
           (modes.c_cflag & CRTSCTS) && raw(false) &&
           tcgetattr(port, &modes) == 0 && !(modes.c_cflag & CRTSCTS);
}

// Not clear to send: nothing goes out, and all does when it is again.
static bool held_by_cts(void)
{
    char buf[8] = "";
    bool held;

    if (!change(TIOCMBIS, TIOCM_LOOP) || !change(TIOCMBIC, TIOCM_RTS) ||
        !raw(true) || write(port, "abc", 3) != 3)
        return false;
    held = !comes(SILENCE_MS);
    if (!change(TIOCMBIS, TIOCM_RTS) || !raw(false))
        return false;
    for (unsigned got = 0; got < 3;) {
        ssize_t bytes = comes(WAIT_MS) ? read(port, buf + got, 3 - got) : 0;

        if (bytes <= 0)
            return false;
        got += (unsigned)bytes;
    }
    return held && memcmp(buf, "abc", 3) == 0 && change(TIOCMBIC, TIOCM_LOOP);
}

// A pseudo terminal has no such lines.
static bool not_of_a_pty(void)
{
    int lines, master = posix_openpt(O_RDWR | O_NOCTTY);
    bool refused = ioctl(master, TIOCMGET, &lines) == -1 && errno == ENOTTY;

    close(master);
    return refused;
}

static const struct ktap_test tests[] = {
    {"lines are up after open", up_after_open},
    {"lines are changed one by one", each_is_changed},
    {"lines are set together", all_are_set},
    {"lines that are only seen stay", inputs_are_not_driven},
    {"bad pointers", bad_pointer},
    {"what is driven is seen in the loop", loop},
    {"CRTSCTS is kept", crtscts_is_kept},
    {"output is held by CTS", held_by_cts},
    {"a pseudo terminal has no modem lines", not_of_a_pty},
};
#define TESTS (sizeof(tests) / sizeof(tests[0]))

int main(int argc, char **argv)
{
    port = open(argc > 1 ? argv[1] : "/nowhere", O_RDWR | O_NOCTTY);
    if (port >= 0 && raw(false))
        return ktap_run_program(tests, TESTS);
    ktap_plan(TESTS);
    for (unsigned i = 0; i < TESTS; i++)
        ktap_skip(tests[i].name, "no port");
    return ktap_finish();
}
