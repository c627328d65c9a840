// kernel/log.c - the log: a ring of lines, and the consoles they go to
// SPDX-License-Identifier: MIT
//
// Each line stands in the ring as `<priority>[seconds.micros] name: text\n`,
// what syslog(2) hands out and /dev/kmsg is made from (fs/devfs/kmsg.c). Lines
// are numbered by counting: how many there were, less those behind a position.
// A console has a position in the ring; giving it what is behind that position
// is all there is to output, so lines from before its registration reach it as
// well.
//
// Locking: the ring and the line buffer are touched with interrupts off. Only
// one pump runs at a time; a line logged meanwhile (by an interrupt handler, or
// by a console's own write) is left to it.
//
// In sync mode (panic, oops) lines are written polled and at once, of whatever
// level, and whatever was interrupted: at worst a line comes twice.

#include <kernel/log.h>

#include <arch/cpu.h>
#include <base/bits.h>
#include <kernel/crash_log.h>
#include <kernel/time.h>
#include <kernel/wait.h>
#include <lib/div64.h>
#include <lib/fmt.h>
#include <lib/ring.h>
#include <lib/string.h>

static u8 ring_storage[LOG_RING_BYTES];
static struct ring ring = {.data = ring_storage, .size = LOG_RING_BYTES};
static char line_buffer[LOG_LINE_BYTES];
static char pump_buffer[LOG_LINE_BYTES];

static u32 line_seconds; // when line_buffer's line was logged
static u64 lines_put;    // since boot
static u64 cleared;      // position of the last clear
WAIT_QUEUE(log_waiters);

static struct log_console *consoles;
static u32 console_level = LOG_INFO;
static bool pumping;
static u32 sync_depth;

static u32 format_head(char *buf, u32 priority)
{
    u64 seconds = time_ns();
    u32 micros = u64_div(&seconds, NSEC_PER_SEC) / NSEC_PER_USEC;

    line_seconds = (u32)seconds;
    return (u32)fmt_print(buf, LOG_LINE_BYTES, "<%u>[%5u.%06u] ", priority,
                          line_seconds, micros);
}

// What survives a reset is read by people: without the priority.
static void keep_line(u32 bytes)
{
    u32 prefix;

    (void)log_line_priority(line_buffer, &prefix);
    crash_log_line(line_buffer + prefix, bytes - prefix, line_seconds);
}

// put_line - line_buffer, with @bytes of text and room for one more. Interrupts
// off.
static void put_line(u32 bytes)
{
    line_buffer[bytes] = '\n';
    ring_put(&ring, line_buffer, bytes + 1);
    keep_line(bytes + 1);
    lines_put++;
    // A report may have interrupted whatever changes queues: nobody is woken.
    if (!sync_depth)
        wake_up(&log_waiters);
}

void log_write(enum log_level level, const char *name, const char *format, ...)
{
    u32 flags = irq_save();
    u32 head = format_head(line_buffer, (u32)level);
    va_list args;
    int text;

    head +=
        (u32)fmt_print(line_buffer + head, LOG_LINE_BYTES - head, "%s: ", name);
    va_start(args, format);
    // One byte is kept for the newline, which takes the place of the NUL.
    text = fmt_vprint(line_buffer + head, LOG_LINE_BYTES - head, format, args);
    va_end(args);
    put_line(min(head + (u32)max(text, 0), LOG_LINE_BYTES - 1));
    irq_restore(flags);
    log_console_pump();
}

void log_write_text(u32 priority, const char *text, u32 bytes)
{
    u32 flags = irq_save();
    u32 head = format_head(line_buffer, priority);

    bytes = min(bytes, LOG_LINE_BYTES - 1 - head);
    memcpy(line_buffer + head, text, bytes);
    put_line(head + bytes);
    irq_restore(flags);
    log_console_pump();
}

u32 log_line_priority(const char *line, u32 *out_bytes)
{
    u32 at = 1, priority = 0;

    for (; line[at] >= '0' && line[at] <= '9'; at++)
        priority = priority * 10 + (u32)(line[at] - '0');
    *out_bytes = at + 1; // and the `>`
    return priority;
}

// Bytes up to and with the newline; all when there is none.
static u32 line_bytes(const char *text, u32 bytes)
{
    for (u32 i = 0; i < bytes; i++)
        if (text[i] == '\n')
            return i + 1;
    return bytes;
}

