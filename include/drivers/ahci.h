// include/drivers/ahci.h - SATA disks behind AHCI controllers
// SPDX-License-Identifier: MIT
#pragma once

// ahci_init - start every AHCI controller and register its disks with the block
// layer, partitions included. What fails is logged and left out: a machine
// without a disk goes on. Context: task, interrupts on; sleeps. After pci_init.
void ahci_init(void);
