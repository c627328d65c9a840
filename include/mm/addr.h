// include/mm/addr.h - the kinds of addresses, each with a type of its own
// SPDX-License-Identifier: MIT
//
// One-field structs: mixing two kinds does not compile, and with
// -freg-struct-return they cost what the plain integer costs.
//
//   phys_addr_t   byte address in physical memory (64 bits, for PAE)
//   pfn_t         number of a page frame: physical address / PAGE_SIZE
//   user_addr_t   byte address in a user address space, not to be followed
//   swap_entry_t  a slot of a swap area: area number and slot number
//   void *        kernel virtual address, directly usable
//
// A `T __user *` is a user address as a system call got it; it is followed
// only by the copy functions of kernel/uaccess.h.
#pragma once

#include <base/bits.h>
#include <base/compiler.h>
#include <base/types.h>

#define PAGE_SHIFT 12u
#define PAGE_SIZE  (1u << PAGE_SHIFT) // bytes
#define PAGE_MASK  (~(PAGE_SIZE - 1))

#define TASK_SIZE     0xc0000000u // user addresses are below this
#define PAGE_OFFSET   0xc0000000u // virtual address of physical 0
#define MMAP_MIN_ADDR 0x00010000u // below it only root maps, at places it names

// Physical memory that the direct map covers at most.
#define LOWMEM_MAX_BYTES (896u * MIB)
#define LOWMEM_MAX_PFN   (LOWMEM_MAX_BYTES >> PAGE_SHIFT)

typedef struct {
    u64 v;
} phys_addr_t;

typedef struct {
    u32 v;
} pfn_t;

typedef struct {
    u32 v;
} user_addr_t;

static inline phys_addr_t phys_addr(u64 v)
{
    return (phys_addr_t){v};
}
static inline pfn_t pfn(u32 v)
{
    return (pfn_t){v};
}
static inline user_addr_t user_addr(u32 v)
{
    return (user_addr_t){v};
}

static inline phys_addr_t phys_add(phys_addr_t a, u64 bytes)
{
    return phys_addr(a.v + bytes);
}

static inline phys_addr_t pfn_to_phys(pfn_t n)
{
    return phys_addr((u64)n.v << PAGE_SHIFT);
}

// The frame that holds this byte.
static inline pfn_t phys_to_pfn(phys_addr_t a)
{
    return pfn((u32)(a.v >> PAGE_SHIFT));
}

static inline pfn_t pfn_add(pfn_t n, u32 frames)
{
    return pfn(n.v + frames);
}
static inline bool pfn_eq(pfn_t a, pfn_t b)
{
    return a.v == b.v;
}

static inline user_addr_t user_add(user_addr_t a, u32 bytes)
{
    return user_addr(a.v + bytes);
}
static inline user_addr_t user_page(user_addr_t a)
{
    return user_addr(a.v & PAGE_MASK);
}
static inline bool user_eq(user_addr_t a, user_addr_t b)
{
    return a.v == b.v;
}
static inline bool user_before(user_addr_t a, user_addr_t b)
{
    return a.v < b.v;
}
// Bytes from @a up to @b. @a is not above @b.
static inline u32 user_bytes(user_addr_t a, user_addr_t b)
{
    return b.v - a.v;
}

// Swap entries. 5 bits of area and 24 of slot, as the PTE of a page that is
// out holds them (arch/x86 decides where in the PTE). {0} is no entry: slot 0
// of every area is its header.
#define SWAP_AREAS_MAX 32u
#define SWAP_SLOTS_MAX (1u << 24)

typedef struct {
    u32 v;
} swap_entry_t;

static inline swap_entry_t swap_entry(u32 area, u32 slot)
{
    return (swap_entry_t){area << 24 | slot};
}
static inline u32 swap_entry_area(swap_entry_t e)
{
    return e.v >> 24;
}
static inline u32 swap_entry_slot(swap_entry_t e)
{
    return e.v & 0xffffffu;
}
static inline bool swap_entry_none(swap_entry_t e)
{
    return e.v == 0;
}
static inline bool swap_entry_eq(swap_entry_t a, swap_entry_t b)
{
    return a.v == b.v;
}

// The direct map. Valid for physical memory below the end of low memory only:
// a HighMem frame has no such address (mm/highmem.h).
static inline void *phys_to_virt(phys_addr_t a)
{
    return (void *)(uintptr_t)(u32)(a.v + PAGE_OFFSET);
}

static inline phys_addr_t virt_to_phys(const void *p)
{
    return phys_addr((u32)((u32)(uintptr_t)p - PAGE_OFFSET));
}
