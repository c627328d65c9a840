// userland/tests/fuzz.c - system calls with arguments that nobody would give
// SPDX-License-Identifier: MIT
//
// fuzz CALLS [SEED [UID]]: so many calls, by some workers at a time, as user
// UID (0 when not given). Worker n is given the seed SEED + n, which fixes what
// it does (not what it meets), and some hundred calls; whatever becomes of it,
// the next is begun. `fuzz 300 SEED UID` repeats a worker.
//
// To see what a kernel died of: its own report, or strace=1
// (docs/processes.md).
//
// Meanwhile a process fills memory of all kinds with a pattern and gives it
// back; workers look for it in all that they can read. In what the kernel makes
// up itself they look for its addresses and, with a DEBUG=1 kernel, for memory
// that nobody has written.
//
// At the end nobody is left, and frames and objects are what they were. What
// the kernel makes once and keeps (a table that has grown, the list of locks of
// a file that is always there) is made by the first run; so what differs has to
// differ after the same calls once more, and again.

#include "fuzz.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "books.h"
#include "ktap.h"

#define FOLDER "/root/fuzz"
#define CENSUS "/proc/faultline/census"

enum {
    BATCH = 48, // workers, between two cleanings
    TICK_NS = 10000000,
    STILL_TICKS = 40,   // without a call: it is ended
    STUCK_TICKS = 6000, // and has not gone: the kernel has lost it
    TRIES = 3,
    BALANCE_ROUNDS = 100,
    STABLE_NS = 100000000,
    TEXT_BYTES = 256,
    DESCRIPTORS = 64,
};

static struct worker {
    pid_t pid;
    uint32_t calls; // that it may do
    uint32_t seen, still;
} workers[FUZZ_WORKERS];

static struct fuzz_slot *slots;
static uint32_t next_seed, begun, calls_done, died, found, stuck;
static uid_t uid;
static pid_t secret;

static void write_to(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY);

    if (fd >= 0 && write(fd, text, strlen(text)) < 0)
        ktap_note("%s: %s", path, strerror(errno));
    if (fd >= 0)
        close(fd);
}

// A process of its own, with nothing of ours but the slots.
static void detach(void)
{
    int null = open("/dev/null", O_RDWR);

    for (int i = 0; i < DESCRIPTORS; i++)
        if (i != null)
            dup2(null, i);
    for (int i = 3; i < DESCRIPTORS; i++)
        close(i);
    write_to("/proc/self/oom_score_adj", "500");
}

static bool copy_program(void)
{
    static uint8_t bytes[PAGE_BYTES];
    int from = open("/proc/self/exe", O_RDONLY);
    int to = open(FOLDER "/prog", O_WRONLY | O_CREAT | O_TRUNC, 0755);
    ssize_t count;

    while ((count = read(from, bytes, sizeof(bytes))) > 0)
        if (write(to, bytes, (size_t)count) != count)
            break;
    close(from);
    close(to);
    return count == 0;
}

static void make_folder(void)
{
    mkdir(FOLDER, 0755);
    if (chmod(FOLDER, 0755) != 0 || chdir(FOLDER) != 0 || !copy_program())
        ktap_bail("%s: %s", FOLDER, strerror(errno));
}

static void begin_secret(void)
{
    secret = fork();
    if (secret == 0) {
        detach();
        fuzz_secret();
    }
    if (secret < 0)
        ktap_bail("fork: %s", strerror(errno));
}

static void begin(unsigned i, uint32_t calls)
{
    struct fuzz_orders orders = {next_seed + begun, calls, uid, &slots[i]};
    char folder[16];
    pid_t pid;

    memset(&slots[i], 0, sizeof(slots[i]));
    slots[i].seed = orders.seed;
    snprintf(folder, sizeof(folder), "w%u", begun);
    mkdir(folder, 0755);
    if (chown(folder, uid, uid) != 0)
        ktap_bail("%s: %s", folder, strerror(errno));
    pid = fork();
    if (pid == 0) {
        detach();
        if (chdir(folder) != 0)
            _exit(EXIT_FAILURE);
        fuzz_worker(&orders);
    }
    if (pid < 0)
        return; // later
    workers[i] = (struct worker){.pid = pid, .calls = calls};
    begun++;
}

