// userland/tests/ldt_process.c - ldt.c: whose table it is
// SPDX-License-Identifier: MIT

#include "ldt.h"

#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ktap.h"

enum {
    ENTRY = 40,
    ENTRY_FAR = 8100,
    ROUNDS = 200,
    STACK_BYTES = 16384,
    TESTS = 11,
};

static uint8_t bytes[] = {50, 51, 52, 53};

// The segment of one byte that @entry now is.
static uint8_t byte_of(unsigned entry)
{
    uint8_t byte;

    fs_load(selector_of(entry));
    byte = fs_read(0);
    fs_load(0);
    return byte;
}

static bool ended_well(pid_t pid)
{
    int status;

    return pid > 0 && waitpid(pid, &status, 0) == pid && status == 0;
}

static void try_fork(void)
{
    pid_t pid;

    ldt_set(ldt_data(ENTRY, &bytes[0], 0));
    fs_load(selector_of(ENTRY));
    pid = fork();
    if (pid == 0) {
        // Loaded before, and still so.
        bool ok = fs_selector() == selector_of(ENTRY) && fs_read(0) == bytes[0];

        ldt_set(ldt_data(ENTRY, &bytes[1], 0));
        ldt_set(ldt_data(ENTRY_FAR, &bytes[2], 0));
        _exit(!ok || byte_of(ENTRY) != bytes[1] ||
              byte_of(ENTRY_FAR) != bytes[2]);
    }
    ktap_result(ended_well(pid), "fork copies");
    ktap_result(fs_selector() == selector_of(ENTRY) && fs_read(0) == bytes[0],
                "the parent goes on with its own");
    ktap_result(byte_of(ENTRY) == bytes[0], "what the child changes is its");
    fs_load(0);
}

static void try_vfork(void)
{
    pid_t pid;

    ldt_set(ldt_data(ENTRY, &bytes[0], 0));
    pid = vfork();
    if (pid == 0) {
        ldt_set(ldt_data(ENTRY, &bytes[3], 0));
        _exit(0);
    }
    ktap_result(ended_well(pid) && byte_of(ENTRY) == bytes[3], "vfork shares");
}

static int shares(void *unused)
{
    (void)unused;
    if (byte_of(ENTRY) != bytes[2])
        return 1;
    ldt_set(ldt_data(ENTRY_FAR, &bytes[1], 0));
    ldt_set(ldt_data(ENTRY, &bytes[3], 0));
    return byte_of(ENTRY) != bytes[3];
}

// The other task makes the table grow while this one has a segment loaded.
static void try_shared(void)
{
    static uint8_t stack[STACK_BYTES] __attribute__((aligned(16)));
    int pid;
    bool ok;

    ldt_set(ldt_data(ENTRY, &bytes[2], 0));
    fs_load(selector_of(ENTRY));
    pid = clone(shares, stack + STACK_BYTES, CLONE_VM | SIGCHLD, NULL);
    ok = ended_well(pid);
    ktap_result(ok, "clone(CLONE_VM) shares");
    ktap_result(fs_selector() == selector_of(ENTRY) && fs_read(0) == bytes[3],
                "a segment in use is the other's, too");
    fs_load(0);
    ktap_result(byte_of(ENTRY_FAR) == bytes[1], "what it added stays");
}

static void try_exec(void)
{
    pid_t pid = fork();

    if (pid == 0) {
        execl("/proc/self/exe", "ldt", "exec", (char *)NULL);
        _exit(EXIT_FAILURE);
    }
    ktap_result(ended_well(pid), "exec drops it");
}

// ---- several tables at a time ----------------------------------------------

static void load_entry(void *unused)
{
    (void)unused;
    fs_load(selector_of(ENTRY));
}

// Beside one that has the entry and keeps it in %fs.
static bool has_no_entry(void)
{
    ldt_clear(ENTRY);
    for (int i = 0; i < ROUNDS; i++) {
        sched_yield();
        if (fs_selector() || ldt_try(load_entry, NULL).signal != SIGSEGV)
            return false;
    }
    return true;
}

static bool keeps_entry(const uint8_t *byte)
{
    bool ok = true;

    ldt_set(ldt_data(ENTRY, byte, 0));
    fs_load(selector_of(ENTRY));
    for (int i = 0; ok && i < ROUNDS; i++) {
        sched_yield();
        ok = fs_selector() == selector_of(ENTRY) && fs_read(0) == *byte &&
             byte_of(ENTRY) == *byte;
        fs_load(selector_of(ENTRY));
    }
    fs_load(0);
    return ok;
}

static void try_neighbours(void)
{
    pid_t other, without;
    bool ok;

    other = fork();
    if (other == 0)
        _exit(!keeps_entry(&bytes[1]));
    without = fork();
    if (without == 0)
        _exit(!has_no_entry());
    ok = keeps_entry(&bytes[0]);
    ktap_result(ok && ended_well(other), "two with different segments");
    ktap_result(ended_well(without), "one without");
}

static bool all_entries_are_right(void)
{
    for (unsigned i = 0; i < LDT_ENTRIES; i++) {
        unsigned limit = ~0u;

        __asm__ volatile("lsl %1, %0"
                         : "+r"(limit)
                         : "r"(selector_of(i))
                         : "cc");
        if (limit != i)
            return false;
    }
    return true;
}

static void try_all(void)
{
    bool ok;
    pid_t pid;

    for (unsigned i = 0; i < LDT_ENTRIES; i++)
        ldt_set(ldt_data(i, bytes, i));
    ok = all_entries_are_right();
    pid = fork();
    if (pid == 0)
        _exit(!all_entries_are_right());
    ktap_result(ended_well(pid) && ok, "8192 entries, and a copy");
}

void suite_processes(void)
{
    ktap_enter("processes", TESTS);
    try_fork();
    try_vfork();
    try_shared();
    try_exec();
    try_neighbours();
    try_all();
    ktap_leave();
}
