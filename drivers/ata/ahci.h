// drivers/ata/ahci.h - what the files of the AHCI driver share
// SPDX-License-Identifier: MIT
//
// The files: ahci.c finding controllers, ahci_hba.c one of them, ahci_probe.c
// finding disks, ahci_port.c bringing a port up and down, ahci_attach.c what is
// connected to it, ahci_io.c requests, ahci_error.c what goes wrong,
// ahci_class.c what kind of error it is.
//
// Who guards what: (c) constant after ahci_init, of a port: once it is ONLINE;
// (i) touched with interrupts off; (t) of the task that is bringing the port
// up: ahci_init or the probe thread first, later the controller's recovery
// thread, never two of them.
#pragma once

#include <arch/io.h>
#include <drivers/ata.h>
#include <drivers/block.h>
#include <drivers/pci.h>
#include <kernel/mutex.h>
#include <kernel/time.h>
#include <kernel/wait.h>

#include "ahci_class.h"
#include "ahci_regs.h"

// Port states. All of a port's registers belong to interrupt handlers and
// ahci_start while it is ONLINE, to a task while it is not.
enum ahci_port_state {
    AHCI_PORT_DOWN,       // no disk that we use; or not yet
    AHCI_PORT_ONLINE,     // takes and runs requests
    AHCI_PORT_RECOVERING, // requests are kept, the recovery thread works
    AHCI_PORT_DEAD,       // every request is answered with -ENODEV
};

// All that the controller reads and writes of a port, in one piece.
struct ahci_port_memory {
    struct ahci_command_header list[AHCI_SLOTS_MAX]; // aligned to 1 KiB
    u8 received_fis[256];                            // aligned to 256
    u16 identify[ATA_IDENTIFY_WORDS];
    struct ahci_command_table table[AHCI_SLOTS_MAX]; // aligned to 128
};
static_assert(offsetof(struct ahci_port_memory, received_fis) % 256 == 0,
              "AHCI 4.2.1");
static_assert(offsetof(struct ahci_port_memory, table) % 128 == 0,
              "AHCI 4.2.2");

struct ahci;

struct ahci_port {
    struct ahci *hba;                // (c)
    u32 index;                       // (c)
    void __iomem *regs;              // (c)
    struct ahci_port_memory *memory; // (c) NULL: port not used
    phys_addr_t memory_bus;          // (c)
    struct ata_identity identity;    // (c)
    u32 depth;                       // (c) requests in flight at most; less
                                     // after time-outs (ahci_error.c)

    enum ahci_port_state state;                 // (i)
    struct list_head queue;                     // (i) waiting
    struct list_head running;                   // (i) in order of issue
    u32 active;                                 // (i) slots in flight
    bool active_queued;                         // (i) ... by NCQ
    struct block_request *slot[AHCI_SLOTS_MAX]; // (i)
    u64 deadline_ns[AHCI_SLOTS_MAX];            // (i)

    enum ata_error failure;      // (i) why it is RECOVERING
    u32 failure_is;              // (i) PxIS of that moment
    u32 idle_failures;           // (i) since a request succeeded
    struct ahci_history history; // (t)
    u32 speed_limit;             // (t) generation of the link; 0: any
    bool probing;                // (i) the thread is to look at it, or does
    bool late;                   // (t) block_settle() waits for that
    u32 probes;                  // (t) for a disk that appeared later, in vain
};

struct ahci {
    struct list_head link;          // (c) all of them
    const struct pci_function *pci; // (c)
    void __iomem *regs;             // (c)
    u32 index;                      // (c) for the log
    u32 abilities, ports_named;     // (c) CAP and PI as the firmware set them
    u32 ports;                      // (c) bit n: port n is implemented
    u32 slots;                      // (c)
    bool has_64bit, has_ncq;        // (c)
    bool has_override;              // (c) PxCMD.CLO
    bool staggered;                 // (c) disks spin up when they are told to
    const char *protection;         // (c) why its disks are never written
    struct ahci_port port[AHCI_PORTS_MAX];

    bool interrupted;  // (i) an interrupt has come: they work
    u32 ticks_found;   // (i) ... before that
    struct timer tick; // (i) runs while something is in flight
    u32 recover;       // (i) ports that the thread is to reset
    struct wait_queue recover_wait;
    u32 probe; // (i) ports that the probe thread is to look at
    // Held while the probe thread finds out what is on a port, and while the
    // controller is reset, which undoes what that thread has set up. Nothing
    // that waits for a disk is done under it, as getting memory does.
    struct mutex setup;
    u32 resets;        // (t) of the controller, lately
    u64 last_reset_ns; // (t)
};

static inline u32 ahci_port_read(const struct ahci_port *port, u32 offset)
{
    return mmio_read32(port->regs, offset);
}

// Where the controller finds what is at @offset of the port's memory.
static inline u64 ahci_memory_bus(const struct ahci_port *port, u32 offset)
{
    return phys_add(port->memory_bus, offset).v;
}

static inline void ahci_port_write(const struct ahci_port *port, u32 offset,
                                   u32 value)
{
    mmio_write32(port->regs, offset, value);
}

// ---- ahci_hba.c -----------------------------------------------------------

// ahci_hba_prepare - take a controller, of which regs is mapped, from whatever
// state the firmware left it in to stopped ports. Context: task; sleeps.
// Return: 0; -ENODEV: it does not answer; -ETIMEDOUT: it cannot be stopped.
__must_check int ahci_hba_prepare(struct ahci *hba, u32 register_bytes);

