// include/mm/slab_layout.h - where things are in a slab [P]
// SPDX-License-Identifier: MIT
//
// A slab is a block of 2^order frames, cut into `per_slab` places of `space`
// bytes. A place, with and without checks (DEBUG=1):
//
//   0   asked   size    red_end     + 4     + 4    space
//   | object | red zone | caller | asked | pad |        checked
//   | object            | pad                  |        plain
//
//   state      object                          red zone
//   free       link (4 bytes), then FREED      RED_FREE, from size on
//   allocated  the owner's; FRESH at first     RED_USED, from asked on
//
// The red zone of an allocated object begins with the first byte behind what
// was asked for, which may be less than the cache's size (kmalloc). An object
// is named by its address; nothing here is more than one slab's memory.
#pragma once

#include <base/bits.h>
#include <base/compiler.h>
#include <base/types.h>

#define SLAB_ORDER_MAX 3u

enum slab_byte {
    SLAB_FREED = 0x6b,
    SLAB_FRESH = 0x5a,
    SLAB_RED_FREE = 0xbb,
    SLAB_RED_USED = 0xcc,
};

struct slab_layout {
    u32 size;  // of an object, at most
    u32 space; // of a place, bytes
    u32 order, per_slab;
    u32 red_end; // 0: not checked
};

// What is wrong with an object.
enum slab_fault {
    SLAB_FINE,
    SLAB_NOT_AN_OBJECT,  // no place begins there
    SLAB_FREED_TWICE,    // it is free already
    SLAB_OVERRUN,        // the red zone was written to
    SLAB_USED_WHEN_FREE, // written to after it was freed
    SLAB_FAULTS
};
extern const char *const slab_fault_names[SLAB_FAULTS];

// slab_layout_make - for objects of @size bytes (not 0) at multiples of @align
// (a power of two, 0: 8). The order is the least that wastes less than an
// eighth. Return: 0; -EINVAL: not even one fits.
__must_check int slab_layout_make(u32 size, u32 align, bool checked,
                                  struct slab_layout *out);

// slab_place - the number of the place that begins @offset bytes into the slab;
// per_slab when none does.
static inline u32 slab_place(const struct slab_layout *layout, u32 offset)
{
    u32 place = offset / layout->space;

    return place * layout->space == offset ? min(place, layout->per_slab)
                                           : layout->per_slab;
}

// slab_link_all - chain all places of a new slab at @base, in order of address:
// links are addresses, 0 ends. With checks, also their patterns.
void slab_link_all(const struct slab_layout *layout, void *base);

// The rest for checked layouts only.

// slab_take - @object leaves the free list for who wants @asked bytes, at most
// the layout's size: checks, then patterns.
// Return: SLAB_FINE, SLAB_OVERRUN, SLAB_USED_WHEN_FREE.
enum slab_fault slab_take(const struct slab_layout *layout, void *object,
                          u32 asked, u32 caller);

// slab_give - @object is about to be free: checks, then patterns, all but the
// link. Return: SLAB_FINE, SLAB_FREED_TWICE, SLAB_OVERRUN.
enum slab_fault slab_give(const struct slab_layout *layout, void *object);

// slab_caller - who took it last. 0: nobody yet.
u32 slab_caller(const struct slab_layout *layout, const void *object);
