// userland/tests/fsops_content.c - content and attributes of files
// SPDX-License-Identifier: MIT

#include "fsops.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "ktap.h"

enum {
    MODEL_BYTES = 96 * 1024,
    MODEL_ROUNDS = 600,
};

// ---- content ---------------------------------------------------------------

bool holes(void)
{
    static uint8_t buffer[CHUNK_BYTES];
    int fd = open("h", O_CREAT | O_RDWR, 0644);
    bool ok = pwrite(fd, "end", 3, 1000000) == 3;

    ok = ok && pread(fd, buffer, sizeof(buffer), 500000) == CHUNK_BYTES &&
         is_all(buffer, sizeof(buffer), 0);
    struct stat st;
    ok = ok && fstat(fd, &st) == 0 && st.st_size == 1000003 &&
         st.st_blocks <= 2 * PAGE_BYTES / 512 + 8;
    // A byte in the middle: its block's rest is zeros.
    ok = ok && pwrite(fd, "x", 1, 400100) == 1 &&
         pread(fd, buffer, 8192, 396000) == 8192 && buffer[4100] == 'x' &&
         is_all(buffer, 4100, 0) && is_all(buffer + 4101, 4000, 0);
    return close(fd) == 0 && unlink("h") == 0 && ok;
}

// Page by page, which is what every block size has.
bool data_and_holes(void)
{
    const off_t data = 1 << 20, far = 5ll << 30, end = 6ll << 30;
    char page[PAGE_BYTES];
    int fd = open("h", O_CREAT | O_RDWR, 0644);

    memset(page, 'd', sizeof(page));
    bool ok = pwrite(fd, page, sizeof(page), data) == PAGE_BYTES &&
              pwrite(fd, page, sizeof(page), far) == PAGE_BYTES &&
              ftruncate(fd, end) == 0;
    ok = ok && lseek(fd, 0, SEEK_DATA) == data &&
         lseek(fd, 0, SEEK_CUR) == data &&
         lseek(fd, data + 7, SEEK_DATA) == data + 7 &&
         lseek(fd, 5, SEEK_HOLE) == 5 &&
         lseek(fd, data, SEEK_HOLE) == data + PAGE_BYTES &&
         lseek(fd, data + PAGE_BYTES, SEEK_DATA) == far &&
         lseek(fd, far + 1, SEEK_HOLE) == far + PAGE_BYTES;
    ok = ok && fails(lseek(fd, far + PAGE_BYTES, SEEK_DATA), ENXIO) &&
         fails(lseek(fd, end, SEEK_HOLE), ENXIO) &&
         fails(lseek(fd, -1, SEEK_DATA), ENXIO);
    // Of a file without holes, the end is one.
    ok = ok && ftruncate(fd, 0) == 0 && pwrite(fd, page, 100, 0) == 100 &&
         lseek(fd, 0, SEEK_HOLE) == 100 && lseek(fd, 99, SEEK_DATA) == 99 &&
         fails(lseek(fd, 100, SEEK_DATA), ENXIO);
    return close(fd) == 0 && unlink("h") == 0 && ok;
}

bool truncation(void)
{
    static uint8_t buffer[20000];
    int fd = open("t", O_CREAT | O_RDWR, 0644);
    bool ok;

    memset(buffer, 0x5a, sizeof(buffer));
    ok = write(fd, buffer, sizeof(buffer)) == sizeof(buffer) &&
         fsync(fd) == 0 && ftruncate(fd, 7777) == 0 &&
         ftruncate(fd, 20000) == 0 &&
         pread(fd, buffer, sizeof(buffer), 0) == sizeof(buffer);
    ok = ok && is_all(buffer, 7777, 0x5a) &&
         is_all(buffer + 7777, sizeof(buffer) - 7777, 0);
    ok = ok && truncate("t", 0) == 0 && stat_of("t").st_blocks == 0 &&
         fails(ftruncate(fd, -1), EINVAL);
    return close(fd) == 0 && unlink("t") == 0 && ok;
}

bool appending(void)
{
    int a = open("l", O_CREAT | O_WRONLY | O_APPEND, 0644);
    int b = open("l", O_WRONLY | O_APPEND);
    bool ok = a >= 0 && b >= 0;

    for (int i = 0; ok && i < 500; i++)
        ok = write(a, "aaaaa", 5) == 5 && write(b, "bb", 2) == 2;
    ok = ok && stat_of("l").st_size == 3500;
    close(a);
    close(b);
    return unlink("l") == 0 && ok;
}

