// userland/tests/fuzz_value.c - arguments by their kind
// SPDX-License-Identifier: MIT
//
//   ?  any of those below          i  a number           y  a small one
//   f  descriptor                  d  one to start at    n  size of a buffer
//   p  name in the scratch folder  P  name of anything that may be read
//   b  pointer to anything         G  output, looked at afterwards
//   a  address of a page           l  length of a range  r  protection
//   s  signal                      k  process            u  user or group
//   M  mode                        w  whence             N  file system
//   I  ioctl                       q  what is given to one, or to fcntl
//   K  clock                       Z  size of a set      H  word for a futex
//   V  strings                     z  string             ;  offset, or NULL
//   -  name of a folder there      ,  options of mounts  )  shared segment
//
// descriptors of one sort (fuzz_files.c):
//
//   $  socket    |  pipe    @  epoll   %  timer   ^  inotify   &  process
//   *  terminal  #  file    `  folder  _  signals, or a new one
//
// numbers that calls know (fuzz_choice.c):
//
//   x  flags: some bits     m  flags of mmap      o  flags of open
//   c  flags of clone       e  device             C  fcntl
//   X  futex operation      R  value of a futex   j  POSIX timer
//   0  domain of a socket   1  its type           2  level of an option
//   3  option               4  flags of messages  h  length of an address
//   5  change of an epoll   6  flags of eventfd   7  what to watch for
//   8  flags of splice      9  flags of timers    g  size for clone3
//   =  flags, mostly none   !  not to wait        ~  flags of ...at
//   <  size of a struct     >  whose usage        (  flags of shmget
//   [  flags of shmat       +  command of shmctl  ]  call of ipc
//   :  flags of mounts      .  kind of flock      }  flags of wait
//   '  function of modify_ldt
//
// and structures (fuzz_struct.c, fuzz_message.c):
//
//   v  iovecs               t  time, and           T  times: the same
//   S  set of signals       A  sigaction           L  pollfds
//   F  set of descriptors   D  segment             O  epoll_event
//   Y  flock                B  sigevent            J  clone_args
//   U  address of a socket  Q  message             W  messages
//   E  arguments of socketcall                    {  arguments of mmap
//   /  header of capabilities
//
// What a worker is given to damage is its own: names that change something are
// of its folder (and so nothing if it has gone elsewhere), processes itself and
// its children. As root there is nothing
// else that would keep it from ending the machine.

#include <asm/unistd.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <linux/futex.h>
#include <linux/sched.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fuzz.h"

enum {
    CHILDREN = 8,
    REGIONS = 16,
    REGION_PAGES = 16,
    SEGMENTS = 4,
    STRINGS = 6,
};

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define PICK(a)  ((a)[fuzz_below(COUNT(a))])

static int32_t children[CHILDREN];
static uint32_t regions[REGIONS];
static int32_t segments[SEGMENTS];

static const char *const scratch_folders[] = {
    "dir",    "mnt",        "dir/dir", "mnt/dir", "mnt/..",
    "dir/..", "dir/../mnt", "b",       "a",
};

// As a buffer of the arena, so that it is also put where memory ends.
static uint32_t string(const char *text)
{
    size_t bytes = strlen(text) + 1;
    uint32_t *to;

    if (fuzz_one_in(30))
        return fuzz_pointer();
    to = fuzz_buffer((uint32_t)bytes);
    memcpy(to, text, bytes);
    return (uint32_t)(uintptr_t)to;
}

uint32_t fuzz_pid(void)
{
    switch (fuzz_below(8)) {
    case 0: return 0;
    case 1: return 0x7fffffff - fuzz_below(3);
    case 2: return (uint32_t)-getpid();
    case 3: return 1000000 + fuzz_below(1000000);
    case 4:
    case 5: return (uint32_t)children[fuzz_below(CHILDREN)];
    default: return (uint32_t)getpid();
    }
}

static uint32_t page_address(void)
{
    uint32_t page = regions[fuzz_below(REGIONS)];

    switch (fuzz_below(8)) {
    case 0: return fuzz_word();
    case 1: return fuzz_random() & ~0xfffu & 0x7fffffff;
    case 2: return page + fuzz_below(16) * PAGE_BYTES;
    case 3: return fuzz_one_in(4) ? fuzz_pointer() : page;
    case 4: return 0;
    default: return page;
    }
}

static uint32_t segment(void)
{
    return fuzz_one_in(8) ? fuzz_word()
                          : (uint32_t)segments[fuzz_below(SEGMENTS)];
}

