// include/drivers/serial.h - serial ports: COM1 to COM4, PCI, the firmware's
// SPDX-License-Identifier: MIT
//
// Command line: `serial=PORT[,OPTIONS]` says where the kernel log goes: ttySn
// or an I/O address; `serial=none`: nowhere. Without it: to the last port that
// `console=` names; if there is no `console=` at all, to COM1, else to the
// firmware's console.
#pragma once

// uart_early_init - find COM1 to COM4 and send the log to one, polled.
// Context: boot; needs nothing but the command line.
void uart_early_init(void);

// uart_init_pci - find the ports on PCI; the log goes to one if it is to, and
// if it is reached through I/O ports. Context: boot, after pci_init.
void uart_init_pci(void);

// uart_log_anyway - nobody else shows the log: send it to a port that
// `console=` does not name. Context: boot, after uart_early_init.
void uart_log_anyway(void);

// uart_init - the ports in memory, and the firmware's; terminals on all ports
// that were found; interrupts from now on. For tty_init. After acpi_init.
void uart_init(void);

// uart_trace_init - send the trace to the port that `trace_port=` names.
// Context: boot, after uart_init; threads can be started.
void uart_trace_init(void);
