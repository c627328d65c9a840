// tests/unit/test_elf.c - kernel/elf.c
// sources: kernel/elf.c
// SPDX-License-Identifier: MIT

#include "harness.h"

#include <errno.h>
#include <linux/elf.h>
#include <string.h>

#include <kernel/elf.h>
#include <mm/addr.h>

#define SEGMENTS   24u
#define FILE_BYTES 0x10000u

static struct {
    Elf32_Ehdr header;
    Elf32_Phdr segments[SEGMENTS];
} file;

static struct elf_image image;

static void add(u32 type, u32 vaddr, u32 offset, u32 filesz, u32 memsz,
                u32 flags)
{
    file.segments[file.header.e_phnum++] = (Elf32_Phdr){
        .p_type = type,
        .p_offset = offset,
        .p_vaddr = vaddr,
        .p_paddr = vaddr,
        .p_filesz = filesz,
        .p_memsz = memsz,
        .p_flags = flags,
        .p_align = type == PT_LOAD ? PAGE_SIZE : 4,
    };
}

// A header without segments.
static void start(u32 type)
{
    memset(&file, 0, sizeof(file));
    memcpy(file.header.e_ident, ELFMAG, SELFMAG);
    file.header.e_ident[EI_CLASS] = ELFCLASS32;
    file.header.e_ident[EI_DATA] = ELFDATA2LSB;
    file.header.e_ident[EI_VERSION] = EV_CURRENT;
    file.header.e_type = (u16)type;
    file.header.e_machine = EM_386;
    file.header.e_version = EV_CURRENT;
    file.header.e_entry = 0x08049000;
    file.header.e_phoff = sizeof(Elf32_Ehdr);
    file.header.e_ehsize = sizeof(Elf32_Ehdr);
    file.header.e_phentsize = sizeof(Elf32_Phdr);
}

// An ordinary static program.
static void start_program(void)
{
    start(ET_EXEC);
    add(PT_LOAD, 0x08048000, 0, 0x400, 0x400, PF_R);
    add(PT_LOAD, 0x08049000, 0x1000, 0x2345, 0x2345, PF_R | PF_X);
    add(PT_LOAD, 0x0804cf10, 0x3f10, 0x200, 0x5000, PF_R | PF_W);
    add(PT_TLS, 0x0804cf10, 0x3f10, 8, 40, PF_R);
    add(PT_GNU_STACK, 0, 0, 0, 0, PF_R | PF_W);
}

static int parse(void)
{
    return elf_parse(&file, sizeof(file), FILE_BYTES, &image);
}

TEST(static_program)
{
    start_program();
    CHECK_EQ(parse(), 0);
    CHECK_EQ(image.kind, ELF_FIXED);
    CHECK_EQ(image.stack, ELF_STACK_DATA);
    CHECK_EQ(image.entry, 0x08049000);
    CHECK_EQ(image.phdr, 0x08048034);
    CHECK_EQ(image.phnum, 5);
    CHECK_EQ(image.interp_bytes, 0);
    CHECK_EQ(image.load_count, 3);
    CHECK_EQ(image.start, 0x08048000);
    CHECK_EQ(image.end, 0x08052000);
    CHECK_EQ(image.loads[2].vaddr, 0x0804cf10);
    CHECK_EQ(image.loads[2].offset, 0x3f10);
    CHECK_EQ(image.loads[2].filesz, 0x200);
    CHECK_EQ(image.loads[2].memsz, 0x5000);
    CHECK_EQ(image.loads[1].flags, PF_R | PF_X);
}

