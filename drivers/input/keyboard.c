// drivers/input/keyboard.c - from keys to whoever reads
// SPDX-License-Identifier: MIT
//
// One keyboard's state, one layout, one sink. What keys mean is decided in
// key_state.c, which is pure; here it is done: bytes go to the sink, SysRq and
// Ctrl+Alt+Del to the kernel, the lights back to the controller.
//
// Locking: interrupts off. Keys come in an interrupt; layout and sink change in
// a task.

#include <drivers/keyboard.h>

#include <arch/cpu.h>
#include <base/errno.h>
#include <kernel/cmdline.h>
#include <kernel/sysrq.h>
#include <kernel/system.h>
#include <lib/fmt.h>
#include <lib/string.h>

#include "input.h"
#include "key_state.h"
#include "keymap.h"

#define LOG_NAME "keyboard"
#include <kernel/log.h>

#define NAMES_BYTES 400u

static struct key_state state;
static const struct keymap *map;
static const struct keyboard_sink *sink;

static bool is_application(void)
{
    return sink && sink->application_cursor && sink->application_cursor();
}

static void act(const struct key_action *action)
{
    switch (action->kind) {
    case ACTION_NONE: return;
    case ACTION_INPUT:
        if (sink && action->count)
            sink->input(action->bytes, action->count);
        return;
    case ACTION_SCROLL:
        if (sink && sink->scroll)
            sink->scroll(action->direction);
        return;
    case ACTION_SYSRQ: sysrq_key(action->bytes[0]); return;
    case ACTION_RESTART: system_ctrl_alt_del(); return;
    }
}

void keyboard_key(u8 key, bool down)
{
    struct key_action action;
    u8 locks = state.locks;

    key_change(&state, map, key, down, is_application(), &action);
    if (state.locks != locks)
        i8042_show_locks();
    act(&action);
}

void keyboard_overrun(void)
{
    key_release_all(&state);
}

u8 keyboard_locks(void)
{
    return state.locks;
}

void keyboard_attach(const struct keyboard_sink *new)
{
    u32 flags = irq_save();

    sink = new;
    irq_restore(flags);
}

// ---- the layout ------------------------------------------------------------

static void log_names(const char *unknown)
{
    char names[NAMES_BYTES];
    const struct keymap *other;
    int used = 0;

    names[0] = '\0';
    for (u32 n = 0; (other = keymap_at(n)) && used < (int)NAMES_BYTES; n++)
        used += fmt_print(names + used, NAMES_BYTES - (u32)used, " %s",
                          other->name);
    log_warn("no keymap %s; there are:%s", unknown, names);
}

static int choose(const char *name)
{
    const struct keymap *new = keymap_find(name);
    u32 flags;

    if (!new) {
        log_names(name);
        return -EINVAL;
    }
    flags = irq_save();
    map = new;
    state.dead = 0;
    irq_restore(flags);
    return 0;
}

void keymap_setting_show(const char *name __unused, char *buf, size_t size)
{
    fmt_print(buf, size, "%s\n", map->name);
}

int keymap_setting_store(const char *name __unused, const char *text)
{
    char word[sizeof(map->name)];
    size_t length = strlen(text);

    if (length && text[length - 1] == '\n')
        length--;
    if (length >= sizeof(word))
        return -EINVAL;
    memcpy(word, text, length);
    word[length] = '\0';
    return choose(word);
}

void keyboard_init(void)
{
    char word[sizeof(map->name)];

    map = keymap_at(0);
    // A name that is not known leaves the default, and is in the log.
    if (cmdline_get("keymap", word, sizeof(word)))
        (void)choose(word);
    i8042_init();
}
