// userland/tests/threads_robust.c - locks whose owner ends
// SPDX-License-Identifier: MIT

#include <errno.h>
#include <linux/futex.h>
#include <signal.h>
#include <stddef.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ktap.h"
#include "threads.h"

static void init_robust(pthread_mutex_t *lock, int protocol)
{
    pthread_mutexattr_t attributes;

    pthread_mutexattr_init(&attributes);
    pthread_mutexattr_setrobust(&attributes, PTHREAD_MUTEX_ROBUST);
    pthread_mutexattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED);
    pthread_mutexattr_setprotocol(&attributes, protocol);
    if (pthread_mutex_init(lock, &attributes))
        ktap_bail("no robust mutex");
}

static void *lock_and_end(void *argument)
{
    return (void *)(intptr_t)pthread_mutex_lock(argument);
}

// Nobody waits when the owner ends.
static bool owner_ends(int protocol)
{
    pthread_mutex_t lock;

    init_robust(&lock, protocol);
    pthread_join(start(lock_and_end, &lock), NULL);
    return pthread_mutex_lock(&lock) == EOWNERDEAD &&
           pthread_mutex_consistent(&lock) == 0 &&
           pthread_mutex_unlock(&lock) == 0 && pthread_mutex_lock(&lock) == 0 &&
           pthread_mutex_unlock(&lock) == 0;
}

static bool not_recovered(void)
{
    pthread_mutex_t lock;

    init_robust(&lock, PTHREAD_PRIO_NONE);
    pthread_join(start(lock_and_end, &lock), NULL);
    return pthread_mutex_lock(&lock) == EOWNERDEAD &&
           pthread_mutex_unlock(&lock) == 0 &&
           pthread_mutex_lock(&lock) == ENOTRECOVERABLE;
}

struct shared {
    pthread_mutex_t lock;
    volatile int held;
};

static _Noreturn int hold_forever(void *argument)
{
    struct shared *s = argument;

    pthread_mutex_lock(&s->lock);
    s->held = 1;
    for (;;)
        pause();
}

static void *wait_for_lock(void *argument)
{
    pthread_mutex_t *lock = argument;
    int result = pthread_mutex_lock(lock);

    if (result == EOWNERDEAD)
        pthread_mutex_consistent(lock);
    pthread_mutex_unlock(lock);
    return (void *)(intptr_t)result;
}

// The owner is a process that is killed while several wait.
static bool owner_is_killed(int protocol)
{
    struct shared *s = shared_page();
    pthread_t threads[3];
    int dead = 0, clean = 0;
    pid_t child;

    init_robust(&s->lock, protocol);
    child = spawn(hold_forever, s);
    if (!until(&s->held, 1))
        return false;
    for (int i = 0; i < 3; i++)
        threads[i] = start(wait_for_lock, &s->lock);
    others_sleep();
    kill(child, SIGKILL);
    for (int i = 0; i < 3; i++) {
        void *result;

        pthread_join(threads[i], &result);
        dead += (intptr_t)result == EOWNERDEAD;
        clean += (intptr_t)result == 0;
    }
    return wait_for(child) == SIGKILL && dead == 1 && clean == 2;
}

static int hold_and_exec(void *argument)
{
    struct shared *s = argument;

    pthread_mutex_lock(&s->lock);
    execl("/bin/true", "true", NULL);
    return 1;
}

static bool owner_execs(void)
{
    struct shared *s = shared_page();

    init_robust(&s->lock, PTHREAD_PRIO_NONE);
    return exits_with(hold_and_exec, s, 0) &&
           pthread_mutex_lock(&s->lock) == EOWNERDEAD;
}

// ---- the list itself -------------------------------------------------------

struct entry {
    struct entry *next;
    volatile uint32_t word;
};

struct head {
    struct entry *first;
    long offset;
    struct entry *pending;
};

#define OFFSET offsetof(struct entry, word)

static struct {
    struct head head;
    struct entry entries[3];
} * lists;

static int with_list(void *argument)
{
    (void)argument;
    for (int i = 0; i < 3; i++)
        if (lists->entries[i].word == 1)
            lists->entries[i].word = (uint32_t)own_tid() | FUTEX_WAITERS;
    syscall(SYS_set_robust_list, &lists->head, sizeof(lists->head));
    return 0;
}

