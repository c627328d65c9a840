// drivers/block/inventory.c - storage that is there and has no driver
// SPDX-License-Identifier: MIT
//
// How it works: pci_init took bus mastering from every function, and each
// driver gives it back to what it drives. So a storage controller that may not
// do DMA after all drivers have run is one that nobody drives. Legacy IDE is
// the exception: it may be driven without DMA, and its driver says itself what
// it found.
//
// Storage hides: SD and eMMC host controllers are system peripherals, and what
// lies behind an Intel VMD cannot be seen at all.
//
// Source: the class codes of the PCI Code and ID Assignment Specification.

#include <drivers/block.h>

#include <drivers/pci.h>

#define LOG_NAME "block"
#include <kernel/log.h>

#define INTEL 0x8086u

enum {
    CLASS_PERIPHERAL = 0x08,
    SUBCLASS_SD_HOST = 0x05, // of that
    SUBCLASS_IDE = 0x01,     // of storage, and below
    SUBCLASS_SATA = 0x06,
    SUBCLASS_SAS = 0x07,
    SUBCLASS_NVM = 0x08,
    SUBCLASS_UFS = 0x09,
};

static bool is_vmd(const struct pci_function *pci)
{
    static const u16 ids[] = {0x201d, 0x28c0, 0x467f, 0x4c3d,
                              0x7d0b, 0x9a0b, 0xa77f, 0xad0b};

    for (u32 i = 0; i < sizeof(ids) / sizeof(ids[0]); i++)
        if (pci->vendor_id == INTEL && pci->device_id == ids[i])
            return true;
    return false;
}

// kind_of - what a function is, in words. NULL: no storage, or not for us.
static const char *kind_of(const struct pci_function *pci)
{
    if (is_vmd(pci))
        return "Intel VMD (the firmware's menu can turn it off)";
    if (pci->class_code == CLASS_PERIPHERAL &&
        pci->subclass == SUBCLASS_SD_HOST)
        return "SD or eMMC";
    if (pci->class_code != PCI_CLASS_STORAGE)
        return NULL;
    switch (pci->subclass) {
    case SUBCLASS_IDE: return NULL;
    case PCI_SUBCLASS_RAID: return "RAID";
    case SUBCLASS_SATA: return "SATA";
    case SUBCLASS_SAS: return "SAS";
    case SUBCLASS_NVM: return "NVMe";
    case SUBCLASS_UFS: return "UFS";
    default: return "unknown";
    }
}

void block_report_storage(void)
{
    const struct pci_function *pci = NULL;

    while ((pci = pci_next(pci))) {
        const char *kind = kind_of(pci);

        if (kind && !pci_is_master(pci))
            log_warn("%02x:%02x.%x id=%04x:%04x no driver for this storage: %s",
                     pci->bus, pci->device, pci->function, pci->vendor_id,
                     pci->device_id, kind);
    }
    if (!block_next(NULL) && !block_probing())
        log_warn("no disk that can be driven: the root is in memory, and "
                 "without swap");
}
