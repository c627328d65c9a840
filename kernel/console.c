// kernel/console.c - `console=NAME[,OPTIONS]` on the command line
// SPDX-License-Identifier: MIT

#include <kernel/console.h>

#include <kernel/cmdline.h>
#include <lib/string.h>

#define WORD_BYTES 32u

// The name in the @index-th word.
static bool get_name(u32 index, char *name, size_t size)
{
    char *options;

    if (!cmdline_get_nth("console", index, name, size))
        return false;
    options = strchr(name, ',');
    if (options)
        *options = '\0';
    return true;
}

bool console_is_named(const char *name)
{
    char word[WORD_BYTES];

    for (u32 i = 0; get_name(i, word, sizeof(word)); i++)
        if (strcmp(word, name) == 0)
            return true;
    return false;
}

bool console_any_named(void)
{
    return cmdline_has("console");
}

bool console_named(u32 index, char *name, size_t size)
{
    u32 count = 0;

    while (get_name(count, name, size))
        count++;
    if (index >= count) {
        name[0] = '\0';
        return false;
    }
    return get_name(count - 1 - index, name, size);
}
