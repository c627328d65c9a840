// userland/tests/memory.c - mmap, munmap, mprotect, brk, bss and the stack
// SPDX-License-Identifier: MIT

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "faults.h"
#include "ktap.h"

enum {
    PAGE_BYTES = 4096,
    BSS_BYTES = 16 * PAGE_BYTES,
    HEAP_BYTES = 64 * PAGE_BYTES,
    STACK_BYTES = 1 << 20,
    STACK_STEP_BYTES = 64 * 1024,
};

static uint8_t bss[BSS_BYTES];

static uint8_t *map(size_t bytes, int protection)
{
    uint8_t *at =
        mmap(NULL, bytes, protection, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (at == MAP_FAILED)
        ktap_bail("mmap of %zu bytes: %s", bytes, strerror(errno));
    return at;
}

static bool is_all(const uint8_t *bytes, size_t length, uint8_t value)
{
    for (size_t i = 0; i < length; i++)
        if (bytes[i] != value)
            return false;
    return true;
}

static int touch_read(void *address)
{
    return *(volatile uint8_t *)address & 0;
}

static int touch_write(void *address)
{
    *(volatile uint8_t *)address = 1;
    return 0;
}

static bool read_dies(void *address)
{
    return killed_by(run_in_child(touch_read, address), SIGSEGV);
}

static bool write_dies(void *address)
{
    return killed_by(run_in_child(touch_write, address), SIGSEGV);
}

static bool bss_is_zero(void)
{
    return is_all(bss, sizeof(bss), 0);
}

static bool anonymous_is_zero(void)
{
    uint8_t *at = map(8 * PAGE_BYTES, PROT_READ | PROT_WRITE);
    bool ok = is_all(at, 8 * PAGE_BYTES, 0);

    memset(at, 0x5a, 8 * PAGE_BYTES);
    ok = ok && is_all(at, 8 * PAGE_BYTES, 0x5a);
    return munmap(at, 8 * PAGE_BYTES) == 0 && ok && read_dies(at);
}

static bool hole_in_the_middle(void)
{
    uint8_t *at = map(3 * PAGE_BYTES, PROT_READ | PROT_WRITE);

    memset(at, 0x11, 3 * PAGE_BYTES);
    bool ok = munmap(at + PAGE_BYTES, PAGE_BYTES) == 0 &&
              is_all(at, PAGE_BYTES, 0x11) && read_dies(at + PAGE_BYTES) &&
              is_all(at + 2 * PAGE_BYTES, PAGE_BYTES, 0x11);

    // What comes back into the hole is new.
    ok = ok && mmap(at + PAGE_BYTES, PAGE_BYTES, PROT_READ | PROT_WRITE,
                    MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1,
                    0) == at + PAGE_BYTES;
    ok = ok && is_all(at + PAGE_BYTES, PAGE_BYTES, 0);
    return munmap(at, 3 * PAGE_BYTES) == 0 && ok;
}

static bool unmap_over_holes(void)
{
    uint8_t *at = map(5 * PAGE_BYTES, PROT_READ | PROT_WRITE);
    bool ok = munmap(at + PAGE_BYTES, PAGE_BYTES) == 0 &&
              munmap(at + 3 * PAGE_BYTES, PAGE_BYTES) == 0;

    ok = ok && munmap(at, 5 * PAGE_BYTES) == 0;
    return ok && read_dies(at) && read_dies(at + 4 * PAGE_BYTES);
}

static bool fixed_replaces(void)
{
    uint8_t *at = map(2 * PAGE_BYTES, PROT_READ | PROT_WRITE);

    memset(at, 0x22, 2 * PAGE_BYTES);
    bool ok = mmap(at, PAGE_BYTES, PROT_READ,
                   MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == at;
    ok = ok && is_all(at, PAGE_BYTES, 0) && write_dies(at) &&
         is_all(at + PAGE_BYTES, PAGE_BYTES, 0x22);
    return munmap(at, 2 * PAGE_BYTES) == 0 && ok;
}

static bool protect_and_back(void)
{
    uint8_t *at = map(3 * PAGE_BYTES, PROT_READ | PROT_WRITE);
    uint8_t *middle = at + PAGE_BYTES;

    memset(at, 0x33, 3 * PAGE_BYTES);
    bool ok = mprotect(middle, PAGE_BYTES, PROT_READ) == 0 &&
              write_dies(middle) && is_all(at, 3 * PAGE_BYTES, 0x33);
    ok =
        ok && mprotect(middle, PAGE_BYTES, PROT_NONE) == 0 && read_dies(middle);
    ok = ok && mprotect(middle, PAGE_BYTES, PROT_READ | PROT_WRITE) == 0;
    if (ok)
        middle[0] = 0x33;
    ok = ok && is_all(at, 3 * PAGE_BYTES, 0x33);
    return munmap(at, 3 * PAGE_BYTES) == 0 && ok;
}

// With raw calls where musl would correct or refuse the argument itself.
static bool bad_arguments(void)
{
    const size_t everything = SIZE_MAX - PAGE_BYTES + 1;
    uint8_t *at = map(PAGE_BYTES, PROT_READ);
    bool ok = mmap(NULL, 0, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) ==
                  MAP_FAILED &&
              errno == EINVAL;

    ok = ok &&
         syscall(SYS_mmap2, NULL, everything, PROT_READ,
                 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == -1 &&
         errno == ENOMEM;
    ok = ok && munmap(at + 1, PAGE_BYTES) == -1 && errno == EINVAL;
    ok = ok && munmap(at, 0) == -1 && errno == EINVAL;
    ok = ok && syscall(SYS_mprotect, at + 1, PAGE_BYTES, PROT_READ) == -1 &&
         errno == EINVAL;
    ok = ok &&
         mmap(NULL, PAGE_BYTES, PROT_READ, MAP_PRIVATE, -1, 0) == MAP_FAILED &&
         errno == EBADF;
    return munmap(at, PAGE_BYTES) == 0 && ok;
}

static bool private_file(void)
{
    int fd = open(own_path, O_RDONLY);

    if (fd < 0)
        ktap_bail("%s: %s", own_path, strerror(errno));
    uint8_t *one =
        mmap(NULL, PAGE_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
    uint8_t *two = mmap(NULL, PAGE_BYTES, PROT_READ, MAP_PRIVATE, fd, 0);

    close(fd); // the mappings stay
    if (one == MAP_FAILED || two == MAP_FAILED)
        return false;
    bool ok = memcmp(one, "\177ELF", 4) == 0;
    one[0] = 'X';
    ok = ok && one[1] == 'E' && memcmp(two, "\177ELF", 4) == 0;
    ok = ok && write_dies(two);
    return munmap(one, PAGE_BYTES) == 0 && munmap(two, PAGE_BYTES) == 0 && ok;
}

static bool beyond_the_file(void)
{
    int fd = open(own_path, O_RDONLY);
    off_t size = lseek(fd, 0, SEEK_END);

    if (size < 0)
        ktap_bail("%s: %s", own_path, strerror(errno));
    // The file's last page and the one behind it.
    off_t last = (size - 1) / PAGE_BYTES * PAGE_BYTES;
    uint8_t *at = mmap(NULL, 2 * PAGE_BYTES, PROT_READ, MAP_PRIVATE, fd, last);
    close(fd);
    if (at == MAP_FAILED)
        return false;
    bool ok =
        is_all(at + (size - last), (size_t)(PAGE_BYTES - (size - last)), 0) &&
        killed_by(run_in_child(touch_read, at + PAGE_BYTES), SIGBUS);
    return munmap(at, 2 * PAGE_BYTES) == 0 && ok;
}

// The heap's end, moved with the raw call: musl's malloc uses it too, but not
// behind the back of a function that allocates nothing.
static bool heap_grows_and_shrinks(void)
{
    uint8_t *start = (uint8_t *)syscall(SYS_brk, 0);
    uint8_t *end = start + HEAP_BYTES;
    bool ok = (uint8_t *)syscall(SYS_brk, end) == end;

    if (!ok)
        return false;
    ok = is_all(start, HEAP_BYTES, 0);
    memset(start, 0x44, HEAP_BYTES);
    ok = ok &&
         (uint8_t *)syscall(SYS_brk, start + PAGE_BYTES) == start + PAGE_BYTES;
    ok = ok && is_all(start, PAGE_BYTES, 0x44) &&
         read_dies(start + 2 * PAGE_BYTES);
    ok = ok && (uint8_t *)syscall(SYS_brk, end) == end;
    // The page of the old end may be kept in part; those behind it are new.
    ok = ok && is_all(start + 2 * PAGE_BYTES, HEAP_BYTES - 2 * PAGE_BYTES, 0);
    return (uint8_t *)syscall(SYS_brk, start) == start && ok;
}

static bool heap_refuses_kernel(void)
{
    uint8_t *now = (uint8_t *)syscall(SYS_brk, 0);

    return (uint8_t *)syscall(SYS_brk, UINTPTR_MAX - PAGE_BYTES) == now;
}

// NOLINTNEXTLINE(misc-no-recursion)
__attribute__((noinline)) static unsigned use_stack(unsigned bytes)
{
    volatile uint8_t step[STACK_STEP_BYTES];

    step[0] = 1;
    if (bytes <= STACK_STEP_BYTES)
        return step[0];
    return use_stack(bytes - STACK_STEP_BYTES) + step[0];
}

static bool stack_grows(void)
{
    return use_stack(STACK_BYTES) == STACK_BYTES / STACK_STEP_BYTES;
}

// The kernel is the first to touch a page of the stack, far below the last.
__attribute__((noinline)) static bool read_to_stack(int fd)
{
    uint8_t room[STACK_BYTES + STACK_BYTES / 2];

    return read(fd, room, 4) == 4 && memcmp(room, "abcd", 4) == 0;
}

static bool stack_grows_in_a_call(void)
{
    int ends[2];

    if (pipe(ends) != 0 || write(ends[1], "abcd", 4) != 4)
        return false;
    bool ok = read_to_stack(ends[0]);
    close(ends[0]);
    close(ends[1]);
    return ok;
}

static const struct ktap_test tests[] = {
    {"bss-is-zero", bss_is_zero},
    {"anonymous-is-zero", anonymous_is_zero},
    {"hole-in-the-middle", hole_in_the_middle},
    {"unmap-over-holes", unmap_over_holes},
    {"fixed-replaces", fixed_replaces},
    {"protect-and-back", protect_and_back},
    {"bad-arguments", bad_arguments},
    {"private-file", private_file},
    {"beyond-the-file", beyond_the_file},
    {"heap-grows-and-shrinks", heap_grows_and_shrinks},
    {"heap-refuses-kernel", heap_refuses_kernel},
    {"stack-grows", stack_grows},
    {"stack-grows-in-a-call", stack_grows_in_a_call},
};

void suite_memory(void)
{
    ktap_run_suite("memory", tests, sizeof(tests) / sizeof(*tests));
}
