// fs/devfs/kmsg.c - /dev/kmsg: the log, record by record
// SPDX-License-Identifier: MIT
//
// A read gives one record, `priority,number,microseconds,-;text`, and waits for
// the next at the end. Where lines were overwritten before they were read there
// is an EPIPE, and the reader goes on with the oldest. A write is a record of
// the program's. Formats and errors are Linux's (its ABI/testing/dev-kmsg).
//
// An open file keeps the position of its next line, and that line's number. One
// reads from it at a time.

#include <fs/types.h>
#include <fs/vfs.h>
#include <kernel/chardev.h>
#include <kernel/log.h>
#include <kernel/signal.h>
#include <kernel/task.h>
#include <lib/fmt.h>
#include <lib/string.h>
#include <linux/fs.h>
#include <linux/major.h>
#include <linux/poll.h>
#include <mm/slab.h>

#define KMSG_MINOR     11u
#define TEXT_MAX       992u // bytes that a program may write, as Linux's
#define RECORD_BYTES   (LOG_LINE_BYTES * 4 + 64)
#define FACILITY_USER  8u // 1 << 3: of records of programs
#define FACILITIES_MAX 0x7fffu
#define MICRO_DIGITS   6u

struct kmsg_reader {
    bool is_busy;
    struct wait_queue turn; // somebody has read
    u64 position;
    u64 number;
    char line[LOG_LINE_BYTES];
    char record[RECORD_BYTES];
};

static void go_to(struct kmsg_reader *reader, u64 position)
{
    reader->position = position;
    reader->number = log_line_number(position);
}

// The digits of `[   12.345678] ` as one number. Return: bytes; 0: none there.
static u32 read_time(const char *text, u32 bytes, u64 *out_us)
{
    u32 at = 0;

    *out_us = 0;
    if (bytes && text[0] == '[')
        for (at = 1; at < bytes && text[at] != ']'; at++)
            if (text[at] >= '0' && text[at] <= '9')
                *out_us = *out_us * 10 + (u32)(text[at] - '0');
    return min(at + 2, bytes);
}

// What is not plain text becomes \xNN. Return: bytes of reader->record.
static u32 put_text(struct kmsg_reader *reader, u32 at, const char *text,
                    u32 bytes)
{
    char *record = reader->record;

    for (u32 i = 0; i < bytes; i++) {
        u8 c = (u8)text[i];

        if (c < ' ' || c >= 127 || c == '\\')
            at += (u32)fmt_print(record + at, RECORD_BYTES - at, "\\x%02x", c);
        else
            record[at++] = (char)c;
    }
    record[at++] = '\n';
    return at;
}

// The next line as a record, if there is one. Return: its bytes; 0: none.
static u32 next_record(struct kmsg_reader *reader)
{
    u64 us;
    u32 bytes = log_read_line(&reader->position, reader->line), prefix, at;
    u32 priority;

    if (!bytes)
        return 0;
    priority = log_line_priority(reader->line, &prefix);
    bytes--; // the newline
    prefix += read_time(reader->line + prefix, bytes - prefix, &us);
    at = (u32)fmt_print(reader->record, RECORD_BYTES, "%u,%llu,%llu,-;",
                        priority, reader->number, us);
    reader->number++;
    return put_text(reader, at, reader->line + prefix, bytes - prefix);
}

static ssize_t read_record(struct file *file, struct io_iter *it)
{
    struct kmsg_reader *reader = file->private;
    u32 bytes;

    if (reader->position >= log_end() && file_is_nonblocking(file))
        return -EAGAIN;
    if (wait_event_interruptible(&log_waiters, reader->position < log_end()))
        return -ERESTARTSYS;
    if (log_is_lost(reader->position)) {
        go_to(reader, log_oldest());
        return -EPIPE;
    }
    bytes = next_record(reader);
    if (bytes > it->left)
        return -EINVAL;
    return io_put(it, reader->record, bytes) == bytes ? (ssize_t)bytes
                                                      : -EFAULT;
}

