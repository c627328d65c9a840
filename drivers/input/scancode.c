// drivers/input/scancode.c - the bytes of a PS/2 keyboard as keys: pure
// SPDX-License-Identifier: MIT
//
// Set 1: a byte for each key, the highest bit says that it is let go. Prefix
// E0: one of the newer keys. Prefix E1: two bytes that together are Pause. To
// look to old programs as if the newer keys were pressed with the right state
// of Shift and Num, keyboards send shift keys with E0, too: no key is E0 2A or
// E0 36, and they are passed over.
//
// Set 2: other numbers, and F0 before that of a key that is let go. Each byte
// is turned into set 1 as the controller would, by its table.
//
// Whatever comes, a byte is taken, and after two that are no prefix the
// decoder is at the beginning again.
//
// Source: IBM Personal System/2 Hardware Interface Technical Reference,
// "Keyboards (101- and 102-Key)"; the table: "Keyboard and Auxiliary Device
// Controller", translation of scan codes.

#include "scancode.h"

#include <base/compiler.h>

#include "keys.h"

#define RELEASED 0x80u // bit of set 1

enum {
    BYTE_OVERRUN_2 = 0x00, // of set 2 and 3
    BYTE_STARTED = 0xaa,   // self-test passed
    BYTE_PREFIX_0 = 0xe0,
    BYTE_PREFIX_1 = 0xe1,
    BYTE_ECHO = 0xee,
    BYTE_RELEASE = 0xf0, // of set 2
    BYTE_ACK = 0xfa,
    BYTE_FAILED = 0xfc, // self-test
    BYTE_ERROR = 0xfd,
    BYTE_RESEND = 0xfe,
    BYTE_OVERRUN_1 = 0xff, // of set 1
};

// clang-format off
// By code of set 2. 0: no key has it.
static const u8 set_1_of[] = {
    0x00, 0x43, 0x41, 0x3f, 0x3d, 0x3b, 0x3c, 0x58,
    0x64, 0x44, 0x42, 0x40, 0x3e, 0x0f, 0x29, 0x59,
    0x65, 0x38, 0x2a, 0x70, 0x1d, 0x10, 0x02, 0x5a,
    0x66, 0x71, 0x2c, 0x1f, 0x1e, 0x11, 0x03, 0x5b,
    0x67, 0x2e, 0x2d, 0x20, 0x12, 0x05, 0x04, 0x5c,
    0x68, 0x39, 0x2f, 0x21, 0x14, 0x13, 0x06, 0x5d,
    0x69, 0x31, 0x30, 0x23, 0x22, 0x15, 0x07, 0x5e,
    0x6a, 0x72, 0x32, 0x24, 0x16, 0x08, 0x09, 0x5f,
    0x6b, 0x33, 0x25, 0x17, 0x18, 0x0b, 0x0a, 0x60,
    0x6c, 0x34, 0x35, 0x26, 0x27, 0x19, 0x0c, 0x61,
    0x6d, 0x73, 0x28, 0x74, 0x1a, 0x0d, 0x62, 0x6e,
    0x3a, 0x36, 0x1c, 0x1b, 0x75, 0x2b, 0x63, 0x76,
    0x55, 0x56, 0x77, 0x78, 0x79, 0x7a, 0x0e, 0x7b,
    0x7c, 0x4f, 0x7d, 0x4b, 0x47, 0x7e, 0x7f, 0x6f,
    0x52, 0x53, 0x50, 0x4c, 0x4d, 0x48, 0x01, 0x45,
    0x57, 0x4e, 0x51, 0x4a, 0x37, 0x49, 0x46, 0x54,
    0x00, 0x00, 0x00, 0x41, 0x54,
};
// clang-format on

void scan_reset(struct scan_decoder *decoder)
{
    decoder->prefix = 0;
    decoder->paused = false;
    decoder->release = false;
}

// E1 1D 45, and E1 9D C5 at once behind it; others do not begin with E1.
static enum scan_result decode_pause(struct scan_decoder *decoder, u8 code,
                                     struct scan_event *out)
{
    u8 key = code & (u8)~RELEASED;

    if (!decoder->paused && key == KEY_LEFT_CTRL) {
        decoder->paused = true;
        return SCAN_NOTHING;
    }
    if (!decoder->paused || key != KEY_NUM_LOCK) {
        scan_reset(decoder);
        return SCAN_NOTHING;
    }
    scan_reset(decoder);
    *out = (struct scan_event){KEY_PAUSE, !(code & RELEASED)};
    return SCAN_KEY;
}

static enum scan_result decode_code(struct scan_decoder *decoder, u8 code,
                                    struct scan_event *out)
{
    u8 key = code & (u8)~RELEASED;
    bool extended = decoder->prefix == BYTE_PREFIX_0;

    if (decoder->prefix == BYTE_PREFIX_1)
        return decode_pause(decoder, code, out);
    scan_reset(decoder);
    if (!key || (extended && (key == KEY_LEFT_SHIFT || key == KEY_RIGHT_SHIFT)))
        return SCAN_NOTHING;
    *out = (struct scan_event){
        .key = key | (u8)(extended ? KEY_EXTENDED : 0),
        .down = !(code & RELEASED),
    };
    return SCAN_KEY;
}

static enum scan_result decode_set_2(struct scan_decoder *decoder, u8 byte,
                                     struct scan_event *out)
{
    u8 code;

    if (byte == BYTE_RELEASE) {
        decoder->release = true;
        return SCAN_NOTHING;
    }
    if (byte >= ARRAY_SIZE(set_1_of) || !set_1_of[byte]) {
        scan_reset(decoder);
        return byte == BYTE_STARTED ? SCAN_STARTED : SCAN_NOTHING;
    }
    code = set_1_of[byte] | (u8)(decoder->release ? RELEASED : 0);
    decoder->release = false;
    return decode_code(decoder, code, out);
}

// Bytes that mean the same in both sets. (FE may be a key's release in set 1,
// that of the comma on a Brazilian keypad: nobody misses it.)
static bool is_answer(u8 byte)
{
    return byte == BYTE_ECHO || byte == BYTE_ACK || byte == BYTE_FAILED ||
           byte == BYTE_ERROR || byte == BYTE_RESEND;
}

enum scan_result scan_decode(struct scan_decoder *decoder, u8 byte,
                             struct scan_event *out)
{
    if (byte == BYTE_PREFIX_0 || byte == BYTE_PREFIX_1) {
        scan_reset(decoder);
        decoder->prefix = byte;
        return SCAN_NOTHING;
    }
    if (byte == BYTE_OVERRUN_1 || byte == BYTE_OVERRUN_2) {
        scan_reset(decoder);
        return SCAN_OVERRUN;
    }
    if (is_answer(byte)) {
        scan_reset(decoder);
        return SCAN_NOTHING;
    }
    return decoder->set == SCAN_SET_2 ? decode_set_2(decoder, byte, out)
                                      : decode_code(decoder, byte, out);
}
