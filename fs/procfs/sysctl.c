// fs/procfs/sysctl.c - /proc/sys/vm
// SPDX-License-Identifier: MIT
//
// What they mean and which values they take: mm/vm_sysctl.c.

#include "procfs.h"

#include <mm/vm_sysctl.h>

static const struct proc_setting vm_setting = {
    .show = vm_sysctl_show,
    .store = vm_sysctl_store,
};

#define VM_NODE(word, access)                                                  \
    {                                                                          \
        .name = (word), .mode = S_IFREG | (access), .setting = &vm_setting,    \
        .file_ops = &proc_setting_file_ops                                     \
    }

static const struct proc_node vm_nodes[] = {
    VM_NODE("admin_reserve_kbytes", 0644),
    VM_NODE("dirty_background_bytes", 0644),
    VM_NODE("dirty_background_ratio", 0644),
    VM_NODE("dirty_bytes", 0644),
    VM_NODE("dirty_expire_centisecs", 0644),
    VM_NODE("dirty_ratio", 0644),
    VM_NODE("dirty_writeback_centisecs", 0644),
    VM_NODE("drop_caches", 0200),
    VM_NODE("highmem_is_dirtyable", 0644),
    VM_NODE("legacy_va_layout", 0644),
    VM_NODE("lowmem_reserve_ratio", 0644),
    VM_NODE("max_map_count", 0644),
    VM_NODE("min_free_kbytes", 0644),
    VM_NODE("mmap_min_addr", 0644),
    VM_NODE("oom_dump_tasks", 0644),
    VM_NODE("oom_kill_allocating_task", 0644),
    VM_NODE("panic_on_oom", 0644),
    VM_NODE("overcommit_kbytes", 0644),
    VM_NODE("overcommit_memory", 0644),
    VM_NODE("overcommit_ratio", 0644),
    VM_NODE("page-cluster", 0644),
    VM_NODE("swappiness", 0644),
    VM_NODE("user_reserve_kbytes", 0644),
};

const struct proc_dir proc_vm_dir = {
    .first_ino = PROC_VM_FIRST,
    PROC_DIR_OF(vm_nodes),
};