static void note_call(const char *what, const struct fuzz_call *call)
{
    const uint32_t *a = call->arguments;

    ktap_note("  %s%u(%#x, %#x, %#x, %#x, %#x, %#x)", what, call->number, a[0],
              a[1], a[2], a[3], a[4], a[5]);
}

static void note_last_calls(const struct fuzz_slot *slot)
{
    uint32_t done = slot->done;

    for (uint32_t i = done > FUZZ_LOG ? done - FUZZ_LOG : 0; i < done; i++)
        note_call("", &slot->log[i % FUZZ_LOG]);
}

// How a worker that has ended did.
static void take_result(unsigned i, uint32_t seed, uint32_t calls, int status)
{
    static const char *const what[] = {
        "", "memory of somebody else", "an address of the kernel",
        "memory that nobody has written", "could not begin"};
    const struct fuzz_slot *slot = &slots[i];
    uint32_t finding = slot->finding;

    // As it says, but never more than it was given.
    calls_done += slot->done < calls ? slot->done : calls;
    died += status != 0;
    workers[i].pid = 0;
    if (finding == FUZZ_CLEAN)
        return;
    found++;
    ktap_note("seed %u found %s: %08x at %x", seed,
              what[finding < sizeof(what) / sizeof(what[0]) ? finding : 0],
              slot->found, slot->at);
    note_call("after ", &slot->found_call);
}

static void look_after(unsigned i, uint32_t calls)
{
    struct worker *worker = &workers[i];
    uint32_t seed = slots[i].seed;
    int status;

    if (waitpid(worker->pid, &status, WNOHANG) == worker->pid) {
        take_result(i, seed, calls, status);
        return;
    }
    worker->still = slots[i].done == worker->seen ? worker->still + 1 : 0;
    worker->seen = slots[i].done;
    if (worker->still == STILL_TICKS)
        kill(worker->pid, SIGKILL);
    if (worker->still == STUCK_TICKS) {
        stuck++;
        ktap_note("seed %u does not end; its last calls:", seed);
        note_last_calls(&slots[i]);
        worker->pid = 0;
    }
}

// The calls that may still be given to another worker.
static uint32_t left_of(uint32_t calls)
{
    for (unsigned i = 0; i < FUZZ_WORKERS; i++)
        if (workers[i].pid != 0)
            calls -= workers[i].calls < calls ? workers[i].calls : calls;
    return calls < FUZZ_WORKER_CALLS ? calls : FUZZ_WORKER_CALLS;
}

static void run_batch(uint32_t calls)
{
    struct timespec tick = {0, TICK_NS};
    uint32_t end = begun + BATCH, at_first = calls_done;
    bool busy = true;

    while (busy) {
        busy = false;
        for (unsigned i = 0; i < FUZZ_WORKERS; i++) {
            uint32_t done = calls_done - at_first;
            uint32_t quota = left_of(calls > done ? calls - done : 0);

            if (workers[i].pid == 0 && begun < end && quota > 0)
                begin(i, quota);
            if (workers[i].pid != 0)
                look_after(i, workers[i].calls);
            busy |= workers[i].pid != 0;
        }
        nanosleep(&tick, NULL);
    }
    while (waitpid(-1, NULL, WNOHANG) > 0)
        continue;
}

static bool run(uint32_t calls)
{
    uint32_t first = calls_done;
    bool clean = true;

    begin_secret();
    while (calls_done - first < calls && stuck == 0) {
        make_folder();
        run_batch(calls - (calls_done - first));
        clean &= fuzz_clean(FOLDER, secret);
        if (waitpid(secret, NULL, WNOHANG) != 0)
            ktap_bail("the process with the secret has ended");
    }
    kill(secret, SIGKILL);
    waitpid(secret, NULL, 0);
    if (chdir("/") != 0)
        clean = false;
    unlink(FUZZ_KEPT);
    unlink(FUZZ_REWRITTEN);
    return clean;
}

