// drivers/ata/ide_io.c - running requests on an IDE channel
// SPDX-License-Identifier: MIT
//
// How it works: requests wait on their drive's queue in order of arrival. A
// channel does one command at a time; when it is free its drives take turns.
//
//   DMA   table, direction | registers, command | START .. interrupt: STOP,
//         status of the bus master, status of the drive, both in order?
//   PIO   registers, command .. for each sector an interrupt, and its bytes
//         through the data register; a write begins with the first sector
//         unasked, and ends with an interrupt more
//
// The bus master's interrupt bit says that the drive has asked for one and that
// all data has arrived; so a line that is shared tells nothing of others, and
// data that was read is there. The drive's status is read before that bit is
// cleared: it is set by an edge, which only a drive that has let go can make.
// Without a bus master a drive that is not busy has done what it was told.
//
// Interrupt handler and tick do the same, in ide_channel_service: whatever has
// happened is seen by either, so a lost interrupt costs one tick, and one that
// comes late finds nothing.
//
// PIO copies with interrupts off, a sector at a time: some 30 us for 512 bytes,
// 250 for 4096. It is what there is without a bus master, and the last resort
// of a request that DMA has failed (ide_error.c).
//
// Invariants (interrupts off): phase is IDLE <=> request is NULL <=> running is
// NULL. Only an ONLINE channel has an idle drive with a queue, and then only
// inside of these functions.
//
// Context: any, with interrupts off. A request's done() is called last, with
// the channel in order: it may submit the next request from there.
//
// Rejected: READ and WRITE MULTIPLE: must be set up for each drive anew after
// every reset, for the case that should not happen. Writing only registers that
// have changed: some drives change them.
//
// Sources: Programming Interface for Bus Master IDE Controller 1.0, section 3;
// 82371AB (PIIX4) section 5.2.2; ATA/ATAPI-6 sections 9.3 to 9.7 (protocols).

#include "ide.h"

#include <base/assert.h>
#include <base/errno.h>
#include <kernel/irq.h>
#include <mm/highmem.h>
#include <mm/page_alloc.h>

#define LOG_NAME "ide"
#include <kernel/log.h>

#define RW_TIMEOUT_NS    (5ull * NSEC_PER_SEC)
#define FLUSH_TIMEOUT_NS (30ull * NSEC_PER_SEC)

#define READY_LOOPS  100u // of READY_US: a drive that has just finished
#define READY_US     10u
#define SOON_LOOPS   10u // the same between sectors, where nothing else tells
#define POLLED_STEPS 64u // sectors in one go

static_assert(IDE_PRDS_MAX >= 2 * BLOCK_SEGMENTS_MAX,
              "one a segment, cut once");

// ---- giving back -----------------------------------------------------------

// dma_judge - what the success of the request that runs says of DMA.
static void dma_judge(struct ide_channel *channel)
{
    struct ide_drive *drive = channel->running;

    if (channel->phase != IDE_NO_DATA &&
        ide_dma_worked(&drive->dma, channel->phase == IDE_DMA,
                       channel->request->attempts))
        log_warn("%u.%u DMA does not work: PIO from now on", channel->index,
                 drive->index);
}

// request_finish - the one that runs has succeeded.
static void request_finish(struct ide_channel *channel)
{
    struct block_request *request = channel->request;

    dma_judge(channel);
    channel->phase = IDE_IDLE;
    channel->request = NULL;
    channel->running = NULL;
    block_request_done(request, 0);
    ide_channel_dispatch(channel);
}

// ---- data through the register ---------------------------------------------