static uint32_t length(void)
{
    if (fuzz_one_in(6))
        return fuzz_word();
    return fuzz_below(40) * PAGE_BYTES + (fuzz_one_in(4) ? fuzz_below(99) : 0);
}

static uint32_t size(void)
{
    return fuzz_one_in(3) ? fuzz_word() : fuzz_below(5000);
}

static const char *const mount_options[] = {
    "size=64k", "mode=700",           "nr_inodes=20", "rw",
    "ro",       "size=99%,mode=1777", "uid=1000",     "what=",
};

static uint32_t file_system(void)
{
    static const char *const names[] = {"tmpfs",    "tmpfs", "proc",
                                        "devtmpfs", "ext2",  "nosuchfs"};

    return string(PICK(names));
}

static uint32_t ioctl_command(void)
{
    static const uint32_t commands[] = {
        TCGETS,      TCSETS,     TCSETSW,    TCSETSF,         TCGETA,
        TCSETA,      TCSBRK,     TCSBRKP,    TIOCSBRK,        TIOCCBRK,
        TCXONC,      TCFLSH,     TIOCGWINSZ, TIOCSWINSZ,      TIOCGPGRP,
        TIOCSPGRP,   TIOCGSID,   TIOCSCTTY,  TIOCNOTTY,       TIOCOUTQ,
        TIOCGETD,    TIOCSETD,   TIOCEXCL,   TIOCNXCL,        TIOCGEXCL,
        TIOCPKT,     TIOCGPKT,   TIOCSPTLCK, TIOCGPTLCK,      TIOCGPTN,
        TIOCGPTPEER, TIOCSIG,    TIOCSTI,    TIOCVHANGUP,     TIOCGDEV,
        TIOCGICOUNT, TIOCMGET,   TIOCMSET,   FIONREAD,        FIONBIO,
        FIOASYNC,    FIOCLEX,    FIONCLEX,   FIOQSIZE,        FIOSETOWN,
        FIOGETOWN,   SIOCATMARK, TIOCINQ,    FS_IOC_GETFLAGS, FS_IOC_SETFLAGS,
        FIBMAP,      FIGETBSZ,   BLKGETSIZE, BLKGETSIZE64,    BLKSSZGET,
        BLKFLSBUF,
    };

    return fuzz_one_in(8) ? fuzz_random() : PICK(commands);
}

// For an ioctl or a fcntl: a number, or a pointer to numbers.
static uint32_t given(void)
{
    uint32_t *words = fuzz_buffer(64 * 4);

    switch (fuzz_below(8)) {
    case 0: return fuzz_pid();
    case 1: return fuzz_descriptor('f');
    case 2: return fuzz_word();
    case 3: return fuzz_below(4);
    case 4: return fuzz_pointer();
    default:
        for (uint32_t i = 0; i < 16; i++)
            words[i] = fuzz_one_in(3) ? fuzz_word() : fuzz_below(4);
        if (fuzz_one_in(3))
            words[0] = fuzz_pid();
        return (uint32_t)(uintptr_t)words;
    }
}

// Where in a file, of 64 bits.
static uint32_t offset(void)
{
    uint32_t *words = fuzz_buffer(8);

    if (fuzz_one_in(2))
        return 0;
    words[0] = fuzz_one_in(4) ? fuzz_word() : fuzz_below(30000);
    words[1] = fuzz_one_in(12) ? fuzz_word() : 0;
    return (uint32_t)(uintptr_t)words;
}

static uint32_t strings(void)
{
    uint32_t *list = fuzz_buffer((STRINGS + 1) * 4);
    uint32_t count = fuzz_below(STRINGS);

    if (fuzz_one_in(8))
        return fuzz_pointer();
    for (uint32_t i = 0; i < count; i++)
        list[i] = fuzz_one_in(12) ? fuzz_pointer() : string(fuzz_any_path());
    list[count] = 0;
    return (uint32_t)(uintptr_t)list;
}

static uint32_t structure(char kind)
{
    uint32_t *words;

    if (fuzz_one_in(10))
        return fuzz_one_in(2) ? 0 : fuzz_pointer();
    words = fuzz_buffer(64 * 4);
    fuzz_fill(kind, words, 64);
    return (uint32_t)(uintptr_t)words;
}

static uint32_t user(void)
{
    static const uint32_t users[] = {0, 1, 1000, 1001, 65534, 65535, ~0u, ~1u};

    return PICK(users);
}

