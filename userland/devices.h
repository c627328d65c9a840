// userland/devices.h - owners and modes of the nodes in /dev
// SPDX-License-Identifier: MIT
#pragma once

// devices_set_owners - give the nodes that the kernel made, all of them root's,
// the groups and modes that they have on Debian.
void devices_set_owners(void);
