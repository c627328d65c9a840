// userland/tests/swap.c - swapon(2), swapoff(2) and /proc/swaps
// SPDX-License-Identifier: MIT
//
//   swap [DIRECTORY]         the tests; the directory (default /root) is on a
//                            file system with a disk, else most are skipped
//   swap on PATH PRIORITY    for tests from outside: busybox knows none
//   swap make PATH KIB       a file with blocks and a header
//   swap old PATH KIB        ... of the old format, every 5th page bad
//   swap interrupted PATH    swapoff with a signal every millisecond
//   swap crowded PATH MIB [himself]   swapoff while MIB are written, which then
//                            do not fit, by another or by whose memory is out
//
// The headers are made here, as mkswap(8) does.

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/swap.h>
#include <sys/sysinfo.h>
#include <sys/time.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ktap.h"

enum {
    PAGE = 4096,
    SIGNATURE_AT = PAGE - 10,
    INFO_AT = 1024, // words: version, last page, number of bad pages
    BAD_AT = 1536,
    FILE_PAGES = 64,
    CROWD_BYTES = 44 << 20,
    NOBODY = 65534,
    PREFER = 0x8000,
    DISCARD = 0x10000,
    UNKNOWN_FLAG = 0x80000,
    EXT_MAGIC = 0xef53,
};

static const char *directory = "/root";
static char path[512], other[512];

static const char *name_in(char *buf, const char *name)
{
    snprintf(buf, 512, "%s/%s", directory, name);
    return buf;
}

// ---- headers ---------------------------------------------------------------

static void put_word(unsigned char *header, unsigned at, uint32_t word)
{
    memcpy(header + at, &word, sizeof(word));
}

static void make_header(unsigned char *header, uint32_t last_page)
{
    memset(header, 0, PAGE);
    put_word(header, INFO_AT, 1);
    put_word(header, INFO_AT + 4, last_page);
    memcpy(header + SIGNATURE_AT, "SWAPSPACE2", 10);
}

static void make_old_header(unsigned char *header, uint32_t pages)
{
    memset(header, 0, PAGE);
    for (uint32_t page = 1; page < pages && page < SIGNATURE_AT * 8; page++)
        if (page % 5)
            header[page / 8] |= (unsigned char)(1u << page % 8);
    memcpy(header + SIGNATURE_AT, "SWAP-SPACE", 10);
}

// A file of @pages, all with blocks, and @header in the first.
static void make_file(const char *name, const unsigned char *header,
                      uint32_t pages)
{
    static const unsigned char filler[PAGE] = "not a hole";
    int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC, 0600);

    if (fd < 0)
        ktap_bail("%s: %s", name, strerror(errno));
    for (uint32_t page = 0; page < pages; page++)
        if (write(fd, page ? filler : header, PAGE) != PAGE)
            ktap_bail("writing %s: %s", name, strerror(errno));
    if (fsync(fd) != 0)
        ktap_bail("fsync of %s: %s", name, strerror(errno));
    close(fd);
}

static void make_good_file(const char *name)
{
    unsigned char header[PAGE];

    make_header(header, FILE_PAGES - 1);
    make_file(name, header, FILE_PAGES);
}

// ---- /proc/swaps -----------------------------------------------------------

struct line {
    char text[600];
    char name[512], kind[32];
    unsigned long size_kib, used_kib;
    int priority;
};

static bool find_line(const char *name, struct line *line)
{
    FILE *file = fopen("/proc/swaps", "r");
    bool found = false;

    if (!file)
        ktap_bail("/proc/swaps: %s", strerror(errno));
    while (!found && fgets(line->text, sizeof(line->text), file))
        found =
            sscanf(line->text, "%511s %31s %lu %lu %d", line->name, line->kind,
                   &line->size_kib, &line->used_kib, &line->priority) == 5 &&
            strcmp(line->name, name) == 0;
    fclose(file);
    return found;
}

