// kernel/syslog.c - what programs read of the log: syslog(2)
// SPDX-License-Identifier: MIT
//
// Two ways to read: "take" (SYSLOG_READ, /proc/kmsg) gives each byte once, to
// whoever comes first, and waits; the others look at what is there. /dev/kmsg
// gives records: fs/devfs/kmsg.c.

#include <kernel/sys_proc.h>

#include <base/bits.h>
#include <base/errno.h>
#include <kernel/cred.h>
#include <kernel/signal.h>
#include <kernel/uaccess.h>
#include <lib/fmt.h>
#include <lib/string.h>

#include <kernel/log.h>

enum syslog_action { // syslog(2)
    SYSLOG_CLOSE = 0,
    SYSLOG_OPEN = 1,
    SYSLOG_READ = 2,
    SYSLOG_READ_ALL = 3,
    SYSLOG_READ_CLEAR = 4,
    SYSLOG_CLEAR = 5,
    SYSLOG_CONSOLE_OFF = 6,
    SYSLOG_CONSOLE_ON = 7,
    SYSLOG_CONSOLE_LEVEL = 8,
    SYSLOG_SIZE_UNREAD = 9,
    SYSLOG_SIZE_BUFFER = 10,
};

#define CONSOLE_LEVELS 8 // Linux's number is the first level that is not shown

static u64 taken;                  // position: what is before has been taken
static u32 restricted = 1;         // as Debian's kernels are configured
static u32 level_before_off = ~0u; // ~0: consoles are not off

bool syslog_is_restricted(void)
{
    return restricted && !capable(CAP_SYSLOG);
}

static bool is_allowed(s32 action)
{
    if (capable(CAP_SYSLOG))
        return true;
    return !restricted &&
           (action == SYSLOG_READ_ALL || action == SYSLOG_SIZE_BUFFER);
}

// ---- taking ----------------------------------------------------------------

s32 syslog_take(char *buf, u32 bytes, bool nonblock)
{
    int rc;

    if (nonblock && taken >= log_end())
        return -EAGAIN;
    rc = wait_event_interruptible(&log_waiters, taken < log_end());
    return rc ? rc : (s32)log_read(&taken, buf, bytes);
}

u32 syslog_waiting(void)
{
    return (u32)(log_end() - max(taken, log_oldest()));
}

// As much as is there, without a second wait.
static s32 take_to_user(char __user *buf, u32 bytes)
{
    char part[256];
    u32 done = 0;

    while (done < bytes) {
        s32 count =
            syslog_take(part, min(bytes - done, (u32)sizeof(part)), done != 0);

        if (count < 0)
            return done ? (s32)done : count == -EINTR ? -ERESTARTSYS : count;
        if (copy_to_user(buf + done, part, (u32)count))
            return -EFAULT;
        done += (u32)count;
    }
    return (s32)done;
}

// ---- looking ---------------------------------------------------------------

// The first line from which on all fit into @bytes.
static u64 first_that_fits(u64 end, u32 bytes)
{
    u64 position = max(log_cleared(), log_oldest());
    char line[LOG_LINE_BYTES];

    if (end - position <= bytes)
        return position;
    position = end - bytes - 1; // to the end of the line that this is in
    (void)log_read_line(&position, line);
    return position;
}

static s32 copy_log(char __user *buf, u32 bytes)
{
    char part[256];
    u64 end = log_end();
    u64 position = first_that_fits(end, bytes);
    u32 done = 0;

    while (done < bytes && position < end) {
        u64 want = min(end - position, (u64)(bytes - done));
        u32 count =
            log_read(&position, part, min((u32)want, (u32)sizeof(part)));

        if (!count)
            break;
        if (copy_to_user(buf + done, part, count))
            return -EFAULT;
        done += count;
        cond_resched();
    }
    return (s32)done;
}

// ---- consoles --------------------------------------------------------------

static s32 set_console_level(s32 level)
{
    if (level < 1 || level > CONSOLE_LEVELS)
        return -EINVAL;
    log_set_console_level((u32)level - 1);
    level_before_off = ~0u;
    return 0;
}

static void console_off(void)
{
    if (level_before_off == ~0u)
        level_before_off = log_console_level();
    log_set_console_level(0);
}

static void console_on(void)
{
    if (level_before_off != ~0u)
        log_set_console_level(level_before_off);
    level_before_off = ~0u;
}

// ----------------------------------------------------------------------------

static s32 read_action(s32 action, char __user *buf, s32 bytes)
{
    s32 result;

    if (!buf || bytes < 0)
        return -EINVAL;
    if (!bytes)
        return 0;
    if (action == SYSLOG_READ)
        return take_to_user(buf, (u32)bytes);
    result = copy_log(buf, (u32)bytes);
    if (result >= 0 && action == SYSLOG_READ_CLEAR)
        log_clear();
    return result;
}

s32 sys_syslog(s32 action, char __user *buf, s32 bytes)
{
    if (!is_allowed(action))
        return -EPERM;
    switch (action) {
    case SYSLOG_CLOSE:
    case SYSLOG_OPEN: return 0;
    case SYSLOG_READ:
    case SYSLOG_READ_ALL:
    case SYSLOG_READ_CLEAR: return read_action(action, buf, bytes);
    case SYSLOG_CLEAR: log_clear(); return 0;
    case SYSLOG_CONSOLE_OFF: console_off(); return 0;
    case SYSLOG_CONSOLE_ON: console_on(); return 0;
    case SYSLOG_CONSOLE_LEVEL: return set_console_level(bytes);
    case SYSLOG_SIZE_UNREAD: return (s32)syslog_waiting();
    case SYSLOG_SIZE_BUFFER: return (s32)LOG_RING_BYTES;
    default: return -EINVAL;
    }
}

// ---- /proc/sys/kernel ------------------------------------------------------

void syslog_setting_show(const char *name, char *buf, size_t size)
{
    if (strcmp(name, "dmesg_restrict") == 0)
        fmt_print(buf, size, "%u\n", restricted);
    else // printk: now, of lines without a level, the least, at boot
        fmt_print(buf, size, "%u\t%u\t%u\t%u\n", log_console_level() + 1,
                  (u32)LOG_WARN, 1u, (u32)LOG_INFO + 1);
}

int syslog_setting_store(const char *name, const char *text)
{
    u64 value;

    if (str_to_u64(text, 10, &value, &text))
        return -EINVAL;
    // Of printk's four numbers the first alone may be set here.
    if (strcmp(name, "printk") == 0)
        return value <= CONSOLE_LEVELS ? set_console_level((s32)value)
                                       : -EINVAL;
    if ((*text && *text != '\n') || value > 1)
        return -EINVAL;
    restricted = (u32)value;
    return 0;
}