bool large_file(void)
{
    static const uint64_t at[] = {0x7ffffffdull, 0xfffffff0ull, 5ull << 30};
    uint64_t got;
    int fd = open("g", O_CREAT | O_RDWR | O_LARGEFILE, 0644);
    bool ok = fd >= 0;

    for (int i = 0; i < 3; i++)
        ok = ok && pwrite(fd, &at[i], 8, (off_t)at[i]) == 8;
    for (int i = 0; i < 3; i++)
        ok = ok && pread(fd, &got, 8, (off_t)at[i]) == 8 && got == at[i];
    struct stat st;
    ok = ok && fsync(fd) == 0 && fstat(fd, &st) == 0 &&
         st.st_size == (5ll << 30) + 8 && st.st_blocks < 1000;
    ok = ok && fails(pwrite(fd, "x", 1, 1ll << 44), EFBIG);
    ok = ok && ftruncate(fd, 0x7fffffffll) == 0 &&
         pread(fd, &got, 8, 0x7ffffffdll) == 2;
    return close(fd) == 0 && unlink("g") == 0 && ok;
}

bool open_and_unlinked(void)
{
    char buffer[8];
    struct stat st;
    int fd = open("o", O_CREAT | O_RDWR, 0644);
    bool ok = fd >= 0 && unlink("o") == 0 && !exists("o");

    ok = ok && write(fd, "still", 5) == 5 && fstat(fd, &st) == 0 &&
         st.st_nlink == 0 && pread(fd, buffer, 8, 0) == 5 &&
         memcmp(buffer, "still", 5) == 0 && fsync(fd) == 0;
    return close(fd) == 0 && ok;
}