static bool words_are(uint32_t a, uint32_t b, uint32_t c)
{
    return lists->entries[0].word == a && lists->entries[1].word == b &&
           lists->entries[2].word == c;
}

// set_list - three entries, 1: this child's own.
static void set_list(uint32_t a, uint32_t b, uint32_t c)
{
    lists->entries[0] = (struct entry){&lists->entries[1], a};
    lists->entries[1] = (struct entry){&lists->entries[2], b};
    lists->entries[2] = (struct entry){(struct entry *)&lists->head, c};
    lists->head = (struct head){&lists->entries[0], OFFSET, NULL};
}

#define DEAD (FUTEX_WAITERS | FUTEX_OWNER_DIED)

static bool only_its_own(void)
{
    set_list(1, 77777, 1);
    return exits_with(with_list, NULL, 0) && words_are(DEAD, 77777, DEAD);
}

static bool pending_one(void)
{
    set_list(1, 1, 1);
    lists->entries[0].next = (struct entry *)&lists->head;
    lists->head.pending = &lists->entries[2];
    return exits_with(with_list, NULL, 0) && lists->entries[0].word == DEAD &&
           lists->entries[1].word != DEAD && lists->entries[2].word == DEAD;
}

static bool bad_pointers(void)
{
    set_list(1, 1, 1);
    lists->entries[0].next = (struct entry *)0xfffff000u;
    if (!exits_with(with_list, NULL, 0) || lists->entries[0].word != DEAD)
        return false;
    set_list(1, 1, 1);
    lists->entries[1].next = (struct entry *)12; // not there
    lists->head.pending = (struct entry *)0x1000;
    if (!exits_with(with_list, NULL, 0) || lists->entries[1].word != DEAD)
        return false;
    set_list(1, 1, 1);
    lists->head.offset = 1; // words are not aligned
    return exits_with(with_list, NULL, 0) && lists->entries[0].word != DEAD;
}

static bool circle(void)
{
    set_list(1, 1, 1);
    lists->entries[2].next = &lists->entries[0];
    return exits_with(with_list, NULL, 0) && words_are(DEAD, DEAD, DEAD);
}

static bool arguments(void)
{
    struct head head = {0}, *got = NULL;
    size_t bytes = 0;
    void *before = NULL;
    bool ok;

    syscall(SYS_get_robust_list, 0, &before, &bytes);
    ok = bytes == sizeof(head) &&
         syscall(SYS_set_robust_list, &head, sizeof(head) + 1) == -1 &&
         errno == EINVAL &&
         syscall(SYS_set_robust_list, &head, sizeof(head)) == 0 &&
         syscall(SYS_get_robust_list, 0, &got, &bytes) == 0 && got == &head &&
         syscall(SYS_get_robust_list, own_tid(), &got, &bytes) == 0 &&
         syscall(SYS_get_robust_list, 999999, &got, &bytes) == -1 &&
         errno == ESRCH;
    syscall(SYS_set_robust_list, before, sizeof(head));
    return ok;
}

void suite_robust(void)
{
    lists = shared_page();
    ktap_enter("locks whose owner ends", 11);
    ktap_result(owner_ends(PTHREAD_PRIO_NONE), "a thread ends with a lock");
    ktap_result(owner_ends(PTHREAD_PRIO_INHERIT),
                "a thread ends with a lock that is handed over");
    ktap_result(not_recovered(), "not recovered");
    ktap_result(owner_is_killed(PTHREAD_PRIO_NONE), "a process is killed");
    ktap_result(owner_is_killed(PTHREAD_PRIO_INHERIT),
                "a process is killed with a lock that is handed over");
    ktap_result(owner_execs(), "a process runs another program");
    ktap_result(only_its_own(), "only its own locks");
    ktap_result(pending_one(), "the one under way");
    ktap_result(bad_pointers(), "bad pointers");
    ktap_result(circle(), "a list without end");
    ktap_result(arguments(), "arguments of set_robust_list");
    ktap_leave();
}
