// include/arch/ldt.h - segments of a program's own: the local descriptor table
// SPDX-License-Identifier: MIT
#pragma once

#include <base/compiler.h>
#include <base/types.h>

struct user_desc;

// One address space's. All zero: it has none, and costs nothing.
struct ldt {
    u64 *entries;
    u32 count; // that there is room for: whole pages
};

// user_segment_descriptor - the code or data segment that @desc describes, of
// privilege 3; its number does not matter. Of the limit 20 bits count.
u64 user_segment_descriptor(const struct user_desc *desc);

// ldt_write - set entry @number of the table of the address space that is
// active to a descriptor, or to 0: none. The table is made, or grows, as far as
// needed. Return: 0; -ENOMEM, and nothing changed. Context: may sleep; the
// caller keeps other writers out.
__must_check int ldt_write(struct ldt *ldt, u32 number, u64 descriptor);

// ldt_read - entries [@first, @first + @count); what lies behind the end is 0.
// No sleep.
void ldt_read(const struct ldt *ldt, u32 first, u64 *out, u32 count);

// ldt_copy - for fork: @to, which is all zero, becomes the same. Return: 0;
// -ENOMEM. Context: may sleep; the caller keeps writers out.
__must_check int ldt_copy(struct ldt *to, const struct ldt *from);

// ldt_drop - free it, also if it is the one in use. May sleep.
void ldt_drop(struct ldt *ldt);

// ldt_activate - selectors with the table bit mean this table from now on.
// Cheap when they already do. No sleep.
void ldt_activate(const struct ldt *ldt);
