// userland/tests/threads_futexes.c - the calls below the C library's locks
// SPDX-License-Identifier: MIT

#include <errno.h>
#include <limits.h>
#include <linux/futex.h>
#include <linux/membarrier.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "ktap.h"
#include "threads.h"

// As SYS_futex has it.
struct old_timespec {
    int32_t seconds, nanoseconds;
};

static volatile uint32_t word, word2;

static bool gives(long result, int error)
{
    if (error ? result == -1 && errno == error : result >= 0)
        return true;
    ktap_note("result %ld errno %d, not %d", result, errno, error);
    return false;
}

// ---- FUTEX_WAKE_OP ---------------------------------------------------------

static bool op_is(uint32_t what, uint32_t before, uint32_t after)
{
    word2 = before;
    return futex_call(&word, FUTEX_WAKE_OP, 1, (void *)1, &word2, what) == 0 &&
           word2 == after;
}

static bool operations(void)
{
    return op_is(FUTEX_OP(FUTEX_OP_SET, 7, FUTEX_OP_CMP_EQ, 0), 3, 7) &&
           op_is(FUTEX_OP(FUTEX_OP_ADD, 7, FUTEX_OP_CMP_EQ, 0), 3, 10) &&
           op_is(FUTEX_OP(FUTEX_OP_ADD, 0xfff, FUTEX_OP_CMP_EQ, 0), 3, 2) &&
           op_is(FUTEX_OP(FUTEX_OP_OR, 6, FUTEX_OP_CMP_EQ, 0), 3, 7) &&
           op_is(FUTEX_OP(FUTEX_OP_ANDN, 1, FUTEX_OP_CMP_EQ, 0), 3, 2) &&
           op_is(FUTEX_OP(FUTEX_OP_XOR, 5, FUTEX_OP_CMP_EQ, 0), 3, 6) &&
           op_is(FUTEX_OP((FUTEX_OP_OR | FUTEX_OP_OPARG_SHIFT), 20,
                          FUTEX_OP_CMP_EQ, 0),
                 1, 0x100001) &&
           gives(futex_call(&word, FUTEX_WAKE_OP, 1, (void *)1, &word2,
                            FUTEX_OP(6, 0, 0, 0)),
                 ENOSYS) &&
           gives(futex_call(&word, FUTEX_WAKE_OP, 1, (void *)1, &word2,
                            FUTEX_OP(0, 0, 9, 0)),
                 ENOSYS) &&
           gives(futex_call(&word, FUTEX_WAKE_OP, 1, (void *)1, (void *)8, 0),
                 EFAULT);
}

static volatile int waiting, awake;

static void *wait_on(void *argument)
{
    __atomic_add_fetch(&waiting, 1, __ATOMIC_SEQ_CST);
    futex_call(argument, FUTEX_WAIT, 0, NULL, NULL, 0);
    __atomic_add_fetch(&awake, 1, __ATOMIC_SEQ_CST);
    return NULL;
}

// How many are woken when the second word was @before.
static long woken_by(uint32_t what, uint32_t before)
{
    pthread_t a, b;
    long result;

    word = word2 = 0;
    waiting = awake = 0;
    a = start(wait_on, (void *)&word);
    b = start(wait_on, (void *)&word2);
    until(&waiting, 2);
    others_sleep();
    word2 = before;
    result = futex_call(&word, FUTEX_WAKE_OP, 1, (void *)1, &word2, what);
    futex_call(&word2, FUTEX_WAKE, 1, NULL, NULL, 0);
    pthread_join(a, NULL);
    pthread_join(b, NULL);
    return result;
}

#define SET(cmp, arg) FUTEX_OP(FUTEX_OP_SET, 9, cmp, arg)

static bool comparisons(void)
{
    return woken_by(SET(FUTEX_OP_CMP_EQ, 4), 4) == 2 &&
           woken_by(SET(FUTEX_OP_CMP_EQ, 4), 5) == 1 &&
           woken_by(SET(FUTEX_OP_CMP_NE, 4), 5) == 2 &&
           woken_by(SET(FUTEX_OP_CMP_LT, 0), (uint32_t)-1) == 2 &&
           woken_by(SET(FUTEX_OP_CMP_GE, 0), (uint32_t)-1) == 1 &&
           woken_by(SET(FUTEX_OP_CMP_LE, 0xfff), (uint32_t)-1) == 2 &&
           woken_by(SET(FUTEX_OP_CMP_GT, 4), 4) == 1;
}

// ---- locks with an owner ---------------------------------------------------

