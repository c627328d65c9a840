// include/kernel/crash_log.h - the log that survives a reset, and the last one
// SPDX-License-Identifier: MIT
//
// What is kept, and where: include/boot/crash_log.h.
#pragma once

#include <boot/crash_log.h>

// crash_log_attach - from here on the log goes to the area that boot_info
// names, too, and with it the lines that there are already. May be called
// again: when memory is not mapped yet, nothing happens. Context: boot.
void crash_log_attach(void);

// crash_log_line - a line of the log, with its newline; @seconds since boot.
// Context: any, interrupts off.
void crash_log_line(const char *text, u32 bytes, u32 seconds);

// crash_log_is_kept - there is an area. Any context.
bool crash_log_is_kept(void);

// crash_log_frame - of the trace, TRACE_FRAME_BYTES; the oldest goes. Context:
// any, but not two at a time. crash_log_forget_frames - all that were written.
void crash_log_frame(const u8 *frame);
void crash_log_forget_frames(void);

// crash_log_end - the machine is about to end like this (CRASH_LOG_CLEAN or
// CRASH_LOG_PANIC). crash_log_flush - what was written so far is in RAM, not
// only in a cache that a reset may drop. Context: any.
void crash_log_end(enum crash_log_state state);
void crash_log_flush(void);

// crash_log_last - the text of the last boot's log. Return: bytes; 0: it ended
// well, or nothing is known. @out stays valid. Context: task, may sleep.
u32 crash_log_last(const char **out);
