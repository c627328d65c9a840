// userland/tests/fsops.c - what can be done with files, on any file system
// SPDX-License-Identifier: MIT
//
//   fsops [DIR]         everything, in a new directory in DIR (/tmp)
//   fsops fill DIR      fill the file system that DIR is on, and empty it again
//   fsops check DIR N   write N files of known content, or, if they are there,
//                       check them; each is fsync'ed before its name is printed
//   fsops replay DIR STAMPS   what standard input says (fsops_replay.c)
//
// True of tmpfs and ext2, on Faultline and on Linux.

#include "fsops.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ktap.h"

enum {
    CHECK_BYTES = 50000,
};

uint32_t random_state = 1;

uint32_t random_number(void)
{
    random_state = random_state * 1664525u + 1013904223u;
    return random_state >> 8;
}

bool make_file(const char *path, const char *content)
{
    int fd = open(path, O_CREAT | O_WRONLY | O_TRUNC, 0644);

    if (fd < 0)
        return false;
    bool ok = write(fd, content, strlen(content)) == (ssize_t)strlen(content);
    return close(fd) == 0 && ok;
}

bool has_content(const char *path, const char *content)
{
    char buffer[256];
    int fd = open(path, O_RDONLY);

    if (fd < 0)
        return false;
    ssize_t got = read(fd, buffer, sizeof(buffer));
    close(fd);
    return got == (ssize_t)strlen(content) &&
           memcmp(buffer, content, (size_t)got) == 0;
}

bool exists(const char *path)
{
    struct stat st;

    return lstat(path, &st) == 0;
}

struct stat stat_of(const char *path)
{
    struct stat st = {0};

    lstat(path, &st);
    return st;
}

bool is_all(const uint8_t *bytes, size_t length, uint8_t value)
{
    for (size_t i = 0; i < length; i++)
        if (bytes[i] != value)
            return false;
    return true;
}

static const struct ktap_test checks[] = {
    {"create_and_unlink", create_and_unlink},
    {"long_names", long_names},
    {"directories", directories},
    {"removed_directory", removed_directory},
    {"symlinks", symlinks},
    {"links", links},
    {"special_files", special_files},
    {"rename_matrix", rename_matrix},
    {"rename_special_cases", rename_special_cases},
    {"rename_over_open", rename_over_open},
    {"holes", holes},
    {"data_and_holes", data_and_holes},
    {"truncation", truncation},
    {"appending", appending},
    {"large_file", large_file},
    {"open_and_unlinked", open_and_unlinked},
    {"shared_mapping", shared_mapping},
    {"against_a_model", against_a_model},
    {"many_names", many_names},
    {"types_in_directories", types_in_directories},
    {"attributes", attributes},
    {"times_of_32_bits", times_of_32_bits},
    {"times_that_are_cut_off", times_that_are_cut_off},
};

static const struct ktap_test fills[] = {
    {"fill_with_data", fill_with_data},
    {"fill_with_names", fill_with_names},
    {"fill_again", fill_with_data},
};

static int run_in(const char *where, const struct ktap_test *list,
                  unsigned count)
{
    char name[64];

    snprintf(name, sizeof(name), "fsops.%d", (int)getpid());
    if (chdir(where) != 0 || mkdir(name, 0755) != 0 || chdir(name) != 0)
        ktap_bail("%s in %s: %s", name, where, strerror(errno));
    ktap_plan(count);
    ktap_run(list, count);
    if (chdir("..") != 0 || rmdir(name) != 0)
        ktap_bail("%s is not empty: %s", name, strerror(errno));
    return ktap_finish();
}

static void make_content(uint8_t *bytes, unsigned number)
{
    random_state = number + 1;
    for (int i = 0; i < CHECK_BYTES; i++)
        bytes[i] = (uint8_t)random_number();
}

// Not KTAP: lines for the one who cuts the machine off.
static int check_files(const char *where, unsigned count)
{
    static uint8_t bytes[CHECK_BYTES], got[CHECK_BYTES];
    char name[32];

    if (chdir(where) != 0)
        return EXIT_FAILURE;
    for (unsigned i = 0; i < count; i++) {
        snprintf(name, sizeof(name), "kept%u", i);
        make_content(bytes, i);
        int fd = open(name, O_RDWR);
        if (fd < 0) {
            fd = open(name, O_CREAT | O_RDWR | O_EXCL, 0644);
            if (fd < 0 || write(fd, bytes, CHECK_BYTES) != CHECK_BYTES ||
                fsync(fd) != 0)
                return EXIT_FAILURE;
            dprintf(1, "kept %u\n", i);
        } else if (read(fd, got, CHECK_BYTES) != CHECK_BYTES ||
                   memcmp(got, bytes, CHECK_BYTES) != 0) {
            dprintf(1, "damaged %u\n", i);
            return EXIT_FAILURE;
        } else {
            dprintf(1, "good %u\n", i);
        }
        close(fd);
    }
    return EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
    if (argc == 4 && strcmp(argv[1], "check") == 0)
        return check_files(argv[2], (unsigned)atoi(argv[3]));
    if (argc == 4 && strcmp(argv[1], "replay") == 0)
        return replay(argv[2], argv[3]);
    if (argc == 3 && strcmp(argv[1], "fill") == 0)
        return run_in(argv[2], fills, sizeof(fills) / sizeof(fills[0]));
    return run_in(argc > 1 ? argv[1] : "/tmp", checks,
                  sizeof(checks) / sizeof(checks[0]));
}
