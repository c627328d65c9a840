// tests/unit/test_efi_elf.c - efi/elf.c: good files, and every kind of bad one
// sources: efi/elf.c
// SPDX-License-Identifier: MIT

#include "harness.h"

#include <linux/elf.h>
#include <string.h>

#include "../../efi/elf.h"

#define SEGMENTS_MAX 24u
#define FILE_BYTES   0x300000u
#define FIRST        0x100000u

static struct {
    Elf32_Ehdr header;
    Elf32_Phdr segments[SEGMENTS_MAX];
} file;

static struct elf_image image;

static void add(u32 type, u32 address, u32 file_bytes, u32 memory_bytes)
{
    file.segments[file.header.e_phnum++] = (Elf32_Phdr){
        .p_type = type,
        .p_offset = 0x1000,
        .p_vaddr = address + 0xc0000000u,
        .p_paddr = address,
        .p_filesz = file_bytes,
        .p_memsz = memory_bytes,
        .p_flags = PF_R | PF_X,
    };
}

static void start(void)
{
    memset(&file, 0, sizeof(file));
    memcpy(file.header.e_ident, ELFMAG, SELFMAG);
    file.header.e_ident[EI_CLASS] = ELFCLASS32;
    file.header.e_ident[EI_DATA] = ELFDATA2LSB;
    file.header.e_ident[EI_VERSION] = EV_CURRENT;
    file.header.e_type = ET_EXEC;
    file.header.e_machine = EM_386;
    file.header.e_version = EV_CURRENT;
    file.header.e_entry = FIRST;
    file.header.e_phoff = sizeof(Elf32_Ehdr);
    file.header.e_phentsize = sizeof(Elf32_Phdr);
}

// A kernel as ours is: text, then data with a .bss.
static void start_kernel(void)
{
    start();
    add(PT_LOAD, FIRST, 0x1234, 0x1234);
    add(PT_NOTE, 0, 64, 64);
    add(PT_LOAD, FIRST + 0x2000, 0x100, 0x5000);
}

static const char *parse(void)
{
    return elf_parse(&file, sizeof(file), FILE_BYTES, &image);
}

TEST(a_kernel)
{
    start_kernel();
    CHECK(parse() == NULL);
    CHECK_EQ(image.entry, FIRST);
    CHECK_EQ(image.start, FIRST);
    CHECK_EQ(image.end, FIRST + 0x7000);
    CHECK_EQ(image.segment_count, 2);
    CHECK_EQ(image.segments[1].address, FIRST + 0x2000);
    CHECK_EQ(image.segments[1].file_offset, 0x1000);
    CHECK_EQ(image.segments[1].file_bytes, 0x100);
    CHECK_EQ(image.segments[1].memory_bytes, 0x5000);
}

TEST(segments_in_any_order)
{
    start();
    add(PT_LOAD, FIRST + 0x9000, 1, 1);
    add(PT_LOAD, FIRST, 1, 1);
    CHECK(parse() == NULL);
    CHECK_EQ(image.start, FIRST);
    CHECK_EQ(image.end, FIRST + 0x9001);
}

#define CHECK_REFUSED(change)                                                  \
    do {                                                                       \
        start_kernel();                                                        \
        change;                                                                \
        CHECK(parse() != NULL);                                                \
    } while (0)

TEST(other_files)
{
    CHECK_REFUSED(file.header.e_ident[0] = 0);
    CHECK_REFUSED(file.header.e_ident[EI_CLASS] = ELFCLASS64);
    CHECK_REFUSED(file.header.e_ident[EI_DATA] = ELFDATA2MSB);
    CHECK_REFUSED(file.header.e_type = ET_DYN);
    CHECK_REFUSED(file.header.e_machine = EM_X86_64);
    CHECK_REFUSED(file.header.e_version = 2);
    CHECK_REFUSED(file.header.e_phentsize = 31);
    CHECK_REFUSED(file.header.e_phnum = 0);
    CHECK_REFUSED(file.header.e_phnum = 0xffff);
    CHECK_REFUSED(file.header.e_phoff = sizeof(file) - 32);
    CHECK_REFUSED(file.header.e_phoff = 0xffffffff);
}

