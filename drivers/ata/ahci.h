// drivers/ata/ahci.h - what the files of the AHCI driver share
// SPDX-License-Identifier: MIT
//
// The files: ahci.c the controller, ahci_port.c bringing a port up and down,
// ahci_io.c requests, ahci_error.c what goes wrong.
//
// Who guards what: (c) constant after ahci_init; (i) touched with interrupts
// off; (t) of the task that is bringing the port up: ahci_init first, later the
// controller's recovery thread, never both.
#pragma once

#include <arch/io.h>
#include <drivers/ata.h>
#include <drivers/block.h>
#include <drivers/pci.h>
#include <kernel/time.h>
#include <kernel/wait.h>

#include "ahci_regs.h"

// Port states. All of a port's registers belong to interrupt handlers and
// ahci_start while it is ONLINE, to a task while it is not.
enum ahci_port_state {
    AHCI_PORT_DOWN,       // no disk that we use; or not yet
    AHCI_PORT_ONLINE,     // takes and runs requests
    AHCI_PORT_RECOVERING, // requests are kept, the recovery thread works
    AHCI_PORT_DEAD,       // every request is answered with -ENODEV
};

enum ahci_failure {
    AHCI_FAILURE_ERROR,
    AHCI_FAILURE_TIMEOUT,
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
    u32 depth;                       // (c) requests in flight at most

    enum ahci_port_state state;                 // (i)
    struct list_head queue;                     // (i) waiting
    struct list_head running;                   // (i) in order of issue
    u32 active;                                 // (i) slots in flight
    bool active_queued;                         // (i) ... by NCQ
    struct block_request *slot[AHCI_SLOTS_MAX]; // (i)
    u64 deadline_ns[AHCI_SLOTS_MAX];            // (i)

    enum ahci_failure failure; // (i) why it is RECOVERING
    u32 failure_is;            // (i) PxIS of that moment
    u32 idle_failures;         // (i) since a request succeeded
};

struct ahci {
    const struct pci_function *pci; // (c)
    void __iomem *regs;             // (c)
    u32 index;                      // (c) for the log
    u32 ports;                      // (c) bit n: port n is implemented
    u32 slots;                      // (c)
    bool has_64bit, has_ncq;        // (c)
    struct ahci_port port[AHCI_PORTS_MAX];

    bool interrupted;  // (i) an interrupt has come: they work
    bool polled;       // (i) none came when one was due (logged)
    struct timer tick; // (i) runs while something is in flight
    u32 recover;       // (i) ports for the recovery thread
    struct wait_queue recover_wait;
};

static inline u32 ahci_port_read(const struct ahci_port *port, u32 offset)
{
    return mmio_read32(port->regs, offset);
}

static inline void ahci_port_write(const struct ahci_port *port, u32 offset,
                                   u32 value)
{
    mmio_write32(port->regs, offset, value);
}

// ---- ahci.c ---------------------------------------------------------------

// ahci_abandon - the controller cannot be made to stop: cut it off from memory
// and answer everything of all its ports with -ENODEV. Context: task.
void ahci_abandon(struct ahci *hba);

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
// memory, interrupts of the port off. Context: task; sleeps.
// Return: 0; -ENODEV: no link; -ETIMEDOUT: the disk does not get ready; -EBUSY:
// the port cannot be stopped, so what it transfers to must not be given back.
__must_check int ahci_port_bring_up(struct ahci_port *port,
                                    enum ahci_bring_up how);

// ahci_port_identify - ask the disk what it is, polled. The port is up and not
// ONLINE. Return: 0; -EIO; -ETIMEDOUT; as ata_identify_parse.
__must_check int ahci_port_identify(struct ahci_port *port,
                                    struct ata_identity *out);

// ahci_port_attach - bring up what is connected, for the first time.
// Return: 0: a disk, port->identity says which; -ENODEV: nothing or nothing
// for us; else why not. All but -ENODEV without a link are logged.
__must_check int ahci_port_attach(struct ahci_port *port);

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
void ahci_port_fail(struct ahci_port *port, enum ahci_failure failure, u32 is);

// ahci_port_give_up - DEAD: answer all that it has with -ENODEV. The port
// transfers no more. Context: any.
void ahci_port_give_up(struct ahci_port *port);

// ahci_tick_arm - make sure that deadlines are watched. Interrupts off.
void ahci_tick_arm(struct ahci *hba);

// ahci_recovery_start - the controller's recovery thread. Return: 0; -ENOMEM.
__must_check int ahci_recovery_start(struct ahci *hba);
