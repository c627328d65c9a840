// include/drivers/keyboard.h - keys, for whoever shows what is typed
// SPDX-License-Identifier: MIT
//
// A keyboard turns its scan codes into the bytes that a terminal would send
// (UTF-8, and the sequences of TERM=linux for keys that are no characters), and
// gives them to one sink: the screen's terminal.
#pragma once

#include <base/compiler.h>
#include <base/types.h>

// Called with interrupts off, in an interrupt handler or a timer's.
struct keyboard_sink {
    // A key was pressed, or repeats: what it sends. Never empty.
    void (*input)(const u8 *bytes, u32 count);
    // Shift and a page key: the screen is to show what has gone by, by half
    // its height; up: negative.
    void (*scroll)(int direction);
    // Cursor keys send ESC O A (DECCKM is set), not ESC [ A.
    bool (*application_cursor)(void);
};

// keyboard_init - choose the layout (keymap=NAME on the command line) and find
// the keyboard's controller; what is not there costs nothing. Context: boot,
// after acpi_init.
void keyboard_init(void);

// kernel.keymap: the layout's name. As struct proc_setting has them.
void keymap_setting_show(const char *name, char *buf, size_t size);
__must_check int keymap_setting_store(const char *name, const char *text);

// keyboard_attach - @sink, which is kept, gets what is typed from now on.
// NULL: nobody does. Context: any.
void keyboard_attach(const struct keyboard_sink *sink);
