// kernel/script.h - the first line of a script [P]
// SPDX-License-Identifier: MIT
#pragma once

#include <base/compiler.h>
#include <base/types.h>

// As on Linux: what does not fit is cut off only behind the interpreter.
#define SCRIPT_LINE_BYTES 256u

struct script_line {
    char interpreter[SCRIPT_LINE_BYTES];
    char argument[SCRIPT_LINE_BYTES]; // "": none. One, blanks and all.
};

// script_parse - "#!interpreter argument" at the start of a file of which
// @bytes were read. Return: 0; -ENOEXEC: no such line, no interpreter in it, or
// one whose end is not within SCRIPT_LINE_BYTES.
__must_check int script_parse(const char *head, u32 bytes,
                              struct script_line *out);
