// drivers/ata/ahci_port.c - bringing an AHCI port up and down
// SPDX-License-Identifier: MIT
//
// How it works: whatever state the firmware or an error left the port in, it is
// stopped, given our memory, powered, perhaps reset, and started again:
//
//   ST=0, wait CR=0 | FRE=0, wait FR=0 | CLB, FB | SUD, POD, FRE=1 |
//   COMRESET if asked | wait link | clear SERR | wait BSY=0, DRQ=0 | ST=1
//
// Every wait is bounded. A port that cannot be stopped may still write to its
// memory: that is told apart (-EBUSY), because then only the controller's bus
// mastering can be turned off.
//
// Context: task; the port is not ONLINE, so nobody else touches its registers.
//
// Rejected: PxCMD.CLO instead of COMRESET for a stuck BSY: optional, and the
// disk is reset anyway. Partial and slumber link states: never enabled.
//
// Sources: AHCI 1.3.1 sections 10.1.2 (start), 10.3 (stop, start), 10.4.2
// (port reset), 10.10 (presence); Serial ATA 3.1 for the signatures.

#include "ahci.h"

#include <base/errno.h>
#include <lib/string.h>

#define LOG_NAME "ahci"
#include <kernel/log.h>

#define STOP_MS     500u   // AHCI 10.1.2
#define COMRESET_US 1000u  // AHCI 10.4.2: at least
#define LINK_MS     1000u  // from COMRESET to a link
#define PRESENCE_MS 100u   // from spin-up to a sign of life
#define READY_MS    30000u // a disk that spins up
#define IDENTIFY_MS 5000u
#define SPIN_LOOPS  50u // looks before the first sleep
#define SPIN_US     10u

int ahci_wait(const volatile void __iomem *regs, u32 offset, u32 mask,
              u32 value, u32 timeout_ms)
{
    u64 deadline = time_ns() + (u64)timeout_ms * NSEC_PER_MSEC;
    u32 loops = 0;

    while ((mmio_read32(regs, offset) & mask) != value) {
        // Look once more when the time is over: we may not have run for long.
        if (time_ns() >= deadline)
            return (mmio_read32(regs, offset) & mask) == value ? 0 : -ETIMEDOUT;
        if (loops++ < SPIN_LOOPS)
            time_delay_us(SPIN_US);
        else
            sleep_ms(1);
    }
    return 0;
}

static int port_wait(const struct ahci_port *port, u32 offset, u32 mask,
                     u32 value, u32 timeout_ms)
{
    return ahci_wait(port->regs, offset, mask, value, timeout_ms);
}

static void port_change(struct ahci_port *port, u32 clear, u32 set)
{
    u32 command = ahci_port_read(port, AHCI_PxCMD);

    ahci_port_write(port, AHCI_PxCMD, (command & ~clear) | set);
}

// port_clear_events - forget errors and interrupt causes so far.
static void port_clear_events(struct ahci_port *port)
{
    ahci_port_write(port, AHCI_PxSERR, ~0u);
    ahci_port_write(port, AHCI_PxIS, ~0u);
}

int ahci_port_stop(struct ahci_port *port)
{
    int err;

    ahci_port_write(port, AHCI_PxIE, 0);
    port_change(port, AHCI_PxCMD_ST, 0);
    err = port_wait(port, AHCI_PxCMD, AHCI_PxCMD_CR, 0, STOP_MS);
    if (err)
        return err;
    port_change(port, AHCI_PxCMD_FRE, 0);
    return port_wait(port, AHCI_PxCMD, AHCI_PxCMD_FR, 0, STOP_MS);
}

// port_set_control - COMRESET or not; never a power-saving state of the link,
// so that losing it is always an event.
static void port_set_control(struct ahci_port *port, u32 det)
{
    u32 speed = ahci_port_read(port, AHCI_PxSCTL) & AHCI_SCTL_SPD_MASK;

    ahci_port_write(port, AHCI_PxSCTL, speed | AHCI_SCTL_IPM_OFF | det);
}

static void port_comreset(struct ahci_port *port)
{
    port_set_control(port, AHCI_SCTL_DET_RESET);
    time_delay_us(COMRESET_US);
    port_set_control(port, AHCI_SCTL_DET_NONE);
}

static u64 memory_bus(const struct ahci_port *port, u32 offset)
{
    return phys_add(port->memory_bus, offset).v;
}

// port_set_memory - tell a stopped port where its memory is.
static void port_set_memory(struct ahci_port *port)
{
    u64 list = memory_bus(port, offsetof(struct ahci_port_memory, list));
    u64 fis = memory_bus(port, offsetof(struct ahci_port_memory, received_fis));

    ahci_port_write(port, AHCI_PxCLB, (u32)list);
    ahci_port_write(port, AHCI_PxFB, (u32)fis);
    if (port->hba->has_64bit) {
        ahci_port_write(port, AHCI_PxCLBU, (u32)(list >> 32));
        ahci_port_write(port, AHCI_PxFBU, (u32)(fis >> 32));
    }
}

