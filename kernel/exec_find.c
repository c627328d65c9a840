// kernel/exec_find.c - which file is run: a program, or a script's interpreter
// SPDX-License-Identifier: MIT

#include "exec_internal.h"

#include <base/errno.h>
#include <fs/file.h>
#include <mm/page_alloc.h>
#include <mm/slab.h>

// open_head - open @path and read its start.
static int open_head(struct exec *x, const char *path)
{
    ssize_t bytes;
    int error;

    if (x->file)
        file_put(x->file);
    x->file = NULL;
    error = file_open_exec(path, &x->file);
    if (error)
        return error;
    bytes = file_read_kernel(x->file, x->head, ELF_HEAD_BYTES, 0);
    if (bytes < 0)
        return (int)bytes;
    x->head_bytes = (u32)bytes;
    return 0;
}

int exec_find_program(struct exec *x)
{
    const char *path = x->path;

    for (;;) {
        struct script_line *line;
        int error = open_head(x, path);

        if (error)
            return error;
        if (x->head_bytes < 2 || x->head[0] != '#' || x->head[1] != '!')
            return elf_parse(x->head, x->head_bytes, file_size(x->file),
                             &x->image);
        if (x->script_count == EXEC_SCRIPTS_MAX)
            return -ELOOP;
        line = kmalloc(sizeof(*line), GFP_KERNEL);
        if (!line)
            return -ENOMEM;
        x->lines[x->script_count++] = line;
        error = script_parse((const char *)x->head, x->head_bytes, line);
        if (error)
            return error;
        path = line->interpreter;
    }
}
