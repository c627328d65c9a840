// kernel/reset.c - starting the machine again, by every way that there is
// SPDX-License-Identifier: MIT
//
// The order is that of how much is reset and how sure it is to do no harm: the
// firmware's own register, the chipset's, the keyboard controller, and last the
// triple fault, which at least resets the CPU. `reboot=` puts one first:
//
//   reboot=acpi|pci|kbd|triple[,warm|cold]
//
// in Linux's words, of which the first letter counts. Memory survives a warm
// reset, which is the default: the log of a crash is in it.
//
// Each way is logged before it is tried, so the last line says which it was.

#include <kernel/reset.h>

#include <arch/cpu.h>
#include <arch/init.h>
#include <kernel/cmdline.h>
#include <kernel/crash_log.h>
#include <kernel/drivers.h>
#include <kernel/irq.h>
#include <lib/string.h>

#define LOG_NAME "reset"
#include <kernel/log.h>

#define WORD_BYTES 32u

enum way {
    WAY_ACPI,
    WAY_PCI,
    WAY_KEYBOARD,
    WAY_TRIPLE,
    WAYS
};

static const char *const names[WAYS] = {
    [WAY_ACPI] = "acpi",
    [WAY_PCI] = "pci",
    [WAY_KEYBOARD] = "kbd",
    [WAY_TRIPLE] = "triple",
};

struct choice {
    enum way first;
    bool cold;
};

static void choose_by(char letter, struct choice *choice)
{
    switch (letter) {
    case 'a': choice->first = WAY_ACPI; break;
    case 'p': choice->first = WAY_PCI; break;
    case 'k': choice->first = WAY_KEYBOARD; break;
    case 't': choice->first = WAY_TRIPLE; break;
    case 'w': choice->cold = false; break;
    case 'c': choice->cold = true; break;
    default: break; // what other systems do by it cannot be done here
    }
}

static struct choice choose(void)
{
    struct choice choice = {.first = WAY_ACPI};
    char word[WORD_BYTES];
    const char *at = word;

    // What does not fit is cut: two short words do.
    if (!cmdline_get("reboot", word, sizeof(word)))
        return choice;
    while (at) {
        choose_by(*at, &choice);
        at = strchr(at, ',');
        if (at)
            at++;
    }
    return choice;
}

static void try_way(enum way way, bool cold)
{
    log_info("by=%s", names[way]);
    crash_log_flush();
    switch (way) {
    case WAY_ACPI:
        if (!drivers_reset())
            log_info("the firmware names no reset register");
        break;
    case WAY_PCI: arch_reset(ARCH_RESET_PCI, cold); break;
    case WAY_KEYBOARD: arch_reset(ARCH_RESET_KEYBOARD, cold); break;
    case WAY_TRIPLE: arch_reset(ARCH_RESET_TRIPLE, cold); break;
    case WAYS: break;
    }
}

__noreturn void machine_reset(void)
{
    struct choice choice = choose();

    irq_disable();
    log_sync_begin();
    try_way(choice.first, choice.cold);
    for (enum way way = 0; way < WAYS; way++)
        if (way != choice.first)
            try_way(way, choice.cold);
    log_err("the machine does not reset");
    cpu_stop();
}
