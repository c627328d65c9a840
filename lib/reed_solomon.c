// lib/reed_solomon.c - symbols that mend others [P]
// SPDX-License-Identifier: MIT
//
// The twelve symbols are the remainder of the data, taken for a polynomial, by
// the generator's. It is kept in three words, a byte each, the highest power on
// top; what a symbol that leaves it at the top does to the rest is looked up.

#include <lib/reed_solomon.h>

#include <base/compiler.h>

#define FIELD_POLYNOMIAL 0x89u
#define FIELD_SIZE       (1u << RS_SYMBOL_BITS)
#define WORDS            (RS_PARITY / 4)

static_assert(RS_PARITY % 4 == 0, "whole words");

struct remainder {
    u32 word[WORDS];
};

static struct remainder table[FIELD_SIZE];

static u8 multiply(u8 a, u8 b)
{
    u32 product = 0;

    for (u32 i = 0; i < RS_SYMBOL_BITS; i++)
        if (b & (1u << i))
            product ^= (u32)a << i;
    for (u32 i = 2 * RS_SYMBOL_BITS - 1; i >= RS_SYMBOL_BITS; i--)
        if (product & (1u << i))
            product ^= FIELD_POLYNOMIAL << (i - RS_SYMBOL_BITS);
    return (u8)product;
}

// generator - the product of (x - 2^i): its coefficients, x^12 (1) left out,
// x^11 first.
static void generator(u8 out[RS_PARITY])
{
    u8 g[RS_PARITY + 1] = {1}; // lowest power first
    u8 root = 1;

    for (u32 degree = 0; degree < RS_PARITY; degree++) {
        for (u32 i = degree + 1; i > 0; i--)
            g[i] = g[i - 1] ^ multiply(g[i], root);
        g[0] = multiply(g[0], root);
        root = multiply(root, 2);
    }
    for (u32 i = 0; i < RS_PARITY; i++)
        out[i] = g[RS_PARITY - 1 - i];
}

void rs_init(void)
{
    u8 g[RS_PARITY];

    generator(g);
    for (u32 top = 0; top < FIELD_SIZE; top++) {
        struct remainder r = {0};

        for (u32 i = 0; i < RS_PARITY; i++)
            r.word[i / 4] = r.word[i / 4] << 8 | multiply(g[i], (u8)top);
        table[top] = r;
    }
}

void rs_parity(const u8 *data, u32 count, u8 out[RS_PARITY])
{
    struct remainder now = {0};

    for (u32 i = 0; i < count; i++) {
        const struct remainder *r = &table[now.word[0] >> 24 ^ data[i]];

        now.word[0] = (now.word[0] << 8 | now.word[1] >> 24) ^ r->word[0];
        now.word[1] = (now.word[1] << 8 | now.word[2] >> 24) ^ r->word[1];
        now.word[2] = now.word[2] << 8 ^ r->word[2];
    }
    for (u32 i = 0; i < RS_PARITY; i++)
        out[i] = (u8)(now.word[i / 4] >> (24 - 8 * (i % 4)));
}
