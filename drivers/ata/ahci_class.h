// drivers/ata/ahci_class.h - what the error bits of an AHCI port mean [P]
// SPDX-License-Identifier: MIT
#pragma once

#include <drivers/ata_error.h>

// ahci_error_class - of an error interrupt with these values of PxIS, PxSERR
// and PxTFD.
enum ata_error ahci_error_class(u32 is, u32 serr, u32 tfd);

// What the errors of a port so far have led to.
struct ahci_history {
    u32 wire_errors;    // interface errors at the speed of now
    u32 queue_failures; // time-outs and protocol errors of queued commands
    u64 last_ns;        // when the last one was
};

enum ahci_remedy {
    AHCI_REMEDY_NONE,
    AHCI_REMEDY_SLOWER,   // of the link: the wire is bad at this speed
    AHCI_REMEDY_UNQUEUED, // no native command queuing: the disk cannot do it
};

// ahci_history_add - an error happened at @now_ns, with queued commands under
// way (@queued) or not. Return: what to change for good before going on.
// Errors long apart have nothing to do with each other.
enum ahci_remedy ahci_history_add(struct ahci_history *history,
                                  enum ata_error error, bool queued,
                                  u64 now_ns);
