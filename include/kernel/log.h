// include/kernel/log.h - one event, one line
// SPDX-License-Identifier: MIT
//
//     #define LOG_NAME "swap"
//     #include <kernel/log.h>
//     log_info("area=%u slots=%u", area, slots);
//
// gives `[    1.234567] swap: area=0 slots=131071`. No newline at the end of
// the format. Context: any, interrupt handlers too; never sleeps, never
// allocates. Lines go to a ring in memory (kernel/log.c) and from there to the
// consoles.
#pragma once

#include <base/compiler.h>
#include <base/types.h>

enum log_level { // syslog's numbers
    LOG_EMERG = 0,
    LOG_ERR = 3,
    LOG_WARN = 4,
    LOG_INFO = 6,
    LOG_DEBUG = 7,
};

__printf(3, 4) void log_write(enum log_level level, const char *name,
                              const char *format, ...);

#define log_err(...)   log_write(LOG_ERR, LOG_NAME, __VA_ARGS__)
#define log_warn(...)  log_write(LOG_WARN, LOG_NAME, __VA_ARGS__)
#define log_info(...)  log_write(LOG_INFO, LOG_NAME, __VA_ARGS__)
#define log_debug(...) log_write(LOG_DEBUG, LOG_NAME, __VA_ARGS__)

// A console: where log lines go. write() may be called in any context, must
// not sleep, and must not wait without bound. Return: true: all of @text was
// taken; false: nothing, there is no room. It is to be offered again by the
// next log_console_pump, which the console calls when there is.
struct log_console {
    const char *name;
    bool (*write)(const char *text, u32 bytes);
    // Output polled to the last byte: oops and panic. May be called again
    // while a call is under way.
    void (*write_sync)(const char *text, u32 bytes);
    struct log_console *next;
    bool full;    // kernel/log.c: it had no room when last asked
    u64 position; // in the ring: what it has been given
};

void log_console_register(struct log_console *console);

// log_console_pump - give consoles what is waiting in the ring. Called after
// each line and by drivers when they have room again.
void log_console_pump(void);

// log_sync_begin - from here on lines are written polled, at once (panic).
void log_sync_begin(void);
void log_sync_end(void);

// log_read - text of the ring from position *@position on (0: the oldest
// there is), for syslog(2) and /dev/kmsg. Return: bytes; *@position moves.
u32 log_read(u64 *position, char *buf, u32 bytes);

void log_set_console_level(u32 level);
u32 log_console_level(void);

// log_end - the position behind the last line.
u64 log_end(void);
