// userland/tests/timers_cpu.c - timers.c: of what was used of the CPU
// SPDX-License-Identifier: MIT

#include <errno.h>
#include <pthread.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "timers.h"

enum {
    TIMERS = 1000,
    THREADS = 300,
    STACK_BYTES = 16 << 10,
    PARTS = 100,
    PART_STEPS = 1000000,
    LONG_MS = 100000,
    SLOWER = 10,
};

static long used_ms(clockid_t clock)
{
    struct timespec now;

    return clock_gettime(clock, &now)
               ? -1
               : (long)now.tv_sec * 1000 + now.tv_nsec / MS;
}

enum {
    PROFILED = 0, // counted by ticks, as setitimer's timers are
    VIRTUAL = 1,  // ... in user mode alone
    USED = 2,
};

// The number of a clock of a process; 0: this one.
static clockid_t clock_of(pid_t pid, int what)
{
    return (clockid_t)(~(unsigned)pid << 3 | (unsigned)what);
}

static volatile sig_atomic_t count, code;

static void handler(int signal, siginfo_t *info, void *context)
{
    (void)signal;
    (void)context;
    count++;
    code = info->si_code;
}

static void handle(int signal)
{
    struct sigaction action = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO};

    count = code = 0;
    sigaction(signal, &action, NULL);
}

// A busy host swallows ticks of QEMU's: what is due is told by the clock that
// counts them, too.
static bool goes_off(int which, int signal, clockid_t clock)
{
    struct itimerval new = {.it_value = {0, 50000}, .it_interval = {0, 50000}};
    struct itimerval now, old;
    long start = used_ms(CLOCK_PROCESS_CPUTIME_ID), ticked = used_ms(clock);

    handle(signal);
    bool ok = setitimer(which, &new, NULL) == 0;
    ok = ok && getitimer(which, &now) == 0 &&
         now.it_interval.tv_usec == 50000 && now.it_value.tv_usec > 0;
    burn(start + 20);
    ok = ok && count == 0; // not early
    if (!ok)
        ktap_note("went off %d times in %ld ms", count,
                  used_ms(CLOCK_PROCESS_CPUTIME_ID) - start);
    for (long ms = 0; ms < 5000 && used_ms(clock) < ticked + 400; ms += 10)
        burn(start + ms);
    if (count < 6 || count > 9)
        ktap_note("went off %d times in %ld ms, of which %ld were counted",
                  count, used_ms(CLOCK_PROCESS_CPUTIME_ID) - start,
                  used_ms(clock) - ticked);
    ok = ok && count >= 6 && count <= 9 && code == SI_KERNEL;
    new = (struct itimerval){.it_value = {0, 0}};
    ok = ok && setitimer(which, &new, &old) == 0 &&
         old.it_interval.tv_usec == 50000 && getitimer(which, &now) == 0 &&
         !now.it_value.tv_usec && !now.it_interval.tv_usec;
    signal = 0;
    return ok;
}

static bool virtual_time(void)
{
    return goes_off(ITIMER_VIRTUAL, SIGVTALRM, clock_of(0, VIRTUAL));
}

static bool profiled(void)
{
    return goes_off(ITIMER_PROF, SIGPROF, clock_of(0, PROFILED));
}

static bool sleeping(void)
{
    struct itimerval new = {.it_value = {0, 20000}};

    handle(SIGPROF);
    bool ok = setitimer(ITIMER_PROF, &new, NULL) == 0;
    nap(200);
    ok = ok && count == 0;
    new.it_value.tv_usec = 0;
    return setitimer(ITIMER_PROF, &new, NULL) == 0 && ok;
}

static bool itimer_errors(void)
{
    struct itimerval wrong = {.it_value = {0, 1000000}}, now;

    return fails(getitimer(3, &now), EINVAL) &&
           fails(setitimer(3, &(struct itimerval){0}, NULL), EINVAL) &&
           fails(setitimer(ITIMER_PROF, &wrong, NULL), EINVAL) &&
           fails(syscall(SYS_setitimer, ITIMER_PROF, 4096, NULL), EFAULT) &&
           syscall(SYS_setitimer, ITIMER_PROF, NULL, NULL) == 0;
}

static bool inherited(void)
{
    struct itimerval new = {.it_value = {1000, 0}}, now;
    int status = 0;
    bool ok = setitimer(ITIMER_VIRTUAL, &new, NULL) == 0;
    pid_t child = fork();

    if (child == 0)
        _exit(getitimer(ITIMER_VIRTUAL, &now) == 0 && !now.it_value.tv_sec ? 0
                                                                           : 1);
    waitpid(child, &status, 0);
    new.it_value.tv_sec = 0;
    return setitimer(ITIMER_VIRTUAL, &new, NULL) == 0 && ok && status == 0;
}

