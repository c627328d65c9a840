// userland/tests/threads_life.c - how threads begin and end; who is whose child
// SPDX-License-Identifier: MIT

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "asleep.h"
#include "ktap.h"
#include "threads.h"

enum {
    MANY = 500,
    SMALL_STACK = 32 << 10,
};

static volatile int *flags; // shared with children

// ---- the leader first ------------------------------------------------------

static int end_later(void *argument)
{
    (void)argument;
    until(&flags[0], 1);
    return 3;
}

static int leader_first(void *argument)
{
    (void)argument;
    raw_thread(end_later, NULL);
    raw_thread_exit(7);
}

static bool leader_ends_first(void)
{
    pid_t child;
    int status;
    bool ok;

    flags[0] = 0;
    child = spawn(leader_first, NULL);
    ok = comes_to(child, 'Z') && waitpid(child, &status, WNOHANG) == 0 &&
         kill(child, 0) == 0;
    flags[0] = 1;
    return wait_for(child) == 3 << 8 && ok; // of the last one
}

static bool killed_after_leader(void)
{
    pid_t child;

    flags[0] = 0;
    child = spawn(leader_first, NULL);
    if (!comes_to(child, 'Z'))
        return false;
    kill(child, SIGTERM);
    return wait_for(child) == SIGTERM;
}

static void *join_main(void *argument)
{
    pthread_join(*(pthread_t *)argument, NULL);
    _exit(5);
}

int exec_main(void)
{
    static pthread_t self;

    self = pthread_self();
    start(join_main, &self);
    pthread_exit(NULL);
}

static int main_exits(void *argument)
{
    (void)argument;
    execl(OWN_PATH, "threads", "--main", NULL);
    return 1;
}

// ---- all at once -----------------------------------------------------------

static _Noreturn void *wait_for_ever(void *argument)
{
    (void)argument;
    for (;;)
        futex_call((volatile uint32_t *)&flags[1], 0, 0, NULL, NULL, 0);
}

static void *end_all(void *argument)
{
    (void)argument;
    nap(5);
    _exit(9); // exit_group
}

static int ended_by_thread(void *argument)
{
    (void)argument;
    for (int i = 0; i < 5; i++)
        start(wait_for_ever, NULL);
    start(end_all, NULL);
    wait_for_ever(NULL);
    return 0;
}

static int returns_from_main(void *argument)
{
    (void)argument;
    for (int i = 0; i < 5; i++)
        start(wait_for_ever, NULL);
    nap(5);
    return 11;
}

// ---- many ------------------------------------------------------------------

static pthread_mutex_t many_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t many_go = PTHREAD_COND_INITIALIZER;
static unsigned many_there;

static void *one_of_many(void *argument)
{
    (void)argument;
    pthread_mutex_lock(&many_lock);
    if (++many_there == MANY)
        pthread_cond_broadcast(&many_go);
    while (many_there < MANY)
        pthread_cond_wait(&many_go, &many_lock);
    pthread_mutex_unlock(&many_lock);
    return (void *)1;
}

static bool many_threads(void)
{
    static pthread_t threads[MANY];
    pthread_attr_t attributes;
    unsigned ended = 0;

    many_there = 0;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, SMALL_STACK);
    for (unsigned i = 0; i < MANY; i++)
        if (pthread_create(&threads[i], &attributes, one_of_many, NULL))
            return false;
    for (unsigned i = 0; i < MANY; i++) {
        void *result = NULL;

        pthread_join(threads[i], &result);
        ended += result == (void *)1;
    }
    return ended == MANY;
}

static int too_many(void *argument)
{
    struct rlimit limit = {20, 20};
    int made = 0;
    pthread_t thread;

    (void)argument;
    setrlimit(RLIMIT_NPROC, &limit);
    if (setuid(12345))
        return 100;
    while (made < 50 && pthread_create(&thread, NULL, wait_for_ever, NULL) == 0)
        made++;
    return made;
}

// ---- children --------------------------------------------------------------

static int exit_with(void *argument)
{
    return *(int *)argument;
}

static volatile pid_t child_of_thread;

static void *make_child(void *argument)
{
    child_of_thread = spawn(exit_with, argument);
    return NULL;
}

