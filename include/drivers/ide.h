// include/drivers/ide.h - disks behind legacy IDE controllers
// SPDX-License-Identifier: MIT
#pragma once

// ide_init - start every IDE channel, of PCI functions and at the two places of
// old, and register the disks with the block layer, partitions included. What
// fails is logged and left out; where nobody is it costs some port accesses.
// `libata.dma=0` on the command line, as for Linux: no DMA.
// Context: task, interrupts on; sleeps. After pci_init and ahci_init, so that
// disks keep their names.
void ide_init(void);
