// efi/log.c - the stub's log lines: screen, COM1, and a buffer for the kernel
// SPDX-License-Identifier: MIT
//
// The buffer is in the stub's own image and copied to the handover block at
// the very end, so that the first lines are in it too. When it is full,
// further lines go to the screen and to COM1 only.

#include "stub.h"

#include <lib/fmt.h>
#include <lib/string.h>

enum {
    LINE_CHARS = 200,
};

static char log_text[STUB_LOG_BYTES];
static u32 log_bytes;
static enum {
    BOOT_SERVICES_THERE,
    BOOT_SERVICES_GONE
} boot_services;

static void console_write(const char *line)
{
    SIMPLE_TEXT_OUTPUT_INTERFACE *console = firmware.table->ConOut;
    CHAR16 wide[LINE_CHARS + 3];
    u32 i;

    if (boot_services == BOOT_SERVICES_GONE || !console)
        return;
    for (i = 0; line[i]; i++)
        wide[i] = (u8)line[i];
    wide[i++] = '\r';
    wide[i++] = '\n';
    wide[i] = 0;
    // Its failure has nowhere to be told but the two places written below.
    (void)console->OutputString(console, wide);
}

static void buffer_write(const char *line, u32 chars)
{
    if (chars + 1 > sizeof(log_text) - log_bytes)
        return;
    memcpy(log_text + log_bytes, line, chars);
    log_text[log_bytes + chars] = '\n';
    log_bytes += chars + 1;
}

void log_line(const char *format, ...)
{
    char line[LINE_CHARS];
    va_list arguments;

    va_start(arguments, format);
    // A line that is longer is cut.
    (void)fmt_vprint(line, sizeof(line), format, arguments);
    va_end(arguments);

    buffer_write(line, (u32)strlen(line));
    serial_write(line);
    serial_write("\r\n");
    console_write(line);
}

void log_boot_services_gone(void)
{
    boot_services = BOOT_SERVICES_GONE;
}

u32 log_copy(char *to, u32 capacity)
{
    u32 bytes = min(log_bytes, capacity);

    memcpy(to, log_text, bytes);
    return bytes;
}

const char *status_text(EFI_STATUS status)
{
    static const struct {
        EFI_STATUS status;
        const char *text;
    } texts[] = {
        {EFI_SUCCESS, "success"},
        {EFI_LOAD_ERROR, "load error"},
        {EFI_INVALID_PARAMETER, "invalid parameter"},
        {EFI_UNSUPPORTED, "unsupported"},
        {EFI_BAD_BUFFER_SIZE, "bad buffer size"},
        {EFI_BUFFER_TOO_SMALL, "buffer too small"},
        {EFI_NOT_READY, "not ready"},
        {EFI_DEVICE_ERROR, "device error"},
        {EFI_WRITE_PROTECTED, "write protected"},
        {EFI_OUT_OF_RESOURCES, "out of resources"},
        {EFI_VOLUME_CORRUPTED, "volume corrupted"},
        {EFI_VOLUME_FULL, "volume full"},
        {EFI_NO_MEDIA, "no media"},
        {EFI_MEDIA_CHANGED, "media changed"},
        {EFI_NOT_FOUND, "not found"},
        {EFI_ACCESS_DENIED, "access denied"},
        {EFI_TIMEOUT, "timeout"},
        {EFI_END_OF_FILE, "end of file"},
    };
    static char unknown[32];

    for (u32 i = 0; i < ARRAY_SIZE(texts); i++) {
        if (texts[i].status == status)
            return texts[i].text;
    }
    (void)fmt_print(unknown, sizeof(unknown), "status 0x%llx", (u64)status);
    return unknown;
}
