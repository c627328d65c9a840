// kernel/trace_private.h - what the parts of the trace share
// SPDX-License-Identifier: MIT
#pragma once

#include <base/compiler.h>
#include <base/types.h>

// FILE says 12 bytes at a time, and a 0 is among the last.
#define TRACE_PIECE_BYTES 12u
#define TRACE_PATH_BYTES  (7u * TRACE_PIECE_BYTES)

// trace_files_init - room for the names of files. Return: 0; -ENOMEM. May
// sleep.
__must_check int trace_files_init(void);

// trace_file_path - what trace_file's number stands for: TRACE_PATH_BYTES, with
// 0 behind the name; NULL: too long ago. No sleep.
const char *trace_file_path(u32 id);

// trace_there - MAP for the areas of all processes, as they are. Task context.
void trace_there(void);
