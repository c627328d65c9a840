// drivers/input/i8042.c - the PC's keyboard controller and the keyboard on it
// SPDX-License-Identifier: MIT
//
// What answers at these ports is a chip's ancestor's ghost: an embedded
// controller, the chip set, or firmware in system management mode that makes a
// USB keyboard look like this one ("USB legacy emulation"). Some lose the
// keyboard when they are tested, so none is: no self-test of controller or
// port, no reset and no identification of the keyboard. As Linux does it by
// default, the configuration is read, changed in what must be, and written;
// one that cannot be read is left alone. What the keyboard is told (repeat,
// lights, to begin) may go unanswered: keys are taken whether or not.
//
// The mouse's port is turned off, and what comes from it all the same is
// dropped.
//
// Bytes come by interrupt 1. A timer looks ten times a second for some that
// came without; when there are such and no interrupts, it looks a hundred times
// a second. It also sends commands when the controller had no room for them,
// and gives up those that are not answered. Nothing here waits in an interrupt.
//
// ACPI's word that there is none is wrong on laptops that have one (Linux goes
// by the device's name in the namespace, which we do not read). There it is
// looked for all the same, and used if it answers a command as none but a
// controller does: other chips may be at its ports, and read as anything.
// Hardware-reduced machines are believed.
//
//   i8042=none    do not touch it
//   i8042=force   use what is there even if ACPI says that there is none
//   i8042=direct  have no translation to set 1
//
// Locking: interrupts off.
//
// Source: see i8042_regs.h.

#include <arch/io.h>
#include <arch/platform.h>
#include <base/bits.h>
#include <base/errno.h>
#include <kernel/cmdline.h>
#include <kernel/irq.h>
#include <kernel/time.h>
#include <lib/div64.h>
#include <lib/string.h>

#include "i8042_regs.h"
#include "input.h"
#include "ps2_send.h"
#include "scancode.h"

#define LOG_NAME "i8042"
#include <kernel/log.h>

#define IRQ_KEYBOARD   1u
#define NO_CONTROLLER  0xffu // what a port reads that nobody answers
#define BUFFER_BYTES   16u   // more are not waiting, unless it sticks
#define POLL_US        50u
#define POLLS_MAX      1000u // of POLL_US: 50 ms, once
#define WATCH_NS       (100u * NSEC_PER_MSEC)
#define WATCH_POLL_NS  (10u * NSEC_PER_MSEC) // without interrupts
#define MISSED_MAX     4u
#define HALF_CODE_MS   500u // between two bytes of a code: never so long
#define REPEAT_FASTEST 0x00 // 30 a second, after 250 ms: as Linux sets it
#define UNANSWERED_MAX 3u

static struct scan_decoder decoder = {.set = SCAN_SET_1};
static struct ps2_sender sender;
static struct timer watch_timer;
static bool present;
static bool lights_wrong; // they are to be set, and could not be yet
static u64 byte_ms;       // when the last came
static u32 interrupts, watched_interrupts, missed;
static u32 watch_ns = WATCH_NS;

static u64 now_ms(void)
{
    u64 ms = time_ns();

    u64_div(&ms, NSEC_PER_MSEC);
    return ms;
}

// ---- commands to the keyboard ----------------------------------------------

// Does not wait: what finds no room is sent by the timer.
static void send_next(void)
{
    u8 byte;

    if (!ps2_next(&sender, &byte) || (inb(I8042_STATUS) & I8042_STATUS_INPUT))
        return;
    outb(I8042_DATA, byte);
    ps2_sent(&sender, now_ms());
}

static void send_lights(void)
{
    u8 command[] = {PS2_SET_LIGHTS, keyboard_locks()};

    if (sender.given_up >= UNANSWERED_MAX)
        return;
    // Once at a time: the state of then is sent, not all between.
    lights_wrong = sender.count || !ps2_send(&sender, command, sizeof(command));
    send_next();
}

void i8042_show_locks(void)
{
    if (present)
        send_lights();
}

static void send_setup(void)
{
    static const u8 set_2[] = {PS2_SET_CODES, SCAN_SET_2};
    static const u8 setup[] = {PS2_SET_REPEAT, REPEAT_FASTEST, PS2_ENABLE};

    // Translated or not is the controller's; to it the keyboard sends set 2,
    // which without translation has to be made sure of.
    if ((decoder.set == SCAN_SET_2 &&
         !ps2_send(&sender, set_2, sizeof(set_2))) ||
        !ps2_send(&sender, setup, sizeof(setup)))
        log_warn("no room for commands");
    lights_wrong = true;
    send_next();
}

// ---- bytes from the keyboard -----------------------------------------------

static void take_code(u8 byte)
{
    struct scan_event event;
    u64 now = now_ms();

    if (now - byte_ms > HALF_CODE_MS)
        scan_reset(&decoder);
    byte_ms = now;
    switch (scan_decode(&decoder, byte, &event)) {
    case SCAN_NOTHING: return;
    case SCAN_KEY: keyboard_key(event.key, event.down); return;
    case SCAN_OVERRUN: keyboard_overrun(); return;
    case SCAN_STARTED: send_setup(); return;
    }
}