static bool posix_timer(clockid_t clock)
{
    long start = used_ms(CLOCK_PROCESS_CPUTIME_ID);
    struct itimerspec now;
    int id;

    handle(SIGUSR2);
    bool ok = make(clock, SIGEV_SIGNAL, SIGUSR2, &id) == 0 &&
              set_ms(id, 0, 50, 0) == 0 && left(id, &now) == 0 &&
              now.it_value.tv_nsec > 0;
    nap(100);
    ok = ok && count == 0;
    // At a tick: see goes_off().
    for (long ms = 0; ms < 5000 && !count; ms += 10)
        burn(start + ms);
    ok = ok && used_ms(CLOCK_PROCESS_CPUTIME_ID) >= start + 50;
    burn(used_ms(CLOCK_PROCESS_CPUTIME_ID) + 100);
    ok = ok && count == 1 && code == SI_TIMER; // once
    return delete (id) == 0 && ok;
}

static bool of_process(void)
{
    return posix_timer(CLOCK_PROCESS_CPUTIME_ID);
}

static bool of_thread(void)
{
    return posix_timer(CLOCK_THREAD_CPUTIME_ID);
}

static bool others_clock(void)
{
    clockid_t clock;
    pid_t child = fork();

    if (child == 0) {
        burn(100);
        // As goes_off().
        for (long ms = 110; ms < 5000 && used_ms(clock_of(0, VIRTUAL)) < 50;
             ms += 10)
            burn(ms);
        pause();
    }
    bool ok = clock_getcpuclockid(child, &clock) == 0 &&
              clock == clock_of(child, USED);
    for (int tries = 0;
         ok && tries < 600 &&
         (used_ms(clock) < 90 || used_ms(clock_of(child, VIRTUAL)) < 50);
         tries++)
        nap(20);
    ok = ok && used_ms(clock) >= 90 && used_ms(clock_of(child, VIRTUAL)) >= 50;
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    return ok && fails(used_ms(clock), EINVAL);
}

static bool clock_numbers(void)
{
    struct timespec now;

    return used_ms(clock_of(0, 2)) >= 0 && used_ms(clock_of(0, 6)) >= 0 &&
           used_ms(clock_of(getpid(), 0)) >= 0 &&
           used_ms(clock_of(getpid(), 4)) >= 0 &&
           fails(used_ms(clock_of(1, 6)), EINVAL) && // not ours
           used_ms(clock_of(1, 2)) >= 0 &&
           fails(used_ms(clock_of(0, 3)), EINVAL) &&
           fails(used_ms(clock_of(999999, 2)), EINVAL) &&
           fails(clock_getres(clock_of(999999, 2), &now), EINVAL) &&
           clock_getres(clock_of(1, 2), &now) == 0;
}

// ---- many of them, and many threads -----------------------------------------

static int end[2]; // a pipe: closed at the end

static void *sleeps(void *unused)
{
    char byte;

    return read(end[0], &byte, 1) < 0 ? NULL : unused;
}

static long now_ms(void)
{
    return used_ms(CLOCK_MONOTONIC);
}

// A fixed piece of work, in so many milliseconds; given up after @most.
static long work_ms(long most)
{
    long start = now_ms();
    volatile unsigned steps = 0;

    for (int part = 0; part < PARTS && now_ms() - start < most; part++)
        for (int i = 0; i < PART_STEPS; i++)
            steps = steps + 1;
    return now_ms() - start;
}

static int start_threads(pthread_t *threads)
{
    pthread_attr_t small;
    int n = 0;

    pthread_attr_init(&small);
    pthread_attr_setstacksize(&small, STACK_BYTES);
    while (n < THREADS && !pthread_create(&threads[n], &small, sleeps, NULL))
        n++;
    pthread_attr_destroy(&small);
    return n;
}

// All timers are looked at by each tick, and all threads are summed up: but not
// these for each of those.
static bool many_with_threads(void)
{
    static pthread_t threads[THREADS];
    static int ids[TIMERS];
    long alone = work_ms(LONG_MS), loaded;
    int n, made = 0;
    bool ok;

    n = pipe(end) ? 0 : start_threads(threads);
    while (made < TIMERS && make(CLOCK_PROCESS_CPUTIME_ID, SIGEV_SIGNAL,
                                 SIGUSR1, &ids[made]) == 0)
        made++;
    ok = n == THREADS && made >= TIMERS / 2;
    for (int i = 0; i < made; i++)
        ok = set_ms(ids[i], 0, LONG_MS, 0) == 0 && ok;
    loaded = work_ms(SLOWER * alone);
    for (int i = 0; i < made; i++)
        delete (ids[i]);
    close(end[1]);
    while (n)
        pthread_join(threads[--n], NULL);
    close(end[0]);
    return ok && loaded < SLOWER * alone;
}

static const struct ktap_test tests[] = {
    {"virtual", virtual_time},        {"profiled", profiled},
    {"sleeping", sleeping},           {"errors", itimer_errors},
    {"inherited", inherited},         {"of process", of_process},
    {"of thread", of_thread},         {"others' clock", others_clock},
    {"clock numbers", clock_numbers}, {"many with threads", many_with_threads},
};

const struct ktap_suite cpu_suite = KTAP_SUITE("cpu", tests);
