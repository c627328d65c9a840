// drivers/acpi/s5.c - the \_S5 package in AML code [P]
// SPDX-License-Identifier: MIT
//
// How it works: the name is searched for in the bytes of the DSDT. It counts
// where it is defined by NameOp as a package; its first two elements are
// constants in every firmware, because they are needed before AML can run.
//
// Rejected: an AML interpreter, for two numbers.
//
// Source: ACPI 6.4 section 7.4.2 (\_Sx), 20.2.3 to 20.2.5 (encoding).

#include <drivers/acpi.h>

#include <base/errno.h>
#include <lib/string.h>

enum {
    AML_ZERO = 0x00,
    AML_ONE = 0x01,
    AML_NAME = 0x08,
    AML_BYTE = 0x0a,
    AML_WORD = 0x0b,
    AML_DWORD = 0x0c,
    AML_PACKAGE = 0x12,
};
#define AML_NAME_BYTES 4u
#define SLEEP_TYPE_MAX 7u // three bits in the control register

struct aml_reader {
    const u8 *at, *end;
};

static int read_byte(struct aml_reader *reader, u8 *out)
{
    if (reader->at == reader->end)
        return -EINVAL;
    *out = *reader->at++;
    return 0;
}

// read_package_length - length of what follows, its own bytes included.
static int read_package_length(struct aml_reader *reader, u32 *out)
{
    u8 lead, byte;
    u32 length;

    if (read_byte(reader, &lead))
        return -EINVAL;
    length = lead >> 6 ? lead & 0xfu : lead;
    for (u32 i = 0; i < (u32)lead >> 6; i++) {
        if (read_byte(reader, &byte))
            return -EINVAL;
        length |= (u32)byte << (4 + 8 * i);
    }
    *out = length;
    return 0;
}

// read_sleep_type - a constant that fits into the control register.
static int read_sleep_type(struct aml_reader *reader, u8 *out)
{
    u32 more = 0;
    u8 op, byte;

    if (read_byte(reader, &op))
        return -EINVAL;
    switch (op) {
    case AML_ZERO:
    case AML_ONE: *out = op; return 0;
    case AML_BYTE: more = 0; break;
    case AML_WORD: more = 1; break;
    case AML_DWORD: more = 3; break;
    default: return -EINVAL;
    }
    if (read_byte(reader, out))
        return -EINVAL;
    for (; more > 0; more--) {
        if (read_byte(reader, &byte) || byte != 0)
            return -EINVAL;
    }
    return *out <= SLEEP_TYPE_MAX ? 0 : -EINVAL;
}

static int read_package(struct aml_reader reader, u8 *out_type_a,
                        u8 *out_type_b)
{
    const u8 *start;
    u32 length;
    u8 op, elements;

    if (read_byte(&reader, &op) || op != AML_PACKAGE)
        return -EINVAL;
    start = reader.at;
    if (read_package_length(&reader, &length) ||
        length > (u32)(reader.end - start))
        return -EINVAL;
    reader.end = start + length;
    if (reader.at > reader.end || read_byte(&reader, &elements) || elements < 2)
        return -EINVAL;
    if (read_sleep_type(&reader, out_type_a))
        return -EINVAL;
    return read_sleep_type(&reader, out_type_b);
}

int acpi_parse_s5(const u8 *aml, u32 bytes, u8 *out_type_a, u8 *out_type_b)
{
    int result = -ENOENT;

    for (u32 i = 1; i + AML_NAME_BYTES < bytes; i++) {
        bool root = aml[i - 1] == '\\';
        struct aml_reader reader = {aml + i + AML_NAME_BYTES, aml + bytes};

        if (memcmp(aml + i, "_S5_", AML_NAME_BYTES) != 0)
            continue;
        if (aml[i - 1] != AML_NAME &&
            !(root && i >= 2 && aml[i - 2] == AML_NAME))
            continue;
        result = read_package(reader, out_type_a, out_type_b);
        if (!result)
            return 0;
    }
    return result;
}
