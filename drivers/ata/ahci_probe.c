// drivers/ata/ahci_probe.c - which disks are on the ports of an AHCI controller
// SPDX-License-Identifier: MIT
//
// How it works: at boot the ports are looked at one after the other, by
// polling. A disk that is still spinning up does not hold up the others: after
// half a second it is left to a thread, which waits as long as it takes and
// registers it then. Who needs it by name waits with block_settle().
//
// The same thread looks at an empty port on which something was plugged in:
// PxIS.PCS or PRCS, the only causes that are enabled there. A port that does
// nothing but ask to be looked at is left alone after some times.
//
// The thread is not the one that recovers from errors (ahci_error.c): reading a
// partition table needs that one.
//
// Rejected: spinning up several disks at once where the controller can stagger
// them: the power supply may count on it.
//
// Sources: AHCI 1.3.1 sections 7.3 (hot plug), 10.1.2, 10.10 (presence).

#include "ahci.h"

#include <base/errno.h>
#include <kernel/cmdline.h>
#include <kernel/irq.h>
#include <kernel/task.h>
#include <mm/dma.h>

#define LOG_NAME "ahci"
#include <kernel/log.h>

#define PROBES_MAX  5u   // of one port, in vain: something is loose
#define DEBOUNCE_MS 200u // a plug that is being pushed in

static LIST_HEAD(controllers); // of struct ahci; (c) but at boot
static bool pending;           // (i) a bit of some controller's probe is set
static WAIT_QUEUE(pending_wait);

void ahci_port_watch(struct ahci_port *port)
{
    u32 flags = irq_save();

    if (port->state == AHCI_PORT_DOWN && !port->probing) {
        ahci_port_write(port, AHCI_PxSERR, ~0u);
        ahci_port_write(port, AHCI_PxIS, ~0u);
        ahci_port_write(port, AHCI_PxIE, AHCI_PxIS_PCS | AHCI_PxIS_PRCS);
    }
    irq_restore(flags);
}

// Interrupts off.
static void probe_later(struct ahci_port *port)
{
    port->probing = true;
    port->hba->probe |= 1u << port->index;
    pending = true;
    wake_up(&pending_wait);
}

void ahci_port_changed(struct ahci_port *port)
{
    u32 is = ahci_port_read(port, AHCI_PxIS);

    ahci_port_write(port, AHCI_PxIE, 0);
    ahci_port_write(port, AHCI_PxIS, is);
    // Of a controller that is gone all bits are set, whenever it is asked.
    if (!port->probing && port->probes < PROBES_MAX)
        probe_later(port);
}

// port_probe - find out what is connected. Memory stays with ports that have a
// disk, and with those that cannot be stopped. @online: a disk that is found
// takes requests from now on; before anybody can reset the controller, who
// brings back the ports that do.
// Return: as ahci_port_attach; -ENOMEM.
static int port_probe(struct ahci_port *port, u32 ready_ms, bool online)
{
    bool stopped = false;
    int err;

    port->memory = dma_alloc(sizeof(*port->memory), &port->memory_bus);
    if (!port->memory) {
        log_err("%u.%u no memory", port->hba->index, port->index);
        return -ENOMEM;
    }
    mutex_lock(&port->hba->setup);
    // Not if the controller was given up meanwhile.
    err = port->state == AHCI_PORT_DOWN ? ahci_port_attach(port, ready_ms)
                                        : -ENODEV;
    if (err)
        stopped = ahci_port_stop(port) == 0;
    else if (online)
        ahci_port_set_online(port);
    mutex_unlock(&port->hba->setup);
    if (!err)
        return 0;
    if (stopped)
        dma_free(port->memory, sizeof(*port->memory));
    port->memory = NULL;
    return err;
}

static void port_register(struct ahci_port *port)
{
    const struct ata_identity *identity = &port->identity;
    const struct block_disk_info info = {
        .sectors = identity->sectors,
        .model = identity->model,
        .dma_end = port->hba->has_64bit ? DMA_END_64BIT : DMA_END_32BIT,
        .logical_bytes = identity->logical_bytes,
        .physical_bytes = identity->physical_bytes,
        .alignment_bytes = identity->alignment_bytes,
        .protection = port->hba->protection,
    };
    int err = block_register(port, &ahci_disk_ops, &info);

    if (err)
        log_err("%u.%u not registered: error=%d", port->hba->index, port->index,
                err);
}

