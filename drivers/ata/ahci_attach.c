// drivers/ata/ahci_attach.c - what is connected to an AHCI port
// SPDX-License-Identifier: MIT
//
// How it works: the first FIS that a device sends after a reset has a
// signature, which PxSIG keeps: a disk, or something else. A disk is asked who
// it is by IDENTIFY DEVICE, polled. If that does not work on the link that the
// firmware made, everything is tried once more after a COMRESET.
//
// A signature of all ones is none: the first FIS of the disk came before we
// were here, and went nowhere. After a COMRESET it sends another.
//
// Context: task; the port is not ONLINE, so nobody else touches its registers.
//
// Sources: AHCI 1.3.1 section 3.3.9 (PxSIG); Serial ATA 3.1 for the signatures.

#include "ahci.h"

#include <base/errno.h>
#include <lib/string.h>

#include "ata_identify.h"

#define LOG_NAME "ahci"
#include <kernel/log.h>

#define IDENTIFY_MS 5000u

int ahci_port_identify(struct ahci_port *port, struct ata_identity *out)
{
    struct ahci_port_memory *memory = port->memory;
    struct ata_command command;
    u32 status;
    int err;

    memset(memory->identify, 0, sizeof(memory->identify));
    ata_command_identify(&command);
    ahci_command_prepare(port, 0, &command, 0, 1);
    memory->table[0].prd[0] = (struct ahci_prd){
        .address_low = (u32)ahci_memory_bus(
            port, offsetof(struct ahci_port_memory, identify)),
        .bytes_less_one = sizeof(memory->identify) - 1,
    };
    barrier(); // the table before the doorbell
    ahci_port_write(port, AHCI_PxCI, 1);
    err = ahci_wait(port->regs, AHCI_PxCI, 1, 0, IDENTIFY_MS);
    barrier();
    status = ahci_port_read(port, AHCI_PxTFD);
    ahci_port_clear_events(port);
    if (status & (ATA_STATUS_ERR | ATA_STATUS_DF))
        return -EIO;
    if (!err)
        err = ata_identify_disk(memory->identify, out);
    return err || out->dma ? err : -EOPNOTSUPP;
}

// port_log_unusable - why a port that is connected is not used.
static void port_log_unusable(const struct ahci_port *port, int err)
{
    const char *why = "error";

    if (err == -EOPNOTSUPP)
        why = "no LBA or DMA, or sectors not of 512 or 4096 bytes";
    else if (err == -EACCES)
        why = "locked by a password";
    else if (err == -ETIMEDOUT)
        why = "does not get ready";
    log_warn("%u.%u disk not used: %s (error=%d sector_bytes=%u tfd=%x ssts=%x "
             "serr=%x)",
             port->hba->index, port->index, why, err,
             port->identity.logical_bytes, ahci_port_read(port, AHCI_PxTFD),
             ahci_port_read(port, AHCI_PxSSTS),
             ahci_port_read(port, AHCI_PxSERR));
}

// port_has_disk - what is connected is a disk, by the signature of its first
// FIS.
static bool port_has_disk(const struct ahci_port *port)
{
    u32 signature = ahci_port_read(port, AHCI_PxSIG);
    const char *what = "unknown device";

    if (signature == AHCI_SIG_ATA)
        return true;
    if (signature == AHCI_SIG_ATAPI)
        what = "ATAPI device";
    else if (signature == AHCI_SIG_PMP)
        what = "port multiplier";
    else if (signature == AHCI_SIG_SEMB)
        what = "enclosure bridge";
    log_info("%u.%u %s not used: signature=%08x", port->hba->index, port->index,
             what, signature);
    return false;
}

// port_ask - what the disk on a port that was brought up (@err) is.
// Return: @err; -ENOMSG: no signature yet; -ENXIO: no disk; as
// ahci_port_identify.
static int port_ask(struct ahci_port *port, int err)
{
    if (err)
        return err;
    if (ahci_port_read(port, AHCI_PxSIG) == AHCI_SIG_NONE)
        return -ENOMSG;
    if (!port_has_disk(port))
        return -ENXIO;
    err = ahci_port_identify(port, &port->identity);
    if (err != -ENODEV)
        return err;
    port_log_unusable(port, err); // there, but not a disk, or without sectors
    return -ENXIO;
}

// port_try - bring up and ask. Return: as ahci_port_bring_up, port_ask;
// -EAGAIN.
static int port_try(struct ahci_port *port, enum ahci_bring_up how,
                    u32 ready_ms)
{
    int err = ahci_port_bring_up(port, how, ready_ms);

    if (err == -ETIMEDOUT && ready_ms < AHCI_READY_MS &&
        (ahci_port_read(port, AHCI_PxTFD) & ATA_STATUS_BSY))
        return -EAGAIN;
    return port_ask(port, err);
}

int ahci_port_attach(struct ahci_port *port, u32 ready_ms)
{
    struct ata_identity *identity = &port->identity;
    int err = port_try(port, AHCI_AS_IT_IS, ready_ms);

    // As the firmware left it, it does not work? From the beginning, then.
    if (err == -ETIMEDOUT || err == -EIO || err == -EBADMSG || err == -ENOMSG)
        err = port_try(port, AHCI_WITH_COMRESET, ready_ms);
    if (err == -ENODEV || err == -EAGAIN)
        return err; // nobody there, or not yet
    if (err == -ENXIO)
        return -ENODEV; // the log says what it is
    if (err) {
        port_log_unusable(port, err);
        return err;
    }
    port->depth = 1;
    if (port->hba->has_ncq)
        port->depth = min(port->hba->slots, identity->queue_depth);
    log_info("%u.%u disk model=\"%s\" serial=\"%s\" sectors=%llu logical=%u "
             "physical=%u lba=%u depth=%u gen=%u",
             port->hba->index, port->index, identity->model, identity->serial,
             identity->sectors, identity->logical_bytes,
             identity->physical_bytes,
             identity->addressing == ATA_LBA48 ? 48u : 28u, port->depth,
             (ahci_port_read(port, AHCI_PxSSTS) & AHCI_SCTL_SPD_MASK) >>
                 AHCI_SPD_SHIFT);
    return 0;
}
