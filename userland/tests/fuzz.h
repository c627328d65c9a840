// userland/tests/fuzz.h - between the parts of the system-call fuzzer
// SPDX-License-Identifier: MIT
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum {
    PAGE_BYTES = 4096,
    FUZZ_LAST_CALL = 460,
    FUZZ_WORKERS = 6,
    FUZZ_WORKER_CALLS = 300,
    FUZZ_LOG = 16, // calls
    FUZZ_ARGUMENTS = 6,
};

// What a worker did last; in memory that it shares with its supervisor, and may
// itself overwrite: the supervisor believes nothing of it.
struct fuzz_call {
    uint32_t number;
    uint32_t arguments[FUZZ_ARGUMENTS];
};
enum fuzz_finding {
    FUZZ_CLEAN,
    FUZZ_SECRET,  // memory of somebody else
    FUZZ_ADDRESS, // an address of the kernel
    FUZZ_POISON,  // what DEBUG=1 puts into memory that nobody has written
    FUZZ_SETUP,   // the worker could not begin
};
struct fuzz_slot {
    uint32_t seed;
    uint32_t done; // calls begun
    uint32_t finding, found, at;
    struct fuzz_call found_call;
    struct fuzz_call log[FUZZ_LOG];
};

// One worker's life: @calls of them, in the folder where it is.
struct fuzz_orders {
    uint32_t seed, calls;
    uid_t uid;
    struct fuzz_slot *slot;
};
_Noreturn void fuzz_worker(const struct fuzz_orders *orders);

// ---- random numbers: fuzz_random.c ------------------------------------------

void fuzz_seed(uint32_t seed);
uint32_t fuzz_random(void);
// fuzz_below - 0 to @n - 1. fuzz_one_in - true once in @n.
uint32_t fuzz_below(uint32_t n);
bool fuzz_one_in(uint32_t n);
// fuzz_word - a number that calls have limits at, more often than not.
uint32_t fuzz_word(void);

// ---- the table of calls: fuzz_table.c ---------------------------------------

// fuzz_kinds - of what kind each argument of a call is (letters of
// fuzz_value.c); "" for one that is not known; NULL: never to be called.
const char *fuzz_kinds(uint32_t number);
// fuzz_is_known - whether there is a row for it.
bool fuzz_is_known(uint32_t number);

// ---- calls that go together: fuzz_groups.c ----------------------------------

// fuzz_group - some, ended by 0.
const uint16_t *fuzz_group(void);

// ---- arguments: fuzz_value.c, fuzz_choice.c, fuzz_paths.c and
// -----------------
// ---- what they point to: fuzz_struct.c, fuzz_message.c
// ------------------------

// fuzz_arguments - fill them in for a call, memory that they point to included.
void fuzz_arguments(struct fuzz_call *call, const char *kinds);
// fuzz_fill - what a structure of this kind may look like.
void fuzz_fill(char kind, uint32_t *words, uint32_t count);
// fuzz_regions_make - memory that calls for memory are given.
bool fuzz_regions_make(void);
// fuzz_choice - a number that a call knows, of that kind. False: not of such a
// kind. fuzz_clone_flags - those without a signal.
bool fuzz_choice(char kind, uint32_t *out);
uint32_t fuzz_clone_flags(void);
// fuzz_futex_word - the address of a futex.
uint32_t fuzz_futex_word(void);
// Those of fuzz_message.c. Each has 64 words.
void fuzz_address(uint32_t *words);
void fuzz_message(uint32_t *words);
void fuzz_messages(uint32_t *words);
void fuzz_socketcall(uint32_t *words);
// fuzz_path - the name of something in the scratch folder. fuzz_any_path - or
// of something that may be read.
const char *fuzz_path(void);
const char *fuzz_any_path(void);
// fuzz_touch_all - have the kernel make what it keeps: lists of the locks of
// files that are always there, room for shared segments.
void fuzz_touch_all(void);
// fuzz_pid - one that may get signals.
uint32_t fuzz_pid(void);
// fuzz_learn - a call's result that others can use: memory, a process, ...
void fuzz_learn(uint32_t number, int32_t result);

// ---- memory that pointers are to: fuzz_arena.c ------------------------------

bool fuzz_arena_make(void);
// fuzz_pointer - to anything; fuzz_buffer - to @bytes that can be written.
uint32_t fuzz_pointer(void);
uint32_t *fuzz_buffer(uint32_t bytes);
// fuzz_output - one that is then looked at: fuzz_look.
uint32_t *fuzz_output(void);
// fuzz_look - at what the kernel has written since; fuzz_look_all - for memory
// of others, everywhere. Results go to the slot.
void fuzz_look(struct fuzz_slot *slot, const struct fuzz_call *call);
// fuzz_look_away - from outputs: another task has them, too. @ever - from all.
void fuzz_look_away(bool ever);
void fuzz_look_all(struct fuzz_slot *slot, const struct fuzz_call *call);
void fuzz_look_mapped(struct fuzz_slot *slot, const struct fuzz_call *call,
                      uint32_t address);

// ---- files: fuzz_files.c ----------------------------------------------------

// fuzz_files_make - the worker's folder is filled, and its descriptors opened.
bool fuzz_files_make(void);
// fuzz_descriptor - one of that sort (letters of fuzz_value.c), or any other.
uint32_t fuzz_descriptor(char kind);
// fuzz_learn_descriptor - a call's result, if it is one of a sort.
void fuzz_learn_descriptor(uint32_t number, int32_t result);

// ---- the calls themselves: fuzz_entry.c -------------------------------------

// fuzz_enter - do it, by `int $0x80` or as the kernel's own page says.
int32_t fuzz_enter(const struct fuzz_call *call);
// fuzz_sigreturn - a return from a signal that was never there, with a frame of
// @words. Comes back if the frame lets it.
void fuzz_sigreturn(uint32_t number, uint32_t *words, uint32_t count);
// fuzz_alarm - from now on what waits is woken, again and again.
void fuzz_alarm(void);

// ---- programs: fuzz_exec.c --------------------------------------------------

// fuzz_exec - a child that runs something: a script, an ELF with wrong bytes.
void fuzz_exec(void);
// fuzz_exec_call - this execve, in a child.
void fuzz_exec_call(const struct fuzz_call *call);

// ---- what nobody may read: fuzz_secret.c ------------------------------------

// Two files of root's alone; they remain.
#define FUZZ_KEPT      "/root/fuzz.kept"
#define FUZZ_REWRITTEN "/root/fuzz.rewritten"
// fuzz_secret - never returns: fills memory of all kinds with the pattern and
// gives it back, again and again.
_Noreturn void fuzz_secret(void);
// fuzz_secret_in - the pattern's place in there, or NULL.
const uint32_t *fuzz_secret_in(const uint32_t *words, uint32_t count);

// ---- after them: fuzz_clean.c -----------------------------------------------

// What workers make outside of their folder.
#define FUZZ_OUTSIDE "/dev/shm/fuzz"
// fuzz_remember - who was there before. fuzz_clean - end everybody else but
// @spared (0: none), take away what they mounted, swapped to, shared and wrote.
void fuzz_remember(void);
bool fuzz_clean(const char *folder, pid_t spared);
// Of that, in fuzz_lines.c: fuzz_note_mounts - those that are there before.
// fuzz_take_away - all others, swap areas in @folder, and shared segments.
void fuzz_note_mounts(void);
void fuzz_take_away(const char *folder);
