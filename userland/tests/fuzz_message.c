// userland/tests/fuzz_message.c - what is said through sockets
// SPDX-License-Identifier: MIT
//
// Addresses of AF_UNIX, messages with descriptors and credentials in them, and
// the arguments of socketcall(2).

#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "fuzz.h"

enum {
    CONTROL_BYTES = 256,
    CONTROL_WORDS = CONTROL_BYTES / 4,
    VECTORS = 4,
    MESSAGES = 3,
    MMSG_WORDS = (sizeof(struct msghdr) + 4) / 4,
    PASSED = 4, // descriptors in a message
};

static uint32_t at(const void *pointer)
{
    return (uint32_t)(uintptr_t)pointer;
}

// A name in the scratch folder, or one of few that are in no folder.
void fuzz_address(uint32_t *words)
{
    static const char *const names[] = {"sock", "sock",     "sock",    "sock2",
                                        "a",    "dir/sock", "mnt/sock"};
    struct sockaddr_un *name = (struct sockaddr_un *)(void *)words;

    name->sun_family = fuzz_one_in(10) ? (uint16_t)fuzz_random() : AF_UNIX;
    memset(name->sun_path, 0, sizeof(name->sun_path));
    if (fuzz_one_in(2))
        strcpy(name->sun_path, names[fuzz_below(sizeof(names) / 4)]);
    else
        name->sun_path[1] = (char)('a' + fuzz_below(3));
    if (fuzz_one_in(16)) // no end
        memset(name->sun_path, 'n', sizeof(name->sun_path));
}

static uint32_t rights(struct cmsghdr *header)
{
    uint32_t count = fuzz_below(PASSED + 1);
    uint32_t *fds = (uint32_t *)(void *)CMSG_DATA(header);

    for (uint32_t i = 0; i < count; i++)
        fds[i] = fuzz_descriptor(fuzz_one_in(2) ? '$' : 'f');
    return count * 4;
}

static uint32_t credentials(struct cmsghdr *header)
{
    uint32_t *words = (uint32_t *)(void *)CMSG_DATA(header);

    words[0] = fuzz_one_in(2) ? (uint32_t)getpid() : fuzz_pid();
    words[1] = fuzz_one_in(3) ? fuzz_word() : getuid();
    words[2] = fuzz_one_in(3) ? fuzz_word() : getgid();
    return sizeof(struct ucred);
}

// One or two pieces beside the message. Return: their bytes, seldom a lie.
static uint32_t control(uint8_t *bytes)
{
    uint32_t used = 0;

    for (uint32_t n = 1 + fuzz_below(2); n; n--) {
        struct cmsghdr *header = (struct cmsghdr *)(void *)(bytes + used);
        bool is_rights = fuzz_one_in(2);
        uint32_t size = is_rights ? rights(header) : credentials(header);

        header->cmsg_level = fuzz_one_in(12) ? (int)fuzz_word() : SOL_SOCKET;
        header->cmsg_type = is_rights ? SCM_RIGHTS : SCM_CREDENTIALS;
        header->cmsg_len = CMSG_LEN(size);
        if (fuzz_one_in(12))
            header->cmsg_len = fuzz_word();
        used += CMSG_SPACE(size);
    }
    return fuzz_one_in(12) ? fuzz_word() : used;
}

void fuzz_message(uint32_t *words)
{
    struct msghdr *message = (struct msghdr *)(void *)words;
    uint32_t *vectors = fuzz_buffer(VECTORS * 8);
    uint32_t *name = fuzz_buffer(sizeof(struct sockaddr_un) + 4);
    uint32_t *beside = fuzz_buffer(CONTROL_BYTES);

    fuzz_address(name);
    fuzz_fill('v', vectors, VECTORS * 2);
    words[offsetof(struct msghdr, msg_name) / 4] =
        fuzz_one_in(2) ? 0 : at(name);
    message->msg_namelen = fuzz_one_in(8) ? fuzz_word() : fuzz_below(111);
    words[offsetof(struct msghdr, msg_iov) / 4] =
        fuzz_one_in(12) ? fuzz_pointer() : at(vectors);
    message->msg_iovlen =
        fuzz_one_in(12) ? (int)fuzz_word() : (int)fuzz_below(VECTORS + 1);
    words[offsetof(struct msghdr, msg_control) / 4] =
        fuzz_one_in(12) ? fuzz_pointer() : at(beside);
    message->msg_controllen =
        fuzz_one_in(3) ? 0 : control((uint8_t *)(void *)beside);
    message->msg_flags = (int)fuzz_word();
}

void fuzz_messages(uint32_t *words)
{
    for (uint32_t i = 0; i < MESSAGES; i++)
        fuzz_message(words + i * MMSG_WORDS);
}

// Descriptor, pointer, size, flags, pointer, size; or three small numbers.
void fuzz_socketcall(uint32_t *words)
{
    uint32_t *pointed = fuzz_buffer(CONTROL_BYTES);

    if (fuzz_one_in(2))
        fuzz_address(pointed);
    else
        fuzz_message(pointed);
    if (fuzz_one_in(3)) {
        fuzz_choice('0', &words[0]);
        fuzz_choice('1', &words[1]);
        words[2] = 0;
        words[3] = at(pointed);
        return;
    }
    words[0] = fuzz_descriptor('$');
    words[1] = at(pointed);
    words[2] = fuzz_one_in(2) ? fuzz_below(111) : fuzz_pointer();
    fuzz_choice('4', &words[3]);
    words[4] = fuzz_one_in(2) ? 0 : at(pointed);
    words[5] = fuzz_one_in(2) ? fuzz_below(111) : fuzz_pointer();
}
