// tests/unit/test_chacha20.c - kernel/chacha20.c
// sources: kernel/chacha20.c
// SPDX-License-Identifier: MIT
//
// The block of RFC 8439 2.3.2.

#include "harness.h"

#include <string.h>

#include <kernel/chacha20.h>

TEST(rfc_8439_block)
{
    static const u32 nonce[3] = {0x09000000, 0x4a000000, 0};
    static const u32 expected[CHACHA20_BLOCK_WORDS] = {
        0xe4e7f110, 0x15593bd1, 0x1fdd0f50, 0xc47120a3, 0xc7f4d1c7, 0x0368c033,
        0x9aaa2204, 0x4e6cd4c3, 0x466482d2, 0x09aa9f07, 0x05d7c214, 0xa2028bd9,
        0xd19c12b5, 0xb94e16de, 0xe883d0cb, 0x4e3c50a2,
    };
    u32 key[CHACHA20_KEY_WORDS], out[CHACHA20_BLOCK_WORDS];
    u8 bytes[32];
    u32 i;

    for (i = 0; i < sizeof(bytes); i++)
        bytes[i] = (u8)i;
    memcpy(key, bytes, sizeof(key));
    chacha20_block(key, 1, nonce, out);
    for (i = 0; i < CHACHA20_BLOCK_WORDS; i++)
        CHECK_EQ(out[i], expected[i]);
}
