// drivers/ata/ahci_port.c - bringing an AHCI port up and down
// SPDX-License-Identifier: MIT
//
// How it works: whatever state the firmware or an error left the port in, it is
// stopped, given our memory, powered, perhaps reset, and started again:
//
//   ST=0, wait CR=0 | FRE=0, wait FR=0 | CLB, FB | SUD, POD, FRE=1 |
//   COMRESET if asked | wait link | clear SERR | wait BSY=0 |
//   DRQ still 1: CLO if there is | wait DRQ=0 | still all ours? | ST=1
//
// Every wait is bounded. A port that cannot be stopped may still write to its
// memory: that is told apart (-EBUSY), because then only the controller's bus
// mastering can be turned off.
//
// Context: task; the port is not ONLINE, so nobody else touches its registers.
//
// The command list override (CLO) lets a port start whose disk was left in the
// middle of a PIO transfer by the firmware: DRQ stays up for ever then, and ST
// must not be set. BSY is the disk's own business, and means that it is busy.
//
// Rejected: CLO for a stuck BSY instead of a COMRESET: optional, and the disk
// would still be stuck. Partial and slumber link states: never enabled. Port
// multipliers: PxCMD.PMA is cleared, which makes one look like the disk on its
// first port, or like nothing; its signature, where it shows one, is refused.
//
// Sources: AHCI 1.3.1 sections 10.1.2 (start), 10.3 (stop, start), 10.4.2
// (port reset), 10.10 (presence).

#include "ahci.h"

#include <base/errno.h>

#define LOG_NAME "ahci"
#include <kernel/log.h>

#define STOP_MS     500u  // AHCI 10.1.2
#define COMRESET_US 1000u // AHCI 10.4.2: at least
#define LINK_MS     1000u // from COMRESET to a link
#define PRESENCE_MS 100u  // from spin-up to a sign of life
#define OVERRIDE_MS 500u
#define DATA_MS     500u // from BSY=0 to DRQ=0
#define SPIN_LOOPS  50u  // looks before the first sleep
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

void ahci_port_clear_events(struct ahci_port *port)
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

    if (port->speed_limit)
        speed = port->speed_limit << AHCI_SPD_SHIFT;
    ahci_port_write(port, AHCI_PxSCTL, speed | AHCI_SCTL_IPM_OFF | det);
}

static void port_comreset(struct ahci_port *port)
{
    port_set_control(port, AHCI_SCTL_DET_RESET);
    time_delay_us(COMRESET_US);
    port_set_control(port, AHCI_SCTL_DET_NONE);
}

bool ahci_port_slow_down(struct ahci_port *port)
{
    u32 status = ahci_port_read(port, AHCI_PxSSTS);
    u32 speed = (status & AHCI_SCTL_SPD_MASK) >> AHCI_SPD_SHIFT;

    if (speed <= 1)
        return false;
    port->speed_limit = speed - 1;
    return true;
}

bool ahci_port_gone(const struct ahci_port *port)
{
    // Bits that are always 0 among them.
    return ahci_port_read(port, AHCI_PxCMD) == ~0u &&
           ahci_port_read(port, AHCI_PxSSTS) == ~0u;
}

// port_set_memory - tell a stopped port where its memory is.
static void port_set_memory(struct ahci_port *port)
{
    u64 list = ahci_memory_bus(port, offsetof(struct ahci_port_memory, list));
    u64 fis =
        ahci_memory_bus(port, offsetof(struct ahci_port_memory, received_fis));

    ahci_port_write(port, AHCI_PxCLB, (u32)list);
    ahci_port_write(port, AHCI_PxFB, (u32)fis);
    if (port->hba->has_64bit) {
        ahci_port_write(port, AHCI_PxCLBU, (u32)(list >> 32));
        ahci_port_write(port, AHCI_PxFBU, (u32)(fis >> 32));
    }
}

