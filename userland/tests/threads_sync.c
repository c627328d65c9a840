// userland/tests/threads_sync.c - mutexes, condition variables, barriers, TLS
// SPDX-License-Identifier: MIT

#include <errno.h>
#include <semaphore.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "ktap.h"
#include "threads.h"

enum {
    THREADS = 8,
    HAND_OVERS = 100000,
    ROUNDS = 20000,
    BARRIER_ROUNDS = 200,
    SHARED_ROUNDS = 2000,
};

// ---- the token goes round --------------------------------------------------

static struct {
    pthread_mutex_t lock;
    pthread_cond_t turns[THREADS];
    unsigned turn; // hand-overs so far
    uint64_t sum;
} ring = {.lock = PTHREAD_MUTEX_INITIALIZER};

static void *take_turns(void *argument)
{
    unsigned self = (unsigned)(uintptr_t)argument;

    pthread_mutex_lock(&ring.lock);
    for (;;) {
        while (ring.turn < HAND_OVERS && ring.turn % THREADS != self)
            pthread_cond_wait(&ring.turns[self], &ring.lock);
        if (ring.turn >= HAND_OVERS)
            break;
        ring.sum += ring.turn++;
        pthread_cond_signal(&ring.turns[(self + 1) % THREADS]);
    }
    for (unsigned i = 0; i < THREADS; i++)
        pthread_cond_signal(&ring.turns[i]);
    pthread_mutex_unlock(&ring.lock);
    return NULL;
}

