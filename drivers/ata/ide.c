// drivers/ata/ide.c - IDE controllers, and channels without one
// SPDX-License-Identifier: MIT
//
// How it works: a PCI function of class 0101 has two channels, each in one of
// two modes, by bits of its programming interface: at the places of old (1f0,
// 3f6, IRQ 14; 170, 376, IRQ 15), or native, at base addresses and with the
// function's interrupt. The place of old that no function has is looked at all
// the same: an ISA controller is announced by nothing. On each channel:
// probe | memory, recovery thread | interrupt | the disks registered.
//
// DMA is done where the controller has bus master registers (base address 4)
// and the drive says that one of its DMA modes is selected. Who selected it,
// the firmware, also set the controller's timings; we set none. That is all
// that a driver without knowledge of the chip can do, and with firmware that
// boots from such disks it is enough.
//
// Nothing is ever freed once a channel has run: controllers do not go away.
//
// Rejected: switching a channel to native mode, where bit 1 or 3 allows it: the
// firmware has given it no addresses. Merging with ahci.c behind one interface
// of "ports": they share commands and IDENTIFY (ata_cmd.c), and little else.
//
// Sources: PCI IDE Controller Specification 1.0; Programming Interface for Bus
// Master IDE Controller 1.0; 82371AB (PIIX4) chapters 5 and 9.

#include <drivers/ide.h>

#include "ide.h"

#include <base/errno.h>
#include <kernel/cmdline.h>
#include <kernel/irq.h>
#include <lib/string.h>
#include <mm/dma.h>
#include <mm/slab.h>

#define LOG_NAME "ide"
#include <kernel/log.h>

// The two places of old, PCI IDE section 2.1.
static const struct {
    u16 command, control;
    u32 irq;
} legacy[IDE_CHANNELS] = {{0x1f0, 0x3f6, 14}, {0x170, 0x376, 15}};

static bool legacy_claimed[IDE_CHANNELS];
static u32 channel_count; // that have a disk, for the log

static bool channel_interrupt(u32 irq, void *arg)
{
    struct ide_channel *channel = arg;
    bool was_mine = ide_channel_service(channel);

    (void)irq;
    if (was_mine)
        channel->interrupted = true;
    return was_mine;
}

// dma_allowed - by the command line. Bit 0 is about disks, as Linux has it.
static bool dma_allowed(void)
{
    char word[8];
    const char *end;
    u64 bits;

    return !cmdline_get("libata.dma", word, sizeof(word)) ||
           str_to_u64(word, 0, &bits, &end) || (bits & 1);
}

// channel_may_dma - as far as it and its controller are concerned.
static bool channel_may_dma(const struct ide_channel *channel)
{
    const struct ide_controller *controller = channel->controller;
    const struct ide_channel *other;

    if (!channel->master_port || !channel->prd || controller->no_dma)
        return false;
    if (!controller->simplex)
        return true;
    other = controller->channel[0];
    return !other || (!other->drive[0].dma.on && !other->drive[1].dma.on);
}

static void drive_log(const struct ide_drive *drive)
{
    const struct ata_identity *identity = &drive->identity;

    log_info("%u.%u disk model=\"%s\" serial=\"%s\" sectors=%llu logical=%u "
             "physical=%u lba=%u transfer=%s",
             drive->channel->index, drive->index, identity->model,
             identity->serial, identity->sectors, identity->logical_bytes,
             identity->physical_bytes,
             identity->addressing == ATA_LBA48 ? 48u : 28u,
             drive->dma.on ? "dma" : "pio");
}

static void drive_register(struct ide_drive *drive)
{
    const struct ata_identity *identity = &drive->identity;
    const struct block_disk_info info = {
        .sectors = identity->sectors,
        .model = identity->model,
        // PIO is done by the CPU, which reaches all.
        .dma_end = drive->dma.on ? DMA_END_32BIT : DMA_END_64BIT,
        .logical_bytes = identity->logical_bytes,
        .physical_bytes = identity->physical_bytes,
        .alignment_bytes = identity->alignment_bytes,
    };
    int err = block_register(drive, &ide_disk_ops, &info);

    if (err)
        log_err("%u.%u not registered: error=%d", drive->channel->index,
                drive->index, err);
}

// channel_run - from drives that are known to registered disks. Return: 0;
// -ENOMEM: nothing is left of it.
static int channel_run(struct ide_channel *channel)
{
    bool has_irq, dma;
    int err;

    if (channel->master_port && dma_allowed())
        channel->prd = dma_alloc(PAGE_SIZE, &channel->prd_bus);
    err = ide_recovery_start(channel);
    if (err) {
        if (channel->prd)
            dma_free(channel->prd, PAGE_SIZE);
        return err;
    }
    has_irq = channel->irq &&
              irq_request(channel->irq, channel_interrupt, channel, "ide") == 0;
    log_info("%u at=%x irq=%u master=%x", channel->index, channel->command_port,
             has_irq ? channel->irq : 0, channel->master_port);
    dma = channel_may_dma(channel);
    for (u32 i = 0; i < IDE_DRIVES; i++) {
        struct ide_drive *drive = &channel->drive[i];

        drive->dma.on = dma && drive->present && drive->identity.dma_mode;
        if (drive->present)
            drive_log(drive);
    }
    ide_channel_set_online(channel);
    for (u32 i = 0; i < IDE_DRIVES; i++)
        if (channel->drive[i].present)
            drive_register(&channel->drive[i]);
    return 0;
}

