// userland/tests/inject_ops.c - inject.c's operations on memory
// SPDX-License-Identifier: MIT
//
// Each gives back all it took when it succeeds; what it leaves when it fails is
// given back by the end of its process.

#include <asm/ldt.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <sched.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "inject.h"

#define SHARED_FILE "/tmp/inject-shared"

enum {
    PAGE_BYTES = 4096,
    TABLE_SPAN = 4 << 20, // more than one page table's
    FILE_STEP = 256 << 10,
    STACK_BYTES = 4 << 20,
    STACK_STRIDE = 100, // pages
};

int inject_await(pid_t pid)
{
    int status;

    if (pid < 0)
        return errno;
    // Reads no memory that has to be allocated.
    while (waitpid(pid, &status, 0) < 0)
        ;
    return status ? WRONG : 0;
}

int inject_fork(void)
{
    pid_t pid = fork();

    if (pid == 0)
        _exit(0);
    return inject_await(pid);
}

static _Noreturn int end_thread(void *argument)
{
    (void)argument;
    for (;;)
        syscall(SYS_exit, 0);
}

// A thread by the system call alone, which ends at once.
static int do_thread(void)
{
    static char stack[4096] __attribute__((aligned(16)));
    static volatile uint32_t tid;
    const int flags = CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND |
                      CLONE_THREAD | CLONE_CHILD_CLEARTID | CLONE_PARENT_SETTID;

    tid = 1;
    if (clone(end_thread, stack + sizeof(stack), flags, NULL, &tid, NULL,
              &tid) < 0)
        return errno;
    for (uint32_t now = tid; now; now = tid)
        syscall(SYS_futex, &tid, FUTEX_WAIT, now, NULL, NULL, 0);
    return 0;
}

static int do_vfork(void)
{
    pid_t pid = vfork();

    if (pid == 0)
        _exit(0);
    return inject_await(pid);
}

