// efi/cmdline.c - the kernel's command line, put together from its sources [P]
// SPDX-License-Identifier: MIT
//
// Load options are whatever the boot entry's maker put there: text from the
// UEFI shell or from a boot manager, but also a GUID or noise from firmware
// that makes its own entries. Only what is text from end to end counts.

#include "cmdline.h"

static bool is_blank(char c)
{
    return (u8)c <= ' ' || c == 0x7f;
}

void cmdline_tidy(char *line)
{
    char *to = line;

    for (const char *from = line; *from; from++) {
        if (!is_blank(*from))
            *to++ = *from;
        else if (to != line && to[-1] != ' ')
            *to++ = ' ';
    }
    if (to != line && to[-1] == ' ')
        to--;
    *to = '\0';
}

// The unit at @index, 0 beyond the end: the NUL may be missing.
static u16 unit_at(const u8 *options, u32 bytes, u32 index)
{
    if (index >= bytes / 2)
        return 0;
    return (u16)(options[2 * index] | options[2 * index + 1] << 8);
}

// Characters before the NUL; 0 if it is not text.
static u32 text_length(const u8 *options, u32 bytes)
{
    u32 length = 0;
    u16 unit;

    if (bytes % 2)
        return 0;
    while ((unit = unit_at(options, bytes, length)) != 0) {
        if (unit < ' ' || unit > '~')
            return 0;
        length++;
    }
    return length;
}

static u32 program_name_length(const u8 *options, u32 bytes)
{
    static const char suffix[] = ".efi";
    u32 length = 0;
    u16 unit;

    while ((unit = unit_at(options, bytes, length)) != 0 && unit != ' ')
        length++;
    if (length < sizeof(suffix) - 1)
        return 0;
    for (u32 i = 0; i < sizeof(suffix) - 1; i++) {
        unit = unit_at(options, bytes, length - (sizeof(suffix) - 1) + i);
        if (unit >= 'A' && unit <= 'Z')
            unit += 'a' - 'A';
        if (unit != (u8)suffix[i])
            return 0;
    }
    return length;
}

bool cmdline_append_options(char *line, u32 capacity, const void *options,
                            u32 bytes)
{
    u32 length = text_length(options, bytes);
    u32 first = program_name_length(options, bytes);
    u32 used = 0;

    while (line[used])
        used++;
    if (!length || used + 1 + (length - first) + 1 > capacity)
        return false;
    line[used++] = ' ';
    for (u32 i = first; i < length; i++)
        line[used++] = (char)unit_at(options, bytes, i);
    line[used] = '\0';
    cmdline_tidy(line);
    return true;
}
