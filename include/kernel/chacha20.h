// include/kernel/chacha20.h - the block function of ChaCha20 [P]
// SPDX-License-Identifier: MIT
#pragma once

#include <base/types.h>

#define CHACHA20_KEY_WORDS   8u
#define CHACHA20_BLOCK_WORDS 16u

// chacha20_block - 64 bytes that depend on @key, @counter and @nonce.
// Source: RFC 8439 2.3.
void chacha20_block(const u32 key[CHACHA20_KEY_WORDS], u32 counter,
                    const u32 nonce[3], u32 out[CHACHA20_BLOCK_WORDS]);
