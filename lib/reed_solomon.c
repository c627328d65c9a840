// lib/reed_solomon.c - bytes that mend others [P]
// SPDX-License-Identifier: MIT
//
// The eight bytes are the remainder of the data, taken for a polynomial, by the
// generator's. It is kept in two words, the highest power on top; what a byte
// that leaves it at the top does to the rest is looked up.

#include <lib/reed_solomon.h>

#define FIELD_POLYNOMIAL 0x11du

struct remainder {
    u32 high, low;
};

static struct remainder table[256];

static u8 multiply(u8 a, u8 b)
{
    u32 product = 0;

    for (u32 i = 0; i < 8; i++)
        if (b & (1u << i))
            product ^= (u32)a << i;
    for (u32 i = 15; i >= 8; i--)
        if (product & (1u << i))
            product ^= FIELD_POLYNOMIAL << (i - 8);
    return (u8)product;
}

// generator - the product of (x - 2^i): its coefficients, x^8 (1) left out,
// x^7 first.
static void generator(u8 out[RS_PARITY_BYTES])
{
    u8 g[RS_PARITY_BYTES + 1] = {1}; // lowest power first
    u8 root = 1;

    for (u32 degree = 0; degree < RS_PARITY_BYTES; degree++) {
        for (u32 i = degree + 1; i > 0; i--)
            g[i] = g[i - 1] ^ multiply(g[i], root);
        g[0] = multiply(g[0], root);
        root = multiply(root, 2);
    }
    for (u32 i = 0; i < RS_PARITY_BYTES; i++)
        out[i] = g[RS_PARITY_BYTES - 1 - i];
}

void rs_init(void)
{
    u8 g[RS_PARITY_BYTES];

    generator(g);
    for (u32 top = 0; top < 256; top++) {
        struct remainder r = {0};

        for (u32 i = 0; i < 4; i++) {
            r.high = r.high << 8 | multiply(g[i], (u8)top);
            r.low = r.low << 8 | multiply(g[i + 4], (u8)top);
        }
        table[top] = r;
    }
}

void rs_parity(const u8 *data, u32 bytes, u8 out[RS_PARITY_BYTES])
{
    u32 high = 0, low = 0;

    for (u32 i = 0; i < bytes; i++) {
        const struct remainder *r = &table[high >> 24 ^ data[i]];

        high = (high << 8 | low >> 24) ^ r->high;
        low = low << 8 ^ r->low;
    }
    for (u32 i = 0; i < 4; i++) {
        out[i] = (u8)(high >> (24 - 8 * i));
        out[i + 4] = (u8)(low >> (24 - 8 * i));
    }
}
