// kernel/trace_files.c - files in the trace: a number for each, and its name
// SPDX-License-Identifier: MIT
//
// A file is a number in records, given to its mapping when a trace point meets
// it first, and never to another. Its path is looked for then, among the names
// that are in memory, and kept here; the stream says it before the first record
// that has the number (trace_tell.c). So a trace point pays for a name once,
// sleeps for none, and a file that is gone by the time the stream comes to it
// has its name all the same.
//
// Only the last FILES names are kept.
//
// Context: names are for tasks: a file that is met first in a handler has none.

#include <kernel/trace.h>

#include <arch/cpu.h>
#include <base/errno.h>
#include <fs/dentry.h>
#include <kernel/irq.h>
#include <lib/fmt.h>
#include <lib/string.h>
#include <mm/pagecache.h>
#include <mm/vmalloc.h>

#include "trace_private.h"

#define FILES 512u // a power of two

static struct {
    u32 id;
    char path[TRACE_PATH_BYTES];
} * names; // by id

static u32 last_id;

int trace_files_init(void)
{
    if (!names)
        names = vzalloc(FILES * sizeof(*names));
    return names ? 0 : -ENOMEM;
}

// The end of it, which says more, if it is too long.
static void keep_path(char *out, const char *path)
{
    size_t length = strlen(path);

    if (length < TRACE_PATH_BYTES)
        fmt_print(out, TRACE_PATH_BYTES, "%s", path);
    else
        fmt_print(out, TRACE_PATH_BYTES, "..%s",
                  path + length - (TRACE_PATH_BYTES - 3));
}

static void find_name(const struct mapping *mapping, char *out)
{
    char path[TRACE_PATH_BYTES * 2];

    if (!mapping->host || irq_context())
        fmt_print(out, TRACE_PATH_BYTES, "?");
    else
        keep_path(out, mapping_path(mapping, path, sizeof(path)));
}

u32 trace_file(struct mapping *mapping)
{
    u32 flags = irq_save(), id = mapping->trace_id, at;

    if (id) {
        irq_restore(flags);
        return id;
    }
    id = mapping->trace_id = ++last_id;
    irq_restore(flags);
    at = id % FILES;
    names[at].id = id;
    memset(names[at].path, 0, TRACE_PATH_BYTES);
    find_name(mapping, names[at].path);
    return id;
}

const char *trace_file_path(u32 id)
{
    return names && names[id % FILES].id == id ? names[id % FILES].path : NULL;
}
