// drivers/ata/ahci_error.c - deadlines, errors and recovery of AHCI ports
// SPDX-License-Identifier: MIT
//
// How it works: an error interrupt or a deadline makes the port RECOVERING:
// nothing is given back or started until the controller's recovery thread has
// reset it (it must wait, which a handler cannot):
//
//   ST=0, wait | COMRESET | wait for the disk | ST=1 | IDENTIFY: the same disk?
//     yes: all requests that were in flight go back to the head of the queue,
//          in order, each with one attempt more; the third was the last
//     no, or not coming back twice: DEAD, every request gets -ENODEV
//     cannot be stopped: the controller is cut off from memory, all ports DEAD
//
// A request with an attempt behind it runs alone and unqueued, so the second
// failure of a request is its own. The innocent of a queue pass then.
//
// COMRESET is used for every error. It is what ends the error state of queued
// commands without asking the disk about it (ACS-3 4.16), what a command that
// timed out needs anyway, and ST=0 followed by it is safe with a command still
// under way, also in emulators.
//
// The tick is a timer that runs while something is in flight. It looks for
// deadlines, and for finished requests: an interrupt that gets lost costs one
// tick. Until the first interrupt has come it runs fast, which makes machines
// work whose interrupt line leads nowhere.
//
// Bounds: a request ends after 3 x (its timeout + recovery); recovery is 2 x
// (stop, link 1 s, ready 30 s, IDENTIFY 5 s).
//
// Context: tick and ahci_port_fail: interrupts off; the rest: recovery thread.
// The thread allocates nothing: swap waits for it.
//
// Sources: AHCI 1.3.1 sections 6.2.2 (software error recovery), 10.4.2.

#include "ahci.h"

#include <base/assert.h>
#include <base/errno.h>
#include <kernel/irq.h>
#include <kernel/task.h>

#define LOG_NAME "ahci"
#include <kernel/log.h>

#define ATTEMPTS_MAX      3u
#define RESETS_MAX        2u
#define IDLE_FAILURES_MAX 5u // of the link, with nothing in flight
#define TICK_NS           (100ull * NSEC_PER_MSEC)
#define TICK_POLLED_NS    (1ull * NSEC_PER_MSEC)

void ahci_port_fail(struct ahci_port *port, enum ahci_failure failure, u32 is)
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
            ahci_port_fail(port, AHCI_FAILURE_TIMEOUT, 0);
        active |= port->active != 0;
    }
    if (found && !hba->interrupted && !hba->polled) {
        hba->polled = true;
        log_warn("%u no interrupts: polling", hba->index);
    }
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
    log_warn("%u.%u %s is=%08x tfd=%x serr=%08x active=%08x sector=%llu",
             port->hba->index, port->index,
             port->failure == AHCI_FAILURE_TIMEOUT ? "timeout" : "error",
             port->failure_is, ahci_port_read(port, AHCI_PxTFD),
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
        err = ahci_port_bring_up(port, AHCI_WITH_COMRESET);
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
    log_err("%u.%u given up", port->hba->index, port->index);
}

// port_retry - what was in flight goes back to the head of the queue, or fails.
static void port_retry(struct ahci_port *port)
{
    int error = port->failure == AHCI_FAILURE_TIMEOUT ? -ETIMEDOUT : -EIO;
    struct block_request *request, *next;
    LIST_HEAD(failed);
    LIST_HEAD(again);
    u32 flags = irq_save();

    port_take_running(port, &again);
    list_for_each_entry_safe (request, next, &again, link) {
        if (++request->attempts < ATTEMPTS_MAX)
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

static void port_recover(struct ahci_port *port)
{
    int err;

    port_log_failure(port);
    if (list_empty(&port->running) &&
        ++port->idle_failures > IDLE_FAILURES_MAX) {
        log_err("%u.%u link does not hold", port->hba->index, port->index);
        err = ahci_port_stop(port) ? -EBUSY : -ENODEV;
    } else {
        err = port_reset(port);
    }
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
