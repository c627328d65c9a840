// drivers/ata/ahci_error.c - deadlines, errors and recovery of AHCI ports
// SPDX-License-Identifier: MIT
//
// How it works: an error interrupt or a deadline makes the port RECOVERING:
// nothing is given back or started until the controller's recovery thread has
// reset it (it must wait, which a handler cannot):
//
//   ST=0, wait | COMRESET | wait for the disk | ST=1 | IDENTIFY: the same disk?
//     yes: all requests that were in flight go back to the head of the queue,
//          in order, each with one attempt more; the third was the last (the
//          fifth if the way to the disk may be at fault: ata_error.c)
//     no, or not coming back twice: DEAD, every request gets -ENODEV
//     cannot be stopped: the controller is reset, and that tried once more
//     still cannot: it is cut off from memory, all ports DEAD
//
// A request with an attempt behind it runs alone and unqueued, so the second
// failure of a request is its own. The innocent of a queue pass then.
//
// COMRESET is used for every error. It is what ends the error state of queued
// commands without asking the disk about it (ACS-3 4.16), what a command that
// timed out needs anyway, and ST=0 followed by it is safe with a command still
// under way, also in emulators. What is done besides depends on the class of
// the error (ahci_class.c): damage on the wire that comes again and again makes
// the link slower, time-outs of queued commands turn queuing off, and an error
// of the host bus resets the whole controller, as AHCI 6.2.2 asks.
//
// A disk that loses its link ends up here as well: it does not come back, and
// is DEAD within two seconds.
//
// The tick is a timer that runs while something is in flight. It looks for
// deadlines, and for finished requests: an interrupt that gets lost costs one
// tick. Until the first interrupt has come it runs fast, which makes machines
// work whose interrupt line leads nowhere.
//
// Bounds: a request ends after 5 x (its timeout + recovery); recovery is 2 x
// (stop, link 1 s, ready 30 s, IDENTIFY 5 s), twice that with a reset of the
// controller, which also lets the probe thread end what it does on a port: once
// more the same. A controller that reads as all ones is given up at once.
//
// Context: tick and ahci_port_fail: interrupts off; the rest: recovery thread.
// The thread allocates nothing: swap waits for it.
//
// Rejected: the NCQ error log (READ LOG EXT, page 10h), which names the queued
// command that failed: the retry tells as much, works for every other class of
// error, and on disks whose log does not. FUA: nobody needs a single write on
// the medium before others; a flush is what fsync and unmounting ask for. A
// disk that was given up and is plugged in again: it has lost what was to be
// written, so its users must not go on as if nothing had been.
//
// Sources: AHCI 1.3.1 sections 6.2.2 (software error recovery), 7.3 (hot plug),
// 10.4.2 (port reset), 10.4.3 (HBA reset).

#include "ahci.h"

#include <base/assert.h>
#include <base/errno.h>
#include <kernel/irq.h>
#include <kernel/task.h>

#define LOG_NAME "ahci"
#include <kernel/log.h>

#define RESETS_MAX        2u
#define HBA_RESETS_MAX    3u // within the window
#define HBA_WINDOW_NS     (600ull * NSEC_PER_SEC)
#define IDLE_FAILURES_MAX 5u // of the link, with nothing in flight
#define TICK_NS           (100ull * NSEC_PER_MSEC)
#define TICK_POLLED_NS    (1ull * NSEC_PER_MSEC)

void ahci_port_fail(struct ahci_port *port, enum ata_error failure, u32 is)
{
    ASSERT(port->state == AHCI_PORT_ONLINE);
    port->state = AHCI_PORT_RECOVERING;
    port->failure = failure;
    port->failure_is = is;
    ahci_port_write(port, AHCI_PxIE, 0);
    port->hba->recover |= 1u << port->index;
    wake_up(&port->hba->recover_wait);
}

static bool port_overdue(const struct ahci_port *port, u64 now)
{
    for (u32 slots = port->active; slots; slots &= slots - 1) {
        if (now >= port->deadline_ns[__builtin_ctz(slots)])
            return true;
    }
    return false;
}

