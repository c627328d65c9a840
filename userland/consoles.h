// userland/consoles.h - the terminals that are consoles
// SPDX-License-Identifier: MIT
#pragma once

#include "terminal.h"

enum {
    CONSOLES_MAX = 8,
};

// consoles_list - the names of the terminals of /proc/consoles, and of the one
// behind /dev/console, each once. Return: how many.
int consoles_list(char names[CONSOLES_MAX][TERMINAL_NAME_BYTES]);
