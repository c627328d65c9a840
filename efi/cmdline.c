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

// Control characters become spaces, spaces at both ends and doubled ones go.
static void tidy(char *line)
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

// A text file, read character by character.
struct text {
    const u8 *next, *end;
    u32 character_bytes; // 2: UTF-16
    u32 low_byte;        // of a character: its place
};

static struct text text_open(const u8 *bytes, u32 count)
{
    struct text text = {bytes, bytes + count, 1, 0};

    if (count >= 3 && bytes[0] == 0xef && bytes[1] == 0xbb && bytes[2] == 0xbf)
        text.next += 3;
    if (count >= 2 && ((bytes[0] == 0xff && bytes[1] == 0xfe) ||
                       (bytes[0] == 0xfe && bytes[1] == 0xff))) {
        text.next += 2;
        text.character_bytes = 2;
        text.low_byte = bytes[0] == 0xfe;
    }
    return text;
}

static bool text_get(struct text *text, char *out)
{
    const u8 *at = text->next;

    if ((u32)(text->end - at) < text->character_bytes)
        return false;
    *out = (char)at[text->low_byte];
    if (text->character_bytes == 2 &&
        (at[1 - text->low_byte] || (u8)*out > 0x7f))
        *out = '?';
    text->next += text->character_bytes;
    return true;
}

bool cmdline_from_text(char *line, u32 capacity, const u8 *text, u32 bytes)
{
    struct text file = text_open(text, bytes);
    bool line_starts = true, comment = false;
    u32 used = 0;
    char c;

    while (text_get(&file, &c)) {
        if (c == '\n' || c == '\r') {
            line_starts = true;
            comment = false;
        } else if (!is_blank(c)) {
            comment = comment || (line_starts && c == '#');
            line_starts = false;
        }
        if (comment)
            continue;
        if (is_blank(c)) {
            // One between words; none before the first.
            if (!used || line[used - 1] == ' ' || used + 1 >= capacity)
                continue;
            c = ' ';
        }
        if (used + 1 >= capacity) {
            line[0] = '\0';
            return false;
        }
        line[used++] = c;
    }
    if (used && line[used - 1] == ' ')
        used--;
    line[used] = '\0';
    return true;
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
    tidy(line);
    return true;
}
