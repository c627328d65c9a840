// userland/tests/filemap.c - files by write(2) and by mapping: one content
// SPDX-License-Identifier: MIT
//
//   filemap [DIRECTORY...]    default: /tmp and /root
//   filemap error FILE        whose first page cannot be written to its disk
//
// Fault causes (numbers of mm/fault.c): 6, 7, 8, 10, 11 and 13. Each directory
// is a test of its own, skipped where nothing can be written.

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ktap.h"

enum {
    PAGE = 4096,
    BIG_PAGES = 700, // more than a node of the page tree, and not a power of 2
};

static char path[256];
static sigjmp_buf after_signal;
static volatile sig_atomic_t signals;
static void *volatile signal_address;
static volatile int signal_code;
static volatile sig_atomic_t expecting; // a fault, at the access that follows

static void on_fault(int number, siginfo_t *info, void *context)
{
    (void)context;
    if (!expecting) { // then it is the end
        signal(number, SIG_DFL);
        return;
    }
    signal_address = info->si_addr;
    signal_code = info->si_code;
    siglongjmp(after_signal, number);
}

static void on_limit(int number)
{
    (void)number;
    signals++;
}

static void catch_faults(void)
{
    struct sigaction action = {.sa_sigaction = on_fault,
                               .sa_flags = SA_SIGINFO | SA_NODEFER};

    sigaction(SIGBUS, &action, NULL);
    sigaction(SIGSEGV, &action, NULL);
}

// The signal that reading the byte gives; 0: none.
static int read_signal(const volatile uint8_t *byte)
{
    int number = sigsetjmp(after_signal, 1);

    expecting = 1;
    if (number == 0)
        (void)*byte;
    expecting = 0;
    return number;
}

static int write_signal(volatile uint8_t *byte)
{
    int number = sigsetjmp(after_signal, 1);

    expecting = 1;
    if (number == 0)
        *byte = 1;
    expecting = 0;
    return number;
}

static int new_file(off_t size)
{
    int fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);

    if (fd < 0 || ftruncate(fd, size) != 0)
        ktap_bail("%s: %s", path, strerror(errno));
    return fd;
}

static uint8_t *map(int fd, size_t bytes, int protection, int flags)
{
    void *at = mmap(NULL, bytes, protection, flags, fd, 0);

    if (at == MAP_FAILED)
        ktap_bail("mmap of %s: %s", path, strerror(errno));
    return at;
}

static uint8_t *map_shared(int fd, size_t bytes)
{
    return map(fd, bytes, PROT_READ | PROT_WRITE, MAP_SHARED);
}

static uint8_t byte_at(int fd, off_t at)
{
    uint8_t byte = 0xee;

    return pread(fd, &byte, 1, at) == 1 ? byte : 0xee;
}

static bool all_are(const uint8_t *bytes, size_t count, uint8_t value)
{
    for (size_t i = 0; i < count; i++)
        if (bytes[i] != value)
            return false;
    return true;
}

static off_t size_of(int fd)
{
    struct stat st;

    return fstat(fd, &st) == 0 ? st.st_size : -1;
}

// ---- tests ------------------------------------------------------------------

static bool write_is_seen_by_mapping(void)
{
    int fd = new_file(3 * PAGE);
    uint8_t *at = map_shared(fd, 3 * PAGE);
    bool ok = at[PAGE] == 0 && pwrite(fd, "x", 1, PAGE) == 1 &&
              at[PAGE] == 'x' && pwrite(fd, "yz", 2, 2 * PAGE - 1) == 2 &&
              at[2 * PAGE - 1] == 'y' && at[2 * PAGE] == 'z';

    munmap(at, 3 * PAGE);
    close(fd);
    return ok;
}

