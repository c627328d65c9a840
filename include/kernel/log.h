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

struct wait_queue;

enum log_level { // syslog's numbers
    LOG_EMERG = 0,
    LOG_ERR = 3,
    LOG_WARN = 4,
    LOG_INFO = 6,
    LOG_DEBUG = 7,
};

#define LOG_RING_BYTES (256u * 1024)
#define LOG_LINE_BYTES 512u // longer ones are cut
#define LOG_LEVEL_MASK 7u   // of a priority; the facility is above

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
    const char *name; // as `console=` names it
    u32 major, minor; // its terminal's number; 0: it has none
    bool (*write)(const char *text, u32 bytes);
    // Output polled to the last byte: oops and panic. May be called again
    // while a call is under way.
    void (*write_sync)(const char *text, u32 bytes);
    struct log_console *next;
    bool full;    // kernel/log.c: it had no room when last asked
    u64 position; // in the ring: what it has been given
};

void log_console_register(struct log_console *console);

// log_console_next - the one registered before @console, NULL: the last that
// was. Return: NULL: no more.
const struct log_console *log_console_next(const struct log_console *console);

static inline bool log_has_console(void)
{
    return log_console_next(NULL) != NULL;
}

// log_console_pump - give consoles what is waiting in the ring. Called after
// each line and by drivers when they have room again.
void log_console_pump(void);

// log_sync_begin - from here on lines are written polled, at once (panic).
void log_sync_begin(void);
void log_sync_end(void);

// log_write_text - a line of a program's, without newline. @priority: facility
// * 8 + level.
void log_write_text(u32 priority, const char *text, u32 bytes);

// log_read - text of the ring from position *@position on (0: the oldest
// there is), for syslog(2). Return: bytes; *@position moves.
u32 log_read(u64 *position, char *buf, u32 bytes);

// log_read_line - the line at *@position, with its newline, into @buf of
// LOG_LINE_BYTES; one that is half overwritten is skipped. Return: bytes; 0: no
// more.
u32 log_read_line(u64 *position, char *buf);

// log_line_priority - of a line of the ring, and how many bytes say so.
u32 log_line_priority(const char *line, u32 *out_bytes);

// log_end - the position behind the last line. log_oldest - of the oldest line.
// log_is_lost - what was at @position has been overwritten.
u64 log_end(void);
u64 log_oldest(void);
bool log_is_lost(u64 position);

// log_line_number - how many lines came before the one at @position, since
// boot. Looks at all behind it.
u64 log_line_number(u64 position);

// log_clear - what is there now is not shown by dmesg from here on: readers
// that want it so begin at log_cleared().
void log_clear(void);
u64 log_cleared(void);

// Woken by each line.
extern struct wait_queue log_waiters;

void log_set_console_level(u32 level);
u32 log_console_level(void);

// ---- kernel/syslog.c --------------------------------------------------------

// syslog_take - up to @bytes that no one has taken yet, for syslog(2) and
// /proc/kmsg; waits for them unless @nonblock. Return: bytes; -EAGAIN; -EINTR.
// Context: task, may sleep.
s32 syslog_take(char *buf, u32 bytes, bool nonblock);

// syslog_waiting - how many bytes that is now.
u32 syslog_waiting(void);

// syslog_is_restricted - only root may read the log (kernel.dmesg_restrict).
bool syslog_is_restricted(void);

// kernel.dmesg_restrict and kernel.printk, as struct proc_setting has them.
void syslog_setting_show(const char *name, char *buf, size_t size);
__must_check int syslog_setting_store(const char *name, const char *text);
