// efi/kernel.c - the kernel's segments, from the file to staging pages
// SPDX-License-Identifier: MIT
//
// Only the bytes of the loadable segments are read: symbols and debugging
// information in the same file cost no memory.

#include "stub.h"

static EFI_STATUS parse_and_reserve(struct file *file, struct elf_image *out)
{
    static u8 header[ELF_HEADER_BYTES];
    u32 header_bytes = (u32)min(file->bytes, (u64)sizeof(header));
    const char *wrong;
    EFI_STATUS status;

    status = file_read(file, 0, header, header_bytes);
    if (EFI_ERROR(status))
        return status;
    wrong = elf_parse(header, header_bytes, file->bytes, out);
    if (wrong) {
        log_line("efi: %s: %s", file->name, wrong);
        return EFI_LOAD_ERROR;
    }
    log_line("efi: %s start=0x%x end=0x%x entry=0x%x segments=%u", file->name,
             out->start, out->end, out->entry, out->segment_count);
    return memory_reserve_target(out->start, out->end);
}

static const char *const file_names[] = {
    [KERNEL_2LEVEL] = "kernel.elf",
    [KERNEL_PAE] = "kernel-pae.elf",
};

static EFI_STATUS choose(const char *line, enum kernel_format *out,
                         bool *forced)
{
    struct machine_abilities machine;
    enum kernel_wish wish = kernel_wish(line);
    EFI_STATUS status;

    status = machine_describe(&machine);
    if (EFI_ERROR(status))
        return status;
    if (!machine.fpu) {
        log_line("efi: the CPU has no floating-point unit, which Faultline "
                 "needs");
        return EFI_UNSUPPORTED;
    }
    if (wish == KERNEL_WISH_UNKNOWN)
        log_line("efi: kernel= is neither pae nor 2level: ignored");
    *out = kernel_choose(wish, &machine);
    *forced = wish == KERNEL_WISH_PAE || wish == KERNEL_WISH_2LEVEL;
    log_line("efi: pae=%u nx=%u ram_above_4gib=%u: %s%s", machine.pae,
             machine.nx, machine.high_memory, file_names[*out],
             *forced ? ", as asked for" : "");
    if (*out == KERNEL_PAE && !machine.pae) {
        log_line("efi: kernel=pae, but the CPU has no PAE");
        return EFI_UNSUPPORTED;
    }
    return EFI_SUCCESS;
}

static EFI_STATUS open_kernel(enum kernel_format format, struct file *file)
{
    EFI_STATUS status = file_open(file_names[format], file);

    if (status == EFI_NOT_FOUND)
        log_line("efi: no \\faultline\\%s on the boot volume",
                 file_names[format]);
    return status;
}

EFI_STATUS kernel_find(const char *line, struct file *file,
                       struct elf_image *out)
{
    enum kernel_format format;
    bool forced;
    EFI_STATUS status;

    status = choose(line, &format, &forced);
    if (EFI_ERROR(status))
        return status;
    status = open_kernel(format, file);
    if (status == EFI_NOT_FOUND && format == KERNEL_PAE && !forced)
        status = open_kernel(KERNEL_2LEVEL, file);
    if (EFI_ERROR(status))
        return status;
    status = parse_and_reserve(file, out);
    if (EFI_ERROR(status))
        file_close(file);
    return status;
}

EFI_STATUS kernel_stage(struct file *file, struct stub *stub)
{
    const struct elf_segment *segment = stub->image.segments;
    struct block block;
    EFI_STATUS status;

    for (u32 i = 0; i < stub->image.segment_count; i++, segment++) {
        if (!segment->file_bytes)
            continue;
        status = memory_allocate("the kernel", segment->file_bytes, &block);
        if (EFI_ERROR(status))
            return status;
        stub->staged[i] = block.address;
        status = file_read(file, segment->file_offset, block_at(block.address),
                           segment->file_bytes);
        if (EFI_ERROR(status))
            return status;
    }
    return EFI_SUCCESS;
}
