// mm/mm_list.h - all address spaces, for swapoff
// SPDX-License-Identifier: MIT
#pragma once

#include <base/list.h>

extern struct list_head mm_list; // of struct mm, by link, oldest first
