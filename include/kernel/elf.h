// include/kernel/elf.h - what exec has to know of an ELF program [P]
// SPDX-License-Identifier: MIT
#pragma once

#include <base/compiler.h>
#include <base/types.h>

#define ELF_LOADS_MAX 16u

// How much of a file's start has to be read: header and program headers of
// every ordinary program are in the first page.
#define ELF_HEAD_BYTES 4096u

enum elf_kind {
    ELF_FIXED,    // ET_EXEC: at the addresses it names
    ELF_MOVEABLE, // ET_DYN: a base is to be added to each address
};

enum elf_stack {
    ELF_STACK_UNSPECIFIED, // no PT_GNU_STACK: an old program, executable
    ELF_STACK_DATA,
    ELF_STACK_EXECUTABLE,
};

// One PT_LOAD. Bytes, as in the file: not rounded to pages.
struct elf_load {
    u32 vaddr;  // congruent to offset modulo PAGE_SIZE when filesz > 0
    u32 offset; // in the file
    u32 filesz; // bytes from the file; 0: none
    u32 memsz;  // >= filesz, > 0; the rest is zeros
    u32 flags;  // PF_R, PF_W, PF_X
};

struct elf_image {
    enum elf_kind kind;
    enum elf_stack stack;
    u32 entry;
    u32 align; // ELF_MOVEABLE: what the base must be a multiple of
    u32 phdr;  // address of the program headers (AT_PHDR); 0: not loaded
    u32 phnum; // AT_PHNUM
    u32 interp_offset; // path of the interpreter in the file, and its length
    u32 interp_bytes;  // with the NUL (which exec checks); 0: none
    u32 start, end;    // pages that the loads cover: [start, end)
    u32 load_count;    // at least 1
    struct elf_load loads[ELF_LOADS_MAX]; // ascending, no page in two of them
};

// elf_parse - check a program of @file_bytes that begins with the @head_bytes
// at @head, and describe it. What it says of addresses holds afterwards: every
// load, rounded to pages, lies in [MMAP_MIN_ADDR, TASK_SIZE) (ELF_MOVEABLE:
// [0, TASK_SIZE)) and in the file.
// Return: 0; -ENOEXEC: not an i386 ELF program, or one that breaks a rule;
// @out is then undefined.
// Source: System V ABI, chapters 4 and 5, and its i386 supplement.
__must_check int elf_parse(const void *head, u32 head_bytes, u64 file_bytes,
                           struct elf_image *out);
