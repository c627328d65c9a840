// drivers/ata/ide_channel.c - a channel's reset, and who is there
// SPDX-License-Identifier: MIT
//
// How it works: a channel is a bus with two drives, of which the registers
// stand for the one that is selected. Whether there is anybody is seen by
// registers that keep what is written to them; a bus that nobody drives reads
// as ff (7f, where it pulls bit 7 down), or keeps nothing. Only then the
// channel is reset (SRST), which ends whatever the firmware or an error left
// running, and makes each drive leave its signature in the registers:
//
//   nIEN | keeps registers? | SRST 5 us | 2 ms | BSY=0 | signature | IDENTIFY
//
// Drive 0 answers in place of a drive 1 that is not there: with a status of 0,
// and with its own signature. So a disk is what also answers IDENTIFY.
//
// Every wait is bounded, and knows a status that is nobody's. Where nobody is a
// probe takes some thirty port accesses.
//
// Context: task; the channel is not ONLINE, so nobody else touches it. The
// functions that do not wait are for any context.
//
// Rejected: EXECUTE DEVICE DIAGNOSTIC in place of SRST: a command, which a
// drive that hangs does not take. SET FEATURES for a transfer mode: the mode
// would have to suit the controller's timings, which only its own driver can
// set; what the firmware or power-on selected does suit, and Ultra DMA modes
// outlive SRST (ATA/ATAPI-6 section 9.2; docs/disk.md).
//
// Sources: ATA/ATAPI-6 sections 9.2 (software reset), 9.12 (signature), 9.16.1
// (a single drive), 8.15 (IDENTIFY DEVICE).

#include "ide.h"

#include <base/errno.h>
#include <lib/string.h>

#include "ata_identify.h"

#define LOG_NAME "ide"
#include <kernel/log.h>

#define RESET_US 10u    // 5 at least
#define RESET_MS 2u     // until the status can be looked at
#define READY_MS 31000u // a disk that spins up after SRST
#define WAKING_MS                                                              \
    2000u               // one that has been busy since before we came; or
                        // a bus without drives that reads so
#define SELECT_MS   10u // one that is idle
#define IDENTIFY_MS 5000u
#define SPIN_LOOPS  50u // looks before the first sleep
#define SPIN_US     10u

#define STATUS_WAITED (ATA_STATUS_BSY | ATA_STATUS_DRQ)

void ide_settle(const struct ide_channel *channel)
{
    // Each takes 100 ns at least.
    for (u32 i = 0; i < 4; i++)
        (void)ide_alternate_status(channel);
}

void ide_select(struct ide_channel *channel, u32 drive)
{
    ide_write(channel, IDE_DEVICE,
              (u8)(IDE_DEVICE_OBSOLETE | drive << IDE_DEVICE_SHIFT));
    ide_settle(channel);
    channel->selected = drive;
}

void ide_taskfile_write(struct ide_channel *channel,
                        const struct ide_taskfile *taskfile)
{
    for (u32 i = taskfile->wide ? 2 : 1; i-- > 0;) {
        ide_write(channel, IDE_COUNT, taskfile->count[i]);
        ide_write(channel, IDE_LBA_LOW, taskfile->lba_low[i]);
        ide_write(channel, IDE_LBA_MID, taskfile->lba_mid[i]);
        ide_write(channel, IDE_LBA_HIGH, taskfile->lba_high[i]);
    }
    ide_write(channel, IDE_DEVICE, taskfile->device);
    ide_write(channel, IDE_COMMAND, taskfile->command);
}

// wait_clear - until the bits of @mask are 0. Return: 0; -ENODEV; -ETIMEDOUT.
static int wait_clear(const struct ide_channel *channel, u8 mask,
                      u32 timeout_ms)
{
    u64 deadline = time_ns() + (u64)timeout_ms * NSEC_PER_MSEC;

    for (u32 loops = 0;; loops++) {
        // Before the look: we may not have run for long.
        bool late = time_ns() >= deadline;
        u8 status = ide_alternate_status(channel);

        if (ide_status_is_nobodys(status))
            return -ENODEV;
        if (!(status & mask))
            return 0;
        if (late)
            return -ETIMEDOUT;
        if (loops < SPIN_LOOPS)
            time_delay_us(SPIN_US);
        else
            sleep_ms(1);
    }
}

// keeps_registers - of the drive selected: the registers are somebody's.
static bool keeps_registers(struct ide_channel *channel)
{
    static const u8 patterns[2][2] = {{0x55, 0xaa}, {0xaa, 0x55}};

    for (u32 i = 0; i < 2; i++) {
        ide_write(channel, IDE_COUNT, patterns[i][0]);
        ide_write(channel, IDE_LBA_LOW, patterns[i][1]);
        if (ide_read(channel, IDE_COUNT) != patterns[i][0] ||
            ide_read(channel, IDE_LBA_LOW) != patterns[i][1])
            return false;
    }
    return true;
}

// drive_answers - somebody is there, the drive itself or the other one for it.
static bool drive_answers(struct ide_channel *channel, u32 drive)
{
    u8 status;

    ide_select(channel, drive);
    status = ide_alternate_status(channel);
    if (ide_status_is_nobodys(status))
        return false;
    // Its registers read as its status as long as it is busy.
    if ((status & ATA_STATUS_BSY) &&
        wait_clear(channel, ATA_STATUS_BSY, WAKING_MS) == -ENODEV)
        return false;
    return (ide_alternate_status(channel) & ATA_STATUS_BSY) ||
           keeps_registers(channel);
}