static unsigned char *map_pages(int pages)
{
    return mmap(NULL, (size_t)pages * PAGE_BYTES, PROT_READ | PROT_WRITE,
                MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

// Touched far apart, so that each touch needs a page table.
static int do_touch(void)
{
    unsigned char *at = map_pages(3 * TABLE_SPAN / PAGE_BYTES);

    if (at == MAP_FAILED)
        return errno;
    for (int i = 0; i < 3; i++)
        at[i * TABLE_SPAN] = 1;
    // Areas that were next to each other are one: cutting it takes memory.
    return munmap(at, 3 * TABLE_SPAN) ? errno : 0;
}

static int do_file_map(void)
{
    int fd = open(INJECT_PATH, O_RDONLY);
    volatile unsigned char *at;

    if (fd < 0)
        return errno;
    at = mmap(NULL, 2 * PAGE_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
    if (at == MAP_FAILED)
        return errno;
    if (at[0] != 0x7f)
        return WRONG;
    at[PAGE_BYTES] = 1;
    if (munmap((void *)at, 2 * PAGE_BYTES))
        return errno;
    return close(fd) ? WRONG : 0;
}

static int do_protect(void)
{
    unsigned char *at = map_pages(6);

    if (at == MAP_FAILED)
        return errno;
    memset(at, 0x33, 6 * PAGE_BYTES);
    if (mprotect(at + PAGE_BYTES, 2 * PAGE_BYTES, PROT_READ))
        return errno;
    if (mprotect(at + 4 * PAGE_BYTES, PAGE_BYTES, PROT_NONE))
        return errno;
    if (at[PAGE_BYTES] != 0x33)
        return WRONG;
    return munmap(at, 6 * PAGE_BYTES) ? errno : 0;
}

// A failed split leaves the mapping as it is.
static int do_unmap_middle(void)
{
    unsigned char *at = map_pages(3);

    if (at == MAP_FAILED)
        return errno;
    memset(at, 0x44, 3 * PAGE_BYTES);
    if (munmap(at + PAGE_BYTES, PAGE_BYTES) == 0)
        return 0;
    for (int i = 0; i < 3 * PAGE_BYTES; i++)
        if (at[i] != 0x44)
            return WRONG;
    return errno;
}

// It has to move, across page tables; if it cannot, all is where it was.
static int do_remap(void)
{
    unsigned char *at = map_pages(4), *to;
    int failed;

    if (at == MAP_FAILED)
        return errno;
    if (mprotect(at + 2 * PAGE_BYTES, 2 * PAGE_BYTES, PROT_NONE))
        return errno;
    memset(at, 0x55, 2 * PAGE_BYTES);
    to = mremap(at, 2 * PAGE_BYTES, TABLE_SPAN, MREMAP_MAYMOVE);
    failed = to == MAP_FAILED ? errno : 0;
    if (failed)
        to = at;
    for (int i = 0; i < 2 * PAGE_BYTES; i++)
        if (to[i] != 0x55)
            return WRONG;
    return failed;
}

// Out of the middle of an area, which is cut for it.
static int do_remap_middle(void)
{
    unsigned char *at = map_pages(4), *to;
    int failed;

    if (at == MAP_FAILED)
        return errno;
    memset(at, 0x66, 4 * PAGE_BYTES);
    to = mremap(at + PAGE_BYTES, 2 * PAGE_BYTES, TABLE_SPAN, MREMAP_MAYMOVE);
    failed = to == MAP_FAILED ? errno : 0;
    if (failed)
        to = at + PAGE_BYTES;
    for (int i = 0; i < 2 * PAGE_BYTES; i++)
        if (to[i] != 0x66)
            return WRONG;
    return at[0] == 0x66 && at[3 * PAGE_BYTES] == 0x66 ? failed : WRONG;
}

static int do_break(void)
{
    // musl's brk() refuses; the call itself gives the break that is now.
    long old = syscall(SYS_brk, 0);

    if (syscall(SYS_brk, old + TABLE_SPAN) == old)
        return ENOMEM;
    *(volatile char *)(old + PAGE_BYTES) = 1;
    // Less of it may need an area to be cut, too.
    return syscall(SYS_brk, old) == old ? 0 : ENOMEM;
}

// Below what the stack has at first, page by page, across a page table.
static int do_stack(void)
{
    volatile unsigned char *top = (unsigned char *)__builtin_frame_address(0);

    // The kernel takes any access between the limit and the stack for growth.
    for (int i = 1; i <= STACK_BYTES / PAGE_BYTES; i += STACK_STRIDE)
        top[-i * PAGE_BYTES] = (unsigned char)i;
    for (int i = 1; i <= STACK_BYTES / PAGE_BYTES; i += STACK_STRIDE)
        if (top[-i * PAGE_BYTES] != (unsigned char)i)
            return WRONG;
    return 0;
}

// Pages of a file, far apart, in page tables of their own.
static int do_file_read(void)
{
    int fd = open("/bin/busybox", O_RDONLY);
    volatile unsigned char *at;

    if (fd < 0)
        return errno;
    at = mmap(NULL, 3 * FILE_STEP, PROT_READ, MAP_PRIVATE, fd, 0);
    if (at == MAP_FAILED)
        return errno;
    if (at[0] != 0x7f)
        return WRONG;
    (void)at[FILE_STEP];
    (void)at[2 * FILE_STEP];
    if (munmap((void *)at, 3 * FILE_STEP))
        return errno;
    return close(fd) ? WRONG : 0;
}

// Written through the file's own pages, and read back as a file.
static int do_shared_write(void)
{
    unsigned char *at, byte;
    int fd = open(SHARED_FILE, O_RDWR | O_CREAT | O_TRUNC, 0600);

    if (fd < 0 || ftruncate(fd, 3 * PAGE_BYTES))
        return errno;
    at = mmap(NULL, 3 * PAGE_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (at == MAP_FAILED)
        return errno;
    for (int i = 0; i < 3; i++)
        at[i * PAGE_BYTES] = (unsigned char)(i + 1);
    if (munmap(at, 3 * PAGE_BYTES))
        return errno;
    if (pread(fd, &byte, 1, 2 * PAGE_BYTES) != 1)
        return errno;
    return byte == 3 && close(fd) == 0 ? 0 : WRONG;
}

static int set_entry(unsigned number)
{
    struct user_desc desc = {.entry_number = number, .limit = number};

    return syscall(SYS_modify_ldt, 0x11, &desc, sizeof(desc)) ? errno : 0;
}

// The descriptor of an entry that set_entry has set.
static bool entry_is_set(unsigned number)
{
    static unsigned char table[LDT_ENTRIES][LDT_ENTRY_SIZE];

    return syscall(SYS_modify_ldt, 0, table, sizeof(table)) == sizeof(table) &&
           (table[number][0] | table[number][1] << 8) == (int)number;
}

// Made, and made larger: what was there stays if it cannot.
static int do_table(void)
{
    int failed = set_entry(3);

    if (failed)
        return failed;
    failed = set_entry(LDT_ENTRIES - 1);
    if (!entry_is_set(3) || (!failed && !entry_is_set(LDT_ENTRIES - 1)))
        return WRONG;
    return failed;
}

static int do_table_fork(void)
{
    int failed = set_entry(2000);
    pid_t pid;

    if (failed)
        return failed;
    pid = fork();
    if (pid == 0)
        _exit(!entry_is_set(2000));
    return inject_await(pid);
}

static void remove_shared_file(void)
{
    unlink(SHARED_FILE);
    access(SHARED_FILE, F_OK); // that it is not there is remembered
}

static const struct operation operations[] = {
    {.name = "fork", .run = inject_fork, .also = EAGAIN},
    {.name = "vfork", .run = do_vfork, .also = EAGAIN},
    {.name = "thread", .run = do_thread, .also = EAGAIN},
    {.name = "mmap and touch", .run = do_touch},
    {.name = "mmap of a file", .run = do_file_map},
    {.name = "read fault of a file", .run = do_file_read},
    {.name = "shared file",
     .run = do_shared_write,
     .clean = remove_shared_file},
    {.name = "stack growth", .run = do_stack},
    {.name = "mprotect", .run = do_protect},
    {.name = "munmap in the middle", .run = do_unmap_middle},
    {.name = "mremap", .run = do_remap},
    {.name = "mremap of the middle", .run = do_remap_middle},
    {.name = "brk", .run = do_break},
    {.name = "modify_ldt", .run = do_table},
    {.name = "fork with segments of its own",
     .run = do_table_fork,
     .also = EAGAIN},
};

const struct operation_set memory_operations = {
    operations, sizeof(operations) / sizeof(operations[0])};
