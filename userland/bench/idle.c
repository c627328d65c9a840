// userland/bench/idle.c - a process in the idle task's place
// SPDX-License-Identifier: MIT
//
// Under QEMU's -icount the time stamp counts instructions, but where nothing
// runs it jumps to the next timer: while a disk is waited for it tells nothing.
// So something always runs: a child of the lowest priority, which counts what
// it does itself. What is left of the time stamp was done by others, whoever
// that was: the program, interrupt handlers, kswapd. What it costs to change to
// the child and back is in it; changing to the idle task would be, too.

#include "bench.h"

#include <sched.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

static volatile uint32_t *turns; // of the child
static pid_t child;

static void count_for_ever(void)
{
    struct sched_param none = {0};

    // Lowest there is, by whichever the kernel has: what it gets too much is
    // not counted, and only takes longer.
    (void)sched_setscheduler(0, SCHED_IDLE, &none);
    bench_check(setpriority(PRIO_PROCESS, 0, 19) == 0, "setpriority");
    bench_check(mlockall(MCL_CURRENT) == 0, "mlockall");
    // BENCH_IDLE_INSTRUCTIONS of them.
    __asm__ volatile("1: incl %0; jmp 1b" : "+m"(*turns));
}

void bench_idle_start(void)
{
    turns = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
                 -1, 0);
    bench_check(turns != MAP_FAILED, "mmap");
    bench_check(mlock((const void *)turns, PAGE) == 0, "mlock");
    child = bench_fork(count_for_ever);
    while (*turns == 0)
        sched_yield();
}

void bench_idle_stop(void)
{
    bench_kill(child);
    bench_unmap((void *)turns, PAGE);
    turns = NULL;
}

uint32_t bench_idle_turns(void)
{
    return turns ? *turns : 0;
}
