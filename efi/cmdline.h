// efi/cmdline.h - the kernel's command line, put together from its sources
// SPDX-License-Identifier: MIT
#pragma once

#include <base/types.h>

/* cmdline_tidy - make one line of the words of a text file, in place.
 * Control characters become spaces, spaces at both ends and doubled ones go.
 */
void cmdline_tidy(char *line);

/* cmdline_append_options - append a boot entry's load options.
 * @line: NUL-terminated, in a buffer of @capacity bytes.
 * @options: @bytes bytes, any alignment. Taken only if they are UCS-2 text of
 *           printable ASCII; a first word that ends in ".efi", which is how a
 *           shell names the program, is left out.
 * Return: false, and @line is unchanged, if they are not text or do not fit.
 */
bool cmdline_append_options(char *line, u32 capacity, const void *options,
                            u32 bytes);