static bool mapping_is_seen_by_read(void)
{
    int fd = new_file(3 * PAGE);
    uint8_t *at = map_shared(fd, 3 * PAGE);

    at[5] = 1;
    bool ok = byte_at(fd, 5) == 1;
    (void)*(volatile uint8_t *)&at[PAGE]; // read first, then written
    at[PAGE] = 2;
    ok = ok && byte_at(fd, PAGE) == 2 && msync(at, 3 * PAGE, MS_SYNC) == 0;
    at[PAGE] = 3; // again, now that it is clean
    ok = ok && byte_at(fd, PAGE) == 3;
    munmap(at, 3 * PAGE);
    ok = ok && byte_at(fd, PAGE) == 3 && byte_at(fd, 5) == 1;
    close(fd);
    return ok;
}

static bool private_writes_stay_private(void)
{
    int fd = new_file(2 * PAGE);
    uint8_t *at = map(fd, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE);
    uint8_t *other = map_shared(fd, 2 * PAGE);

    at[0] = 1;               // never read before
    bool ok = at[PAGE] == 0; // read ...
    at[PAGE] = 2;            // ... and then written
    other[1] = 3;            // its page is a copy by now
    ok = ok && at[1] == 0 && byte_at(fd, 0) == 0 && byte_at(fd, PAGE) == 0 &&
         byte_at(fd, 1) == 3 && other[0] == 0;
    munmap(at, 2 * PAGE);
    munmap(other, 2 * PAGE);
    close(fd);
    return ok;
}

static bool end_of_file_is_sigbus(void)
{
    int fd = new_file(PAGE + 10);
    uint8_t *at = map_shared(fd, 4 * PAGE);
    bool ok = read_signal(&at[PAGE + 10]) == 0 &&
              read_signal(&at[2 * PAGE - 1]) == 0 &&
              read_signal(&at[2 * PAGE]) == SIGBUS &&
              signal_code == BUS_ADRERR && signal_address == &at[2 * PAGE] &&
              write_signal(&at[3 * PAGE + 7]) == SIGBUS &&
              signal_address == &at[3 * PAGE + 7];

    ok = ok && ftruncate(fd, 4 * PAGE) == 0 &&
         write_signal(&at[3 * PAGE + 7]) == 0 && byte_at(fd, 3 * PAGE + 7) == 1;
    munmap(at, 4 * PAGE);
    close(fd);
    return ok;
}

// What was there before does not come back.
static bool truncation_takes_pages_away(int flags)
{
    int fd = new_file(4 * PAGE);
    uint8_t *at = map(fd, 4 * PAGE, PROT_READ | PROT_WRITE, flags);

    memset(at, 7, 4 * PAGE);
    bool ok = ftruncate(fd, PAGE + 100) == 0 &&
              read_signal(&at[2 * PAGE]) == SIGBUS &&
              read_signal(&at[4 * PAGE - 1]) == SIGBUS && at[PAGE + 99] == 7 &&
              ftruncate(fd, 4 * PAGE) == 0 && read_signal(&at[2 * PAGE]) == 0 &&
              all_are(&at[2 * PAGE], 2 * PAGE, 0);
    if (flags == MAP_SHARED)
        ok = ok && all_are(&at[PAGE + 100], PAGE - 100, 0);
    munmap(at, 4 * PAGE);
    close(fd);
    return ok;
}

static bool cut_tail_is_zeros(void)
{
    uint8_t bytes[2 * PAGE];
    int fd = new_file(0);

    memset(bytes, 9, sizeof(bytes));
    bool ok = write(fd, bytes, sizeof(bytes)) == sizeof(bytes) &&
              fsync(fd) == 0 && ftruncate(fd, 1000) == 0 && fsync(fd) == 0 &&
              posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED) == 0 &&
              ftruncate(fd, 2 * PAGE) == 0 &&
              pread(fd, bytes, sizeof(bytes), 0) == sizeof(bytes) &&
              all_are(bytes, 1000, 9) &&
              all_are(bytes + 1000, sizeof(bytes) - 1000, 0);
    close(fd);
    return ok;
}

