// tests/unit/test_scancode.c - scan codes of a PS/2 keyboard as keys
// sources: drivers/input/scancode.c
// SPDX-License-Identifier: MIT
//
// The model is a keyboard: it makes the bytes of keys that are pressed and let
// go, in both sets, with what goes wrong between.

#include "harness.h"

#include <string.h>

#include "../../drivers/input/keys.h"
#include "../../drivers/input/scancode.h"

// Keys with both codes, from the tables of the PS/2 reference: enough of each
// row, and all with something particular. Prefix E0 where the key's number has
// the highest bit.
static const struct {
    u8 key, set_2;
} keys[] = {
    {0x01, 0x76}, {0x02, 0x16}, {0x0b, 0x45}, {0x0d, 0x55}, {0x0e, 0x66},
    {0x0f, 0x0d}, {0x10, 0x15}, {0x19, 0x4d}, {0x1b, 0x5b}, {0x1c, 0x5a},
    {0x1d, 0x14}, {0x1e, 0x1c}, {0x26, 0x4b}, {0x28, 0x52}, {0x29, 0x0e},
    {0x2a, 0x12}, {0x2b, 0x5d}, {0x2c, 0x1a}, {0x32, 0x3a}, {0x35, 0x4a},
    {0x36, 0x59}, {0x37, 0x7c}, {0x38, 0x11}, {0x39, 0x29}, {0x3a, 0x58},
    {0x3b, 0x05}, {0x3f, 0x03}, {0x41, 0x83}, {0x42, 0x0a}, {0x44, 0x09},
    {0x45, 0x77}, {0x46, 0x7e}, {0x47, 0x6c}, {0x4a, 0x7b}, {0x4c, 0x73},
    {0x4e, 0x79}, {0x53, 0x71}, {0x54, 0x84}, {0x56, 0x61}, {0x57, 0x78},
    {0x58, 0x07}, {0x73, 0x51}, {0x9c, 0x5a}, {0x9d, 0x14}, {0xb5, 0x4a},
    {0xb7, 0x7c}, {0xb8, 0x11}, {0xc6, 0x7e}, {0xc7, 0x6c}, {0xc8, 0x75},
    {0xc9, 0x7d}, {0xcb, 0x6b}, {0xcd, 0x74}, {0xcf, 0x69}, {0xd0, 0x72},
    {0xd1, 0x7a}, {0xd2, 0x70}, {0xd3, 0x71}, {0xdb, 0x1f}, {0xdd, 0x2f},
};

static struct scan_decoder decoder;
static struct scan_event event; // of the last key

static enum scan_result feed(const char *bytes, u32 count)
{
    enum scan_result result = SCAN_NOTHING;

    for (u32 i = 0; i < count; i++) {
        CHECK_EQ(result, SCAN_NOTHING); // before the last there is nothing
        result = scan_decode(&decoder, (u8)bytes[i], &event);
    }
    return result;
}

#define FEED(bytes) feed((bytes), sizeof(bytes) - 1)

static void start(enum scan_set set)
{
    decoder = (struct scan_decoder){.set = (u8)set};
}

// The bytes that the model sends. Return: how many.
static u32 model_bytes(enum scan_set set, u32 n, bool down, char *out)
{
    u32 count = 0;

    if (keys[n].key & KEY_EXTENDED)
        out[count++] = (char)0xe0;
    if (set == SCAN_SET_1) {
        out[count++] = (char)((keys[n].key & 0x7f) | (down ? 0 : 0x80));
        return count;
    }
    if (!down)
        out[count++] = (char)0xf0;
    out[count++] = (char)keys[n].set_2;
    return count;
}

static void check_key(enum scan_set set, u32 n, bool down)
{
    char bytes[4];
    u32 count = model_bytes(set, n, down, bytes);

    CHECK_EQ(feed(bytes, count), SCAN_KEY);
    CHECK_EQ(event.key, keys[n].key);
    CHECK_EQ(event.down, down);
}

TEST(keys_of_both_sets)
{
    for (u32 set = SCAN_SET_1; set <= SCAN_SET_2; set++) {
        start(set);
        for (u32 n = 0; n < ARRAY_SIZE(keys); n++) {
            check_key(set, n, true);
            check_key(set, n, false);
        }
    }
}

