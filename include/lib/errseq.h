// include/lib/errseq.h - errors that each of many is to learn of once [P]
// SPDX-License-Identifier: MIT
//
// An errseq_t is the last error and a number that changes with it, so that who
// kept an earlier value sees that something has happened since. To be sure that
// the number does not run round, it only changes if somebody has looked since
// the last error.
//
//   bits 0-11 errno   bit 12 somebody has looked   bits 13-31 number
//
// 0: there has been none.
#pragma once

#include <base/types.h>

typedef u32 errseq_t;

#define ERRSEQ_ERROR 0xfffu
#define ERRSEQ_SEEN  0x1000u
#define ERRSEQ_ONE   0x2000u

// errseq_set - @error (-errno) has happened.
static inline void errseq_set(errseq_t *seq, int error)
{
    errseq_t next = (*seq & ~(ERRSEQ_ERROR | ERRSEQ_SEEN)) | (u32)-error;

    if (*seq & ERRSEQ_SEEN)
        next += ERRSEQ_ONE;
    *seq = next;
}

// errseq_sample - for one who comes new: an error that nobody has seen yet is
// his to see, too.
static inline errseq_t errseq_sample(const errseq_t *seq)
{
    return *seq & ERRSEQ_SEEN ? *seq : 0;
}

// errseq_check - what has happened since @since was sampled, or checked last,
// and go on from now. Return: 0; -errno.
static inline int errseq_check(errseq_t *seq, errseq_t *since)
{
    if (*seq == *since)
        return 0;
    *seq |= ERRSEQ_SEEN;
    *since = *seq;
    return -(int)(*seq & ERRSEQ_ERROR);
}
