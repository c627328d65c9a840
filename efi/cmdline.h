// efi/cmdline.h - the kernel's command line, put together from its sources
// SPDX-License-Identifier: MIT
#pragma once

#include <base/types.h>

/* cmdline_from_text - the words of cmdline.txt as one line.
 * @text: what an editor left in the file: @bytes bytes of ASCII, UTF-8 or
 *        UTF-16 (of either order, if it starts with U+FEFF), lines that end by
 *        CR, LF or both. A line whose first character is # is a comment.
 * @line: NUL-terminated, @capacity bytes at most, not @text. Control characters
 *        become spaces; spaces at both ends and doubled ones go. Of UTF-16 what
 *        is not ASCII becomes "?"; other bytes stay as they are.
 * Return: false, and @line is empty, if the words do not fit.
 */
bool cmdline_from_text(char *line, u32 capacity, const u8 *text, u32 bytes);

/* cmdline_append_options - append a boot entry's load options.
 * @line: NUL-terminated, in a buffer of @capacity bytes.
 * @options: @bytes bytes, any alignment. Taken only if they are UCS-2 text of
 *           printable ASCII; a first word that ends in ".efi", which is how a
 *           shell names the program, is left out.
 * Return: false, and @line is unchanged, if they are not text or do not fit.
 */
bool cmdline_append_options(char *line, u32 capacity, const void *options,
                            u32 bytes);
