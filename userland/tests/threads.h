// userland/tests/threads.h - the suites of the program `threads`
// SPDX-License-Identifier: MIT
#pragma once

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

// The suites. Each is one KTAP test with sub-tests.
void suite_sync(void);
void suite_robust(void);
void suite_signals(void);
void suite_stop(void);
void suite_life(void);
void suite_exec(void);
void suite_clone(void);
void suite_futexes(void);
void suite_proc(void);
void suite_memory(void);

// exec_child - what `threads --child ...` does, run by the exec suite.
int exec_child(int argc, char **argv);
// exec_main - its leader ends by pthread_exit, before another thread does.
int exec_main(void);
// A path by which this program can be run, if its leader has ended, too.
#define OWN_PATH "/proc/thread-self/exe"

// start - a thread; bails out. nap - some milliseconds.
pthread_t start(void *(*run)(void *), void *argument);
// For loops that look for something, and where threads are cut down at whatever
// they do, running or not: no result depends on how long it takes.
void nap(int milliseconds);

// others_sleep - wait until every other thread of this process waits for
// something; the program ends if they do not.
void others_sleep(void);

// all_sleep - the same for all threads of the process @pid.
void all_sleep(pid_t pid);

// until - wait until *@flag is @value, for at most some seconds.
// Return: whether it is.
bool until(const volatile int *flag, int value);

// spawn - run in a forked process that ends with what it returns.
// wait_for - its wait status; -1.
pid_t spawn(int (*run)(void *), void *argument);
int wait_for(pid_t child);
bool exits_with(int (*run)(void *), void *argument, int status);
bool dies_of(int (*run)(void *), void *argument, int signal);

// shared_page - zeroed memory that children share; bails out.
void *shared_page(void);

// A thread by the system call alone: no C library in between. It runs on
// 64 KiB; raw_thread_exit ends it.
pid_t raw_thread(int (*run)(void *), void *argument);
_Noreturn void raw_thread_exit(int status);
pid_t own_tid(void);

long futex_call(volatile uint32_t *word, int op, uint32_t value,
                const void *timeout_or_count, volatile uint32_t *word2,
                uint32_t value3);
