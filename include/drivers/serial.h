// include/drivers/serial.h - the PC's serial ports
// SPDX-License-Identifier: MIT
//
// Command line: `serial=PORT[,BAUD]` says where the kernel log goes: an I/O
// address or ttyS0..3; `serial=none`: nowhere. Without it: to the last port
// that `console=` names; if there is no `console=` at all, ttyS0 at 115200
// baud.
#pragma once

// uart_early_init - find COM1 to COM4 and send the log to one, polled.
// Context: boot; needs nothing but the command line.
void uart_early_init(void);

// uart_log_anyway - nobody else shows the log: send it to a port that
// `console=` does not name. Context: boot, after uart_early_init.
void uart_log_anyway(void);

// uart_init - terminals on the ports that were found; interrupts from now on.
// For tty_init.
void uart_init(void);
