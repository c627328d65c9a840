// mm/sample.c - which pages are used, by looking at some of them
// SPDX-License-Identifier: MIT
//
// The trace's group `sample`. Faults tell of the pages that were not there; how
// much less memory would have done as well lies in the accesses to those that
// were. So a thread goes round through all address spaces, looks at one page of
// each block of `spacing` pages, always the same one, and writes a SAMPLE for
// each that was used since it was there last, then a ROUND. From these and from
// the faults on the same pages tools/tracelib/missratio.py finds out at what
// distances they are used again.
//
//   spacing   a power of two, so large that there is room for ROUND_PAGES
//             pages that are present or in swap. It only grows: what is chosen
//             for the larger one was chosen for the smaller one, too, and a
//             reader goes on with that
//   round     as often as PERIOD_MIN_MS, and less often when so much is in use
//             that SAMPLEs would come faster than a slow line takes them
//
// It takes the accessed bit out of the entry, and leaves PTE_TAKEN for reclaim;
// reclaim leaves PTE_AGED for it (arch/pte.h). Neither sees another page than
// it would without the other.
//
// A round does not sleep: slots and lists stay what they are. It is 30 to 50
// instructions a slot and a record for each in use (docs/working-set.md):
// 300,000 at most.

#include <mm/sample.h>

#include <base/errno.h>
#include <kernel/task.h>
#include <kernel/time.h>
#include <kernel/trace.h>
#include <kernel/wait.h>
#include <mm/mm.h>
#include <mm/page_alloc.h>

#define ROUND_PAGES      2048u
#define SPACING_MAX      512u // no block is larger than what a table maps
#define PERIOD_MIN_MS    50u
#define SAMPLES_A_SECOND 1500u

static_assert(SPACING_MAX * PAGE_SIZE <= PTE_TABLE_SPAN, "blocks in one table");

struct round {
    u32 looked;  // slots
    u32 present; // pages, of these
    u32 used;    // of these
};

static struct task *thread;
static WAIT_QUEUE(queue);
static u32 spacing;

static bool has_page(pte_t pte)
{
    return pte_is_present(pte) && pfn_has_page(pte_pfn(pte)) &&
           page_state(pfn_to_page(pte_pfn(pte))) != PAGE_STATE_RESERVED;
}

static void look_at(struct process *process, struct mm *mm, user_addr_t addr,
                    pte_t *slot, struct round *round)
{
    pte_t pte = pte_read(slot);

    round->looked++;
    if (!has_page(pte))
        return;
    round->present++;
    if (!pte_is_unsampled(pte))
        return;
    round->used++;
    pte_write(slot, pte_sample(pte));
    pmap_flush_page(&mm->pmap, addr);
    trace_write_of(process->leader->pid, TRACE_SAMPLE, addr.v, pte_pfn(pte).v,
                   0, 0, 0);
}

// What one table maps, from @start on, where @slot is.
static void look_into_table(struct process *process, struct mm *mm,
                            user_addr_t start, pte_t *slot, struct round *round)
{
    u32 first = start.v >> PAGE_SHIFT;

    for (u32 at = first; at < first + PTES_PER_TABLE; at += spacing) {
        u32 page = sample_page(at, spacing);

        look_at(process, mm, user_addr(page << PAGE_SHIFT),
                slot + (page - first), round);
    }
}

static u32 pages_of(const struct mm *mm)
{
    return mm_rss(mm) + mm->swap_entries;
}

static void look_through(struct process *process, struct round *round)
{
    struct mm *mm = process_mm(process);
    user_addr_t addr = user_addr(0), end = user_addr(TASK_SIZE);
    pte_t *slot;

    if (!mm)
        return;
    while ((slot = pmap_next_slot(&mm->pmap, &addr, end))) {
        look_into_table(process, mm, addr, slot, round);
        addr.v += PTE_TABLE_SPAN; // no overflow: TASK_SIZE is a multiple
    }
}

static void widen(void)
{
    struct process *process;
    u32 pages = 0;

    for_each_process (process) {
        struct mm *mm = process_mm(process);

        pages += mm ? pages_of(mm) : 0;
    }
    while (pages / spacing > ROUND_PAGES && spacing < SPACING_MAX)
        spacing *= 2;
}

// Return: pages that had been used.
static u32 go_round(void)
{
    struct round round = {0};
    struct process *process;

    widen();
    for_each_process (process)
        look_through(process, &round);
    trace_write(TRACE_ROUND, spacing, round.looked, round.present, round.used,
                0);
    return round.used;
}

static void sample_thread(void *unused)
{
    (void)unused;
    for (;;) {
        u32 used;

        wait_event(&queue, trace_on(sample));
        used = go_round();
        sleep_ms(max(PERIOD_MIN_MS, used * 1000u / SAMPLES_A_SECOND));
    }
}

int sample_init(void)
{
    if (!thread) {
        spacing = 1;
        thread = kthread_start(sample_thread, NULL, "ksample");
    }
    return thread ? 0 : -ENOMEM;
}

void sample_start(void)
{
    wake_up(&queue);
}
