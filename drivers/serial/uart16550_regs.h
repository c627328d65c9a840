// drivers/serial/uart16550_regs.h - registers of the 16550A
// SPDX-License-Identifier: MIT
//
// Source: PC16550D, June 1995.
//
// Names are the data sheet's. Numbers in parentheses are its sections.
#pragma once

#include <base/types.h>

enum uart_reg {   // offsets from the base port (8.0)
    UART_RBR = 0, // receiver buffer, read
    UART_THR = 0, // transmitter holding, write
    UART_DLL = 0, // divisor, low byte, while LCR has DLAB
    UART_IER = 1, // interrupt enable
    UART_DLM = 1, // divisor, high byte, while LCR has DLAB
    UART_IIR = 2, // interrupt identification, read
    UART_FCR = 2, // FIFO control, write
    UART_LCR = 3, // line control
    UART_MCR = 4, // modem control
    UART_LSR = 5, // line status
    UART_MSR = 6, // modem status
    UART_SCR = 7, // scratch
};

enum uart_ier {           // (8.7)
    UART_IER_RDA = 0x01,  // received data available
    UART_IER_THRE = 0x02, // transmitter holding register empty
    UART_IER_RLS = 0x04,  // receiver line status
    UART_IER_MS = 0x08,   // modem status
};

enum uart_iir {               // (8.6)
    UART_IIR_NONE = 0x01,     // no interrupt is pending
    UART_IIR_ID = 0x0f,       // which one
    UART_IIR_TIMEOUT = 0x0c,  // bytes are in the FIFO and nobody came
    UART_IIR_FIFO_64 = 0x20,  // of 64 bytes (16750)
    UART_IIR_FIFO = 0xc0,     // FIFOs are on, and work (16550A)
    UART_IIR_FIFO_BAD = 0x80, // FIFOs are on, and lose bytes (16550)
};

enum uart_fcr { // (8.5)
    UART_FCR_ENABLE = 0x01,
    UART_FCR_CLEAR_RX = 0x02,
    UART_FCR_CLEAR_TX = 0x04,
    UART_FCR_64 = 0x20,        // with LCR's DLAB: of 64 bytes (16750)
    UART_FCR_TRIGGER_8 = 0x80, // interrupt at 8 of 16 received
};

enum uart_lcr {                // (8.1)
    UART_LCR_WORD_5 = 0x00,    // bits of a character, less 5
    UART_LCR_STOP_2 = 0x04,    // two stop bits
    UART_LCR_PARITY = 0x08,    // parity enabled
    UART_LCR_EVEN = 0x10,      // even parity
    UART_LCR_SET_BREAK = 0x40, // hold the line at space
    UART_LCR_DLAB = 0x80,      // registers 0 and 1 are the divisor
};

enum uart_mcr { // (8.8)
    UART_MCR_DTR = 0x01,
    UART_MCR_RTS = 0x02,
    UART_MCR_OUT1 = 0x04,
    UART_MCR_OUT2 = 0x08, // on a PC: connects the interrupt line
    UART_MCR_LOOP = 0x10,
};

enum uart_lsr {           // (8.4); reading clears the errors
    UART_LSR_DR = 0x01,   // data ready
    UART_LSR_OE = 0x02,   // overrun error
    UART_LSR_PE = 0x04,   // parity error
    UART_LSR_FE = 0x08,   // framing error
    UART_LSR_BI = 0x10,   // break interrupt
    UART_LSR_THRE = 0x20, // transmitter holding register (FIFO) empty
    UART_LSR_TEMT = 0x40, // and shift register
    UART_LSR_ERRORS = 0x1e,
};

enum uart_msr {           // (8.9); reading clears the deltas
    UART_MSR_DCTS = 0x01, // clear to send changed
    UART_MSR_DDCD = 0x08, // carrier detect changed
    UART_MSR_CTS = 0x10,  // clear to send
    UART_MSR_DSR = 0x20,  // data set ready
    UART_MSR_RI = 0x40,   // ring indicator
    UART_MSR_DCD = 0x80,  // carrier detect
};

#define UART_CLOCK_BAUD  115200u // 1.8432 MHz / 16: speed of divisor 1
#define UART_DIVISOR_MAX 0xffffu
#define UART_FIFO_BYTES  16u
#define UART_FIFO_64     64u // of a 16750
