// drivers/ata/ahci.c - finding AHCI controllers
// SPDX-License-Identifier: MIT
//
// How it works: a controller says by its PCI class that it is AHCI. One whose
// firmware was told "RAID" says that it is a RAID controller, and is AHCI all
// the same: Intel's, by their numbers. What its disks hold may be striped or
// mirrored over several, so none of them is ever written.
//
// Rejected: AHCI behind a VMD or other bridges that hide it: nothing is found
// there (drivers/block/inventory.c says so).
//
// Sources: AHCI 1.3.1 section 2.1 (PCI header); the device numbers are those in
// Intel's chipset datasheets for "RAID" (ICH8 to 300 series use 2822 and 282a).

#include <drivers/ahci.h>

#include "ahci.h"

#include <base/errno.h>
#include <mm/vmalloc.h>

#define LOG_NAME "ahci"
#include <kernel/log.h>

#define INTEL 0x8086u

static u32 controllers; // found so far, for the log

// is_raid_mode - AHCI, but set to RAID in the firmware's menu.
static bool is_raid_mode(const struct pci_function *pci)
{
    static const u16 ids[] = {0x2822, 0x282a, 0x2826, 0x2827, 0x1d04, 0x1d06};

    if (pci->subclass != PCI_SUBCLASS_RAID || pci->vendor_id != INTEL)
        return false;
    for (u32 i = 0; i < sizeof(ids) / sizeof(ids[0]); i++)
        if (pci->device_id == ids[i])
            return true;
    return false;
}

static bool is_ahci(const struct pci_function *pci)
{
    return pci->class_code == PCI_CLASS_STORAGE &&
           ((pci->subclass == AHCI_PCI_SUBCLASS &&
             pci->prog_if == AHCI_PCI_PROG_IF) ||
            is_raid_mode(pci));
}

static int hba_map(struct ahci *hba, u32 *out_bytes)
{
    struct pci_bar bar;
    int err = pci_bar_read(hba->pci, AHCI_PCI_BAR, &bar);

    if (err)
        return err;
    if (bar.kind != PCI_BAR_MEMORY || bar.bytes < AHCI_PORTS + AHCI_PORT_BYTES)
        return -ENODEV;
    *out_bytes = (u32)min(bar.bytes, (u64)AHCI_REGISTER_BYTES_MAX);
    hba->regs = ioremap(bar.start, *out_bytes);
    if (hba->regs)
        return 0;
    log_err("%u registers at %#llx cannot be mapped%s", hba->index, bar.start.v,
            bar.start.v >> 32 ? ": they are above 4 GiB, which needs PAE" : "");
    return -ENOMEM;
}

static int hba_start(const struct pci_function *pci)
{
    struct ahci *hba = vzalloc(sizeof(*hba));
    u32 bytes;
    int err;

    if (!hba)
        return -ENOMEM;
    mutex_init(&hba->setup, MUTEX_RANK_DEVICE);
    hba->pci = pci;
    hba->index = controllers++;
    if (is_raid_mode(pci)) {
        hba->protection = "its controller is in RAID mode";
        log_warn("%u controller in RAID mode: its disks can be read only; "
                 "\"AHCI\" in the firmware's menu would allow more",
                 hba->index);
    }
    err = hba_map(hba, &bytes);
    if (err)
        goto err_free;
    pci_enable_memory(pci);
    err = ahci_hba_prepare(hba, bytes);
    if (!err)
        err = ahci_hba_run(hba);
    if (!err)
        return 0;
    // Whatever it does now, not to memory.
    pci_disable_master(pci);
    iounmap(hba->regs);
err_free:
    vfree(hba);
    return err;
}

void ahci_init(void)
{
    const struct pci_function *pci = NULL;

    while ((pci = pci_next(pci))) {
        int err;

        if (!is_ahci(pci))
            continue;
        err = hba_start(pci);
        if (err)
            log_err("%02x:%02x.%x not used: error=%d", pci->bus, pci->device,
                    pci->function, err);
    }
    if (!controllers)
        log_info("no AHCI controller");
    else if (ahci_probe_start())
        log_err("no thread for disks that appear later");
}
