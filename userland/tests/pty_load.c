// userland/tests/pty_load.c - pty.c: much through one pair, and many pairs
// SPDX-License-Identifier: MIT

#include "pty.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ktap.h"

enum {
    BULK_BYTES = 1 << 20,
    STEP_BYTES = 3001, // no divisor of any buffer
    PAIRS = 100,
};

static uint8_t pattern(unsigned at)
{
    return (uint8_t)(at * 31 + at / 251);
}

static void pour(int fd)
{
    static uint8_t data[STEP_BYTES];
    unsigned at = 0;

    while (at < BULK_BYTES) {
        unsigned count =
            BULK_BYTES - at < STEP_BYTES ? BULK_BYTES - at : STEP_BYTES;
        unsigned done = 0;

        for (unsigned i = 0; i < count; i++)
            data[i] = pattern(at + i);
        while (done < count) {
            ssize_t written = write(fd, data + done, count - done);

            if (written <= 0)
                _exit(1);
            done += (unsigned)written;
        }
        at += count;
    }
}

// Bytes that came in order.
static unsigned drain(int fd)
{
    static uint8_t data[STEP_BYTES];
    unsigned at = 0;

    while (at < BULK_BYTES) {
        ssize_t count = read(fd, data, sizeof(data));

        if (count <= 0)
            break;
        for (unsigned i = 0; i < (unsigned)count; i++)
            if (data[i] != pattern(at + i))
                return at + i;
        at += (unsigned)count;
    }
    return at;
}

static bool pass_through(int from, int to)
{
    pid_t child = fork();
    unsigned got;
    int status;

    if (child == 0) {
        pour(from);
        _exit(0);
    }
    got = drain(to);
    if (got != BULK_BYTES)
        ktap_note("%u of %u bytes", got, BULK_BYTES);
    return waitpid(child, &status, 0) == child && status == 0 &&
           got == BULK_BYTES;
}

static void make_raw(const struct pair *pair)
{
    struct termios modes;

    tcgetattr(pair->slave, &modes);
    cfmakeraw(&modes);
    tcsetattr(pair->slave, TCSANOW, &modes);
}

static bool open_many(void)
{
    struct pair pairs[PAIRS];
    bool ok = true;

    for (unsigned i = 0; i < PAIRS; i++)
        pair_open(&pairs[i]);
    for (unsigned i = 0; i < PAIRS; i++)
        ok = ok && write(pairs[i].slave, &i, 1) == 1;
    for (unsigned i = 0; i < PAIRS; i++) {
        uint8_t byte = 0;

        ok = ok && read(pairs[i].master, &byte, 1) == 1;
        // 10 is the newline: a return comes first.
        ok = ok && byte == (i == '\n' ? '\r' : i);
    }
    for (unsigned i = 0; i < PAIRS; i++)
        pair_close(&pairs[i]);
    return ok;
}

void test_load(void)
{
    struct pair pair;
    char full[64] = {0};
    ssize_t count;
    size_t total = 0;

    pair_open(&pair);
    make_raw(&pair);
    ktap_enter("load", 4);
    ktap_result(pass_through(pair.slave, pair.master), "a MiB of output");
    ktap_result(pass_through(pair.master, pair.slave), "a MiB of input");
    fcntl(pair.slave, F_SETFL, O_NONBLOCK);
    while ((count = write(pair.slave, full, sizeof(full))) > 0)
        total += (size_t)count;
    ktap_result(errno == EAGAIN && total >= 1024, "who writes is held back");
    pair_close(&pair);
    ktap_result(open_many(), "100 pairs at a time");
    ktap_leave();
}
