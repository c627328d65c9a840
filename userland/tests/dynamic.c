// userland/tests/dynamic.c - a program that the kernel needs a linker for
// SPDX-License-Identifier: MIT
//
// Position-independent, its C library and its addresses found at run time: the
// kernel maps it and the ELF interpreter that it names, which does the rest.

#include <stdio.h>
#include <string.h>

static const char *const words[] = {"one", "two"}; // relocated

int main(int argc, char **argv)
{
    char text[16];

    (void)argv;
    snprintf(text, sizeof(text), "%s %s", words[0], words[1]);
    return argc >= 1 && strcmp(text, "one two") == 0 ? 0 : 1;
}
