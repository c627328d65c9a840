// drivers/ata/ahci_hba.c - one AHCI controller: taken over, reset, run
// SPDX-License-Identifier: MIT
//
// How it works: the controller is taken over from the firmware, all its ports
// are stopped, and only then may it be bus master (pci_init had forbidden it).
// The ports are brought up one after the other by polling (ahci_probe.c); when
// it is known what is there, interrupts are turned on and the disks registered.
//
// Interrupts: by message where the controller can; else by its PCI interrupt
// line, if the firmware named one; else the tick looks (ahci_error.c).
//
// Nothing is ever freed once a port has run. A controller that goes away reads
// as all ones, which ahci_error.c finds; its disks are DEAD then.
//
// Rejected: a global reset as a matter of course: it loses what the firmware
// set up (ports implemented, spin-up order) and takes longest. Used when a port
// cannot be stopped otherwise, and after errors of the host bus. One message
// per port: one is enough.
//
// Sources: AHCI 1.3.1 sections 3.1, 10.1.2 (initialisation), 10.4.3 (reset),
// 10.6 (handoff from the BIOS), 10.7.2 (interrupts). A BIOS that never lets go,
// with a register of all ones: hhuOS issue 49 (Eee PC 1001P).

#include "ahci.h"

#include <base/errno.h>
#include <kernel/irq.h>

#define LOG_NAME "ahci"
#include <kernel/log.h>

#define HANDOFF_MS      25u   // AHCI 10.6.3
#define HANDOFF_BUSY_MS 2000u // when the BIOS says that it is busy
#define RESET_MS        1000u // AHCI 10.4.3
#define ENABLE_TRIES    5u
#define ENABLE_US       1000u

static u32 hba_read(const struct ahci *hba, u32 offset)
{
    return mmio_read32(hba->regs, offset);
}

static void hba_write(struct ahci *hba, u32 offset, u32 value)
{
    mmio_write32(hba->regs, offset, value);
}

// hba_take_over - from the BIOS, if it has a say. One that does not answer is
// ignored: there are machines on which it never does.
static void hba_take_over(struct ahci *hba)
{
    u32 handoff;

    if (!(hba_read(hba, AHCI_CAP2) & AHCI_CAP2_BOH))
        return;
    handoff = hba_read(hba, AHCI_BOHC);
    if (handoff == ~0u) {
        log_warn("%u no register for the handoff from the BIOS", hba->index);
        return;
    }
    hba_write(hba, AHCI_BOHC, handoff | AHCI_BOHC_OOS);
    if (ahci_wait(hba->regs, AHCI_BOHC, AHCI_BOHC_BOS, 0, HANDOFF_MS) == 0)
        return;
    if ((hba_read(hba, AHCI_BOHC) & AHCI_BOHC_BB) &&
        ahci_wait(hba->regs, AHCI_BOHC, AHCI_BOHC_BOS, 0, HANDOFF_BUSY_MS) == 0)
        return;
    log_warn("%u BIOS does not let go: taken over all the same", hba->index);
}

// hba_enable - AHCI mode, without which no other register may be looked at
// (AHCI 3.1.2). Some need to be told more than once.
static int hba_enable(struct ahci *hba)
{
    for (u32 i = 0; i < ENABLE_TRIES; i++) {
        u32 control = hba_read(hba, AHCI_GHC);

        if (control & AHCI_GHC_AE)
            return 0;
        hba_write(hba, AHCI_GHC, control | AHCI_GHC_AE);
        time_delay_us(ENABLE_US);
    }
    return hba_read(hba, AHCI_GHC) & AHCI_GHC_AE ? 0 : -ETIMEDOUT;
}

// hba_restore - what the firmware has written and a reset must not touch
// (HwInit, AHCI 10.4.3). There are controllers that lose it.
static void hba_restore(struct ahci *hba)
{
    if (hba_read(hba, AHCI_CAP) != hba->abilities)
        hba_write(hba, AHCI_CAP, hba->abilities);
    if (hba_read(hba, AHCI_PI) != hba->ports_named)
        hba_write(hba, AHCI_PI, hba->ports_named);
}

int ahci_hba_reset(struct ahci *hba)
{
    u32 interrupts = hba_read(hba, AHCI_GHC) & AHCI_GHC_IE;
    int err;

    hba_write(hba, AHCI_GHC, AHCI_GHC_AE | AHCI_GHC_HR);
    if (ahci_wait(hba->regs, AHCI_GHC, AHCI_GHC_HR, 0, RESET_MS))
        return -ETIMEDOUT;
    err = hba_enable(hba);
    if (err)
        return err;
    hba_restore(hba);
    hba_write(hba, AHCI_IS, ~0u);
    hba_write(hba, AHCI_GHC, AHCI_GHC_AE | interrupts);
    return 0;
}

