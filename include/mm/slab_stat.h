// include/mm/slab_stat.h - the slab caches in numbers, and their start
// SPDX-License-Identifier: MIT
#pragma once

#include <base/types.h>

struct slab_info {
    const char *name;
    u32 object_bytes, objects_used, objects_total;
    u32 objects_per_slab, pages_per_slab, slabs;
    bool reclaimable;
};

// slab_get_info - of the @n-th cache. Return: false: no more.
bool slab_get_info(u32 n, struct slab_info *out);

// slab_page_count - frames that slabs hold.
u32 slab_page_count(void);
u32 slab_reclaimable_page_count(void); // of these

// slab_init - boot, once, after the zones.
void slab_init(void);
