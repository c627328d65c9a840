// include/kernel/trace_ring.h - what is in the ring, as a file of frames
// SPDX-License-Identifier: MIT
#pragma once

#include <base/compiler.h>
#include <base/types.h>

// trace_ring_pack - the records that are in the ring now, with what they are
// understood by, as frames (kernel/trace_frame.h): @*out, to be given to vfree.
// The stream goes on undisturbed. Return: 0; -ENOMEM. Context: task; sleeps.
__must_check int trace_ring_pack(u8 **out, u32 *out_bytes);
