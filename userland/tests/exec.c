// userland/tests/exec.c - running what was written as data
// SPDX-License-Identifier: MIT
//
//   faults exec          what holds on every CPU, as a suite
//   faults run PLACE     store code to heap, stack, data or map, and call it
//                        there: exits with 0 if it ran. Where pages can be kept
//                        from being executed, SIGSEGV is the end of it.

#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "faults.h"
#include "ktap.h"

enum {
    PAGE_BYTES = 4096,
    ANSWER = 42,
};

// movl $ANSWER, %eax; ret
static const uint8_t code[] = {0xb8, ANSWER, 0, 0, 0, 0xc3};

static uint8_t data_place[sizeof(code)];

static int call(const void *place)
{
    int answer;

    // The compiler must not know that it is a call: what was stored there is
    // read by it, but not as data.
    __asm__ volatile("call *%1" : "=a"(answer) : "r"(place) : "memory", "cc");
    return answer;
}

static uint8_t *map_page(void)
{
    uint8_t *page = mmap(NULL, PAGE_BYTES, PROT_READ | PROT_WRITE,
                         MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (page == MAP_FAILED)
        ktap_bail("mmap");
    return page;
}

// Return: an exit status.
static int run_in(uint8_t *place)
{
    memcpy(place, code, sizeof(code));
    return call(place) == ANSWER ? 0 : 1;
}

static int run_on_heap(void)
{
    return run_in(malloc(sizeof(code)));
}

static int run_on_stack(void)
{
    uint8_t place[sizeof(code)];

    return run_in(place);
}

static int run_in_data(void)
{
    return run_in(data_place);
}

static int run_in_map(void)
{
    return run_in(map_page());
}

static const struct place {
    const char *name;
    int (*run)(void);
} places[] = {
    {"heap", run_on_heap},
    {"stack", run_on_stack},
    {"data", run_in_data},
    {"map", run_in_map},
};

enum {
    PLACES = sizeof(places) / sizeof(places[0])
};

int exec_main(const char *name)
{
    for (int i = 0; i < PLACES; i++)
        if (strcmp(places[i].name, name) == 0)
            return places[i].run();
    dprintf(2, "faults: no place %s\n", name);
    return 2;
}

static int run_place(void *argument)
{
    const struct place *place = argument;

    return place->run();
}

static int run_after_mprotect(void *unused)
{
    uint8_t *page = map_page();

    (void)unused;
    memcpy(page, code, sizeof(code));
    if (mprotect(page, PAGE_BYTES, PROT_READ | PROT_EXEC))
        return 1;
    return call(page) == ANSWER ? 0 : 1;
}

// With permission taken away again it is as if it had never been given.
static int run_after_both(void *unused)
{
    uint8_t *page = map_page();

    (void)unused;
    memcpy(page, code, sizeof(code));
    if (mprotect(page, PAGE_BYTES, PROT_READ | PROT_EXEC) ||
        call(page) != ANSWER || mprotect(page, PAGE_BYTES, PROT_READ))
        return 1;
    return call(page) == ANSWER ? 0 : 1;
}

static int run_without_access(void *unused)
{
    uint8_t *page = map_page();

    (void)unused;
    memcpy(page, code, sizeof(code));
    if (mprotect(page, PAGE_BYTES, PROT_NONE))
        return 1;
    return call(page);
}

void suite_exec(void)
{
    int first = run_in_child(run_place, (void *)&places[0]);
    bool refused = killed_by(first, SIGSEGV);

    ktap_enter("exec", PLACES + 3);
    ktap_note("data %s be executed", refused ? "cannot" : "can");
    for (int i = 0; i < PLACES; i++) {
        int status = run_in_child(run_place, (void *)&places[i]);

        ktap_result(refused ? killed_by(status, SIGSEGV) : status == 0,
                    "%s as the heap: wait status 0x%x", places[i].name,
                    (unsigned)status);
    }
    ktap_result(run_in_child(run_after_mprotect, NULL) == 0,
                "runs after mprotect");
    ktap_result(run_in_child(run_after_both, NULL) == first,
                "as before after a second mprotect");
    ktap_result(killed_by(run_in_child(run_without_access, NULL), SIGSEGV),
                "not with PROT_NONE");
    ktap_leave();
}
