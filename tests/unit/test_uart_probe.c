// tests/unit/test_uart_probe.c - drivers/serial/uart16550.c on all chips
// sources: drivers/serial/uart16550.c
// SPDX-License-Identifier: MIT
//
// The registers are those of a model below, which stands for
// drivers/serial/uart_access.c.

#include "harness.h"

#include "../../drivers/serial/uart_private.h"

enum chip {
    NOTHING,   // all ones
    LAST_BYTE, // nothing, on a bus that keeps what was written last
    ZEROES,    // nothing, and reads as 0
    CHIP_8250,
    CHIP_16450,
    CHIP_16550,
    CHIP_16550A,
    CHIP_16750,
    NO_CTS,      // a 16550A whose other side is never ready
    NEVER_EMPTY, // a 16550A whose transmitter has died
    VANISHES,    // a 16550A that is pulled out after some accesses
};

static struct {
    enum chip chip;
    u8 scratch, lcr, mcr, ier, fcr, dll, dlm, last;
    u32 reads, writes, sent;
    bool ever_64;
} model;

static bool has_fifo(void)
{
    return model.chip >= CHIP_16550;
}

static u8 read_iir(void)
{
    u8 value = UART_IIR_NONE;

    if (!has_fifo() || !(model.fcr & UART_FCR_ENABLE))
        return value;
    if (model.chip == CHIP_16550)
        return value | UART_IIR_FIFO_BAD;
    value |= UART_IIR_FIFO;
    return model.ever_64 ? value | UART_IIR_FIFO_64 : value;
}

static u8 read_msr(void)
{
    u8 value = 0;

    if (!(model.mcr & UART_MCR_LOOP))
        return model.chip == NO_CTS ? UART_MSR_DSR
                                    : UART_MSR_CTS | UART_MSR_DSR;
    if (model.mcr & UART_MCR_RTS)
        value |= UART_MSR_CTS;
    if (model.mcr & UART_MCR_DTR)
        value |= UART_MSR_DSR;
    if (model.mcr & UART_MCR_OUT1)
        value |= UART_MSR_RI;
    if (model.mcr & UART_MCR_OUT2)
        value |= UART_MSR_DCD;
    return value;
}

u8 uart_access_read(const struct uart_access *access __unused, u32 reg)
{
    bool dlab = model.lcr & UART_LCR_DLAB;

    model.reads++;
    if (model.chip == NOTHING ||
        (model.chip == VANISHES && model.reads + model.writes > 20))
        return 0xff;
    if (model.chip == LAST_BYTE)
        return model.last;
    if (model.chip == ZEROES)
        return 0;
    switch (reg) {
    case UART_RBR: return dlab ? model.dll : 0;
    case UART_IER: return dlab ? model.dlm : model.ier;
    case UART_IIR: return read_iir();
    case UART_LCR: return model.lcr;
    case UART_MCR: return model.mcr;
    case UART_LSR:
        return model.chip == NEVER_EMPTY ? 0 : UART_LSR_THRE | UART_LSR_TEMT;
    case UART_MSR: return read_msr();
    case UART_SCR: return model.chip == CHIP_8250 ? 0xff : model.scratch;
    default: test_fail(__FILE__, __LINE__, "register %u", reg);
    }
}

void uart_access_write(const struct uart_access *access __unused, u32 reg,
                       u8 value)
{
    bool dlab = model.lcr & UART_LCR_DLAB;

    model.writes++;
    model.last = value;
    switch (reg) {
    case UART_THR:
        if (dlab)
            model.dll = value;
        else
            model.sent++;
        return;
    case UART_IER: *(dlab ? &model.dlm : &model.ier) = value; return;
    case UART_FCR:
        if (model.chip == CHIP_16750 && dlab)
            model.ever_64 = value & UART_FCR_64;
        model.fcr = value;
        return;
    case UART_LCR: model.lcr = value; return;
    case UART_MCR: model.mcr = value; return;
    case UART_SCR: model.scratch = value; return;
    default: test_fail(__FILE__, __LINE__, "register %u", reg);
    }
}

