// include/mm/sample.h - which pages are used, by looking at some of them
// SPDX-License-Identifier: MIT
#pragma once

#include <base/compiler.h>
#include <base/types.h>

// sample_init - before the trace's group `sample` is switched on; more than
// once is no harm. Return: 0; -ENOMEM. Context: task; boot, when there are
// kernel threads. sample_start - it is on: look from now on, until it is off.
__must_check int sample_init(void);
void sample_start(void);

// sample_page - the page that is looked at, of the block of @spacing pages that
// begins with @first: both page numbers of virtual addresses, @spacing a power
// of two and @first a multiple of it. What is chosen among more is chosen among
// fewer, too. tools/tracelib/missratio.py has the same.
static inline u32 sample_page(u32 first, u32 spacing)
{
    // One half of the block, then one of that: by bits that have no pattern
    // which a program's strides could be in step with.
    for (u32 half = spacing / 2; half; half /= 2) {
        u32 mixed = (first ^ half) * 0x9e3779b1u;

        if ((mixed ^ mixed >> 15) * 0x85ebca6bu >> 31)
            first += half;
    }
    return first;
}
