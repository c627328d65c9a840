// fs/options.c - the text of mount options
// SPDX-License-Identifier: MIT

#include <fs/options.h>

#include <base/errno.h>
#include <lib/string.h>

#define OPTION_BYTES 64u // of one, with its NUL

int mount_options_each(const char *options,
                       int (*set)(void *arg, const char *option), void *arg)
{
    char option[OPTION_BYTES];

    while (*options) {
        const char *end = strchr(options, ',');
        size_t length = end ? (size_t)(end - options) : strlen(options);
        int rc = 0;

        if (length >= sizeof(option))
            return -EINVAL;
        memcpy(option, options, length);
        option[length] = '\0';
        if (length)
            rc = set(arg, option);
        if (rc)
            return rc;
        options += length + (end != NULL);
    }
    return 0;
}

bool mount_option_number(const char *option, const char *name, u32 base,
                         u32 *out)
{
    const char *value = str_starts(option, name);
    u64 number;

    if (!value || *value != '=' ||
        str_to_u64(value + 1, base, &number, &value) || *value ||
        number > 0xffffffffu)
        return false;
    *out = (u32)number;
    return true;
}