static struct uart_port probe(enum chip chip)
{
    struct uart_port port = {
        .access.space = UART_SPACE_PORT,
        .clock_baud = 115200,
        .baud = 9600,
        .start = {.data_bits = 8, .stop_bits = 1},
    };

    model.chip = chip;
    model.lcr = 0x83; // as a firmware in the middle of things leaves it
    model.mcr = model.ier = model.fcr = model.dll = model.dlm = 0;
    model.reads = model.writes = model.sent = 0;
    model.ever_64 = false;
    uart_probe(&port);
    return port;
}

TEST(nothing_there)
{
    CHECK_EQ(probe(NOTHING).mode, UART_ABSENT);
    CHECK(model.reads + model.writes < 20); // and quickly
    CHECK_EQ(probe(LAST_BYTE).mode, UART_ABSENT);
    CHECK_EQ(probe(ZEROES).mode, UART_ABSENT);
    CHECK_EQ(probe(NEVER_EMPTY).mode, UART_ABSENT);
    CHECK_EQ(probe(VANISHES).mode, UART_ABSENT);
}

TEST(each_chip)
{
    static const struct {
        enum chip chip;
        enum uart_type type;
        u32 fifo;
    } chips[] = {
        {CHIP_8250, UART_8250, 1},    {CHIP_16450, UART_16450, 1},
        {CHIP_16550, UART_16550, 1},  {CHIP_16550A, UART_16550A, 16},
        {CHIP_16750, UART_16750, 64},
    };

    for (u32 i = 0; i < ARRAY_SIZE(chips); i++) {
        struct uart_port port = probe(chips[i].chip);

        CHECK_EQ(port.mode, UART_POLLED);
        CHECK_EQ(port.type, chips[i].type);
        CHECK_EQ(port.fifo_bytes, chips[i].fifo);
        CHECK_EQ(model.lcr, 3);
        CHECK_EQ(model.dll, 12);
        CHECK_EQ(model.ier, 0);
        CHECK_EQ(model.mcr, UART_MCR_DTR | UART_MCR_RTS);
        // A FIFO that loses bytes is off.
        CHECK_EQ(!!(model.fcr & UART_FCR_ENABLE), chips[i].fifo > 1);
        uart_put_begin(&port);
        for (u32 j = 0; j < 100; j++)
            CHECK(uart_put(&port, 'x'));
        CHECK_EQ(model.sent, 100);
    }
}

TEST(speeds)
{
    struct uart_port port = {
        .access.space = UART_SPACE_PORT,
        .baud = 115200,
        .start = {.data_bits = 7, .stop_bits = 2, .parity = TTY_PARITY_EVEN},
    };

    (void)probe(CHIP_16550A);
    model.dll = 3;
    uart_probe(&port); // the clock is not known: the divisor stays
    CHECK_EQ(model.dll, 3);
    CHECK_EQ(model.lcr, 0x1e);
    port.clock_baud = 921600;
    port.keep_divisor = true; // and tells the speed
    uart_probe(&port);
    CHECK_EQ(port.baud, 307200);
    model.dll = 0;
    uart_probe(&port); // it cannot be 0
    CHECK_EQ(model.dll, 3);
    port.keep_divisor = false;
    port.baud = 3000000; // more than the clock can
    uart_probe(&port);
    CHECK_EQ(port.baud, 921600);
    CHECK_EQ(model.dll, 1);
}

TEST(polled_output_does_not_wait_for_ever)
{
    struct uart_port port = probe(NO_CTS);
    u32 before;

    port.flow = true;
    CHECK(uart_put(&port, 'x')); // waits once, and sends
    before = model.reads;
    for (u32 i = 0; i < 1000; i++)
        CHECK(uart_put(&port, 'x'));
    CHECK(model.reads - before < 3000);
    CHECK_EQ(model.sent, 1001);
    model.chip = NEVER_EMPTY;
    port.flow = false;
    while (uart_put(&port, 'x')) // until the FIFO may be full
        ;
    before = model.reads;
    for (u32 i = 0; i < 1000; i++)
        CHECK(!uart_put(&port, 'x'));
    CHECK(model.reads - before < 20000);
    model.chip = CHIP_16550A; // it lives again
    CHECK(uart_put(&port, 'x'));
}