TEST(bad_segments)
{
    CHECK_REFUSED(file.segments[0].p_filesz = 0x1235);
    CHECK_REFUSED(file.segments[0].p_offset = FILE_BYTES - 0x1233);
    CHECK_REFUSED(file.segments[0].p_offset = 0xffffffff);
    CHECK_REFUSED(file.segments[2].p_paddr = 0xfff);
    CHECK_REFUSED(file.segments[2].p_paddr = 0xffffc000);
    CHECK_REFUSED(file.segments[2].p_memsz = 0xffffffff);
    CHECK_REFUSED(file.segments[2].p_paddr = FIRST + 0x1233);
    CHECK_REFUSED(file.segments[2].p_paddr = FIRST);
}

TEST(the_entry_point)
{
    CHECK_REFUSED(file.header.e_entry = FIRST - 1);
    CHECK_REFUSED(file.header.e_entry = FIRST + 0x1234);
    CHECK_REFUSED(file.header.e_entry = FIRST + 0xc0000000u);
    CHECK_REFUSED(file.segments[0].p_flags = PF_R);
    start_kernel();
    file.header.e_entry = FIRST + 0x1233;
    CHECK(parse() == NULL);
}

TEST(number_of_segments)
{
    start();
    for (u32 i = 0; i < ELF_SEGMENTS_MAX; i++)
        add(PT_LOAD, FIRST + i * 0x1000, 16, 16);
    CHECK(parse() == NULL);
    CHECK_EQ(image.segment_count, ELF_SEGMENTS_MAX);
    add(PT_LOAD, FIRST + 0x100000, 16, 16);
    CHECK(parse() != NULL);
}

TEST(short_files)
{
    for (u32 bytes = 0; bytes < sizeof(Elf32_Ehdr) + 3 * 32; bytes++) {
        // In a block of its own, so that the sanitizer sees its end.
        u8 *copy = malloc(bytes ? bytes : 1);

        start_kernel();
        memcpy(copy, &file, bytes);
        CHECK(elf_parse(copy, bytes, FILE_BYTES, &image) != NULL);
        free(copy);
    }
}

// What is accepted keeps elf_parse's promises.
static void check_promises(void)
{
    bool entry_found = false;

    CHECK(image.segment_count >= 1 && image.segment_count <= ELF_SEGMENTS_MAX);
    for (u32 i = 0; i < image.segment_count; i++) {
        const struct elf_segment *s = &image.segments[i];
        u64 end = (u64)s->address + s->memory_bytes;

        CHECK(s->file_bytes <= s->memory_bytes);
        CHECK((u64)s->file_offset + s->file_bytes <= FILE_BYTES);
        CHECK(s->address >= image.start && s->address >= 0x100000);
        CHECK(end <= image.end);
        entry_found |= image.entry >= s->address &&
                       image.entry < (u64)s->address + s->file_bytes;
        for (u32 j = 0; j < i; j++) {
            const struct elf_segment *other = &image.segments[j];

            CHECK(end <= other->address ||
                  (u64)other->address + other->memory_bytes <= s->address);
        }
    }
    CHECK(entry_found);
}

TEST(random_damage)
{
    u32 accepted = 0;

    for (u32 i = 0; i < TEST_ROUNDS; i++) {
        u8 *bytes = (u8 *)&file;

        start_kernel();
        for (u32 n = test_random_below(3); n; n--)
            bytes[test_random_below(sizeof(Elf32_Ehdr) + 3 * 32)] =
                (u8)test_random();
        if (parse() == NULL) {
            accepted++;
            check_promises();
        }
    }
    CHECK(accepted > 0);
}
