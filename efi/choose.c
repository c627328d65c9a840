// efi/choose.c - which of the two kernels [P]
// SPDX-License-Identifier: MIT
//
// 64-bit page tables are twice as large, so they are chosen only where they
// bring something: memory above 4 GiB, or pages that cannot be executed.

#include "choose.h"

static const char key[] = "kernel=";

// Whether the word at @word is key and then @value, and nothing more.
static bool value_is(const char *word, const char *value)
{
    word += sizeof(key) - 1;
    while (*value && *word == *value) {
        word++;
        value++;
    }
    return !*value && (!*word || *word == ' ');
}

static bool has_key(const char *word)
{
    u32 i = 0;

    while (key[i] && word[i] == key[i])
        i++;
    return !key[i];
}

enum kernel_wish kernel_wish(const char *line)
{
    enum kernel_wish wish = KERNEL_WISH_NONE;
    bool at_word = true;

    for (const char *c = line; *c; c++) {
        if (at_word && has_key(c))
            wish = value_is(c, "pae")      ? KERNEL_WISH_PAE
                   : value_is(c, "2level") ? KERNEL_WISH_2LEVEL
                                           : KERNEL_WISH_UNKNOWN;
        at_word = *c == ' ';
    }
    return wish;
}

enum kernel_format kernel_choose(enum kernel_wish wish,
                                 const struct machine_abilities *machine)
{
    switch (wish) {
    case KERNEL_WISH_PAE: return KERNEL_PAE;
    case KERNEL_WISH_2LEVEL: return KERNEL_2LEVEL;
    case KERNEL_WISH_NONE:
    case KERNEL_WISH_UNKNOWN: break;
    }
    return machine->pae && (machine->nx || machine->high_memory)
               ? KERNEL_PAE
               : KERNEL_2LEVEL;
}