static bool write_from_own_mapping(void)
{
    int fd = new_file(3 * PAGE);
    uint8_t *at = map_shared(fd, 3 * PAGE);
    bool ok = true;

    for (int i = 0; i < PAGE; i++)
        at[i] = (uint8_t)i;
    // To the next page, and to another place of the same page.
    ok = ok && pwrite(fd, at, PAGE, PAGE) == PAGE &&
         memcmp(at, at + PAGE, PAGE) == 0 && pwrite(fd, at, 100, 200) == 100 &&
         memcmp(at, at + 200, 100) == 0;
    // A source that was never touched: all of it is faulted in on the way.
    munmap(at, 3 * PAGE);
    at = map_shared(fd, 3 * PAGE);
    ok = ok && pwrite(fd, at, PAGE, 2 * PAGE) == PAGE &&
         memcmp(at, at + 2 * PAGE, PAGE) == 0;
    munmap(at, 3 * PAGE);
    close(fd);
    return ok;
}

// The source ends at a multiple of eight: at another place Linux for i386
// copies nothing of the last word, and tries that for ever.
static bool write_from_nowhere(void)
{
    int fd = new_file(0);
    uint8_t *at = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    bool ok = at != MAP_FAILED;

    memset(at, 4, PAGE);
    munmap(at + PAGE, PAGE);
    ok = ok && pwrite(fd, at + PAGE, 10, 0) == -1 && errno == EFAULT &&
         size_of(fd) == 0;
    ok = ok && pwrite(fd, at + PAGE - 16, 24, 0) == 16 && size_of(fd) == 16;
    munmap(at, PAGE);
    close(fd);
    return ok;
}

static bool holes_are_zeros(void)
{
    uint8_t bytes[PAGE];
    int fd = new_file(0);
    bool ok = pwrite(fd, "end", 3, 100 * PAGE + 5) == 3 &&
              size_of(fd) == 100 * PAGE + 8 &&
              pread(fd, bytes, PAGE, 50 * PAGE) == PAGE &&
              all_are(bytes, PAGE, 0) &&
              pread(fd, bytes, PAGE, 100 * PAGE) == 8 && all_are(bytes, 5, 0) &&
              memcmp(bytes + 5, "end", 3) == 0;

    close(fd);
    return ok;
}

static bool append_goes_to_the_end(void)
{
    int fd = new_file(0);
    int other = open(path, O_WRONLY | O_APPEND);
    bool ok = write(fd, "abc", 3) == 3 && write(other, "def", 3) == 3 &&
              lseek(other, 0, SEEK_SET) == 0 && write(other, "ghi", 3) == 3 &&
              lseek(other, 0, SEEK_CUR) == 9 && write(fd, "X", 1) == 1 &&
              byte_at(fd, 3) == 'X' && byte_at(fd, 6) == 'g' &&
              size_of(fd) == 9;

    close(other);
    close(fd);
    return ok;
}

static bool size_limit(void)
{
    struct sigaction action = {.sa_handler = on_limit};
    struct rlimit old, low;
    char bytes[100] = {0};
    int fd = new_file(0);

    signals = 0;
    sigaction(SIGXFSZ, &action, NULL);
    getrlimit(RLIMIT_FSIZE, &old);
    low = (struct rlimit){PAGE + 50, old.rlim_max};
    setrlimit(RLIMIT_FSIZE, &low);
    bool ok = pwrite(fd, bytes, 100, PAGE) == 50 && signals == 0 &&
              pwrite(fd, bytes, 1, PAGE + 50) == -1 && errno == EFBIG &&
              signals == 1;
    setrlimit(RLIMIT_FSIZE, &old);
    ok = ok && pwrite(fd, bytes, 1, PAGE + 50) == 1;
    signal(SIGXFSZ, SIG_DFL);
    close(fd);
    return ok;
}