// sector_transfer - the next sector, which the drive is ready for.
static void sector_transfer(struct ide_channel *channel)
{
    const struct block_segment *segment =
        &channel->request->segment[channel->segment];
    u16 port = (u16)(channel->command_port + IDE_DATA);
    u32 bytes = channel->running->identity.address_bytes;
    u8 *page = kmap_atomic(segment->page);
    u8 *at = page + segment->offset + channel->segment_bytes;

    ASSERT(channel->segment < channel->request->segments);
    if (channel->phase == IDE_PIO_IN) {
        if (channel->data_32bit)
            ins32(port, at, bytes / 4);
        else
            ins16(port, at, bytes / 2);
    } else {
        if (channel->data_32bit)
            outs32(port, at, bytes / 4);
        else
            outs16(port, at, bytes / 2);
    }
    kunmap_atomic(page);
    channel->sectors_left--;
    channel->segment_bytes += bytes;
    if (channel->segment_bytes == segment->bytes) {
        channel->segment++;
        channel->segment_bytes = 0;
    }
    ide_settle(channel);
}

// master_clear - forget the interrupt, once the drive's status has been read.
static void master_clear(struct ide_channel *channel)
{
    if (channel->master_port)
        ide_master_write(
            channel, IDE_MASTER_STATUS,
            (ide_master_read(channel, IDE_MASTER_STATUS) & IDE_MASTER_CAPABLE) |
                IDE_MASTER_INTERRUPT | IDE_MASTER_ERROR);
}

// service_registers - of a command without DMA: one step, if the drive is ready
// for it. Return: whether it was.
static bool service_registers(struct ide_channel *channel)
{
    u8 status = ide_alternate_status(channel);

    if (status & ATA_STATUS_BSY)
        return false;
    // Nothing yet: an interrupt that is another's, or old.
    if (channel->sectors_left &&
        !(status & (ATA_STATUS_DRQ | ATA_STATUS_ERR | ATA_STATUS_DF)))
        return false;
    status = ide_read(channel, IDE_STATUS);
    master_clear(channel);
    if (status & (ATA_STATUS_ERR | ATA_STATUS_DF)) {
        ide_channel_fail(channel);
        return true;
    }
    if (channel->sectors_left) {
        sector_transfer(channel);
        // The last sector of a read is the end; a write is acknowledged.
        if (channel->sectors_left || channel->phase == IDE_PIO_OUT)
            return true;
    } else if (status & ATA_STATUS_DRQ) {
        ide_channel_fail(channel);
        return true;
    }
    request_finish(channel);
    return true;
}

// service_soon - one step, if the drive is ready for it within a moment.
static bool service_soon(struct ide_channel *channel)
{
    for (u32 i = 0; i < SOON_LOOPS; i++) {
        if (service_registers(channel))
            return true;
        time_delay_us(READY_US);
    }
    return false;
}

// service_polled - all the steps that the drive is ready for by itself: without
// interrupts a tick for each sector would take long. Return: whether any was.
static bool service_polled(struct ide_channel *channel)
{
    const struct block_request *request = channel->request;
    bool any = service_registers(channel);

    for (u32 i = 0; any && i < POLLED_STEPS; i++)
        if (channel->state != IDE_ONLINE || channel->request != request ||
            !service_soon(channel))
            break;
    return any;
}

// ---- DMA -------------------------------------------------------------------

static bool service_dma(struct ide_channel *channel)
{
    u8 master = ide_master_read(channel, IDE_MASTER_STATUS);
    u8 status;

    if (!(master & (IDE_MASTER_INTERRUPT | IDE_MASTER_ERROR)))
        return false;
    ide_master_write(channel, IDE_MASTER_COMMAND, 0);
    barrier(); // the data is there
    status = ide_read(channel, IDE_STATUS);
    // ACTIVE with an interrupt: the drive has transferred less than it was
    // told.
    if ((status &
         (ATA_STATUS_BSY | ATA_STATUS_DRQ | ATA_STATUS_ERR | ATA_STATUS_DF)) ||
        (master & (IDE_MASTER_ERROR | IDE_MASTER_ACTIVE))) {
        ide_channel_fail(channel);
        return true;
    }
    ide_master_write(channel, IDE_MASTER_STATUS,
                     (master & IDE_MASTER_CAPABLE) | IDE_MASTER_INTERRUPT);
    request_finish(channel);
    return true;
}