// reset_wait - until the drives are ready. Drive 0, which is selected after a
// reset, waits for drive 1. Without it, drive 1 is waited for itself: registers
// that nobody drives do not tell of it.
static int reset_wait(struct ide_channel *channel, u32 timeout_ms)
{
    if (ide_status_is_nobodys(ide_alternate_status(channel)))
        ide_select(channel, 1);
    return wait_clear(channel, ATA_STATUS_BSY, timeout_ms);
}

static int reset(struct ide_channel *channel, u32 timeout_ms)
{
    ide_select(channel, 0);
    ide_control(channel, IDE_CONTROL_NO_INTERRUPT | IDE_CONTROL_RESET);
    time_delay_us(RESET_US);
    ide_control(channel, IDE_CONTROL_NO_INTERRUPT);
    channel->selected = IDE_DRIVES;
    for (u32 i = 0; i < RESET_MS; i++)
        time_delay_us(1000);
    return reset_wait(channel, timeout_ms);
}

int ide_channel_reset(struct ide_channel *channel)
{
    return reset(channel, READY_MS);
}

static enum ide_signature signature_read(struct ide_channel *channel, u32 drive)
{
    ide_select(channel, drive);
    if (wait_clear(channel, ATA_STATUS_BSY, READY_MS))
        return IDE_SIGNATURE_NONE;
    return ide_signature_of(ide_alternate_status(channel),
                            ide_read(channel, IDE_LBA_MID),
                            ide_read(channel, IDE_LBA_HIGH));
}

int ide_identify(struct ide_channel *channel, u32 drive,
                 struct ata_identity *out)
{
    u16 words[ATA_IDENTIFY_WORDS];
    struct ata_command command;
    struct ide_taskfile taskfile;
    u8 status;
    int err;

    ide_select(channel, drive);
    // Behind a reset the other drive may have been ready before this one.
    err = wait_clear(channel, ATA_STATUS_BSY, READY_MS);
    if (!err)
        err = wait_clear(channel, STATUS_WAITED, SELECT_MS);
    if (err)
        return err;
    ata_command_identify(&command);
    ide_taskfile_build(&taskfile, &command, drive);
    ide_taskfile_write(channel, &taskfile);
    ide_settle(channel);
    err = wait_clear(channel, ATA_STATUS_BSY, IDENTIFY_MS);
    if (err)
        return err;
    status = ide_read(channel, IDE_STATUS);
    if (status == 0)
        return -ENODEV; // the other drive, in its place
    if ((status & (ATA_STATUS_ERR | ATA_STATUS_DF)) ||
        !(status & ATA_STATUS_DRQ))
        return -EIO;
    ins16((u16)(channel->command_port + IDE_DATA), words, ATA_IDENTIFY_WORDS);
    ide_settle(channel);
    err = wait_clear(channel, STATUS_WAITED, SELECT_MS);
    (void)ide_read(channel, IDE_STATUS);
    return err ? err : ata_identify_disk(words, out);
}

static void log_unusable(const struct ide_drive *drive, int err)
{
    const char *why = "error";

    if (err == -EOPNOTSUPP)
        why = "no LBA, or sectors not of 512 or 4096 bytes";
    else if (err == -EACCES)
        why = "locked by a password";
    else if (err == -ETIMEDOUT)
        why = "does not get ready";
    log_warn("%u.%u disk not used: %s (error=%d status=%x)",
             drive->channel->index, drive->index, why, err,
             ide_alternate_status(drive->channel));
}

static void drive_probe(struct ide_channel *channel, struct ide_drive *drive)
{
    enum ide_signature signature = signature_read(channel, drive->index);
    int err;

    if (signature == IDE_SIGNATURE_NONE)
        return;
    if (signature != IDE_SIGNATURE_ATA) {
        log_info("%u.%u %s not used", channel->index, drive->index,
                 signature == IDE_SIGNATURE_ATAPI ? "ATAPI device"
                                                  : "unknown device");
        return;
    }
    err = ide_identify(channel, drive->index, &drive->identity);
    if (err == -ENODEV)
        return;
    if (err) {
        log_unusable(drive, err);
        return;
    }
    drive->present = true;
}

bool ide_channel_probe(struct ide_channel *channel)
{
    bool answers[IDE_DRIVES];
    bool is_busy;

    ide_control(channel, IDE_CONTROL_NO_INTERRUPT);
    for (u32 i = 0; i < IDE_DRIVES; i++)
        answers[i] = drive_answers(channel, i);
    if (!answers[0] && !answers[1])
        return false;
    is_busy = ide_alternate_status(channel) & ATA_STATUS_BSY;
    if (reset(channel, is_busy ? WAKING_MS : READY_MS)) {
        log_warn("%u does not get ready: status=%x", channel->index,
                 ide_alternate_status(channel));
        return false;
    }
    for (u32 i = 0; i < IDE_DRIVES; i++)
        if (answers[i])
            drive_probe(channel, &channel->drive[i]);
    return channel->drive[0].present || channel->drive[1].present;
}