// port_has_memory - it knows where that is.
static bool port_has_memory(const struct ahci_port *port)
{
    u64 list = ahci_memory_bus(port, offsetof(struct ahci_port_memory, list));
    u64 fis =
        ahci_memory_bus(port, offsetof(struct ahci_port_memory, received_fis));

    if (ahci_port_read(port, AHCI_PxCLB) != (u32)list ||
        ahci_port_read(port, AHCI_PxFB) != (u32)fis)
        return false;
    return !port->hba->has_64bit ||
           (ahci_port_read(port, AHCI_PxCLBU) == (u32)(list >> 32) &&
            ahci_port_read(port, AHCI_PxFBU) == (u32)(fis >> 32));
}

// port_start - process the command list. Return: 0; -EIO: the port has lost
// what it was told on the way here, as in a reset of the controller: it would
// fetch commands from anywhere. AHCI 10.3.1 allows ST in no other state.
static int port_start(struct ahci_port *port)
{
    u32 command = ahci_port_read(port, AHCI_PxCMD);

    if ((command & (AHCI_PxCMD_FRE | AHCI_PxCMD_CR)) != AHCI_PxCMD_FRE ||
        !port_has_memory(port))
        return -EIO;
    port_change(port, 0, AHCI_PxCMD_ST);
    return 0;
}

// port_wait_presence - until a disk that was just allowed to spin up, or whose
// PHY was off, shows a sign of life; it need not be there.
static void port_wait_presence(struct ahci_port *port)
{
    u64 deadline = time_ns() + (u64)PRESENCE_MS * NSEC_PER_MSEC;
    u32 status;

    do {
        status = ahci_port_read(port, AHCI_PxSSTS) & AHCI_DET_MASK;
        if (status != AHCI_SSTS_DET_NONE && status != AHCI_SSTS_DET_OFFLINE)
            return;
        sleep_ms(1);
    } while (time_ns() < deadline);
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

// port_wait_ready - until the disk takes commands.
static int port_wait_ready(struct ahci_port *port, u32 ready_ms)
{
    int err = port_wait(port, AHCI_PxTFD, ATA_STATUS_BSY, 0, ready_ms);

    if (!err)
        err = port_wait(port, AHCI_PxTFD, ATA_STATUS_BSY | ATA_STATUS_DRQ, 0,
                        DATA_MS);
    if (!err || !port->hba->has_override ||
        (ahci_port_read(port, AHCI_PxTFD) & ATA_STATUS_BSY))
        return err;
    log_info("%u.%u left in a transfer: overridden", port->hba->index,
             port->index);
    port_change(port, 0, AHCI_PxCMD_CLO);
    err = port_wait(port, AHCI_PxCMD, AHCI_PxCMD_CLO, 0, OVERRIDE_MS);
    if (err)
        return err;
    return port_wait(port, AHCI_PxTFD, ATA_STATUS_BSY | ATA_STATUS_DRQ, 0,
                     OVERRIDE_MS);
}

// port_power_on - let the disk spin up and the link work. Return: whether
// either was off before.
static bool port_power_on(struct ahci_port *port)
{
    u32 command = ahci_port_read(port, AHCI_PxCMD);
    u32 control = ahci_port_read(port, AHCI_PxSCTL);

    port_change(port, AHCI_PxCMD_ICC_MASK | AHCI_PxCMD_ALPE | AHCI_PxCMD_PMA,
                AHCI_PxCMD_SUD | AHCI_PxCMD_POD | AHCI_PxCMD_ICC_ACTIVE);
    return !(command & AHCI_PxCMD_SUD) ||
           (control & AHCI_DET_MASK) == AHCI_SCTL_DET_OFF;
}

int ahci_port_bring_up(struct ahci_port *port, enum ahci_bring_up how,
                       u32 ready_ms)
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
    ahci_port_clear_events(port);
    wakes_up = port_power_on(port);
    port_change(port, 0, AHCI_PxCMD_FRE);
    if (how == AHCI_WITH_COMRESET) {
        port_comreset(port);
    } else {
        port_set_control(port, AHCI_SCTL_DET_NONE);
        if (wakes_up)
            port_wait_presence(port);
    }

    err = port_wait_link(port, how);
    if (err)
        return err;
    ahci_port_clear_events(port);
    err = port_wait_ready(port, ready_ms);
    if (err)
        return err;
    ahci_port_clear_events(port); // the first FIS of the disk counts as one
    return port_start(port);
}