// table_build - where the data lies. Return: 0; -EINVAL: not in reach.
static int table_build(struct ide_channel *channel,
                       const struct block_request *request)
{
    u32 count = 0;

    for (u32 i = 0; i < request->segments; i++) {
        const struct block_segment *segment = &request->segment[i];
        int err = ide_prd_append(
            channel->prd, IDE_PRDS_MAX, &count,
            phys_add(page_to_phys(segment->page), segment->offset).v,
            segment->bytes);

        if (err)
            return err;
    }
    ide_prd_end(channel->prd, count);
    return 0;
}

// master_prepare - all but START.
static u8 master_prepare(struct ide_channel *channel, enum block_op op)
{
    u8 direction = op == BLOCK_READ ? IDE_MASTER_TO_MEMORY : 0;

    outl((u16)(channel->master_port + IDE_MASTER_TABLE),
         (u32)channel->prd_bus.v);
    ide_master_write(channel, IDE_MASTER_COMMAND, direction);
    master_clear(channel);
    return direction;
}

// ---- starting --------------------------------------------------------------

// drive_ready - selected, and takes a command.
static bool drive_ready(struct ide_channel *channel,
                        const struct ide_drive *drive)
{
    if (channel->selected != drive->index)
        ide_select(channel, drive->index);
    for (u32 i = 0; i < READY_LOOPS; i++) {
        if (!(ide_alternate_status(channel) &
              (ATA_STATUS_BSY | ATA_STATUS_DRQ)))
            return true;
        time_delay_us(READY_US);
    }
    return false;
}

static bool runs_by_dma(const struct ide_drive *drive,
                        const struct block_request *request)
{
    return ide_dma_wanted(&drive->dma, request->attempts) &&
           !drive->channel->controller->no_dma;
}

// request_build - the registers, and with DMA the table. *@phase: how it will
// proceed. Return: 0; -EINVAL: the drive cannot be told to do that.
static int request_build(struct ide_drive *drive,
                         const struct block_request *request,
                         struct ide_taskfile *taskfile, enum ide_phase *phase)
{
    const struct ata_identity *identity = &drive->identity;
    const struct ata_transfer transfer = {
        .direction = request->op == BLOCK_WRITE ? ATA_WRITE : ATA_READ,
        .sector = request->driver_sector,
        .sectors = request->sectors,
    };
    struct ata_command command;
    enum ata_addressing addressing;
    int err;

    if (request->op == BLOCK_FLUSH) {
        *phase = IDE_NO_DATA;
        ata_command_flush(&command, identity);
        ide_taskfile_build(taskfile, &command, drive->index);
        return 0;
    }
    addressing = ide_addressing(identity->addressing, request->driver_sector,
                                request->sectors);
    if (runs_by_dma(drive, request)) {
        *phase = IDE_DMA;
        err = ata_command_rw(&command, identity, &transfer, addressing);
        if (!err)
            err = table_build(drive->channel, request);
    } else {
        *phase = transfer.direction == ATA_WRITE ? IDE_PIO_OUT : IDE_PIO_IN;
        err = ata_command_rw_pio(&command, identity, &transfer, addressing);
    }
    if (!err)
        ide_taskfile_build(taskfile, &command, drive->index);
    return err;
}

// command_give - to a drive that is ready.
static void command_give(struct ide_channel *channel,
                         const struct ide_taskfile *taskfile)
{
    u8 direction;

    if (channel->phase == IDE_DMA) {
        direction = master_prepare(channel, channel->request->op);
        ide_taskfile_write(channel, taskfile);
        barrier(); // the table before the controller looks at it
        ide_master_write(channel, IDE_MASTER_COMMAND,
                         direction | IDE_MASTER_START);
        return;
    }
    master_clear(channel);
    ide_taskfile_write(channel, taskfile);
    ide_settle(channel);
    // The first sector of a write is not asked for by an interrupt. A drive
    // that is not ready for it at once is looked after by the tick.
    if (channel->phase == IDE_PIO_OUT)
        (void)service_soon(channel);
}

