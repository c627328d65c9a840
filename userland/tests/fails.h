// userland/tests/fails.h - calls that are to fail
// SPDX-License-Identifier: MIT
#pragma once

#include <errno.h>

// fails - whether a call gave -1 (or MAP_FAILED) and that errno.
#define fails(call, error) ((long)(call) == -1 && errno == (error))