static void hba_tick(struct timer *timer)
{
    struct ahci *hba = container_of(timer, struct ahci, tick);
    bool found = false, active = false;
    u32 flags = irq_save();
    u64 now = time_ns();

    for (u32 i = 0; i < AHCI_PORTS_MAX; i++) {
        struct ahci_port *port = &hba->port[i];

        if (port->state != AHCI_PORT_ONLINE || !port->active)
            continue;
        found |= ahci_port_service(port);
        if (port->state == AHCI_PORT_ONLINE && port_overdue(port, now))
            ahci_port_fail(port, ATA_ERROR_TIMEOUT, 0);
        active |= port->active != 0;
    }
    if (found && !hba->interrupted &&
        ++hba->ticks_found == ATA_TICKS_FOUND_POLLING)
        log_warn("%u no interrupts: polling", hba->index);
    if (active)
        ahci_tick_arm(hba);
    irq_restore(flags);
}

void ahci_tick_arm(struct ahci *hba)
{
    if (!hba->tick.pending)
        timer_start(&hba->tick,
                    time_ns() + (hba->interrupted ? TICK_NS : TICK_POLLED_NS),
                    hba_tick);
}

static void port_log_failure(const struct ahci_port *port)
{
    const struct block_request *first = NULL;

    if (!list_empty(&port->running))
        first = list_first_entry(&port->running, struct block_request, link);
    log_warn("%u.%u %s is=%08x class=%s tfd=%x serr=%08x active=%08x "
             "sector=%llu",
             port->hba->index, port->index,
             port->failure == ATA_ERROR_TIMEOUT ? "timeout" : "error",
             port->failure_is, ata_error_name(port->failure),
             ahci_port_read(port, AHCI_PxTFD),
             ahci_port_read(port, AHCI_PxSERR), port->active,
             first ? first->driver_sector : 0);
}

// port_reset - back to a running port with the same disk.
// Return: 0; -EBUSY: cannot be stopped; else the disk does not come back.
static int port_reset(struct ahci_port *port)
{
    struct ata_identity identity;
    int err = -ENODEV;

    for (u32 i = 0; i < RESETS_MAX; i++) {
        err = ahci_port_bring_up(port, AHCI_WITH_COMRESET, AHCI_READY_MS);
        if (err == -EBUSY)
            return err;
        if (!err)
            err = ahci_port_identify(port, &identity);
        if (!err)
            break;
        log_warn("%u.%u reset failed: error=%d", port->hba->index, port->index,
                 err);
    }
    if (!err && !ata_identity_same(&identity, &port->identity)) {
        log_err("%u.%u another disk: model=\"%s\" serial=\"%s\"",
                port->hba->index, port->index, identity.model, identity.serial);
        err = -ENODEV;
    }
    // No command must be left that could still transfer.
    if (err && ahci_port_stop(port))
        return -EBUSY;
    return err;
}

// port_take_running - empty the slots of a stopped port into @list, in order of
// issue. Interrupts off.
static void port_take_running(struct ahci_port *port, struct list_head *list)
{
    list_splice_tail(&port->running, list);
    for (u32 i = 0; i < AHCI_SLOTS_MAX; i++)
        port->slot[i] = NULL;
    port->active = 0;
}

static void requests_fail(struct list_head *list, int error)
{
    while (!list_empty(list)) {
        struct block_request *request =
            list_first_entry(list, struct block_request, link);

        list_del(&request->link);
        block_request_done(request, error);
    }
}

void ahci_port_give_up(struct ahci_port *port)
{
    LIST_HEAD(requests);
    u32 flags = irq_save();

    port->state = AHCI_PORT_DEAD;
    port_take_running(port, &requests);
    list_splice_tail(&port->queue, &requests);
    requests_fail(&requests, -ENODEV);
    irq_restore(flags);
    if (port->memory)
        log_err("%u.%u given up", port->hba->index, port->index);
}

// port_retry - what was in flight goes back to the head of the queue, or fails.
static void port_retry(struct ahci_port *port)
{
    int error = port->failure == ATA_ERROR_TIMEOUT ? -ETIMEDOUT : -EIO;
    u32 attempts_max = ata_error_attempts(port->failure);
    struct block_request *request, *next;
    LIST_HEAD(failed);
    LIST_HEAD(again);
    u32 flags = irq_save();

    port_take_running(port, &again);
    list_for_each_entry_safe (request, next, &again, link) {
        if (++request->attempts < attempts_max)
            continue;
        log_err("%u.%u sector=%llu failed after %u attempts: error=%d",
                port->hba->index, port->index, request->driver_sector,
                request->attempts, error);
        list_move_tail(&request->link, &failed);
    }
    list_splice_tail(&port->queue, &again);
    list_splice_tail(&again, &port->queue);
    requests_fail(&failed, error);
    irq_restore(flags);
}