static uint32_t value(char kind);

static uint32_t any_kind(void)
{
    static const char kinds[] = "ixfdpPbnalroskuytUQ$";

    return value(kinds[fuzz_below(sizeof(kinds) - 1)]);
}

static uint32_t value(char kind)
{
    uint32_t chosen;

    switch (kind) {
    case '?': return any_kind();
    case 'i': return fuzz_word();
    case 'y': return fuzz_one_in(12) ? fuzz_word() : fuzz_below(30);
    case 'd': return fuzz_one_in(2) ? (uint32_t)AT_FDCWD : fuzz_descriptor('f');
    case 'p': return string(fuzz_path());
    case 'P': return string(fuzz_any_path());
    case 'z': return string(fuzz_path());
    case 'b': return fuzz_pointer();
    case 'G':
        return fuzz_one_in(6) ? fuzz_pointer()
                              : (uint32_t)(uintptr_t)fuzz_output();
    case 'n': return size();
    case 'a': return page_address();
    case 'l': return length();
    case 'r': return fuzz_one_in(12) ? fuzz_word() : fuzz_below(8);
    case 's': return fuzz_one_in(12) ? fuzz_word() : fuzz_below(66);
    case 'k': return fuzz_pid();
    case 'u': return user();
    case 'M': return fuzz_one_in(4) ? fuzz_random() : fuzz_below(010000);
    case 'w': return fuzz_below(7);
    case 'I': return ioctl_command();
    case 'K': return fuzz_one_in(6) ? fuzz_word() : fuzz_below(12);
    case 'Z': return fuzz_one_in(12) ? fuzz_word() : 8;
    case 'N': return file_system();
    case 'V': return strings();
    case '$':
    case '|':
    case '@':
    case '%':
    case '^':
    case '&':
    case '*':
    case '#':
    case '`':
    case 'f': return fuzz_descriptor(kind);
    case '_': return fuzz_one_in(2) ? ~0u : fuzz_descriptor('_');
    case 'q': return given();
    case 'H': return fuzz_futex_word();
    case ';': return offset();
    case '-': return string(PICK(scratch_folders));
    case ',': return fuzz_one_in(2) ? 0 : string(PICK(mount_options));
    case ')': return segment();
    default: return fuzz_choice(kind, &chosen) ? chosen : structure(kind);
    }
}

// Outputs that another argument's contents lie over would look written.
void fuzz_arguments(struct fuzz_call *call, const char *kinds)
{
    for (unsigned pass = 0; pass < 2; pass++)
        for (unsigned i = 0; i < FUZZ_ARGUMENTS && kinds[i]; i++)
            if ((kinds[i] == 'G') == (pass == 1))
                call->arguments[i] = value(kinds[i]);
}

// Memory of all kinds that calls for memory are given; more comes by mmap2.
bool fuzz_regions_make(void)
{
    static const uint32_t kinds[] = {MAP_PRIVATE | MAP_ANONYMOUS,
                                     MAP_SHARED | MAP_ANONYMOUS, MAP_PRIVATE,
                                     MAP_SHARED};
    int fd = open("file", O_RDWR | O_CLOEXEC);
    bool ok = fd >= 0;

    for (unsigned i = 0; i < REGIONS / 2; i++) {
        void *made =
            mmap(NULL, REGION_PAGES * PAGE_BYTES, PROT_READ | PROT_WRITE,
                 kinds[i % COUNT(kinds)], i % COUNT(kinds) < 2 ? -1 : fd, 0);

        ok &= made != MAP_FAILED;
        regions[i] = (uint32_t)(uintptr_t)made;
    }
    close(fd);
    return ok;
}

void fuzz_learn(uint32_t number, int32_t result)
{
    if (number == __NR_mmap2 || number == __NR_mremap || number == __NR_shmat ||
        number == __NR_brk) {
        if ((uint32_t)result < 0xfffff000)
            regions[fuzz_below(REGIONS)] = (uint32_t)result & ~0xfffu;
    } else if (number == __NR_shmget && result >= 0) {
        segments[fuzz_below(SEGMENTS)] = result;
    } else if (result > 0 && (number == __NR_clone || number == __NR_fork ||
                              number == __NR_vfork || number == __NR_clone3)) {
        children[fuzz_below(CHILDREN)] = result;
    } else {
        fuzz_learn_descriptor(number, result);
    }
}
