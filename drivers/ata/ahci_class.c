// drivers/ata/ahci_class.c - what the error bits of an AHCI port mean [P]
// SPDX-License-Identifier: MIT
//
// Several bits are usually set at once. The cause is the one that explains the
// others: without a link there is nothing but errors; what the host bus has
// damaged says nothing about the disk; a transfer that was damaged on the wire
// ends in an error of the task file, too.
//
// Bits of PxSERR are older, perhaps: they stay set until somebody clears them,
// and what the link repairs by itself sets them without an interrupt (they are
// not cleared before each command: some of them are how a plug that is pulled
// is told). PxTFD is of the command that failed. So PxSERR is asked only if the
// disk has refused without saying why.
//
// Sources: AHCI 1.3.1 sections 3.3.5 (PxIS), 3.3.8 (PxTFD), 3.3.12 (PxSERR),
// 6.1 (errors).

#include "ahci_class.h"

#include <kernel/time.h>

#include "ahci_regs.h"

#define WINDOW_NS    (300ull * NSEC_PER_SEC)
#define WIRE_MAX     3u
#define UNQUEUED_MAX 3u

enum ata_error ahci_error_class(u32 is, u32 serr, u32 tfd)
{
    enum ata_error error;

    if (is & (AHCI_PxIS_PCS | AHCI_PxIS_PRCS))
        return ATA_ERROR_LINK;
    if (is & (AHCI_PxIS_HBFS | AHCI_PxIS_HBDS))
        return ATA_ERROR_HOST;
    if (is & AHCI_PxIS_IFS)
        return ATA_ERROR_INTERFACE;
    if (is & (AHCI_PxIS_UFS | AHCI_PxIS_OFS))
        return ATA_ERROR_PROTOCOL;
    error = ata_error_of_task_file((u8)tfd, (u8)(tfd >> 8));
    if (error != ATA_ERROR_ABORTED)
        return error;
    if (serr & AHCI_SERR_WIRE)
        return ATA_ERROR_INTERFACE;
    return serr & AHCI_SERR_PROTOCOL ? ATA_ERROR_PROTOCOL : error;
}

enum ahci_remedy ahci_history_add(struct ahci_history *history,
                                  enum ata_error error, bool queued, u64 now_ns)
{
    if (now_ns - history->last_ns > WINDOW_NS) {
        history->wire_errors = 0;
        history->queue_failures = 0;
    }
    history->last_ns = now_ns;
    if (error == ATA_ERROR_INTERFACE && ++history->wire_errors >= WIRE_MAX) {
        history->wire_errors = 0;
        return AHCI_REMEDY_SLOWER;
    }
    if (queued && (error == ATA_ERROR_TIMEOUT || error == ATA_ERROR_PROTOCOL) &&
        ++history->queue_failures >= UNQUEUED_MAX) {
        history->queue_failures = 0;
        return AHCI_REMEDY_UNQUEUED;
    }
    return AHCI_REMEDY_NONE;
}