TEST(dynamic_program)
{
    start(ET_DYN);
    file.header.e_entry = 0x1000;
    add(PT_PHDR, 0x34, 0x34, 5 * 32, 5 * 32, PF_R);
    add(PT_INTERP, 0x200, 0x200, 19, 19, PF_R);
    add(PT_LOAD, 0, 0, 0x1800, 0x1800, PF_R | PF_X);
    file.segments[2].p_align = 0x10000;
    add(PT_LOAD, 0x10000, 0x2000, 0, 0x1000, PF_R | PF_W);
    CHECK_EQ(parse(), 0);
    CHECK_EQ(image.kind, ELF_MOVEABLE);
    CHECK_EQ(image.align, 0x10000);
    CHECK_EQ(image.interp_offset, 0x200);
    CHECK_EQ(image.interp_bytes, 19);
    CHECK_EQ(image.stack, ELF_STACK_UNSPECIFIED);
    CHECK_EQ(image.phdr, 0x34);
    CHECK(image.start == 0 && image.end == 0x11000);
}

TEST(one_segment_and_executable_stack)
{
    start(ET_EXEC);
    add(PT_LOAD, 0x08048000, 0, 0x200, 0x200, PF_R | PF_X);
    add(PT_GNU_STACK, 0, 0, 0, 0, PF_R | PF_W | PF_X);
    add(PT_LOAD, 0x09048000, 0, 0, 0, PF_R); // empty: left out
    CHECK_EQ(parse(), 0);
    CHECK_EQ(image.stack, ELF_STACK_EXECUTABLE);
    CHECK_EQ(image.load_count, 1);
    file.header.e_phoff = 0x190; // behind the part from the file
    memmove((char *)&file + 0x190, file.segments, 3 * sizeof(Elf32_Phdr));
    CHECK_EQ(parse(), 0);
    CHECK_EQ(image.phdr, 0x08048190);
    file.header.e_phoff = 0x1b0;
    memmove((char *)&file + 0x1b0, (char *)&file + 0x190,
            3 * sizeof(Elf32_Phdr));
    CHECK_EQ(parse(), 0);
    CHECK_EQ(image.phdr, 0);
}

TEST(sixteen_loads_and_no_more)
{
    start(ET_EXEC);
    for (u32 i = 0; i <= ELF_LOADS_MAX; i++) {
        CHECK_EQ(parse(), i ? 0 : -ENOEXEC);
        add(PT_LOAD, 0x08000000 + i * PAGE_SIZE, 0, 16, 16, PF_R);
    }
    CHECK_EQ(parse(), -ENOEXEC);
}

// One change to the ordinary program each, and what has to come of it.
#define REFUSED(change)                                                        \
    do {                                                                       \
        start_program();                                                       \
        change;                                                                \
        CHECK_EQ(parse(), -ENOEXEC);                                           \
    } while (0)
#define ACCEPTED(change)                                                       \
    do {                                                                       \
        start_program();                                                       \
        change;                                                                \
        CHECK_EQ(parse(), 0);                                                  \
    } while (0)

TEST(headers)
{
    REFUSED(file.header.e_ident[0] = 0);
    REFUSED(file.header.e_ident[EI_CLASS] = ELFCLASS64);
    REFUSED(file.header.e_ident[EI_DATA] = ELFDATA2MSB);
    REFUSED(file.header.e_ident[EI_VERSION] = 0);
    REFUSED(file.header.e_type = ET_REL);
    REFUSED(file.header.e_type = ET_CORE);
    REFUSED(file.header.e_machine = EM_X86_64);
    REFUSED(file.header.e_version = 2);
    REFUSED(file.header.e_phentsize = 56);
    REFUSED(file.header.e_phnum = 0);
    REFUSED(file.header.e_phnum = 0xffff);
    REFUSED(file.header.e_phoff = ~0u);
    REFUSED(file.header.e_phoff = sizeof(file) - 32);
    REFUSED(file.header.e_entry = TASK_SIZE);
    ACCEPTED(file.header.e_entry = 1);
}

