// tests/unit/test_ring.c - lib/ring.c
// sources: lib/ring.c
// SPDX-License-Identifier: MIT
//
// The model: byte number n of the stream is a function of n, so that what is
// read says itself whether it is right.

#include "harness.h"

#include <string.h>

#include <lib/ring.h>

static u8 byte_at(u64 sequence)
{
    return (u8)((u32)sequence * 2654435761u >> 24);
}

static void put_next(struct ring *ring, u32 count)
{
    u8 *bytes = malloc(count + 1);

    for (u32 i = 0; i < count; i++)
        bytes[i] = byte_at(ring->head + i);
    ring_put(ring, bytes, count);
    free(bytes);
}

TEST(examples)
{
    char storage[4], out[8] = "";
    struct ring ring;
    u64 position = 0, lost;

    ring_init(&ring, storage, sizeof(storage));
    CHECK_EQ(ring_read(&ring, &position, out, sizeof(out), &lost), 0);
    ring_put(&ring, "abc", 3);
    CHECK_EQ(ring_read(&ring, &position, out, 2, &lost), 2);
    CHECK(memcmp(out, "ab", 2) == 0 && lost == 0 && position == 2);
    ring_put(&ring, "defg", 4); // "c" is gone
    CHECK_EQ(ring_read(&ring, &position, out, sizeof(out), &lost), 4);
    CHECK(memcmp(out, "defg", 4) == 0 && lost == 1 && position == 7);
    ring_put(&ring, "0123456789", 10);
    CHECK_EQ(ring_oldest(&ring), 13);
    CHECK_EQ(ring_read(&ring, &position, out, sizeof(out), NULL), 4);
    CHECK(memcmp(out, "6789", 4) == 0 && position == 17);
    position = 100; // of another ring
    CHECK_EQ(ring_read(&ring, &position, out, sizeof(out), &lost), 0);
    CHECK(position == 17 && lost == 0);
    CHECK_ASSERTS(ring_init(&ring, storage, 0));
}

TEST(random_puts_and_reads)
{
    u8 storage[64], out[100];
    struct ring ring;
    u64 positions[3] = {0}, lost;

    ring_init(&ring, storage, 1 + test_random_below(sizeof(storage)));
    for (u32 i = 0; i < TEST_ROUNDS; i++) {
        u64 *position = &positions[test_random_below(3)], before = *position;
        u64 oldest = ring_oldest(&ring);
        u32 max = test_random_below(sizeof(out)), count;

        if (test_random_one_in(2)) {
            put_next(&ring, test_random_below(test_random_one_in(9) ? 200 : 9));
            continue;
        }
        count = ring_read(&ring, position, out, max, &lost);
        CHECK_EQ(lost, before < oldest ? oldest - before : 0);
        CHECK_EQ(*position, before + lost + count);
        CHECK(count == max || *position == ring.head);
        for (u32 j = 0; j < count; j++)
            CHECK_EQ(out[j], byte_at(before + lost + j));
    }
}
