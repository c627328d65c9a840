// drivers/video/screen_log.c - the log on the screen
// SPDX-License-Identifier: MIT
//
// As on Linux lines of the log come where the cursor is, between what programs
// write, in default colours.
//
// write_sync (oops, panic) may have interrupted anything here, the emulator
// half way through a sequence or the drawer in a row: the emulator is put into
// a state that is safe, and all is drawn anew.

#include "screen.h"

#include <arch/cpu.h>
#include <base/types.h>
#include <kernel/console.h>
#include <kernel/log.h>

#include "vt.h"

static bool in_report; // the last line was written by write_sync

static bool screen_log_write(const char *text, u32 bytes)
{
    u32 flags = irq_save();

    in_report = false;
    vt_write_line(screen_vt(), text, bytes);
    screen_changed();
    irq_restore(flags);
    return true;
}

static void screen_log_write_sync(const char *text, u32 bytes)
{
    struct vt *vt = screen_vt();
    u32 flags = irq_save();
    u32 jump = vt->jump;

    if (!in_report)
        vt_recover(vt);
    vt->jump = 1;
    vt_write_line(vt, text, bytes);
    vt->jump = jump;
    screen_draw_now(!in_report);
    in_report = true;
    irq_restore(flags);
}

static struct log_console console = {
    .name = "tty0",
    .major = 4,
    .minor = 1, // the one terminal that is shown
    .write = screen_log_write,
    .write_sync = screen_log_write_sync,
};

void screen_log_init(void)
{
    if (console_is_named("tty0") || console_is_named("tty1") ||
        console_is_named("tty") || !console_any_named() || !log_has_console())
        log_console_register(&console);
}
