// efi/stub.h - what the files of the UEFI stub share
// SPDX-License-Identifier: MIT
//
// The stub is one program with one thread of control, run once: what the
// firmware gave it is kept in one global, set at the start of efi_main.
//
// Conventions: a function that can fail returns EFI_STATUS and has already
// logged why, in words, when it fails; its caller only passes the status on.
// "Low" memory lies below 4 GiB, where the 32-bit kernel can reach it.
//
// Sources: UEFI 2.10, chapters 4 (tables), 7 (boot services), 13 (files).
#pragma once

#include <efi.h>

#include <base/bits.h>
#include <base/compiler.h>
#include <base/types.h>
#include <boot/boot_info.h>

#include "choose.h"
#include "elf.h"
#include "memmap.h"

#define STUB_LOG_BYTES (16u * 1024)

struct firmware {
    EFI_HANDLE image;
    EFI_SYSTEM_TABLE *table;
    EFI_BOOT_SERVICES *services;
    EFI_LOADED_IMAGE *loaded;
};

extern struct firmware firmware;

// Low memory that belongs to the stub, whole pages.
struct block {
    u32 address;
    u32 bytes; // in use; the rest of the last page is undefined
};

static inline void *block_at(u32 address)
{
    return (void *)(UINTN)address;
}

// What is handed to the kernel: one block, of type BOOT_RANGE_BOOT_INFO.
struct handover {
    struct boot_info info;
    struct boot_range ranges[BOOT_RANGES_MAX];
    u8 rsdp[64]; // copied: the firmware's may lie above 4 GiB
    char log[STUB_LOG_BYTES];
};

// All that has been collected by the time boot services are left.
struct stub {
    struct elf_image image;
    u32 staged[ELF_SEGMENTS_MAX]; // where the segments' bytes wait
    struct block initramfs, overlay;
    u32 crash_log;         // its area; 0: none
    struct block last_log; // text
    struct block handover_block;
    struct handover *handover;
};

/* log_line - one line to ConOut, COM1 and the log buffer.
 * @format: as fmt_print's; the line's end is added.
 * Context: after log_boot_services_gone() ConOut is left out.
 */
void log_line(const char *format, ...) __printf(1, 2);
void log_boot_services_gone(void);

// log_copy - copy the log's text so far to @to; returns its length.
u32 log_copy(char *to, u32 capacity);

// status_text - a UEFI status in words.
const char *status_text(EFI_STATUS status);

/* serial_init - find COM1 and set it to 115200 8N1.
 * Without a UART there serial_write does nothing.
 */
void serial_init(void);
void serial_write(const char *text);

/* memory_reserve_target - keep [start, end) free of the stub's own blocks.
 * Takes what is free in it now, so that no later allocation lands there. Where
 * boot services sit in it, it becomes free with them; whether all of it does
 * is memory_check_target()'s question.
 */
EFI_STATUS memory_reserve_target(u32 start, u32 end);

/* memory_check_target - will the target be free after boot services?
 * Return: EFI_SUCCESS; EFI_OUT_OF_RESOURCES (logged) if a part of it is the
 * firmware's for good.
 */
EFI_STATUS memory_check_target(void);

// memory_any_above_4gib - is there any that the kernel could use?
EFI_STATUS memory_any_above_4gib(bool *out);

// machine_describe - CPUID and the memory map.
EFI_STATUS machine_describe(struct machine_abilities *out);

/* memory_allocate - low pages outside the target, never at address 0.
 * @what: for the message.
 */
EFI_STATUS memory_allocate(const char *what, u64 bytes, struct block *out);

/* memory_leave_target - for what was allocated before the target was known:
 * move it if it lies there. Without room (logged) it is dropped: @block is
 * empty then.
 */
void memory_leave_target(const char *what, struct block *block);

/* memory_claim - the pages at exactly @address, kept out of all use: reserved
 * memory for the firmware and for the kernel.
 * Return: an error (not logged) when any of them is taken or is not RAM.
 */
EFI_STATUS memory_claim(u32 address, u32 bytes);

// memory_release - give back what begins at @address.
void memory_release(u32 address);

// memory_release_all - give everything back, for the way back to the firmware.
void memory_release_all(void);

/* memory_exit - leave boot services.
 * @out_map: the final memory map.
 * Return: an error (logged) while boot services still work. When they neither
 * end nor may be called any more, it stops the machine (memory_exit_failed).
 * Context: once it has succeeded no firmware service may be called.
 */
EFI_STATUS memory_exit(struct memmap *out_map);

// machine_flush_caches - what was written is in RAM (efi/machine.c).
void machine_flush_caches(void);

// memory_exit_failed - stop for good (efi/machine.c).
void memory_exit_failed(void);

struct file {
    EFI_FILE_HANDLE handle;
    const char *name;
    u64 bytes;
};

// file_volume_open - the file system that the stub itself was loaded from.
EFI_STATUS file_volume_open(void);
void file_volume_close(void);

/* file_open - \faultline\@name.
 * Return: EFI_SUCCESS; EFI_NOT_FOUND (not logged); others (logged).
 */
EFI_STATUS file_open(const char *name, struct file *out);
void file_close(struct file *file);
EFI_STATUS file_read(struct file *file, u64 offset, void *buffer, u64 bytes);

// file_load_optional - a whole file to low memory; @out->bytes is 0 without it.
EFI_STATUS file_load_optional(const char *name, struct block *out);

/* file_save - a file of \faultline with this content, whatever was there.
 * It is given up after some seconds. What goes wrong is logged, and there may
 * be a part of the file then.
 */
EFI_STATUS file_save(const char *name, const void *content, u32 bytes);

/* crash_log_take - the surviving log: find its area, save the text of a boot
 * that crashed as a file and in @stub->last_log, and begin the area anew.
 * What goes wrong is logged; the machine boots without it as well.
 * Context: the volume is open; nothing else is allocated yet.
 */
void crash_log_take(struct stub *stub);

/* kernel_find - choose a kernel, open it, check its headers, reserve its
 * target.
 * @line: the command line; its last word kernel= overrides the choice.
 * Without such a word and without kernel-pae.elf, kernel.elf serves.
 */
EFI_STATUS kernel_find(const char *line, struct file *file,
                       struct elf_image *out);

// kernel_stage - read every segment's bytes to low memory.
EFI_STATUS kernel_stage(struct file *file, struct stub *stub);

// command_line_read - cmdline.txt and the load options, both optional.
EFI_STATUS command_line_read(char line[BOOT_CMDLINE_BYTES]);

// gop_describe - the framebuffer; format BOOT_FB_NONE if there is none.
void gop_describe(struct boot_framebuffer *out);

// acpi_copy_rsdp - copies the RSDP; returns its length, 0 if there is none.
u32 acpi_copy_rsdp(u8 *to, u32 capacity);

// tsc_measure - ticks per second of the time-stamp counter; 0: there is none.
u64 tsc_measure(void);

/* handover_run - leave boot services and enter the kernel.
 * Return: only when boot services could not be left.
 */
EFI_STATUS handover_run(struct stub *stub);