// A partition that is swapped to, or false.
static bool find_partition(struct line *line)
{
    FILE *file = fopen("/proc/swaps", "r");
    bool found = false;

    while (file && !found && fgets(line->text, sizeof(line->text), file))
        found =
            sscanf(line->text, "%511s %31s %lu %lu %d", line->name, line->kind,
                   &line->size_kib, &line->used_kib, &line->priority) == 5 &&
            strcmp(line->kind, "partition") == 0;
    if (file)
        fclose(file);
    return found;
}

// ---- results ---------------------------------------------------------------

static bool expect(const char *what, int result, int error)
{
    int got = result < 0 ? errno : 0;

    return ktap_result(got == error, "%s: %s, expected %s", what,
                       got ? strerror(got) : "0",
                       error ? strerror(error) : "0");
}

// swapon of something that is not to be taken; undone if it is.
static void expect_on(const char *what, const char *name, int flags, int error)
{
    int result = swapon(name, flags);

    expect(what, result, error);
    if (result == 0)
        swapoff(name);
}

// ---- arguments, and places that are none ------------------------------------

static void as_nobody(void)
{
    pid_t child = fork();
    int status = 0;

    if (child == 0) {
        bool ok = setuid(NOBODY) == 0;

        ok &= swapon("/nope", 0) < 0 && errno == EPERM;
        ok &= swapon("/nope", UNKNOWN_FLAG) < 0 && errno == EINVAL;
        ok &= swapoff("/nope") < 0 && errno == EPERM;
        _exit(ok ? 0 : 1);
    }
    waitpid(child, &status, 0);
    ktap_result(status == 0, "only root may");
}

static void places(void)
{
    static char too_long[5000];

    ktap_enter("places", 17);
    as_nobody();
    expect_on("unknown flag", "/nope", UNKNOWN_FLAG, EINVAL);
    expect_on("on: bad address", (const char *)16, 0, EFAULT);
    expect("off: bad address", swapoff((const char *)16), EFAULT);
    expect_on("on: no such file", "/nope", 0, ENOENT);
    expect("off: no such file", swapoff("/nope"), ENOENT);
    expect_on("on: empty name", "", 0, ENOENT);
    expect_on("on: below a file", "/proc/swaps/x", 0, ENOTDIR);
    memset(too_long, 'x', sizeof(too_long) - 1);
    expect_on("on: name too long", too_long, 0, ENAMETOOLONG);
    expect_on("on: a directory", "/", 0, EISDIR);
    expect("off: a directory", swapoff("/"), EISDIR);
    expect_on("on: a character device", "/dev/null", 0, EINVAL);
    expect("off: a character device", swapoff("/dev/null"), EINVAL);
    mkfifo("/tmp/swap.fifo", 0600);
    expect_on("on: a FIFO", "/tmp/swap.fifo", 0, EINVAL);
    unlink("/tmp/swap.fifo");
    mknod("/tmp/swap.node", S_IFBLK | 0600, 0xfe << 8 | 77);
    expect_on("on: a node without a device", "/tmp/swap.node", 0, ENXIO);
    unlink("/tmp/swap.node");
    make_good_file("/tmp/swap.tmpfs");
    expect_on("on: a file of tmpfs", "/tmp/swap.tmpfs", 0, EINVAL);
    expect("off: a file of tmpfs", swapoff("/tmp/swap.tmpfs"), EINVAL);
    unlink("/tmp/swap.tmpfs");
    ktap_leave();
}

