// lib/fmt.c - formatted text [P]
// SPDX-License-Identifier: MIT
//
// A conversion is parsed into a struct spec, its text is made in a small
// buffer from the last digit backwards, and one function puts text into the
// field (sign or prefix, zeros, padding). Characters beyond the buffer are
// counted and dropped.
//
// Source: ISO C11 7.21.6.1, the part named in the header.

#include <lib/fmt.h>

#include <lib/div64.h>
#include <lib/string.h>

enum {
    FLAG_LEFT = 1u << 0,
    FLAG_ZERO = 1u << 1,
    FLAG_PLUS = 1u << 2,
    FLAG_SPACE = 1u << 3,
    FLAG_ALT = 1u << 4,
};

enum length {
    LENGTH_HH,
    LENGTH_H,
    LENGTH_INT,
    LENGTH_L,
    LENGTH_LL,
    LENGTH_Z
};

#define NO_PRECISION (-1)

struct spec {
    u32 flags;
    int width;
    int precision; // NO_PRECISION: not given
    enum length length;
};

struct out {
    char *buf;
    size_t size;
    size_t length; // of the whole text so far, also of what was dropped
};

static void put(struct out *out, char c)
{
    if (out->length < out->size)
        out->buf[out->length] = c;
    out->length++;
}

static void put_many(struct out *out, char c, int count)
{
    while (count-- > 0)
        put(out, c);
}

static void put_text(struct out *out, const char *text, int length)
{
    while (length-- > 0)
        put(out, *text++);
}

// [spaces] prefix [zeros] text [spaces], the field being spec->width wide.
static void put_field(struct out *out, const struct spec *spec,
                      const char *prefix, int zeros, const char *text,
                      int length)
{
    int prefix_length = (int)strlen(prefix);
    int padding = spec->width - prefix_length - zeros - length;

    if (!(spec->flags & FLAG_LEFT))
        put_many(out, ' ', padding);
    put_text(out, prefix, prefix_length);
    put_many(out, '0', zeros);
    put_text(out, text, length);
    if (spec->flags & FLAG_LEFT)
        put_many(out, ' ', padding);
}

static void put_number(struct out *out, const struct spec *spec, u64 value,
                       u32 base, const char *digits, const char *prefix)
{
    char text[24]; // 2^64 has 22 octal digits
    char *first = text + sizeof(text);
    int length, zeros;

    // No digits at all for 0 with precision 0.
    while (value || (spec->precision && first == text + sizeof(text)))
        *--first = digits[u64_div(&value, base)];
    length = (int)(text + sizeof(text) - first);

    zeros = spec->precision - length;
    if (spec->precision == NO_PRECISION && (spec->flags & FLAG_ZERO) &&
        !(spec->flags & FLAG_LEFT))
        zeros = spec->width - (int)strlen(prefix) - length;
    // With '#' an octal number starts with a zero, whichever it is.
    if (base == 8 && (spec->flags & FLAG_ALT) && zeros <= 0 &&
        (length == 0 || *first != '0'))
        zeros = 1;
    put_field(out, spec, prefix, zeros > 0 ? zeros : 0, first, length);
}

static u64 take_unsigned(enum length length, va_list *args)
{
    switch (length) {
    case LENGTH_HH: return (u8)va_arg(*args, u32);
    case LENGTH_H: return (u16)va_arg(*args, u32);
    case LENGTH_INT: return va_arg(*args, u32);
    case LENGTH_L: return va_arg(*args, unsigned long);
    case LENGTH_LL: return va_arg(*args, u64);
    case LENGTH_Z: return va_arg(*args, size_t);
    }
    return 0;
}

static s64 take_signed(enum length length, va_list *args)
{
    switch (length) {
    case LENGTH_HH: return (s8)va_arg(*args, s32);
    case LENGTH_H: return (s16)va_arg(*args, s32);
    case LENGTH_INT: return va_arg(*args, s32);
    case LENGTH_L: return va_arg(*args, long);
    case LENGTH_LL: return va_arg(*args, s64);
    case LENGTH_Z: return va_arg(*args, ssize_t);
    }
    return 0;
}

static void put_signed(struct out *out, const struct spec *spec, s64 value)
{
    const char *sign = "";

    if (value < 0)
        sign = "-";
    else if (spec->flags & FLAG_PLUS)
        sign = "+";
    else if (spec->flags & FLAG_SPACE)
        sign = " ";
    put_number(out, spec, value < 0 ? 0 - (u64)value : (u64)value, 10,
               "0123456789", sign);
}

static void put_string(struct out *out, const struct spec *spec, const char *s)
{
    size_t max = spec->precision == NO_PRECISION ? (size_t)__INT_MAX__
                                                 : (size_t)spec->precision;

    if (!s)
        s = "(null)";
    put_field(out, spec, "", 0, s, (int)strnlen(s, max));
}