// port_remedy - what the errors so far ask for besides a reset of the port.
static void port_remedy(struct ahci_port *port)
{
    switch (ahci_history_add(&port->history, port->failure, port->active_queued,
                             time_ns())) {
    case AHCI_REMEDY_NONE: break;
    case AHCI_REMEDY_SLOWER:
        if (ahci_port_slow_down(port))
            log_warn("%u.%u link slowed down to gen=%u", port->hba->index,
                     port->index, port->speed_limit);
        break;
    case AHCI_REMEDY_UNQUEUED:
        if (port->depth == 1)
            break;
        port->depth = 1;
        log_warn("%u.%u no queuing any more: its commands time out",
                 port->hba->index, port->index);
        break;
    }
}

// hba_reset - the controller anew; all ports with a disk have to be recovered
// after it. Return: 0; -EBUSY: too often, or it does not come back.
static int hba_reset(struct ahci *hba)
{
    u64 now = time_ns();
    u32 flags;
    int err;

    if (now - hba->last_reset_ns > HBA_WINDOW_NS)
        hba->resets = 0;
    hba->last_reset_ns = now;
    if (++hba->resets > HBA_RESETS_MAX)
        return -EBUSY;
    log_warn("%u controller reset", hba->index);
    mutex_lock(&hba->setup);
    // All that are ONLINE by now: the reset ends what they have in flight in a
    // way that looks like success.
    flags = irq_save();
    for (u32 i = 0; i < AHCI_PORTS_MAX; i++)
        if (hba->port[i].state == AHCI_PORT_ONLINE)
            ahci_port_fail(&hba->port[i], ATA_ERROR_HOST, 0);
    irq_restore(flags);
    err = ahci_hba_reset(hba);
    mutex_unlock(&hba->setup);
    if (err)
        return -EBUSY;
    for (u32 ports = hba->ports; ports; ports &= ports - 1)
        ahci_port_watch(&hba->port[__builtin_ctz(ports)]);
    return 0;
}

// port_bring_back - Return: 0; -EBUSY: it cannot be stopped; else it does not
// come back.
static int port_bring_back(struct ahci_port *port)
{
    int err = 0;

    if (list_empty(&port->running) &&
        ++port->idle_failures > IDLE_FAILURES_MAX) {
        log_err("%u.%u link does not hold", port->hba->index, port->index);
        return ahci_port_stop(port) ? -EBUSY : -ENODEV;
    }
    // Those that fail because of the reset have no interrupt cause.
    if (port->failure == ATA_ERROR_HOST && port->failure_is)
        err = hba_reset(port->hba);
    if (!err)
        err = port_reset(port);
    if (err == -EBUSY && hba_reset(port->hba) == 0)
        err = port_reset(port);
    return err;
}

static void port_recover(struct ahci_port *port)
{
    int err;

    if (ahci_port_gone(port)) {
        log_err("%u does not answer any more", port->hba->index);
        ahci_abandon(port->hba);
        return;
    }
    port_log_failure(port);
    port_remedy(port);
    err = port_bring_back(port);
    if (err == -EBUSY) {
        log_err("%u.%u cannot be stopped", port->hba->index, port->index);
        ahci_abandon(port->hba);
    } else if (err) {
        ahci_port_give_up(port);
    } else {
        port_retry(port);
        ahci_port_set_online(port);
    }
}

static u32 take_ports_to_recover(struct ahci *hba)
{
    u32 flags = irq_save();
    u32 ports = hba->recover;

    hba->recover = 0;
    irq_restore(flags);
    return ports;
}

static void recovery_thread(void *arg)
{
    struct ahci *hba = arg;

    for (;;) {
        u32 ports;

        // Idle, and shown as such; no signal comes.
        (void)wait_event_interruptible(&hba->recover_wait,
                                       READ_ONCE(hba->recover) != 0);
        ports = take_ports_to_recover(hba);
        for (; ports; ports &= ports - 1) {
            struct ahci_port *port = &hba->port[__builtin_ctz(ports)];

            // Unless the controller was abandoned in the meantime.
            if (port->state == AHCI_PORT_RECOVERING)
                port_recover(port);
        }
    }
}

int ahci_recovery_start(struct ahci *hba)
{
    wait_queue_init(&hba->recover_wait);
    return kthread_start(recovery_thread, hba, "ahci") ? 0 : -ENOMEM;
}