static void partitions(void)
{
    struct line line, again;
    bool ok;

    if (!find_partition(&line)) {
        ktap_skip("partitions", "none is swapped to");
        return;
    }
    ktap_enter("partitions", 6);
    expect_on("on twice", line.name, 0, EBUSY);
    expect("off", swapoff(line.name), 0);
    ktap_result(!find_line(line.name, &again), "off: not in /proc/swaps");
    expect("off twice", swapoff(line.name), EINVAL);
    expect("on with a priority", swapon(line.name, PREFER | 7 | DISCARD), 0);
    ok = find_line(line.name, &again) && again.priority == 7 &&
         again.size_kib == line.size_kib;
    ktap_result(ok, "on: in /proc/swaps");
    swapoff(line.name);
    if (swapon(line.name, 0) != 0)
        ktap_bail("%s is lost: %s", line.name, strerror(errno));
    ktap_leave();
}

// ---- files -----------------------------------------------------------------

static void bad_header(const char *what, const unsigned char *header)
{
    make_file(path, header, FILE_PAGES);
    expect_on(what, path, 0, EINVAL);
}

static void headers(void)
{
    unsigned char header[PAGE];
    int fd;

    ktap_enter("headers", 11);
    memset(header, 0, sizeof(header));
    bad_header("no signature", header);
    make_header(header, FILE_PAGES - 1);
    memcpy(header + SIGNATURE_AT, "S1SUSPEND\0", 10);
    bad_header("a hibernated system", header);
    make_header(header, FILE_PAGES - 1);
    put_word(header, INFO_AT, 2);
    bad_header("version 2", header);
    make_header(header, 0);
    bad_header("last page 0", header);
    make_header(header, FILE_PAGES);
    bad_header("more pages than the file", header);
    make_header(header, FILE_PAGES - 1);
    put_word(header, INFO_AT + 8, 1);
    put_word(header, BAD_AT, 3);
    bad_header("bad pages of a file", header);
    put_word(header, INFO_AT + 8, 638);
    bad_header("too many bad pages", header);

    make_good_file(path);
    expect("a good one", swapon(path, 0), 0);
    expect("off", swapoff(path), 0);
    fd = open(path, O_WRONLY | O_TRUNC);
    close(fd);
    expect_on("an empty file", path, 0, EINVAL);
    make_header(header, FILE_PAGES - 1);
    fd = open(path, O_WRONLY);
    if (write(fd, header, PAGE) != PAGE ||
        ftruncate(fd, FILE_PAGES * PAGE) != 0)
        ktap_bail("%s: %s", path, strerror(errno));
    fsync(fd);
    close(fd);
    expect_on("a hole", path, 0, EINVAL);
    unlink(path);
    ktap_leave();
}

static void shown(void)
{
    static const char *const odd = "a name\twith\\odd characters";
    char expected[600], escaped[512];
    struct sysinfo before, after;
    struct line line = {0};
    unsigned long grown;

    ktap_enter("shown", 7);
    make_good_file(path);
    sysinfo(&before);
    expect("on", swapon(path, PREFER | 32767), 0);
    sysinfo(&after);
    grown = (after.totalswap - before.totalswap) * after.mem_unit;
    ktap_result(grown == (FILE_PAGES - 1) * PAGE, "sysinfo: %lu more", grown);
    ktap_result(find_line(path, &line), "a line in /proc/swaps");
    snprintf(expected, sizeof(expected), "%-40sfile\t\t%u\t\t%lu\t\t32767\n",
             path, (FILE_PAGES - 1) * PAGE / 1024, line.used_kib);
    ktap_result(strcmp(line.text, expected) == 0, "the line: used %lu KiB",
                line.used_kib);
    expect("off", swapoff(path), 0);
    sysinfo(&after);
    ktap_result(after.totalswap == before.totalswap, "sysinfo as before");
    unlink(path);

    make_good_file(name_in(path, odd));
    snprintf(escaped, sizeof(escaped),
             "%s/a\\040name\\011with\\134odd\\040characters", directory);
    ktap_result(swapon(path, 0) == 0 && find_line(escaped, &line),
                "odd characters");
    swapoff(path);
    unlink(path);
    name_in(path, "swap.file");
    ktap_leave();
}

