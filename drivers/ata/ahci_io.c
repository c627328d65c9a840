// drivers/ata/ahci_io.c - running requests on an AHCI port
// SPDX-License-Identifier: MIT
//
// How it works: requests wait on port->queue in order of arrival. As long as
// there is a slot they are issued, by native command queuing where disk and
// controller have it: up to 32 reads and writes at a time, which the disk may
// answer in any order. All else runs alone, when nothing else is in flight: a
// flush, everything on a disk without queuing, and every request that an error
// has touched before. Of a command that fails alone it is known which one it
// was; so recovery need not ask the disk (see ahci_error.c).
//
// Data goes straight to and from the pages of the request, one PRD a segment.
// HighMem pages need no mapping for that. Without 64-bit addresses no frame
// above 4 GiB comes here: the block layer sees to that.
//
// Invariants (interrupts off): bit n of active <=> slot[n] is set <=> that
// request is on running. active is 0 while the port is DOWN or DEAD.
//
// Context: any, with interrupts off. A request's done() is called last, with
// the port in order: it may submit the next request from there.
//
// Sources: AHCI 1.3.1 sections 4.2, 5.5.1 (issue), 5.6.2, 5.6.4 (queued);
// ACS-3 section 4.16 (queuing; one non-queued command ends all queued ones).

#include "ahci.h"

#include <base/assert.h>
#include <base/errno.h>
#include <kernel/irq.h>
#include <lib/string.h>
#include <mm/page_alloc.h>

#define RW_TIMEOUT_NS    (5ull * NSEC_PER_SEC)
#define FLUSH_TIMEOUT_NS (30ull * NSEC_PER_SEC)

static_assert(AHCI_PRDS >= BLOCK_SEGMENTS_MAX, "one PRD a segment");

void ahci_command_prepare(struct ahci_port *port, u32 slot,
                          const struct ata_command *command, u32 header_flags,
                          u32 prds)
{
    struct ahci_port_memory *memory = port->memory;
    u64 table =
        phys_add(port->memory_bus, offsetof(struct ahci_port_memory, table) +
                                       slot * sizeof(struct ahci_command_table))
            .v;

    memory->list[slot] = (struct ahci_command_header){
        .flags = AHCI_HEADER_FIS_DWORDS | header_flags |
                 prds << AHCI_HEADER_PRDTL_SHIFT,
        .table_low = (u32)table,
        .table_high = (u32)(table >> 32),
    };
    ata_fis_build(memory->table[slot].fis, command);
}

// prds_fill - where the data lies. Return: sectors.
static u32 prds_fill(struct ahci_port *port, u32 slot,
                     const struct block_request *request)
{
    struct ahci_prd *prd = port->memory->table[slot].prd;
    u32 bytes = 0;

    for (u32 i = 0; i < request->segments; i++) {
        const struct block_segment *segment = &request->segment[i];
        u64 address = phys_add(page_to_phys(segment->page), segment->offset).v;

        ASSERT(port->hba->has_64bit || address >> 32 == 0);
        prd[i] = (struct ahci_prd){
            .address_low = (u32)address,
            .address_high = (u32)(address >> 32),
            .bytes_less_one = segment->bytes - 1,
        };
        bytes += segment->bytes;
    }
    return bytes / SECTOR_BYTES;
}

// runs_queued - by native command queuing, beside others.
static bool runs_queued(const struct ahci_port *port,
                        const struct block_request *request)
{
    return port->depth > 1 && request->op != BLOCK_FLUSH &&
           request->attempts == 0;
}

// request_build - fill in the slot. Return: 0; -EINVAL: the disk cannot be told
// to do that.
static int request_build(struct ahci_port *port, u32 slot,
                         const struct block_request *request)
{
    struct ata_transfer transfer = {
        .direction = request->op == BLOCK_WRITE ? ATA_WRITE : ATA_READ,
        .sector = request->driver_sector,
    };
    struct ata_command command;
    int err = 0;

    if (request->op == BLOCK_FLUSH) {
        ata_command_flush(&command, &port->identity);
    } else {
        transfer.sectors = prds_fill(port, slot, request);
        if (runs_queued(port, request))
            err =
                ata_command_queued(&command, &port->identity, &transfer, slot);
        else
            err = ata_command_rw(&command, &port->identity, &transfer,
                                 port->identity.addressing);
    }
    if (err)
        return err;
    ahci_command_prepare(port, slot, &command,
                         transfer.direction == ATA_WRITE ? AHCI_HEADER_WRITE
                                                         : 0,
                         request->segments);
    return 0;
}

