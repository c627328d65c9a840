// efi/elf.c - which bytes of an ELF file go where [P]
// SPDX-License-Identifier: MIT
//
// The kernel is loaded by physical addresses (p_paddr), and its entry point is
// a physical address too; virtual addresses are its own business. The file may
// be damaged or not be a kernel at all, so that every number is checked before
// it is used; sums are made in 64 bits.

#include "elf.h"

#include <base/compiler.h>
#include <lib/string.h>

enum {
    ELF_CLASS_32 = 1,
    ELF_DATA_LITTLE_ENDIAN = 1,
    ELF_VERSION_CURRENT = 1,
    ELF_TYPE_EXEC = 2,
    ELF_MACHINE_386 = 3,
    ELF_SEGMENT_LOAD = 1,
    ELF_SEGMENT_EXECUTABLE = 1 << 0,

    // The stub and the kernel leave the first megabyte alone: real-mode
    // tables, video memory, option ROMs.
    ELF_LOWEST_ADDRESS = 1024 * 1024,
};

struct elf_header {
    u8 magic[4];
    u8 class, data, ident_version, os_abi;
    u8 padding[8];
    u16 type, machine;
    u32 version, entry, segment_offset, section_offset, flags;
    u16 header_size, segment_size, segment_count;
    u16 section_size, section_count, section_names;
};
static_assert(sizeof(struct elf_header) == 52, "Elf32_Ehdr");

struct elf_program_header {
    u32 type, offset, virtual_address, physical_address;
    u32 file_bytes, memory_bytes, flags, alignment;
};
static_assert(sizeof(struct elf_program_header) == 32, "Elf32_Phdr");

static const char *check_header(const struct elf_header *header,
                                u32 header_bytes)
{
    static const u8 magic[4] = {0x7f, 'E', 'L', 'F'};

    if (memcmp(header->magic, magic, sizeof(magic)))
        return "not an ELF file";
    if (header->class != ELF_CLASS_32 ||
        header->data != ELF_DATA_LITTLE_ENDIAN ||
        header->ident_version != ELF_VERSION_CURRENT ||
        header->version != ELF_VERSION_CURRENT ||
        header->machine != ELF_MACHINE_386)
        return "not for 32-bit x86";
    if (header->type != ELF_TYPE_EXEC)
        return "not an executable";
    if (header->segment_size != sizeof(struct elf_program_header))
        return "program headers of unknown size";
    if ((u64)header->segment_offset +
            (u64)header->segment_count * header->segment_size >
        header_bytes)
        return "program headers not in the first page";
    return NULL;
}

static bool overlaps(const struct elf_segment *a, const struct elf_segment *b)
{
    return a->address < (u64)b->address + b->memory_bytes &&
           b->address < (u64)a->address + a->memory_bytes;
}

static const char *check_segment(const struct elf_image *image,
                                 const struct elf_segment *segment,
                                 u64 file_bytes)
{
    if (segment->file_bytes > segment->memory_bytes)
        return "segment with more bytes in the file than in memory";
    if ((u64)segment->file_offset + segment->file_bytes > file_bytes)
        return "segment beyond the end of the file";
    if (segment->address < ELF_LOWEST_ADDRESS)
        return "segment below 1 MiB";
    if ((u64)segment->address + segment->memory_bytes > 0xffffffffu)
        return "segment beyond 4 GiB";
    for (u32 i = 0; i < image->segment_count; i++) {
        if (overlaps(segment, &image->segments[i]))
            return "overlapping segments";
    }
    return NULL;
}

static void add_segment(struct elf_image *image,
                        const struct elf_segment *segment)
{
    u32 end = segment->address + segment->memory_bytes;

    if (!image->segment_count || segment->address < image->start)
        image->start = segment->address;
    if (end > image->end)
        image->end = end;
    image->segments[image->segment_count++] = *segment;
}

static bool holds_entry(const struct elf_program_header *program, u32 entry)
{
    return (program->flags & ELF_SEGMENT_EXECUTABLE) &&
           entry >= program->physical_address &&
           entry - program->physical_address < program->file_bytes;
}

const char *elf_parse(const void *header, u32 header_bytes, u64 file_bytes,
                      struct elf_image *out)
{
    struct elf_header elf;
    struct elf_program_header program;
    bool entry_found = false;
    const char *wrong;

    if (header_bytes < sizeof(elf))
        return "too short";
    memcpy(&elf, header, sizeof(elf));
    wrong = check_header(&elf, header_bytes);
    if (wrong)
        return wrong;

    *out = (struct elf_image){.entry = elf.entry};
    for (u32 i = 0; i < elf.segment_count; i++) {
        struct elf_segment segment;

        // May lie unaligned in the file.
        memcpy(&program,
               (const u8 *)header + elf.segment_offset + i * sizeof(program),
               sizeof(program));
        if (program.type != ELF_SEGMENT_LOAD || !program.memory_bytes)
            continue;
        segment = (struct elf_segment){
            .file_offset = program.offset,
            .file_bytes = program.file_bytes,
            .address = program.physical_address,
            .memory_bytes = program.memory_bytes,
        };
        wrong = check_segment(out, &segment, file_bytes);
        if (wrong)
            return wrong;
        if (out->segment_count == ELF_SEGMENTS_MAX)
            return "too many segments";
        add_segment(out, &segment);
        entry_found |= holds_entry(&program, elf.entry);
    }
    if (!entry_found)
        return "entry point in no executable segment (it is physical)";
    return NULL;
}
