// drivers/video/screen.c - what is on the glass
// SPDX-License-Identifier: MIT
//
// The emulator (vt.c) has the cells that should be seen, `drawn` those that
// are. Drawing compares the rows that have changed with what is drawn, and puts
// the cells that differ into the framebuffer; which is written only, never
// read. So the costs are those of what looks different, and a screen that
// scrolled ten times since it was drawn is drawn once.
//
// When: while the kernel starts, and in a panic, after each line, so that the
// last line seen is the last one there was. Such lines are dear if each moves
// the whole screen; while starting, a quarter of it is scrolled at a time.
// Later, when a thread gets to it, which is at once if it has slept for
// FRAME_MS.
//
// Locking: the emulator is used with interrupts off. Rows are taken off its
// list before they are drawn, with interrupts on: what changes meanwhile is on
// the list again. `drawn` belongs to the drawer; a panic that interrupts it
// draws everything anew.
//
// Rejected: drawing in the interrupt of a timer (megabytes, with interrupts
// off); pixels as a shadow (32 MB for a 4K screen, to be copied whole).

#include "screen.h"

#include <base/bits.h>
#include <drivers/screen.h>
#include <kernel/task.h>
#include <kernel/time.h>
#include <kernel/wait.h>
#include <lib/string.h>
#include <mm/vmalloc.h>

#include "font.h"
#include "framebuffer.h"
#include "vt.h"

#define LOG_NAME "screen"
#include <kernel/log.h>

#define FRAME_MS      20u
#define HISTORY_BYTES (256u * KIB) // at most, of lines that have gone by
#define HISTORY_LINES 1000u

static struct framebuffer framebuffer;
static struct vt vt;
static u32 *drawn;    // NULL: there is no screen
static u32 back;      // lines that the view is behind
static bool lazy;     // the thread draws
static bool held;     // nobody does, for a moment
static u32 cells_put; // in all, for the log
static WAIT_QUEUE(changed_queue);

struct vt *screen_vt(void)
{
    return drawn ? &vt : NULL;
}

void screen_size(u32 *columns, u32 *rows, u32 *width, u32 *height)
{
    *columns = vt.columns;
    *rows = vt.rows;
    *width = framebuffer.width;
    *height = framebuffer.height;
}

// ---- drawing ---------------------------------------------------------------

// The colours of @cell, if they are not those that @ink has.
static void take_ink(struct framebuffer_ink *ink, u32 cell)
{
    bool inverse = cell & VT_CELL_INVERSE;
    u32 one = framebuffer.colours[vt_cell_ink(cell)];
    u32 other = framebuffer.colours[vt_cell_paper(cell)];
    u32 pen = inverse ? other : one, paper = inverse ? one : other;

    if (ink->ink != pen || ink->paper != paper)
        framebuffer_ink_init(&framebuffer, ink, pen, paper);
}

// The column of the cursor in @row; none: beyond all.
static u32 cursor_column(u32 row)
{
    return row == vt.cursor.row && !vt.cursor_hidden && !back ? vt.cursor.column
                                                              : vt.columns;
}

static void draw_row(u32 row)
{
    const u32 *cells = vt_row(&vt, row, back);
    u32 cursor = cursor_column(row);
    u32 inverse = vt.reverse_screen ? VT_CELL_INVERSE : 0;
    u32 *on_glass = drawn + row * vt.columns;
    struct framebuffer_ink ink;

    framebuffer_ink_init(&framebuffer, &ink, framebuffer.colours[7],
                         framebuffer.colours[0]);
    for (u32 column = 0; column < vt.columns; column++) {
        u32 cell = cells[column] ^ inverse;

        if (column == cursor)
            cell ^= VT_CELL_INVERSE;
        if (cell == on_glass[column])
            continue;
        take_ink(&ink, cell);
        framebuffer_draw(&framebuffer, column, row,
                         font_glyph(cell & VT_CELL_CODE), &ink,
                         cell & VT_CELL_UNDERLINE);
        cells_put++;
        on_glass[column] = cell;
    }
}

// Take 32 rows off the list, the first of them @first.
static u32 take_rows(u32 first)
{
    u32 flags = irq_save();
    u32 rows = vt.dirty[first / 32];

    vt.dirty[first / 32] = 0;
    irq_restore(flags);
    if (vt.rows - first < 32)
        rows &= (1u << (vt.rows - first)) - 1;
    return rows;
}

