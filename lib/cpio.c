// lib/cpio.c - reader of "newc" cpio archives [P]
// SPDX-License-Identifier: MIT
//
// An entry is a header of 110 characters, the name with its NUL, zeros up to a
// multiple of 4, the data, zeros up to a multiple of 4. Multiples are counted
// from the start of the buffer, as Linux does. Everything comes from outside:
// each length is compared with what is left before it is used.
//
// The variant with checksums (070702) is refused: nobody makes it.

#include <lib/cpio.h>

#include <base/bits.h>
#include <base/errno.h>
#include <lib/string.h>

#define MAGIC        "070701"
#define MAGIC_BYTES  6u
#define FIELD_BYTES  8u // hexadecimal digits
#define HEADER_BYTES (MAGIC_BYTES + FIELDS * FIELD_BYTES)
#define TRAILER      "TRAILER!!!"

enum field {
    FIELD_INO,
    FIELD_MODE,
    FIELD_UID,
    FIELD_GID,
    FIELD_NLINK,
    FIELD_MTIME,
    FIELD_FILESIZE,
    FIELD_DEVMAJOR,
    FIELD_DEVMINOR,
    FIELD_RDEVMAJOR,
    FIELD_RDEVMINOR,
    FIELD_NAMESIZE, // with the NUL
    FIELD_CHECK,
    FIELDS
};

void cpio_init(struct cpio_reader *reader, const void *data, size_t bytes)
{
    *reader = (struct cpio_reader){.data = data, .bytes = bytes};
}

static int parse_hex(const u8 *digits, u32 *out)
{
    u32 value = 0;

    for (u32 i = 0; i < FIELD_BYTES; i++) {
        u8 c = digits[i];

        if (c >= '0' && c <= '9')
            value = value << 4 | (u32)(c - '0');
        else if (c >= 'a' && c <= 'f')
            value = value << 4 | (u32)(c - 'a' + 10);
        else if (c >= 'A' && c <= 'F')
            value = value << 4 | (u32)(c - 'A' + 10);
        else
            return -EINVAL;
    }
    *out = value;
    return 0;
}

static int parse_header(const u8 *header, u32 fields[FIELDS])
{
    if (memcmp(header, MAGIC, MAGIC_BYTES))
        return -EINVAL;
    for (u32 i = 0; i < FIELDS; i++) {
        int rc = parse_hex(header + MAGIC_BYTES + i * FIELD_BYTES, &fields[i]);

        if (rc)
            return rc;
    }
    return 0;
}

// The offset behind @bytes bytes at @at, padded; the padding of the very last
// piece may be missing. Return: 0; -EINVAL: the archive is too short.
static int skip(const struct cpio_reader *reader, size_t at, u32 bytes,
                size_t *out)
{
    if (bytes > reader->bytes - at)
        return -EINVAL;
    *out = min(ALIGN_UP(at + bytes, 4), reader->bytes);
    return 0;
}

static const char *trim_name(const char *name)
{
    for (;;) {
        if (name[0] == '/')
            name++;
        else if (name[0] == '.' && name[1] == '/')
            name += 2;
        else
            return *name ? name : ".";
    }
}

// The entry at @at. *@out_end is set behind it, *@out_trailer if it ends the
// archive.
static int parse_entry(const struct cpio_reader *reader, size_t at,
                       struct cpio_entry *out, size_t *out_end,
                       bool *out_trailer)
{
    u32 fields[FIELDS];
    const char *name;
    size_t name_at = at + HEADER_BYTES, data_at;
    u32 name_bytes;
    int rc;

    if (HEADER_BYTES > reader->bytes - at)
        return -EINVAL;
    rc = parse_header(reader->data + at, fields);
    if (rc)
        return rc;
    name_bytes = fields[FIELD_NAMESIZE];
    rc = skip(reader, name_at, name_bytes, &data_at);
    if (rc)
        return rc;
    name = (const char *)reader->data + name_at;
    if (name_bytes < 2 || strnlen(name, name_bytes) != name_bytes - 1)
        return -EINVAL;
    rc = skip(reader, data_at, fields[FIELD_FILESIZE], out_end);
    if (rc)
        return rc;

    *out_trailer = strcmp(name, TRAILER) == 0;
    *out = (struct cpio_entry){
        .name = trim_name(name),
        .data = reader->data + data_at,
        .size = fields[FIELD_FILESIZE],
        .mode = fields[FIELD_MODE],
        .uid = fields[FIELD_UID],
        .gid = fields[FIELD_GID],
        .mtime = fields[FIELD_MTIME],
        .ino = fields[FIELD_INO],
        .nlink = fields[FIELD_NLINK],
        .dev_major = fields[FIELD_DEVMAJOR],
        .dev_minor = fields[FIELD_DEVMINOR],
        .rdev_major = fields[FIELD_RDEVMAJOR],
        .rdev_minor = fields[FIELD_RDEVMINOR],
    };
    return 0;
}

int cpio_next(struct cpio_reader *reader, struct cpio_entry *out)
{
    size_t end;
    bool trailer;
    int rc;

    for (;;) {
        while (!reader->in_archive && reader->next < reader->bytes &&
               reader->data[reader->next] == 0)
            reader->next++;
        if (reader->next == reader->bytes)
            return reader->in_archive ? -EINVAL : 0;
        if (!IS_ALIGNED(reader->next, 4))
            return -EINVAL;
        rc = parse_entry(reader, reader->next, out, &end, &trailer);
        if (rc)
            return rc;
        reader->next = end;
        reader->in_archive = !trailer;
        if (!trailer)
            return 1;
    }
}