TEST(segments)
{
    Elf32_Phdr *text = &file.segments[1], *data = &file.segments[2];

    REFUSED(data->p_filesz = data->p_memsz + 1);
    REFUSED(data->p_memsz = TASK_SIZE - data->p_vaddr + 1);
    ACCEPTED(data->p_memsz = TASK_SIZE - data->p_vaddr);
    REFUSED(data->p_memsz = ~0u); // wraps
    REFUSED(data->p_vaddr += 4);  // not congruent
    ACCEPTED((data->p_vaddr += 4, data->p_filesz = 0));
    REFUSED(text->p_offset = ~0xfffu); // wraps
    REFUSED(data->p_filesz = FILE_BYTES - data->p_offset + 1);
    ACCEPTED((data->p_filesz = FILE_BYTES - data->p_offset,
              data->p_memsz = FILE_BYTES));
    REFUSED(data->p_vaddr -= 0x2000);      // in the middle of text
    REFUSED(data->p_vaddr -= 0x1000);      // in its last page
    REFUSED(data->p_vaddr = 0x08000f10);   // below it: not ascending
    REFUSED(file.segments[0].p_vaddr = 0); // where null pointers point
    REFUSED(file.segments[0].p_vaddr = MMAP_MIN_ADDR - PAGE_SIZE);
    ACCEPTED(file.segments[0].p_vaddr = MMAP_MIN_ADDR);
    REFUSED(text->p_align = 0x1800);
    ACCEPTED(text->p_align = 0);
    ACCEPTED(text->p_align = 1);
}

TEST(interpreters)
{
    REFUSED(add(PT_INTERP, 0, 0x200, 1, 1, PF_R));
    REFUSED(add(PT_INTERP, 0, 0x200, 4097, 4097, PF_R));
    REFUSED(add(PT_INTERP, 0, FILE_BYTES - 4, 5, 5, PF_R));
    REFUSED((add(PT_INTERP, 0, 0x200, 9, 9, PF_R),
             add(PT_INTERP, 0, 0x200, 9, 9, PF_R)));
    ACCEPTED(add(PT_INTERP, 0, FILE_BYTES - 5, 5, 5, PF_R));
}

// What elf_parse promises of any file that it accepts.
static void check_promises(u64 file_bytes)
{
    u32 end = 0;

    CHECK(image.load_count >= 1 && image.load_count <= ELF_LOADS_MAX);
    CHECK(image.kind == ELF_MOVEABLE || image.start >= MMAP_MIN_ADDR);
    CHECK(image.end <= TASK_SIZE && image.entry < TASK_SIZE);
    CHECK((image.align & (image.align - 1)) == 0 && image.align >= PAGE_SIZE);
    for (u32 i = 0; i < image.load_count; i++) {
        const struct elf_load *load = &image.loads[i];

        CHECK(load->memsz && load->filesz <= load->memsz);
        CHECK((u64)load->offset + load->filesz <= file_bytes);
        CHECK(!load->filesz || (load->vaddr - load->offset) % PAGE_SIZE == 0);
        CHECK((load->vaddr & PAGE_MASK) >= end);
        CHECK((u64)load->vaddr + load->memsz <= image.end);
        end = (load->vaddr + load->memsz + PAGE_SIZE - 1) & PAGE_MASK;
    }
    CHECK_EQ(end, image.end);
    CHECK((u64)image.interp_offset + image.interp_bytes <= file_bytes);
}

TEST(random_damage)
{
    u32 accepted = 0;

    for (u32 i = 0; i < TEST_ROUNDS; i++) {
        u32 head_bytes = test_random_one_in(4)
                             ? test_random_below(sizeof(file) + 1)
                             : (u32)sizeof(file);
        u64 file_bytes =
            test_random_one_in(4) ? test_random_below(FILE_BYTES) : FILE_BYTES;
        u8 *head = malloc(head_bytes + !head_bytes);

        start_program();
        if (test_random_one_in(2))
            add(PT_INTERP, 0, 0x200, 9, 9, PF_R);
        for (u32 j = test_random_below(4); j > 0; j--) {
            u32 at = test_random_below(52 + 6 * 32);

            ((u8 *)&file)[at] ^= (u8)(1u << test_random_below(8));
        }
        memcpy(head, &file, head_bytes);
        if (elf_parse(head, head_bytes, file_bytes, &image) == 0) {
            check_promises(file_bytes);
            accepted++;
        }
        free(head);
    }
    CHECK(accepted > TEST_ROUNDS / 50 && accepted < TEST_ROUNDS);
}
