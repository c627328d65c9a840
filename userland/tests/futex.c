// userland/tests/futex.c - waiting on words that processes share
// SPDX-License-Identifier: MIT
//
// Prints KTAP; everything is to be the same on Linux.

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/futex.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "fails.h"
#include "ktap.h"

enum {
    PAGE_BYTES = 4096,
    WORDS = PAGE_BYTES / sizeof(uint32_t),
    TURNS = 500,
    WAITERS_MAX = 4,
};

#define RW (PROT_READ | PROT_WRITE)

// As SYS_futex has it; the C library's has 64 bits for the seconds.
struct old_timespec {
    int32_t seconds, nanoseconds;
};

static long futex(volatile uint32_t *word, int op, uint32_t value,
                  const void *timeout_or_count, volatile uint32_t *word2,
                  uint32_t value3)
{
    return syscall(SYS_futex, word, op, value, timeout_or_count, word2, value3);
}

static long wake(volatile uint32_t *word, int count)
{
    return futex(word, FUTEX_WAKE, (uint32_t)count, NULL, NULL, 0);
}

static void nap(void)
{
    const struct timespec time = {0, 2000000};

    nanosleep(&time, NULL);
}

// ---- children that wait ----------------------------------------------------

static pid_t children[WAITERS_MAX];
static unsigned child_count;

static void start_waiter(volatile uint32_t *word, uint32_t bitset)
{
    pid_t child = fork();

    if (child < 0)
        ktap_bail("fork failed");
    if (child == 0) {
        const struct old_timespec far = {INT_MAX, 0}; // an absolute time

        _exit(futex(word, FUTEX_WAIT_BITSET, *word, &far, NULL, bitset) == 0
                  ? EXIT_SUCCESS
                  : EXIT_FAILURE);
    }
    children[child_count++] = child;
}

// Wake until @count were woken, which may be waiters not there yet.
static bool wakes(volatile uint32_t *word, int count, uint32_t bitset)
{
    int woken = 0;

    for (int try = 0; try < 1000 && woken < count; try++) {
        woken += (int)futex(word, FUTEX_WAKE_BITSET, (uint32_t)(count - woken),
                            NULL, NULL, bitset);
        if (woken < count)
            nap();
    }
    return woken == count;
}

static bool all_ended_well(void)
{
    bool ok = true;

    while (child_count > 0) {
        int status;

        ok &= waitpid(children[--child_count], &status, 0) > 0 && status == 0;
    }
    return ok;
}

// ---- tests -----------------------------------------------------------------

// Two processes hand a number to each other, each by another address.
static bool ping_pong(volatile uint32_t *mine, volatile uint32_t *others)
{
    pid_t child = fork();
    int status;

    if (child < 0)
        ktap_bail("fork failed");
    volatile uint32_t *word = child ? mine : others;
    uint32_t own = child ? 0 : 1; // the turn, by its lowest bit

    for (uint32_t turn = own; turn < TURNS; turn += 2) {
        uint32_t now;

        while ((now = *word) != turn)
            futex(word, FUTEX_WAIT, now, NULL, NULL, 0);
        *word = turn + 1;
        wake(word, INT_MAX);
    }
    if (child == 0)
        _exit(EXIT_SUCCESS);
    bool ok = waitpid(child, &status, 0) == child && status == 0;
    ok = ok && *mine == TURNS && *others == TURNS;
    *mine = 0;
    return ok;
}

static void *map_file(int fd, int protection, int flags)
{
    void *at = mmap(NULL, 2 * PAGE_BYTES, protection, flags, fd, 0);

    if (at == MAP_FAILED)
        ktap_bail("mmap failed");
    return at;
}

static bool by_two_addresses(int fd)
{
    volatile uint32_t *one = map_file(fd, RW, MAP_SHARED);
    volatile uint32_t *two = map_file(fd, RW, MAP_SHARED);
    bool ok = ping_pong(one + WORDS + 3, two + WORDS + 3);

    munmap((void *)one, 2 * PAGE_BYTES);
    munmap((void *)two, 2 * PAGE_BYTES);
    return ok;
}

static bool anonymous(void)
{
    volatile uint32_t *word = map_file(-1, RW, MAP_SHARED | MAP_ANONYMOUS);
    bool ok = ping_pong(word, word);

    munmap((void *)word, 2 * PAGE_BYTES);
    return ok;
}

static bool memory_file(void)
{
    int fd = memfd_create("futex", 0);
    bool ok = ftruncate(fd, 2 * PAGE_BYTES) == 0 && by_two_addresses(fd);

    return close(fd) == 0 && ok;
}

static bool file(void)
{
    int fd = open("/var/tmp/futex", O_CREAT | O_RDWR | O_TRUNC, 0600);

    if (fd < 0)
        fd = open("/root/futex", O_CREAT | O_RDWR | O_TRUNC, 0600);
    bool ok = ftruncate(fd, 2 * PAGE_BYTES) == 0 && by_two_addresses(fd);
    unlink("/var/tmp/futex");
    unlink("/root/futex");
    return close(fd) == 0 && ok;
}

static bool segment(void)
{
    int id = shmget(IPC_PRIVATE, PAGE_BYTES, 0600);
    volatile uint32_t *one = shmat(id, NULL, 0), *two = shmat(id, NULL, 0);
    bool ok = ping_pong(one + 1, two + 1);

    shmdt((const void *)one);
    shmdt((const void *)two);
    return shmctl(id, IPC_RMID, NULL) == 0 && ok;
}

