// arch/x86/boot.c - take over what the loader says; the last C before paging
// SPDX-License-Identifier: MIT
//
// Runs with paging off on segments whose base is -PAGE_OFFSET (start.S): all
// of the kernel can be called, phys_to_virt() reaches every byte below 4 GiB.
// There is no log and no way to handle a fault yet. What is wrong is said on
// COM1, if there is one, and the machine stops.
//
// Afterwards boot_info and boot_ranges are copies in .bss, checked, and
// boot_info.ranges names the copy.
#include "arch_private.h"

#include <arch/cpu.h>
#include <arch/init.h>
#include <arch/io.h>
#include <lib/string.h>

struct access_site {
    u8 *code;   // three bytes that do nothing
    u32 opcode; // last byte of the instruction: STAC's or CLAC's
};
extern const struct access_site access_sites_start[], access_sites_end[];

struct boot_info boot_info;
struct boot_range boot_ranges[BOOT_RANGES_MAX];

enum {
    MULTIBOOT_LOADER_MAGIC = 0x2badb002,

    COM1 = 0x3f8, // 16550: registers by offset
    UART_DATA = 0,
    UART_IER = 1,
    UART_LCR = 3,
    UART_LCR_8N1 = 0x03,
    UART_LCR_DLAB = 0x80,
    UART_LSR = 5,
    UART_LSR_EMPTY = 0x20,
    UART_DIVISOR_115200 = 1,
    UART_WAIT_READS = 100000, // one byte takes 87 us: under 1000 reads
};

static void uart_put(char c)
{
    for (u32 i = 0; i < UART_WAIT_READS; i++) {
        if (inb(COM1 + UART_LSR) & UART_LSR_EMPTY)
            break;
    }
    outb(COM1 + UART_DATA, (u8)c);
}

__noreturn void boot_die(const char *why)
{
    outb(COM1 + UART_IER, 0);
    outb(COM1 + UART_LCR, UART_LCR_DLAB | UART_LCR_8N1);
    outb(COM1 + UART_DATA, UART_DIVISOR_115200);
    outb(COM1 + UART_DATA + 1, 0);
    outb(COM1 + UART_LCR, UART_LCR_8N1);
    for (const char *s = "\r\nboot: "; *s; s++)
        uart_put(*s);
    for (; *why; why++)
        uart_put(*why);
    for (const char *s = ": halted\r\n"; *s; s++)
        uart_put(*s);
    cpu_stop();
}

static void take_boot_info(u32 address)
{
    const struct boot_info *from = phys_to_virt(phys_addr(address));
    u64 bytes;

    if (address > 0u - sizeof(*from))
        boot_die("boot_info wraps");
    if (from->magic != BOOT_INFO_MAGIC || from->size != sizeof(*from))
        boot_die("boot_info has another magic or size");
    if (from->version != BOOT_INFO_VERSION)
        boot_die("boot_info has another version");
    if (boot_info_sum(from))
        boot_die("boot_info has a wrong checksum");
    memcpy(&boot_info, from, sizeof(boot_info));

    if (!boot_info.range_count || boot_info.range_count > BOOT_RANGES_MAX)
        boot_die("boot_info has no ranges or too many");
    bytes = (u64)boot_info.range_count * sizeof(boot_ranges[0]);
    if (boot_info.ranges > (1ull << 32) - bytes)
        boot_die("boot_info's ranges do not lie below 4 GiB");
    memcpy(boot_ranges, phys_to_virt(phys_addr(boot_info.ranges)), (u32)bytes);
    boot_info.cmdline[BOOT_CMDLINE_BYTES - 1] = 0;
}

// Put STAC and CLAC where the kernel begins and ends to touch user memory
// (asm.h): now, since text is never writable once paging is on.
static void patch_access_sites(void)
{
    if (!cpu_has(CPU_SMAP))
        return;
    for (const struct access_site *site = access_sites_start;
         site < access_sites_end; site++) {
        site->code[0] = 0x0f;
        site->code[1] = 0x01;
        site->code[2] = (u8)site->opcode;
    }
}

__stack_args void boot_prepare(u32 magic, u32 info)
{
    if (magic == BOOT_INFO_MAGIC)
        take_boot_info(info);
    else if (magic == MULTIBOOT_LOADER_MAGIC)
        multiboot_convert(info);
    else
        boot_die("neither Faultline's stub nor a multiboot loader");
    boot_info.ranges = virt_to_phys(boot_ranges).v;
    boot_info.checksum -= boot_info_sum(&boot_info);

    cpu_detect();
    patch_access_sites();
    pmap_boot_init();
}