// next_line - the line at *@position into @buf of LOG_LINE_BYTES; a rest of one
// that was half overwritten is skipped. Interrupts off. Return: bytes; 0: no
// more.
static u32 next_line(u64 *position, char *buf)
{
    u64 lost;
    u64 from;
    u32 bytes;

    do {
        from = *position;
        bytes = ring_read(&ring, &from, buf, LOG_LINE_BYTES, &lost);
        if (!bytes)
            return 0;
        from -= bytes; // of the first byte that was read
        bytes = line_bytes(buf, bytes);
        *position = from + bytes;
    } while (lost);
    return bytes;
}

// give_line - Return: false: the console has no room now.
static bool give_line(struct log_console *console, u32 bytes)
{
    u32 prefix;
    u32 priority = log_line_priority(pump_buffer, &prefix);

    // What a dying kernel says is for all to see.
    if (!sync_depth && (priority & LOG_LEVEL_MASK) > console_level)
        return true;
    if (!sync_depth)
        return console->write(pump_buffer + prefix, bytes - prefix);
    console->write_sync(pump_buffer + prefix, bytes - prefix);
    return true;
}

static void pump_console(struct log_console *console)
{
    while (!console->full || sync_depth) {
        u32 flags = irq_save();
        u64 position = console->position;
        u32 bytes = next_line(&console->position, pump_buffer);

        irq_restore(flags);
        if (!bytes)
            return;
        // Set before it is asked: should it have room a moment later, the
        // pump from its interrupt handler clears this, and we ask again.
        console->full = true;
        if (give_line(console, bytes))
            console->full = false;
        else
            console->position = position;
    }
}

// pump_begin - the right to pump. In sync mode it is taken from whoever has it.
// Consoles may have room again; if another pump is under way it finds out.
static bool pump_begin(void)
{
    u32 flags = irq_save();
    bool mine = !pumping || sync_depth;

    for (struct log_console *c = consoles; c; c = c->next)
        c->full = false;
    pumping = true;
    irq_restore(flags);
    return mine;
}

// pump_end - give it back. Return: false: there is more, go on.
static bool pump_end(void)
{
    u32 flags = irq_save();
    bool more = false;

    for (struct log_console *c = consoles; c; c = c->next)
        more = more || (!c->full && c->position < ring.head);
    pumping = more;
    irq_restore(flags);
    return !more;
}

void log_console_pump(void)
{
    if (!consoles || !pump_begin())
        return;
    do {
        for (struct log_console *c = consoles; c; c = c->next)
            pump_console(c);
    } while (!pump_end());
}

void log_console_register(struct log_console *console)
{
    u32 flags = irq_save();

    console->position = 0;
    console->next = consoles;
    consoles = console;
    irq_restore(flags);
    log_console_pump();
}

const struct log_console *log_console_next(const struct log_console *console)
{
    return console ? console->next : consoles;
}

void log_sync_begin(void)
{
    sync_depth++;
    log_console_pump();
}

void log_sync_end(void)
{
    sync_depth--;
}

u32 log_read(u64 *position, char *buf, u32 bytes)
{
    u32 flags = irq_save();
    u32 count = ring_read(&ring, position, buf, bytes, NULL);

    irq_restore(flags);
    return count;
}

u32 log_read_line(u64 *position, char *buf)
{
    u32 flags = irq_save();
    u32 bytes = next_line(position, buf);

    irq_restore(flags);
    return bytes;
}

u64 log_oldest(void)
{
    u32 flags = irq_save();
    u64 oldest = ring_oldest(&ring);

    // The first byte there may be in the middle of a line.
    if (oldest)
        (void)next_line(&oldest, line_buffer);
    irq_restore(flags);
    return oldest;
}

bool log_is_lost(u64 position)
{
    u32 flags = irq_save();
    bool lost = position < ring_oldest(&ring);

    irq_restore(flags);
    return lost;
}

u64 log_line_number(u64 position)
{
    u32 flags = irq_save();
    u64 number = lines_put;

    while (next_line(&position, line_buffer))
        number--;
    irq_restore(flags);
    return number;
}

u64 log_end(void)
{
    u32 flags = irq_save();
    u64 end = ring.head;

    irq_restore(flags);
    return end;
}

void log_clear(void)
{
    cleared = log_end();
}

u64 log_cleared(void)
{
    return cleared;
}

void log_set_console_level(u32 level)
{
    console_level = min(level, (u32)LOG_DEBUG);
}

u32 log_console_level(void)
{
    return console_level;
}
