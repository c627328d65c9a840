// userland/terminal.h - what init does to the console for a person
// SPDX-License-Identifier: MIT
#pragma once

#include <sys/types.h>

enum {
    TERMINAL_NAME_BYTES = 300
};

// terminal_name - the node in /dev of the terminal that @fd really is, also for
// /dev/console. 0 or -1 and errno.
int terminal_name(int fd, char name[TERMINAL_NAME_BYTES]);

// terminal_find - the node in /dev of the terminal with this number. 0 or -1
// and errno.
int terminal_find(dev_t number, char name[TERMINAL_NAME_BYTES]);

// terminal_ask_size - when the size of the terminal @fd is not known, ask the
// terminal, and set it. Takes some tenths of a second with one that does not
// answer, and then leaves it unknown. What is typed meanwhile is lost.
void terminal_ask_size(int fd);