static void priorities(void)
{
    struct line first = {0}, second = {0};

    ktap_enter("priorities", 4);
    make_good_file(path);
    make_good_file(other);
    ktap_result(swapon(path, 0) == 0 && swapon(other, 0) == 0, "two areas on");
    find_line(path, &first);
    find_line(other, &second);
    ktap_result(first.priority < -1 && second.priority == first.priority - 1,
                "each below the one before");
    swapoff(path);
    find_line(other, &second);
    ktap_result(second.priority == first.priority, "moves up");
    swapon(path, PREFER);
    find_line(path, &first);
    ktap_result(first.priority == 0, "0 is a priority");
    swapoff(path);
    swapoff(other);
    unlink(path);
    unlink(other);
    ktap_leave();
}

// What would change the content or its blocks.
static void protected_file(void)
{
    char byte = 0;
    void *map;
    int fd;

    ktap_enter("a file that is on", 16);
    make_good_file(path);
    fd = open(path, O_RDWR);
    expect("on", swapon(path, 0), 0);
    expect("on twice", swapon(path, 0), EBUSY);
    link(path, other);
    expect("on by another name", swapon(other, 0), EBUSY);
    expect("write", (int)pwrite(fd, &byte, 1, PAGE), ETXTBSY);
    expect("write nothing", (int)write(fd, &byte, 0), ETXTBSY);
    expect("shrink", ftruncate(fd, PAGE), ETXTBSY);
    expect("truncate to its size", truncate(path, FILE_PAGES * PAGE), ETXTBSY);
    expect("O_TRUNC", open(path, O_WRONLY | O_TRUNC), ETXTBSY);
    expect("fallocate", fallocate(fd, 0, 0, PAGE), ETXTBSY);
    map = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, PAGE);
    expect("map shared, to write", map == MAP_FAILED ? -1 : 0, ETXTBSY);
    map = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, fd, PAGE);
    expect("map shared, to read", map == MAP_FAILED ? -1 : 0, 0);
    expect("unlink", unlink(path), EPERM);
    expect("rename", rename(path, "/root/swap.moved"), EPERM);
    expect("read", (int)pread(fd, &byte, 1, 0), 0);
    expect("off", swapoff(other), 0); // by the other name
    expect("write again", (int)pwrite(fd, &byte, 1, PAGE), 0);
    close(fd);
    unlink(path);
    unlink(other);
    ktap_leave();
}

static void files(void)
{
    struct statfs fs;

    name_in(path, "swap.file");
    name_in(other, "swap.other");
    if (statfs(directory, &fs) != 0 || fs.f_type != EXT_MAGIC ||
        access(directory, W_OK) != 0) {
        ktap_skip("headers", "no ext2 to write to");
        ktap_skip("shown", "no ext2 to write to");
        ktap_skip("priorities", "no ext2 to write to");
        ktap_skip("a file that is on", "no ext2 to write to");
        return;
    }
    headers();
    shown();
    priorities();
    protected_file();
}

// ---- for tests from outside -------------------------------------------------

