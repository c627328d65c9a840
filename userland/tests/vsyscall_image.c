// userland/tests/vsyscall_image.c - vsyscall.c: what is mapped, and where
// SPDX-License-Identifier: MIT

#include "vsyscall.h"

#include <elf.h>
#include <string.h>
#include <sys/auxv.h>

static bool is_a_shared_object(void)
{
    const Elf32_Ehdr *header = (const void *)vdso_image();

    return memcmp(header->e_ident, ELFMAG, SELFMAG) == 0 &&
           header->e_type == ET_DYN && header->e_machine == EM_386;
}

static bool is_named_in_maps(void)
{
    uintptr_t vdso, vdso_end, vvar, vvar_end;

    return find_area("[vdso]", &vdso, &vdso_end) &&
           find_area("[vvar]", &vvar, &vvar_end) &&
           vdso == (uintptr_t)vdso_image() && vvar_end == vdso;
}

static bool has_the_symbols(void)
{
    static const struct {
        const char *name, *version;
    } symbols[] = {
        {"__kernel_vsyscall", "LINUX_2.5"},
        {"__kernel_sigreturn", "LINUX_2.5"},
        {"__kernel_rt_sigreturn", "LINUX_2.5"},
        {"__vdso_clock_gettime", "LINUX_2.6"},
        {"__vdso_clock_gettime64", "LINUX_2.6"},
        {"__vdso_clock_getres", "LINUX_2.6"},
        {"__vdso_gettimeofday", "LINUX_2.6"},
        {"__vdso_time", "LINUX_2.6"},
    };
    bool all = true;

    for (unsigned i = 0; i < sizeof(symbols) / sizeof(symbols[0]); i++) {
        if (!vdso_symbol(vdso_image(), symbols[i].name, symbols[i].version)) {
            ktap_note("no %s@%s", symbols[i].name, symbols[i].version);
            all = false;
        }
    }
    return all && !vdso_symbol(vdso_image(), "__vdso_time", "LINUX_2.5");
}

static bool entry_is_the_symbol(void)
{
    return vsyscall_entry() ==
           vdso_symbol(vdso_image(), "__kernel_vsyscall", "LINUX_2.5");
}

static bool starts_with(const void *at, const void *bytes, size_t count)
{
    return memcmp(at, bytes, count) == 0;
}

// Debuggers look for these bytes.
static bool sigreturn_is_known(void)
{
    return starts_with(
               vdso_symbol(vdso_image(), "__kernel_sigreturn", "LINUX_2.5"),
               "\x58\xb8\x77\0\0\0\xcd\x80", 8) &&
           starts_with(
               vdso_symbol(vdso_image(), "__kernel_rt_sigreturn", "LINUX_2.5"),
               "\xb8\xad\0\0\0\xcd\x80", 7);
}

// .eh_frame_hdr: version 1, and a pointer to .eh_frame.
static bool has_unwind_tables(void)
{
    const Elf32_Ehdr *header = (const void *)vdso_image();
    const Elf32_Phdr *at = (const void *)(vdso_image() + header->e_phoff);

    for (int i = 0; i < header->e_phnum; i++)
        if (at[i].p_type == PT_GNU_EH_FRAME)
            return vdso_image()[at[i].p_vaddr] == 1;
    return false;
}

static bool tells_the_size_of_a_frame(void)
{
    unsigned long bytes = getauxval(AT_MINSIGSTKSZ);

    return bytes > 512 && bytes <= 2048;
}

void suite_image(void)
{
    static const struct ktap_test rows[] = {
        {"is-a-shared-object", is_a_shared_object},
        {"is-named-in-maps", is_named_in_maps},
        {"has-the-symbols", has_the_symbols},
        {"entry-is-the-symbol", entry_is_the_symbol},
        {"sigreturn-is-known", sigreturn_is_known},
        {"has-unwind-tables", has_unwind_tables},
        {"tells-the-size-of-a-frame", tells_the_size_of_a_frame},
    };

    ktap_run_suite("image", rows, sizeof(rows) / sizeof(rows[0]));
}