static bool protection_changes(void)
{
    int fd = new_file(PAGE);
    uint8_t *at = map_shared(fd, PAGE);

    at[0] = 1;
    bool ok = mprotect(at, PAGE, PROT_READ) == 0 &&
              write_signal(at) == SIGSEGV && signal_code == SEGV_ACCERR &&
              mprotect(at, PAGE, PROT_READ | PROT_WRITE) == 0;
    at[1] = 2;
    ok = ok && byte_at(fd, 0) == 1 && byte_at(fd, 1) == 2 &&
         msync(at, PAGE, MS_SYNC) == 0 && mprotect(at, PAGE, PROT_NONE) == 0 &&
         read_signal(at) == SIGSEGV &&
         mprotect(at, PAGE, PROT_READ | PROT_WRITE) == 0;
    at[2] = 3;
    ok = ok && byte_at(fd, 2) == 3;
    munmap(at, PAGE);
    close(fd);
    return ok;
}

static bool modes_of_the_file(void)
{
    int fd = new_file(PAGE);
    int reader = open(path, O_RDONLY);
    uint8_t *at;

    bool ok = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, reader, 0) ==
                  MAP_FAILED &&
              errno == EACCES && write(reader, "x", 1) == -1 && errno == EBADF;
    at = map(reader, PAGE, PROT_READ, MAP_SHARED);
    ok = ok && mprotect(at, PAGE, PROT_READ | PROT_WRITE) == -1 &&
         errno == EACCES && write_signal(at) == SIGSEGV;
    munmap(at, PAGE);
    close(reader);
    close(fd);
    return ok;
}

static bool children_share(void)
{
    int fd = new_file(2 * PAGE), status;
    uint8_t *at = map_shared(fd, 2 * PAGE);

    at[0] = 1;
    pid_t child = fork();
    if (child == 0) {
        at[0]++;
        at[PAGE] = 5;
        _exit(0);
    }
    bool ok = child > 0 && waitpid(child, &status, 0) == child && status == 0 &&
              at[0] == 2 && at[PAGE] == 5 && byte_at(fd, PAGE) == 5;
    munmap(at, 2 * PAGE);
    close(fd);
    return ok;
}

static uint32_t word_of(uint32_t page)
{
    return page * 2654435761u + 12345;
}

// Written by mapping, synced, dropped from memory, and read back both ways.
static bool big_file_comes_back(void)
{
    int fd = new_file((off_t)BIG_PAGES * PAGE);
    uint32_t *at = (uint32_t *)map_shared(fd, BIG_PAGES * PAGE);
    bool ok = true;
    uint32_t word;

    for (uint32_t i = 0; i < BIG_PAGES; i++)
        at[i * (PAGE / 4) + i] = word_of(i);
    ok = ok && msync(at, BIG_PAGES * PAGE, MS_SYNC) == 0;
    munmap(at, BIG_PAGES * PAGE);
    ok = ok && posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED) == 0;
    for (uint32_t i = 0; ok && i < BIG_PAGES; i++)
        ok = pread(fd, &word, 4, (off_t)i * PAGE + i * 4) == 4 &&
             word == word_of(i);
    ok = ok && posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED) == 0;
    at = (uint32_t *)map(fd, BIG_PAGES * PAGE, PROT_READ, MAP_PRIVATE);
    for (uint32_t i = BIG_PAGES; ok && i-- > 0;) // backwards
        ok = at[i * (PAGE / 4) + i] == word_of(i);
    munmap(at, BIG_PAGES * PAGE);
    close(fd);
    return ok;
}

