// include/fs/options.h - the text of mount options
// SPDX-License-Identifier: MIT
#pragma once

#include <base/compiler.h>
#include <base/types.h>

// mount_options_each - call @set(@arg, option) for each of @options, words
// between commas, until one fails. Return: 0; -EINVAL: one is too long; what
// @set returned.
__must_check int mount_options_each(const char *options,
                                    int (*set)(void *arg, const char *option),
                                    void *arg);

// mount_option_number - whether @option is @name=N, all of it, with N in @base.
__must_check bool mount_option_number(const char *option, const char *name,
                                      u32 base, u32 *out);