// Return: whether there were any. More than BUFFER_BYTES are left for the next
// time: a controller that sticks must not hold the machine.
static bool take_bytes(void)
{
    u32 count;

    for (count = 0; count < BUFFER_BYTES; count++) {
        u8 status = inb(I8042_STATUS), byte;

        if (status == NO_CONTROLLER || !(status & I8042_STATUS_OUTPUT))
            break;
        byte = inb(I8042_DATA);
        if (status & I8042_STATUS_AUX)
            continue;
        if (status & (I8042_STATUS_TIMEOUT | I8042_STATUS_PARITY))
            scan_reset(&decoder);
        else if (!ps2_take_answer(&sender, byte))
            take_code(byte);
    }
    send_next();
    return count;
}

static bool handle(u32 irq __unused, void *arg __unused)
{
    interrupts++;
    return take_bytes();
}

static void note_missed(void)
{
    bool came = interrupts != watched_interrupts;

    watched_interrupts = interrupts;
    missed = came ? 0 : missed + 1;
    if (missed == MISSED_MAX) {
        watch_ns = WATCH_POLL_NS;
        log_warn("irq=%u does not come, polled from now on", IRQ_KEYBOARD);
    }
}

static void watch(struct timer *timer)
{
    u32 given_up = sender.given_up;

    if (take_bytes())
        note_missed();
    ps2_check_time(&sender, now_ms());
    if (sender.given_up != given_up && sender.given_up == UNANSWERED_MAX)
        log_warn("the keyboard answers no commands: its lights stay");
    if (lights_wrong && !sender.count)
        send_lights();
    timer_start(timer, time_ns() + watch_ns, watch);
}

// ---- finding and setting up ------------------------------------------------

// Return: whether the bits @wanted of @mask are there in time.
static bool wait_status(u8 mask, u8 wanted)
{
    for (u32 polls = 0; polls < POLLS_MAX; polls++) {
        if ((inb(I8042_STATUS) & mask) == wanted)
            return true;
        time_delay_us(POLL_US);
    }
    return false;
}

// What the firmware has not read. Return: false: it does not end.
static bool drain(void)
{
    for (u32 count = 0; count < BUFFER_BYTES; count++) {
        if (!(inb(I8042_STATUS) & I8042_STATUS_OUTPUT))
            return true;
        (void)inb(I8042_DATA);
        time_delay_us(POLL_US);
    }
    return false;
}

static bool command(u8 byte)
{
    if (!wait_status(I8042_STATUS_INPUT, 0))
        return false;
    outb(I8042_COMMAND, byte);
    return true;
}

static int read_config(u8 *out)
{
    if (!command(I8042_READ_CONFIG) ||
        !wait_status(I8042_STATUS_OUTPUT, I8042_STATUS_OUTPUT))
        return -ETIMEDOUT;
    *out = inb(I8042_DATA);
    return 0;
}

// A key may be pressed at the wrong time, and its code taken for the answer: it
// is believed when it is the same twice.
static int read_config_surely(u8 *out)
{
    u8 again;

    for (u32 tries = 0; tries < 4; tries++) {
        if (read_config(out) || read_config(&again))
            return -ETIMEDOUT;
        if (*out == again)
            return 0;
    }
    return -EIO;
}

static bool write_config(u8 config)
{
    if (!command(I8042_WRITE_CONFIG) || !wait_status(I8042_STATUS_INPUT, 0))
        return false;
    outb(I8042_DATA, config);
    return wait_status(I8042_STATUS_INPUT, 0);
}

static void set_up_controller(bool direct)
{
    u8 before, config;

    if (read_config_surely(&before)) {
        log_warn("its configuration cannot be read: left as it is");
        return;
    }
    config = (before | I8042_CONFIG_IRQ | I8042_CONFIG_AUX_OFF) &
             (u8) ~(I8042_CONFIG_AUX_IRQ | I8042_CONFIG_OFF);
    if (direct)
        config &= (u8)~I8042_CONFIG_TRANSLATE;
    if (config != before && !write_config(config))
        log_warn("its configuration cannot be written");
    decoder.set = config & I8042_CONFIG_TRANSLATE ? SCAN_SET_1 : SCAN_SET_2;
    log_info("config=%02x, was %02x: scan code set %u", config, before,
             decoder.set);
}

// One that nobody has announced. Return: whether it is a controller.
static bool proves_itself(void)
{
    u8 config;

    if (read_config_surely(&config)) {
        log_info("ACPI says that there is none, and none answers");
        return false;
    }
    log_info("there is one, although ACPI says that there is none");
    return true;
}

static bool is_there(const char *word)
{
    bool announced = platform.legacy.has_8042 || strcmp(word, "force") == 0;

    if (strcmp(word, "none") == 0)
        return false;
    if (!announced && platform.legacy.hardware_reduced) {
        log_info("ACPI says that there is none (i8042=force: look)");
        return false;
    }
    if (inb(I8042_STATUS) == NO_CONTROLLER) {
        log_info("none");
        return false;
    }
    if (!drain()) {
        log_warn("sends without end: not used");
        return false;
    }
    return announced || proves_itself();
}

void i8042_init(void)
{
    char word[8];
    u32 flags;

    (void)cmdline_get("i8042", word, sizeof(word)); // else it is empty
    if (!is_there(word))
        return;
    set_up_controller(strcmp(word, "direct") == 0);
    // Without an interrupt, the timer finds the keys.
    if (irq_request(IRQ_KEYBOARD, handle, NULL, "i8042"))
        log_warn("irq=%u cannot be had", IRQ_KEYBOARD);
    flags = irq_save();
    present = true;
    send_setup();
    timer_start(&watch_timer, time_ns() + watch_ns, watch);
    irq_restore(flags);
}