static bool fsync_of_what(void)
{
    int fd = new_file(0), ends[2];
    int directory = open("/tmp", O_RDONLY | O_DIRECTORY);
    bool ok = pipe(ends) == 0 && fsync(fd) == 0 && fdatasync(fd) == 0 &&
              fsync(directory) == 0 && fsync(ends[0]) == -1 &&
              errno == EINVAL && fdatasync(ends[1]) == -1 && errno == EINVAL &&
              fsync(-1) == -1 && errno == EBADF && syncfs(fd) == 0 &&
              syncfs(-1) == -1 && errno == EBADF;

    sync();
    ok = ok && sync_file_range(fd, 0, 0, SYNC_FILE_RANGE_WRITE) == 0 &&
         sync_file_range(fd, 0, 0, 8) == -1 && errno == EINVAL &&
         sync_file_range(fd, -1, 1, 0) == -1 && errno == EINVAL &&
         sync_file_range(ends[0], 0, 0, 0) == -1 && errno == ESPIPE;
    close(ends[0]);
    close(ends[1]);
    close(directory);
    close(fd);
    return ok;
}

static bool msync_of_what(void)
{
    int fd = new_file(4 * PAGE);
    uint8_t *at = map_shared(fd, 4 * PAGE);

    at[0] = at[3 * PAGE] = 1;
    bool ok = msync(at, 4 * PAGE, MS_ASYNC) == 0 &&
              msync(at, 4 * PAGE, MS_SYNC) == 0 &&
              msync(at, 4 * PAGE, 0) == 0 &&
              msync(at, 4 * PAGE, MS_INVALIDATE) == 0 &&
              msync(at, 0, MS_SYNC) == 0 && msync(at, 1, MS_SYNC) == 0;
    ok = ok && msync(at + 1, PAGE, MS_SYNC) == -1 && errno == EINVAL &&
         msync(at, PAGE, MS_SYNC | MS_ASYNC) == -1 && errno == EINVAL &&
         msync(at, PAGE, 64) == -1 && errno == EINVAL;
    munmap(at + PAGE, PAGE);
    at[3 * PAGE] = 2;
    ok = ok && msync(at, 4 * PAGE, MS_SYNC) == -1 && errno == ENOMEM &&
         msync(at + PAGE, PAGE, MS_ASYNC) == -1 && errno == ENOMEM &&
         msync(at + PAGE, PAGE, MS_SYNC) == -1 && errno == ENOMEM;
    if (mlock(at, PAGE) == 0)
        ok = ok && msync(at, PAGE, MS_INVALIDATE) == -1 && errno == EBUSY &&
             munlock(at, PAGE) == 0;
    munmap(at, 4 * PAGE);
    close(fd);
    return ok;
}

static bool advice(void)
{
    int fd = new_file(10 * PAGE), ends[2];
    uint8_t bytes[PAGE];
    bool ok = pipe(ends) == 0 &&
              posix_fadvise(fd, 0, 0, POSIX_FADV_RANDOM) == 0 &&
              pread(fd, bytes, PAGE, 5 * PAGE) == PAGE &&
              posix_fadvise(fd, 0, 0, POSIX_FADV_SEQUENTIAL) == 0 &&
              pread(fd, bytes, PAGE, 0) == PAGE &&
              posix_fadvise(fd, 0, PAGE, POSIX_FADV_WILLNEED) == 0 &&
              posix_fadvise(fd, 0, 0, POSIX_FADV_NOREUSE) == 0 &&
              posix_fadvise(fd, 0, 0, POSIX_FADV_NORMAL) == 0 &&
              posix_fadvise(fd, 0, 0, 77) == EINVAL &&
              posix_fadvise(fd, 0, -1, POSIX_FADV_NORMAL) == EINVAL &&
              posix_fadvise(ends[0], 0, 0, POSIX_FADV_NORMAL) == ESPIPE &&
              posix_fadvise(-1, 0, 0, POSIX_FADV_NORMAL) == EBADF;

    close(ends[0]);
    close(ends[1]);
    close(fd);
    return ok;
}

static bool synchronous_writes(void)
{
    int fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_SYNC, 0600);
    int data = open(path, O_RDWR | O_DSYNC);
    bool ok = fd >= 0 && data >= 0 && write(fd, "abc", 3) == 3 &&
              write(data, "ABCD", 4) == 4 && byte_at(fd, 3) == 'D';

    close(data);
    close(fd);
    return ok;
}

