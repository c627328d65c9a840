// tests/unit/test_ahci_class.c - kinds of errors, and what they lead to
// sources: drivers/ata/ahci_class.c drivers/ata/ata_error.c
// SPDX-License-Identifier: MIT

#include "harness.h"

#include <string.h>

#include <kernel/time.h>

#include "../../drivers/ata/ahci_class.h"
#include "../../drivers/ata/ahci_regs.h"

TEST(task_files)
{
    // As disks answer: status, error.
    CHECK_EQ(ata_error_of_task_file(0x51, 0x40), ATA_ERROR_MEDIUM); // UNC
    CHECK_EQ(ata_error_of_task_file(0x41, 0x10), ATA_ERROR_MEDIUM); // IDNF
    CHECK_EQ(ata_error_of_task_file(0x51, 0x01), ATA_ERROR_MEDIUM); // AMNF
    CHECK_EQ(ata_error_of_task_file(0x51, 0x84), ATA_ERROR_INTERFACE);
    CHECK_EQ(ata_error_of_task_file(0x41, 0x04), ATA_ERROR_ABORTED); // QEMU's
    CHECK_EQ(ata_error_of_task_file(0x41, 0x00), ATA_ERROR_ABORTED);
    CHECK_EQ(ata_error_of_task_file(0x61, 0x44), ATA_ERROR_FAULT);
}

TEST(names_and_attempts)
{
    for (int i = ATA_ERROR_MEDIUM; i <= ATA_ERROR_TIMEOUT; i++) {
        CHECK(ata_error_name((enum ata_error)i)[0]);
        CHECK(ata_error_attempts((enum ata_error)i) >= 3);
        for (int k = ATA_ERROR_MEDIUM; k < i; k++)
            CHECK(strcmp(ata_error_name((enum ata_error)i),
                         ata_error_name((enum ata_error)k)) != 0);
    }
    CHECK(ata_error_attempts(ATA_ERROR_INTERFACE) >
          ata_error_attempts(ATA_ERROR_MEDIUM));
}

// The cause goes before what follows from it.
TEST(the_cause_among_several)
{
    u32 all = AHCI_PxIS_ERRORS, unc = 0x4051;

    CHECK_EQ(ahci_error_class(AHCI_PxIS_TFES, 0, unc), ATA_ERROR_MEDIUM);
    CHECK_EQ(ahci_error_class(0x40000001, 0, 0x0441), ATA_ERROR_ABORTED);
    CHECK_EQ(ahci_error_class(AHCI_PxIS_TFES, AHCI_SERR_CRC, 0x8451),
             ATA_ERROR_INTERFACE);
    CHECK_EQ(ahci_error_class(AHCI_PxIS_TFES, AHCI_SERR_CRC, 0x0451),
             ATA_ERROR_INTERFACE);
    CHECK_EQ(ahci_error_class(AHCI_PxIS_TFES, AHCI_SERR_SEQUENCE, 0x0451),
             ATA_ERROR_PROTOCOL);
    CHECK_EQ(ahci_error_class(AHCI_PxIS_IFS, 0, unc), ATA_ERROR_INTERFACE);
    CHECK_EQ(ahci_error_class(AHCI_PxIS_UFS, 0, 0x50), ATA_ERROR_PROTOCOL);
    CHECK_EQ(ahci_error_class(AHCI_PxIS_OFS, 0, 0x50), ATA_ERROR_PROTOCOL);
    CHECK_EQ(ahci_error_class(AHCI_PxIS_HBFS | AHCI_PxIS_IFS, 0, unc),
             ATA_ERROR_HOST);
    CHECK_EQ(ahci_error_class(all, ~0u, ~0u), ATA_ERROR_LINK);
    CHECK_EQ(ahci_error_class(AHCI_PxIS_PRCS, 0, 0x7f), ATA_ERROR_LINK);
}

// Bits of PxSERR that nobody has cleared since the link repaired something.
TEST(what_the_disk_says_goes_before_old_bits)
{
    u32 old = AHCI_SERR_WIRE | AHCI_SERR_PROTOCOL;

    CHECK_EQ(ahci_error_class(AHCI_PxIS_TFES, old, 0x4051), ATA_ERROR_MEDIUM);
    CHECK_EQ(ahci_error_class(AHCI_PxIS_TFES, old, 0x1041), ATA_ERROR_MEDIUM);
    CHECK_EQ(ahci_error_class(AHCI_PxIS_TFES, old, 0x0061), ATA_ERROR_FAULT);
}

TEST(bad_wires_get_slower)
{
    struct ahci_history history = {0};
    u64 now = NSEC_PER_SEC;

    for (u32 i = 1; i <= 9; i++, now += NSEC_PER_SEC)
        CHECK_EQ(ahci_history_add(&history, ATA_ERROR_INTERFACE, true, now),
                 i % 3 ? AHCI_REMEDY_NONE : AHCI_REMEDY_SLOWER);
    // Now and then is normal.
    for (u32 i = 0; i < 100; i++, now += 301ull * NSEC_PER_SEC)
        CHECK_EQ(ahci_history_add(&history, ATA_ERROR_INTERFACE, true, now),
                 AHCI_REMEDY_NONE);
}

TEST(queues_that_hang_are_given_up)
{
    struct ahci_history history = {0};
    u64 now = NSEC_PER_SEC;

    for (u32 i = 0; i < 20; i++, now += NSEC_PER_SEC) {
        // A bad sector, or a single command that hangs, is not the queue's.
        CHECK_EQ(ahci_history_add(&history, ATA_ERROR_MEDIUM, true, now),
                 AHCI_REMEDY_NONE);
        CHECK_EQ(ahci_history_add(&history, ATA_ERROR_TIMEOUT, false, now),
                 AHCI_REMEDY_NONE);
    }
    CHECK_EQ(ahci_history_add(&history, ATA_ERROR_TIMEOUT, true, now),
             AHCI_REMEDY_NONE);
    CHECK_EQ(ahci_history_add(&history, ATA_ERROR_PROTOCOL, true, now),
             AHCI_REMEDY_NONE);
    CHECK_EQ(ahci_history_add(&history, ATA_ERROR_TIMEOUT, true, now),
             AHCI_REMEDY_UNQUEUED);
}
