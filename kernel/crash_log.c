// kernel/crash_log.c - the log that survives a reset, and the last one
// SPDX-License-Identifier: MIT
//
// The area is a copy of the log's end, not the log itself: it may be absent,
// and it holds lines without their priorities, which is what somebody reads.
// A line is in it before any console gets it, and whatever the console level.
//
// Caches. RAM is what survives; a cache may not: a reset that the CPU sees as
// RESET leaves its lines invalid without writing them back. So a report is
// followed by WBINVD. Lines that were written while all was well are mostly in
// RAM some time later; the last ones may be lost with a reset button, and the
// block that they tear tells (its checksum).
// Source: Intel SDM 3A 10.1.1 (table 10-1, state after RESET), 12.5.5 (WBINVD).
//
// Locking: lines come with interrupts off (kernel/log.c).
//
// Rejected: an uncached mapping (each character a bus cycle); CLFLUSH behind
// each line (some hundred cycles, for a case that a panic is not).

#include <kernel/crash_log.h>

#include <arch/cpu.h>
#include <arch/init.h>
#include <base/bits.h>
#include <kernel/system.h>
#include <linux/utsname.h>
#include <mm/addr.h>
#include <mm/pmap.h>
#include <mm/vmalloc.h>

#define LOG_NAME "crash_log"
#include <kernel/log.h>

static struct crash_log_writer writer; // area NULL: there is none

// The lines that were logged before.
static void replay(void)
{
    static char line[LOG_LINE_BYTES];
    u64 position = log_oldest();
    u32 bytes, prefix;

    while ((bytes = log_read_line(&position, line)) != 0) {
        (void)log_line_priority(line, &prefix);
        crash_log_append(&writer, line + prefix, bytes - prefix);
    }
}

void crash_log_attach(void)
{
    u64 start = boot_info.crash_log;
    u64 end = start + boot_info.crash_log_bytes;
    void *area;
    u32 flags;

    if (!start || writer.area)
        return;
    if (boot_info.crash_log_bytes != CRASH_LOG_AREA_BYTES ||
        !IS_ALIGNED(start, PAGE_SIZE) || end > LOWMEM_MAX_BYTES) {
        log_warn("area=%llx bytes=%u cannot be used", start,
                 boot_info.crash_log_bytes);
        boot_info.crash_log = 0;
        return;
    }
    // Without large pages the direct map is short until mm_init_memory, which
    // makes it reach the area (mm/boot.c).
    if (end > pmap_direct_end().v)
        return;
    area = phys_to_virt(phys_addr(start));
    if (!crash_log_is_valid(area)) {
        log_warn("area=%llx is not what the loader says", start);
        boot_info.crash_log = 0;
        return;
    }
    flags = irq_save();
    crash_log_begin(&writer, area, system_name()->release);
    replay();
    irq_restore(flags);
    log_info("area=%llx boot=%u last_bytes=%u", start, writer.boot,
             boot_info.last_log_bytes);
}

void crash_log_line(const char *text, u32 bytes, u32 seconds)
{
    if (!writer.area)
        return;
    crash_log_append(&writer, text, bytes);
    crash_log_set_uptime(&writer, seconds);
}

bool crash_log_is_kept(void)
{
    return writer.area;
}

void crash_log_frame(const u8 *frame)
{
    if (writer.area)
        crash_log_put_frame(&writer, frame);
}

void crash_log_forget_frames(void)
{
    if (writer.area)
        crash_log_drop_frames(&writer);
}

void crash_log_end(enum crash_log_state state)
{
    if (!writer.area)
        return;
    crash_log_set_state(writer.area, state);
    crash_log_flush();
}

void crash_log_flush(void)
{
    if (writer.area)
        arch_flush_caches();
}

u32 crash_log_last(const char **out)
{
    static const char *text;

    if (!boot_info.last_log || !boot_info.last_log_bytes ||
        boot_info.last_log_bytes > CRASH_LOG_EXTRACT_MAX)
        return 0;
    if (!text)
        text =
            memremap(phys_addr(boot_info.last_log), boot_info.last_log_bytes);
    *out = text;
    return text ? boot_info.last_log_bytes : 0;
}
