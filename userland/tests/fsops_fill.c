// userland/tests/fsops_fill.c - a full file system
// SPDX-License-Identifier: MIT

#include "fsops.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/statfs.h>
#include <unistd.h>

// ---- a full file system ----------------------------------------------------

static uint64_t free_blocks(void)
{
    struct statfs fs;

    sync(); // Linux frees some things later
    return statfs(".", &fs) == 0 ? fs.f_bfree : 0;
}

bool fill_with_data(void)
{
    static uint8_t buffer[CHUNK_BYTES], got[CHUNK_BYTES];
    uint64_t before = free_blocks();
    int fd = open("full", O_CREAT | O_RDWR | O_LARGEFILE, 0644);
    off_t total = 0;
    ssize_t n;

    memset(buffer, 0xa5, sizeof(buffer));
    while ((n = write(fd, buffer, sizeof(buffer))) > 0)
        total += n;
    bool ok = n == -1 && errno == ENOSPC && total > 0;
    struct stat st;
    ok = ok && fstat(fd, &st) == 0 && st.st_size == total;
    // What was there before can be written still; a new file cannot.
    ok = ok && pwrite(fd, buffer, 100, 5000) == 100 && fsync(fd) == 0;
    for (off_t at = 0; ok && at < total; at += n) {
        n = pread(fd, got, sizeof(got), at);
        ok = n > 0 && is_all(got, (size_t)n, 0xa5);
    }
    int other = open("other", O_CREAT | O_RDWR, 0644);
    if (other >= 0) {
        while ((n = write(other, "x", 1)) > 0)
            ;
        ok = ok && n == -1 && errno == ENOSPC;
        close(other);
        ok = unlink("other") == 0 && ok;
    }
    close(fd);
    return unlink("full") == 0 && ok && free_blocks() == before;
}

// Directories and links while there is no room.
bool fill_with_names(void)
{
    char name[300];
    int made = 0, rc = 0;
    uint64_t before = free_blocks();
    bool ok = mkdir("names", 0755) == 0;

    memset(name, 'n', sizeof(name));
    for (; ok; made++) {
        snprintf(name, sizeof(name), "names/%0200d", made);
        rc = made % 2 ? mkdir(name, 0755) : make_file(name, name) ? 0 : -1;
        if (rc)
            break;
    }
    ok = ok && errno == ENOSPC && made > 0;
    unlink(name); // a file may be there, empty
    while (made-- > 0) {
        snprintf(name, sizeof(name), "names/%0200d", made);
        ok = (made % 2 ? rmdir(name) : unlink(name)) == 0 && ok;
    }
    return rmdir("names") == 0 && ok && free_blocks() == before;
}
