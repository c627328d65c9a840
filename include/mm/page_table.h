// include/mm/page_table.h - page tables in numbers
// SPDX-License-Identifier: MIT
#pragma once

#include <base/types.h>

// Frames that user page tables and their roots take now.
u32 page_table_pages(void);
