// drivers/input/i8042_regs.h - registers of the PC's keyboard controller
// SPDX-License-Identifier: MIT
//
// Source: IBM Personal System/2 Hardware Interface Technical Reference,
// "Keyboard and Auxiliary Device Controller".
#pragma once

enum {
    I8042_DATA = 0x60,
    I8042_STATUS = 0x64,  // read
    I8042_COMMAND = 0x64, // write
};

enum {                             // status
    I8042_STATUS_OUTPUT = 1 << 0,  // there is a byte for us
    I8042_STATUS_INPUT = 1 << 1,   // it has not taken ours yet
    I8042_STATUS_AUX = 1 << 5,     // the byte is a mouse's
    I8042_STATUS_TIMEOUT = 1 << 6, // the byte is no byte: nothing came
    I8042_STATUS_PARITY = 1 << 7,  // the byte is damaged
};

enum { // commands
    I8042_READ_CONFIG = 0x20,
    I8042_WRITE_CONFIG = 0x60, // and a byte
};

enum {                               // configuration ("command byte")
    I8042_CONFIG_IRQ = 1 << 0,       // keyboard interrupts
    I8042_CONFIG_AUX_IRQ = 1 << 1,   // a mouse's
    I8042_CONFIG_OFF = 1 << 4,       // keyboard's clock stopped
    I8042_CONFIG_AUX_OFF = 1 << 5,   // a mouse's
    I8042_CONFIG_TRANSLATE = 1 << 6, // set 2 to set 1
};
