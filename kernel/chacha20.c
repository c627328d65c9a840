// kernel/chacha20.c - the block function of ChaCha20 [P]
// SPDX-License-Identifier: MIT
//
// Source: RFC 8439 2.1 to 2.3.

#include <kernel/chacha20.h>

#define DOUBLE_ROUNDS 10u

static u32 rotate(u32 word, u32 bits)
{
    return word << bits | word >> (32 - bits);
}

static void quarter_round(u32 s[CHACHA20_BLOCK_WORDS], u32 a, u32 b, u32 c,
                          u32 d)
{
    s[a] += s[b];
    s[d] = rotate(s[d] ^ s[a], 16);
    s[c] += s[d];
    s[b] = rotate(s[b] ^ s[c], 12);
    s[a] += s[b];
    s[d] = rotate(s[d] ^ s[a], 8);
    s[c] += s[d];
    s[b] = rotate(s[b] ^ s[c], 7);
}

void chacha20_block(const u32 key[CHACHA20_KEY_WORDS], u32 counter,
                    const u32 nonce[3], u32 out[CHACHA20_BLOCK_WORDS])
{
    // "expand 32-byte k", the key, the counter, the nonce.
    u32 start[CHACHA20_BLOCK_WORDS] = {
        0x61707865, 0x3320646e, 0x79622d32, 0x6b206574, key[0], key[1],
        key[2],     key[3],     key[4],     key[5],     key[6], key[7],
        counter,    nonce[0],   nonce[1],   nonce[2],
    };
    u32 i;

    for (i = 0; i < CHACHA20_BLOCK_WORDS; i++)
        out[i] = start[i];
    for (i = 0; i < DOUBLE_ROUNDS; i++) {
        quarter_round(out, 0, 4, 8, 12);
        quarter_round(out, 1, 5, 9, 13);
        quarter_round(out, 2, 6, 10, 14);
        quarter_round(out, 3, 7, 11, 15);
        quarter_round(out, 0, 5, 10, 15);
        quarter_round(out, 1, 6, 11, 12);
        quarter_round(out, 2, 7, 8, 13);
        quarter_round(out, 3, 4, 9, 14);
    }
    for (i = 0; i < CHACHA20_BLOCK_WORDS; i++)
        out[i] += start[i];
}
