// efi/main.c - the UEFI stub: from the firmware to the kernel's first byte
// SPDX-License-Identifier: MIT
//
// efi_main is the list of steps. Each logs what it found; the first that fails
// has said why, on the screen and on COM1, and the stub goes back to the
// firmware, which tries the next boot entry. After handover_run has left boot
// services nothing can fail any more: everything was allocated and checked
// before.
//
// Order: what the last boot left in RAM is saved before anything else can
// overwrite it; then the command line, since it may name the kernel; then the
// kernel's headers, since they name the physical range that every later
// allocation has to stay out of, and the copy of the last log, too.
//
// Read on: handover.c (what the kernel gets), jump64.S, jump32.S,
// trampoline.S (how the CPU gets there), docs/boot.md.

#include "stub.h"

#include <lib/string.h>

enum {
    FAILURE_SHOWN_MICROSECONDS = 5 * 1000 * 1000,
};

struct firmware firmware;

static EFI_STATUS find_own_image(void)
{
    EFI_GUID guid = EFI_LOADED_IMAGE_PROTOCOL_GUID;
    EFI_STATUS status;

    status = firmware.services->HandleProtocol(firmware.image, &guid,
                                               (void **)&firmware.loaded);
    if (EFI_ERROR(status))
        log_line("efi: no loaded-image protocol: %s", status_text(status));
    return status;
}

static EFI_STATUS allocate_handover(struct stub *stub)
{
    EFI_STATUS status;

    status = memory_allocate("boot_info", sizeof(struct handover),
                             &stub->handover_block);
    if (EFI_ERROR(status))
        return status;
    stub->handover = block_at(stub->handover_block.address);
    memset(stub->handover, 0, sizeof(*stub->handover));
    return EFI_SUCCESS;
}

static EFI_STATUS load_files(struct stub *stub)
{
    static char line[BOOT_CMDLINE_BYTES];
    struct file kernel;
    EFI_STATUS status;

    status = command_line_read(line);
    if (EFI_ERROR(status))
        return status;
    status = kernel_find(line, &kernel, &stub->image);
    if (EFI_ERROR(status))
        return status;
    memory_leave_target("the last log", &stub->last_log);
    status = kernel_stage(&kernel, stub);
    file_close(&kernel);
    if (EFI_ERROR(status))
        return status;
    status = allocate_handover(stub);
    if (EFI_ERROR(status))
        return status;
    memcpy(stub->handover->info.cmdline, line, sizeof(line));
    status = file_load_optional("initramfs.cpio", &stub->initramfs);
    if (EFI_ERROR(status))
        return status;
    return file_load_optional("overlay.cpio", &stub->overlay);
}

static void describe_machine(struct stub *stub)
{
    struct handover *handover = stub->handover;

    handover->info.tsc_hz = tsc_measure();
    if (acpi_copy_rsdp(handover->rsdp, sizeof(handover->rsdp)))
        handover->info.rsdp = (UINTN)handover->rsdp;
    gop_describe(&handover->info.framebuffer);
}

static EFI_STATUS boot(struct stub *stub)
{
    EFI_STATUS status;

    status = find_own_image();
    if (EFI_ERROR(status))
        return status;
    status = file_volume_open();
    if (EFI_ERROR(status))
        return status;
    crash_log_take(stub);
    status = load_files(stub);
    file_volume_close();
    if (EFI_ERROR(status))
        return status;
    describe_machine(stub);
    return handover_run(stub);
}

EFI_STATUS efi_main(EFI_HANDLE image, EFI_SYSTEM_TABLE *table);

EFI_STATUS efi_main(EFI_HANDLE image, EFI_SYSTEM_TABLE *table)
{
    static struct stub stub;
    EFI_STATUS status;

    firmware.image = image;
    firmware.table = table;
    firmware.services = table->BootServices;

    serial_init();
    log_line("efi: Faultline stub, %u-bit firmware, UEFI %u.%u",
             (unsigned)sizeof(void *) * 8, table->Hdr.Revision >> 16,
             (table->Hdr.Revision & 0xffff) / 10);

    // The firmware resets the machine 5 minutes after it started us, unless
    // told otherwise. A refusal is no reason to stop: loading takes seconds.
    status = firmware.services->SetWatchdogTimer(0, 0, 0, NULL);
    if (EFI_ERROR(status))
        log_line("efi: watchdog stays on: %s", status_text(status));

    status = boot(&stub);

    log_line("efi: cannot boot: %s; back to the firmware", status_text(status));
    memory_release_all();
    firmware.services->Stall(FAILURE_SHOWN_MICROSECONDS);
    return status;
}