static int report(const char *what, int result)
{
    if (result != 0)
        fprintf(stderr, "swap: %s: %s\n", what, strerror(errno));
    return result == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

static void on_alarm(int number)
{
    (void)number;
}

// swapoff that is to be interrupted: 0 if it was, and the area is on as before.
static int interrupted(const char *name)
{
    struct sigaction action = {.sa_handler = on_alarm};
    struct itimerval often = {{0, 1000}, {0, 1000}}, never = {0};
    struct line before = {0}, after = {0};
    int result, error;

    if (!find_line(name, &before))
        return report(name, -1);
    sigaction(SIGALRM, &action, NULL);
    setitimer(ITIMER_REAL, &often, NULL);
    result = swapoff(name);
    error = errno;
    setitimer(ITIMER_REAL, &never, NULL);
    errno = error;
    if (result == 0 || error != EINTR)
        return report("was not interrupted", -1);
    return find_line(name, &after) && after.priority == before.priority
               ? EXIT_SUCCESS
               : report("is not on any more", -1);
}

static uint32_t *new_words(unsigned bytes)
{
    uint32_t *words = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
                           MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    return words == MAP_FAILED ? NULL : words;
}

static void fill_words(uint32_t *words, unsigned bytes)
{
    for (unsigned i = 0; i < bytes / sizeof(*words); i += PAGE / 4)
        words[i] = i + 1;
}

static bool words_are_right(const uint32_t *words, unsigned bytes)
{
    for (unsigned i = 0; i < bytes / sizeof(*words); i += PAGE / 4)
        if (words[i] != i + 1)
            return false;
    return true;
}

// The exit status of a child, or an errno that it has not.
static int status_of(pid_t pid)
{
    int status;

    if (pid < 0 || waitpid(pid, &status, 0) != pid || !WIFEXITED(status))
        return EINTR;
    return WEXITSTATUS(status);
}

// A child that writes @bytes of its own and reads them back.
static pid_t start_user(unsigned bytes)
{
    pid_t pid = fork();
    uint32_t *words;

    if (pid != 0)
        return pid;
    words = new_words(bytes);
    if (words == NULL)
        _exit(ENOMEM);
    fill_words(words, bytes);
    _exit(words_are_right(words, bytes) ? 0 : EILSEQ);
}

// swapoff of an area that CROWD_BYTES are in, and that another, or he whose
// they are, turns out to need before it is off: it ends with ENOMEM, and
// nothing is lost.
static int crowded(const char *name, unsigned more_bytes, bool himself)
{
    uint32_t *kept = new_words(CROWD_BYTES), *more;
    struct line line = {0};
    pid_t off, user;

    if (kept == NULL)
        return report("mmap", -1);
    fill_words(kept, CROWD_BYTES);
    errno = status_of(start_user(more_bytes)); // out it goes
    if (errno != 0)
        return report("the first user", -1);
    off = fork();
    if (off == 0)
        _exit(swapoff(name) == 0 ? 0 : errno);
    more = himself ? new_words(more_bytes) : NULL;
    user = himself ? 0 : start_user(more_bytes);
    if (more != NULL)
        fill_words(more, more_bytes);
    errno = status_of(off);
    if (errno != ENOMEM)
        return report("swapoff was to end with ENOMEM", -1);
    errno = !himself ? status_of(user)
            : more != NULL && words_are_right(more, more_bytes) ? 0
                                                                : EILSEQ;
    if (errno != 0 || !words_are_right(kept, CROWD_BYTES))
        return report("memory was lost", -1);
    return report("is not on any more", find_line(name, &line) ? 0 : -1);
}

static int command(int argc, char **argv)
{
    unsigned char header[PAGE];
    uint32_t pages;

    if (argc == 3 && strcmp(argv[1], "interrupted") == 0)
        return interrupted(argv[2]);
    if (argc == 4 && strcmp(argv[1], "on") == 0)
        return report(argv[2],
                      swapon(argv[2], PREFER | (int)strtol(argv[3], NULL, 0)));
    if ((argc == 4 || argc == 5) && strcmp(argv[1], "crowded") == 0)
        return crowded(argv[2], (unsigned)strtoul(argv[3], NULL, 0) << 20,
                       argc == 5);
    if (argc != 4)
        return 2;
    pages = (uint32_t)strtoul(argv[3], NULL, 0) / (PAGE / 1024);
    if (strcmp(argv[1], "make") == 0)
        make_header(header, pages - 1);
    else if (strcmp(argv[1], "old") == 0)
        make_old_header(header, pages);
    else
        return 2;
    make_file(argv[2], header, pages);
    return EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
    if (argc > 2)
        return command(argc, argv);
    if (argc == 2)
        directory = argv[1];
    ktap_plan(6);
    places();
    partitions();
    files();
    return ktap_finish();
}