// port_wait_link - until the disk and the port talk to each other.
static int port_wait_link(struct ahci_port *port, enum ahci_bring_up how)
{
    u32 status;

    // Without a reset the link was made long ago, or the spin-up that we have
    // just allowed shows that somebody is there.
    if (how == AHCI_AS_IT_IS) {
        status = ahci_port_read(port, AHCI_PxSSTS) & AHCI_DET_MASK;
        if (status == AHCI_SSTS_DET_NONE || status == AHCI_SSTS_DET_OFFLINE)
            return -ENODEV;
    }
    if (port_wait(port, AHCI_PxSSTS, AHCI_DET_MASK, AHCI_SSTS_DET_READY,
                  LINK_MS))
        return -ENODEV;
    return 0;
}

int ahci_port_bring_up(struct ahci_port *port, enum ahci_bring_up how)
{
    bool wakes_up;
    int err;

    if (ahci_port_stop(port)) {
        // The last means to make the port let go, AHCI 10.4.2.
        port_comreset(port);
        if (ahci_port_stop(port))
            return -EBUSY;
    }
    port_set_memory(port);
    port_clear_events(port);
    wakes_up = !(ahci_port_read(port, AHCI_PxCMD) & AHCI_PxCMD_SUD);
    port_change(port, AHCI_PxCMD_ICC_MASK | AHCI_PxCMD_ALPE,
                AHCI_PxCMD_SUD | AHCI_PxCMD_POD | AHCI_PxCMD_ICC_ACTIVE);
    port_change(port, 0, AHCI_PxCMD_FRE);
    if (how == AHCI_WITH_COMRESET) {
        port_comreset(port);
    } else {
        port_set_control(port, AHCI_SCTL_DET_NONE);
        if (wakes_up)
            sleep_ms(PRESENCE_MS);
    }

    err = port_wait_link(port, how);
    if (err)
        return err;
    port_clear_events(port);
    err = port_wait(port, AHCI_PxTFD, ATA_STATUS_BSY | ATA_STATUS_DRQ, 0,
                    READY_MS);
    if (err)
        return err;
    port_clear_events(port); // the first FIS of the disk counts as one
    port_change(port, 0, AHCI_PxCMD_ST);
    return 0;
}

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
        .address_low =
            (u32)memory_bus(port, offsetof(struct ahci_port_memory, identify)),
        .bytes_less_one = sizeof(memory->identify) - 1,
    };
    barrier(); // the table before the doorbell
    ahci_port_write(port, AHCI_PxCI, 1);
    err = port_wait(port, AHCI_PxCI, 1, 0, IDENTIFY_MS);
    barrier();
    status = ahci_port_read(port, AHCI_PxTFD);
    port_clear_events(port);
    if (status & (ATA_STATUS_ERR | ATA_STATUS_DF))
        return -EIO;
    if (!err)
        err = ata_identify_parse(memory->identify, out);
    return err || out->dma ? err : -EOPNOTSUPP;
}

// port_log_unusable - why a port that is connected is not used.
static void port_log_unusable(const struct ahci_port *port, int err)
{
    const char *why = "error";

    if (err == -EOPNOTSUPP)
        why = "no LBA or DMA, or sectors not of 512 bytes";
    else if (err == -EACCES)
        why = "locked by a password";
    else if (err == -ETIMEDOUT)
        why = "does not get ready";
    log_warn("%u.%u disk not used: %s (error=%d tfd=%x ssts=%x serr=%x)",
             port->hba->index, port->index, why, err,
             ahci_port_read(port, AHCI_PxTFD),
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

int ahci_port_attach(struct ahci_port *port)
{
    struct ata_identity *identity = &port->identity;
    int err = ahci_port_bring_up(port, AHCI_AS_IT_IS);

    if (err == -ENODEV)
        return err; // nobody there
    if (!err && !port_has_disk(port))
        return -ENODEV;
    if (!err)
        err = ahci_port_identify(port, identity);
    if (err == -ETIMEDOUT || err == -EIO || err == -EBADMSG) {
        // As the firmware left it, it does not work. From the beginning, then.
        err = ahci_port_bring_up(port, AHCI_WITH_COMRESET);
        if (!err && !port_has_disk(port))
            return -ENODEV;
        if (!err)
            err = ahci_port_identify(port, identity);
    }
    if (err) {
        port_log_unusable(port, err);
        return err;
    }
    port->depth = 1;
    if (port->hba->has_ncq)
        port->depth = min(port->hba->slots, identity->queue_depth);
    log_info("%u.%u disk model=\"%s\" serial=\"%s\" sectors=%llu physical=%u "
             "lba=%u depth=%u",
             port->hba->index, port->index, identity->model, identity->serial,
             identity->sectors, identity->physical_bytes,
             identity->addressing == ATA_LBA48 ? 48u : 28u, port->depth);
    return 0;
}