// channel_start - see who is there, and use it. NULL: nobody for us.
static struct ide_channel *channel_start(const struct ide_channel *model)
{
    struct ide_channel *channel = kzalloc(sizeof(*channel), GFP_KERNEL);

    if (!channel) {
        log_err("%x no memory", model->command_port);
        return NULL;
    }
    *channel = *model;
    channel->index = channel_count;
    channel->selected = IDE_DRIVES;
    for (u32 i = 0; i < IDE_DRIVES; i++) {
        channel->drive[i].channel = channel;
        channel->drive[i].index = i;
        list_init(&channel->drive[i].queue);
    }
    if (ide_channel_probe(channel) && channel_run(channel) == 0) {
        channel_count++;
        return channel;
    }
    kfree(channel);
    return NULL;
}

// native_ports - of a channel that has base addresses of its own. Return: 0;
// -ENODEV: it has none, or none that can be ports.
static int native_ports(const struct pci_function *pci, u32 n,
                        struct ide_channel *model)
{
    struct pci_bar command, control;
    int err = pci_bar_read(pci, 2 * n + IDE_BAR_COMMAND, &command);

    if (!err)
        err = pci_bar_read(pci, 2 * n + IDE_BAR_CONTROL, &control);
    if (err)
        return err;
    if (command.kind != PCI_BAR_IO || command.bytes < IDE_COMMAND_BYTES ||
        control.kind != PCI_BAR_IO || control.bytes < IDE_CONTROL_BYTES)
        return -ENODEV;
    model->command_port = (u16)command.start.v;
    model->control_port = (u16)(control.start.v + IDE_CONTROL_OFFSET);
    if (pci->irq_pin && pci->irq_line >= 1 && pci->irq_line <= 15)
        model->irq = pci->irq_line;
    return 0;
}

static void legacy_ports(u32 n, struct ide_channel *model)
{
    model->command_port = legacy[n].command;
    model->control_port = legacy[n].control;
    model->irq = legacy[n].irq;
    legacy_claimed[n] = true;
}

// master_find - the bus master registers, stopped. 0: none.
static u16 master_find(const struct pci_function *pci)
{
    struct pci_bar bar;
    u16 port;

    if (!(pci->prog_if & IDE_PROG_IF_MASTER) ||
        pci_bar_read(pci, IDE_BAR_MASTER, &bar) || bar.kind != PCI_BAR_IO ||
        bar.bytes < IDE_MASTER_BYTES)
        return 0;
    port = (u16)bar.start.v;
    pci_enable_io(pci);
    if (inb((u16)(port + IDE_MASTER_STATUS)) == 0xff)
        return 0;
    // What the firmware left running would write to memory that is ours now.
    for (u32 n = 0; n < IDE_CHANNELS; n++)
        outb((u16)(port + n * IDE_MASTER_CHANNEL_BYTES + IDE_MASTER_COMMAND),
             0);
    return port;
}

static void controller_channel(struct ide_controller *controller, u32 n)
{
    const struct pci_function *pci = controller->pci;
    struct ide_channel model = {.controller = controller, .data_32bit = true};

    if (pci->prog_if & IDE_PROG_IF_NATIVE << 2 * n) {
        int err = native_ports(pci, n, &model);

        if (err) {
            log_warn("%02x:%02x.%x channel %u not used: error=%d", pci->bus,
                     pci->device, pci->function, n, err);
            return;
        }
    } else {
        if (legacy_claimed[n])
            return; // another function's
        legacy_ports(n, &model);
    }
    if (controller->master_port)
        model.master_port =
            (u16)(controller->master_port + n * IDE_MASTER_CHANNEL_BYTES);
    controller->channel[n] = channel_start(&model);
}

static void controller_start(const struct pci_function *pci)
{
    struct ide_controller *controller =
        kzalloc(sizeof(*controller), GFP_KERNEL);

    if (!controller) {
        log_err("%02x:%02x.%x no memory", pci->bus, pci->device, pci->function);
        return;
    }
    controller->pci = pci;
    controller->master_port = master_find(pci);
    pci_enable_io(pci);
    pci_enable_pin(pci);
    if (controller->master_port) {
        controller->simplex =
            inb((u16)(controller->master_port + IDE_MASTER_STATUS)) &
            IDE_MASTER_SIMPLEX;
        pci_enable_master(pci);
    }
    for (u32 n = 0; n < IDE_CHANNELS; n++)
        controller_channel(controller, n);
    if (controller->channel[0] || controller->channel[1])
        return;
    pci_disable_master(pci);
    kfree(controller);
}

void ide_forbid_dma(struct ide_channel *channel)
{
    struct ide_controller *controller = channel->controller;
    u32 flags = irq_save();

    // Also for drives that are not known to the controller yet.
    controller->no_dma = true;
    pci_disable_master(controller->pci);
    irq_restore(flags);
    log_err("%u bus master does not stop: cut off from memory, PIO from now on",
            channel->index);
}

void ide_init(void)
{
    const struct pci_function *pci = NULL;

    for (;;) {
        pci = pci_find_subclass(PCI_CLASS_STORAGE, IDE_PCI_SUBCLASS, pci);
        if (!pci)
            break;
        controller_start(pci);
    }
    for (u32 n = 0; n < IDE_CHANNELS; n++) {
        struct ide_channel model = {0};

        if (legacy_claimed[n])
            continue;
        legacy_ports(n, &model);
        (void)channel_start(&model);
    }
}
