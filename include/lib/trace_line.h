// include/lib/trace_line.h - a frame of the trace as a line of text [P]
// SPDX-License-Identifier: MIT
//
// For where there is text: a port that the log has, too, and the file of a log
// that survived. A line is
//
//   ~!          neither is in what follows
//   104 digits  52 pairs, each 13 bits of the frame's symbols
//               (kernel/trace_frame.h), the first of each symbol on top: the
//               pair's first digit is its number modulo 91, the second its
//               number divided by 91; digit n is the character '#' + n. The
//               last pair's lowest four bits are 0
//   \n
//
// A line may begin anywhere, as ~! cannot be in one. A character that is wrong
// or missing makes at most three symbols wrong.
#pragma once

#include <base/types.h>

#define TRACE_FRAME_BYTES 96u

#define TRACE_LINE_MARK   "~!"
#define TRACE_LINE_DIGITS 104u
#define TRACE_LINE_BYTES  (2u + TRACE_LINE_DIGITS + 1u) // with its newline

// trace_line - @frame, of TRACE_FRAME_BYTES, as a line, without a NUL. Context:
// any.
void trace_line(const u8 *frame, char out[TRACE_LINE_BYTES]);