static bool child_of_ended_thread(void)
{
    int status = 6;

    pthread_join(start(make_child, &status), NULL);
    return wait_for(child_of_thread) == 6 << 8;
}

static int says_its_parent(void *argument)
{
    nap(30); // the thread that made it has ended
    return getppid() == *(pid_t *)argument ? 0 : 1;
}

static void *make_asker(void *argument)
{
    child_of_thread = spawn(says_its_parent, argument);
    return NULL;
}

static bool parent_is_process(void)
{
    pid_t self = getpid();

    pthread_join(start(make_asker, &self), NULL);
    return wait_for(child_of_thread) == 0;
}

static volatile int stay;

static void *make_child_and_stay(void *argument)
{
    child_of_thread = spawn(exit_with, argument);
    stay = 1;
    until(&stay, 2);
    return NULL;
}

static bool not_this_threads(void)
{
    int code = 4, status;
    pthread_t thread;
    bool ok;

    stay = 0;
    thread = start(make_child_and_stay, &code);
    until(&stay, 1);
    ok = waitpid(-1, &status, __WNOTHREAD) == -1 && errno == ECHILD &&
         waitpid(-1, &status, __WCLONE) == -1 && errno == ECHILD;
    stay = 2;
    pthread_join(thread, NULL);
    return waitpid(-1, &status, __WALL) == child_of_thread &&
           status == 4 << 8 && ok;
}

static int has_one_thread(void *argument)
{
    char text[512];
    int fd = open("/proc/self/status", O_RDONLY);
    ssize_t bytes = read(fd, text, sizeof(text) - 1);

    (void)argument;
    close(fd);
    text[bytes > 0 ? bytes : 0] = '\0';
    return getpid() == own_tid() ? 0 : 1;
}

static void *fork_here(void *argument)
{
    *(int *)argument = wait_for(spawn(has_one_thread, NULL));
    return NULL;
}

static bool forks_in_thread(void)
{
    int status = -1;

    pthread_join(start(fork_here, &status), NULL);
    return status == 0;
}

// ---- orphans ---------------------------------------------------------------

static int orphan(void *argument)
{
    pid_t parent = getppid();

    (void)argument;
    flags[3] = 1;
    for (int i = 0; i < 5000 && getppid() == parent; i++)
        nap(2);
    flags[4] = getppid();
    return 21;
}

static int leave_orphan(void *argument)
{
    flags[5] = spawn(orphan, argument);
    until(&flags[3], 1);
    return 0;
}

static int adopts(void *argument)
{
    int on = 0;

    (void)argument;
    flags[3] = flags[4] = 0;
    if (prctl(PR_SET_CHILD_SUBREAPER, 1) ||
        prctl(PR_GET_CHILD_SUBREAPER, &on) || on != 1)
        return 1;
    if (wait_for(spawn(leave_orphan, NULL)) != 0)
        return 2;
    if (wait_for(flags[5]) != 21 << 8)
        return 3;
    return flags[4] == getpid() ? 0 : 4;
}

static _Noreturn int dies_with_parent(void *argument)
{
    prctl(PR_SET_PDEATHSIG, *(int *)argument);
    flags[6] = getpid();
    for (;;)
        pause();
}

static void *make_mourner(void *argument)
{
    child_of_thread = spawn(dies_with_parent, argument);
    for (int i = 0; i < 5000 && flags[6] != child_of_thread; i++)
        nap(2);
    return NULL;
}

static bool death_signal(void)
{
    int signal = SIGUSR2, got = 0;

    flags[6] = 0;
    pthread_join(start(make_mourner, &signal), NULL);
    return wait_for(child_of_thread) == SIGUSR2 &&
           prctl(PR_GET_PDEATHSIG, &got) == 0 && got == 0 &&
           prctl(PR_SET_PDEATHSIG, 65) == -1 && errno == EINVAL;
}

// ---- of the process, of the thread -----------------------------------------

static void *set_limit(void *argument)
{
    struct rlimit limit = {77, 100};

    (void)argument;
    setrlimit(RLIMIT_NOFILE, &limit);
    setpgid(0, 0);
    prctl(PR_SET_NAME, "second");
    setpriority(PRIO_PROCESS, 0, 5);
    return NULL;
}

