// efi/options.c - the command line: cmdline.txt, then the load options
// SPDX-License-Identifier: MIT
//
// Load options come last, since the last word of a kind wins: what a person
// typed in the firmware's shell overrides the file.

#include "stub.h"

#include "cmdline.h"

enum {
    TEXT_BYTES_MAX = 16 * 1024, // comments included
};

static EFI_STATUS read_text(char line[BOOT_CMDLINE_BYTES])
{
    static u8 text[TEXT_BYTES_MAX];
    struct file file;
    EFI_STATUS status;

    status = file_open("cmdline.txt", &file);
    if (status == EFI_NOT_FOUND)
        return EFI_SUCCESS;
    if (EFI_ERROR(status))
        return status;
    if (file.bytes > sizeof(text)) {
        log_line("efi: cmdline.txt is longer than %u bytes", TEXT_BYTES_MAX);
        status = EFI_BAD_BUFFER_SIZE;
    } else {
        status = file_read(&file, 0, text, file.bytes);
    }
    if (!EFI_ERROR(status) &&
        !cmdline_from_text(line, BOOT_CMDLINE_BYTES, text, (u32)file.bytes)) {
        log_line("efi: the words of cmdline.txt are longer than %u bytes",
                 BOOT_CMDLINE_BYTES - 1);
        status = EFI_BAD_BUFFER_SIZE;
    }
    file_close(&file);
    return status;
}

EFI_STATUS command_line_read(char line[BOOT_CMDLINE_BYTES])
{
    const void *options = firmware.loaded->LoadOptions;
    u32 bytes = firmware.loaded->LoadOptionsSize;
    EFI_STATUS status;

    status = read_text(line);
    if (EFI_ERROR(status))
        return status;
    if (options && bytes &&
        !cmdline_append_options(line, BOOT_CMDLINE_BYTES, options, bytes))
        log_line("efi: load options ignored: not a command line, bytes=%u",
                 bytes);
    log_line("efi: command line \"%s\"", line);
    return EFI_SUCCESS;
}
