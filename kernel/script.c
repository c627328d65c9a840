// kernel/script.c - the first line of a script [P]
// SPDX-License-Identifier: MIT

#include "script.h"

#include <base/bits.h>
#include <base/errno.h>
#include <lib/string.h>

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

// The line's end: a newline, or a NUL, or the end of what may be read.
static u32 line_end(const char *head, u32 bytes)
{
    u32 end = 2;

    while (end < bytes && head[end] != '\n' && head[end] != '\0')
        end++;
    return end;
}

int script_parse(const char *head, u32 bytes, struct script_line *out)
{
    u32 limit = min(bytes, SCRIPT_LINE_BYTES);
    u32 end, name, name_end;

    if (bytes < 2 || head[0] != '#' || head[1] != '!')
        return -ENOEXEC;
    end = line_end(head, limit);
    for (name = 2; name < end && is_blank(head[name]);)
        name++;
    for (name_end = name; name_end < end && !is_blank(head[name_end]);)
        name_end++;
    if (name == name_end)
        return -ENOEXEC;
    // Cut inside the name: another file might be run than the one meant.
    if (name_end == SCRIPT_LINE_BYTES)
        return -ENOEXEC;
    memcpy(out->interpreter, head + name, name_end - name);
    out->interpreter[name_end - name] = '\0';

    while (name_end < end && is_blank(head[name_end]))
        name_end++;
    while (end > name_end && is_blank(head[end - 1]))
        end--;
    memcpy(out->argument, head + name_end, end - name_end);
    out->argument[end - name_end] = '\0';
    return 0;
}
