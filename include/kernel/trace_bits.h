// include/kernel/trace_bits.h - what bits and numbers in trace records mean
// SPDX-License-Identifier: MIT
//
// Read by tools/tracelib, too: each enum member has its value, and each a line.
#pragma once

// FAULT.info.
#define TRACE_FAULT_CAUSE_SHIFT  0u // enum fault_cause
#define TRACE_FAULT_ACCESS_SHIFT 5u // enum fault_access
#define TRACE_FAULT_AREA_SHIFT   7u // enum trace_area
#define TRACE_FAULT_MAJOR        (1u << 10)
#define TRACE_FAULT_RESULT_SHIFT 11u // enum fault_result

enum trace_area {
    TRACE_AREA_NONE = 0, // there is none
    TRACE_AREA_ANON = 1,
    TRACE_AREA_STACK = 2,
    TRACE_AREA_HEAP = 3,
    TRACE_AREA_FILE = 4,    // private
    TRACE_AREA_SHARED = 5,  // a file's, shared
    TRACE_AREA_SHMEM = 6,   // of tmpfs, System V, or shared anonymous
    TRACE_AREA_SPECIAL = 7, // the kernel's own frames
};

// ALLOC.order_zone, FREE.order_zone: order, and enum zone_id from here.
#define TRACE_ZONE_SHIFT 8u

// MARK.mark.
enum trace_mark {
    TRACE_MARK_MIN = 0,  // below: only who frees may go on
    TRACE_MARK_LOW = 1,  // below: kswapd was woken, by this task
    TRACE_MARK_HIGH = 2, // above again: kswapd rests
};

// RECLAIM.who.
enum trace_reclaim {
    TRACE_RECLAIM_KSWAPD = 0,
    TRACE_RECLAIM_DIRECT = 1, // the task that wanted memory
};

// SWAP_IN.why.
enum trace_swap {
    TRACE_SWAP_FAULT = 0,
    TRACE_SWAP_READAHEAD = 1,
    TRACE_SWAP_OFF = 2,   // swapoff
    TRACE_SWAP_OTHER = 3, // shared memory, read() of it
};

// REFAULT.kind: bits.
#define TRACE_REFAULT_FILE     (1u << 0) // else anonymous
#define TRACE_REFAULT_ACTIVATE (1u << 1) // made active at once

// READAHEAD.what.
enum trace_readahead {
    TRACE_READAHEAD_READ = 0,   // count pages were asked for
    TRACE_READAHEAD_USED = 1,   // one of them was wanted
    TRACE_READAHEAD_UNUSED = 2, // one of them left before anybody did
};

// CACHE.what.
enum trace_cache {
    TRACE_CACHE_INSERT = 0,
    TRACE_CACHE_REMOVE = 1,
};

// MAP.what: enum trace_map, what may be done, enum trace_area.
#define TRACE_MAP_KIND_MASK  15u
#define TRACE_MAP_READ       (1u << 4)
#define TRACE_MAP_WRITE      (1u << 5)
#define TRACE_MAP_EXEC       (1u << 6)
#define TRACE_MAP_SHARED     (1u << 7)
#define TRACE_MAP_AREA_SHIFT 8u

enum trace_map {
    TRACE_MAP_MMAP = 0,
    TRACE_MAP_MUNMAP = 1,
    TRACE_MAP_BRK = 2, // the heap is from start to end now
    TRACE_MAP_MPROTECT = 3,
    TRACE_MAP_THERE = 4, // was there when the trace began
};

// PROCESS.what.
enum trace_process {
    TRACE_PROCESS_FORK = 0,   // number: the child; value: pages that it shares
    TRACE_PROCESS_THREAD = 1, // number: the new one
    TRACE_PROCESS_EXEC = 2,   // number: the program's file; all areas are gone
    TRACE_PROCESS_EXIT = 3,   // number: as wait4 has it; value: largest RSS
};

// DISK.what: enum trace_disk, and the disk from here.
#define TRACE_DISK_SHIFT 4u

enum trace_disk {
    TRACE_DISK_READ = 0,
    TRACE_DISK_WRITE = 1,
    TRACE_DISK_FLUSH = 2,
};

// FILTER.what; START.filters has 1 << that.
enum trace_filter {
    TRACE_FILTER_PID = 0,
    TRACE_FILTER_CAUSE = 1,   // of faults
    TRACE_FILTER_ADDRESS = 2, // of faults, areas and samples
};