static void request_issue(struct ahci_port *port, struct block_request *request)
{
    u32 slot = (u32)__builtin_ctz(~port->active);
    int err;

    list_del(&request->link);
    err = request_build(port, slot, request);
    if (err) {
        block_request_done(request, err);
        return;
    }
    list_add_tail(&request->link, &port->running);
    port->slot[slot] = request;
    port->deadline_ns[slot] =
        time_ns() +
        (request->op == BLOCK_FLUSH ? FLUSH_TIMEOUT_NS : RW_TIMEOUT_NS);
    port->active |= 1u << slot;
    port->active_queued = runs_queued(port, request);
    barrier(); // the table before the doorbell
    if (port->active_queued)
        ahci_port_write(port, AHCI_PxSACT, 1u << slot);
    ahci_port_write(port, AHCI_PxCI, 1u << slot);
}

// may_issue - there is a slot, and what is in flight tolerates the request.
static bool may_issue(const struct ahci_port *port,
                      const struct block_request *request)
{
    if (!port->active)
        return true;
    return port->active_queued && runs_queued(port, request) &&
           port->active != ~0u >> (AHCI_SLOTS_MAX - port->depth);
}

void ahci_port_dispatch(struct ahci_port *port)
{
    while (port->state == AHCI_PORT_ONLINE && !list_empty(&port->queue)) {
        struct block_request *request =
            list_first_entry(&port->queue, struct block_request, link);

        if (!may_issue(port, request))
            break;
        request_issue(port, request);
    }
    if (port->active)
        ahci_tick_arm(port->hba);
}

static void ahci_start(void *disk, struct block_request *request)
{
    struct ahci_port *port = disk;
    u32 flags = irq_save();

    if (port->state == AHCI_PORT_DEAD) {
        block_request_done(request, -ENODEV);
    } else if (request->op == BLOCK_FLUSH && !port->identity.flush) {
        block_request_done(request, 0); // all that is done is on the medium
    } else {
        list_add_tail(&request->link, &port->queue);
        ahci_port_dispatch(port);
    }
    irq_restore(flags);
}

static void ahci_reset(void *disk)
{
    struct ahci_port *port = disk;
    u32 flags = irq_save();

    if (port->state == AHCI_PORT_ONLINE)
        ahci_port_fail(port, ATA_ERROR_HOST, AHCI_PxIS_HBFS);
    irq_restore(flags);
}

const struct block_disk_ops ahci_disk_ops = {
    .start = ahci_start,
    .reset = ahci_reset,
};

// slots_finish - give these requests back as done.
static void slots_finish(struct ahci_port *port, u32 slots)
{
    ASSERT((slots & ~port->active) == 0);
    while (slots) {
        u32 slot = (u32)__builtin_ctz(slots);
        struct block_request *request = port->slot[slot];

        slots &= slots - 1;
        list_del(&request->link);
        port->slot[slot] = NULL;
        port->active &= ~(1u << slot);
        port->idle_failures = 0;
        block_request_done(request, 0);
    }
}

bool ahci_port_service(struct ahci_port *port)
{
    u32 is, busy, finished;

    if (port->state != AHCI_PORT_ONLINE)
        return false;
    is = ahci_port_read(port, AHCI_PxIS);
    ahci_port_write(port, AHCI_PxIS, is);
    // A queued command is busy until its SACT bit goes, another one until its
    // CI bit does.
    busy = ahci_port_read(port, AHCI_PxSACT);
    busy |= ahci_port_read(port, AHCI_PxCI);
    barrier(); // the data is there
    finished = port->active & ~busy;

    // A command that failed stays busy, and those behind it; queued ones that
    // had finished before are done all the same. Not every controller leaves
    // the bit of a single command alone, so that one is told by the error.
    if (is & AHCI_PxIS_ERRORS) {
        if (!port->active_queued && (is & AHCI_PxIS_TFES))
            finished = 0;
        ahci_port_fail(port,
                       ahci_error_class(is, ahci_port_read(port, AHCI_PxSERR),
                                        ahci_port_read(port, AHCI_PxTFD)),
                       is);
    }
    slots_finish(port, finished);
    ahci_port_dispatch(port);
    return is != 0 || finished != 0;
}

void ahci_port_set_online(struct ahci_port *port)
{
    u32 flags = irq_save();

    // The controller may have been given up while this one was looked at.
    if (port->state != AHCI_PORT_DEAD) {
        port->state = AHCI_PORT_ONLINE;
        ahci_port_write(port, AHCI_PxIE, AHCI_PxIS_DONE | AHCI_PxIS_ERRORS);
        ahci_port_dispatch(port);
    }
    irq_restore(flags);
}