// ---- at boot ---------------------------------------------------------------

// all_are_late - the word disk_late on the command line: every disk is taken
// for one that spins up, to try that on any machine.
static bool all_are_late(void)
{
    char word[8];

    return cmdline_get("disk_late", word, sizeof(word));
}

u32 ahci_probe_ports(struct ahci *hba)
{
    u32 late = 0;

    if (all_are_late()) {
        log_info("%u disk_late: all ports are looked at in the background",
                 hba->index);
        return hba->ports;
    }
    for (u32 ports = hba->ports; ports; ports &= ports - 1) {
        struct ahci_port *port = &hba->port[__builtin_ctz(ports)];

        if (port_probe(port, AHCI_READY_BOOT_MS, false) != -EAGAIN)
            continue;
        log_info("%u.%u disk not ready yet: waiting for it in the background",
                 hba->index, port->index);
        late |= 1u << port->index;
    }
    return late;
}

void ahci_register_disks(struct ahci *hba, u32 late)
{
    list_add_tail(&hba->link, &controllers);
    // All of them first: reading a partition table may lead to a reset of the
    // controller, which brings back the ports that are ONLINE.
    for (u32 ports = hba->ports; ports; ports &= ports - 1) {
        struct ahci_port *port = &hba->port[__builtin_ctz(ports)];

        if (port->memory)
            ahci_port_set_online(port);
    }
    for (u32 ports = hba->ports; ports; ports &= ports - 1) {
        struct ahci_port *port = &hba->port[__builtin_ctz(ports)];
        u32 flags;

        if (port->memory) {
            port_register(port);
        } else if (late & 1u << port->index) {
            block_probe_begin();
            port->late = true;
            flags = irq_save();
            probe_later(port);
            irq_restore(flags);
        } else {
            ahci_port_watch(port);
        }
    }
}

// ---- later -----------------------------------------------------------------

// Somebody may be there who was not, or was not ready.
static void port_look(struct ahci_port *port)
{
    if (!port->late) {
        log_info("%u.%u something was plugged in", port->hba->index,
                 port->index);
        sleep_ms(DEBOUNCE_MS);
    }
    // The controller may be given up while its ports are looked at.
    if (port_probe(port, AHCI_READY_MS, true) == 0 &&
        port->state != AHCI_PORT_DEAD)
        port_register(port);
}

// probe_end - nobody needs to wait for the port any longer.
static void probe_end(struct ahci_port *port)
{
    if (port->late)
        block_probe_end();
    port->late = false;
    port->probing = false;
}

static void probe_again(struct ahci_port *port)
{
    if (port->state == AHCI_PORT_DOWN)
        port_look(port);
    probe_end(port);
    if (port->state != AHCI_PORT_DOWN)
        return;
    if (++port->probes < PROBES_MAX)
        ahci_port_watch(port);
    else
        log_warn("%u.%u not looked at any more", port->hba->index, port->index);
}

static u32 take_ports_to_probe(struct ahci *hba)
{
    u32 flags = irq_save();
    u32 ports = hba->probe;

    hba->probe = 0;
    irq_restore(flags);
    return ports;
}

static void probe_thread(void *arg)
{
    struct ahci *hba;

    (void)arg;
    for (;;) {
        // Idle, and shown as such; no signal comes.
        (void)wait_event_interruptible(&pending_wait, READ_ONCE(pending));
        WRITE_ONCE(pending, false);
        list_for_each_entry (hba, &controllers, link) {
            u32 ports = take_ports_to_probe(hba);

            for (; ports; ports &= ports - 1)
                probe_again(&hba->port[__builtin_ctz(ports)]);
        }
    }
}

int ahci_probe_start(void)
{
    struct ahci *hba;

    if (kthread_start(probe_thread, NULL, "ahci-probe"))
        return 0;
    list_for_each_entry (hba, &controllers, link) {
        u32 ports = take_ports_to_probe(hba);

        for (; ports; ports &= ports - 1)
            probe_end(&hba->port[__builtin_ctz(ports)]);
    }
    return -ENOMEM;
}
