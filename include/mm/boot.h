// include/mm/boot.h - physical ranges, after boot
// SPDX-License-Identifier: MIT
#pragma once

#include <mm/addr.h>

// memory_is_ours - whether any of [start, start + bytes) is RAM that the
// allocator or the kernel image owns (ioremap refuses it).
bool memory_is_ours(phys_addr_t start, u64 bytes);

// mm_free_boot_range - a range that was kept at boot (the initramfs, once
// unpacked) becomes ordinary free memory. Context: task, once per range.
void mm_free_boot_range(phys_addr_t start, u64 bytes);