// hba_read_abilities - what the controller can, and which ports it has: those
// that the firmware named, within the number there can be and the registers
// that there are.
static int hba_read_abilities(struct ahci *hba, u32 register_bytes)
{
    u32 abilities = hba_read(hba, AHCI_CAP);
    u32 count = (abilities & AHCI_CAP_NP) + 1;
    u32 mapped = (register_bytes - AHCI_PORTS) / AHCI_PORT_BYTES;

    if (abilities == ~0u)
        return -ENODEV; // not decoded, or asleep
    count = min(count, mapped);
    hba->abilities = abilities;
    hba->ports_named = hba_read(hba, AHCI_PI);
    hba->ports = hba->ports_named & (~0u >> (32 - count));
    if (!hba->ports) {
        log_warn("%u the firmware named no ports: all %u taken", hba->index,
                 count);
        hba->ports = ~0u >> (32 - count);
    }
    hba->slots = (abilities >> AHCI_CAP_NCS_SHIFT & AHCI_CAP_NCS_MASK) + 1;
    hba->has_64bit = abilities & AHCI_CAP_S64A;
    hba->has_ncq = abilities & AHCI_CAP_SNCQ;
    hba->has_override = abilities & AHCI_CAP_SCLO;
    hba->staggered = abilities & AHCI_CAP_SSS;
    for (u32 i = 0; i < AHCI_PORTS_MAX; i++) {
        struct ahci_port *port = &hba->port[i];

        port->hba = hba;
        port->index = i;
        port->regs = (u8 __iomem *)hba->regs + AHCI_PORTS + i * AHCI_PORT_BYTES;
        list_init(&port->queue);
        list_init(&port->running);
    }
    return 0;
}

static int hba_stop_ports(struct ahci *hba)
{
    for (u32 ports = hba->ports; ports; ports &= ports - 1) {
        int err = ahci_port_stop(&hba->port[__builtin_ctz(ports)]);

        if (err)
            return err;
    }
    return 0;
}

// hba_quiesce - stop what the firmware left running, so that nothing is written
// to memory that was its own.
static int hba_quiesce(struct ahci *hba)
{
    int err = hba_stop_ports(hba);

    if (!err)
        return 0;
    log_warn("%u reset: a port cannot be stopped", hba->index);
    err = ahci_hba_reset(hba);
    return err ? err : hba_stop_ports(hba);
}

int ahci_hba_prepare(struct ahci *hba, u32 register_bytes)
{
    int err = hba_enable(hba);

    if (!err)
        err = hba_read_abilities(hba, register_bytes);
    if (err)
        return err;
    hba_take_over(hba);
    // The BIOS has no use for interrupts any more.
    hba_write(hba, AHCI_GHC, AHCI_GHC_AE);
    err = hba_enable(hba); // what it did last may have ended AHCI mode
    return err ? err : hba_quiesce(hba);
}

static bool hba_interrupt(u32 irq, void *arg)
{
    struct ahci *hba = arg;
    u32 pending = hba_read(hba, AHCI_IS) & hba->ports;

    (void)irq;
    if (!pending)
        return false;
    hba->interrupted = true;
    for (u32 ports = pending; ports; ports &= ports - 1) {
        struct ahci_port *port = &hba->port[__builtin_ctz(ports)];

        if (port->state == AHCI_PORT_DOWN)
            ahci_port_changed(port);
        else
            ahci_port_service(port);
    }
    // After the ports: a bit stays set as long as its port wants something.
    hba_write(hba, AHCI_IS, pending);
    return true;
}

// hba_request_interrupt - the best that there is. Return: its name, for the
// log.
static const char *hba_request_interrupt(struct ahci *hba)
{
    const struct pci_function *pci = hba->pci;
    u32 address, data;

    if (pci_has_msi(pci) &&
        irq_request_msi(hba_interrupt, hba, "ahci", &address, &data) == 0 &&
        pci_enable_msi(pci, address, data) == 0)
        return "msi";
    pci_enable_pin(pci);
    if (pci->irq_pin && pci->irq_line >= 1 && pci->irq_line <= 15 &&
        irq_request(pci->irq_line, hba_interrupt, hba, "ahci") == 0)
        return "pin";
    return "none";
}

int ahci_hba_run(struct ahci *hba)
{
    const char *interrupt;
    u32 late;
    int err = ahci_recovery_start(hba);

    if (err)
        return err;
    pci_enable_master(hba->pci);
    late = ahci_probe_ports(hba);
    interrupt = hba_request_interrupt(hba);
    hba_write(hba, AHCI_IS, ~0u);
    hba_write(hba, AHCI_GHC, AHCI_GHC_AE | AHCI_GHC_IE);
    log_info("%u version=%x ports=%08x slots=%u ncq=%u 64bit=%u staggered=%u "
             "interrupt=%s",
             hba->index, hba_read(hba, AHCI_VS), hba->ports, hba->slots,
             (u32)hba->has_ncq, (u32)hba->has_64bit, (u32)hba->staggered,
             interrupt);
    ahci_register_disks(hba, late);
    return 0;
}

void ahci_abandon(struct ahci *hba)
{
    pci_disable_master(hba->pci);
    log_err("%u cut off from memory", hba->index);
    for (u32 ports = hba->ports; ports; ports &= ports - 1) {
        struct ahci_port *port = &hba->port[__builtin_ctz(ports)];

        if (port->state == AHCI_PORT_DEAD)
            continue;
        ahci_port_write(port, AHCI_PxIE, 0);
        ahci_port_give_up(port);
    }
}