// Set 2 to set 1 is one to one: no two keys of set 2 become the same, but for
// the two that have two codes each (F7, and Print with Alt).
TEST(translation_is_one_to_one)
{
    u8 from[128] = {0};

    for (u32 code = 1; code < 0x84; code++) {
        start(SCAN_SET_2);
        if (scan_decode(&decoder, (u8)code, &event) != SCAN_KEY)
            continue;
        CHECK(event.key < 0x80 && event.down);
        CHECK(!from[event.key] || (code == 0x83 && from[0x41] == 0x02));
        from[event.key] = (u8)code;
    }
    for (u32 key = 1; key < 0x59; key++)
        CHECK(from[key] || key == 0x41);
}

TEST(pause)
{
    start(SCAN_SET_1);
    CHECK_EQ(FEED("\xe1\x1d\x45"), SCAN_KEY);
    CHECK(event.key == KEY_PAUSE && event.down);
    CHECK_EQ(FEED("\xe1\x9d\xc5"), SCAN_KEY);
    CHECK(event.key == KEY_PAUSE && !event.down);
    start(SCAN_SET_2);
    CHECK_EQ(FEED("\xe1\x14\x77"), SCAN_KEY);
    CHECK(event.key == KEY_PAUSE && event.down);
    CHECK_EQ(FEED("\xe1\xf0\x14\xf0\x77"), SCAN_KEY);
    CHECK(event.key == KEY_PAUSE && !event.down);
    // Half of it, and a key behind.
    start(SCAN_SET_1);
    CHECK_EQ(FEED("\xe1\x1d\x1e"), SCAN_NOTHING);
    CHECK_EQ(FEED("\x1e"), SCAN_KEY);
    CHECK_EQ(event.key, 0x1e);
}

// The shift keys that nobody pressed, around one that was.
TEST(fake_shifts)
{
    start(SCAN_SET_1);
    CHECK_EQ(FEED("\xe0\x2a\xe0\x48"), SCAN_KEY);
    CHECK(event.key == KEY_UP && event.down);
    CHECK_EQ(FEED("\xe0\xc8"), SCAN_KEY);
    CHECK_EQ(FEED("\xe0\xaa\xe0\xb6\xe0\x36"), SCAN_NOTHING);
    start(SCAN_SET_2);
    CHECK_EQ(FEED("\xe0\x12\xe0\x75"), SCAN_KEY);
    CHECK_EQ(event.key, KEY_UP);
    CHECK_EQ(FEED("\xe0\xf0\x12\xe0\xf0\x59"), SCAN_NOTHING);
}

TEST(no_keys)
{
    start(SCAN_SET_1);
    CHECK_EQ(FEED("\xff"), SCAN_OVERRUN);
    CHECK_EQ(FEED("\xe0\xff"), SCAN_OVERRUN);
    CHECK_EQ(FEED("\xfa\xfe\xee\xfc\xfd\x80"), SCAN_NOTHING);
    CHECK_EQ(FEED("\xe0\xfa\x1e"), SCAN_KEY); // the prefix is forgotten
    CHECK_EQ(event.key, 0x1e);
    CHECK_EQ(FEED("\xaa"), SCAN_KEY); // in set 1 a shift key's
    CHECK(event.key == KEY_LEFT_SHIFT && !event.down);
    start(SCAN_SET_2);
    CHECK_EQ(FEED("\xaa"), SCAN_STARTED);
    CHECK_EQ(FEED("\xf0\xaa"), SCAN_STARTED);
    CHECK_EQ(FEED("\xf0"), SCAN_NOTHING);
    scan_reset(&decoder);
    CHECK_EQ(FEED("\x1c"), SCAN_KEY); // pressed: the F0 was lost
    CHECK(event.down);
}

// Whatever comes: a byte is taken, no key is 0, and after three bytes that are
// no prefix a key is what it is.
TEST(random_noise)
{
    for (u32 i = 0; i < TEST_ROUNDS; i++) {
        u32 set = SCAN_SET_1 + test_random_below(2);
        u32 n = test_random_below(ARRAY_SIZE(keys));

        start(set);
        for (u32 count = test_random_below(12); count; count--) {
            u8 byte = test_random_one_in(3) ? (u8)(0xe0 + test_random_below(2))
                                            : (u8)test_random();

            if (scan_decode(&decoder, byte, &event) == SCAN_KEY)
                CHECK(event.key != 0);
        }
        for (u32 k = 0; k < 3; k++)
            (void)scan_decode(&decoder, 0x4b, &event);
        check_key(set, n, true);
        check_key(set, n, false);
    }
}
