// userland/tests/threads_memory.c - threads that fault in the same memory
// SPDX-License-Identifier: MIT

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ktap.h"
#include "threads.h"

enum {
    THREADS = 8,
    PAGES = 256,
    PAGE_BYTES = 4096,
    ROUNDS = 8,
};

static pthread_barrier_t barrier;
static volatile unsigned char *memory;
static volatile int wrong;

// Each adds 1 to a byte of its own in every page, all at the same time.
static void *add_own(void *argument)
{
    unsigned self = (unsigned)(uintptr_t)argument;

    pthread_barrier_wait(&barrier);
    for (unsigned i = 0; i < PAGES; i++) {
        volatile unsigned char *page = memory + (size_t)i * PAGE_BYTES;

        page[self]++;
        if (i % 16 == self)
            sched_yield();
        if (page[THREADS] != 77) // what was there before
            wrong = 1;
    }
    return NULL;
}

static bool all_add(unsigned times)
{
    pthread_t threads[THREADS];

    pthread_barrier_init(&barrier, NULL, THREADS);
    for (unsigned i = 0; i < THREADS; i++)
        threads[i] = start(add_own, (void *)(uintptr_t)i);
    for (unsigned i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    for (unsigned i = 0; i < PAGES; i++)
        for (unsigned j = 0; j < THREADS; j++)
            if (memory[(size_t)i * PAGE_BYTES + j] != times)
                wrong = 1;
    return !wrong;
}

static void map_memory(int flags, int fd)
{
    memory = mmap(NULL, (size_t)PAGES * PAGE_BYTES, PROT_READ | PROT_WRITE,
                  flags, fd, 0);
    if (memory == MAP_FAILED)
        ktap_bail("no memory");
    wrong = 0;
}

static void fill(void)
{
    for (unsigned i = 0; i < PAGES; i++)
        memory[(size_t)i * PAGE_BYTES + THREADS] = 77;
}

static void unmap(void)
{
    munmap((void *)memory, (size_t)PAGES * PAGE_BYTES);
}

static _Noreturn int hold_still(void *argument)
{
    (void)argument;
    for (;;)
        pause();
}

// A child has the same pages: each first write copies one.
static bool copies(void)
{
    unsigned rounds = 0;
    bool ok = true;

    map_memory(MAP_PRIVATE | MAP_ANONYMOUS, -1);
    fill();
    while (rounds < ROUNDS && ok) {
        pid_t child = spawn(hold_still, NULL);

        ok = all_add(++rounds);
        kill(child, SIGKILL);
        wait_for(child);
    }
    unmap();
    return ok;
}

static bool swapped(void)
{
    bool ok = true;

    map_memory(MAP_PRIVATE | MAP_ANONYMOUS, -1);
    fill();
    for (unsigned i = 1; i <= ROUNDS && ok; i++) {
        madvise((void *)memory, (size_t)PAGES * PAGE_BYTES, MADV_PAGEOUT);
        ok = all_add(i);
    }
    unmap();
    return ok;
}

static bool of_file(int flags)
{
    char name[] = "/tmp/threads-XXXXXX";
    unsigned char page[PAGE_BYTES] = {[THREADS] = 77};
    int fd = mkstemp(name);
    bool ok;

    unlink(name);
    for (unsigned i = 0; i < PAGES; i++)
        if (write(fd, page, sizeof(page)) != (ssize_t)sizeof(page))
            return false;
    map_memory(flags, fd);
    ok = all_add(1);
    unmap();
    close(fd);
    return ok;
}

// ---- mapping while others use it -------------------------------------------

static volatile int stop_mapping;

static void *map_and_unmap(void *argument)
{
    (void)argument;
    for (unsigned i = 0; !stop_mapping; i++) {
        size_t bytes = (size_t)(1 + i % 16) * PAGE_BYTES;
        unsigned char *p = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
                                MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

        if (p == MAP_FAILED || p[bytes - 1] != 0)
            wrong = 1;
        p[0] = p[bytes - 1] = 1;
        if (i % 3 == 0)
            mprotect(p, bytes, PROT_READ);
        munmap(p, bytes);
    }
    return NULL;
}

static int end_at_once(void *argument)
{
    (void)argument;
    return 0;
}

static bool maps_and_forks(void)
{
    pthread_t threads[4];
    bool ok = true;

    wrong = stop_mapping = 0;
    for (int i = 0; i < 4; i++)
        threads[i] = start(map_and_unmap, NULL);
    for (int i = 0; i < 20 && ok; i++)
        ok = wait_for(spawn(end_at_once, NULL)) == 0;
    stop_mapping = 1;
    for (int i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
    return ok && !wrong;
}

// One takes away what another one uses: that is its death.
static void *take_away(void *argument)
{
    nap(10);
    munmap(argument, PAGE_BYTES);
    return NULL;
}

static _Noreturn int uses_what_goes(void *argument)
{
    volatile unsigned char *p = mmap(NULL, PAGE_BYTES, PROT_READ | PROT_WRITE,
                                     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    (void)argument;
    start(take_away, (void *)p);
    for (;;)
        p[0]++;
}

// Killed while its threads wait for a disk, or have just read from it.
static _Noreturn void *read_on(void *argument)
{
    static char buffer[THREADS][64 << 10];
    unsigned self = (unsigned)(uintptr_t)argument;

    for (;;) {
        int fd = open("/proc/self/exe", O_RDONLY);

        posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
        while (read(fd, buffer[self], sizeof(buffer[self])) > 0)
            continue;
        close(fd);
    }
}

static _Noreturn int reads(void *argument)
{
    (void)argument;
    for (unsigned i = 0; i < THREADS; i++)
        start(read_on, (void *)(uintptr_t)i);
    for (;;)
        pause();
}

static bool killed_in_io(void)
{
    for (int i = 0; i < 10; i++) {
        pid_t child = spawn(reads, NULL);

        nap(10 + i);
        kill(child, SIGKILL);
        if (wait_for(child) != SIGKILL)
            return false;
    }
    return true;
}

void suite_memory(void)
{
    ktap_enter("the same memory", 7);
    ktap_result(copies(), "pages are copied on writing");
    ktap_result(swapped(), "pages come from swap");
    ktap_result(of_file(MAP_PRIVATE), "pages of a file, private");
    ktap_result(of_file(MAP_SHARED), "pages of a file, shared");
    ktap_result(maps_and_forks(), "mapping and forking meanwhile");
    ktap_result(dies_of(uses_what_goes, NULL, SIGSEGV),
                "unmapped by another thread");
    ktap_result(killed_in_io(), "killed in I/O");
    ktap_leave();
}