// 0x and all digits: pointers of one kind line up.
static void put_pointer(struct out *out, struct spec *spec, const void *p)
{
    spec->precision = 2 * (int)sizeof(p);
    put_number(out, spec, (uintptr_t)p, 16, "0123456789abcdef", "0x");
}

// Return: false when there is no such conversion (nothing was taken or put).
static bool put_conversion(struct out *out, struct spec *spec, char conversion,
                           va_list *args)
{
    const char *prefix = "";
    u64 value;
    char c;

    switch (conversion) {
    case 'd':
    case 'i': put_signed(out, spec, take_signed(spec->length, args)); break;
    case 'u':
        value = take_unsigned(spec->length, args);
        put_number(out, spec, value, 10, "0123456789", "");
        break;
    case 'o':
        value = take_unsigned(spec->length, args);
        put_number(out, spec, value, 8, "01234567", "");
        break;
    case 'x':
        value = take_unsigned(spec->length, args);
        if (value && (spec->flags & FLAG_ALT))
            prefix = "0x";
        put_number(out, spec, value, 16, "0123456789abcdef", prefix);
        break;
    case 'X':
        value = take_unsigned(spec->length, args);
        if (value && (spec->flags & FLAG_ALT))
            prefix = "0X";
        put_number(out, spec, value, 16, "0123456789ABCDEF", prefix);
        break;
    case 'c':
        c = (char)va_arg(*args, int);
        put_field(out, spec, "", 0, &c, 1);
        break;
    case 's': put_string(out, spec, va_arg(*args, const char *)); break;
    case 'p': put_pointer(out, spec, va_arg(*args, void *)); break;
    case '%': put(out, '%'); break;
    default: return false;
    }
    return true;
}

static u32 parse_flags(const char **format)
{
    u32 flags = 0;

    for (;; (*format)++) {
        switch (**format) {
        case '-': flags |= FLAG_LEFT; break;
        case '0': flags |= FLAG_ZERO; break;
        case '+': flags |= FLAG_PLUS; break;
        case ' ': flags |= FLAG_SPACE; break;
        case '#': flags |= FLAG_ALT; break;
        default: return flags;
        }
    }
}

// A decimal number or an argument. Four digits are plenty for a field.
static int parse_number(const char **format, va_list *args)
{
    int value = 0;

    if (**format == '*') {
        (*format)++;
        return va_arg(*args, int);
    }
    for (; **format >= '0' && **format <= '9'; (*format)++) {
        if (value < 1000)
            value = value * 10 + (**format - '0');
    }
    return value;
}

static enum length parse_length(const char **format)
{
    const char *p = *format;
    enum length length = LENGTH_INT;

    if (p[0] == 'h')
        length = p[1] == 'h' ? LENGTH_HH : LENGTH_H;
    else if (p[0] == 'l')
        length = p[1] == 'l' ? LENGTH_LL : LENGTH_L;
    else if (p[0] == 'z')
        length = LENGTH_Z;
    else
        return length;
    *format += length == LENGTH_HH || length == LENGTH_LL ? 2 : 1;
    return length;
}

static void parse_spec(struct spec *spec, const char **format, va_list *args)
{
    spec->flags = parse_flags(format);
    spec->width = parse_number(format, args);
    if (spec->width < 0) { // from an argument: the flag and the width
        spec->flags |= FLAG_LEFT;
        spec->width = -spec->width;
    }
    spec->precision = NO_PRECISION;
    if (**format == '.') {
        (*format)++;
        spec->precision = parse_number(format, args);
        if (spec->precision < 0)
            spec->precision = NO_PRECISION;
    }
    spec->length = parse_length(format);
}

int fmt_vprint(char *buf, size_t size, const char *format, va_list args)
{
    struct out out = {buf, size, 0};
    struct spec spec;
    va_list rest; // a va_list parameter may be an array: no pointer to it

    va_copy(rest, args);
    while (*format) {
        const char *start = format;

        if (*format++ != '%') {
            put(&out, *start);
            continue;
        }
        parse_spec(&spec, &format, &rest);
        if (*format && put_conversion(&out, &spec, *format, &rest))
            format++;
        else
            put_text(&out, start, (int)(format - start));
    }
    va_end(rest);
    if (size)
        buf[out.length < size ? out.length : size - 1] = '\0';
    return (int)out.length;
}

int fmt_print(char *buf, size_t size, const char *format, ...)
{
    va_list args;
    int length;

    va_start(args, format);
    length = fmt_vprint(buf, size, format, args);
    va_end(args);
    return length;
}
