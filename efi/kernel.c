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
        log_line("efi: kernel.elf: %s", wrong);
        return EFI_LOAD_ERROR;
    }
    log_line("efi: kernel start=0x%x end=0x%x entry=0x%x segments=%u",
             out->start, out->end, out->entry, out->segment_count);
    return memory_reserve_target(out->start, out->end);
}

EFI_STATUS kernel_find(struct file *file, struct elf_image *out)
{
    EFI_STATUS status;

    status = file_open("kernel.elf", file);
    if (status == EFI_NOT_FOUND)
        log_line("efi: no \\faultline\\kernel.elf on the boot volume");
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
