// drivers/input/input.h - between the parts of drivers/input
// SPDX-License-Identifier: MIT
#pragma once

#include <base/types.h>

// keyboard_key - @key (drivers/input/keys.h) is pressed, or repeats, or is let
// go. keyboard_overrun - keys were lost: none counts as down any more.
// Interrupts off.
void keyboard_key(u8 key, bool down);
void keyboard_overrun(void);

// keyboard_locks - what its lights are to show (enum key_lock). Any context.
u8 keyboard_locks(void);

// i8042_init - the PC's keyboard controller, if there is one. Context: boot;
// bounded.
void i8042_init(void);

// i8042_show_locks - the lights; sent in the background. Interrupts off.
void i8042_show_locks(void);