static void request_issue(struct ide_drive *drive,
                          struct block_request *request)
{
    struct ide_channel *channel = drive->channel;
    struct ide_taskfile taskfile;
    enum ide_phase phase;
    int err;

    list_del(&request->link);
    err = request_build(drive, request, &taskfile, &phase);
    if (err) {
        block_request_done(request, err);
        return;
    }
    channel->request = request;
    channel->running = drive;
    channel->phase = phase;
    channel->segment = 0;
    channel->segment_bytes = 0;
    channel->sectors_left =
        phase == IDE_DMA
            ? 0
            : request->sectors * SECTOR_BYTES / drive->identity.address_bytes;
    channel->deadline_ns =
        time_ns() +
        (request->op == BLOCK_FLUSH ? FLUSH_TIMEOUT_NS : RW_TIMEOUT_NS);
    if (drive_ready(channel, drive))
        command_give(channel, &taskfile);
    else
        ide_channel_time_out(channel);
}

// drive_next - whose turn it is, among those that have something to do.
static struct ide_drive *drive_next(struct ide_channel *channel)
{
    for (u32 i = 0; i < IDE_DRIVES; i++) {
        u32 index = (channel->turn + i) % IDE_DRIVES;

        if (!list_empty(&channel->drive[index].queue)) {
            channel->turn = (index + 1) % IDE_DRIVES;
            return &channel->drive[index];
        }
    }
    return NULL;
}

void ide_channel_dispatch(struct ide_channel *channel)
{
    while (channel->state == IDE_ONLINE && !channel->request) {
        struct ide_drive *drive = drive_next(channel);

        if (!drive)
            return;
        request_issue(
            drive, list_first_entry(&drive->queue, struct block_request, link));
    }
    if (channel->state == IDE_ONLINE)
        ide_tick_arm(channel);
}

static void ide_start(void *disk, struct block_request *request)
{
    struct ide_drive *drive = disk;
    u32 flags = irq_save();

    if (drive->dead) {
        block_request_done(request, -ENODEV);
    } else if (request->op == BLOCK_FLUSH && !drive->identity.flush) {
        block_request_done(request, 0); // all that is done is on the medium
    } else {
        list_add_tail(&request->link, &drive->queue);
        ide_channel_dispatch(drive->channel);
    }
    irq_restore(flags);
}

const struct block_disk_ops ide_disk_ops = {.start = ide_start};

// service_idle - an interrupt of nothing that runs, taken back if it is ours.
static bool service_idle(struct ide_channel *channel)
{
    if (!channel->master_port ||
        !(ide_master_read(channel, IDE_MASTER_STATUS) & IDE_MASTER_INTERRUPT))
        return false;
    (void)ide_read(channel, IDE_STATUS);
    master_clear(channel);
    return true;
}

bool ide_channel_service(struct ide_channel *channel)
{
    if (channel->state != IDE_ONLINE)
        return false;
    switch (channel->phase) {
    case IDE_IDLE: return service_idle(channel);
    case IDE_DMA: return service_dma(channel);
    case IDE_NO_DATA:
    case IDE_PIO_IN:
    case IDE_PIO_OUT:
        return channel->interrupted ? service_registers(channel)
                                    : service_polled(channel);
    }
    return false;
}

void ide_channel_set_online(struct ide_channel *channel)
{
    u32 flags = irq_save();

    channel->state = IDE_ONLINE;
    // An interrupt of the request that failed is not one of the next, nor is
    // another function's on the same line one of ours.
    master_clear(channel);
    ide_control(channel, 0);
    ide_channel_dispatch(channel);
    irq_restore(flags);
}
