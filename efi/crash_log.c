// efi/crash_log.c - the log of a boot that crashed, from RAM to a file
// SPDX-License-Identifier: MIT
//
// The kernel keeps its log in an area of RAM (include/boot/crash_log.h). Where
// that is, nobody can tell us: it is at one of some fixed places, all of which
// are asked for. The first that holds a log is it, else the first there is.
//
// The area is reserved memory, which the kernel leaves alone as memory and
// which firmware does not give to anybody else.
//
// A volume is written only when there is something to save; and only once: the
// area is marked before the firmware's driver is called, so that one that hangs
// does not hang the next boot too. What the file could not hold the kernel
// shows all the same (/proc/faultline/last).
//
// Rejected: UEFI variables for the text: they are small, and full ones have
// broken machines.

#include "stub.h"

#include <boot/crash_log.h>

#define FILE_NAME "last-crash.log"

// Address of the area that is kept; 0: no place is free.
static u32 claim_area(void)
{
    static const u32 places[] = CRASH_LOG_PLACES;
    u32 found = 0;

    for (u32 i = 0; i < ARRAY_SIZE(places); i++) {
        if (EFI_ERROR(memory_claim(places[i], CRASH_LOG_AREA_BYTES)))
            continue;
        if (crash_log_is_valid(block_at(places[i]))) {
            if (found)
                memory_release(found);
            return places[i];
        }
        if (found)
            memory_release(places[i]);
        else
            found = places[i];
    }
    return found;
}

static void save(struct stub *stub, void *area)
{
    u32 bytes = crash_log_extract_bytes(area);
    EFI_STATUS status;

    status = memory_allocate("the last log", bytes, &stub->last_log);
    if (EFI_ERROR(status))
        return;
    stub->last_log.bytes =
        crash_log_extract(area, block_at(stub->last_log.address), bytes);
    crash_log_set_state(area, CRASH_LOG_SAVED);
    machine_flush_caches(); // the mark is in RAM, should the next call hang
    log_line("efi: boot %u did not end well, log bytes=%u",
             crash_log_boot(area), stub->last_log.bytes);
    status = file_save(FILE_NAME, block_at(stub->last_log.address),
                       stub->last_log.bytes);
    if (!EFI_ERROR(status))
        log_line("efi: its log is \\faultline\\%s", FILE_NAME);
}

void crash_log_take(struct stub *stub)
{
    u32 address = claim_area();
    void *area = block_at(address);
    u32 boot = 1;

    if (!address) {
        log_line("efi: no place for the surviving log");
        return;
    }
    if (crash_log_is_valid(area))
        boot = crash_log_boot(area) + 1;
    if (crash_log_is_crash(area))
        save(stub, area);
    crash_log_init(area, boot);
    stub->crash_log = address;
    log_line("efi: surviving log at 0x%x, boot=%u", address, boot);
}