// ahci_hba_reset - all of it anew, interrupts on again if they were; ports are
// stopped. Context: task; sleeps. Return: 0; -ETIMEDOUT.
__must_check int ahci_hba_reset(struct ahci *hba);

// ahci_hba_run - look what is on the ports, turn interrupts on, register the
// disks. Context: task; sleeps. Return: 0; -ENOMEM.
__must_check int ahci_hba_run(struct ahci *hba);

// ahci_abandon - the controller cannot be made to stop: cut it off from memory
// and answer everything of all its ports with -ENODEV. Context: task.
void ahci_abandon(struct ahci *hba);

// ---- ahci_probe.c ---------------------------------------------------------

// ahci_probe_ports - find out what is on the ports, by polling. Context: boot.
// Return: the ports with a disk that is not ready yet.
u32 ahci_probe_ports(struct ahci *hba);

// ahci_register_disks - those that were found; those of @late when they are
// ready; those that are plugged in, from now on. Context: boot; sleeps.
void ahci_register_disks(struct ahci *hba, u32 late);

// ahci_probe_start - the thread for the latter two. Return: 0; -ENOMEM: nobody
// waits for them either.
__must_check int ahci_probe_start(void);

// ahci_port_watch - have an interrupt when something is plugged into a port
// that is DOWN. Any context.
void ahci_port_watch(struct ahci_port *port);

// ahci_port_changed - it has come. Interrupts off.
void ahci_port_changed(struct ahci_port *port);

// ---- ahci_port.c ----------------------------------------------------------

// ahci_wait - until (register & mask) == value. Context: task; sleeps.
// Return: 0; -ETIMEDOUT.
__must_check int ahci_wait(const volatile void __iomem *regs, u32 offset,
                           u32 mask, u32 value, u32 timeout_ms);

enum ahci_bring_up {
    AHCI_AS_IT_IS,      // keep the link that the firmware or power-on made
    AHCI_WITH_COMRESET, // make it anew; the disk forgets all commands
};

// ahci_port_stop - no more DMA by this port. Return: 0; -ETIMEDOUT: it goes on.
__must_check int ahci_port_stop(struct ahci_port *port);

// ahci_port_bring_up - from whatever state to a running command list, with our
// memory, interrupts of the port off. The disk has @ready_ms to get ready.
// Context: task; sleeps.
// Return: 0; -ENODEV: no link; -ETIMEDOUT: the disk does not get ready; -EIO:
// the port has lost its settings meanwhile; -EBUSY: the port cannot be stopped,
// so what it transfers to must not be given back.
__must_check int ahci_port_bring_up(struct ahci_port *port,
                                    enum ahci_bring_up how, u32 ready_ms);

// A disk that spins up takes its time. The boot does not wait for it that long.
#define AHCI_READY_MS      30000u
#define AHCI_READY_BOOT_MS 500u

// ahci_port_slow_down - the link is to be one generation slower from the next
// reset on. Return: false: it is as slow as can be.
bool ahci_port_slow_down(struct ahci_port *port);

// ahci_port_gone - the registers are all ones: nobody answers any more.
bool ahci_port_gone(const struct ahci_port *port);

// ahci_port_clear_events - forget errors and interrupt causes so far.
void ahci_port_clear_events(struct ahci_port *port);

// ---- ahci_attach.c --------------------------------------------------------

// ahci_port_identify - ask the disk what it is, polled. The port is up and not
// ONLINE. Return: 0; -EIO; -ETIMEDOUT; as ata_identify_disk.
__must_check int ahci_port_identify(struct ahci_port *port,
                                    struct ata_identity *out);

// ahci_port_attach - bring up what is connected, for the first time.
// Return: 0: a disk, port->identity says which; -ENODEV: nothing or nothing
// for us; -EAGAIN: not ready within @ready_ms, if that is less than
// AHCI_READY_MS; else why not. All but -ENODEV without a link are logged.
__must_check int ahci_port_attach(struct ahci_port *port, u32 ready_ms);

// ---- ahci_io.c ------------------------------------------------------------

extern const struct block_disk_ops ahci_disk_ops; // disk: struct ahci_port *

// ahci_command_prepare - fill in a slot's header and table but for the PRDs.
void ahci_command_prepare(struct ahci_port *port, u32 slot,
                          const struct ata_command *command, u32 header_flags,
                          u32 prds);

// ahci_port_set_online - take requests from now on, start those that wait.
void ahci_port_set_online(struct ahci_port *port);

// ahci_port_dispatch - start what can be started. Interrupts off.
void ahci_port_dispatch(struct ahci_port *port);

// ahci_port_service - see what has happened: give finished requests back, start
// waiting ones, report errors. Interrupts off. Return: whether anything had.
bool ahci_port_service(struct ahci_port *port);

// ---- ahci_error.c ---------------------------------------------------------

// ahci_port_fail - the port can do no more before it is reset: hand it to the
// recovery thread. Interrupts off, port ONLINE.
void ahci_port_fail(struct ahci_port *port, enum ata_error failure, u32 is);

// ahci_port_give_up - DEAD: answer all that it has with -ENODEV. The port
// transfers no more. Context: any.
void ahci_port_give_up(struct ahci_port *port);

// ahci_tick_arm - make sure that deadlines are watched. Interrupts off.
void ahci_tick_arm(struct ahci *hba);

// ahci_recovery_start - the controller's recovery thread. Return: 0; -ENOMEM.
__must_check int ahci_recovery_start(struct ahci *hba);