// @polite: in a thread, others may want the CPU.
static void draw(bool polite)
{
    for (u32 first = 0; first < vt.rows; first += 32) {
        for (u32 rows = take_rows(first); rows; rows &= rows - 1) {
            draw_row(first + (u32)__builtin_ctz(rows));
            if (polite)
                cond_resched();
        }
    }
}

void screen_draw_now(bool anew)
{
    // Whoever reads what has gone by is to see this, too.
    anew |= back != 0;
    back = 0;
    if (anew) {
        // No cell is like this.
        memset(drawn, 0xff, vt.columns * vt.rows * sizeof(*drawn));
        vt_touch_all(&vt);
    }
    draw(false);
}

static bool is_dirty(void)
{
    for (u32 i = 0; i < DIV_ROUND_UP(vt.rows, 32); i++)
        if (READ_ONCE(vt.dirty[i]))
            return true;
    return false;
}

static void draw_thread(void *arg __unused)
{
    for (;;) {
        (void)wait_event_interruptible(&changed_queue, is_dirty());
        draw(true);
        sleep_ms(FRAME_MS);
    }
}

static void show_changes(void)
{
    if (lazy)
        wake_up(&changed_queue);
    else if (!held)
        draw(false);
}

void screen_changed(void)
{
    u32 flags = irq_save();

    if (back) {
        back = 0;
        vt_touch_all(&vt);
    }
    show_changes();
    irq_restore(flags);
}

void screen_scroll(int direction)
{
    u32 flags = irq_save();
    u32 step = max(vt.rows / 2, 1u);

    if (direction < 0)
        back = min(back + step, vt.history);
    else
        back -= min(back, step);
    vt_touch_all(&vt);
    show_changes();
    irq_restore(flags);
}

void screen_draw_lazily(void)
{
    if (!drawn)
        return;
    vt.jump = 1;
    if (!kthread_start(draw_thread, NULL, "screen")) {
        log_warn("no memory for a thread: every line is drawn at once");
        return;
    }
    log_debug("cells drawn=%u", cells_put);
    lazy = true;
}

// ---- beginning -------------------------------------------------------------

static u32 history_lines(u32 columns)
{
    return min(HISTORY_BYTES / (columns * (u32)sizeof(u32)), HISTORY_LINES);
}

// Return: false: no memory.
static bool make_cells(u32 columns, u32 rows)
{
    u32 lines = rows + history_lines(columns);
    u32 *cells = vmalloc(lines * columns * (u32)sizeof(u32));
    u32 *glass = vmalloc(rows * columns * (u32)sizeof(u32));

    if (!cells || !glass) {
        vfree(cells);
        vfree(glass);
        return false;
    }
    vt_init(&vt, columns, rows, cells, lines, &screen_vt_ops, NULL);
    for (u32 i = 0; i < lines * columns; i++)
        cells[i] = vt_blank(&vt);
    memset(glass, 0xff, rows * columns * sizeof(*glass));
    drawn = glass;
    return true;
}

void screen_init_early(const struct boot_framebuffer *info)
{
    const char *refusal = framebuffer_refusal(info, ioremap_end());
    u32 columns, rows;

    if (refusal) {
        log_info("no screen: framebuffer=%#llx: %s", info->base, refusal);
        return;
    }
    framebuffer_init(&framebuffer, info);
    framebuffer_cells(&framebuffer, VT_COLUMNS_MAX, VT_ROWS_MAX, &columns,
                      &rows);
    framebuffer.base = (u8 __force *)ioremap_wc(
        phys_addr(info->base), info->pitch_bytes * info->height);
    if (!framebuffer.base || !make_cells(columns, rows)) {
        log_warn("no screen: framebuffer=%#llx: no memory", info->base);
        if (framebuffer.base)
            iounmap((void __iomem __force *)framebuffer.base);
        return;
    }
    framebuffer_clear(&framebuffer, framebuffer.colours[0]);
    vt.jump = max(rows / 4, 1u);
    log_info("framebuffer=%#llx columns=%u rows=%u scale=%u", info->base,
             columns, rows, framebuffer.scale);
    // The lines so far come all at once: they are drawn once.
    held = true;
    screen_log_init();
    held = false;
    show_changes();
}
