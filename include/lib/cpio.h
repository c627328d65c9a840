// include/lib/cpio.h - reader of "newc" cpio archives (initramfs) [P]
// SPDX-License-Identifier: MIT
//
//   struct cpio_reader reader;
//   struct cpio_entry entry;
//
//   cpio_init(&reader, data, bytes);
//   while ((rc = cpio_next(&reader, &entry)) > 0)
//       ...
//
// Several archives, one behind the other with zeros between, are read as one.
// Nothing is copied: names and data lie in the archive.
#pragma once

#include <base/compiler.h>
#include <base/types.h>

struct cpio_reader {
    const u8 *data;
    size_t bytes;
    size_t next;     // offset of the next header
    bool in_archive; // a trailer has to come yet
};

struct cpio_entry {
    const char *name; // NUL-terminated, without leading "/" or "./"; "." for
                      // the root itself; may contain ".."
    const void *data; // a file's content, a symbolic link's target (no NUL)
    u32 size;         // bytes at data
    u32 mode;         // type and permissions, as in struct stat
    u32 uid, gid;
    u32 mtime; // seconds since 1970
    // Hard links: entries of one (dev, ino) with nlink > 1 are one file, whose
    // content is with one of them, mostly the last; the others have size 0.
    u32 ino, nlink;
    u32 dev_major, dev_minor;   // where the file was
    u32 rdev_major, rdev_minor; // of a device node
};

void cpio_init(struct cpio_reader *reader, const void *data, size_t bytes);

// cpio_next - the next entry; trailers are not entries.
// Return: 1: *@out is set; 0: the end; -EINVAL: not an archive, or a damaged or
// truncated one; *@out is undefined and the reader stays where it is.
// Source: cpio(5), "New ASCII Format".
__must_check int cpio_next(struct cpio_reader *reader, struct cpio_entry *out);
