// include/lib/reed_solomon.h - symbols that mend others [P]
// SPDX-License-Identifier: MIT
//
// A Reed-Solomon code over GF(2^7) (polynomial x^7 + x^3 + 1, generator 2):
// twelve symbols of seven bits behind up to 115 others. Whoever reads all of
// them can mend any m that are known to be missing and any w that are wrong if
// m + 2w is at most 12. A reader that goes up to 8 has four left to know that
// what it made is right.
// Here is only the writing end; tools/tracelib has the other.
#pragma once

#include <base/types.h>

#define RS_PARITY      12u
#define RS_SYMBOL_BITS 7u
#define RS_SYMBOLS_MAX 127u

// rs_init - build the table. Once, before rs_parity.
void rs_init(void);

// rs_parity - the RS_PARITY symbols that go behind @count symbols (at most
// RS_SYMBOLS_MAX - RS_PARITY) at @data, a byte each. Some twelve instructions
// for each symbol.
// Source: Reed and Solomon, Polynomial Codes over Certain Finite Fields, 1960;
// the roots of the generator are 2^0 to 2^11.
void rs_parity(const u8 *data, u32 count, u8 out[RS_PARITY]);