static long lock_pi(const void *timeout)
{
    return futex_call(&word, FUTEX_LOCK_PI, 0, timeout, NULL, 0);
}

static long unlock_pi(void)
{
    return futex_call(&word, FUTEX_UNLOCK_PI, 0, NULL, NULL, 0);
}

static long trylock_pi(void)
{
    return futex_call(&word, FUTEX_TRYLOCK_PI, 0, NULL, NULL, 0);
}

static void *try_from_here(void *argument)
{
    long result = trylock_pi();

    *(int *)argument = result == 0 ? 0 : errno;
    return NULL;
}

static int try_in_thread(void)
{
    int error = -1;

    pthread_join(start(try_from_here, &error), NULL);
    return error;
}

static bool pi_errors(void)
{
    uint32_t self = (uint32_t)own_tid();

    word = 0;
    if (!gives(unlock_pi(), EPERM) || !gives(lock_pi(NULL), 0) || word != self)
        return false;
    if (!gives(lock_pi(NULL), EDEADLK) || !gives(trylock_pi(), EDEADLK) ||
        try_in_thread() != EAGAIN)
        return false;
    if (!gives(unlock_pi(), 0) || word != 0 || !gives(trylock_pi(), 0) ||
        word != self)
        return false;
    word = 999999; // nobody's number
    if (!gives(lock_pi(NULL), ESRCH) || !gives(trylock_pi(), ESRCH) ||
        !gives(unlock_pi(), EPERM))
        return false;
    word = FUTEX_OWNER_DIED;
    return gives(lock_pi(NULL), 0) && word == (self | FUTEX_OWNER_DIED) &&
           gives(unlock_pi(), 0) &&
           gives(futex_call((void *)1, FUTEX_LOCK_PI, 0, NULL, NULL, 0),
                 EINVAL) &&
           gives(futex_call((void *)8, FUTEX_LOCK_PI, 0, NULL, NULL, 0),
                 EFAULT);
}

static volatile int locked, result_of_lock;

static void *lock_in_turn(void *argument)
{
    long result = lock_pi(argument);

    result_of_lock = result == 0 ? 0 : errno;
    if (result == 0) {
        locked = own_tid();
        unlock_pi();
    }
    return NULL;
}

// Unlocking gives the lock to who waits, before that one runs.
static bool handed_over(void)
{
    pthread_t thread;
    uint32_t after;

    word = 0;
    locked = 0;
    lock_pi(NULL);
    thread = start(lock_in_turn, NULL);
    for (int i = 0; i < 5000 && !(word & FUTEX_WAITERS); i++)
        nap(2);
    unlock_pi();
    after = word;
    pthread_join(thread, NULL);
    return locked &&
           (after == ((uint32_t)locked | FUTEX_WAITERS) ||
            after == (uint32_t)locked || after == 0) &&
           word == 0;
}

static bool pi_times_out(void)
{
    struct timespec now;
    struct old_timespec soon;

    word = 0;
    lock_pi(NULL);
    clock_gettime(CLOCK_REALTIME, &now);
    soon = (struct old_timespec){(int32_t)now.tv_sec, (int32_t)now.tv_nsec};
    pthread_join(start(lock_in_turn, &soon), NULL);
    return result_of_lock == ETIMEDOUT && gives(unlock_pi(), 0) && word == 0 &&
           gives(futex_call(&word, FUTEX_WAKE, 1, NULL, NULL, 0), 0);
}

static bool not_for_plain_calls(void)
{
    pthread_t thread;
    bool ok;

    word = 0;
    lock_pi(NULL);
    thread = start(lock_in_turn, NULL);
    for (int i = 0; i < 5000 && !(word & FUTEX_WAITERS); i++)
        nap(2);
    others_sleep();
    ok = gives(futex_call(&word, FUTEX_WAKE, 1, NULL, NULL, 0), EINVAL);
    unlock_pi();
    pthread_join(thread, NULL);
    return ok;
}

// ---- clocks ----------------------------------------------------------------

static bool times_out(int op, clockid_t clock, bool relative)
{
    struct timespec now;
    struct old_timespec time = {0, 10000000};

    if (!relative) {
        clock_gettime(clock, &now);
        time = (struct old_timespec){
            (int32_t)now.tv_sec + (now.tv_nsec > 980000000),
            (int32_t)((now.tv_nsec + 20000000) % 1000000000)};
    }
    word = 0;
    return gives(futex_call(&word, op, 0, &time, NULL, FUTEX_BITSET_MATCH_ANY),
                 ETIMEDOUT);
}