static int shares_limits(void *argument)
{
    struct rlimit limit;
    char name[16];

    (void)argument;
    prctl(PR_SET_NAME, "first");
    pthread_join(start(set_limit, NULL), NULL);
    getrlimit(RLIMIT_NOFILE, &limit);
    prctl(PR_GET_NAME, name);
    return limit.rlim_cur == 77 && getpgrp() == getpid() &&
                   strcmp(name, "first") == 0 &&
                   getpriority(PRIO_PROCESS, 0) == 0
               ? 0
               : 1;
}

static void *use_time(void *argument)
{
    struct rusage usage;
    volatile unsigned count = 0;

    do {
        for (unsigned i = 0; i < 100000; i++)
            count = count + 1;
        getrusage(RUSAGE_THREAD, &usage);
    } while (usage.ru_utime.tv_sec == 0 && usage.ru_utime.tv_usec < 50000);
    (void)argument;
    return NULL;
}

static bool usage_adds_up(void)
{
    struct rusage own, all, before;

    getrusage(RUSAGE_SELF, &before);
    pthread_join(start(use_time, NULL), NULL);
    getrusage(RUSAGE_THREAD, &own);
    getrusage(RUSAGE_SELF, &all);
    return (all.ru_utime.tv_sec - before.ru_utime.tv_sec) * 1000000 +
                   all.ru_utime.tv_usec - before.ru_utime.tv_usec >=
               25000 && // the kernels count in different steps
           own.ru_utime.tv_sec * 1000000 + own.ru_utime.tv_usec + 20000 <
               all.ru_utime.tv_sec * 1000000 + all.ru_utime.tv_usec;
}

static bool keeps_flags(void)
{
    return prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 0 &&
           prctl(PR_SET_NO_NEW_PRIVS, 2, 0, 0, 0) == -1 && errno == EINVAL &&
           prctl(PR_SET_KEEPCAPS, 2) == -1 && errno == EINVAL &&
           prctl(PR_SET_KEEPCAPS, 1) == 0 && prctl(PR_GET_KEEPCAPS) == 1 &&
           prctl(PR_SET_KEEPCAPS, 0) == 0 && prctl(PR_GET_DUMPABLE) == 1 &&
           prctl(PR_SET_DUMPABLE, 0) == 0 && prctl(PR_GET_DUMPABLE) == 0 &&
           prctl(PR_SET_DUMPABLE, 5) == -1 && errno == EINVAL &&
           prctl(PR_SET_DUMPABLE, 1) == 0;
}

void suite_life(void)
{
    flags = shared_page();
    ktap_enter("life", 18);
    ktap_result(leader_ends_first(), "the leader ends first");
    ktap_result(killed_after_leader(), "killed when the leader has ended");
    ktap_result(exits_with(main_exits, NULL, 5), "main ends by pthread_exit");
    ktap_result(exits_with(ended_by_thread, NULL, 9),
                "a thread ends the process");
    ktap_result(exits_with(returns_from_main, NULL, 11),
                "the leader ends the process");
    ktap_result(many_threads(), "500 threads");
    ktap_result(exits_with(too_many, NULL, 19), "RLIMIT_NPROC counts threads");
    ktap_result(child_of_ended_thread(), "a child of a thread that has ended");
    ktap_result(parent_is_process(), "its parent is the process");
    ktap_result(not_this_threads(), "__WNOTHREAD");
    ktap_result(forks_in_thread(), "fork in a thread");
    ktap_result(exits_with(adopts, NULL, 0), "PR_SET_CHILD_SUBREAPER");
    ktap_result(death_signal(), "PR_SET_PDEATHSIG, of the thread");
    ktap_result(exits_with(shares_limits, NULL, 0),
                "limits and group are the process's, name and nice are not");
    ktap_result(usage_adds_up(), "RUSAGE_THREAD, RUSAGE_SELF");
    ktap_result(keeps_flags(), "flags of prctl");
    ktap_result(many_threads(), "500 more");
    ktap_result(waitpid(-1, NULL, 0) == -1 && errno == ECHILD,
                "no child is left");
    ktap_leave();
}
