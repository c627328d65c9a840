// include/lib/reed_solomon.h - bytes that mend others [P]
// SPDX-License-Identifier: MIT
//
// A Reed-Solomon code over GF(2^8) (polynomial 0x11d, generator 2): eight bytes
// behind up to 247 others. Whoever reads all of them can find and mend any four
// that are wrong, or any eight of which it is known that they are missing.
// Here is only the writing end; tools/tracelib has the other.
#pragma once

#include <base/types.h>

#define RS_PARITY_BYTES 8u

// rs_init - build the table. Once, before rs_parity.
void rs_init(void);

// rs_parity - the RS_PARITY_BYTES that go behind @bytes bytes (at most 247) at
// @data. Some ten instructions for each byte.
// Source: Reed and Solomon, Polynomial Codes over Certain Finite Fields, 1960;
// the roots of the generator are 2^0 to 2^7.
void rs_parity(const u8 *data, u32 bytes, u8 out[RS_PARITY_BYTES]);
