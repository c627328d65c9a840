// userland/tests/fuzz_random.c - numbers that are likely to matter
// SPDX-License-Identifier: MIT

#include "fuzz.h"

static uint32_t state;

static uint32_t mix(uint32_t x)
{
    x = (x ^ (x >> 16)) * 0x85ebca6bu;
    x = (x ^ (x >> 13)) * 0xc2b2ae35u;
    return x ^ (x >> 16);
}

// Seeds that follow each other begin far apart.
void fuzz_seed(uint32_t seed)
{
    state = mix(seed ^ 0x5bd1e995u);
}

uint32_t fuzz_random(void)
{
    return mix(state += 0x9e3779b9u);
}

uint32_t fuzz_below(uint32_t n)
{
    return n ? fuzz_random() % n : 0;
}

bool fuzz_one_in(uint32_t n)
{
    return fuzz_below(n) == 0;
}

static const uint32_t limits[] = {
    0,          1,          2,          3,          4,          7,
    8,          16,         31,         32,         63,         64,
    65,         100,        127,        128,        255,        256,
    511,        512,        1000,       1023,       1024,       1025,
    4095,       4096,       4097,       8192,       65535,      65536,
    0x100000,   0x7ffff000, 0x7fffffff, 0x80000000, 0x80000001, 0xbffff000,
    0xc0000000, 0xfffff000, 0xffffefff, 0xfffffff0, 0xfffffffe, 0xffffffff,
    1000000,    999999999,  1000000000, 0x55555555, 0x3fffffff, 0x40000000,
};

uint32_t fuzz_word(void)
{
    switch (fuzz_below(8)) {
    case 0:
    case 1:
    case 2: return limits[fuzz_below(sizeof(limits) / sizeof(limits[0]))];
    case 3:
    case 4: return fuzz_below(10);
    case 5: return 1u << fuzz_below(32);
    case 6: return fuzz_random() >> fuzz_below(32);
    default: return 0u - fuzz_below(200);
    }
}