static bool truncation_shared(void)
{
    return truncation_takes_pages_away(MAP_SHARED);
}

static bool truncation_private(void)
{
    return truncation_takes_pages_away(MAP_PRIVATE);
}

static const struct ktap_test tests[] = {
    {"write is seen by a mapping", write_is_seen_by_mapping},
    {"a mapping is seen by read", mapping_is_seen_by_read},
    {"private writes stay private", private_writes_stay_private},
    {"the end of the file is SIGBUS", end_of_file_is_sigbus},
    {"truncation takes shared pages away", truncation_shared},
    {"truncation takes private pages away", truncation_private},
    {"a tail that was cut off is zeros", cut_tail_is_zeros},
    {"write from a mapping of the file", write_from_own_mapping},
    {"write from nowhere", write_from_nowhere},
    {"holes are zeros", holes_are_zeros},
    {"O_APPEND goes to the end", append_goes_to_the_end},
    {"RLIMIT_FSIZE", size_limit},
    {"mprotect of a shared mapping", protection_changes},
    {"a mapping has the file's mode", modes_of_the_file},
    {"children share it", children_share},
    {"a big file comes back", big_file_comes_back},
    {"fsync and its kin", fsync_of_what},
    {"msync", msync_of_what},
    {"posix_fadvise", advice},
    {"O_SYNC and O_DSYNC", synchronous_writes},
};

// ---- a disk that fails ------------------------------------------------------

static bool fails_once(int fd)
{
    return fsync(fd) == -1 && errno == EIO && fsync(fd) == 0;
}

// Each open file is told once, by whatever call asks first.
static void test_error(const char *file)
{
    int first = open(file, O_RDWR), second = open(file, O_RDWR), later;
    uint8_t *at;

    if (first < 0 || second < 0)
        ktap_bail("%s: %s", file, strerror(errno));
    ktap_result(pwrite(first, "x", 1, 0) == 1 && fails_once(first), "write");
    ktap_result(fails_once(second), "another open file is told, too");
    later = open(file, O_RDWR);
    ktap_result(fsync(later) == 0, "one opened later is not");
    ktap_result(byte_at(first, 0) == 'x', "the cache has what was written");
    at = map_shared(first, PAGE);
    at[1] = 'y';
    ktap_result(msync(at, PAGE, MS_SYNC) == -1 && errno == EIO &&
                    msync(at, PAGE, MS_SYNC) == 0,
                "msync");
    munmap(at, PAGE);
    ktap_result(pwrite(first, "z", 1, PAGE) == 1 && fails_once(second) &&
                    fsync(first) == 0,
                "other pages can be written");
    close(later);
    close(second);
    close(first);
}

static bool can_write(const char *directory)
{
    snprintf(path, sizeof(path), "%s/filemap.test", directory);
    int fd = open(path, O_RDWR | O_CREAT, 0600);
    if (fd >= 0)
        close(fd);
    return fd >= 0;
}

static void test_in(const char *directory)
{
    if (!can_write(directory)) {
        ktap_skip(directory, strerror(errno));
        return;
    }
    ktap_run_suite(directory, tests, sizeof(tests) / sizeof(*tests));
    unlink(path);
}

int main(int argc, char **argv)
{
    static char *defaults[] = {"/tmp", "/root"};
    char **directories = argc > 1 ? argv + 1 : defaults;
    unsigned count = argc > 1 ? (unsigned)argc - 1 : 2;

    if (argc == 3 && strcmp(argv[1], "error") == 0) {
        ktap_plan(6);
        test_error(argv[2]);
        return ktap_finish();
    }
    catch_faults();
    ktap_plan(count);
    for (unsigned i = 0; i < count; i++)
        test_in(directories[i]);
    return ktap_finish();
}
