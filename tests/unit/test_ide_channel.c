// tests/unit/test_ide_channel.c - drivers/ata: who is on an IDE channel
// SPDX-License-Identifier: MIT
// sources: drivers/ata/ide_channel.c drivers/ata/ide_taskfile.c
// sources: drivers/ata/ata_cmd.c drivers/ata/ata_error.c
// sources: drivers/ata/ata_identify.c
//
// The registers are those of a model: two drives, either of which may be
// missing, on a bus that reads so or so where nobody drives it.

#include "harness.h"

#include <errno.h>
#include <string.h>

#include "model_ports.h"

#include "../../drivers/ata/ide.h"

#include <kernel/cmdline.h>
#include <kernel/log.h>

#define COMMAND_PORT 0x170u
#define CONTROL_PORT 0x376u
#define CMD_IDENTIFY 0xecu
#define DRDY         0x50u

struct model_drive {
    bool there;
    u64 ready_ns; // busy until then
    u8 count, lba_low, lba_mid, lba_high, status;
};

static struct {
    struct model_drive drive[IDE_DRIVES];
    u32 selected;
    u8 floats;          // what nobody's registers read as
    u64 spin_up_ns;     // from the end of a reset until a drive is ready
    bool selected_busy; // written to the device register of a busy drive
    u8 control;
    u64 now;
} model;

static struct ide_channel channel;

// ---- what the kernel does --------------------------------------------------

u64 time_ns(void)
{
    return model.now;
}

void time_delay_us(u32 us)
{
    model.now += us * 1000ull;
}

void sleep_ms(u32 ms)
{
    model.now += (u64)ms * NSEC_PER_MSEC;
}

bool cmdline_get(const char *name, char *buf, size_t bytes)
{
    (void)name;
    (void)buf;
    (void)bytes;
    return false;
}

void log_write(enum log_level level, const char *name, const char *format, ...)
{
    (void)level;
    (void)name;
    (void)format;
}

// ---- the drives ------------------------------------------------------------

static struct model_drive *selected(void)
{
    return &model.drive[model.selected];
}

static bool busy(const struct model_drive *drive)
{
    return drive->there && model.now < drive->ready_ns;
}

static u8 status_read(void)
{
    if (selected()->there)
        return busy(selected()) ? ATA_STATUS_BSY : selected()->status;
    // Drive 0 answers for drive 1, which is not there.
    if (model.drive[0].there)
        return busy(&model.drive[0]) ? ATA_STATUS_BSY : 0;
    return model.floats;
}

static void drives_reset(void)
{
    for (u32 i = 0; i < IDE_DRIVES; i++) {
        struct model_drive *drive = &model.drive[i];

        drive->ready_ns = model.now + model.spin_up_ns;
        drive->count = drive->lba_low = 1;
        drive->lba_mid = drive->lba_high = 0;
        drive->status = DRDY;
    }
    model.selected = 0;
}

u8 inb(u16 port)
{
    const struct model_drive *drive =
        selected()->there ? selected() : &model.drive[0];

    model.now += 100;
    if (port == CONTROL_PORT)
        return status_read();
    if (!drive->there)
        return model.floats;
    if (busy(drive))
        return ATA_STATUS_BSY;
    switch (port - COMMAND_PORT) {
    case IDE_COUNT: return drive->count;
    case IDE_LBA_LOW: return drive->lba_low;
    case IDE_LBA_MID: return drive->lba_mid;
    case IDE_LBA_HIGH: return drive->lba_high;
    case IDE_STATUS: return status_read();
    default: return 0;
    }
}

// A register is written in both drives.
static void register_write(u32 offset, u8 v)
{
    for (u32 i = 0; i < IDE_DRIVES; i++) {
        struct model_drive *drive = &model.drive[i];

        if (busy(drive))
            continue;
        switch (offset) {
        case IDE_COUNT: drive->count = v; break;
        case IDE_LBA_LOW: drive->lba_low = v; break;
        case IDE_LBA_MID: drive->lba_mid = v; break;
        case IDE_LBA_HIGH: drive->lba_high = v; break;
        }
    }
}

