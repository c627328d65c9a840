// include/base/errno.h - error numbers, Linux's own, from its uapi headers
// SPDX-License-Identifier: MIT
#pragma once

#include <asm/errno.h>