// A ring of sockets that hold each other is looked for when one is closed.
static void settle(void)
{
    sync();
    close(socket(AF_UNIX, SOCK_STREAM, 0));
    write_to("/proc/sys/vm/drop_caches", "3");
}

// What the kernel holds once nothing changes any more: what was removed may
// still be on its way to the disk.
static void read_books(struct books *out)
{
    struct timespec tick = {0, STABLE_NS};
    char difference[TEXT_BYTES];

    for (unsigned i = 0; i < BALANCE_ROUNDS; i++) {
        settle();
        books_read(out);
        nanosleep(&tick, NULL);
        settle();
        if (books_balance(out, difference, sizeof(difference)))
            return;
    }
    ktap_note("before: %s", difference);
}

static bool balances(const struct books *before)
{
    struct timespec tick = {0, TICK_NS};
    char difference[TEXT_BYTES];

    for (unsigned i = 0; i < BALANCE_ROUNDS; i++) {
        settle();
        if (books_balance(before, difference, sizeof(difference)))
            return true;
        nanosleep(&tick, NULL);
    }
    ktap_note("%s", difference);
    return false;
}

static void arrange(void)
{
    signal(SIGPIPE, SIG_IGN);
    slots = mmap(NULL, FUZZ_WORKERS * sizeof(*slots), PROT_READ | PROT_WRITE,
                 MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (slots == MAP_FAILED)
        ktap_bail("mmap: %s", strerror(errno));
    fuzz_remember();
    write_to("/proc/self/oom_score_adj", "-1000");
}

// IRET from user mode to virtual-8086 mode, which QEMU 7.2 does. Linux oopses.
static int enter_vm86(void)
{
    int status = 0;
    pid_t pid = fork();

    if (pid == 0) {
        __asm__ volatile("push $0; push $0; push $0; push $0; push $0x23\n"
                         "push $0x1000; push $0x20202; push $2\n"
                         "push $0x5678; iret");
        _exit(EXIT_SUCCESS);
    }
    ktap_plan(1);
    ktap_result(waitpid(pid, &status, 0) == pid && WIFSIGNALED(status) &&
                    WTERMSIG(status) == SIGSEGV,
                "virtual-8086 mode");
    return ktap_finish();
}

int main(int argc, char **argv)
{
    uint32_t calls = argc > 1 ? (uint32_t)strtoul(argv[1], NULL, 0) : 0;
    struct books before;
    bool has_books = access(CENSUS, R_OK) == 0, gone = true;
    bool held = false;

    if (argc == 2 && strcmp(argv[1], "noop") == 0)
        return EXIT_SUCCESS;
    if (argc == 2 && strcmp(argv[1], "vm86") == 0)
        return enter_vm86();
    if (calls == 0 || geteuid() != 0) {
        fprintf(stderr, "usage, as root: fuzz CALLS [SEED [UID]]\n");
        return EXIT_FAILURE;
    }
    next_seed = argc > 2 ? (uint32_t)strtoul(argv[2], NULL, 0) : 1;
    uid = argc > 3 ? (uid_t)strtoul(argv[3], NULL, 0) : 0;
    ktap_plan(4);
    arrange();
    fuzz_touch_all();
    for (unsigned i = 0; i < (has_books ? TRIES : 1) && !held; i++) {
        if (has_books)
            read_books(&before);
        begun = calls_done = died = 0;
        gone &= run(calls);
        held = has_books && balances(&before);
    }
    ktap_result(calls_done >= calls, "calls: %u by %u workers, %u died",
                calls_done, begun, died);
    ktap_result(gone && stuck == 0, "everybody has ended");
    ktap_result(found == 0, "nothing was readable: %u findings", found);
    if (has_books)
        ktap_result(held, "the kernel holds what it held");
    else
        ktap_skip("the kernel holds what it held", "no books here");
    return ktap_finish();
}
