// include/kernel/dev_node.h - the node of a device in /dev
// SPDX-License-Identifier: MIT
#pragma once

#include <base/types.h>

// Whose it is and who may open it: as its driver says at first (root's), then
// as chmod and chown do.
struct dev_node {
    u32 mode; // permissions
    u32 uid, gid;
};
