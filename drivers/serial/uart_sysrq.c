// drivers/serial/uart_sysrq.c - BREAK and a key: SysRq
// SPDX-License-Identifier: MIT
//
// As on Linux: a BREAK on the line of the log or the console is swallowed, and
// the byte that comes within five seconds of it is a SysRq key; a second BREAK
// is an ordinary one, and so is a byte that comes late. On other lines anybody
// may be at the other end, and a modem that hangs up sends BREAKs.

#include <kernel/sysrq.h>

#include "uart_private.h"

#define KEY_NS (5ull * NSEC_PER_SEC)

bool uart_sysrq(struct uart_port *port, u8 c, enum tty_input kind)
{
    u64 until = port->sysrq_until_ns;

    if (port != uart_log_port && !port->is_console)
        return false;
    port->sysrq_until_ns = 0;
    if (kind == TTY_BREAK) {
        if (until)
            return false;
        port->sysrq_until_ns = time_ns() + KEY_NS;
        // The key is to be received whether a file is open or not.
        if (port->mode == UART_INTERRUPT)
            uart_set_ier(port, port->ier | UART_IER_RDA);
        return true;
    }
    if (!until || !c || time_ns() >= until)
        return false;
    sysrq_key(c);
    return true;
}
