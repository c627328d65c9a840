// arch/x86/pmap_report.c - looking at page tables without changing them
// SPDX-License-Identifier: MIT
#include "arch_private.h"

#include <arch/init.h>
#include <base/assert.h>
#include <lib/fmt.h>
#include <lib/string.h>

#include "pmap_private.h"

#define LOG_NAME "pmap"
#include <kernel/log.h>

// What the kernel's part of the tables permits, counted in mappings: a large
// page is one.
struct permissions {
    u32 mappings;
    u32 write_and_execute;
    u32 user;
};

static void count_entry(struct permissions *p, pte_t entry)
{
    if (!pte_is_accessible(entry))
        return;
    p->mappings++;
    if (entry.v & PTE_U)
        p->user++;
    if (pte_is_writable(entry) && !(entry.v & pte_nx()))
        p->write_and_execute++;
}

static struct permissions kernel_permissions(void)
{
    struct permissions p = {0};

    for (u32 a = PAGE_OFFSET; a != 0; a += PDE_SPAN) {
        pte_t pde = *pmap_pde(&kernel_pmap, a);

        if (!pde_is_table(pde)) {
            count_entry(&p, pde);
            continue;
        }
        for (u32 i = 0; i < PTES_PER_TABLE; i++)
            count_entry(&p, pde_table(pde)[i]);
    }
    return p;
}

static void assert_read_only(u32 start, u32 end)
{
    for (u32 a = start; a < end; a += PAGE_SIZE) {
        pte_t pte = pde_table(*pmap_pde(&kernel_pmap, a))[pte_index(a)];

        ASSERT(pte_is_accessible(pte) && !pte_is_writable(pte));
    }
}

void arch_protect_kernel(void)
{
    u32 start = (u32)(uintptr_t)kernel_text_start;
    u32 end = (u32)(uintptr_t)kernel_rodata_end;
    struct permissions p = kernel_permissions();

    // They are, since start.S. Whoever changes that shall notice.
    assert_read_only(start, end);
    ASSERT(p.user == 0);
    log_info("code and constants 0x%08x-0x%08x are read-only", start, end);
    if (!pmap_enforces_exec()) {
        log_info("kernel mappings=%u, none can be kept from being executed: %s",
                 p.mappings,
                 cpu_has(CPU_NX) ? "page tables are " PMAP_FORMAT
                                 : "the CPU has no NX");
        return;
    }
    ASSERT(p.write_and_execute == 0);
    log_info("kernel mappings=%u W+X mappings: %u", p.mappings,
             p.write_and_execute);
}

// In words: "present rw user dirty ...".
static void describe_flags(pte_t entry, char *buf, size_t size)
{
    pte_word_t v = entry.v;

    if (!(v & PTE_P)) {
        str_copy(buf, v ? "not present" : "none", size);
        return;
    }
    fmt_print(buf, size, "present %s %s%s%s%s%s%s", v & PTE_W ? "rw" : "ro",
              v & PTE_U ? "user" : "kernel", v & pte_nx() ? " nx" : "",
              v & PTE_A ? " young" : "", v & PTE_D ? " dirty" : "",
              v & PTE_G ? " global" : "", v & PTE_PCD ? " uncached" : "");
}

void pmap_describe(u32 addr, char *buf, size_t size)
{
    const pte_t *slot = pmap_pde_from(cr3_read(), addr);
    pte_t pde, pte;
    char words[64];

    // For an oops: what if CR3 or an entry is garbage?
    if (!slot) {
        fmt_print(buf, size, "no directory, or out of reach");
        return;
    }
    pde = pte_read(slot);
    if (!pde_is_table(pde)) {
        describe_flags(pde, words, sizeof(words));
        fmt_print(buf, size, "pde=%08llx %s%s", (u64)pde.v, words,
                  pde.v & PTE_P ? " large" : "");
        return;
    }
    if ((pde.v & PTE_FRAME) >= LOWMEM_MAX_BYTES) {
        fmt_print(buf, size, "pde=%08llx table out of reach", (u64)pde.v);
        return;
    }
    pte = pde_table(pde)[pte_index(addr)];
    describe_flags(pte, words, sizeof(words));
    fmt_print(buf, size, "pde=%08llx pte=%08llx %s", (u64)pde.v, (u64)pte.v,
              words);
}
