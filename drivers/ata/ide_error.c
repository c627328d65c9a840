// drivers/ata/ide_error.c - deadlines, errors and recovery of IDE channels
// SPDX-License-Identifier: MIT
//
// How it works: as on AHCI (ahci_error.c). An error or a deadline makes the
// channel RECOVERING: nothing is given back or started until the channel's
// recovery thread has reset it:
//
//   STOP, nIEN | the bus master is not ACTIVE? | SRST | IDENTIFY each drive:
//   the same disk?
//     yes: its requests go on; the one that ran goes back to the head of the
//          queue with one attempt more; the third was the last (the fifth if
//          the way to the disk may be at fault: ata_error.c)
//     no, or not answering twice: that drive is dead, its requests get -ENODEV
//
// The reset is for both drives; one that has lost nothing goes on as before.
// SRST for every error: a drive may be left wanting to transfer what nobody
// wants any more, and a command that timed out is ended by nothing else.
//
// The third attempt of a request runs by PIO (ide_dma.c).
//
// A bus master that stays ACTIVE after STOP may still write to memory: the
// function then loses its bus mastering, and its drives go on by PIO.
//
// The tick is a timer that runs while something is in flight. It looks for the
// deadline, and for what has happened: an interrupt that gets lost costs one
// tick. Until the first interrupt has come it runs fast, which makes machines
// work whose interrupt line leads nowhere.
//
// Bounds: a request ends after 5 x (its timeout + recovery); recovery is 2 x
// (SRST 31 s + 2 x (31 s until ready + IDENTIFY 5 s)). One behind others waits
// for these.
//
// Context: tick and ide_channel_fail: interrupts off; the rest: recovery
// thread, which allocates nothing: swap waits for it.
//
// Sources: ATA/ATAPI-6 section 9.2; Programming Interface for Bus Master IDE
// Controller 1.0, section 3.1.

#include "ide.h"

#include <base/assert.h>
#include <base/errno.h>
#include <kernel/irq.h>
#include <kernel/task.h>

#define LOG_NAME "ide"
#include <kernel/log.h>

#define RESETS_MAX     2u
#define STOP_LOOPS     100u // of STOP_US
#define STOP_US        10u
#define TICK_NS        (100ull * NSEC_PER_MSEC)
#define TICK_POLLED_NS (1ull * NSEC_PER_MSEC)

// recover_later - stop what runs, and remember what its end looked like.
static void recover_later(struct ide_channel *channel)
{
    ASSERT(channel->state == IDE_ONLINE && channel->request);
    channel->state = IDE_RECOVERING;
    channel->failed_phase = channel->phase;
    channel->failed_status = ide_alternate_status(channel);
    channel->failed_error = ide_read(channel, IDE_ERROR);
    channel->failed_master = 0;
    ide_control(channel, IDE_CONTROL_NO_INTERRUPT);
    if (channel->master_port) {
        channel->failed_master = ide_master_read(channel, IDE_MASTER_STATUS);
        ide_master_write(channel, IDE_MASTER_COMMAND, 0);
    }
    channel->recover = true;
    wake_up(&channel->recover_wait);
}

void ide_channel_fail(struct ide_channel *channel)
{
    recover_later(channel);
    channel->failure = ide_error_class(
        channel->failed_status, channel->failed_error, channel->failed_master);
}

void ide_channel_time_out(struct ide_channel *channel)
{
    recover_later(channel);
    channel->failure = ATA_ERROR_TIMEOUT;
}

static void channel_tick(struct timer *timer)
{
    struct ide_channel *channel = container_of(timer, struct ide_channel, tick);
    u32 flags = irq_save();

    if (channel->state == IDE_ONLINE && channel->request) {
        bool found = ide_channel_service(channel);

        if (found && !channel->interrupted &&
            ++channel->ticks_found == ATA_TICKS_FOUND_POLLING)
            log_warn("%u no interrupts: polling", channel->index);
    }
    // Not the same request, perhaps.
    if (channel->state == IDE_ONLINE && channel->request) {
        if (time_ns() >= channel->deadline_ns)
            ide_channel_time_out(channel);
        else
            ide_tick_arm(channel);
    }
    irq_restore(flags);
}

void ide_tick_arm(struct ide_channel *channel)
{
    // A write by PIO may wait for its first sector to be taken, without an
    // interrupt to come.
    bool slow = channel->interrupted && channel->phase != IDE_PIO_OUT;

    if (!channel->tick.pending)
        timer_start(&channel->tick,
                    time_ns() + (slow ? TICK_NS : TICK_POLLED_NS),
                    channel_tick);
}

static void log_failure(const struct ide_channel *channel)
{
    static const char *const phases[] = {[IDE_IDLE] = "idle",
                                         [IDE_NO_DATA] = "none",
                                         [IDE_DMA] = "dma",
                                         [IDE_PIO_IN] = "pio",
                                         [IDE_PIO_OUT] = "pio"};

    log_warn("%u.%u %s class=%s status=%02x error=%02x master=%02x "
             "transfer=%s sector=%llu",
             channel->index, channel->running->index,
             channel->failure == ATA_ERROR_TIMEOUT ? "timeout" : "error",
             ata_error_name(channel->failure), channel->failed_status,
             channel->failed_error, channel->failed_master,
             phases[channel->failed_phase], channel->request->driver_sector);
}