void outb(u16 port, u8 v)
{
    model.now += 100;
    if (port == CONTROL_PORT) {
        if ((model.control & IDE_CONTROL_RESET) && !(v & IDE_CONTROL_RESET))
            drives_reset();
        model.control = v;
    } else if (port == COMMAND_PORT + IDE_DEVICE) {
        if (busy(selected()))
            model.selected_busy = true;
        model.selected = v >> IDE_DEVICE_SHIFT & 1;
    } else if (port == COMMAND_PORT + IDE_COMMAND) {
        if (v == CMD_IDENTIFY && selected()->there)
            selected()->status = DRDY | ATA_STATUS_DRQ;
    } else {
        register_write(port - COMMAND_PORT, v);
    }
}

void ins16(u16 port, void *to, u32 count)
{
    u16 *words = to;

    CHECK_EQ(port, COMMAND_PORT + IDE_DATA);
    CHECK_EQ(selected()->status, DRDY | ATA_STATUS_DRQ);
    memset(words, 0, count * sizeof(*words));
    words[0] = 0x0040;
    words[49] = 0x0300;
    words[60] = 1000;
    selected()->status = DRDY;
}

// ---- the tests -------------------------------------------------------------

static void model_make(bool master, bool slave, u8 floats, u32 spin_up_ms)
{
    memset(&model, 0, sizeof(model));
    memset(&channel, 0, sizeof(channel));
    model.drive[0].there = master;
    model.drive[1].there = slave;
    model.drive[0].status = model.drive[1].status = DRDY;
    model.floats = floats;
    model.spin_up_ns = (u64)spin_up_ms * NSEC_PER_MSEC;
    channel.command_port = COMMAND_PORT;
    channel.control_port = CONTROL_PORT;
    for (u32 i = 0; i < IDE_DRIVES; i++) {
        channel.drive[i].channel = &channel;
        channel.drive[i].index = i;
    }
}

static const u8 floating[] = {0xff, 0x7f};

TEST(probe_finds_who_is_there)
{
    for (u32 who = 0; who < 4; who++) {
        for (u32 i = 0; i < 2; i++) {
            bool master = who & 1, slave = who & 2;

            model_make(master, slave, floating[i], 3000);
            CHECK_EQ(ide_channel_probe(&channel), who != 0);
            CHECK_EQ(channel.drive[0].present, master);
            CHECK_EQ(channel.drive[1].present, slave);
            CHECK(!model.selected_busy);
        }
    }
}

TEST(nobody_costs_no_time)
{
    for (u32 i = 0; i < 2; i++) {
        model_make(false, false, floating[i], 3000);
        CHECK(!ide_channel_probe(&channel));
        CHECK(model.now < NSEC_PER_MSEC);
    }
}

// The reset ends when the drives are ready, the slave alone as any.
TEST(reset_waits_for_who_is_there)
{
    for (u32 who = 1; who < 4; who++) {
        for (u32 i = 0; i < 2; i++) {
            model_make(who & 1, who & 2, floating[i], 3000);
            CHECK_EQ(ide_channel_reset(&channel), 0);
            CHECK(!busy(&model.drive[0]) && !busy(&model.drive[1]));
            CHECK(!model.selected_busy);
        }
    }
}

TEST(reset_that_does_not_end)
{
    for (u32 who = 1; who < 4; who++) {
        model_make(who & 1, who & 2, 0xff, 100000);
        CHECK_EQ(ide_channel_reset(&channel), -ETIMEDOUT);
        CHECK(model.now < 40ull * NSEC_PER_SEC);
    }
    model_make(false, false, 0xff, 0);
    CHECK_EQ(ide_channel_reset(&channel), -ENODEV);
}
