// userland/terminal.c - which terminal the console is, and its size
// SPDX-License-Identifier: MIT
//
// A serial line does not tell how large the window at its other end is, and
// editors and top want to know. The cursor is sent to a corner beyond any
// screen and asked where it is (the report of a VT100's DSR): that is the size.

#include "terminal.h"

#include <dirent.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

enum {
    // For each byte of the answer. The way is long: a serial line, an emulator
    // and a busy host. Nobody there costs this once, before the first prompt.
    ANSWER_MS = 3000,
    ANSWER_BYTES = 32,
    CELLS_MOST = 999,
};

// Save the cursor, go to the corner, report, restore.
static const char question[] = "\0337\033[999;999H\033[6n\0338";

static int read_answer(int fd, char answer[ANSWER_BYTES])
{
    struct pollfd input = {.fd = fd, .events = POLLIN};
    int length = 0;

    while (length < ANSWER_BYTES - 1 && poll(&input, 1, ANSWER_MS) == 1) {
        if (read(fd, answer + length, 1) != 1)
            break;
        if (answer[length++] == 'R')
            break;
    }
    answer[length] = '\0';
    return length;
}

// The last report in what came. 0 or -1.
static int parse_answer(const char *answer, int length, struct winsize *size)
{
    int rows, columns;

    for (int at = length - 1; at >= 0; at--) {
        if (answer[at] != '\033' ||
            sscanf(answer + at, "\033[%d;%dR", &rows, &columns) != 2)
            continue;
        if (rows < 1 || rows > CELLS_MOST || columns < 1 ||
            columns > CELLS_MOST)
            return -1;
        size->ws_row = (unsigned short)rows;
        size->ws_col = (unsigned short)columns;
        return 0;
    }
    return -1;
}

void terminal_ask_size(int fd)
{
    struct termios modes, raw;
    struct winsize size = {0};
    char answer[ANSWER_BYTES];
    int length = 0;

    if (ioctl(fd, TIOCGWINSZ, &size) != 0 || size.ws_row != 0 ||
        tcgetattr(fd, &modes) != 0)
        return;
    raw = modes;
    raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
    raw.c_cc[VMIN] = 1;
    raw.c_cc[VTIME] = 0;
    if (tcsetattr(fd, TCSAFLUSH, &raw) != 0)
        return;
    if (write(fd, question, sizeof(question) - 1) > 0)
        length = read_answer(fd, answer);
    tcsetattr(fd, TCSANOW, &modes);
    if (parse_answer(answer, length, &size) == 0)
        ioctl(fd, TIOCSWINSZ, &size);
}

int terminal_find(dev_t number, char name[TERMINAL_NAME_BYTES])
{
    struct dirent *entry;
    DIR *folder = opendir("/dev");

    if (!folder)
        return -1;
    while ((entry = readdir(folder))) {
        struct stat info;

        snprintf(name, TERMINAL_NAME_BYTES, "/dev/%s", entry->d_name);
        if (lstat(name, &info) == 0 && S_ISCHR(info.st_mode) &&
            info.st_rdev == number)
            break;
    }
    closedir(folder);
    if (!entry)
        errno = ENOENT;
    return entry ? 0 : -1;
}

int terminal_name(int fd, char name[TERMINAL_NAME_BYTES])
{
    unsigned number;

    if (ioctl(fd, TIOCGDEV, &number) != 0)
        return -1;
    return terminal_find(number, name);
}