// master_stopped - it was told to.
static bool master_stopped(const struct ide_channel *channel)
{
    for (u32 i = 0; i < STOP_LOOPS; i++) {
        if (!(ide_master_read(channel, IDE_MASTER_STATUS) & IDE_MASTER_ACTIVE))
            return true;
        time_delay_us(STOP_US);
    }
    return false;
}

// drive_returns - after a reset: the same disk answers.
static int drive_returns(struct ide_drive *drive)
{
    struct ide_channel *channel = drive->channel;
    struct ata_identity identity;
    int err = ide_identify(channel, drive->index, &identity);

    if (err)
        return err;
    if (!ata_identity_same(&identity, &drive->identity)) {
        log_err("%u.%u another disk: model=\"%s\" serial=\"%s\"",
                channel->index, drive->index, identity.model, identity.serial);
        return -ENODEV;
    }
    if (drive->dma.on && !identity.dma_mode) {
        drive->dma.on = false;
        log_warn("%u.%u has lost its DMA mode: PIO from now on", channel->index,
                 drive->index);
    }
    return 0;
}

// drives_lost - which of the drives, as bits, do not come back.
static u32 drives_lost(struct ide_channel *channel)
{
    u32 waited = 0;

    for (u32 i = 0; i < IDE_DRIVES; i++)
        if (channel->drive[i].present && !channel->drive[i].dead)
            waited |= 1u << i;
    for (u32 tries = 0; waited && tries < RESETS_MAX; tries++) {
        int err = ide_channel_reset(channel);

        for (u32 i = 0; i < IDE_DRIVES && !err; i++)
            if ((waited & 1u << i) && drive_returns(&channel->drive[i]) == 0)
                waited &= ~(1u << i);
        if (err || waited)
            log_warn("%u reset failed: error=%d drives=%x", channel->index, err,
                     waited);
    }
    return waited;
}

// take_request - the one that ran, off the channel. Interrupts off.
static struct block_request *take_request(struct ide_channel *channel)
{
    struct block_request *request = channel->request;

    channel->phase = IDE_IDLE;
    channel->request = NULL;
    channel->running = NULL;
    return request;
}

static void drive_give_up(struct ide_drive *drive)
{
    struct ide_channel *channel = drive->channel;
    LIST_HEAD(requests);
    u32 flags = irq_save();

    drive->dead = true;
    if (channel->running == drive)
        list_add_tail(&take_request(channel)->link, &requests);
    list_splice_tail(&drive->queue, &requests);
    while (!list_empty(&requests)) {
        struct block_request *request =
            list_first_entry(&requests, struct block_request, link);

        list_del(&request->link);
        block_request_done(request, -ENODEV);
    }
    irq_restore(flags);
    log_err("%u.%u given up", channel->index, drive->index);
}

// request_retry - the one that ran goes back to the head of its queue, or
// fails.
static void request_retry(struct ide_channel *channel)
{
    int error = channel->failure == ATA_ERROR_TIMEOUT ? -ETIMEDOUT : -EIO;
    u32 flags = irq_save();
    struct ide_drive *drive = channel->running;
    struct block_request *request = take_request(channel);

    ide_dma_failed(&drive->dma, channel->failed_phase == IDE_DMA &&
                                    channel->failure != ATA_ERROR_MEDIUM);
    if (++request->attempts < ata_error_attempts(channel->failure)) {
        list_add(&request->link, &drive->queue);
    } else {
        log_err("%u.%u sector=%llu failed after %u attempts: error=%d",
                channel->index, drive->index, request->driver_sector,
                request->attempts, error);
        block_request_done(request, error);
    }
    irq_restore(flags);
}

static void channel_recover(struct ide_channel *channel)
{
    u32 lost;

    log_failure(channel);
    if (channel->master_port && !master_stopped(channel))
        ide_forbid_dma(channel);
    lost = drives_lost(channel);
    for (u32 i = 0; i < IDE_DRIVES; i++)
        if (lost & 1u << i)
            drive_give_up(&channel->drive[i]);
    if (channel->request)
        request_retry(channel);
    ide_channel_set_online(channel);
}

static void recovery_thread(void *arg)
{
    struct ide_channel *channel = arg;

    for (;;) {
        // Idle, and shown as such; no signal comes.
        (void)wait_event_interruptible(&channel->recover_wait,
                                       READ_ONCE(channel->recover));
        channel->recover = false;
        if (channel->state == IDE_RECOVERING)
            channel_recover(channel);
    }
}

int ide_recovery_start(struct ide_channel *channel)
{
    wait_queue_init(&channel->recover_wait);
    return kthread_start(recovery_thread, channel, "ide") ? 0 : -ENOMEM;
}