// Who has a private copy is not the one who waits on the file.
static bool copies_are_others(void)
{
    int fd = memfd_create("futex", 0);
    struct old_timespec time = {0, 30000000};

    if (ftruncate(fd, 2 * PAGE_BYTES) != 0)
        return false;
    volatile uint32_t *shared = map_file(fd, RW, MAP_SHARED);
    volatile uint32_t *copy = map_file(fd, RW, MAP_PRIVATE);
    pid_t child = fork();

    *copy = 0;
    if (child == 0) {
        for (int i = 0; i < 10; i++) {
            wake(copy, 1);
            futex(shared, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
            wake(shared + 1, 1);
            wake(shared + WORDS, 1);
            nap();
        }
        _exit(EXIT_SUCCESS);
    }
    long result = futex(shared, FUTEX_WAIT, 0, &time, NULL, 0);
    bool ok = result == -1 && errno == ETIMEDOUT;
    waitpid(child, NULL, 0);
    munmap((void *)shared, 2 * PAGE_BYTES);
    munmap((void *)copy, 2 * PAGE_BYTES);
    close(fd);
    return ok;
}

static bool bitsets(volatile uint32_t *word)
{
    start_waiter(word, 1);
    start_waiter(word, 6);
    bool ok = wakes(word, 1, 4) && wake(word + 1, 1) == 0;
    ok = ok && futex(word, FUTEX_WAKE_BITSET, 1, NULL, NULL, 8) == 0;
    ok = ok && wakes(word, 1, 1);
    return all_ended_well() && ok;
}

// Move @count waiters to another word of which they know nothing.
static bool requeues(volatile uint32_t *from, volatile uint32_t *to)
{
    long moved = 0;

    start_waiter(from, FUTEX_BITSET_MATCH_ANY);
    start_waiter(from, FUTEX_BITSET_MATCH_ANY);
    start_waiter(from, FUTEX_BITSET_MATCH_ANY);
    for (int try = 0; try < 1000 && moved < 3; try++) {
        moved += futex(from, FUTEX_CMP_REQUEUE, 0, (void *)(3 - moved), to, 0);
        nap();
    }
    bool ok = moved == 3 && wake(from, INT_MAX) == 0;
    ok = ok && wake(to, 0) == 1; // Linux: one at least
    ok = wake(to, INT_MAX) == 2 && ok;
    return all_ended_well() && ok;
}

// As many as there are move from a word to itself, and stay.
static bool requeues_to_itself(volatile uint32_t *word)
{
    long moved = 0;

    start_waiter(word, FUTEX_BITSET_MATCH_ANY);
    start_waiter(word, FUTEX_BITSET_MATCH_ANY);
    for (int try = 0; try < 1000 && moved < 2; try++) {
        moved = futex(word, FUTEX_REQUEUE, 0, (void *)INT_MAX, word, 0);
        nap();
    }
    bool ok = moved == 2 && wake(word, INT_MAX) == 2;
    return all_ended_well() && ok;
}

static bool errors(volatile uint32_t *word)
{
    volatile uint32_t *odd = (void *)((uintptr_t)word + 2);
    volatile uint32_t *none = (void *)(uintptr_t)PAGE_BYTES;
    const struct old_timespec past = {0, 1000000}, wrong = {0, 1000000000};

    return fails(futex(word, FUTEX_WAIT, 1, NULL, NULL, 0), EAGAIN) &&
           fails(futex(word, FUTEX_WAIT, 0, &past, NULL, 0), ETIMEDOUT) &&
           fails(futex(word, FUTEX_WAIT, 0, &wrong, NULL, 0), EINVAL) &&
           fails(wake(odd, 1), EINVAL) && fails(wake(none, 1), EFAULT) &&
           fails(futex(none, FUTEX_WAIT, 0, NULL, NULL, 0), EFAULT) &&
           futex(none, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0) == 0 &&
           fails(futex(word, FUTEX_WAKE_BITSET, 1, NULL, NULL, 0), EINVAL) &&
           fails(futex(word, FUTEX_CMP_REQUEUE, 1, (void *)1, word + 1, 9),
                 EAGAIN) &&
           fails(futex(word, FUTEX_REQUEUE, (uint32_t)-1, NULL, word, 0),
                 EINVAL);
}

// A mapping of one page of a file has no word behind the end of the file.
static bool beyond_the_end(void)
{
    int fd = memfd_create("futex", 0);

    if (ftruncate(fd, PAGE_BYTES) != 0)
        return false;
    volatile uint32_t *word = map_file(fd, RW, MAP_SHARED);
    bool ok = wake(word, 1) == 0 && fails(wake(word + WORDS, 1), EFAULT);
    munmap((void *)word, 2 * PAGE_BYTES);
    return close(fd) == 0 && ok;
}

int main(void)
{
    volatile uint32_t *word = map_file(-1, RW, MAP_SHARED | MAP_ANONYMOUS);

    ktap_plan(11);
    ktap_result(anonymous(), "anonymous");
    ktap_result(memory_file(), "memfd by two addresses");
    ktap_result(file(), "file by two addresses");
    ktap_result(segment(), "segment by two addresses");
    ktap_result(copies_are_others(), "private copies and neighbours");
    ktap_result(bitsets(word), "bitsets");
    ktap_result(requeues(word, word + WORDS + 1), "requeue");
    ktap_result(requeues_to_itself(word), "requeue to the same word");
    ktap_result(errors(word), "errors");
    ktap_result(beyond_the_end(), "beyond the end of the file");
    child_count = 0;
    start_waiter(word, FUTEX_BITSET_MATCH_ANY);
    munmap((void *)(word + WORDS), PAGE_BYTES);
    bool ok = wakes(word, 1, FUTEX_BITSET_MATCH_ANY);
    ktap_result(all_ended_well() && ok, "beside what was unmapped");
    return ktap_finish();
}
