// kernel/elf.c - reading ELF program headers [P]
// SPDX-License-Identifier: MIT
//
// The file may hold anything. Sums are made in 64 bits of 32-bit fields, so
// that none wraps; offsets in the head are checked before they are followed;
// structures are copied out, since nothing says that they are aligned.
//
// Segments whose pages overlap are refused: the later would hide the end of
// the earlier one. No linker makes them.
// Ignored: section headers, PT_NOTE, PT_TLS (the C library's), PT_PHDR (where
// the headers lie, the segment that has them says).

#include <kernel/elf.h>

#include <base/bits.h>
#include <base/errno.h>
#include <lib/string.h>
#include <linux/elf.h>
#include <mm/addr.h>

#define INTERP_BYTES_MAX 4096u // PATH_MAX

static int check_header(const Elf32_Ehdr *header, u32 head_bytes)
{
    const u8 *ident = header->e_ident;
    u64 table_end = header->e_phoff + (u64)header->e_phnum * sizeof(Elf32_Phdr);

    if (memcmp(ident, ELFMAG, SELFMAG) || ident[EI_CLASS] != ELFCLASS32 ||
        ident[EI_DATA] != ELFDATA2LSB || ident[EI_VERSION] != EV_CURRENT)
        return -ENOEXEC;
    if (header->e_type != ET_EXEC && header->e_type != ET_DYN)
        return -ENOEXEC;
    if (header->e_machine != EM_386 || header->e_version != EV_CURRENT)
        return -ENOEXEC;
    if (header->e_phentsize != sizeof(Elf32_Phdr) || table_end > head_bytes)
        return -ENOEXEC;
    if (header->e_entry >= TASK_SIZE)
        return -ENOEXEC;
    return 0;
}

static bool in_file(const Elf32_Phdr *segment, u64 file_bytes)
{
    return (u64)segment->p_offset + segment->p_filesz <= file_bytes;
}

static int check_load(const Elf32_Phdr *segment, u64 file_bytes,
                      enum elf_kind kind)
{
    u64 end = (u64)segment->p_vaddr + segment->p_memsz;

    if (segment->p_filesz > segment->p_memsz || !in_file(segment, file_bytes))
        return -ENOEXEC;
    if (end > TASK_SIZE)
        return -ENOEXEC;
    if (kind == ELF_FIXED && segment->p_vaddr < MMAP_MIN_ADDR)
        return -ENOEXEC;
    if (segment->p_filesz && (segment->p_vaddr - segment->p_offset) % PAGE_SIZE)
        return -ENOEXEC;
    if (segment->p_align > 1 && !is_power_of_2(segment->p_align))
        return -ENOEXEC;
    return 0;
}

static int add_load(struct elf_image *image, const Elf32_Phdr *segment,
                    u64 file_bytes)
{
    u32 start = ALIGN_DOWN(segment->p_vaddr, PAGE_SIZE);
    int rc = check_load(segment, file_bytes, image->kind);

    if (rc)
        return rc;
    if (segment->p_memsz == 0)
        return 0;
    if (image->load_count == ELF_LOADS_MAX)
        return -ENOEXEC;
    if (image->load_count == 0)
        image->start = start;
    else if (start < image->end)
        return -ENOEXEC;
    image->loads[image->load_count++] = (struct elf_load){
        .vaddr = segment->p_vaddr,
        .offset = segment->p_offset,
        .filesz = segment->p_filesz,
        .memsz = segment->p_memsz,
        .flags = segment->p_flags & (PF_R | PF_W | PF_X),
    };
    image->end = ALIGN_UP(segment->p_vaddr + segment->p_memsz, PAGE_SIZE);
    image->align = max(image->align, segment->p_align);
    return 0;
}

static int set_interpreter(struct elf_image *image, const Elf32_Phdr *segment,
                           u64 file_bytes)
{
    if (image->interp_bytes || segment->p_filesz < 2 ||
        segment->p_filesz > INTERP_BYTES_MAX || !in_file(segment, file_bytes))
        return -ENOEXEC;
    image->interp_offset = segment->p_offset;
    image->interp_bytes = segment->p_filesz;
    return 0;
}

static int add_segment(struct elf_image *image, const Elf32_Phdr *segment,
                       u64 file_bytes)
{
    switch (segment->p_type) {
    case PT_LOAD: return add_load(image, segment, file_bytes);
    case PT_INTERP: return set_interpreter(image, segment, file_bytes);
    case PT_GNU_STACK:
        image->stack =
            segment->p_flags & PF_X ? ELF_STACK_EXECUTABLE : ELF_STACK_DATA;
        return 0;
    default: return 0;
    }
}

// Where the program headers are in memory: in a segment whose part from the
// file has all of them.
static u32 phdr_address(const struct elf_image *image, u32 phoff)
{
    u64 end = phoff + (u64)image->phnum * sizeof(Elf32_Phdr);

    for (u32 i = 0; i < image->load_count; i++) {
        const struct elf_load *load = &image->loads[i];

        if (phoff >= load->offset && end <= (u64)load->offset + load->filesz)
            return load->vaddr + (phoff - load->offset);
    }
    return 0;
}

int elf_parse(const void *head, u32 head_bytes, u64 file_bytes,
              struct elf_image *out)
{
    Elf32_Ehdr header;
    Elf32_Phdr segment;
    int rc;

    if (head_bytes < sizeof(header))
        return -ENOEXEC;
    memcpy(&header, head, sizeof(header));
    rc = check_header(&header, head_bytes);
    if (rc)
        return rc;
    *out = (struct elf_image){
        .kind = header.e_type == ET_EXEC ? ELF_FIXED : ELF_MOVEABLE,
        .entry = header.e_entry,
        .align = PAGE_SIZE,
        .phnum = header.e_phnum,
    };
    for (u32 i = 0; i < header.e_phnum; i++) {
        memcpy(&segment,
               (const u8 *)head + header.e_phoff + i * sizeof(segment),
               sizeof(segment));
        rc = add_segment(out, &segment, file_bytes);
        if (rc)
            return rc;
    }
    if (out->load_count == 0)
        return -ENOEXEC;
    out->phdr = phdr_address(out, header.e_phoff);
    return 0;
}