static ssize_t kmsg_read(struct file *file, struct io_iter *it, u64 *pos)
{
    struct kmsg_reader *reader = file->private;
    ssize_t rc;

    (void)pos;
    if (wait_event_interruptible(&reader->turn, !reader->is_busy))
        return -ERESTARTSYS;
    reader->is_busy = true;
    rc = read_record(file, it);
    reader->is_busy = false;
    wake_up(&reader->turn);
    return rc;
}

// `<priority>` at its start, if there is one. Return: its bytes.
static u32 parse_priority(const char *text, u32 *out_priority)
{
    const char *end;
    u64 value;

    *out_priority = FACILITY_USER | LOG_WARN;
    if (text[0] != '<' || str_to_u64(text + 1, 10, &value, &end) ||
        *end != '>' || value > (FACILITIES_MAX << 3))
        return 0;
    *out_priority = (u32)value;
    // What calls itself the kernel's is not.
    if (*out_priority <= LOG_LEVEL_MASK)
        *out_priority |= FACILITY_USER;
    return (u32)(end + 1 - text);
}

// A line of the log for each line.
static void log_lines(const char *text, u32 priority)
{
    while (*text) {
        const char *end = text;

        while (*end && *end != '\n')
            end++;
        log_write_text(priority, text, (u32)(end - text));
        text = *end ? end + 1 : end;
    }
}

static ssize_t kmsg_write(struct file *file, struct io_iter *it, u64 *pos)
{
    u32 bytes = it->left, priority, prefix;
    char *text;

    (void)file;
    (void)pos;
    if (bytes > TEXT_MAX)
        return -EINVAL;
    text = kmalloc(bytes + 1, GFP_KERNEL);
    if (!text)
        return -ENOMEM;
    if (io_get(it, text, bytes) != bytes) {
        kfree(text);
        return -EFAULT;
    }
    text[bytes] = '\0';
    prefix = parse_priority(text, &priority);
    log_lines(text + prefix, priority);
    kfree(text);
    return (ssize_t)bytes;
}

static s64 kmsg_llseek(struct file *file, s64 offset, u32 whence)
{
    struct kmsg_reader *reader = file->private;

    if (!reader)
        return -EBADF;
    if (offset)
        return -ESPIPE;
    switch (whence) {
    case SEEK_SET: go_to(reader, log_oldest()); return 0;
    case SEEK_DATA: go_to(reader, max(log_cleared(), log_oldest())); return 0;
    case SEEK_END: go_to(reader, log_end()); return 0;
    default: return -EINVAL;
    }
}

static u32 kmsg_poll(struct file *file, struct wait_queue **queue)
{
    const struct kmsg_reader *reader = file->private;

    if (!reader)
        return POLLERR | POLLNVAL;
    *queue = &log_waiters;
    if (reader->position >= log_end())
        return 0;
    if (log_is_lost(reader->position))
        return POLLIN | POLLRDNORM | POLLERR | POLLPRI;
    return POLLIN | POLLRDNORM;
}

static int kmsg_open(struct inode *inode, struct file *file)
{
    struct kmsg_reader *reader;

    (void)inode;
    if (!file_is_readable(file)) // writing needs no place in the log
        return 0;
    if (syslog_is_restricted())
        return -EPERM;
    reader = kmalloc(sizeof(*reader), GFP_KERNEL);
    if (!reader)
        return -ENOMEM;
    reader->is_busy = false;
    wait_queue_init(&reader->turn);
    go_to(reader, log_oldest());
    file->private = reader;
    return 0;
}

static void kmsg_release(struct file *file)
{
    kfree(file->private);
}

static const struct file_ops kmsg_file_ops = {
    .open = kmsg_open,
    .release = kmsg_release,
    .read = kmsg_read,
    .write = kmsg_write,
    .llseek = kmsg_llseek,
    .poll = kmsg_poll,
};

static const struct chardev_ops no_ops;

static struct chardev kmsg_device = {
    .name = "kmsg",
    .major = MEM_MAJOR,
    .minor = KMSG_MINOR,
    .ops = &no_ops,
    .file_ops = &kmsg_file_ops,
    .node = {.mode = 0644},
};

void kmsg_device_init(void)
{
    chardev_register(&kmsg_device);
}