static bool hand_overs(void)
{
    pthread_t threads[THREADS];

    for (unsigned i = 0; i < THREADS; i++)
        pthread_cond_init(&ring.turns[i], NULL);
    for (unsigned i = 0; i < THREADS; i++)
        threads[i] = start(take_turns, (void *)(uintptr_t)i);
    for (unsigned i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    return ring.sum == (uint64_t)HAND_OVERS * (HAND_OVERS - 1) / 2;
}

// ---- all at once -----------------------------------------------------------

static pthread_mutex_t mutex;
static volatile unsigned counter;

static void *count_up(void *argument)
{
    for (unsigned i = 0; i < ROUNDS; i++) {
        pthread_mutex_lock(&mutex);
        counter = counter + 1;
        if (i % 512 == 0 && argument)
            sched_yield(); // with the lock held
        pthread_mutex_unlock(&mutex);
    }
    return NULL;
}

static bool contended(int type, int protocol)
{
    pthread_t threads[THREADS];
    pthread_mutexattr_t attributes;

    pthread_mutexattr_init(&attributes);
    pthread_mutexattr_settype(&attributes, type);
    if (pthread_mutexattr_setprotocol(&attributes, protocol))
        return false;
    pthread_mutex_init(&mutex, &attributes);
    counter = 0;
    for (unsigned i = 0; i < THREADS; i++)
        threads[i] = start(count_up, (void *)&counter);
    for (unsigned i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    return counter == THREADS * ROUNDS;
}

static pthread_barrier_t barrier;
static volatile unsigned stage[THREADS];
static volatile int out_of_step, serial;

static void *in_step(void *argument)
{
    unsigned self = (unsigned)(uintptr_t)argument;

    for (unsigned round = 1; round <= BARRIER_ROUNDS; round++) {
        stage[self] = round;
        if (pthread_barrier_wait(&barrier) == PTHREAD_BARRIER_SERIAL_THREAD)
            __atomic_add_fetch(&serial, 1, __ATOMIC_SEQ_CST);
        for (unsigned i = 0; i < THREADS; i++)
            if (stage[i] < round)
                out_of_step = 1;
        pthread_barrier_wait(&barrier);
    }
    return NULL;
}

static bool barriers(void)
{
    pthread_t threads[THREADS];

    pthread_barrier_init(&barrier, NULL, THREADS);
    for (unsigned i = 0; i < THREADS; i++)
        threads[i] = start(in_step, (void *)(uintptr_t)i);
    for (unsigned i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    return !out_of_step && serial == BARRIER_ROUNDS;
}

// ---- times -----------------------------------------------------------------

static struct timespec soon(clockid_t clock)
{
    struct timespec at;

    clock_gettime(clock, &at);
    at.tv_nsec += 20000000;
    if (at.tv_nsec >= 1000000000) {
        at.tv_nsec -= 1000000000;
        at.tv_sec++;
    }
    return at;
}

static bool is_past(clockid_t clock, const struct timespec *at)
{
    struct timespec now;

    clock_gettime(clock, &now);
    return now.tv_sec > at->tv_sec ||
           (now.tv_sec == at->tv_sec && now.tv_nsec >= at->tv_nsec);
}

static bool condition_times_out(clockid_t clock)
{
    pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    pthread_condattr_t attributes;
    pthread_cond_t never;
    struct timespec at = soon(clock);

    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, clock);
    pthread_cond_init(&never, &attributes);
    pthread_mutex_lock(&lock);
    return pthread_cond_timedwait(&never, &lock, &at) == ETIMEDOUT &&
           is_past(clock, &at);
}

static void *try_for_a_time(void *argument)
{
    struct timespec at = soon(CLOCK_REALTIME);
    int result = pthread_mutex_timedlock(argument, &at);

    return (void *)(intptr_t)(result == ETIMEDOUT &&
                              is_past(CLOCK_REALTIME, &at));
}

static bool lock_times_out(int protocol)
{
    pthread_mutexattr_t attributes;
    pthread_mutex_t lock;
    void *result;

    pthread_mutexattr_init(&attributes);
    pthread_mutexattr_setprotocol(&attributes, protocol);
    pthread_mutex_init(&lock, &attributes);
    pthread_mutex_lock(&lock);
    pthread_join(start(try_for_a_time, &lock), &result);
    return result && pthread_mutex_unlock(&lock) == 0 &&
           pthread_mutex_trylock(&lock) == 0;
}

// ---- between processes -----------------------------------------------------

struct shared {
    pthread_mutex_t lock;
    pthread_cond_t change;
    sem_t semaphore;
    unsigned turn, posted;
};

static int other_process(void *argument)
{
    struct shared *s = argument;

    pthread_mutex_lock(&s->lock);
    for (unsigned i = 0; i < SHARED_ROUNDS; i++) {
        while (s->turn % 2 == 0)
            pthread_cond_wait(&s->change, &s->lock);
        s->turn++;
        pthread_cond_signal(&s->change);
        sem_post(&s->semaphore);
    }
    pthread_mutex_unlock(&s->lock);
    return 0;
}

static bool between_processes(void)
{
    struct shared *s = shared_page();
    pthread_mutexattr_t mutex_attributes;
    pthread_condattr_t attributes;
    pid_t child;

    pthread_mutexattr_init(&mutex_attributes);
    pthread_mutexattr_setpshared(&mutex_attributes, PTHREAD_PROCESS_SHARED);
    pthread_mutex_init(&s->lock, &mutex_attributes);
    pthread_condattr_init(&attributes);
    pthread_condattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED);
    pthread_cond_init(&s->change, &attributes);
    sem_init(&s->semaphore, 1, 0);
    child = spawn(other_process, s);
    pthread_mutex_lock(&s->lock);
    for (unsigned i = 0; i < SHARED_ROUNDS; i++) {
        while (s->turn % 2 == 1)
            pthread_cond_wait(&s->change, &s->lock);
        s->turn++;
        pthread_cond_signal(&s->change);
    }
    pthread_mutex_unlock(&s->lock);
    for (unsigned i = 0; i < SHARED_ROUNDS; i++)
        while (sem_wait(&s->semaphore))
            continue;
    return wait_for(child) == 0 && s->turn == 2 * SHARED_ROUNDS &&
           sem_trywait(&s->semaphore) == -1;
}

// ---- thread-local storage --------------------------------------------------

static __thread volatile unsigned mine;
static volatile int strangers;
static volatile int handled;

static void handle(int signal)
{
    (void)signal;
    if (mine % THREADS != mine / 1000) // whoever this is
        strangers = 1;
    mine += 0;
    __atomic_add_fetch(&handled, 1, __ATOMIC_SEQ_CST);
}

static void *keep_mine(void *argument)
{
    unsigned self = (unsigned)(uintptr_t)argument;

    mine = self * 1001;
    for (unsigned i = 0; i < 300; i++) {
        sched_yield();
        pthread_kill(pthread_self(), SIGUSR1);
        if (mine != self * 1001)
            strangers = 1;
    }
    return (void *)(uintptr_t)&mine;
}

static bool own_storage(void)
{
    struct sigaction action = {.sa_handler = handle};
    pthread_t threads[THREADS];
    void *last = NULL;

    sigaction(SIGUSR1, &action, NULL);
    mine = 0;
    for (unsigned i = 0; i < THREADS; i++)
        threads[i] = start(keep_mine, (void *)(uintptr_t)i);
    for (unsigned i = 0; i < THREADS; i++)
        pthread_join(threads[i], &last);
    signal(SIGUSR1, SIG_DFL);
    return !strangers && handled == THREADS * 300 && last != &mine;
}

void suite_sync(void)
{
    ktap_enter("mutexes and condition variables", 12);
    ktap_result(hand_overs(), "8 threads, 100000 hand-overs, the right sum");
    ktap_result(contended(PTHREAD_MUTEX_NORMAL, PTHREAD_PRIO_NONE),
                "a contended mutex");
    ktap_result(contended(PTHREAD_MUTEX_RECURSIVE, PTHREAD_PRIO_NONE),
                "a recursive one");
    ktap_result(contended(PTHREAD_MUTEX_ERRORCHECK, PTHREAD_PRIO_INHERIT),
                "one with an owner that is handed over");
    ktap_result(barriers(), "barriers");
    ktap_result(condition_times_out(CLOCK_REALTIME),
                "a condition times out by the wall clock");
    ktap_result(condition_times_out(CLOCK_MONOTONIC),
                "a condition times out by the monotonic clock");
    ktap_result(lock_times_out(PTHREAD_PRIO_NONE), "a lock times out");
    ktap_result(lock_times_out(PTHREAD_PRIO_INHERIT),
                "a lock that is handed over times out");
    ktap_result(between_processes(), "between processes");
    ktap_result(own_storage(), "thread-local storage, switches and signals");
    ktap_result(contended(PTHREAD_MUTEX_NORMAL, PTHREAD_PRIO_INHERIT),
                "a normal one that is handed over");
    ktap_leave();
}
