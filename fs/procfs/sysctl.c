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
    VM_NODE("drop_caches", 0200),     VM_NODE("lowmem_reserve_ratio", 0644),
    VM_NODE("min_free_kbytes", 0644), VM_NODE("overcommit_memory", 0644),
    VM_NODE("page-cluster", 0644),    VM_NODE("swappiness", 0644),
};

const struct proc_dir proc_vm_dir = {
    .first_ino = PROC_VM_FIRST,
    PROC_DIR_OF(vm_nodes),
};