static bool clocks(void)
{
    const int clock = FUTEX_CLOCK_REALTIME;
    struct old_timespec wrong = {0, 1000000000}, past = {1, 0};

    word = 0;
    return times_out(FUTEX_WAIT, 0, true) &&
           times_out(FUTEX_WAIT_BITSET, CLOCK_MONOTONIC, false) &&
           times_out(FUTEX_WAIT_BITSET | clock, CLOCK_REALTIME, false) &&
           times_out(FUTEX_WAIT_PRIVATE, 0, true) &&
           gives(futex_call(&word, FUTEX_WAIT_BITSET, 0, &past, NULL, 1),
                 ETIMEDOUT) &&
           gives(futex_call(&word, FUTEX_WAIT | clock, 0, &past, NULL, 0),
                 ENOSYS) &&
           gives(futex_call(&word, FUTEX_WAKE | clock, 1, NULL, NULL, 0),
                 ENOSYS) &&
           gives(futex_call(&word, FUTEX_WAIT, 0, &wrong, NULL, 0), EINVAL) &&
           gives(futex_call(&word, FUTEX_WAIT, 0, (void *)8, NULL, 0),
                 EFAULT) &&
           gives(futex_call(&word, FUTEX_WAIT, 1, NULL, NULL, 0), EAGAIN) &&
           gives(futex_call(&word, FUTEX_WAIT_BITSET, 0, NULL, NULL, 0),
                 EINVAL) &&
           gives(futex_call(&word, 55, 0, NULL, NULL, 0), ENOSYS);
}

static void handle(int signal)
{
    (void)signal;
}

static volatile int error_of_wait;

static void *wait_long(void *argument)
{
    error_of_wait = -1;
    waiting = 1;
    error_of_wait =
        futex_call(&word, FUTEX_WAIT, 0, argument, NULL, 0) == -1 ? errno : 0;
    return NULL;
}

static bool interrupted(int flags, const void *timeout, int error)
{
    struct sigaction action = {.sa_handler = handle, .sa_flags = flags};
    pthread_t thread;

    sigaction(SIGUSR1, &action, NULL);
    word = 0;
    waiting = 0;
    thread = start(wait_long, (void *)timeout);
    until(&waiting, 1);
    others_sleep();
    pthread_kill(thread, SIGUSR1);
    others_sleep(); // again, or it has ended
    futex_call(&word, FUTEX_WAKE, 1, NULL, NULL, 0);
    pthread_join(thread, NULL);
    return error_of_wait == error;
}

static bool interruptions(void)
{
    static const struct old_timespec far = {1000, 0};

    return interrupted(0, NULL, EINTR) && interrupted(SA_RESTART, NULL, 0) &&
           interrupted(0, &far, EINTR) && interrupted(SA_RESTART, &far, EINTR);
}

// ---- barriers --------------------------------------------------------------

static long barrier(int command, unsigned flags)
{
    return syscall(SYS_membarrier, command, flags, 0);
}

static int membarriers(void *argument)
{
    long all = barrier(MEMBARRIER_CMD_QUERY, 0);

    (void)argument;
    if (!(all & MEMBARRIER_CMD_PRIVATE_EXPEDITED) ||
        !(all & MEMBARRIER_CMD_GLOBAL))
        return 1;
    // (Not the plain one: the dynamic linker has announced that.)
    if (barrier(MEMBARRIER_CMD_GLOBAL, 0) ||
        barrier(MEMBARRIER_CMD_PRIVATE_EXPEDITED_SYNC_CORE, 0) != -1 ||
        errno != EPERM)
        return 2;
    if (barrier(MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED, 0) ||
        barrier(MEMBARRIER_CMD_PRIVATE_EXPEDITED, 0))
        return 3;
    if (barrier(MEMBARRIER_CMD_GLOBAL, 5) != -1 || errno != EINVAL ||
        barrier(1 << 20, 0) != -1 || errno != EINVAL)
        return 4;
    return 0;
}

void suite_futexes(void)
{
    ktap_enter("futexes", 9);
    ktap_result(operations(), "operations of FUTEX_WAKE_OP");
    ktap_result(comparisons(), "comparisons of FUTEX_WAKE_OP");
    ktap_result(pi_errors(), "errors of locks with an owner");
    ktap_result(handed_over(), "a lock is handed over");
    ktap_result(pi_times_out(), "a lock with an owner times out");
    ktap_result(not_for_plain_calls(), "and is not for FUTEX_WAKE");
    ktap_result(clocks(), "clocks and arguments");
    ktap_result(interruptions(), "signals in a wait");
    ktap_result(exits_with(membarriers, NULL, 0), "membarrier");
    ktap_leave();
}