bool shared_mapping(void)
{
    int fd = open("m", O_CREAT | O_RDWR, 0644);
    char got[4];
    bool ok = ftruncate(fd, 3 * PAGE_BYTES + 100) == 0;
    char *at =
        mmap(NULL, 4 * PAGE_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

    ok = ok && at != MAP_FAILED;
    if (!ok)
        return false;
    memcpy(at + PAGE_BYTES, "map", 3);
    ok = pread(fd, got, 3, PAGE_BYTES) == 3 && memcmp(got, "map", 3) == 0 &&
         pwrite(fd, "wri", 3, 2 * PAGE_BYTES) == 3 &&
         memcmp(at + 2 * PAGE_BYTES, "wri", 3) == 0;
    // The tail becomes part of the file while it is mapped for writing.
    at[3 * PAGE_BYTES] = 't';
    ok = ok && ftruncate(fd, 4 * PAGE_BYTES) == 0;
    at[3 * PAGE_BYTES + 3000] = 'e';
    ok = ok && msync(at, 4 * PAGE_BYTES, MS_SYNC) == 0 &&
         pread(fd, got, 1, 3 * PAGE_BYTES + 3000) == 1 && got[0] == 'e';
    munmap(at, 4 * PAGE_BYTES);
    return close(fd) == 0 && unlink("m") == 0 && ok;
}

// Random reads, writes, truncations and stores through a mapping, against an
// array.
static bool model_step(int fd, uint8_t *model, off_t *size)
{
    static uint8_t buffer[MODEL_BYTES];
    off_t at = random_number() % MODEL_BYTES, end;
    size_t bytes = 1 + random_number() % 9000;

    bytes =
        at + (off_t)bytes > MODEL_BYTES ? (size_t)(MODEL_BYTES - at) : bytes;
    switch (random_number() % 8) {
    case 0:
        end = at;
        if (end < *size)
            memset(model + end, 0, (size_t)(*size - end));
        *size = end;
        return ftruncate(fd, end) == 0;
    case 1: return fsync(fd) == 0;
    case 2:
    case 3:
    case 4:
        memset(model + at, (int)(random_number() & 0xff), bytes);
        *size = at + (off_t)bytes > *size ? at + (off_t)bytes : *size;
        return pwrite(fd, model + at, bytes, at) == (ssize_t)bytes;
    case 5: {
        if (at >= *size)
            return true;
        uint8_t *map =
            mmap(NULL, MODEL_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
        if (map == MAP_FAILED)
            return false;
        map[at] = model[at] = (uint8_t)random_number();
        return munmap(map, MODEL_BYTES) == 0;
    }
    default: end = *size - at; break;
    }
    if (end < 0)
        end = 0;
    if (end > (off_t)bytes)
        end = (off_t)bytes;
    return pread(fd, buffer, bytes, at) == end &&
           memcmp(buffer, model + at, (size_t)end) == 0;
}

bool against_a_model(void)
{
    static uint8_t model[MODEL_BYTES], buffer[MODEL_BYTES];
    int fd = open("r", O_CREAT | O_RDWR, 0644);
    off_t size = 0;
    bool ok = fd >= 0;

    for (int i = 0; ok && i < MODEL_ROUNDS; i++) {
        ok = model_step(fd, model, &size);
        if (!ok)
            ktap_note("round %d: %s", i, strerror(errno));
    }
    ok = ok && pread(fd, buffer, MODEL_BYTES, 0) == size &&
         memcmp(buffer, model, (size_t)size) == 0;
    return close(fd) == 0 && unlink("r") == 0 && ok;
}

// ---- attributes ------------------------------------------------------------

bool attributes(void)
{
    struct timespec times[2] = {{1000000000, 0}, {1111111111, 0}};
    bool ok = make_file("a", "x") && chmod("a", 04751) == 0 &&
              (stat_of("a").st_mode & 07777) == 04751;

    ok = ok && chown("a", 70000, 80000) == 0 && stat_of("a").st_uid == 70000 &&
         stat_of("a").st_gid == 80000 && (stat_of("a").st_mode & 07777) == 0751;
    ok = ok && utimensat(AT_FDCWD, "a", times, 0) == 0 &&
         stat_of("a").st_atime == 1000000000 &&
         stat_of("a").st_mtime == 1111111111;
    ok = ok && truncate("a", 0) == 0 && stat_of("a").st_mtime != 1111111111;
    return unlink("a") == 0 && ok;
}

// ---- times -----------------------------------------------------------------

struct two_words {
    int32_t seconds, fraction;
};

static bool has_times(const char *path, long atime_ns, long mtime_ns)
{
    const struct stat st = stat_of(path);

    return st.st_atim.tv_sec == 1000000000 && st.st_atim.tv_nsec == atime_ns &&
           st.st_mtim.tv_sec == 1111111111 && st.st_mtim.tv_nsec == mtime_ns;
}

// The calls that the C library makes no more.
bool times_of_32_bits(void)
{
    struct two_words times[2] = {{1000000000, 250}, {1111111111, 999999}};
    const int32_t seconds[2] = {1000000000, 1111111111};
    bool ok = make_file("t", "x");

    ok = ok && syscall(SYS_utimensat, AT_FDCWD, "t", times, 0) == 0 &&
         has_times("t", 250, 999999);
    ok = ok && syscall(SYS_utime, "t", seconds) == 0 && has_times("t", 0, 0);
    ok = ok && syscall(SYS_futimesat, AT_FDCWD, "t", times) == 0 &&
         has_times("t", 250000, 999999000);
    times[0].fraction = 1;
    ok = ok && syscall(SYS_utimes, "t", times) == 0 &&
         has_times("t", 1000, 999999000);
    times[1].fraction = 1000000;
    ok = ok && fails(syscall(SYS_utimes, "t", times), EINVAL);
    times[1].fraction = 0x3ffffffe; // UTIME_OMIT, but only of nanoseconds
    ok = ok && fails(syscall(SYS_utimes, "t", times), EINVAL);
    times[0] = (struct two_words){1, -1};
    ok = ok && fails(syscall(SYS_utimes, "t", times), EINVAL) &&
         has_times("t", 1000, 999999000);
    times[0] = (struct two_words){1000000000, 7};
    ok = ok && syscall(SYS_utimensat, AT_FDCWD, "t", times, 0) == 0 &&
         has_times("t", 7, 999999000);
    ok = ok && syscall(SYS_utimes, "t", NULL) == 0 &&
         stat_of("t").st_mtime > 1111111111;
    return unlink("t") == 0 && ok;
}

// Both times have to be there before either is looked at.
bool times_that_are_cut_off(void)
{
    char *pages = mmap(NULL, 2 * PAGE_BYTES, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    const struct two_words bad = {0, -1};
    void *times = pages + PAGE_BYTES - sizeof(bad);
    bool ok = pages != MAP_FAILED && make_file("t", "x") &&
              munmap(pages + PAGE_BYTES, PAGE_BYTES) == 0;

    if (!ok)
        return false;
    memcpy(times, &bad, sizeof(bad));
    ok = fails(syscall(SYS_utimes, "t", times), EFAULT) &&
         fails(syscall(SYS_utime, "t", pages + PAGE_BYTES - 4), EFAULT) &&
         fails(syscall(SYS_utimensat, AT_FDCWD, "t", times, 0), EFAULT) &&
         fails(syscall(SYS_utimensat_time64, AT_FDCWD, "t",
                       pages + PAGE_BYTES - 16, 0),
               EFAULT);
    munmap(pages, PAGE_BYTES);
    return unlink("t") == 0 && ok;
}
