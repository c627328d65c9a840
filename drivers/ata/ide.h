// drivers/ata/ide.h - what the files of the IDE driver share
// SPDX-License-Identifier: MIT
//
// The files: ide.c controllers, ide_channel.c a channel's reset and who is
// there, ide_io.c requests, ide_error.c what goes wrong; pure: ide_taskfile.c,
// ide_prd.c, ide_dma.c.
//
// Who guards what: (c) constant after ide_init; (i) touched with interrupts
// off; (t) of the task that is bringing the channel up: ide_init first, later
// the channel's recovery thread, never both.
#pragma once

#include <arch/io.h>
#include <drivers/ata.h>
#include <drivers/block.h>
#include <drivers/pci.h>
#include <kernel/time.h>
#include <kernel/wait.h>

#include "ide_dma.h"
#include "ide_prd.h"
#include "ide_regs.h"
#include "ide_taskfile.h"

#define IDE_CHANNELS 2u // of a controller
#define IDE_DRIVES   2u // of a channel

// Channel states. All of a channel's registers belong to interrupt handlers
// and ide_start while it is ONLINE, to a task while it is not.
enum ide_state {
    IDE_DOWN,       // nobody whom we use; or not yet
    IDE_ONLINE,     // takes and runs requests
    IDE_RECOVERING, // requests are kept, the recovery thread works
};

// How the request that runs proceeds.
enum ide_phase {
    IDE_IDLE, // none does
    IDE_NO_DATA,
    IDE_DMA,
    IDE_PIO_IN,
    IDE_PIO_OUT,
};

struct ide_channel;

// A drive without an identity is not there, for us: present is false.
struct ide_drive {
    struct ide_channel *channel;  // (c)
    u32 index;                    // (c) 0: master, 1: slave
    bool present;                 // (c)
    struct ata_identity identity; // (c)

    struct list_head queue; // (i) waiting
    bool dead;              // (i) every request is answered with -ENODEV
    struct ide_dma dma;     // (i) by DMA or PIO
};

// A PCI function, and its two channels. For those without one there is none.
struct ide_controller {
    const struct pci_function *pci;            // (c)
    u16 master_port;                           // (c) 0: no bus mastering
    bool simplex;                              // (c) DMA for one channel only
    bool no_dma;                               // (i) cut off from memory
    struct ide_channel *channel[IDE_CHANNELS]; // (c) NULL: no disk
};

struct ide_channel {
    struct ide_controller *controller; // (c) NULL: not a PCI function's
    u32 index;                         // (c) for the log
    u16 command_port, control_port;    // (c)
    u16 master_port;                   // (c) 0: no bus mastering
    u32 irq;                           // (c) 0: none is known
    bool data_32bit;                   // (c) the data port is 32 bits wide
    struct ide_drive drive[IDE_DRIVES];
    struct ide_prd *prd; // (i) a page; NULL without bus mastering
    phys_addr_t prd_bus; // (c)

    enum ide_state state;          // (i)
    enum ide_phase phase;          // (i)
    u32 selected;                  // (i) drive, IDE_DRIVES: unknown
    u32 turn;                      // (i) who is asked first for a request
    struct block_request *request; // (i) the one that runs, or NULL
    struct ide_drive *running;     // (i) ... on this drive
    u64 deadline_ns;               // (i)
    u32 segment, segment_bytes;    // (i) PIO: how far it has come
    u32 sectors_left;              // (i) ... of address_bytes each

    enum ata_error failure;                        // (i) why RECOVERING
    u8 failed_status, failed_error, failed_master; // (i) ... registers
    enum ide_phase failed_phase;                   // (i)
    bool interrupted;                              // (i) they work
    u32 ticks_found;                               // (i) ... before that
    struct timer tick;                             // (i)
    bool recover;                                  // (i)
    struct wait_queue recover_wait;
};

static inline u8 ide_read(const struct ide_channel *channel, u16 offset)
{
    return inb((u16)(channel->command_port + offset));
}
static inline void ide_write(struct ide_channel *channel, u16 offset, u8 value)
{
    outb((u16)(channel->command_port + offset), value);
}

// ide_alternate_status - the status, without taking an interrupt back.
static inline u8 ide_alternate_status(const struct ide_channel *channel)
{
    return inb(channel->control_port);
}
static inline void ide_control(struct ide_channel *channel, u8 value)
{
    outb(channel->control_port, value);
}

static inline u8 ide_master_read(const struct ide_channel *channel, u16 offset)
{
    return inb((u16)(channel->master_port + offset));
}
static inline void ide_master_write(struct ide_channel *channel, u16 offset,
                                    u8 value)
{
    outb((u16)(channel->master_port + offset), value);
}

// ---- ide.c ----------------------------------------------------------------

// ide_forbid_dma - the controller cannot be made to stop: cut it off from
// memory; its drives go on by PIO. Context: task.
void ide_forbid_dma(struct ide_channel *channel);

// ---- ide_channel.c --------------------------------------------------------

// ide_settle - 400 ns, after which the status is that of what was written last.
void ide_settle(const struct ide_channel *channel);

// ide_select - make the registers those of @drive.
void ide_select(struct ide_channel *channel, u32 drive);

// ide_taskfile_write - give the command. The drive is selected.
void ide_taskfile_write(struct ide_channel *channel,
                        const struct ide_taskfile *taskfile);

// ide_channel_probe - reset a channel that nobody uses, if anybody is there,
// and see who answers: present and identity of its drives. Interrupts of the
// channel are off then. Return: whether there is a disk for us. The rest is
// logged. Context: task; sleeps, unless nobody is there.
bool ide_channel_probe(struct ide_channel *channel);

// ide_channel_reset - SRST, and wait for the drives. Interrupts off after it.
// Return: 0; -ENODEV: nobody there; -ETIMEDOUT. Context: task; sleeps.
__must_check int ide_channel_reset(struct ide_channel *channel);

// ide_identify - ask a drive what it is, polled. Return: 0; -ENODEV: no answer;
// -EIO; -ETIMEDOUT; as ata_identify_disk. Context: task; sleeps.
__must_check int ide_identify(struct ide_channel *channel, u32 drive,
                              struct ata_identity *out);

// ---- ide_io.c -------------------------------------------------------------

extern const struct block_disk_ops ide_disk_ops; // disk: struct ide_drive *

// ide_channel_set_online - take requests from now on, start what waits.
void ide_channel_set_online(struct ide_channel *channel);

// ide_channel_dispatch - start what can be started. Interrupts off.
void ide_channel_dispatch(struct ide_channel *channel);

// ide_channel_service - see what has happened, and go on. Interrupts off.
// Return: whether anything had.
bool ide_channel_service(struct ide_channel *channel);

// ---- ide_error.c ----------------------------------------------------------

// ide_channel_fail - what runs has ended badly, and the channel can do no more
// before it is reset: hand it to the recovery thread. Interrupts off, ONLINE.
void ide_channel_fail(struct ide_channel *channel);

// ide_channel_time_out - the same, because nothing happens.
void ide_channel_time_out(struct ide_channel *channel);

// ide_tick_arm - make sure that the deadline is watched. Interrupts off.
void ide_tick_arm(struct ide_channel *channel);

// ide_recovery_start - the channel's recovery thread. Return: 0; -ENOMEM.
__must_check int ide_recovery_start(struct ide_channel *channel);
