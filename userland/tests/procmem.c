// userland/tests/procmem.c - what /proc says of a process's memory
// SPDX-License-Identifier: MIT
//
// The numbers are counted anew from /proc/self/pagemap, maps and kpagecount, or
// from what the program knows of itself.

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ktap.h"
#include "memtest.h"

enum {
    PAGES = 64,
    PAGEOUT = 21,
    EXEC_FAULTS_MIN = 5,
    EXEC_FAULTS_MAX = 120,
};

// A page between two that are not: an area of its own.
static uint8_t *alone(size_t pages, int flags, int fd)
{
    uint8_t *guarded = mmap(NULL, (pages + 2) * PAGE, PROT_NONE,
                            MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    uint8_t *at = mmap(guarded + PAGE, pages * PAGE, PROT_READ | PROT_WRITE,
                       flags | MAP_FIXED, fd, 0);

    if (at == MAP_FAILED)
        ktap_bail("mmap: %s", strerror(errno));
    return at;
}

static bool areas(void)
{
    uint8_t *at = alone(PAGES, MAP_PRIVATE | MAP_ANONYMOUS, -1);
    bool ok = area_kib(at, "Size") == PAGES * 4 && area_kib(at, "Rss") == 0 &&
              area_kib(at, "KernelPageSize") == 4;

    memset(at, 1, 10 * PAGE);
    ok = ok && area_kib(at, "Rss") == 40 && area_kib(at, "Pss") == 40 &&
         area_kib(at, "Private_Dirty") == 40 &&
         area_kib(at, "Shared_Dirty") == 0 && area_kib(at, "Anonymous") == 40 &&
         area_kib(at, "Swap") == 0 && area_kib(at, "Locked") == 0 &&
         area_has_flag(at, "rd") && area_has_flag(at, "wr") &&
         !area_has_flag(at, "ex") && area_has_flag(at, "ac");
    return munmap(at, PAGES * PAGE) == 0 && ok;
}

static int shares(void *at)
{
    return area_kib(at, "Rss") == 40 && area_kib(at, "Pss") == 20 &&
                   area_kib(at, "Shared_Dirty") == 40 &&
                   area_kib(at, "Private_Dirty") == 0
               ? 0
               : 1;
}

static bool shared_pages(void)
{
    uint8_t *at = alone(PAGES, MAP_PRIVATE | MAP_ANONYMOUS, -1);

    memset(at, 1, 10 * PAGE);
    bool ok = in_child(shares, at) == 0;
    return munmap(at, PAGES * PAGE) == 0 && ok;
}

static bool resident_kinds(void)
{
    int fd = file_of_pages("/tmp", 8);
    uint8_t *shared = alone(8, MAP_SHARED, fd);
    long before = status_kib("VmRSS");
    long file = status_kib("RssFile"), shmem = status_kib("RssShmem");

    for (int i = 0; i < 8; i++)
        *(volatile uint8_t *)(shared + i * PAGE) = 9;
    // Linux sums these up in batches of 64 pages; ours are exact.
    bool ok = status_kib("VmRSS") >= before && status_kib("RssFile") >= 0 &&
              status_kib("RssShmem") >= shmem && file >= 0 &&
              status_kib("VmHWM") >= status_kib("VmRSS") &&
              status_kib("VmPeak") >= status_kib("VmSize");
    ok = ok && area_kib(shared, "Rss") == 32 && area_kib(shared, "Pss") == 32;
    ok = ok &&
         (pagemap(shared) & (PM_PRESENT | PM_FILE)) == (PM_PRESENT | PM_FILE);
    close(fd);
    return munmap(shared, 8 * PAGE) == 0 && ok;
}

static bool page_map(void)
{
    uint8_t *at = alone(4, MAP_PRIVATE | MAP_ANONYMOUS, -1);

    at[0] = 1;
    bool ok = (pagemap(at) & (PM_PRESENT | PM_EXCLUSIVE | PM_FILE | PM_SWAP)) ==
                  (PM_PRESENT | PM_EXCLUSIVE) &&
              pagemap(at + PAGE) == 0 && (pagemap(at) & PM_FRAME) != 0 &&
              frame_number("/proc/kpagecount", pagemap(at) & PM_FRAME) == 1;
    // The page that all zeros are read from has no owner.
    ok = ok && *(volatile uint8_t *)(at + 2 * PAGE) == 0 &&
         (pagemap(at + 2 * PAGE) & PM_PRESENT) &&
         !(pagemap(at + 2 * PAGE) & PM_EXCLUSIVE);
    return munmap(at, 4 * PAGE) == 0 && ok;
}

static int maps_twice(void *at)
{
    return frame_number("/proc/kpagecount", pagemap(at) & PM_FRAME) == 2 &&
                   !(pagemap(at) & PM_EXCLUSIVE)
               ? 0
               : 1;
}

static bool page_count(void)
{
    uint8_t *at = alone(1, MAP_PRIVATE | MAP_ANONYMOUS, -1);

    at[0] = 1;
    bool ok = in_child(maps_twice, at) == 0;
    return munmap(at, PAGE) == 0 && ok;
}

static int sees_no_frame(void *at)
{
    int fd = open("/proc/self/pagemap", O_RDONLY);
    uint64_t entry = 0;

    // What has changed its user may not look at itself, even.
    if (fd < 0)
        return errno == EACCES ? 0 : 1;
    if (pread(fd, &entry, 8, (off_t)((uintptr_t)at / PAGE * 8)) != 8)
        return 2;
    return (entry & PM_PRESENT) && !(entry & PM_FRAME) ? 0 : 3;
}

static bool frames_are_secret(void)
{
    uint8_t *at = alone(1, MAP_PRIVATE | MAP_ANONYMOUS, -1);

    at[0] = 1;
    bool ok = as_user(sees_no_frame, at) == 0;
    return munmap(at, PAGE) == 0 && ok;
}

static bool page_map_reads(void)
{
    int fd = open("/proc/self/pagemap", O_RDONLY);
    uint64_t entries[2];
    bool ok = fails(pread(fd, entries, 8, 4), EINVAL) &&
              fails(pread(fd, entries, 7, 0), EINVAL) &&
              pread(fd, entries, 16, 0xc0000000u / PAGE * 8) == 0 &&
              pread(fd, entries, 16, 0) == 16 && entries[0] == 0;

    close(fd);
    return ok;
}

static bool clear_refs(void)
{
    uint8_t *at = alone(8, MAP_PRIVATE | MAP_ANONYMOUS, -1);

    memset(at, 1, 8 * PAGE);
    bool ok = area_kib(at, "Referenced") == 32 &&
              set_text("/proc/self/clear_refs", "1") &&
              area_kib(at, "Referenced") == 0;

    at[0] = 2;
    // Linux flushes nothing: the CPU may know the page, and say no more.
    ok = ok && area_kib(at, "Referenced") <= 4 &&
         fails(set_text("/proc/self/clear_refs", "9") ? 0 : -1, EINVAL) &&
         fails(set_text("/proc/self/clear_refs", "x") ? 0 : -1, EINVAL);
    return munmap(at, 8 * PAGE) == 0 && ok;
}

static bool sizes(void)
{
    long size = status_kib("VmSize"), data = status_kib("VmData");
    uint8_t *at = map_pages(256);
    bool ok = status_kib("VmSize") >= size + 1000 &&
              status_kib("VmData") >= data + 1000;

    ok = ok && mprotect(at, 256 * PAGE, PROT_READ) == 0 &&
         status_kib("VmData") < data + 200 && status_kib("VmStk") > 0 &&
         status_kib("VmExe") > 0 && status_kib("VmPTE") > 0;
    return munmap(at, 256 * PAGE) == 0 && ok;
}

static bool rollup(void)
{
    FILE *file = fopen("/proc/self/smaps", "r");
    char line[256];
    long sum = 0, rss;

    if (!file)
        return false;
    while (fgets(line, sizeof(line), file))
        if (sscanf(line, "Rss: %ld kB", &rss) == 1)
            sum += rss;
    fclose(file);
    rss = proc_kib("/proc/self/smaps_rollup", "Rss");
    ktap_note("sum %ld, rollup %ld", sum, rss);
    return rss >= sum - 64 && rss <= sum + 64;
}

// ---- swap, locked -----------------------------------------------------------

// As often as two have it, half of it.
static int has_swapped(void *at)
{
    int out = 0;

    for (int i = 0; i < PAGES; i++)
        out += (pagemap((uint8_t *)at + i * PAGE) & (PM_SWAP | PM_PRESENT)) ==
               PM_SWAP;
    ktap_note("%d of %d are out", out, PAGES);
    return area_kib(at, "Swap") == out * 4 &&
                   area_kib(at, "SwapPss") == out * 2 &&
                   area_kib(at, "Rss") == (PAGES - out) * 4 &&
                   status_kib("VmSwap") >= out * 4
               ? 0
               : 1;
}

static bool swapped(void)
{
    uint8_t *at = alone(PAGES, MAP_PRIVATE | MAP_ANONYMOUS, -1);

    memset(at, 1, PAGES * PAGE);
    bool ok = syscall(SYS_madvise, at, PAGES * PAGE, PAGEOUT) == 0 &&
              in_child(has_swapped, at) == 0;
    return munmap(at, PAGES * PAGE) == 0 && ok;
}

static bool locked(void)
{
    uint8_t *at = alone(PAGES, MAP_PRIVATE | MAP_ANONYMOUS, -1);
    long before = status_kib("VmLck");
    bool ok = mlock(at, 10 * PAGE) == 0 && area_kib(at, "Locked") == 40 &&
              area_has_flag(at, "lo") && status_kib("VmLck") == before + 40;

    ok = ok && munlock(at, 10 * PAGE) == 0 && area_kib(at, "Locked") == 0 &&
         status_kib("VmLck") == before;
    return munmap(at, PAGES * PAGE) == 0 && ok;
}

// ---- of the whole program ---------------------------------------------------

static char **arguments;

// The @first field of /proc/self/stat and those that follow.
static bool stat_fields(int first, unsigned long *out, int count)
{
    FILE *file = fopen("/proc/self/stat", "r");
    bool ok = file && fscanf(file, "%*d (%*[^)]) %*c") == 0;

    for (int i = 4; ok && i < first; i++)
        ok = fscanf(file, "%*s") == 0;
    for (int i = 0; ok && i < count; i++)
        ok = fscanf(file, "%lu", &out[i]) == 1;
    if (file)
        fclose(file);
    return ok;
}

struct layout {
    unsigned long code, code_end, data, data_end;
};

// From the program's own headers.
static struct layout layout_of_headers(void)
{
    const Elf32_Phdr *header = (const Elf32_Phdr *)getauxval(AT_PHDR);
    struct layout layout = {.code = ~0ul};

    for (unsigned long i = 0; i < getauxval(AT_PHNUM); i++, header++) {
        unsigned long start = header->p_vaddr, end = start + header->p_filesz;

        if (header->p_type != PT_LOAD)
            continue;
        if ((header->p_flags & PF_X) && start < layout.code)
            layout.code = start;
        if ((header->p_flags & PF_X) && end > layout.code_end)
            layout.code_end = end;
        if (start > layout.data)
            layout.data = start;
        if (end > layout.data_end)
            layout.data_end = end;
    }
    return layout;
}

static bool where_code_is(void)
{
    struct layout layout = layout_of_headers();
    unsigned long code[3], data[2];
    bool ok = stat_fields(26, code, 3) && stat_fields(45, data, 2);

    // The stack as it was at the first instruction: the number of arguments.
    return ok && code[0] == layout.code && code[1] == layout.code_end &&
           code[2] == (unsigned long)(arguments - 1) &&
           data[0] == layout.data && data[1] == layout.data_end;
}

static unsigned long start_of_heap(void)
{
    FILE *file = fopen("/proc/self/maps", "r");
    unsigned long start = 0, found;
    char line[256];

    while (file && fgets(line, sizeof(line), file))
        if (strstr(line, "[heap]") && sscanf(line, "%lx-", &found) == 1 &&
            !start)
            start = found;
    if (file)
        fclose(file);
    return start;
}

// The end of the last of the strings that a list names.
static unsigned long strings_end(char **list)
{
    const char *last = list[0];

    for (; *list; list++)
        last = *list;
    return (unsigned long)(last + strlen(last) + 1);
}

static bool where_heap_and_strings_are(void)
{
    long end = syscall(SYS_brk, 0);
    unsigned long found[5];
    bool ok = syscall(SYS_brk, end + PAGE) == end + PAGE &&
              stat_fields(47, found, 5) &&
              (found[0] + PAGE - 1) / PAGE * PAGE == start_of_heap();

    return syscall(SYS_brk, end) == end && ok &&
           found[1] == (unsigned long)arguments[0] &&
           found[2] == strings_end(arguments) &&
           found[3] == (unsigned long)environ[0] &&
           found[4] == strings_end(environ);
}

static bool sums(void)
{
    unsigned long start, end, pages = 0, statm[6];
    FILE *maps = fopen("/proc/self/maps", "r");
    FILE *file = fopen("/proc/self/statm", "r");
    char line[256];
    bool ok = maps && file;

    while (ok && fgets(line, sizeof(line), maps))
        if (sscanf(line, "%lx-%lx", &start, &end) == 2)
            pages += (end - start) / PAGE;
    for (int i = 0; ok && i < 6; i++)
        ok = fscanf(file, "%lu", &statm[i]) == 1;
    ok = ok && statm[0] == pages && status_kib("VmSize") == (long)pages * 4 &&
         statm[3] == (unsigned long)status_kib("VmExe") / 4 && statm[4] == 0 &&
         statm[5] * 4 ==
             (unsigned long)(status_kib("VmData") + status_kib("VmStk"));
    fclose(maps);
    fclose(file);
    return ok && status_kib("VmRSS") == status_kib("RssAnon") +
                                            status_kib("RssFile") +
                                            status_kib("RssShmem");
}

// ---- faults -----------------------------------------------------------------

static int has_few_faults(void *unused)
{
    struct rusage self, children;

    (void)unused;
    return getrusage(RUSAGE_SELF, &self) ||
           getrusage(RUSAGE_CHILDREN, &children) || self.ru_minflt > PAGES ||
           self.ru_majflt || children.ru_minflt || children.ru_majflt;
}

static bool fork_clears_faults(void)
{
    uint8_t *at = map_pages(256);
    struct rusage usage;

    memset(at, 1, 256 * PAGE);
    bool ok = getrusage(RUSAGE_SELF, &usage) == 0 && usage.ru_minflt > PAGES &&
              in_child(has_few_faults, NULL) == 0;
    return munmap(at, 256 * PAGE) == 0 && ok;
}

// A static program reads what it runs, not all of itself.
static bool faults_of_exec(void)
{
    struct rusage before, after;
    long faults;
    pid_t pid;
    int status = -1;

    getrusage(RUSAGE_CHILDREN, &before);
    pid = vfork();
    if (pid == 0) {
        execl("/bin/busybox", "true", NULL);
        _exit(1);
    }
    waitpid(pid, &status, 0);
    getrusage(RUSAGE_CHILDREN, &after);
    faults = after.ru_minflt - before.ru_minflt;
    ktap_note("%ld minor faults", faults);
    return status == 0 && faults >= EXEC_FAULTS_MIN &&
           faults <= EXEC_FAULTS_MAX;
}

static int uses(void *unused)
{
    uint8_t *at = map_pages(4096);
    struct rusage usage;

    (void)unused;
    memset(at, 1, 4096 * PAGE);
    munmap(at, 4096 * PAGE);
    return getrusage(RUSAGE_SELF, &usage) || usage.ru_maxrss < 15 << 10 ||
           usage.ru_minflt < 4096 / 16;
}

static bool usage(void)
{
    struct rusage usage;

    return in_child(uses, NULL) == 0 &&
           getrusage(RUSAGE_CHILDREN, &usage) == 0 &&
           usage.ru_maxrss >= 15 << 10;
}

// One that has ended, and was not waited for, is in no directory.
static bool places_of_the_dead(void)
{
    char path[64], target[8];
    siginfo_t info;
    pid_t child = fork();
    bool ok;

    if (child == 0)
        _exit(0);
    ok = waitid(P_PID, (id_t)child, &info, WEXITED | WNOWAIT) == 0;
    snprintf(path, sizeof(path), "/proc/%d/cwd", child);
    ok = ok && readlink(path, target, sizeof(target)) < 0 && errno == ENOENT &&
         chdir(path) < 0 && errno == ENOENT;
    snprintf(path, sizeof(path), "/proc/%d/root", child);
    ok = ok && readlink(path, target, sizeof(target)) < 0 && errno == ENOENT;
    return waitpid(child, NULL, 0) == child && ok;
}

int main(int argc, char **argv)
{
    static const struct ktap_test tests[] = {
        {"areas", areas},
        {"shared pages", shared_pages},
        {"resident kinds", resident_kinds},
        {"pagemap", page_map},
        {"kpagecount", page_count},
        {"frames are secret", frames_are_secret},
        {"pagemap reads", page_map_reads},
        {"clear_refs", clear_refs},
        {"sizes", sizes},
        {"rollup", rollup},
        {"swapped", swapped},
        {"locked", locked},
        {"where code is", where_code_is},
        {"where heap and strings are", where_heap_and_strings_are},
        {"sums", sums},
        {"fork clears faults", fork_clears_faults},
        {"faults of exec", faults_of_exec},
        {"usage", usage},
        {"places of the dead", places_of_the_dead},
    };
    (void)argc;
    arguments = argv;
    return ktap_run_program(tests, sizeof(tests) / sizeof(*tests));
}
